namespace Copilot.Core.Analysis;

/// <summary>A stable code of a kind of finding. Codes are never reused; <c>docs/codes.md</c> is generated from <see cref="All"/>.</summary>
/// <param name="Id"><c>RCA-nnn</c>.</param>
/// <param name="Meaning">One sentence.</param>
public sealed record FindingCode(string Id, string Meaning)
{
    public static readonly FindingCode WorkloadChanged = new("RCA-101", "The pod template or scale of a workload was changed.");
    public static readonly FindingCode WorkloadRestarted = new("RCA-102", "A workload was restarted without another change.");
    public static readonly FindingCode ConfigChanged = new("RCA-103", "A ConfigMap or Secret that workloads depend on was changed.");
    public static readonly FindingCode FlagChanged = new("RCA-104", "A feature flag was changed and is evaluated by a service.");
    public static readonly FindingCode ServiceChanged = new("RCA-105", "A Service's selector or ports were changed, or it was deleted.");
    public static readonly FindingCode PolicyBlocks = new("RCA-106", "A NetworkPolicy does not admit calls that were made.");
    public static readonly FindingCode OtherChanged = new("RCA-107", "Another object that can affect workloads was changed.");
    public static readonly FindingCode ChaosApplied = new("RCA-201", "A fault-injection experiment was applied to pods.");
    public static readonly FindingCode QuotaExceeded = new("RCA-301", "A quota or limit range refuses new pods.");
    public static readonly FindingCode AdmissionDenied = new("RCA-302", "Admission refuses new pods.");
    public static readonly FindingCode Unschedulable = new("RCA-303", "No node takes the pods of a workload.");
    public static readonly FindingCode ImageUnavailable = new("RCA-304", "A container's image cannot be pulled.");
    public static readonly FindingCode ContainerFails = new("RCA-305", "A container cannot start or keeps ending.");
    public static readonly FindingCode ReferenceMissing = new("RCA-306", "A pod refers to an object that does not exist.");
    public static readonly FindingCode VolumeFails = new("RCA-307", "A volume cannot be bound, attached or mounted.");
    public static readonly FindingCode NeverReady = new("RCA-308", "Running pods do not become ready.");
    public static readonly FindingCode NodeUnhealthy = new("RCA-309", "A node is not ready, under pressure, or takes no pods.");
    public static readonly FindingCode ServiceWithoutEndpoints = new("RCA-310", "A Service selects no pod, or sends to a port that no pod offers.");
    public static readonly FindingCode WebhookSilent = new("RCA-311", "An admission webhook that pods need does not answer.");
    public static readonly FindingCode ControlPlaneDown = new("RCA-312", "A component of the control plane does not run, and what it does is left undone.");
    public static readonly FindingCode AutoscalerLimits = new("RCA-313", "An autoscaler keeps its workload smaller than its load needs, or cannot see the load.");
    public static readonly FindingCode GaveWay = new("RCA-314", "Pods had to give way to pods of a higher priority.");
    public static readonly FindingCode PodsEvicted = new("RCA-315", "A node evicted pods because it ran out of a resource.");
    public static readonly FindingCode NodeNetwork = new("RCA-316", "Calls from and to the pods of one node are slow or break, and others are not.");
    public static readonly FindingCode InitHangs = new("RCA-317", "An init container does not end.");
    public static readonly FindingCode DependencyFails = new("RCA-401", "Calls to a dependency fail or are slow although nothing recorded changed it.");
    public static readonly FindingCode ServiceFails = new("RCA-402", "A service fails or is slow by itself although nothing recorded changed it.");
    public static readonly FindingCode TrafficSurge = new("RCA-403", "A source sends several times the usual number of requests.");

    public static readonly FindingCode CredentialRefused = new("RCA-405", "The credentials or the certificate that a Secret holds are refused.");
    public static readonly FindingCode ClusterDns = new("RCA-406", "Names are not resolved: the cluster's DNS does not run, was changed, or is all that those share who miss them.");
    public static readonly FindingCode PodNetwork = new("RCA-407", "Calls from and to one service lose time on the way, in both directions.");

    /// <summary>All codes in order.</summary>
    public static IReadOnlyList<FindingCode> All { get; } =
    [
        WorkloadChanged, WorkloadRestarted, ConfigChanged, FlagChanged, ServiceChanged, PolicyBlocks, OtherChanged, ChaosApplied, QuotaExceeded, AdmissionDenied, Unschedulable,
        ImageUnavailable, ContainerFails, ReferenceMissing, VolumeFails, NeverReady, NodeUnhealthy, ServiceWithoutEndpoints, WebhookSilent, ControlPlaneDown, AutoscalerLimits, GaveWay,
        PodsEvicted, NodeNetwork, InitHangs, DependencyFails, ServiceFails, TrafficSurge, CredentialRefused, ClusterDns,
        PodNetwork,
    ];
}
