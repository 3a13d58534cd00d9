using System.Text;

namespace Copilot.Core.Diagnoses;

/// <summary>The Markdown form of a diagnosis. Quoted evidence is escaped: it stays text.</summary>
public static class DiagnosisMarkdown
{
    public static string Write(Diagnosis d)
    {
        var text = new StringBuilder();
        text.Append($"# {Escape(d.Incident)}: {Words(d.Status)}\n\n{Escape(d.Summary)}\n");
        if (d.ContributingFactors.Count > 0) text.Append("\n## Cause\n");
        foreach (var factor in d.ContributingFactors)
        {
            text.Append($"\n### {Escape(factor.Name)}\n\n{factor.Mechanism}, confidence {factor.Confidence:0.00}, {factor.Code}\n\n{Escape(factor.Reasoning)}\n\n");
            Evidence(text, factor.Evidence, "");
            text.Append($"\nWould refute it: {Escape(factor.WouldRefute)}\n");
        }
        Section(text, "What got worse", d.Symptoms, s => $"{Escape(s.Says)} ({s.Kind})", s => s.Evidence);
        if (d.Propagation.Count > 0) text.Append("\n## How it spread\n\n");
        foreach (var step in d.Propagation) text.Append($"- {Escape(step.Source)} → {Escape(step.Target)}: {Escape(step.Effect)}\n");
        if (d.Onset is { } onset) text.Append($"\nOnset: {onset.At:yyyy-MM-dd HH:mm:ss} UTC (between {onset.Earliest:HH:mm:ss} and {onset.Latest:HH:mm:ss})\n");
        Section(text, "Ruled out", d.RuledOut, r => $"{Escape(r.What)}: {Escape(r.Because)}", r => r.Evidence);
        Proposals(text, d);
        if (d.Timeline.Count > 0) text.Append("\n## Timeline (UTC)\n\n| time | what | says | record |\n|---|---|---|---|\n");
        foreach (var entry in d.Timeline) text.Append($"| {entry.At:HH:mm:ss} | {entry.Kind} | {Escape(entry.Says)} | {Code(entry.Address)} |\n");
        if (d.NextChecks.Count > 0) text.Append("\n## Next checks\n\n");
        foreach (var check in d.NextChecks) text.Append($"- {Escape(check)}\n");
        if (d.MissingEvidence.Count > 0) text.Append("\n## Not seen\n\n");
        foreach (var gap in d.MissingEvidence) text.Append($"- {Code(gap.Where)}: {Escape(gap.Detail)}{(gap.Count > 1 ? $" ({gap.Count} times)" : "")}. {Escape(gap.Remedy)}\n");
        if (d.RemovedStatements.Count > 0) text.Append("\n## Removed by the citation check\n\n");
        foreach (var removed in d.RemovedStatements) text.Append($"- {Code(removed.Address)} {Escape(removed.Says)}: {Escape(removed.Because)}\n");
        if (d.Receipts is { } receipts) text.Append($"\nReceipts {receipts.From} to {receipts.To} of {Code(receipts.Log)}\n");
        return text.ToString();
    }

    private static void Proposals(StringBuilder text, Diagnosis d)
    {
        if (d.ProposedActions.Count + d.NotProposed.Count > 0) text.Append("\n## Proposed\n\nThe copilot carries nothing out.\n");
        foreach (var action in d.ProposedActions)
        {
            text.Append($"\n### {Escape(action.Cause)}: {Words(action.Decision)}\n\n");
            if (action.Requires.Length > 0) text.Append($"{Escape(action.Requires)}\n\n");
            foreach (var step in action.Steps)
            {
                text.Append($"1. {Code(step.Kind)} on {Escape(step.Target)}{(step.Params.Count > 0 ? $" ({Escape(string.Join(", ", step.Params.Select(p => $"{p.Key} {p.Value}")))})" : "")}: {Escape(step.ExpectedEffect)}\n");
                text.Append($"   - policy: {Words(step.Decision)}{(step.Rules.Count > 0 ? $" by {Escape(string.Join(", ", step.Rules))}" : "")}\n");
                foreach (var why in step.Why) text.Append($"   - {Escape(why)}\n");
            }
            text.Append($"\nRisk {action.Risk.Level}: {Touches(action.Risk)}. Plan {Code(action.Plan)}, runbook {Code(action.Runbook)}.\n\n");
            foreach (var step in action.Rollback) text.Append($"- taken back by: {Escape(step)}\n");
            foreach (var probe in action.Verify) text.Append($"- verified by: {Escape(probe)}\n");
        }
        foreach (var none in d.NotProposed) text.Append($"\nNothing is proposed for {Escape(none.Cause)}: {Escape(none.Because)}.{(none.Runbook is null ? "" : $" Runbook {Code(none.Runbook)}.")}\n");
        if (d.EscalateTo.Length > 0) text.Append($"\nEscalate to: {Escape(d.EscalateTo)}\n");
    }

    /// <summary>A decision of policy in words.</summary>
    public static string Words(string decision) => decision switch
    {
        "allow" => "allowed",
        "require_approval" => "needs approval",
        "prohibit" => "prohibited",
        _ => decision,
    };

    /// <summary>The blast radius in words.</summary>
    public static string Touches(ActionRisk risk) =>
        $"touches {risk.Services} workload{(risk.Services == 1 ? "" : "s")}{(risk.Replicas is { } replicas ? $" with {replicas} pod{(replicas == 1 ? "" : "s")}" : ", how many pods is not recorded")}{(risk.Reversible ? "" : "; cannot be taken back")}";

    public static string Words(DiagnosisStatus status) => status switch
    {
        DiagnosisStatus.Resolved => "resolved",
        DiagnosisStatus.Ambiguous => "ambiguous",
        DiagnosisStatus.NoIncident => "no incident",
        _ => "insufficient evidence",
    };

    private static void Section<T>(StringBuilder text, string title, IReadOnlyList<T> items, Func<T, string> line, Func<T, IReadOnlyList<CitedEvidence>> evidence)
    {
        if (items.Count == 0) return;
        text.Append($"\n## {title}\n\n");
        foreach (var item in items)
        {
            text.Append($"- {line(item)}\n");
            Evidence(text, evidence(item), "  ");
        }
    }

    private static void Evidence(StringBuilder text, IReadOnlyList<CitedEvidence> evidence, string indent)
    {
        foreach (var e in evidence)
            text.Append($"{indent}- {(e.At is { } at ? $"{at:HH:mm:ss} " : "")}{Escape(e.Says)} {Code(e.Address)}{(e.Note is null ? "" : $" ({Escape(e.Note)})")}\n");
    }

    private static string Code(string? text) => string.IsNullOrEmpty(text) ? "" : $"`{text.Replace('`', '\'')}`";

    private static string Escape(string text)
    {
        var escaped = new StringBuilder(text.Length + 8);
        foreach (var c in text)
        {
            if (c is '\\' or '`' or '*' or '_' or '[' or ']' or '<' or '>' or '|' or '#' or '~' or '!') escaped.Append('\\');
            escaped.Append(c);
        }
        return escaped.ToString();
    }
}
