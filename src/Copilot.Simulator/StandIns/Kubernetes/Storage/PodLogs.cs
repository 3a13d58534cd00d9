namespace Copilot.Simulator.StandIns.Kubernetes.Storage;

/// <summary>What containers wrote, of this and the previous start. Of each the newest lines are kept.</summary>
internal sealed class PodLogs
{
    private const int MostLines = 10_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<(string Uid, string Container), (List<Line> Current, List<Line> Previous)> _logs = [];
    private TaskCompletionSource _next = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal sealed record Line(DateTimeOffset Time, string Text);

    /// <summary>Completes with the next line of any container.</summary>
    public Task NextLine
    {
        get
        {
            lock (_gate) return _next.Task;
        }
    }

    public IReadOnlyList<Line> Of(string uid, string container, bool previous)
    {
        lock (_gate) return _logs.TryGetValue((uid, container), out var log) ? [.. previous ? log.Previous : log.Current] : [];
    }

    public void Append(string uid, string container, DateTimeOffset time, string text)
    {
        lock (_gate)
        {
            if (!_logs.TryGetValue((uid, container), out var log)) _logs[(uid, container)] = log = ([], []);
            log.Current.Add(new(time, text));
            if (log.Current.Count > MostLines) log.Current.RemoveAt(0);
            var told = _next;
            _next = new(TaskCreationOptions.RunContinuationsAsynchronously);
            told.TrySetResult();
        }
    }

    /// <summary>A container starts again: what it wrote is the previous log.</summary>
    public void Restart(string uid, string container)
    {
        lock (_gate)
        {
            if (_logs.TryGetValue((uid, container), out var log)) _logs[(uid, container)] = ([], log.Current);
        }
    }

    public void Forget(string uid)
    {
        lock (_gate)
        {
            foreach (var key in _logs.Keys.Where(k => k.Uid == uid).ToList()) _logs.Remove(key);
        }
    }
}
