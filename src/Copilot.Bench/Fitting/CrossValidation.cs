using Copilot.Core.Analysis;

namespace Copilot.Bench.Fitting;

/// <summary>
/// Each part of the cases judged by parameters that were fitted to the other parts. Source: M. Stone, Cross-validatory choice and assessment of statistical
/// predictions, Journal of the Royal Statistical Society B 36 (1974), 111-147; by groups, since variants of one case tell of each other.
/// </summary>
/// <param name="FoldOf">The part of each case; -1 for one that is in none.</param>
/// <param name="Parameters">Those that each part is judged by.</param>
/// <param name="HeldOut">How each case went; null for one that is in no part.</param>
public sealed record CrossValidation(IReadOnlyList<int> FoldOf, IReadOnlyList<AnalysisParameters> Parameters, IReadOnlyList<CaseOutcome?> HeldOut)
{
    /// <param name="groupOf">What keeps cases together; null for a case that does not tell.</param>
    /// <returns>Null where fewer than two groups are told apart.</returns>
    public static CrossValidation? Run(Objective objective, Func<FittingCase, string?> groupOf, int folds, int seed)
    {
        var groups = objective.Cases.Select(groupOf).ToList();
        var count = Math.Min(folds, groups.OfType<string>().Distinct().Count());
        if (count < 2) return null;
        var foldOf = Folds.Of(groups, count, seed);
        var parameters = Enumerable.Range(0, count).Select(fold => objective.Fit(i => foldOf[i] != fold)).ToList();
        return new(foldOf, parameters, [.. foldOf.Select((fold, i) => fold < 0 ? null : objective.Outcomes(parameters[fold])[i])]);
    }

    /// <summary>All named causes of cases kept aside, with the posterior as it is.</summary>
    public IReadOnlyList<JudgedCause> Named => [.. HeldOut.OfType<CaseOutcome>().SelectMany(o => o.Named)];

    /// <summary>The same with a confidence that was fitted to the other parts.</summary>
    public IReadOnlyList<(double Confidence, bool Right)> Confidences() =>
    [
        .. Enumerable.Range(0, Parameters.Count).SelectMany(fold =>
        {
            var map = ConfidenceFit.Of([.. NamedWhere(f => f >= 0 && f != fold)]);
            return NamedWhere(f => f == fold).Select(n => (map.Of(n.Facts), n.Right));
        }),
    ];

    private IEnumerable<JudgedCause> NamedWhere(Predicate<int> fold) => HeldOut.Where((o, i) => o is not null && fold(FoldOf[i])).SelectMany(o => o!.Named);
}
