using Copilot.Bench.Statistics;
using CsCheck;
using Xunit;

namespace Copilot.Tests.Bench.Statistics;

public sealed class IntervalsTests
{
    private static readonly Gen<(int Successes, int Trials)> Counts =
        from trials in Gen.Int[1, 5000]
        from successes in Gen.OneOf(Gen.Int[0, trials], Gen.Const(0), Gen.Const(1), Gen.Const(trials - 1), Gen.Const(trials))
        select (successes, trials);

    private static readonly Gen<double[][]> Clusters = Gen.Double[0, 1].Array[1, 5].Array[2, 30];

    // z = 1.959964, z² = 3.841459.
    [Theory]
    // None of 10: from 0 to z² / (10 + z²).
    [InlineData(0, 10, 0, 0.277533)]
    [InlineData(10, 10, 0.722467, 1)]
    // Half of 10: 0.5 ± z / (1 + z²/10) * √(0.25/10 + z²/400) = 0.5 ± 1.416010 * 0.186021.
    [InlineData(5, 10, 0.236593, 0.763407)]
    [InlineData(0, 1, 0, 0.793450)]
    public void Wilson_HandMade_IsAsWorkedOut(int successes, int trials, double low, double high) =>
        AssertNear(low, high, Intervals.Wilson(successes, trials), 1e-6);

    [Theory]
    // None of n: up to 1 - 0.025^(1/n).
    [InlineData(0, 1, 0, 0.975)]
    [InlineData(0, 10, 0, 0.30849710781876)]
    [InlineData(0, 10_000, 0, 3.688199146188e-4)]
    [InlineData(10_000, 10_000, 0.99963118008538, 1)]
    // One of n: from 1 - 0.975^(1/n), here -expm1(-0.025317807984290 / 10000) = 2.5317807984e-6 - 3.2049576e-12.
    [InlineData(1, 10_000, 2.53177759348e-6, 5.5703699795e-4)]
    [InlineData(9_999, 10_000, 0.99944296300205, 0.99999746822241)]
    // The table of Clopper and Pearson has 0.187 and 0.813.
    [InlineData(5, 10, 0.18708602844739, 0.81291397155261)]
    public void ClopperPearson_HandMade_IsAsWorkedOut(int successes, int trials, double low, double high) =>
        AssertNear(low, high, Intervals.ClopperPearson(successes, trials), 1e-9);

    [Fact]
    public void Proportions_NoTrials_HaveNoInterval()
    {
        Assert.Null(Intervals.Wilson(0, 0));
        Assert.Null(Intervals.ClopperPearson(0, 0));
    }

