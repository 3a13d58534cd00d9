using System.Collections.Concurrent;

namespace Copilot.UseCases;

/// <summary>How far running investigations are, for whoever watches. It is forgotten with the process; what counts is in the database.</summary>
internal sealed class InvestigationProgress
{
    private readonly ConcurrentDictionary<string, Counter> _running = new();

    /// <summary>Bytes read and to read; null when it is not running here.</summary>
    public (long Read, long Total)? Of(string id) => _running.TryGetValue(id, out var counter) ? counter.Now : null;

    public Counter Begin(string id) => _running[id] = new();

    public void End(string id) => _running.TryRemove(id, out _);

    public sealed class Counter
    {
        private long _read;
        private long _total;

        public (long Read, long Total) Now => (Interlocked.Read(ref _read), Interlocked.Read(ref _total));

        public void ToRead(long bytes) => Interlocked.Add(ref _total, bytes);

        public void Advanced(long bytes) => Interlocked.Add(ref _read, bytes);
    }
}
