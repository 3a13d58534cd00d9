using Copilot.Core.Diagnoses;

namespace Copilot.Core.Summaries;

/// <summary>Draft change requests in Markdown, one after another; the reason where there is none.</summary>
public static class ChangeRequestMarkdown
{
    private const int MostEvidence = 6;

    public static string Write(ChangeRequests drafts)
    {
        var text = new MarkdownWriter();
        foreach (var (request, i) in drafts.Requests.Select((r, i) => (r, i))) Write(text, drafts, request, i);
        if (drafts.Requests.Count == 0) text.Title(1, $"No change request: {drafts.Incident}").Paragraph(drafts.Reason);
        foreach (var none in drafts.NotProposed)
        {
            text.Title(drafts.Requests.Count == 0 ? 2 : 1, $"Nothing is proposed for {none.Cause}").Paragraph($"{none.Because}.");
            if (none.Runbook is not null) text.Point("What a person can do:", $"copilot runbooks show {none.Runbook}");
        }
        return text.ToString();
    }

    private static void Write(MarkdownWriter text, ChangeRequests drafts, ChangeRequest r, int number)
    {
        text.Title(1, $"Draft change request{(drafts.Requests.Count > 1 ? $" {number + 1} of {drafts.Requests.Count}" : "")}: {r.Title}");
        text.Paragraph("Nothing has been carried out. What gets approved is the plan by its digest; edit a word and it is another plan.");
        text.Field("Incident", $"{drafts.Incident} ({drafts.IncidentId}), {DiagnosisMarkdown.Words(drafts.Status)}").Field("Target", string.Join(", ", r.Steps.Select(s => s.Step.Target).Distinct()))
            .Field("Policy says", $"{DiagnosisMarkdown.Words(r.Decision)}{(r.Approvals.Length > 0 ? $", {r.Approvals}" : "")}").Field("Risk", $"{r.Risk.Level}; {DiagnosisMarkdown.Touches(r.Risk)}")
            .Field("Owner", r.Owner).Field("Environment", Stated(r.Environment, "--environment")).Field("Severity", Stated(r.Severity, "--severity")).Field("Window", Window(r))
            .Field("Runbook", r.Runbook).Field("Plan", r.Plan);
        Why(text, r);
        Steps(text, r);
        text.Title(2, "Rollback");
        if (r.Rollback.Count == 0) text.Point("There is nothing to take back.");
        foreach (var back in r.Rollback) text.Point(back);
        text.Title(2, "Verification");
        if (r.Verify.Count == 0) text.Point("The runbook names no probe. Watch what suffers.");
        foreach (var probe in r.Verify) text.Point(probe);
        text.Point($"Stop and look again if: {r.StopIf}");
        text.Title(2, "Approvals");
        text.Point(r.Decision switch
        {
            "allow" => "Policy asks for nobody's approval.",
            "prohibit" => $"Policy prohibits it{(r.Approvals.Length > 0 ? $": {r.Approvals}" : "")}.",
            _ => $"Needed {r.Approvals}.",
        });
        foreach (var step in r.Steps)
        {
            text.Point($"{step.Step.Kind} on {step.Step.Target}: {DiagnosisMarkdown.Words(step.Step.Decision)}");
            foreach (var why in step.Step.Rules.Select(rule => $"rule {rule}").Concat(step.Step.Why)) text.Point(why, depth: 1);
        }
    }

    private static void Why(MarkdownWriter text, ChangeRequest r)
    {
        text.Title(2, "Why");
        text.Point($"{r.Cause} is named as the cause ({r.Mechanism}), {SummaryWords.Confidence(r.Confidence)}");
        text.Point(r.Why).Evidence(r.Evidence, MostEvidence);
        if (r.Suffering.Count > 0) text.Point($"Until it is done{(r.Since is { } since ? $" (since {since:yyyy-MM-dd HH:mm:ss} UTC)" : "")}:");
        foreach (var symptom in r.Suffering) text.Point(symptom.Says, symptom.Evidence is [var first, ..] ? first.Address : "", depth: 1);
    }

    private static void Steps(MarkdownWriter text, ChangeRequest r)
    {
        text.Title(2, "Steps");
        foreach (var (step, i) in r.Steps.Select((s, i) => (s, i)))
        {
            text.Step(i + 1, $"{step.Does} {step.Step.Target}");
            text.Point($"Effect: {step.Step.ExpectedEffect}", depth: 2);
            foreach (var (name, value) in step.Step.Params.OrderBy(p => p.Key, StringComparer.Ordinal)) text.Point($"{name.Replace('_', ' ')}:", value, depth: 2);
            if (step.ByHand.Length > 0) text.Point("By hand:", step.ByHand, depth: 2);
        }
        text.Point("Check before each step that nobody has changed the target since the recording.");
    }

    private static string Window(ChangeRequest r) => r.Decision switch
    {
        "prohibit" => "none: policy prohibits it",
        _ when r.Since is not null => "as soon as it is approved: people suffer now",
        _ => "as soon as it is approved",
    };

    private static string Stated(string value, string option) => value == "unknown" ? $"not stated, so policy decided as strictly as it can; {option} says it" : value;
}
