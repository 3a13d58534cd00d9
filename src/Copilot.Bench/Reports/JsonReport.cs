using System.Globalization;
using Copilot.Bench.Runs;

namespace Copilot.Bench.Reports;

/// <summary>All figures and the score of every attempt, <c>copilot-bench-report/1</c>. The answers themselves are in the raw results beside it.</summary>
public static class JsonReport
{
    public const string SchemaId = "copilot-bench-report/1";

    public static string Write(RunReport report) => BenchJson.Write(new
    {
        Schema = SchemaId,
        Summary = ReportSummary.Line(report),
        report.Plan,
        report.Present,
        Engines = report.Engines.Select(e => new { e.Engine, All = Of(e.All), BySuite = Of(e.BySuite), ByMechanism = Of(e.ByMechanism), ByApplication = Of(e.ByApplication), BySplit = Of(e.BySplit), ByTag = Of(e.ByTag), e.Calibration }),
        report.AgainstOthers,
        report.Infrastructure,
        Cases = report.Cases.Select(c => new
        {
            c.Description.Id,
            c.Suite,
            c.Split,
            c.Digest,
            c.Description.Application,
            Mechanism = EngineFigures.MechanismOf(c),
            LabelDefects = c.Description.Truth.Defects,
            Attempts = c.Attempts.SelectMany(a => a.Value.Select(s => new { Engine = a.Key, s.Result.Repeat, s.Result.Outcome, s.Result.Fault, Named = s.Result.Answer?.Causes.Select(n => n.Name) ?? [], s.Score, Seconds = Round(s.Result.Seconds), PeakMib = Round(s.Result.PeakMiB), s.Result.Citations })),
        }),
    });

    private static IEnumerable<object> Of(IEnumerable<GroupFigures> groups) => groups.Select(g => new { g.Name, Figures = Of(g.Figures) });

    private static object Of(Figures f) => new
    {
        f.Cases,
        f.Attempts,
        f.Score,
        f.Strict,
        f.Precision,
        f.Recall,
        F1 = f.F1,
        AcAt1 = f.Hit1,
        AcAt3 = f.Hit3,
        AcAt5 = f.Hit5,
        AvgAt5 = f.Avg5,
        f.PassAtK,
        f.PassHatK,
        f.Abstained,
        f.Specificity,
        f.MechanismRight,
        f.Citations,
        f.NoAnswer,
        SecondsMedian = f.Seconds?.Median,
        SecondsP95 = f.Seconds?.P95,
        PeakMib = f.PeakMiB,
    };

    private static double Round(double value) => double.Parse(value.ToString("0.000", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
}
