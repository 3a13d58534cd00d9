namespace Copilot.Bench.Reports;

/// <summary>The tables of a run's report.</summary>
public static class ReportTables
{
    private const int FewGroups = 2;

    /// <summary>How right all engines were over all cases.</summary>
    public static ReportTable Engines(RunReport report) => new(
        "Engines", ["engine", "cases", "score (95 %)", "strict", "precision", "recall", "F1", "AC@1", "AC@3", "AC@5", "pass@k", "pass^k"],
        [.. report.Engines.Select(e => Row(e.Engine, e.All))],
        $"Score: average precision at full recall, lenient matching, mean over cases, 95 % interval clustered by case. strict: with literal kinds. AC@k: true causes among the first k of the ranking, ties as misses, cases with a fault only. "
        + $"pass@k, pass^k: any, and all, of {Count(report.Plan.Repeats, "attempt")} score 1.");

    /// <summary>What else matters about an engine: when it keeps silent, whether its citations hold, what it costs.</summary>
    public static ReportTable Behaviour(RunReport report) => new(
        "Behaviour and cost", ["engine", "silent on a fault (95 %)", "silent on none (95 %)", "mechanism right", "citations hold", "no answer", "median s", "p95 s", "peak MiB"],
        [
            .. report.Engines.Select(e => (IReadOnlyList<string>)[e.Engine, With(e.All.Abstained), With(e.All.Specificity), Of(e.All.MechanismRight), Of(e.All.Citations), Of(e.All.NoAnswer),
                e.All.Seconds is { } s ? $"{s.Median:0.00}" : "", e.All.Seconds is { } t ? $"{t.P95:0.00}" : "", e.All.PeakMiB is { } m ? $"{m:0}" : ""]),
        ],
        "Silent: cases in which most attempts named no cause, with a fault and with none; Wilson's interval, Clopper and Pearson's of none and all. Seconds are of first attempts; they and memory are those of the whole process with others at work (--parallel 1 for clean ones). Simple engines share one reading of each case, which the first of them pays for.");

    /// <summary>The first engine against each other one; null with a single engine.</summary>
    public static ReportTable? Comparison(RunReport report) => report.AgainstOthers.Count == 0 ? null : Paired(
        $"{report.Engines[0].Engine} against the others", report.AgainstOthers, "other", "the other", report.Engines[0].Engine, r => r.Verdict(r.Name, report.Engines[0].Engine));

    public static ReportTable Paired(string title, IReadOnlyList<PairedResult> results, string what, string first, string second, Func<PairedResult, string>? verdict = null) => new(
        title, [what, "cases", first, second, "difference (95 %)", "only one solves", "McNemar", "permutation", "Holm", "verdict"],
        [.. results.Select(r => (IReadOnlyList<string>)[r.Name, $"{r.Cases}", Number(r.First), Number(r.Second), Signed(r.Difference), $"{r.OnlyFirst.Count} / {r.OnlySecond.Count}", P(r.McNemar), P(r.Permutation), P(r.Adjusted), verdict?.Invoke(r) ?? r.Verdict()])],
        "Paired by case. McNemar: exact p-value of cases that only one solves. permutation: p-value of the difference by sign flips; Holm: the same, corrected for the number of rows.");

