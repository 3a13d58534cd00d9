using Copilot.Core.Analysis;
using Copilot.Core.Signals;
using Xunit;

namespace Copilot.Tests.Analysis;

public sealed class StrengthTests
{
    [Theory]
    [InlineData(0, 0.1)] // found all the same, so it counts a little
    [InlineData(-5, 0.1)]
    [InlineData(10, 0.5)]
    [InlineData(20, 1)]
    [InlineData(5000, 1)] // beyond doubt is beyond doubt
    public void OfRatio_Nats_AreAShareOfWhatIsCertain(double nats, double strength) => Assert.Equal(strength, Strength.OfRatio(nats), 1e-9);

    /// <param name="usual">How long the requests take of whoever waits for it.</param>
    [Theory]
    [InlineData(10, 20, 0, 0.5)]
    [InlineData(10, 40, 0, 1)]
    [InlineData(10, 4000, 0, 1)]
    [InlineData(10, 11, 0, 0.1)]
    [InlineData(10, 40, 60, 1)] // half as long again
    [InlineData(10, 40, 120, 0.5)]
    [InlineData(1, 6, 1000, 0.1)] // six times as slow, and nobody notices
    public void OfSlowdown_Slower_CountsByTimesAndByWhatItMeansToWhoWaits(double before, double after, double usual, double strength) =>
        Assert.Equal(strength, Strength.OfSlowdown((before, after), usual), 1e-9);

    /// <param name="seconds">The step of the grid.</param>
    /// <param name="from">The first bad step.</param>
    /// <param name="to">The first good one after it.</param>
    [Theory]
    [InlineData(30, 20, 21, 0.25)] // over at once
    [InlineData(30, 20, 22, 0.5)]
    [InlineData(30, 20, 24, 1)]
    [InlineData(30, 20, 40, 1)]
    [InlineData(30, 39, 40, 0.25)] // has only begun
    [InlineData(30, 36, 40, 1)]
    [InlineData(300, 20, 21, 1.0 / 3)] // one step of five minutes may hold a second of trouble
    [InlineData(300, 20, 23, 1)]
    [InlineData(300, 39, 40, 1)] // and goes on
    [InlineData(1, 20, 25, 0.1)]
    public void OfTime_Trouble_CountsLessWhenItWasOverSoon(int seconds, int from, int to, double strength)
    {
        var grid = new TimeGrid(SmallSignals.Start, TimeSpan.FromSeconds(seconds), SmallSignals.Steps);
        var calls = SmallSignals.Series(_ => 100);
        var bad = SmallSignals.Series(i => i >= from && i < to ? 50 : 0);
        Assert.Equal(strength, Strength.OfTime(bad, calls, (0, 0.5), SmallSignals.Split, grid), 1e-9);
        var slow = SmallSignals.Series(i => i >= from && i < to ? 90 : 10);
        Assert.Equal(strength, Strength.OfTime(slow, (10, 90), SmallSignals.Split, grid), 1e-9);
    }

    /// <summary>Where nothing was recorded nothing was well: bad before and after a gap, it went on.</summary>
    [Fact]
    public void OfTime_Gap_IsNoRecovery()
    {
        var grid = SmallSignals.Empty().Grid;
        Assert.Equal(1, Strength.OfTime(SmallSignals.Series(i => i == 20 ? 90 : i < 20 ? 10 : double.NaN), (10, 90), SmallSignals.Split, grid));
        Assert.Equal(0.25, Strength.OfTime(SmallSignals.Series(i => i == 20 ? 90 : i is < 20 or 39 ? 10 : double.NaN), (10, 90), SmallSignals.Split, grid));
        Assert.Equal(0.1, Strength.OfTime(SmallSignals.Series(_ => double.NaN), (10, 90), SmallSignals.Split, grid));
    }
}
