using static Copilot.Bench.Reports.HtmlPage;

namespace Copilot.Bench.Reports;

/// <summary>The report as one page that an engineer shows to a colleague: engines compared, calibration, groups, and each case with its evidence.</summary>
public static class HtmlReport
{
    public static string Write(RunReport report)
    {
        var suites = string.Join(", ", report.Plan.Suites.Select(s => s.Version is { } version ? $"{s.Name} {version}" : s.Name));
        var page = new HtmlPage($"Bench: {suites}");
        page.Raw($"<h1>Bench: {Text(suites)}</h1>");
        page.Raw($"<p class=\"lead\">{Text(ReportSummary.Line(report))}</p>");
        page.Raw($"<p class=\"dim\">Begun {report.Plan.At:yyyy-MM-dd HH:mm} UTC on {Text(report.Plan.Machine)}. Build <code>{Text(report.Plan.Build)}</code>, rules <code>{Text(report.Plan.Rules)}</code>{string.Concat(report.Plan.Suites.Where(s => s.Digest is not null).Select(s => $", {Text(s.Name)} <code>{Text(s.Digest!)}</code>"))}.</p>");
        var calibrated = report.Engines.Where(e => e.Calibration is not null).ToList();
        var (defects, groups, published) = (ReportSummary.Defects(report), ReportTables.Groups(report).ToList(), ReportTables.Published(report));
        page.Raw($"<nav><a href=\"#engines\">Engines</a>{(calibrated.Count > 0 ? "<a href=\"#calibration\">Calibration</a>" : "")}{string.Concat(groups.Select((g, i) => $"<a href=\"#group-{i}\">{Text(g.Title)}</a>"))}{(published is null ? "" : "<a href=\"#published\">Published by others</a>")}{(defects.Count > 0 ? "<a href=\"#labels\">Labels</a>" : "")}<a href=\"#cases\">Cases</a></nav>");
        if (report.Infrastructure.Count > 0) Infrastructure(page, report);
        page.Raw($"<figure>{HtmlCharts.Scores(report.Engines)}</figure>");
        page.Table(ReportTables.Engines(report), "engines").Table(ReportTables.Behaviour(report), "behaviour");
        if (ReportTables.Comparison(report) is { } comparison) page.Table(comparison);
        if (calibrated.Count > 0) Calibration(page, calibrated);
        for (var i = 0; i < groups.Count; i++) page.Table(groups[i], $"group-{i}");
        if (published is not null) page.Table(published, "published");
        if (defects.Count > 0)
            page.Heading("Known defects of labels", "labels").Raw("<p class=\"note\">They are shown, and no score is corrected for them.</p>").List(defects.Select(d => $"<a href=\"#{Anchor(d.Case)}\">{Text(d.Case)}</a>: {Text(d.Defect)}"));
        HtmlCases.Append(page, report);
        return page.Whole();
    }

    public static string Write(RunComparison comparison)
    {
        var page = new HtmlPage("Comparison of two runs");
        page.Raw("<h1>Comparison of two runs</h1>").Raw($"<p class=\"lead\">{Text(comparison.Summary)}</p>");
        page.Rows(["", "begun", "build", "rules", "cases"], [Run("first", comparison.First), Run("second", comparison.Second)]);
        page.List(comparison.Remarks.Select(Text));
        if (HtmlCharts.Changes(comparison.Changed) is { Length: > 0 } drawing) page.Raw($"<figure>{drawing}<figcaption>Hollow: first run. Filled: second run.</figcaption></figure>");
        foreach (var table in comparison.Tables()) page.Table(table);
        return page.Whole();

        static IReadOnlyList<string> Run(string name, RunReport run) => [name, $"{run.Plan.At:yyyy-MM-dd HH:mm} UTC", $"<code>{Text(run.Plan.Build)}</code>", $"<code>{Text(run.Plan.Rules)}</code>", $"{run.Cases.Count} × {run.Plan.Repeats}"];
    }

    private static void Infrastructure(HtmlPage page, RunReport report) => page.Heading("Not measured")
        .Raw($"<p class=\"note\">{ReportTables.Count(report.Infrastructure.Count, "attempt")} could not be put before an engine. They say nothing about it and are in no figure; going on with the run tries them again.</p>")
        .List(report.Infrastructure.Select(e => e.Fault).Distinct().Select(Text));

    private static void Calibration(HtmlPage page, IReadOnlyList<EngineReport> engines)
    {
        page.Heading("Calibration", "calibration").Raw("<p class=\"note\">Does confidence mean what it says? A dot on the dashed line: causes named with that confidence are right that often. Size is how many, bars are 95 % intervals (Wilson).</p><div class=\"charts\">");
        foreach (var engine in engines)
        {
            var c = engine.Calibration!;
            page.Raw($"<figure>{HtmlCharts.Reliability(c)}<figcaption>{Text(engine.Engine)}: {ReportTables.Count(c.Named, "named cause")}, Brier score {c.Brier:0.000}, expected calibration error {c.ExpectedError:0.000}</figcaption></figure>");
        }
        page.Raw("</div>");
    }
}
