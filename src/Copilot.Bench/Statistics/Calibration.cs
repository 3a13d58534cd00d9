namespace Copilot.Bench.Statistics;

/// <summary>Whether stated confidence means what it says. Nothing to judge by is null and never 0, which would be the best value.</summary>
public static class Calibration
{
    /// <summary>
    /// The mean squared distance of the confidence from what came (1 right, 0 wrong): 0 is best, 0.25 is what always saying 0.5 gets. Null without pairs.
    /// Source: G. W. Brier, Verification of forecasts expressed in terms of probability, Monthly Weather Review 78 (1950), 1-3, in its form for one event,
    /// which is half of the original.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">A confidence that is not from 0 to 1.</exception>
    public static double? Brier(IReadOnlyList<(double Confidence, bool Right)> pairs)
    {
        Check(pairs);
        return pairs.Count == 0 ? null : pairs.Average(p => p.Right ? (1 - p.Confidence) * (1 - p.Confidence) : p.Confidence * p.Confidence);
    }

    /// <summary>
    /// The reliability diagram: parts of equal width from 0 to 1, in order, those without answers too. Null without pairs.
    /// Source: DeGroot and Fienberg, The comparison and evaluation of forecasters, The Statistician 32 (1983), 12-22.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">A confidence that is not from 0 to 1, or fewer bins than 1.</exception>
    public static IReadOnlyList<ReliabilityBin>? Reliability(IReadOnlyList<(double Confidence, bool Right)> pairs, int bins = 10)
    {
        Check(pairs);
        ArgumentOutOfRangeException.ThrowIfLessThan(bins, 1);
        if (pairs.Count == 0) return null;
        var byBin = pairs.ToLookup(p => BinOf(p.Confidence, bins));
        return [.. Enumerable.Range(0, bins).Select(i => Bin(Edge(i, bins), Edge(i + 1, bins), [.. byBin[i]]))];
    }

    /// <summary>
    /// Expected calibration error: how far confidence and share right lie apart in the bins of <see cref="Reliability"/>, weighted by their answers. Null
    /// without pairs. It depends on the bins and is too large for few answers: compare only with the same bins and similar numbers.
    /// Source: Naeini, Cooper and Hauskrecht, Obtaining well calibrated probabilities using Bayesian binning, AAAI (2015); as used by Guo et al.,
    /// On calibration of modern neural networks (arXiv:1706.04599, 2017).
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">A confidence that is not from 0 to 1, or fewer bins than 1.</exception>
    public static double? ExpectedError(IReadOnlyList<(double Confidence, bool Right)> pairs, int bins = 10) =>
        Reliability(pairs, bins)?.Sum(b => b is { ShareRight: { } share, MeanConfidence: { } mean } ? Math.Abs(share - mean) * b.Count / pairs.Count : 0);

    private static ReliabilityBin Bin(double from, double to, IReadOnlyList<(double Confidence, bool Right)> pairs)
    {
        if (pairs.Count == 0) return new(from, to, 0, null, null, null);
        var right = pairs.Count(p => p.Right);
        return new(from, to, pairs.Count, pairs.Average(p => p.Confidence), (double)right / pairs.Count, Intervals.Wilson(right, pairs.Count));
    }

    // Multiplying may round over an edge (0.29 * 100 is below 29): the edges as they are shown decide.
    private static int BinOf(double confidence, int bins)
    {
        var bin = Math.Min((int)(confidence * bins), bins - 1);
        if (confidence < Edge(bin, bins)) return bin - 1;
        return bin + 1 < bins && confidence >= Edge(bin + 1, bins) ? bin + 1 : bin;
    }

    private static double Edge(int bin, int bins) => (double)bin / bins;

    private static void Check(IReadOnlyList<(double Confidence, bool Right)> pairs)
    {
        ArgumentNullException.ThrowIfNull(pairs);
        if (!pairs.All(p => p.Confidence is >= 0 and <= 1)) throw new ArgumentOutOfRangeException(nameof(pairs), "A confidence is not from 0 to 1.");
    }
}
