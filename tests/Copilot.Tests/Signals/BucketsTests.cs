using Copilot.Engine.Signals;
using Xunit;

namespace Copilot.Tests.Signals;

public sealed class BucketsTests
{
    [Fact]
    public void Of_Positions_LieInTheirBucketsInOrder()
    {
        var buckets = Buckets.Of([2, 0, 2, 4, 0, 2], 6);
        Assert.Equal(["1,4", "", "0,2,5", "", "3", ""], Enumerable.Range(0, 6).Select(b => string.Join(',', buckets[b].ToArray())));
    }

    [Fact]
    public void Of_Nothing_HasEmptyBuckets() => Assert.Equal(0, Buckets.Of([], 1)[0].Length);
}
