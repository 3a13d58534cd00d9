using Copilot.Core.Analysis;
using Copilot.Core.Evidence;
using Copilot.Core.Signals;

namespace Copilot.Core.Diagnoses;

/// <summary>Something that happened at a time.</summary>
/// <param name="Rank">0 matters most.</param>
/// <param name="Kind"><c>change</c>, <c>created</c>, <c>deleted</c>, <c>event</c>, <c>alert</c>, <c>onset</c>, <c>symptom</c>, <c>chaos</c>, <c>restart</c>, <c>log</c> or <c>flag</c>.</param>
/// <param name="Evidence">The record that shows it; null for what was worked out from many.</param>
internal sealed record Moment(int Rank, DateTimeOffset At, string Kind, string Says, Citation? Evidence)
{
    /// <summary>Until when it went on or came again; null for what happened once.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>How often it happened.</summary>
    public int Count { get; init; } = 1;
}

/// <summary>The story of an incident over all sources, in order of time: what a diagnosis tells of it.</summary>
internal static class Timeline
{
    private const int Most = 40;

    public static List<(TimelineEntry, RecordAddress?)> Of(SignalSet signals, AnalysisResult analysis) =>
        Moments(signals, analysis).ConvertAll(m => (new TimelineEntry(m.At, m.Kind, PlainText.Clean(m.Says), null, null), m.Evidence?.Address));

    /// <summary>The most important moments, in order of time.</summary>
    public static List<Moment> Moments(SignalSet signals, AnalysisResult analysis)
    {
        var from = analysis.Onset is { } onset ? onset.Earliest - TimeSpan.FromMinutes(30)
            : signals.Window == default ? DateTimeOffset.MinValue : signals.Window.To - TimeSpan.FromHours(2); // there may be no time in all the evidence
        var causes = analysis.Causes.Select(c => c.Hypothesis.Finding.Entity).ToHashSet();
        var suffering = analysis.Symptoms.Select(s => s.Workload).OfType<EntityRef>().ToHashSet();
        var entries = new List<Moment>();

        foreach (var hypothesis in analysis.Ranked.Where(h => h.Finding.At >= from && h.Finding.Prior != Prior.Harmless && h.Finding.Evidence.Count > 0
            && (causes.Contains(h.Finding.Entity) || (h.Finding.Code != FindingCode.OtherChanged && (analysis.IsNearTrouble(h.Finding.Entity) || h.Explained > 0)))))
            entries.Add(new(causes.Contains(hypothesis.Finding.Entity) ? 0 : 2, hypothesis.Finding.At!.Value, hypothesis.Finding.Code == FindingCode.ChaosApplied ? "chaos" : "change", hypothesis.Finding.Says, hypothesis.Finding.Evidence[0]));
        if (analysis.Onset is { } began)
            entries.Add(new(0, began.At, "onset", $"Things got worse (between {began.Earliest:HH:mm:ss} and {began.Latest:HH:mm:ss})", null));
        foreach (var symptom in analysis.Symptoms.Where(s => s.Began is not null).Take(8))
            entries.Add(new(1, BeganAt(symptom), "symptom", symptom.Says, symptom.Evidence.Count > 0 ? symptom.Evidence[0] : null));
        foreach (var workload in suffering)
            foreach (var e in Unavailability.EventsOf(workload, analysis.Map, signals).Where(e => e.First >= from).DistinctBy(e => e.Reason).Take(4))
                entries.Add(Told(3, e.First, "event", $"{e.Regarding.Kind} {e.Regarding.Name}: {e.Reason}: {SymptomDetector.Quote(e.Message)}", e.Address, e.Regarding));
        foreach (var alert in signals.Alerts.Alerts.Where(a => !AlertSymptoms.IsBackground(a, signals.Alerts.Observations) && a.FirstSeen >= from && Concerns(a, analysis)).OrderBy(a => a.FirstSeen).Take(12))
            entries.Add(Told(4, alert.FirstSeen, "alert", $"alert {alert.Name} fires {SymptomDetector.Quote(alert.Description)}", alert.First, new(alert.Label("namespace"), "Alert", alert.Name)));
        return
        [
            .. entries.OrderBy(e => e.Rank).Take(Most).OrderBy(e => e.At).ThenBy(e => e.Rank).ThenBy(e => e.Says, StringComparer.Ordinal)
                .DistinctBy(e => (e.At, e.Says)),
        ];
    }

    private static Moment Told(int rank, DateTimeOffset at, string kind, string says, RecordAddress address, EntityRef about) => new(rank, at, kind, says, new Citation(address, at, says, about));

    /// <summary>
    /// Where calls are few the change point may lie in the silence before the first bad one. A symptom stands at what was seen, or it would seem to come
    /// before its cause.
    /// </summary>
    private static DateTimeOffset BeganAt(Symptom symptom) =>
        symptom.Kind is SymptomKind.OwnErrors or SymptomKind.BrokenCall or SymptomKind.SlowSelf or SymptomKind.SlowCall && symptom.Evidence.Min(e => e.At) is { } seen && seen > symptom.Began!.At
            ? seen : symptom.Began!.At;

    /// <summary>Alerts about the monitoring itself and the control plane fire all the time; those of the traced namespaces are about the application.</summary>
    internal static bool Concerns(AlertSignal alert, AnalysisResult analysis) =>
        analysis.Map.Namespaces.Count == 0 || analysis.Map.Namespaces.Contains(alert.Label("namespace")) || analysis.Map.Namespaces.Contains(alert.Label("exported_namespace"));
}
