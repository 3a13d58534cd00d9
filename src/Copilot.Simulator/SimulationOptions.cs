namespace Copilot.Simulator;

/// <summary>Everything a simulated incident depends on. Equal options and an equal <see cref="Simulation.Version"/> give byte-identical files.</summary>
public sealed record SimulationOptions
{
    /// <summary>Draws the traffic, the target of every fault, the decoys and the noise.</summary>
    public long Seed { get; init; } = 1;

    /// <summary>Draws the application; null takes <see cref="Seed"/>. The same application can so have many incidents.</summary>
    public long? Application { get; init; }

    /// <summary>What goes wrong, each at a target of its own; empty when nothing does.</summary>
    public IReadOnlyList<SimulatedFault> Faults { get; init; } = [SimulatedFault.ConfigurationChange];

    /// <summary>How the first fault develops; the fault must allow it (<see cref="FaultInfo.Patterns"/>).</summary>
    public FaultPattern Pattern { get; init; } = FaultPattern.Sudden;

    /// <summary>Services of the application with its datastores, caches and queues: 5 to 1,000.</summary>
    public int Services { get; init; } = 8;

    /// <summary>Mean rate of requests at the gateway, per second.</summary>
    public double RequestsPerSecond { get; init; } = 2;

    /// <summary>Length of the recording.</summary>
    public TimeSpan Duration { get; init; } = TimeSpan.FromMinutes(35);

    /// <summary>Time from <see cref="Start"/> to the first fault, moved by up to 40 s either way so that it never sits on a round time.</summary>
    public TimeSpan FaultAfter { get; init; } = TimeSpan.FromMinutes(18);

    /// <summary>Begin of the recording, UTC; the application was installed earlier.</summary>
    public DateTimeOffset Start { get; init; } = new(2025, 3, 11, 13, 4, 0, TimeSpan.Zero);

    /// <summary>Harmless changes, old failures and experiments beside the fault.</summary>
    public bool Decoys { get; init; } = true;

    /// <summary>Background alerts, replayed events, sporadic errors, streaming spans and the recorder's own objects.</summary>
    public bool Noise { get; init; } = true;

    /// <summary>What the recording lacks.</summary>
    public EvidenceGaps Gaps { get; init; } = EvidenceGaps.None;

    /// <summary>The files that are written.</summary>
    public RecordingShape Shape { get; init; } = RecordingShape.ItBench;
}

/// <summary>How a fault develops after its cause came into being.</summary>
public enum FaultPattern
{
    /// <summary>At once, as far as the mechanism allows.</summary>
    Sudden,

    /// <summary>Minutes pass between the cause and its effect.</summary>
    Delayed,

    /// <summary>The effect grows over many minutes.</summary>
    Slow,

    /// <summary>The effect comes and goes.</summary>
    Intermittent,
}

/// <summary>Layouts of public data sets.</summary>
public enum RecordingShape
{
    /// <summary>Alerts, events, objects, logs, traces and metrics of an ITBench scenario, with ground_truth.yaml.</summary>
    ItBench,

    /// <summary>Logs, traces and metrics by minute with fault lists, as Nezha has them.</summary>
    Nezha,

    /// <summary>Metrics by five minutes and the call graph, as PetShop has them: metrics only.</summary>
    PetShop,

    /// <summary>Metrics by second with logs and traces beside them, as RCAEval has them.</summary>
    RcaEval,
}

/// <summary>What a recording in the ITBench layout lacks. The gaps are made in what was simulated, so the incident itself stays the same.</summary>
[Flags]
public enum EvidenceGaps
{
    None = 0,
    NoAlerts = 1,
    NoEvents = 2,
    NoObjects = 4,
    NoLogs = 8,
    NoTraces = 16,
    NoMetrics = 32,

    /// <summary>Spans and log lines stop some minutes after the fault.</summary>
    Truncated = 64,

    /// <summary>Metrics every 5 minutes and one trace in ten.</summary>
    Coarse = 128,

    /// <summary>Objects of one pull, events still stored then, and the alerts firing then: no history, no traces, no metrics, the last log lines of each pod.</summary>
    PointInTime = 256,
}

/// <summary>What was written and what the right answer is.</summary>
/// <param name="Name">Name of the incident, unique for its options.</param>
/// <param name="Causes">The right answer, one for each fault; empty when nothing is wrong.</param>
/// <param name="Bytes">Total size of the files written.</param>
/// <param name="Digest">Over all files, <c>sha256:</c> and 64 hexadecimal digits: see <see cref="Simulation.DigestOf"/>.</param>
public sealed record SimulatedIncident(string Name, IReadOnlyList<SimulatedCause> Causes, long Bytes, string Digest)
{
    /// <summary>Names of the root causes as <c>namespace/Kind/name</c>.</summary>
    public IReadOnlyList<string> RootCauses { get; } = [.. Causes.Select(c => c.Name)];
}

/// <summary>One root cause.</summary>
/// <param name="Name"><c>namespace/Kind/name</c>, or <c>cluster/Kind/name</c>.</param>
/// <param name="Fault">What was done.</param>
/// <param name="At">When the cause came into being.</param>
/// <param name="Condition">What was done, in words.</param>
/// <param name="Service">The service that suffers first: the right answer in layouts that know services only.</param>
public sealed record SimulatedCause(string Name, FaultInfo Fault, DateTimeOffset At, string Condition, string Service);
