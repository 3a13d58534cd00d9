using Copilot.Core.Receipts;
using CsCheck;
using Xunit;

namespace Copilot.Tests.Receipts;

public sealed class UlidTests
{
    /// <summary>The time of the ULID specification's example, 1469918176385 ms.</summary>
    [Fact]
    public void Create_KnownTime_GivesTheKnownLetters()
    {
        Assert.Equal("01ARYZ6S410000000000000000", Ulid.Create(DateTimeOffset.FromUnixTimeMilliseconds(1469918176385), new byte[10]));
        Assert.Equal("01ARYZ6S41ZZZZZZZZZZZZZZZZ", Ulid.Create(DateTimeOffset.FromUnixTimeMilliseconds(1469918176385), [.. Enumerable.Repeat((byte)255, 10)]));
    }

    [Fact]
    public void Create_AnyTimeAndBytes_IsValidAndSortsByTime() => Gen.Select(Gen.Long[0, 253402300799998], Gen.Byte.Array[10], Gen.Byte.Array[10]).Sample((ms, a, b) =>
    {
        var (first, second) = (Ulid.Create(DateTimeOffset.FromUnixTimeMilliseconds(ms), a), Ulid.Create(DateTimeOffset.FromUnixTimeMilliseconds(ms + 1), b));
        Assert.True(Ulid.IsValid(first));
        Assert.True(string.CompareOrdinal(first, second) < 0);
        if (!a.AsSpan().SequenceEqual(b)) Assert.NotEqual(first, Ulid.Create(DateTimeOffset.FromUnixTimeMilliseconds(ms), b));
    }, iter: 1000);

    [Theory]
    [InlineData("")]
    [InlineData("01ARYZ6S41000000000000000")]
    [InlineData("01ARYZ6S4100000000000000000")]
    [InlineData("81ARYZ6S410000000000000000")]
    [InlineData("01ARYZ6S41000000000000000U")]
    [InlineData("01arYZ6S410000000000000000")]
    [InlineData("01ARYZ6S41000000000000000é")]
    public void IsValid_OtherText_IsFalse(string text) => Assert.False(Ulid.IsValid(text));

    [Fact]
    public void Create_TimeBefore1970OrWrongRandom_Throws()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Ulid.Create(DateTimeOffset.UnixEpoch.AddTicks(-10001), new byte[10]));
        Assert.Throws<ArgumentException>(() => Ulid.Create(DateTimeOffset.UnixEpoch, new byte[9]));
    }
}
