namespace Copilot.Bench.Statistics;

/// <summary>
/// Intervals for proportions and means. Where there is nothing to estimate from, there is no interval: null.
/// </summary>
public static class Intervals
{
    /// <summary>
    /// Wilson's score interval of a proportion; null without trials. Its coverage is close to the confidence on average, and it does not degenerate at 0 and 1.
    /// Source: E. B. Wilson, Probable inference, the law of succession, and statistical inference, JASA 22 (1927), 209-212; recommended for small numbers by
    /// Brown, Cai and DasGupta, Interval estimation for a binomial proportion, Statistical Science 16 (2001), 101-133.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative counts, more successes than trials, or a confidence outside of 0 to 1.</exception>
    public static ConfidenceInterval? Wilson(int successes, int trials, double confidence = 0.95)
    {
        Check(successes, trials);
        var z = Quantiles.NormalAbove(Quantiles.Tail(confidence));
        if (trials == 0) return null;
        double n = trials;
        var share = successes / n;
        var shrink = 1 + (z * z / n);
        var centre = (share + (z * z / (2 * n))) / shrink;
        var half = z / shrink * Math.Sqrt((share * (1 - share) / n) + (z * z / (4 * n * n)));
        // At the ends the bound is the end itself, which rounding misses.
        return new(successes == 0 ? 0 : centre - half, successes == trials ? 1 : centre + half);
    }

    /// <summary>
    /// The exact interval of a proportion, which covers at least as often as it says; null without trials. For no failure seen its lower bound of success is
    /// what may be promised. It is two-sided there as well: each tail has half of what the confidence leaves, so 0 of n gives about 3.7/n and not the 3/n of
    /// the one-sided "rule of three".
    /// Source: C. J. Clopper and E. S. Pearson, The use of confidence or fiducial limits illustrated in the case of the binomial, Biometrika 26 (1934),
    /// 404-413, in its form as quantiles of the beta distribution.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative counts, more successes than trials, or a confidence outside of 0 to 1.</exception>
    public static ConfidenceInterval? ClopperPearson(int successes, int trials, double confidence = 0.95)
    {
        Check(successes, trials);
        var tail = Quantiles.Tail(confidence);
        if (trials == 0) return null;
        var failures = trials - successes;
        return new(
            successes == 0 ? 0 : Quantiles.BetaBelow(successes, failures + 1.0, tail),
            failures == 0 ? 1 : Quantiles.BetaBelow(successes + 1.0, failures, 1 - tail));
    }

    /// <summary>
    /// The mean over clusters of observations that are alike within a cluster (case = cluster, its repeats inside), with a standard error that is robust to
    /// that, and Student's t interval with one degree of freedom less than there are clusters.
    /// <para>
    /// Every cluster counts once, whatever its number of observations: a case that lost a repeat is still a whole case. With equal numbers this is the mean of
    /// all observations, and the standard error is the clustered one of E. Miller, Adding error bars to evals (arXiv:2411.00640, 2024), times the
    /// finite correction √(k/(k-1)) for k clusters (the leading factor of Stata's CR1; see Cameron and Miller, A practitioner's guide to cluster-robust
    /// inference, Journal of Human Resources 50 (2015), 317-372). It is then the standard error of the clusters' means.
    /// </para>
    /// <para>
    /// No cluster: null. One cluster: its mean, without standard error and interval. Clusters whose means are all the same: a standard error of 0 and an
    /// interval without width, which tells that no difference was seen and not that there is none; for proportions see <see cref="ClopperPearson"/>.
    /// </para>
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">An empty cluster, an observation that is no finite number, or a confidence outside of 0 to 1.</exception>
    public static MeanEstimate? ClusteredMean(IReadOnlyList<IReadOnlyList<double>> clusters, double confidence = 0.95)
    {
        ArgumentNullException.ThrowIfNull(clusters);
        var tail = Quantiles.Tail(confidence);
        if (clusters.Count == 0) return null;
        var means = new double[clusters.Count];
        for (var i = 0; i < means.Length; i++)
        {
            if (clusters[i].Count == 0)
                throw new ArgumentOutOfRangeException(nameof(clusters), $"Cluster {i} has no observation: leave it out, and report that it is left out.");
            if (!clusters[i].All(double.IsFinite))
                throw new ArgumentOutOfRangeException(nameof(clusters), $"Cluster {i} has an observation that is no finite number.");
            means[i] = clusters[i].Average();
        }
        var mean = means.Average();
        var observations = clusters.Sum(c => c.Count);
        if (means.Length == 1) return new(1, observations, mean, null, null);
        var freedom = means.Length - 1;
        var error = Math.Sqrt(means.Sum(m => (m - mean) * (m - mean)) / freedom / means.Length);
        var half = Quantiles.StudentAbove(freedom, tail) * error;
        return new(means.Length, observations, mean, error, new(mean - half, mean + half));
    }

    private static void Check(int successes, int trials)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(successes);
        ArgumentOutOfRangeException.ThrowIfNegative(trials);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(successes, trials);
    }
}
