using Copilot.Core.Summaries;
using Xunit;

namespace Copilot.Tests.Summaries;

public sealed class LogComparisonTests
{
    [Theory]
    [InlineData(0, 5, "new")]
    [InlineData(0, 0, "same")]
    [InlineData(20, 0, "stopped")]
    [InlineData(2, 0, "same")] // too few to have been expected
    [InlineData(10, 60, "more")]
    [InlineData(100, 20, "less")]
    [InlineData(100, 110, "same")]
    [InlineData(1, 3, "same")]
    public void Change_EqualTimes_IsAsTheCountsSay(double before, double after, string expected) => Assert.Equal(expected, new LogComparison(20, (20, 20)).Change(before, after));

    [Theory]
    [InlineData(30, 30, "more")] // in a tenth of the time
    [InlineData(30, 3, "same")]
    public void Change_ShortTimeAfter_ComparesRates(double before, double after, string expected) => Assert.Equal(expected, new LogComparison(40, (40, 4)).Change(before, after));

    [Theory]
    [InlineData(20, 1, true)] // once a step for twenty steps, and never before
    [InlineData(2, 1, false)] // nobody listened long enough before
    [InlineData(0, 1, false)]
    public void IsNovel_DependsOnHowLongItWasNotSaid(int first, double perStep, bool expected)
    {
        var steps = new double[40];
        for (var i = first; i < steps.Length; i++) steps[i] = perStep;

        Assert.Equal(expected, LogComparison.IsNovel(new("cart", "x", true, steps, [], []), first, listened: 0));
    }

    [Fact]
    public void IsNovel_RareLine_IsNot()
    {
        var steps = new double[40];
        steps[20] = 1;

        Assert.False(LogComparison.IsNovel(new("cart", "x", true, steps, [], []), 20, listened: 0));
    }
}
