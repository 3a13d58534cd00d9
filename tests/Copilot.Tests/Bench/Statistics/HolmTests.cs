using Copilot.Bench.Statistics;
using CsCheck;
using Xunit;

namespace Copilot.Tests.Bench.Statistics;

public sealed class HolmTests
{
    private static readonly Gen<double[]> Values = Gen.OneOf(Gen.Double[0, 1], Gen.Double[0, 0.1], Gen.Int[0, 20].Select(i => i / 20.0)).Array[0, 20];

    [Theory]
    [InlineData(new double[] { }, new double[] { })]
    [InlineData(new[] { 0.03 }, new[] { 0.03 })]
    // In order: 4 * 0.005, 3 * 0.01, 2 * 0.03, and 0.04 not below the one before.
    [InlineData(new[] { 0.01, 0.04, 0.03, 0.005 }, new[] { 0.03, 0.06, 0.06, 0.02 })]
    [InlineData(new[] { 0.5, 0.5 }, new[] { 1.0, 1.0 })]
    [InlineData(new[] { 0.02, 0.02, 0.9 }, new[] { 0.06, 0.06, 0.9 })]
    public void Adjust_HandMade_IsAsWorkedOut(double[] raw, double[] adjusted) => Assert.Equal(adjusted, Holm.Adjust(raw), (a, b) => Math.Abs(a - b) < 1e-15);

    [Fact]
    public void Adjust_AnyValues_KeepOrderAndNeverGetSmaller() => Values.Sample(raw =>
    {
        var adjusted = Holm.Adjust(raw);
        Assert.Equal(raw.Length, adjusted.Count);
        for (var i = 0; i < raw.Length; i++)
        {
            Assert.InRange(adjusted[i], raw[i], Math.Min(1, raw[i] * raw.Length));
            for (var j = 0; j < raw.Length; j++) Assert.True(raw[i] > raw[j] || adjusted[i] <= adjusted[j]);
        }
    });

    /// <summary>Holm's procedure as he wrote it: step down while the smallest that is left is at most α over how many are left.</summary>
    [Fact]
    public void Adjust_AtEveryLevel_RejectsWhatTheProcedureDoes() => Gen.Select(Values, Gen.Double[0.001, 0.999]).Sample((raw, level) =>
    {
        var left = raw.Order().ToList();
        while (left.Count > 0 && left[0] * left.Count <= level) left.RemoveAt(0);
        Assert.Equal(raw.Length - left.Count, Holm.Adjust(raw).Count(p => p <= level));
    });

    [Theory]
    [InlineData(-0.1)]
    [InlineData(1.1)]
    [InlineData(double.NaN)]
    public void Adjust_NoChance_IsRefused(double p) => Assert.Throws<ArgumentOutOfRangeException>(() => Holm.Adjust([0.5, p]));
}
