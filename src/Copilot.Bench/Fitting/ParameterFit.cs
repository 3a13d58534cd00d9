using Copilot.Bench.Datasets;
using Copilot.Core.Analysis;
using Copilot.Engine.Parameters;

namespace Copilot.Bench.Fitting;

/// <summary>A fit with what tells how good it is.</summary>
/// <param name="ByKind">Kinds of fault kept aside.</param>
/// <param name="ByApplication">Applications kept aside; null where there is only one.</param>
/// <param name="BySize">Sizes kept aside; null where no case tells.</param>
public sealed record ParameterFit(ParameterFile File, Objective Objective, AnalysisParameters HandSet, CrossValidation? ByKind, CrossValidation? ByApplication, CrossValidation? BySize)
{
    private const int AnyNumber = int.MaxValue;

    /// <param name="cases">All of them.</param>
    /// <param name="handSet">Where the search begins, and what the values are drawn to.</param>
    /// <param name="folds">Parts of the cross-validation.</param>
    /// <param name="seed">Of the parts.</param>
    /// <param name="origin">What the file says of itself.</param>
    public static ParameterFit Of(IReadOnlyList<FittingCase> cases, AnalysisParameters handSet, int folds, int seed, string origin)
    {
        var objective = new Objective(cases, handSet);
        var byKind = CrossValidation.Run(objective, c => c.Groups.Kind, folds, seed);
        var fitted = objective.Fit(_ => true) with { Confidence = ConfidenceOf(byKind, handSet) };
        return new(
            new(origin, fitted), objective, handSet, byKind, CrossValidation.Run(objective, c => $"{c.Suite}/{c.Groups.Application}", folds, seed),
            CrossValidation.Run(objective, c => c.Groups.Size, AnyNumber, seed));
    }

    /// <summary>A map is used where it tells more than the posterior about kinds of fault that it was not fitted to.</summary>
    private static ConfidenceMap ConfidenceOf(CrossValidation? byKind, AnalysisParameters handSet)
    {
        if (byKind is null) return handSet.Confidence;
        var asItIs = ConfidenceFigures.Of([.. byKind.Named.Select(n => (n.Facts.Posterior, n.Right))]).Brier;
        return ConfidenceFigures.Of(byKind.Confidences()).Brier < asItIs ? ConfidenceFit.Of(byKind.Named) : ConfidenceMap.Raw;
    }

    /// <summary>What the file says of where it comes from: equal words, data and builds give equal files.</summary>
    public static string OriginOf(IReadOnlyList<Suite> suites, IReadOnlyList<FittingCase> cases, int folds, int seed) =>
        $"copilot bench fit --folds {folds} --seed {seed}: " + string.Join("; ", suites.Select(s => $"{s.Name}{(s.Version is null ? "" : $" {s.Version}")}, {cases.Count(c => c.Suite == s.Name)} cases{(s.Digest is null ? "" : $", {s.Digest}")}"));
}
