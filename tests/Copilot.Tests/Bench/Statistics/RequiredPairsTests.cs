using Copilot.Bench.Statistics;
using Copilot.Tests.Support;
using Xunit;

namespace Copilot.Tests.Bench.Statistics;

public sealed class RequiredPairsTests
{
    [Theory]
    // 0.3 discordant, 0.1 apart: (1.959964 √0.3 + 0.841621 √0.29)² / 0.01 = 1.526743² / 0.01 = 233.1
    [InlineData(20, 10, 100, 234L)]
    [InlineData(10, 20, 100, 234L)]
    // All one way: the formula gives 1.96², with which the exact test finds nothing; six are its least.
    [InlineData(4, 0, 4, 6L)]
    // (1.959964 √0.1 + 0.841621 √0.09)² / 0.01 = 76.1
    [InlineData(4, 0, 40, 77L)]
    [InlineData(7, 7, 20, null)]
    [InlineData(0, 0, 20, null)]
    [InlineData(0, 0, 0, null)]
    public void Total_HandMade_IsAsWorkedOut(int onlyA, int onlyB, int pairs, long? total) => Assert.Equal(total, RequiredPairs.Total(onlyA, onlyB, pairs));

    /// <summary>
    /// The chance that the exact test rejects, added up over all outcomes: a little below what was asked for, since the formula is for large samples.
    /// </summary>
    [Theory]
    [InlineData(20, 10, 100)]
    [InlineData(12, 2, 100)]
    [InlineData(30, 20, 60)]
    public void Total_AsManyPairs_GiveAboutThePowerAskedFor(int onlyA, int onlyB, int pairs)
    {
        var total = (int)RequiredPairs.Total(onlyA, onlyB, pairs)!.Value;
        var discordant = Binomial(total, (double)(onlyA + onlyB) / pairs);
        var power = 0.0;
        for (var d = 1; d <= total; d++)
        {
            var forA = Binomial(d, (double)onlyA / (onlyA + onlyB));
            for (var a = 0; a <= d; a++)
            {
                if (PairedTests.McNemarExact(a, d - a) <= 0.05) power += discordant[d] * forA[a];
            }
        }
        TestReport.Line($"McNemar, {total} pairs with {onlyA} and {onlyB} of {pairs} discordant: power {power:0.000} where 0.8 was asked for");
        Assert.InRange(power, 0.7, 0.85);
    }

    [Fact]
    public void Total_OutOfRange_IsRefused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => RequiredPairs.Total(-1, 0, 5));
        Assert.Throws<ArgumentOutOfRangeException>(() => RequiredPairs.Total(0, -1, 5));
        Assert.Throws<ArgumentOutOfRangeException>(() => RequiredPairs.Total(3, 3, 5));
        Assert.Throws<ArgumentOutOfRangeException>(() => RequiredPairs.Total(3, 1, 5, alpha: 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => RequiredPairs.Total(3, 1, 5, power: 1));
    }

    /// <summary>All chances of 0 to n, one trial after the other.</summary>
    private static double[] Binomial(int n, double chance)
    {
        var all = new double[n + 1];
        all[0] = 1;
        for (var i = 1; i <= n; i++)
        {
            for (var j = i; j >= 0; j--) all[j] = (all[j] * (1 - chance)) + (j > 0 ? all[j - 1] * chance : 0);
        }
        return all;
    }
}
