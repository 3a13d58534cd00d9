using Copilot.Core.Analysis;
using CsCheck;
using Xunit;

namespace Copilot.Tests.Analysis;

public sealed class ChangePointTests
{
    [Fact]
    public void Ratio_ErrorsBeginAtAStep_FindsIt()
    {
        var calls = Enumerable.Repeat(20.0, 60).ToArray();
        var errors = Enumerable.Range(0, 60).Select(i => i >= 37 ? 6.0 : 0.0).ToArray();

        var fit = ChangePoint.Ratio(errors, calls);

        Assert.Equal(37, fit.Step);
        Assert.True(fit.LogLikelihoodRatio > 50);
    }

    [Fact]
    public void Ratio_ErrorsFall_FindsNothing()
    {
        var calls = Enumerable.Repeat(20.0, 40).ToArray();
        var errors = Enumerable.Range(0, 40).Select(i => i < 20 ? 8.0 : 0.0).ToArray();

        // A fall is no onset; what little rise noise allows must stay insignificant.
        Assert.True(ChangePoint.Ratio(errors, calls).LogLikelihoodRatio < 1);
    }

    [Fact]
    public void Level_LatencyRises_FindsIt()
    {
        var values = Enumerable.Range(0, 50).Select(i => (i >= 30 ? 90.0 : 30.0) * (1 + (0.05 * (i % 3)))).ToArray();

        Assert.Equal(30, ChangePoint.Level(values).Step);
    }

    [Fact]
    public void Level_GapsInTheSeries_AreLeftOut()
    {
        var values = Enumerable.Range(0, 50).Select(i => i % 4 == 0 ? double.NaN : i >= 30 ? 90.0 : 30.0).ToArray();

        Assert.InRange(ChangePoint.Level(values).Step, 29, 31);
    }

    private const double None = double.NaN;

    // What OnsetEstimator takes for a change.
    private const double Significant = 10;

    /// <summary>Of few values two must do, and what lies between the two levels belongs to neither.</summary>
    /// <param name="step">The first step of the change; -1 where there is none.</param>
    [Theory]
    [InlineData(8, new[] { 10, 11, 10, 9, 10, 11, 10, 9, 60.0, 62 })] // two high values at the end
    [InlineData(-1, new[] { 10, 11, 10, 9, 10, 11, 10, 9, 10, 60.0 })] // one is an outlier
    [InlineData(8, new[] { 10, 11, 10, 9, 10, 11, 10, 9, 25, 60.0, 62, 61 })] // the first of them straddles the change
    [InlineData(8, new[] { 10, 11, 10, 9, 10, 11, 10, 9, 25, 60.0, 62 })]
    [InlineData(14, new[] { 10, 11, 80, 85, 10, 9, 10, 11, 10, 9, 10, 11, 10, 9, 60.0, 62, 61 })] // an earlier trouble went by
    [InlineData(-1, new[] { 10, 60, 10, 62, 10, 61, 10, 60, 11, 62, 60.0, 61 })] // as high before
    [InlineData(-1, new[] { 10, 11, 60, 62, 10, 9, 61, 60, 10, 11, 60.0, 62 })]
    [InlineData(-1, new[] { 60, 61, 60, 62, 60, 61, 10, 11, 10.0, 9, 10, 11 })] // a fall
    [InlineData(-1, new[] { 10, 11, 10, 9, 10, 11, 10, 9, 11.0, 10, 11, 10 })] // noise
    [InlineData(-1, new[] { 10, 10, 60.0, 62 })] // too little before
    [InlineData(8, new[] { 10, 11, 10, 9, 10, 11, 10, 9, None, None, 60.0, 62, 61 })] // at any time since the value before
    [InlineData(10, new[] { 10, None, 10, 9, None, 11, 10, 9, None, 10, 60.0, 62, 61 })]
    public void Level_FewValues_FindsALastingRise(int step, double[] values)
    {
        var fit = ChangePoint.Level(values);
        Assert.Equal(step, fit.LogLikelihoodRatio >= Significant ? fit.Step : -1);
    }

    [Fact]
    public void Ratio_SteadyErrors_IsRarelySignificant()
    {
        // Binomial noise without a change: a log likelihood ratio of 10 should be far out.
        Gen.Int[0, 10_000].Sample(seed =>
        {
            var random = new Random(seed);
            var calls = Enumerable.Repeat(30.0, 60).ToArray();
            var errors = calls.Select(c => (double)Enumerable.Range(0, (int)c).Count(_ => random.NextDouble() < 0.05)).ToArray();
            return ChangePoint.Ratio(errors, calls).LogLikelihoodRatio < 10;
        }, iter: 300);
    }

    [Fact]
    public void Ratio_AnyCounts_NeverGivesNaN()
    {
        Gen.Select(Gen.Double[0, 100].Array[0, 40], Gen.Double[0, 100].Array[0, 40]).Sample((a, b) =>
        {
            var count = Math.Min(a.Length, b.Length);
            var trials = a[..count];
            var hits = b[..count].Zip(trials, Math.Min).ToArray();
            return !double.IsNaN(ChangePoint.Ratio(hits, trials).LogLikelihoodRatio) && !double.IsNaN(ChangePoint.Level(trials).LogLikelihoodRatio);
        }, iter: 2000);
    }
}
