namespace Copilot.Bench.Statistics;

/// <summary>What a case with n repeats, c of them right, tells of k tries. For a suite: the mean over its cases.</summary>
public static class PassRates
{
    /// <summary>
    /// pass@k: the chance that at least one of k tries is right, estimated without bias. Null where k is more than the repeats: they do not tell.
    /// Source: Chen et al., Evaluating large language models trained on code (arXiv:2107.03374, 2021), equation 1: 1 - C(n-c, k) / C(n, k).
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative counts, more right ones than repeats, or k below 1.</exception>
    public static double? PassAtK(int n, int c, int k)
    {
        Check(n, c, k);
        return 1 - ShareAllFrom(n, n - c, k);
    }

    /// <summary>
    /// pass^k: the chance that all of k tries are right, estimated without bias. Null where k is more than the repeats: they do not tell.
    /// Source: Yao et al., τ-bench: a benchmark for tool-agent-user interaction in real-world domains (arXiv:2406.12045, 2024): C(c, k) / C(n, k).
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative counts, more right ones than repeats, or k below 1.</exception>
    public static double? PassHatK(int n, int c, int k)
    {
        Check(n, c, k);
        return ShareAllFrom(n, c, k);
    }

    /// <summary>The chance that k drawn from n without putting back are all among the m marked ones. As a product, since binomial coefficients overflow.</summary>
    private static double? ShareAllFrom(int n, int m, int k)
    {
        if (k > n) return null;
        if (k > m) return 0;
        var share = 1.0;
        for (var i = 0; i < k; i++) share *= (double)(m - i) / (n - i);
        return share;
    }

    private static void Check(int n, int c, int k)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(n);
        ArgumentOutOfRangeException.ThrowIfNegative(c);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(c, n);
        ArgumentOutOfRangeException.ThrowIfLessThan(k, 1);
    }
}
