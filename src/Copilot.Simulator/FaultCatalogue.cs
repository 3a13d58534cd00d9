using Copilot.Simulator.Faults;

namespace Copilot.Simulator;

/// <summary>What a simulated incident can start with. Values are part of recipes only by their <see cref="FaultInfo.Name"/>.</summary>
public enum SimulatedFault
{
    ConfigurationChange,
    MissingConfigKey,
    FeatureFlag,
    BadImage,
    ImageArchitecture,
    BadCommand,
    EnvironmentVariable,
    MemoryLimit,
    CpuLimit,
    ResourceQuota,
    NodeSelector,
    AntiAffinity,
    NodeTaint,
    CordonedNode,
    Preemption,
    MissingClaim,
    DiskFull,
    ReadinessProbe,
    LivenessProbe,
    InitContainer,
    HangingInitContainer,
    ServicePort,
    ServiceSelector,
    DeletedService,
    NetworkPolicy,
    EgressPolicy,
    DnsPolicy,
    ClusterDns,
    CertificateExpired,
    SecretRotated,
    DatastorePassword,
    AdmissionWebhook,
    Autoscaler,
    ScaledToZero,
    ChaosNetworkDelay,
    ChaosNetworkLoss,
    ChaosNetworkPartition,
    ChaosPodFailure,
    ChaosCpuStress,
    ChaosMemoryStress,
    CpuRegression,
    MemoryLeak,
    NodeNetworkLoss,
    DatastoreCrash,
    SlowQueries,
    QueueOutage,
    StuckConsumer,
    TrafficSurge,
    NodeNotReady,
    SchedulerDown,
    ExternalOutage,
    CodeException,
    WrongReturn,
    LatencyRegression,
}

/// <summary>One kind of fault.</summary>
/// <param name="Fault">The kind.</param>
/// <param name="Name">In kebab case, as recipes and the command line spell it.</param>
/// <param name="Mechanism">The word of the taxonomy of root causes.</param>
/// <param name="Cause">The kind of object that is the right answer.</param>
/// <param name="Summary">What is done, in one line.</param>
/// <param name="Patterns">How it can develop.</param>
public sealed record FaultInfo(SimulatedFault Fault, string Name, string Mechanism, string Cause, string Summary, IReadOnlyList<FaultPattern> Patterns);

/// <summary>All kinds of faults.</summary>
public static class FaultCatalogue
{
    /// <summary>In the order of their groups.</summary>
    public static IReadOnlyList<FaultInfo> All { get; } = [.. FaultDefinition.All.Select(d => d.Info)];

    public static FaultInfo Of(SimulatedFault fault) => All.First(f => f.Fault == fault);

    /// <summary>The kind of that name in kebab case; null when there is none.</summary>
    public static FaultInfo? Find(string name) => All.FirstOrDefault(f => f.Name == name);
}
