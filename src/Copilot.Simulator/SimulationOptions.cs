namespace Copilot.Simulator;

/// <summary>What the simulated incident starts with. <see cref="None"/> is a quiet system that only has noise and decoys.</summary>
public enum SimulatedFault
{
    None,
    ConfigurationChange,
    EnvironmentVariable,
    BadImage,
    ServicePort,
    NetworkPolicy,
    ResourceQuota,
    ChaosNetworkDelay,
    DatastoreCredentials,
    FeatureFlag,
    ScaledToZero,
    ServiceSelector,
    DeletedService,
    ResourceLimits,
    ReadinessProbe,
    InitContainer,
    NodeSelector,
    DnsPolicy,
    MissingPvc,
    ChaosPodFailure,
    ChaosCpuStress,
    ChaosNetworkPartition,
    TrafficSurge,
    ExternalDependencyOutage,
    CertificateExpired,
    SecretRotatedWrong,
    CordonedNode,
    LatencyRegression,
    MemoryLeak,
    DatastoreDown,
    TwoAtOnce,
}

/// <summary>Everything a simulated incident depends on. Equal options give byte-identical snapshots.</summary>
public sealed record SimulationOptions
{
    /// <summary>Draws the application, its traffic, the fault's target and every decoy.</summary>
    public long Seed { get; init; } = 1;

    public SimulatedFault Fault { get; init; } = SimulatedFault.ConfigurationChange;

    /// <summary>Services of the application, datastores and cache included; at least 5.</summary>
    public int Services { get; init; } = 8;

    /// <summary>Mean rate of requests at the gateway.</summary>
    public double RequestsPerSecond { get; init; } = 2;

    /// <summary>Length of the recording.</summary>
    public TimeSpan Duration { get; init; } = TimeSpan.FromMinutes(35);

    /// <summary>Time from <see cref="Start"/> to the fault, moved by up to 40 s either way so that it never sits on a round time.</summary>
    public TimeSpan FaultAfter { get; init; } = TimeSpan.FromMinutes(18);

    /// <summary>Begin of the recording; the application was installed some minutes earlier.</summary>
    public DateTimeOffset Start { get; init; } = new(2025, 3, 11, 13, 4, 0, TimeSpan.Zero);

    /// <summary>Harmless changes by people and automation, before and near the fault.</summary>
    public bool Decoys { get; init; } = true;

    /// <summary>Background alerts, replayed events, sporadic errors, streaming spans and the recorder's own objects.</summary>
    public bool Noise { get; init; } = true;
}

/// <summary>What was written and what the right answer is.</summary>
/// <param name="Name">Name of the incident, unique for a fault and seed.</param>
/// <param name="RootCauses">The right answer as <c>namespace/Kind/name</c>; empty when nothing is wrong.</param>
/// <param name="Mechanism">The mechanism in the words of the taxonomy; <c>none</c> when nothing is wrong.</param>
/// <param name="FaultAt">When the cause came into being; null when nothing is wrong.</param>
/// <param name="Bytes">Total size of the files written.</param>
public sealed record SimulatedIncident(
    string Name, IReadOnlyList<string> RootCauses, string Mechanism, DateTimeOffset? FaultAt, long Bytes);