    /// <summary>One table for each way to group the cases that tells something apart.</summary>
    public static IEnumerable<ReportTable> Groups(RunReport report)
    {
        foreach (var (title, of) in new (string, Func<EngineReport, IReadOnlyList<GroupFigures>>)[] { ("By suite", e => e.BySuite), ("By mechanism", e => e.ByMechanism), ("By application", e => e.ByApplication), ("By split", e => e.BySplit) })
        {
            var names = report.Engines.SelectMany(e => of(e).Select(g => g.Name)).Distinct().ToList();
            if (names.Count < FewGroups) continue;
            yield return new(
                title, [title[3..], "cases", .. report.Engines.Select(e => e.Engine)],
                [.. names.Select(n => (IReadOnlyList<string>)[n, $"{of(report.Engines[0]).FirstOrDefault(g => g.Name == n)?.Figures.Cases ?? 0}", .. report.Engines.Select(e => of(e).FirstOrDefault(g => g.Name == n) is { } g ? With(g.Figures.Score) : "")])],
                "Score with its 95 % interval.");
        }
        if (report.Cases.Count > 0) yield return Official(report);
        if (report.Engines is [{ ByTag.Count: > 0 } first, ..])
        {
            yield return new(
                $"By tag: {first.Engine}", ["suite and tag", "cases", "score (95 %)", "AC@1", "AC@3", "AC@5", "silent on a fault", "silent on none"],
                [.. first.ByTag.Select(g => (IReadOnlyList<string>)[g.Name, $"{g.Figures.Cases}", With(g.Figures.Score), Number(g.Figures.Hit1.Mean), Number(g.Figures.Hit3.Mean), Number(g.Figures.Hit5.Mean), Of(g.Figures.Abstained), Of(g.Figures.Specificity)])], "");
        }
    }

    /// <summary>By suite the figures that data sets publish about rankings.</summary>
    private static ReportTable Official(RunReport report) => new(
        "Rankings by suite", ["suite", "engine", "cases with a fault", "AC@1", "AC@3", "AC@5", "Avg@5", "silent on none"],
        [
            .. from e in report.Engines
               from g in e.BySuite
               where g.Figures.Cases > 0
               select (IReadOnlyList<string>)[g.Name, e.Engine, $"{g.Figures.Abstained.All}", Number(g.Figures.Hit1.Mean), Number(g.Figures.Hit3.Mean), Number(g.Figures.Hit5.Mean), Number(g.Figures.Avg5.Mean), Of(g.Figures.Specificity)],
        ], "");

    /// <summary>What others published about the data sets of the run, as they say it; null when nothing is known.</summary>
    public static ReportTable? Published(RunReport report)
    {
        var formats = report.Cases.Select(c => c.Description.Provenance.Format).Distinct().ToList();
        var results = PublishedResults.All.Where(p => formats.Contains(p.Format)).ToList();
        return results.Count == 0 ? null : new(
            "Published by others", ["data", "whose", "figures", "source"], [.. results.Select(p => (IReadOnlyList<string>)[p.Data, p.Whose, p.Figures, p.Source])],
            "Theirs, not measured here: other cases, judges or candidates may have been used, so these are for orientation and no comparison.");
    }

    private static IReadOnlyList<string> Row(string name, Figures f) =>
    [
        name, $"{f.Cases}", With(f.Score), Number(f.Strict.Mean), Number(f.Precision.Mean), Number(f.Recall.Mean), Number(f.F1.Mean), Number(f.Hit1.Mean), Number(f.Hit3.Mean), Number(f.Hit5.Mean), Number(f.PassAtK), Number(f.PassHatK),
    ];

    public static string Number(double? value) => value is { } v ? $"{v:0.000}" : "";

    /// <summary><c>0.880 [0.79, 0.97]</c></summary>
    public static string With(Estimate e) => e.Mean is { } mean ? e.Interval is { } i ? $"{mean:0.000} [{Clipped(i.Low):0.00}, {Clipped(i.High):0.00}]" : $"{mean:0.000}" : "";

    public static string Of(Share share) => share.All == 0 ? "" : $"{share.Some}/{share.All}";

    private static string With(Share share) => share.Interval is { } i ? $"{share.Some}/{share.All} [{i.Low:0.00}, {i.High:0.00}]" : "";

    public static string Count(int count, string what) => $"{count} {what}{(count == 1 ? "" : "s")}";

    private static string Signed(Estimate e) => e.Mean is { } mean ? e.Interval is { } i ? $"{mean:+0.000;-0.000;0.000} [{i.Low:+0.00;-0.00;0.00}, {i.High:+0.00;-0.00;0.00}]" : $"{mean:+0.000;-0.000;0.000}" : "";

    private static string P(double p) => p < 0.001 ? "<0.001" : $"{p:0.000}";

    // The interval of a mean by Student's t may reach beyond what a mean of scores can be.
    private static double Clipped(double bound) => Math.Clamp(bound, 0, 1);
}
