using System.Globalization;
using Copilot.Bench.Reports;
using Copilot.Core.Analysis;

namespace Copilot.Bench.Fitting;

/// <summary>What each feature is worth: the score without it.</summary>
public static class AblationTable
{
    /// <summary>What <see cref="CaseReader"/> is to take from the evidence, in order.</summary>
    public static IReadOnlyList<Func<Core.Signals.SignalSet, Core.Signals.SignalSet>> Evidence { get; } = [.. Ablation.All.Select(a => a.Evidence).OfType<Func<Core.Signals.SignalSet, Core.Signals.SignalSet>>()];

    /// <param name="cases">As read with <see cref="Evidence"/>.</param>
    public static ReportTable Of(IReadOnlyList<IReadOnlyList<FittingCase>> cases, AnalysisParameters parameters)
    {
        var whole = cases.Select(c => c[0].Judge(parameters).Score).ToList();
        var suites = cases.Select(c => c[0].Suite).Distinct().ToList();
        var evidence = 0;
        var rows = new List<(double Loss, IReadOnlyList<string> Row)>();
        foreach (var ablation in Ablation.All)
        {
            if (ablation.Evidence is not null) evidence++;
            var variant = evidence;
            var without = cases.AsParallel().AsOrdered().Select(c => Without(ablation, c, variant, parameters)).ToList();
            var differences = without.Zip(whole, (w, all) => w - all).ToList();
            rows.Add((differences.DefaultIfEmpty(0).Average(), [
                $"without {ablation.Name}", Three(without), FitTables.Mean(differences), Count(differences.Count(d => d < -1e-9)), Count(differences.Count(d => d > 1e-9)),
                .. suites.Select(s => Three([.. without.Where((_, i) => cases[i][0].Suite == s)])),
            ]));
        }
        return new(
            "What each feature is worth", ["", "score", "difference", "cases worse", "cases better", .. suites],
            [["everything", Three(whole), "", "", "", .. suites.Select(s => Three([.. whole.Where((_, i) => cases[i][0].Suite == s)]))], .. rows.OrderBy(r => r.Loss).Select(r => r.Row)],
            "Average precision at full recall over all cases; difference with its 95 % interval, paired by case. Nothing is fitted anew without the feature.");
    }

    private static double Without(Ablation ablation, IReadOnlyList<FittingCase> variants, int evidence, AnalysisParameters parameters) =>
        ablation.Weights is { } weights ? variants[0].Judge(weights(parameters)).Score
        : ablation.Symptoms is { } symptoms ? variants[0].With(symptoms).Judge(parameters).Score
        : ablation.Findings is { } findings ? variants[0].With(findings(variants[0])).Judge(parameters).Score
        : variants[evidence].Judge(parameters).Score;

    private static string Three(List<double> values) => values.Count == 0 ? "–" : values.Average().ToString("0.000", CultureInfo.InvariantCulture);

    private static string Count(int count) => count.ToString(CultureInfo.InvariantCulture);
}
