using MathNet.Numerics.Distributions;

namespace Copilot.Bench.Statistics;

/// <summary>Tests of two engines on the same cases. All are two-sided: the p-value does not tell which one is better.</summary>
public static class PairedTests
{
    /// <summary>
    /// McNemar's test in its exact form: among the cases that only one of both solved, either is as likely to be the one. Without any such case p is 1.
    /// Source: Q. McNemar, Note on the sampling error of the difference between correlated proportions or percentages, Psychometrika 12 (1947), 153-157;
    /// exact form: Fagerland, Lydersen and Laake, The McNemar test for binary matched-pairs data, BMC Medical Research Methodology 13:91 (2013).
    /// </summary>
    /// <param name="onlyA">Cases that only A solved.</param>
    /// <param name="onlyB">Cases that only B solved.</param>
    /// <exception cref="ArgumentOutOfRangeException">Negative counts, or more than <see cref="int.MaxValue"/> together.</exception>
    public static double McNemarExact(int onlyA, int onlyB)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(onlyA);
        ArgumentOutOfRangeException.ThrowIfNegative(onlyB);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(onlyB, int.MaxValue - onlyA);
        return onlyA == onlyB ? 1 : Math.Min(1, 2 * Binomial.CDF(0.5, onlyA + onlyB, Math.Min(onlyA, onlyB)));
    }

    /// <summary>
    /// The paired permutation test of the mean difference: without a difference between the engines each case's difference could as well have the other sign.
    /// p is the share of all assignments of signs whose mean is at least as far from 0 as the one seen. Up to <see cref="SignFlips.ExactUpTo"/> differences
    /// other than 0 all assignments count; beyond, a sample of <see cref="SignFlips.Samples"/>, where p cannot be smaller than one over their number plus one.
    /// Differences up to 1e-12 are rounding and taken as none. Without any difference p is 1.
    /// Source: R. A. Fisher, The design of experiments (1935), section 21; the p of a sample: Phipson and Smyth, Permutation p-values should never be zero,
    /// Statistical Applications in Genetics and Molecular Biology 9:39 (2010).
    /// </summary>
    /// <param name="differences">One for each case: of the means over its repeats.</param>
    /// <param name="seed">Of the sample: the same seed gives the same p. The exact test does not use it.</param>
    /// <exception cref="ArgumentOutOfRangeException">A difference that is no finite number.</exception>
    public static double SignFlip(IReadOnlyList<double> differences, int seed)
    {
        ArgumentNullException.ThrowIfNull(differences);
        if (!differences.All(double.IsFinite)) throw new ArgumentOutOfRangeException(nameof(differences), "A difference is no finite number.");
        var sizes = differences.Where(d => Math.Abs(d) > 1e-12).ToArray();
        return sizes.Length <= SignFlips.ExactUpTo ? SignFlips.Exact(sizes) : SignFlips.Sampled(sizes, seed);
    }
}
