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
        if (d.Timeline.Count > 0) text.Append("\n## Timeline (UTC)\n\n| time | what | says | record |\n|---|---|---|---|\n");
        foreach (var entry in d.Timeline) text.Append($"| {entry.At:HH:mm:ss} | {entry.Kind} | {Escape(entry.Says)} | {Code(entry.Address)} |\n");
        if (d.NextChecks.Count > 0) text.Append("\n## Next checks\n\n");
        foreach (var check in d.NextChecks) text.Append($"- {Escape(check)}\n");
        if (d.MissingEvidence.Count > 0) text.Append("\n## Not seen\n\n");
        foreach (var gap in d.MissingEvidence) text.Append($"- {Code(gap.Where)}: {Escape(gap.Detail)}{(gap.Count > 1 ? $" ({gap.Count} times)" : "")}. {Escape(gap.Remedy)}\n");
        if (d.RemovedStatements.Count > 0) text.Append("\n## Removed by the citation check\n\n");
        foreach (var removed in d.RemovedStatements) text.Append($"- {Code(removed.Address)} {Escape(removed.Says)}: {Escape(removed.Because)}\n");
        return text.ToString();
    }

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
