using Copilot.Bench.Statistics;
using CsCheck;
using Xunit;

namespace Copilot.Tests.Bench.Statistics;

public sealed class CalibrationTests
{
    private static readonly Gen<List<(double Confidence, bool Right)>> Pairs =
        Gen.Select(Gen.OneOf(Gen.Double[0, 1], Gen.Int[0, 100].Select(i => i / 100.0)), Gen.Bool).List[1, 60];

    [Fact]
    public void Brier_HandMade_IsTheMeanSquare()
    {
        // (0.1² + 0.6²) / 2
        Assert.Equal(0.185, Calibration.Brier([(0.9, true), (0.6, false)])!.Value, 1e-12);
        Assert.Equal(0, Calibration.Brier([(1, true), (0, false)]));
        Assert.Equal(1, Calibration.Brier([(0, true), (1, false)]));
    }

    [Fact]
    public void Reliability_HandMade_IsAsWorkedOut()
    {
        var bins = Calibration.Reliability([(0.2, false), (0.4, true), (0.75, true), (1, true)], bins: 4)!;

        Assert.Equal(4, bins.Count);
        Assert.Equal([0, 0.25, 0.5, 0.75], bins.Select(b => b.From));
        Assert.Equal([0.25, 0.5, 0.75, 1], bins.Select(b => b.To));
        Assert.Equal(new ReliabilityBin(0, 0.25, 1, 0.2, 0, Intervals.Wilson(0, 1)), bins[0]);
        Assert.Equal(new ReliabilityBin(0.25, 0.5, 1, 0.4, 1, Intervals.Wilson(1, 1)), bins[1]);
        // An edge belongs to the bin above it, and nothing said is not 0.
        Assert.Equal(new ReliabilityBin(0.5, 0.75, 0, null, null, null), bins[2]);
        Assert.Equal(new ReliabilityBin(0.75, 1, 2, 0.875, 1, Intervals.Wilson(2, 2)), bins[3]);
    }

    [Fact]
    public void ExpectedError_HandMade_IsAsWorkedOut() =>
        // Two bins: (0.2, 0.4) has half right against 0.3, (0.5, 1) all against 0.75: (2 * 0.2 + 2 * 0.25) / 4.
        Assert.Equal(0.225, Calibration.ExpectedError([(0.2, false), (0.4, true), (0.5, true), (1, true)], bins: 2)!.Value, 1e-12);

    [Fact]
    public void Calibration_NoPairs_IsUnknown()
    {
        Assert.Null(Calibration.Brier([]));
        Assert.Null(Calibration.Reliability([]));
        Assert.Null(Calibration.ExpectedError([]));
    }

    [Fact]
    public void Reliability_AnyPairs_AreCountedOnceWhereTheyBelong() => Gen.Select(Pairs, Gen.Int[1, 120]).Sample((pairs, bins) =>
    {
        var all = Calibration.Reliability(pairs, bins)!;
        Assert.Equal(bins, all.Count);
        foreach (var bin in all)
        {
            var here = pairs.Where(p => p.Confidence >= bin.From && (p.Confidence < bin.To || bin == all[^1])).ToList();
            Assert.Equal(here.Count, bin.Count);
            if (here.Count == 0) continue;
            Assert.Equal(here.Average(p => p.Confidence), bin.MeanConfidence!.Value, 1e-12);
            Assert.InRange(bin.ShareRight!.Value, bin.Interval!.Value.Low, bin.Interval.Value.High);
        }
    }, iter: 2000);

    [Fact]
    public void Reliability_HundredthsInHundredBins_AreEachInTheirOwn() =>
        // 0.29 * 100 is below 29, 0.57 * 100 below 57.
        Assert.All(Calibration.Reliability([.. Enumerable.Range(0, 100).Select(i => (i / 100.0, true))], bins: 100)!, b => Assert.Equal(1, b.Count));

    [Fact]
    public void Calibration_AnyPairs_IsWithinItsBounds() => Pairs.Sample(pairs =>
    {
        Assert.InRange(Calibration.Brier(pairs)!.Value, 0, 1);
        Assert.InRange(Calibration.ExpectedError(pairs)!.Value, 0, 1);
        // In one bin it is the distance of the means; in more it can only show more.
        var whole = Math.Abs(pairs.Average(p => p.Confidence) - pairs.Average(p => p.Right ? 1.0 : 0));
        Assert.Equal(whole, Calibration.ExpectedError(pairs, bins: 1)!.Value, 1e-12);
        Assert.True(Calibration.ExpectedError(pairs, bins: 7) >= whole - 1e-12);
        // Wrong and right, sure and unsure, exchanged.
        Assert.Equal(Calibration.Brier(pairs)!.Value, Calibration.Brier([.. pairs.Select(p => (1 - p.Confidence, !p.Right))])!.Value, 1e-12);
    }, iter: 2000);

    [Theory]
    [InlineData(-0.1)]
    [InlineData(1.1)]
    [InlineData(double.NaN)]
    public void Calibration_NoChance_IsRefused(double confidence)
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Calibration.Brier([(confidence, true)]));
        Assert.Throws<ArgumentOutOfRangeException>(() => Calibration.Reliability([(confidence, true)]));
        Assert.Throws<ArgumentOutOfRangeException>(() => Calibration.ExpectedError([(confidence, true)]));
    }

    [Fact]
    public void Reliability_NoBins_IsRefused() => Assert.Throws<ArgumentOutOfRangeException>(() => Calibration.Reliability([], bins: 0));
}
