using System.Text;
using Copilot.Core.Evidence;

namespace Copilot.Bench.Reports;

/// <summary>The summary of a run for a merge request or a wiki.</summary>
public static class MarkdownReport
{
    public static string Write(RunReport report)
    {
        var text = new StringBuilder($"# Bench: {Clean(string.Join(", ", report.Plan.Suites.Select(Title)))}\n\n");
        text.Append($"{Clean(ReportSummary.Line(report))}\n\n");
        foreach (var table in ReportSummary.Tables(report)) Append(text, table);
        if (ReportSummary.Defects(report) is { Count: > 0 } defects)
        {
            text.Append("## Known defects of labels\n\nThey are shown, and no score is corrected for them.\n\n");
            foreach (var (id, defect) in defects) text.Append($"- {Clean(id)}: {Clean(defect)}\n");
            text.Append('\n');
        }
        if (report.Infrastructure.Count > 0)
        {
            text.Append("## Infrastructure errors\n\nThey say nothing about an engine and are in no figure; going on with the run tries them again.\n\n");
            foreach (var fault in report.Infrastructure.Select(e => $"{e.Case}: {e.Fault}").Distinct()) text.Append($"- {Clean(fault)}\n");
            text.Append('\n');
        }
        text.Append("## Cases\n\n| case | what is right |").Append(string.Concat(report.Engines.Select(e => $" {e.Engine} |"))).Append("\n|---|---|").Append(string.Concat(report.Engines.Select(_ => "---|"))).Append('\n');
        foreach (var c in report.Cases) text.Append($"| {Clean(c.Description.Id)} | {Clean(ReportSummary.Truth(c.Description.Truth))} |{string.Concat(report.Engines.Select(e => $" {string.Join(" ", c.Attempts[e.Engine].Select(a => $"{a.Score.Score:0.##}"))} |"))}\n");
        return text.Append($"\n{Clean(report.Plan.Machine)}; build {report.Plan.Build}, rules {report.Plan.Rules}; begun {report.Plan.At:yyyy-MM-dd HH:mm} UTC.\n").ToString();
    }

    /// <summary>Tables alone, for a document.</summary>
    public static string Of(IEnumerable<ReportTable> tables)
    {
        var text = new StringBuilder();
        foreach (var table in tables) Append(text, table);
        return text.ToString();
    }

    internal static void Append(StringBuilder text, ReportTable table)
    {
        text.Append($"## {Clean(table.Title)}\n\n| {string.Join(" | ", table.Heads.Select(Clean))} |\n|{string.Concat(table.Heads.Select(_ => "---|"))}\n");
        foreach (var row in table.Rows) text.Append($"| {string.Join(" | ", row.Select(Clean))} |\n");
        text.Append(table.Note.Length > 0 ? $"\n{table.Note}\n\n" : "\n");
    }

    private static string Title(Runs.PlannedSuite suite) => suite.Version is { } version ? $"{suite.Name} {version}" : suite.Name;

    /// <summary>Text as it is to be seen: what Markdown would take for markup is escaped (CommonMark 0.31, backslash escapes).</summary>
    internal static string Clean(string text)
    {
        var plain = PlainText.Clean(text);
        // An interval in brackets stays readable; only what could be a link or an image is escaped.
        var links = plain.Contains("](", StringComparison.Ordinal) || plain.Contains("][", StringComparison.Ordinal);
        return string.Concat(plain.Select(c => c switch { '<' => "&lt;", '\\' or '|' or '`' or '*' => $"\\{c}", '[' or ']' when links => $"\\{c}", _ => c.ToString() }));
    }
}
