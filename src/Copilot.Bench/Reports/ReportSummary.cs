using Copilot.Bench.Truths;

namespace Copilot.Bench.Reports;

/// <summary>What every form of the report says.</summary>
public static class ReportSummary
{
    /// <summary>The last line on the terminal and the first of the reports.</summary>
    public static string Line(RunReport report)
    {
        var plan = report.Plan;
        var scores = report.Engines.Select(e => $"{e.Engine} {ReportTables.With(e.All.Score)}");
        var missing = report.Present < plan.Results ? $"; {plan.Results - report.Present} of {plan.Results} results are missing" : "";
        return $"{ReportTables.Count(report.Cases.Count, "case")}, {ReportTables.Count(plan.Repeats, "repeat")}: {string.Join(", ", scores)}; {ReportTables.Count(report.Infrastructure.Count, "infrastructure error")}{missing}";
    }

    public static IReadOnlyList<ReportTable> Tables(RunReport report) =>
        [ReportTables.Engines(report), ReportTables.Behaviour(report), .. new[] { ReportTables.Comparison(report) }.OfType<ReportTable>(), .. ReportTables.Groups(report), .. new[] { ReportTables.Published(report) }.OfType<ReportTable>()];

    public static IReadOnlyList<(string Case, string Defect)> Defects(RunReport report) => [.. report.Cases.SelectMany(c => c.Description.Truth.Defects.Concat(c.Attempts.Values.SelectMany(a => a).SelectMany(a => a.Score.Defects)).Distinct().Select(d => (c.Description.Id, d)))];

    /// <summary>The right answer in words.</summary>
    public static string Truth(GroundTruth truth) => truth.Causes.Count == 0 ? "nothing is wrong" : string.Join("; ", truth.Causes.Select(c => Name(c.Names[0])));

    public static string Name(EntityPattern pattern) => $"{(pattern.Namespace is { } ns ? ns + "/" : "")}{(pattern.Kind is { } kind ? kind + "/" : "")}{string.Join(" or ", pattern.Filters)}";
}
