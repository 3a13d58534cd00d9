namespace Copilot.Bench.Statistics;

/// <summary>Several tests at once, such as one for each suite.</summary>
public static class Holm
{
    /// <summary>
    /// The p-values adjusted for their number, in the given order: to reject those at or below α keeps the chance of a single false rejection among all at α,
    /// however the tests depend on each other.
    /// Source: S. Holm, A simple sequentially rejective multiple test procedure, Scandinavian Journal of Statistics 6 (1979), 65-70; as adjusted p-values:
    /// S. P. Wright, Adjusted p-values for simultaneous inference, Biometrics 48 (1992), 1005-1013.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">A value that is not from 0 to 1.</exception>
    public static IReadOnlyList<double> Adjust(IReadOnlyList<double> pvalues)
    {
        ArgumentNullException.ThrowIfNull(pvalues);
        if (!pvalues.All(p => p is >= 0 and <= 1)) throw new ArgumentOutOfRangeException(nameof(pvalues), "A p-value is not from 0 to 1.");
        var adjusted = new double[pvalues.Count];
        var (largest, left) = (0.0, pvalues.Count);
        foreach (var i in Enumerable.Range(0, pvalues.Count).OrderBy(i => pvalues[i]))
        {
            largest = Math.Max(largest, Math.Min(1, left-- * pvalues[i]));
            adjusted[i] = largest;
        }
        return adjusted;
    }
}
