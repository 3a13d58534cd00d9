using Copilot.Bench.Reports;

namespace Copilot.UseCases;

/// <summary>What to show of a run or a comparison.</summary>
/// <param name="Remarks">What one has to know before reading.</param>
/// <param name="Summary">The last line.</param>
/// <param name="Ok">Whether nothing is missing and nothing got worse.</param>
/// <param name="Text">The whole in the form that a file's ending asks for, null for an unknown one.</param>
internal sealed record BenchOutcome(IReadOnlyList<BenchTable> Tables, IReadOnlyList<string> Remarks, string Summary, bool Ok, Func<string, string?> Text)
{
    public static BenchOutcome Of(RunReport report) => new(
        Shown(ReportSummary.Tables(report)),
        [
            .. ReportSummary.Defects(report).Select(d => $"{d.Case}: label: {d.Defect}"),
            .. report.Infrastructure.Select(e => $"not measured: {e.Fault}").Distinct(),
        ], ReportSummary.Line(report), report.Infrastructure.Count == 0 && report.Present == report.Plan.Results, _ => null);

    public static BenchOutcome Of(RunComparison comparison) => new(Shown(comparison.Tables()), comparison.Remarks, comparison.Summary, !comparison.IsWorse, comparison.Text);

    private static IReadOnlyList<BenchTable> Shown(IEnumerable<ReportTable> tables) => [.. tables.Select(t => new BenchTable(t.Title, [.. t.Heads], [.. t.Rows.Select(r => r.ToArray())], t.Note))];
}

internal sealed record BenchTable(string Title, string[] Heads, IReadOnlyList<string[]> Rows, string Note);
