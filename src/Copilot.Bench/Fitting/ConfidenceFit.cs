using Copilot.Bench.Statistics;
using Copilot.Core.Analysis;

namespace Copilot.Bench.Fitting;

/// <summary>Fits what confidence means to how often named causes were right.</summary>
public static class ConfidenceFit
{
    /// <summary>Where the posterior says nothing, confidence still must not fall with it.</summary>
    private const double LeastSlope = 0.05;

    private const double Precision = 0.25;

    private static readonly double[] Expected = [1, 0, 0, 0, 0];

    /// <param name="named">Named causes of cases that the parameters behind their posteriors were not fitted to.</param>
    public static ConfidenceMap Of(IReadOnlyList<JudgedCause> named)
    {
        if (named.Count == 0) return ConfidenceMap.Raw;
        var weights = LogisticRegression.Fit([.. named.Select(n => Row(n.Facts))], [.. named.Select(n => n.Right)], Expected, Precision, LeastSlope);
        return new() { Slope = Rounded(weights[0]), Intercept = Rounded(weights[1]), Inferred = Rounded(weights[2]), Further = Rounded(weights[3]), Unexplained = Rounded(weights[4]) };
    }

    private static double[] Row(ConfidenceFacts facts) => [facts.LogOdds, 1, facts.Inferred ? 1 : 0, facts.Further ? 1 : 0, facts.Unexplained];

    private static double Rounded(double weight) => Math.Round(weight, 3);
}

/// <summary>How far stated confidence can be trusted.</summary>
/// <param name="Named">Named causes.</param>
/// <param name="High">Those with a confidence above 0.9.</param>
/// <param name="HighRight">Right ones among them.</param>
public sealed record ConfidenceFigures(int Named, double? Brier, double? ExpectedError, int High, int HighRight)
{
    private const double Sure = 0.9;

    public static ConfidenceFigures Of(IReadOnlyList<(double Confidence, bool Right)> pairs)
    {
        var high = pairs.Where(p => p.Confidence > Sure).ToList();
        return new(pairs.Count, Calibration.Brier(pairs), Calibration.ExpectedError(pairs), high.Count, high.Count(p => p.Right));
    }
}
