using Copilot.Core.Analysis;
using Copilot.Core.Evidence;
using Copilot.Core.Signals;

namespace Copilot.Core.Diagnoses;

/// <summary>The story of an incident over all sources, in order of time.</summary>
internal static class Timeline
{
    private const int Most = 40;

    public static List<(TimelineEntry, RecordAddress?)> Of(SignalSet signals, AnalysisResult analysis)
    {
        var from = analysis.Onset is { } onset ? onset.Earliest - TimeSpan.FromMinutes(30)
            : signals.Window == default ? DateTimeOffset.MinValue : signals.Window.To - TimeSpan.FromHours(2); // there may be no time in all the evidence
        var causes = analysis.Causes.Select(c => c.Hypothesis.Finding.Entity).ToHashSet();
        var suffering = analysis.Symptoms.Select(s => s.Workload).OfType<EntityRef>().ToHashSet();
        var entries = new List<(int Rank, DateTimeOffset At, string Kind, string Says, RecordAddress? Address)>();

        foreach (var hypothesis in analysis.Ranked.Where(h => h.Finding.At >= from && h.Finding.Prior != Prior.Harmless && h.Finding.Evidence.Count > 0
            && (causes.Contains(h.Finding.Entity) || (h.Finding.Code != FindingCode.OtherChanged && (analysis.IsNearTrouble(h.Finding.Entity) || h.Explained > 0)))))
            entries.Add((causes.Contains(hypothesis.Finding.Entity) ? 0 : 2, hypothesis.Finding.At!.Value, hypothesis.Finding.Code == FindingCode.ChaosApplied ? "chaos" : "change", hypothesis.Finding.Says, hypothesis.Finding.Evidence[0].Address));
        if (analysis.Onset is { } began)
            entries.Add((0, began.At, "onset", $"Things got worse (between {began.Earliest:HH:mm:ss} and {began.Latest:HH:mm:ss})", null));
        foreach (var symptom in analysis.Symptoms.Where(s => s.Began is not null).Take(8))
            entries.Add((1, BeganAt(symptom), "symptom", symptom.Says, symptom.Evidence.Count > 0 ? symptom.Evidence[0].Address : null));
        foreach (var workload in suffering)
            foreach (var e in Unavailability.EventsOf(workload, analysis.Map, signals).Where(e => e.First >= from).DistinctBy(e => e.Reason).Take(4))
                entries.Add((3, e.First, "event", $"{e.Regarding.Kind} {e.Regarding.Name}: {e.Reason}: {SymptomDetector.Quote(e.Message)}", e.Address));
        foreach (var alert in signals.Alerts.Alerts.Where(a => !AlertSymptoms.IsBackground(a, signals.Alerts.Observations) && a.FirstSeen >= from && Concerns(a, analysis)).OrderBy(a => a.FirstSeen).Take(12))
            entries.Add((4, alert.FirstSeen, "alert", $"alert {alert.Name} fires {SymptomDetector.Quote(alert.Description)}", alert.First));
        return
        [
            .. entries.OrderBy(e => e.Rank).Take(Most).OrderBy(e => e.At).ThenBy(e => e.Rank).ThenBy(e => e.Says, StringComparer.Ordinal)
                .DistinctBy(e => (e.At, e.Says)).Select(e => (new TimelineEntry(e.At, e.Kind, PlainText.Clean(e.Says), null, null), e.Address)),
        ];
    }

    /// <summary>
    /// Where calls are few the change point may lie in the silence before the first bad one. A symptom stands at what was seen, or it would seem to come
    /// before its cause.
    /// </summary>
    private static DateTimeOffset BeganAt(Symptom symptom) =>
        symptom.Kind is SymptomKind.OwnErrors or SymptomKind.BrokenCall or SymptomKind.SlowSelf or SymptomKind.SlowCall && symptom.Evidence.Min(e => e.At) is { } seen && seen > symptom.Began!.At
            ? seen : symptom.Began!.At;

    /// <summary>Alerts about the monitoring itself and the control plane fire all the time; those of the traced namespaces are about the application.</summary>
    private static bool Concerns(AlertSignal alert, AnalysisResult analysis) =>
        analysis.Map.Namespaces.Count == 0 || analysis.Map.Namespaces.Contains(alert.Label("namespace")) || analysis.Map.Namespaces.Contains(alert.Label("exported_namespace"));
}
