namespace Copilot.Bench.Statistics;

/// <summary>How many cases a comparison needs.</summary>
public static class RequiredPairs
{
    /// <summary>
    /// Cases in all, those seen included, for McNemar's test at level <paramref name="alpha"/> to find the difference with the chance
    /// <paramref name="power"/> if both engines differ on other cases as often as on these. Null where none did better than the other or nothing was
    /// compared: then no number decides. It plans a run and is no evidence: from few cases it is a rough guess.
    /// Source: R. J. Connor, Sample size for testing differences in proportions for the paired-sample design, Biometrics 43 (1987), 207-211, an approximation
    /// by the normal distribution; and at least so many cases that the exact test could find anything, which takes 1 - log2(α) on which both differ.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative counts, more cases on which both differ than cases, or chances not between 0 and 1.</exception>
    public static long? Total(int onlyA, int onlyB, int pairs, double alpha = 0.05, double power = 0.8)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(onlyA);
        ArgumentOutOfRangeException.ThrowIfNegative(onlyB);
        ArgumentOutOfRangeException.ThrowIfLessThan(pairs, (long)onlyA + onlyB);
        if (alpha is not (> 0 and < 1)) throw new ArgumentOutOfRangeException(nameof(alpha), alpha, "A level lies between 0 and 1, such as 0.05.");
        if (power is not (>= 0.5 and < 1)) throw new ArgumentOutOfRangeException(nameof(power), power, "A power is at least 0.5 and below 1, such as 0.8.");
        if (onlyA == onlyB) return null;
        var discordant = ((double)onlyA + onlyB) / pairs;
        var difference = Math.Abs((double)onlyA - onlyB) / pairs;
        var root = (Quantiles.NormalAbove(alpha / 2) * Math.Sqrt(discordant))
            + (Quantiles.NormalAbove(1 - power) * Math.Sqrt(discordant - (difference * difference)));
        var least = Math.Ceiling(1 - Math.Log2(alpha)) * pairs / ((double)onlyA + onlyB);
        return (long)Math.Ceiling(Math.Max(root * root / (difference * difference), least));
    }
}
