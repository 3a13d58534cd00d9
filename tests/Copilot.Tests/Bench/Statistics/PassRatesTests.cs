using System.Numerics;
using Copilot.Bench.Statistics;
using CsCheck;
using Xunit;

namespace Copilot.Tests.Bench.Statistics;

public sealed class PassRatesTests
{
    private static readonly Gen<(int N, int C, int K)> Counts = from n in Gen.Int[1, 12] from c in Gen.Int[0, n] from k in Gen.Int[1, n] select (n, c, k);

    [Theory]
    [InlineData(5, 2, 1, 0.4, 0.4)]
    // Of the 10 pairs out of 5, 3 have no right one and 1 has both.
    [InlineData(5, 2, 2, 0.7, 0.1)]
    [InlineData(5, 2, 4, 1.0, 0.0)]
    [InlineData(3, 0, 2, 0.0, 0.0)]
    [InlineData(3, 3, 3, 1.0, 1.0)]
    // C(1000, 500) is past every double.
    [InlineData(2000, 1999, 1000, 1.0, 0.5)]
    public void Rates_HandMade_AreAsWorkedOut(int n, int c, int k, double any, double all)
    {
        Assert.Equal(any, PassRates.PassAtK(n, c, k)!.Value, 1e-12);
        Assert.Equal(all, PassRates.PassHatK(n, c, k)!.Value, 1e-12);
    }

    [Theory]
    [InlineData(3, 3, 4)]
    [InlineData(0, 0, 1)]
    public void Rates_MoreTriesThanRepeats_AreUnknown(int n, int c, int k)
    {
        Assert.Null(PassRates.PassAtK(n, c, k));
        Assert.Null(PassRates.PassHatK(n, c, k));
    }

    [Fact]
    public void Rates_AnyCounts_AreTheSharesOfAllChoices() => Counts.Sample(t =>
    {
        var (n, c, k) = t;
        var right = (1 << c) - 1;
        var choices = Enumerable.Range(0, 1 << n).Where(s => BitOperations.PopCount((uint)s) == k).ToList();
        Assert.Equal((double)choices.Count(s => (s & right) != 0) / choices.Count, PassRates.PassAtK(n, c, k)!.Value, 1e-12);
        Assert.Equal((double)choices.Count(s => (s & right) == s) / choices.Count, PassRates.PassHatK(n, c, k)!.Value, 1e-12);
    }, iter: 500);

    [Theory]
    [InlineData(-1, 0, 1)]
    [InlineData(3, -1, 1)]
    [InlineData(3, 4, 1)]
    [InlineData(3, 1, 0)]
    public void Rates_OutOfRange_AreRefused(int n, int c, int k)
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => PassRates.PassAtK(n, c, k));
        Assert.Throws<ArgumentOutOfRangeException>(() => PassRates.PassHatK(n, c, k));
    }
}
