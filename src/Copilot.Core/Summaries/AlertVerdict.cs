using Copilot.Core.Analysis;
using Copilot.Core.Diagnoses;
using Copilot.Core.Evidence;
using Copilot.Core.Signals;

namespace Copilot.Core.Summaries;

/// <summary>Whether a cause of the diagnosis explains an alert, and why.</summary>
/// <param name="Word">See <see cref="EnrichedAlert"/>.</param>
/// <param name="Cause">Empty where none explains it.</param>
internal sealed record AlertVerdict(string Word, string Cause, string Because)
{
    /// <summary>When it fired for this, where that is not when it began.</summary>
    public DateTimeOffset? Again { get; init; }

    // Alerts and changes are dated by different clocks and at the steps of evaluation.
    private static readonly TimeSpan Slack = TimeSpan.FromMinutes(2);

    // A failure reaches the alert that watches it within the time over which that looks back.
    private static readonly TimeSpan Prompt = TimeSpan.FromMinutes(30);

    public static AlertVerdict Of(AlertSignal alert, EntityRef? subject, AlertHistory history, AnalysisResult analysis, Diagnosis diagnosis)
    {
        if (AlertSymptoms.IsBackground(alert, history.Observations)) return new("background", "", "it fires without a break since before the recording began, so it does not tell of this incident");
        if (diagnosis.ContributingFactors.Count == 0) return new("unexplained", "", diagnosis.Status == DiagnosisStatus.NoIncident ? "nothing in the evidence is wrong" : "the diagnosis names no cause");
        var named = diagnosis.ContributingFactors.Select(f => f.Name).ToHashSet();
        var causes = analysis.Causes.Where(c => named.Contains(c.Hypothesis.Finding.Entity.ToString())).ToList();
        var began = AlertWords.Began(alert);
        var earlier = (AlertVerdict?)null;
        foreach (var cause in causes)
        {
            if (subject is null || Tie(cause, subject, analysis, diagnosis) is not { } tie) continue;
            var finding = cause.Hypothesis.Finding;
            if (finding.At - finding.Uncertainty is not { } start || began >= start - Slack) return new("explained", finding.Entity.ToString(), tie);
            // It may have fired for reasons of its own before, and again for this.
            if (alert.LastActive is { } again && again > began && again >= start - Slack) return new("explained", finding.Entity.ToString(), $"{tie}; it fired before as well, and again from {again:HH:mm:ss}") { Again = again };
            earlier ??= new("earlier", "", $"it began at {began:HH:mm:ss}, before {finding.Entity.Kind} {finding.Entity.Name} went wrong at {finding.At:HH:mm:ss}");
        }
        if (earlier is not null) return earlier;
        if ((analysis.Onset?.Earliest ?? causes.Min(c => c.Hypothesis.Finding.At)) is { } worse && began < worse - Slack && !(alert.LastActive >= worse - Slack))
            return new("earlier", "", $"it began {(worse - began).TotalMinutes:0} min before things got worse");
        var ns = subject?.Namespace ?? alert.Label("namespace");
        if (causes.FirstOrDefault(c => c.Hypothesis.Finding.Entity.Namespace == ns && analysis.Onset is { } onset && began >= onset.Earliest - Slack && began <= onset.Latest + Prompt) is { } near)
            return new("near", "", $"it began when things got worse and is about the same namespace, but {(subject is null ? "its labels name no object" : $"no path from {near.Hypothesis.Finding.Entity} to it is seen")}");
        return new("unexplained", "", subject is null ? "its labels name no object, so it cannot be tied to a cause" : "the causes do not reach what it is about, as far as is seen");
    }

    /// <summary>How the cause reaches the object; null where it does not.</summary>
    private static string? Tie(Cause cause, EntityRef subject, AnalysisResult analysis, Diagnosis diagnosis)
    {
        var finding = cause.Hypothesis.Finding;
        if (finding.Entity == subject) return "it is about the cause itself";
        var components = analysis.Map.ComponentsOf(subject);
        if (cause.Explains.FirstOrDefault(s => s.Workload == subject || components.Contains(s.Component)) is { } symptom) return $"the trouble begins here: {symptom.Says}";
        if (cause.Explains.FirstOrDefault(s => s.Caller.Length > 0 && components.Contains(s.Caller)) is { } calling) return $"it calls what fails: {calling.Says}";
        if (diagnosis.Propagation.FirstOrDefault(p => p.Target == subject.ToString()) is { } step) return $"it passes on the failure of {step.Source[(step.Source.LastIndexOf('/') + 1)..]}: {step.Effect}";
        return finding.Reach.Pods.Contains(subject) || components.Any(finding.Reach.Inside.Contains) ? "the cause acts on it directly" : null;
    }
}
