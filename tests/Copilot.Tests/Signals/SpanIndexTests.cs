using Copilot.Engine.Signals.Traces;
using Xunit;

namespace Copilot.Tests.Signals;

public sealed class SpanIndexTests
{
    [Fact]
    public void TryGetValue_KeysThatWantOneSlot_AreAllFound()
    {
        // Multiples of a large power of two want the first slot; the last one comes around from the end.
        var keys = Enumerable.Range(1, 100).Select(i => (ulong)i << 32).Append(uint.MaxValue).Append((1UL << 40) + uint.MaxValue).ToArray();
        var index = new SpanIndex(keys.Select(k => new Span { Key = k }).ToArray());
        for (var i = 0; i < keys.Length; i++)
        {
            Assert.True(index.TryGetValue(keys[i], out var span));
            Assert.Equal(i, span);
        }
        Assert.False(index.TryGetValue(101UL << 32, out _));
    }

    [Fact]
    public void TryGetValue_TwoSpansOfOneKey_GivesTheFirst()
    {
        var index = new SpanIndex([new Span { Key = 7 }, new Span { Key = 9 }, new Span { Key = 7 }]);
        Assert.True(index.TryGetValue(7, out var span));
        Assert.Equal(0, span);
    }

    [Fact]
    public void TryGetValue_NoSpans_FindsNothing() => Assert.False(new SpanIndex([]).TryGetValue(7, out _));
}
