using Copilot.Core.Evidence;
using Copilot.Core.Incidents;

namespace Copilot.Core.Signals;

/// <summary>Everything that the analysis knows of an incident: typed signals with addresses into one snapshot.</summary>
/// <param name="Window">The time that the evidence covers.</param>
/// <param name="Grid">The steps of all series; its count is zero where nothing is recorded over time.</param>
public sealed record SignalSet(
    TimeWindow Window,
    TimeGrid Grid,
    ClusterState Cluster,
    IReadOnlyList<ObjectChange> Changes,
    IReadOnlyList<KubeEvent> Events,
    IReadOnlyList<ChaosInterval> Chaos,
    AlertHistory Alerts,
    IReadOnlyList<ServiceTraffic> Services,
    IReadOnlyList<CallTraffic> Calls,
    IReadOnlyList<FlagEvaluation> Flags,
    IReadOnlyList<PodResources> Resources,
    IReadOnlyList<LogTemplate> Logs,
    IReadOnlyList<SourceCoverage> Coverage,
    IReadOnlyList<EvidenceGap> Gaps)
{
    /// <summary>Who calls whom, where the evidence says so beside its spans.</summary>
    public IReadOnlyList<TopologyEdge> Topology { get; init; } = [];

    /// <summary>What services do on their requests, where spans were recorded.</summary>
    public IReadOnlyList<OperationBehaviour> Behaviours { get; init; } = [];

    public SourceState StateOf(EvidenceSource source) => Coverage.FirstOrDefault(c => c.Source == source)?.State ?? SourceState.NotRecorded;
}
