using System.Numerics;
using Copilot.Bench.Statistics;
using Copilot.Tests.Support;
using CsCheck;
using Xunit;

namespace Copilot.Tests.Bench.Statistics;

public sealed class PairedTestsTests
{
    /// <summary>In steps of a sixth: ties that rounding would break, and zeros.</summary>
    private static readonly Gen<int[]> Sixths = Gen.Int[-6, 6].Array[0, 10];

    [Theory]
    [InlineData(0, 0, 1)]
    [InlineData(1, 0, 1)]
    // 2 / 2^5 and 2 / 2^6: five to none is not enough, six is.
    [InlineData(0, 5, 0.0625)]
    [InlineData(6, 0, 0.03125)]
    // 2 (1 + 6) / 2^6
    [InlineData(1, 5, 0.21875)]
    // 2 (1 + 10 + 45) / 2^10
    [InlineData(8, 2, 0.109375)]
    // 2 (1 + 7 + 21 + 35) / 2^7 is the whole.
    [InlineData(3, 4, 1)]
    [InlineData(50, 50, 1)]
    public void McNemar_HandMade_IsAsWorkedOut(int onlyA, int onlyB, double p) => Assert.Equal(p, PairedTests.McNemarExact(onlyA, onlyB), 1e-12);

    [Fact]
    public void McNemar_AnyCounts_IsTheExactSumAndSymmetric() => Gen.Select(Gen.Int[0, 150], Gen.Int[0, 150]).Sample((a, b) =>
    {
        var (term, sum) = (BigInteger.One, BigInteger.Zero);
        for (var i = 0; i <= Math.Min(a, b); i++) (sum, term) = (sum + term, term * (a + b - i) / (i + 1));
        var expected = a == b ? 1 : Math.Min(1, 2 * (double)sum / Math.Pow(2, a + b));

        var p = PairedTests.McNemarExact(a, b);
        Assert.Equal(expected, p, 1e-10 * expected);
        Assert.InRange(p, double.Epsilon, 1);
        Assert.Equal(p, PairedTests.McNemarExact(b, a));
    }, iter: 2000);

    [Fact]
    public void McNemar_OutOfRange_IsRefused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => PairedTests.McNemarExact(-1, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => PairedTests.McNemarExact(0, -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => PairedTests.McNemarExact(int.MaxValue, 1));
    }

    [Theory]
    [InlineData(1.0, new double[] { })]
    [InlineData(1.0, new double[] { 0, 0, 0 })]
    // A single difference can have two signs, and both are as far from 0.
    [InlineData(1.0, new double[] { 5 })]
    // ±2, 0, 0: two of four.
    [InlineData(0.5, new double[] { 1, 1 })]
    [InlineData(1.0, new double[] { 1, -1 })]
    // ±6 of eight.
    [InlineData(0.25, new double[] { 1, 2, 3 })]
    [InlineData(0.25, new double[] { -1, 0, -2, 0, -3 })]
    // Seen 4; ±6, ±4, and ±2, 0, 0 nearer: four of eight.
    [InlineData(0.5, new double[] { 3, -1, 2 })]
    // Adds up to 5.6e-17 and is 0.
    [InlineData(1.0, new[] { 0.1, 0.2, -0.3 })]
    // Rounding alone.
    [InlineData(1.0, new[] { 1e-16, 1e-16, 1e-16, 1e-16, 1e-16, 1e-16, 1e-16 })]
    public void SignFlip_HandMade_IsAsWorkedOut(double p, double[] differences) => Assert.Equal(p, PairedTests.SignFlip(differences, seed: 1), 1e-15);

    [Fact]
    public void SignFlip_UpTo10_IsTheBruteCount() => Sixths.Sample(sixths =>
    {
        // Counted in whole numbers, where ties are ties.
        var seen = Math.Abs(sixths.Sum());
        var extreme = Enumerable.Range(0, 1 << sixths.Length).Count(signs =>
            Math.Abs(sixths.Select((d, i) => ((signs >> i) & 1) == 0 ? d : -d).Sum()) >= seen);
        Assert.Equal((double)extreme / (1 << sixths.Length), PairedTests.SignFlip([.. sixths.Select(d => d / 6.0)], seed: 1), 1e-15);
    }, iter: 3000);

