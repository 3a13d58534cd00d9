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
