using System.Globalization;
using Copilot.Bench.Reports;
using Copilot.Bench.Statistics;

namespace Copilot.Bench.Fitting;

/// <summary>What to show of a fit.</summary>
public static class FitTables
{
    public static IReadOnlyList<ReportTable> Of(ParameterFit fit) => [Scores(fit), Confidence(fit), Parameters(fit)];

    private static ReportTable Scores(ParameterFit fit)
    {
        var (cases, hand, fitted) = (fit.Objective.Cases, fit.Objective.Outcomes(fit.HandSet), fit.Objective.Outcomes(fit.File.Parameters with { Confidence = fit.HandSet.Confidence }));
        var rows = cases.Select(c => c.Suite).Distinct().Select(s => Row(s, i => cases[i].Suite == s)).ToList();
        if (rows.Count > 1) rows.Add(Row("all cases", _ => true));
        return new(
            "Scores", ["data", "cases", "hand-set", "fitted, in sample", "kinds of fault held out", "less hand-set", "applications held out", "sizes held out"], rows,
            "Average precision at full recall, with 95 % intervals over cases. Held out: each case is judged by parameters that were fitted without its kind of fault, application or size; the difference from the hand-set ones is paired by case.");

        IReadOnlyList<string> Row(string name, Func<int, bool> belongs)
        {
            var chosen = Enumerable.Range(0, cases.Count).Where(belongs).ToList();
            return [name, Number(chosen.Count), Mean(chosen.Select(i => hand[i])), Mean(chosen.Select(i => fitted[i])), Held(fit.ByKind), Gained(fit.ByKind), Held(fit.ByApplication), Held(fit.BySize)];

            string Gained(CrossValidation? validation) => validation is null ? "–" : Mean([.. chosen.Where(i => validation.HeldOut[i] is not null).Select(i => validation.HeldOut[i]!.Score - hand[i].Score)]);

            string Held(CrossValidation? validation) => validation is null ? "–" : Mean(chosen.Select(i => validation.HeldOut[i]).OfType<CaseOutcome>());
        }
    }

    private static ReportTable Confidence(ParameterFit fit)
    {
        var rows = new List<IReadOnlyList<string>>();
        foreach (var (name, validation) in new[] { ("kinds of fault held out", fit.ByKind), ("applications held out", fit.ByApplication) })
        {
            if (validation is null) continue;
            rows.Add(Row($"posterior as it is, {name}", ConfidenceFigures.Of([.. validation.Named.Select(n => (n.Facts.Posterior, n.Right))])));
            rows.Add(Row($"mapped, {name}", ConfidenceFigures.Of(validation.Confidences())));
        }
        return new("Confidence", ["confidence", "named causes", "Brier score", "expected calibration error", "above 0.9", "right among these"], rows, "The map, too, was fitted without the cases that it is judged on.");

        static IReadOnlyList<string> Row(string name, ConfidenceFigures f) =>
        [
            name, Number(f.Named), Three(f.Brier), Three(f.ExpectedError), f.Named == 0 ? "–" : $"{Number(f.High)} ({100.0 * f.High / f.Named:0} %)",
            Intervals.Wilson(f.HighRight, f.High) is { } interval ? FormattableString.Invariant($"{(double)f.HighRight / f.High:0.00} [{interval.Low:0.00}, {interval.High:0.00}]") : "–",
        ];
    }

    private static ReportTable Parameters(ParameterFit fit) => new(
        "Parameters", ["parameter", "hand-set", "fitted", "in the folds"],
        [
            .. Tunables.All.Select(t =>
            {
                var values = (fit.ByKind?.Parameters ?? []).Select(t.Get).ToList();
                return (IReadOnlyList<string>)[t.Name, Value(t.Get(fit.HandSet)), Value(t.Get(fit.File.Parameters)), values.Count == 0 ? "–" : $"{Value(values.Min())} to {Value(values.Max())}"];
            }),
        ], "");

    private static string Mean(IEnumerable<CaseOutcome> outcomes) => Mean([.. outcomes.Select(o => o.Score)]);

    internal static string Mean(IReadOnlyList<double> values) => Intervals.ClusteredMean([.. values.Select(v => (IReadOnlyList<double>)[v])]) is not { } mean ? "–"
        : mean.Interval is { } interval ? FormattableString.Invariant($"{mean.Mean:0.000} [{interval.Low:0.00}, {interval.High:0.00}]") : Three(mean.Mean);

    private static string Three(double? value) => value?.ToString("0.000", CultureInfo.InvariantCulture) ?? "–";

    private static string Value(double value) => value.ToString("0.####", CultureInfo.InvariantCulture);

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}