    [Fact]
    public void SignFlip_EnginesSwappedOrCasesInAnotherOrder_IsTheSame() => Gen.Int[-1_000_000, 1_000_000].Select(i => i / 1e6).Array[1, 24].Sample(differences =>
    {
        var p = PairedTests.SignFlip(differences, seed: 1);
        Assert.InRange(p, double.Epsilon, 1);
        Assert.Equal(p, PairedTests.SignFlip([.. differences.Select(d => -d)], seed: 1));
        Assert.Equal(p, PairedTests.SignFlip([.. differences.Order()], seed: 1));
        Assert.Equal(p, PairedTests.SignFlip([.. differences.Select(d => d * 1e9)], seed: 2));
    }, iter: 300);

    /// <summary>With right and wrong alone both tests are the same one.</summary>
    [Fact]
    public void SignFlip_OnesOnly_IsMcNemar()
    {
        for (var n = 0; n <= SignFlips.ExactUpTo; n += n < 12 ? 1 : 7)
        {
            for (var a = 0; a <= n; a += n < 30 ? 1 : 5)
            {
                var p = PairedTests.McNemarExact(a, n - a);
                Assert.Equal(p, PairedTests.SignFlip(Ones(a, n - a), seed: 1), 1e-9 * p);
            }
        }
    }

    [Fact]
    public void SignFlip_MostThatIsExact_CountsThemAll()
    {
        var p = PairedTests.SignFlip([.. Enumerable.Range(1, SignFlips.ExactUpTo).Select(i => 1.0 / i)], seed: 1);
        Assert.Equal(Math.Pow(2, 1 - SignFlips.ExactUpTo), p, 1e-25);
    }

    [Theory]
    [InlineData(30, 30)]
    [InlineData(22, 38)]
    [InlineData(200, 160)]
    public void SignFlip_BeyondExact_IsNearAndRepeatable(int a, int b)
    {
        var differences = Ones(a, b);
        var p = PairedTests.SignFlip(differences, seed: 7);

        var exact = PairedTests.McNemarExact(a, b);
        Assert.Equal(exact, p, 4 * Math.Sqrt(exact * (1 - exact) / SignFlips.Samples));
        Assert.Equal(p, PairedTests.SignFlip(differences, seed: 7));
        if (exact < 1) Assert.NotEqual(p, PairedTests.SignFlip(differences, seed: 8));
    }

    [Fact]
    public void Sampled_RandomDifferences_IsNearTheExactOne()
    {
        var random = new Random(5);
        var worst = 0.0;
        for (var i = TestCounts.Pick(reduced: 60, full: 500); i > 0; i--)
        {
            var differences = Enumerable.Range(0, random.Next(2, 31)).Select(_ => (2 * random.NextDouble()) - 1).ToArray();
            var exact = SignFlips.Exact(differences);
            var errors = Math.Abs(SignFlips.Sampled(differences, seed: i) - exact) / Math.Sqrt((exact * (1 - exact) / SignFlips.Samples) + 1e-12);
            worst = Math.Max(worst, errors);
            Assert.InRange(errors, 0, 5);
        }
        TestReport.Line($"sampled sign flips: at most {worst:0.0} standard errors from the exact p");
    }

    [Fact]
    public void Sampled_NothingAsExtreme_IsNeverZero() => Assert.Equal(1.0 / (SignFlips.Samples + 1), PairedTests.SignFlip(Ones(100, 0), seed: 3));

    [Fact]
    public void SignFlip_NoNumber_IsRefused() => Assert.Throws<ArgumentOutOfRangeException>(() => PairedTests.SignFlip([1, double.NaN], seed: 1));

    private static double[] Ones(int a, int b) => [.. Enumerable.Repeat(1.0, a), .. Enumerable.Repeat(-1.0, b)];
}