    [Theory]
    [InlineData(-1, 5, 0.95)]
    [InlineData(0, -1, 0.95)]
    [InlineData(6, 5, 0.95)]
    [InlineData(1, 5, 0.0)]
    [InlineData(1, 5, 1.0)]
    [InlineData(1, 5, 95.0)]
    [InlineData(0, 0, double.NaN)]
    public void Proportions_OutOfRange_AreRefused(int successes, int trials, double confidence)
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Intervals.Wilson(successes, trials, confidence));
        Assert.Throws<ArgumentOutOfRangeException>(() => Intervals.ClopperPearson(successes, trials, confidence));
    }

    [Fact]
    public void Proportions_AnyCounts_HoldTheShareWithinTheRange() => Counts.Sample(c =>
    {
        var share = (double)c.Successes / c.Trials;
        foreach (var interval in Both(c.Successes, c.Trials))
        {
            Assert.InRange(share, interval.Low, interval.High);
            Assert.InRange(interval.Low, 0, 1);
            Assert.InRange(interval.High, 0, 1);
            Assert.True(interval.Low < interval.High);
        }
    }, iter: 2000);

    [Fact]
    public void Proportions_FailuresForSuccesses_AreTurnedRound() => Counts.Sample(c =>
    {
        foreach (var (one, other) in Both(c.Successes, c.Trials).Zip(Both(c.Trials - c.Successes, c.Trials)))
        {
            Assert.Equal(1 - one.High, other.Low, 1e-12);
            Assert.Equal(1 - one.Low, other.High, 1e-12);
        }
    }, iter: 2000);

    [Fact]
    public void Proportions_MoreConfidence_IsWider() => Counts.Sample(c =>
    {
        foreach (var (narrow, wide) in Both(c.Successes, c.Trials, 0.9).Zip(Both(c.Successes, c.Trials, 0.99)))
        {
            Assert.True(wide.Low <= narrow.Low && wide.High >= narrow.High);
            Assert.True(wide.Low < narrow.Low || wide.High > narrow.High);
        }
    }, iter: 1000);

    /// <summary>What "exact" means: for every true share, the intervals of the counts that it brings about hold it at least as often as they say.</summary>
    [Fact]
    public void ClopperPearson_EveryShare_IsCoveredAsOftenAsSaid()
    {
        const int trials = 17;
        var intervals = Enumerable.Range(0, trials + 1).Select(s => Intervals.ClopperPearson(s, trials)!.Value).ToArray();
        for (var share = 0.005; share < 1; share += 0.005)
        {
            var (covered, chance) = (0.0, Math.Pow(1 - share, trials));
            for (var s = 0; s <= trials; s++)
            {
                if (intervals[s].Low <= share && share <= intervals[s].High) covered += chance;
                chance *= (trials - s) / (s + 1.0) * share / (1 - share);
            }
            Assert.InRange(covered, 0.95, 1 + 1e-12);
        }
    }

    [Fact]
    public void ClusteredMean_HandMade_IsAsWorkedOut()
    {
        // Means 0.5, 1, 0, 1 about 0.625: squares 0.015625 + 0.140625 + 0.390625 + 0.140625 = 0.6875; √(0.6875 / 3 / 4) = 0.239357; t of 3 is 3.182446.
        var estimate = Intervals.ClusteredMean([[1, 0], [1, 1], [0, 0], [1, 1]])!;

        Assert.Equal((4, 8, 0.625), (estimate.Clusters, estimate.Observations, estimate.Mean));
        Assert.Equal(0.2393567769, estimate.StandardError!.Value, 1e-9);
        AssertNear(-0.1367401, 1.3867401, estimate.Interval, 1e-6);
    }

    [Fact]
    public void ClusteredMean_UnequalRepeats_CountEveryClusterOnce()
    {
        // 1 and 0 in the middle: of all four observations the mean would be 0.75. The standard error is |1 - 0| / 2, t of 1 is 12.7062.
        var estimate = Intervals.ClusteredMean([[1, 1, 1], [0]])!;

        Assert.Equal((2, 4, 0.5), (estimate.Clusters, estimate.Observations, estimate.Mean));
        Assert.Equal(0.5, estimate.StandardError!.Value, 1e-12);
        AssertNear(0.5 - 6.3531024, 0.5 + 6.3531024, estimate.Interval, 1e-6);
    }

    [Fact]
    public void ClusteredMean_TooFewClusters_HaveNoInterval()
    {
        Assert.Null(Intervals.ClusteredMean([]));
        Assert.Equal(new MeanEstimate(1, 2, 0.75, null, null), Intervals.ClusteredMean([[0.5, 1]]));
    }

    [Fact]
    public void ClusteredMean_AllTheSame_HasNoWidth()
    {
        var estimate = Intervals.ClusteredMean([[1, 1], [1, 1], [1, 1]])!;
        Assert.Equal(0, estimate.StandardError);
        Assert.Equal(new ConfidenceInterval(1, 1), estimate.Interval);
    }

    [Fact]
    public void ClusteredMean_Unusable_IsRefused()
    {
        var empty = Assert.Throws<ArgumentOutOfRangeException>(() => Intervals.ClusteredMean([[1], []]));
        Assert.Contains("Cluster 1 has no observation", empty.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => Intervals.ClusteredMean([[1], [double.NaN]]));
        Assert.Throws<ArgumentOutOfRangeException>(() => Intervals.ClusteredMean([[1], [double.PositiveInfinity]]));
        Assert.Throws<ArgumentOutOfRangeException>(() => Intervals.ClusteredMean([], confidence: 1));
    }

    [Fact]
    public void ClusteredMean_AnyClusters_IsInTheMiddleOfItsInterval() => Clusters.Sample(clusters =>
    {
        var estimate = Intervals.ClusteredMean(clusters)!;
        Assert.InRange(estimate.Mean, estimate.Interval!.Value.Low, estimate.Interval.Value.High);
        Assert.Equal(estimate.Mean - estimate.Interval.Value.Low, estimate.Interval.Value.High - estimate.Mean, 1e-9);

        var failures = Intervals.ClusteredMean([.. clusters.Select(c => c.Select(s => 1 - s).ToArray())])!;
        Assert.Equal(1 - estimate.Interval.Value.High, failures.Interval!.Value.Low, 1e-9);
        Assert.Equal(estimate.StandardError!.Value, failures.StandardError!.Value, 1e-9);
    }, iter: 1000);

    /// <summary>The reason for clustering: repeats that always come out alike tell nothing new.</summary>
    [Fact]
    public void ClusteredMean_RepeatedRepeats_AreNoNarrower() => Clusters.Sample(clusters =>
    {
        var (once, twice) = (Intervals.ClusteredMean(clusters)!, Intervals.ClusteredMean([.. clusters.Select(c => c.Concat(c).ToArray())])!);
        Assert.Equal(once.StandardError!.Value, twice.StandardError!.Value, 1e-12);
        Assert.Equal(2 * once.Observations, twice.Observations);
    }, iter: 500);

    /// <summary>Miller's formula as it is written: the naive variance and the covariances within clusters.</summary>
    [Fact]
    public void ClusteredMean_EqualRepeats_IsMillersTimesTheCorrection() => Gen.Int[1, 5].SelectMany(repeats => Gen.Double[0, 1].Array[repeats].Array[2, 20]).Sample(clusters =>
    {
        var all = clusters.SelectMany(c => c).ToList();
        var mean = all.Average();
        var naive = all.Sum(s => (s - mean) * (s - mean)) / all.Count / all.Count;
        var within = clusters.Sum(c =>
            (from i in Enumerable.Range(0, c.Length) from j in Enumerable.Range(0, c.Length) where j != i select (c[i] - mean) * (c[j] - mean)).Sum());
        var miller = Math.Sqrt(Math.Max(0, naive + (within / all.Count / all.Count)));
        var estimate = Intervals.ClusteredMean(clusters)!;
        Assert.Equal(mean, estimate.Mean, 1e-12);
        Assert.Equal(miller * Math.Sqrt(clusters.Length / (clusters.Length - 1.0)), estimate.StandardError!.Value, 1e-7);
    }, iter: 500);

    private static IEnumerable<ConfidenceInterval> Both(int successes, int trials, double confidence = 0.95) =>
        [Intervals.Wilson(successes, trials, confidence)!.Value, Intervals.ClopperPearson(successes, trials, confidence)!.Value];

    /// <param name="tolerance">Relative to the values.</param>
    private static void AssertNear(double low, double high, ConfidenceInterval? actual, double tolerance)
    {
        Assert.NotNull(actual);
        Assert.Equal(low, actual.Value.Low, tolerance * Math.Max(Math.Abs(low), 1e-300));
        Assert.Equal(high, actual.Value.High, tolerance * Math.Abs(high));
    }
}
