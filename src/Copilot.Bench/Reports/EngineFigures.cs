using Copilot.Bench.Runs;
using Copilot.Bench.Statistics;

namespace Copilot.Bench.Reports;

/// <summary>Whether confidence means what it says.</summary>
/// <param name="Brier">Mean squared difference between confidence and being right, over all named causes; 0 is best.</param>
/// <param name="ExpectedError">Expected calibration error: the mean distance between confidence and share right, weighted by the bins' sizes.</param>
public sealed record CalibrationReport(int Named, double Brier, double ExpectedError, IReadOnlyList<ReliabilityBin> Bins);

internal static class EngineFigures
{
    public static EngineReport Of(string engine, RunPlan plan, IReadOnlyList<ReportedCase> cases)
    {
        return new(
            engine, Figures.Of(engine, plan.Repeats, cases), [.. plan.Suites.Select(s => Group(s.Name, cases.Where(c => c.Suite == s.Name)))], By(MechanismOf), By(c => c.Description.Application), By(c => c.Split.Length > 0 ? c.Split : "none"),
            [.. cases.SelectMany(c => c.Description.Tags.Select(t => (Tag: $"{c.Suite}: {t}", Case: c))).GroupBy(t => t.Tag).OrderBy(g => g.Key, StringComparer.Ordinal).Select(g => Group(g.Key, g.Select(t => t.Case)))],
            CalibrationOf(engine, cases));

        GroupFigures Group(string name, IEnumerable<ReportedCase> of) => new(name, Figures.Of(engine, plan.Repeats, [.. of]));

        List<GroupFigures> By(Func<ReportedCase, string> key) => [.. cases.GroupBy(key).OrderBy(g => g.Key, StringComparer.Ordinal).Select(g => Group(g.Key, g))];
    }

    /// <summary>Of the first cause: a case with several is told apart by its score, not by its row.</summary>
    public static string MechanismOf(ReportedCase reported) => reported.Description.Truth.Causes is [var first, ..] ? first.Mechanism ?? "unknown" : "none";

    private static CalibrationReport? CalibrationOf(string engine, IReadOnlyList<ReportedCase> cases)
    {
        // First attempts only: repeats of one case say little new and would make the intervals too narrow.
        var pairs = cases.SelectMany(c => c.Attempts[engine].Where(a => a.Result.Repeat == 1)).SelectMany(a => a.Score.Confidences).Select(p => (p.Confidence, p.Right)).ToList();
        return Calibration.Brier(pairs) is { } brier ? new(pairs.Count, brier, Calibration.ExpectedError(pairs)!.Value, Calibration.Reliability(pairs)!) : null;
    }
}
