namespace Copilot.Simulator;

/// <summary>The words by which the command line and recipes name values of <see cref="SimulationOptions"/>; faults have theirs in <see cref="FaultInfo.Name"/>.</summary>
public static class OptionNames
{
    public static IReadOnlyDictionary<string, FaultPattern> Patterns { get; } = Enum.GetValues<FaultPattern>().ToDictionary(p => p.ToString().ToLowerInvariant());

    public static IReadOnlyDictionary<string, RecordingShape> Shapes { get; } = Enum.GetValues<RecordingShape>().ToDictionary(s => s.ToString().ToLowerInvariant());

    /// <summary>The single gaps; a recording can lack any of them at once.</summary>
    public static IReadOnlyDictionary<string, EvidenceGaps> Gaps { get; } = new Dictionary<string, EvidenceGaps>
    {
        ["no-alerts"] = EvidenceGaps.NoAlerts,
        ["no-events"] = EvidenceGaps.NoEvents,
        ["no-objects"] = EvidenceGaps.NoObjects,
        ["no-logs"] = EvidenceGaps.NoLogs,
        ["no-traces"] = EvidenceGaps.NoTraces,
        ["no-metrics"] = EvidenceGaps.NoMetrics,
        ["truncated"] = EvidenceGaps.Truncated,
        ["coarse"] = EvidenceGaps.Coarse,
        ["point-in-time"] = EvidenceGaps.PointInTime,
    };
}
