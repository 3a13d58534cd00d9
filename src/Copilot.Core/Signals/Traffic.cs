using Copilot.Core.Evidence;

namespace Copilot.Core.Signals;

/// <summary>A record with its own time, as an example of what a step of the grid holds; the default value where there is none.</summary>
public readonly record struct Sighting(RecordAddress Address, DateTimeOffset At)
{
    public bool Exists => Address.File is not null;
}

/// <summary>
/// Requests that one service served, on the common grid; NaN where no request gives a value. Long-lived streams are left out.
/// </summary>
/// <param name="Service">The service's name in its telemetry.</param>
/// <param name="Workload">The workload whose pods run it, where the telemetry or the objects tell.</param>
/// <param name="Calls">Requests per step.</param>
/// <param name="Errors">Failed requests per step.</param>
/// <param name="OwnErrors">Failed requests per step for which no failed call of the service's own is to blame.</param>
/// <param name="LatencyMs">95th percentile of the duration, milliseconds.</param>
/// <param name="SelfMs">Mean time spent in the service itself, milliseconds: its duration without the calls that it waits for.</param>
/// <param name="ErrorExamples">A failed request per step, where there is one.</param>
/// <param name="SlowExamples">The slowest request per step.</param>
public sealed record ServiceTraffic(
    string Service,
    EntityRef? Workload,
    EvidenceSource Source,
    double[] Calls,
    double[] Errors,
    double[] OwnErrors,
    double[] LatencyMs,
    double[] SelfMs,
    Sighting[] ErrorExamples,
    Sighting[] SlowExamples)
{
    /// <summary>Mean of the whole duration, milliseconds, where metrics tell it; else empty.</summary>
    public double[] MeanMs { get; init; } = [];
}

/// <summary>Calls from one service to another service or to a peer without spans of its own, on the common grid.</summary>
/// <param name="Callee">The called service, or the host name of a peer that sends no spans.</param>
/// <param name="CalleeTraced">Whether the callee sends spans.</param>
/// <param name="Errors">Failed calls per step.</param>
/// <param name="Unanswered">Failed calls per step for which the callee shows no failed request: refused, cut off, timed out.</param>
/// <param name="LatencyMs">Mean duration of the call as the caller sees it, milliseconds.</param>
/// <param name="GapMs">Mean time between caller and callee, milliseconds: the call's duration without the callee's.</param>
/// <param name="Messages">Distinct texts of failed calls, most frequent first.</param>
public sealed record CallTraffic(
    string Caller,
    string Callee,
    bool CalleeTraced,
    double[] Calls,
    double[] Errors,
    double[] Unanswered,
    double[] LatencyMs,
    double[] GapMs,
    Sighting[] ErrorExamples,
    Sighting[] SlowExamples,
    IReadOnlyList<ErrorText> Messages);

/// <summary>A text that failed spans carry: status messages and recorded exceptions.</summary>
/// <param name="PerStep">How often, on the common grid.</param>
public sealed record ErrorText(string Text, double[] PerStep, RecordAddress First);

/// <summary>How often a service evaluated a feature flag to a variant, on the common grid.</summary>
public sealed record FlagEvaluation(string Service, string Flag, string Variant, double[] PerStep, RecordAddress First, RecordAddress Last);

/// <summary>CPU and memory of one pod on the common grid; NaN where there is no sample.</summary>
/// <param name="CpuCores">Used cores.</param>
/// <param name="MemoryBytes">Working set.</param>
/// <param name="Throttled">Share of scheduling periods in which the pod was throttled.</param>
/// <param name="Examples">A sample per step.</param>
public sealed record PodResources(string Namespace, string Pod, double[] CpuCores, double[] MemoryBytes, double[] Throttled, Sighting[] Examples)
{
    /// <summary>Cores that its containers may use together; NaN when that is not known.</summary>
    public double CpuLimit { get; init; } = double.NaN;

    /// <summary>Bytes that its containers may use together; NaN when that is not known.</summary>
    public double MemoryLimit { get; init; } = double.NaN;
}
