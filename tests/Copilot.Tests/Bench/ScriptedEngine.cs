using Copilot.Core.Diagnoses;
using Copilot.Engine.Investigations;
using Copilot.Engine.Snapshots;

namespace Copilot.Tests.Bench;

/// <summary>An engine that does what a test says.</summary>
internal sealed class ScriptedEngine(string name, Func<string, int, CancellationToken, EngineAnswer> answer) : IEngine
{
    private int _asked;

    public string Name => name;

    /// <summary>How often it was asked.</summary>
    public int Asked => _asked;

    public static ScriptedEngine Naming(string name, params string[] causes) => new(name, (_, _, _) => Answer(causes));

    public static EngineAnswer Answer(params IReadOnlyList<string> causes) => new(
        causes.Count == 0 ? DiagnosisStatus.NoIncident : DiagnosisStatus.Resolved, [.. causes.Select(c => new NamedCause(c, null, 0.8))], [.. causes.Select((c, i) => new RankedEntity(c, -i))]);

    public EngineAnswer Investigate(Snapshot snapshot, RecordedReads reads, int repeat, int parallelism, CancellationToken cancellation)
    {
        Interlocked.Increment(ref _asked);
        return answer(snapshot.Name, repeat, cancellation);
    }
}
