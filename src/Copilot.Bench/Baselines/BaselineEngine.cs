using System.Runtime.CompilerServices;
using Copilot.Core.Diagnoses;
using Copilot.Core.Evidence;
using Copilot.Core.Signals;
using Copilot.Engine.Investigations;
using Copilot.Engine.Snapshots;

namespace Copilot.Bench.Baselines;

/// <summary>
/// An engine that follows one simple idea. A root-cause engine is useful only as far as it beats these. All see the signals that the product extracts, so
/// none sees more than another.
/// </summary>
public sealed class BaselineEngine : IEngine
{
    // One opened snapshot gives all of them the same signals: they are extracted once.
    private static readonly ConditionalWeakTable<Snapshot, SignalSet> Extracted = [];

    private readonly Func<SignalSet, string, EntityRef?> _find;

    private BaselineEngine(string name, Func<SignalSet, string, EntityRef?> find) => (Name, _find) = (name, find);

    public string Name { get; }

    public static IReadOnlyList<BaselineEngine> All { get; } =
    [
        new("abstain", (_, _) => null),
        new("latest-change", (signals, _) => LatestChange.Find(signals)),
        new("error-increase", (signals, _) => ErrorIncrease.Find(signals)),
        new("unhealthy-pod", (signals, _) => UnhealthyPod.Find(signals)),
        new("busiest-chaos", (signals, _) => BusiestChaos.Find(signals)),
        new("random", RandomObject.Find),
    ];

    public EngineAnswer Investigate(Snapshot snapshot, RecordedReads reads, int repeat, int parallelism, CancellationToken cancellation)
    {
        if (!Extracted.TryGetValue(snapshot, out var signals)) Extracted.AddOrUpdate(snapshot, signals = reads.Extract(snapshot, gate: null, parallelism, advanced: null, cancellation).Signals);
        return Answer(signals, $"{snapshot.Name}#{repeat}");
    }

    /// <param name="signals">What the snapshot gives.</param>
    /// <param name="seed">What chance depends on.</param>
    public EngineAnswer Answer(SignalSet signals, string seed) => _find(signals, seed)?.ToString() is { } name
        ? new(DiagnosisStatus.Resolved, [new(name, null, null)], [new(name, 1)])
        : new(DiagnosisStatus.NoIncident, [], []);
}
