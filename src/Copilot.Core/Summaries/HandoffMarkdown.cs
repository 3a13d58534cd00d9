using Copilot.Core.Diagnoses;

namespace Copilot.Core.Summaries;

/// <summary>A handoff in Markdown: the answer first, then who suffers, then the rest.</summary>
public static class HandoffMarkdown
{
    private const int MostEvidence = 4;
    private const int MostRuledOut = 5;
    private const int MostImpact = 6;
    private const int MostGaps = 6;

    public static string Write(Handoff h)
    {
        var text = new MarkdownWriter().Title(1, $"Handoff: {h.Incident}").Paragraph(h.Headline);
        text.Field("Status", $"{DiagnosisMarkdown.Words(h.Status)}{(h.Resolution is null ? "" : $"; incident closed as {h.Resolution}")}").Field("Since", Since(h)).Field("Severity", Stated(h.Severity)).Field("Environment", Stated(h.Environment))
            .Field("Escalate to", h.EscalateTo).Field("Incident", h.IncidentId);
        Impact(text, h);
        Causes(text, h);
        Actions(text, h);
        if (h.OpenQuestions.Count > 0) text.Title(2, "Open questions");
        foreach (var question in h.OpenQuestions) text.Point(question);
        if (h.NextChecks.Count > 0) text.Title(2, "Next checks");
        foreach (var check in h.NextChecks) text.Point(check);
        RuledOut(text, h);
        Timeline(text, h);
        Missing(text, h);
        if (h.Receipts is { } receipts) text.Title(2, "Record").Point($"Receipts {receipts.From} to {receipts.To} of {receipts.Log}. Check them:", "copilot receipts verify");
        return text.ToString();
    }

    private static string Since(Handoff h) => h.Since is { } onset ? $"{onset.At:yyyy-MM-dd HH:mm:ss} UTC (between {onset.Earliest:HH:mm:ss} and {onset.Latest:HH:mm:ss})" : h.Status == DiagnosisStatus.NoIncident ? "" : "not known";

    private static string Stated(string value) => value == "unknown" ? "not stated" : value;

    private static void Impact(MarkdownWriter text, Handoff h)
    {
        text.Title(2, "Impact");
        if (h.Impact.Count == 0) text.Point(h.Status == DiagnosisStatus.NoIncident ? "Nobody suffers, as far as the evidence goes." : "The evidence shows nobody who suffers. That may be for want of evidence.");
        foreach (var symptom in h.Impact.Take(MostImpact)) text.Point($"{symptom.Says}{(symptom.Kind == "unavailable" ? " (does not run)" : "")}", symptom.Evidence is [var first, ..] ? first.Address : "");
        if (h.Impact.Count > MostImpact) text.Point($"and {h.Impact.Count - MostImpact} more; --json shows all");
    }

    private static void Causes(MarkdownWriter text, Handoff h)
    {
        if (h.Causes.Count == 0) return;
        text.Title(2, h.Causes.Count == 1 ? "Cause" : "Causes");
        foreach (var cause in h.Causes)
        {
            text.Point($"{cause.Name}: {cause.Mechanism}, {SummaryWords.Confidence(cause.Confidence)}");
            text.Point(cause.Reasoning, depth: 1).Evidence(cause.Evidence, MostEvidence).Point($"Wrong if: {cause.WouldRefute}", depth: 1);
        }
    }

    private static void Actions(MarkdownWriter text, Handoff h)
    {
        if (h.Status != DiagnosisStatus.NoIncident || h.Said.Count > 0) text.Title(2, "Done and proposed");
        if (h.Status != DiagnosisStatus.NoIncident) text.Point("The copilot carries nothing out, and knows of nothing that others did after the recording.");
        foreach (var action in h.Proposed)
        {
            text.Point($"Proposed for {action.Cause}: {DiagnosisMarkdown.Words(action.Decision)}{(action.Requires.Length > 0 ? $", {action.Requires}" : "")}; risk {action.Risk.Level}, {DiagnosisMarkdown.Touches(action.Risk)}");
            foreach (var step in action.Steps) text.Point($"{step.Kind} on {step.Target}: {step.ExpectedEffect}", depth: 1);
        }
        foreach (var none in h.NotProposed) text.Point($"Nothing is proposed for {none.Cause}: {none.Because}.{(none.Runbook is null ? "" : $" By hand: copilot runbooks show {none.Runbook}")}");
        foreach (var said in h.Said) text.Point($"{said.At:yyyy-MM-dd HH:mm} {said.By} said: {said.Verdict}{(said.TrueCauses.Count > 0 ? $", it was {string.Join(", ", said.TrueCauses)}" : "")}{(said.Note is null ? "" : $": {said.Note}")}");
    }

    private static void RuledOut(MarkdownWriter text, Handoff h)
    {
        if (h.RuledOut.Count == 0) return;
        text.Title(2, "Ruled out");
        foreach (var other in h.RuledOut.Take(MostRuledOut)) text.Point($"{other.What}. Not it: {other.Because}", other.Evidence is [var first, ..] ? first.Address : "");
        if (h.RuledOut.Count > MostRuledOut) text.Point($"and {h.RuledOut.Count - MostRuledOut} more; --json shows all");
    }

    private static void Timeline(MarkdownWriter text, Handoff h)
    {
        if (h.Timeline.Count == 0) return;
        text.Title(2, $"Timeline (UTC, {h.Timeline[0].At:yyyy-MM-dd})");
        foreach (var entry in h.Timeline) text.Point($"{entry.At:HH:mm:ss} {entry.Kind}: {SummaryWords.Cut(entry.Says, 150)}", entry.Address ?? "");
        if (h.TimelineLeftOut > 0) text.Point($"and {h.TimelineLeftOut} more, mostly alerts and events: copilot timeline {h.IncidentId}");
    }

    private static void Missing(MarkdownWriter text, Handoff h)
    {
        if (h.MissingEvidence.Count + h.RemovedStatements.Count == 0) return;
        text.Title(2, "Not seen");
        foreach (var gap in h.MissingEvidence.Take(MostGaps)) text.Point($"{gap.Where}: {gap.Detail}{(gap.Count > 1 ? $" ({gap.Count} times)" : "")}. {gap.Remedy}");
        if (h.MissingEvidence.Count > MostGaps) text.Point($"and {h.MissingEvidence.Count - MostGaps} more; --json shows all");
        if (h.RemovedStatements.Count > 0) text.Point($"{h.RemovedStatements.Count} statements were taken out, as their records do not bear them out; --json shows them");
    }
}
