using System.Numerics;

namespace Copilot.Engine.Signals.Traces;

/// <summary>Spans by their keys; of two with the same key the first. The keys are hashes already, so that each is found with one look into memory as a rule.</summary>
internal sealed class SpanIndex
{
    private readonly (ulong Key, int Span)[] _slots; // a key is never 0

    public SpanIndex(ReadOnlySpan<Span> spans)
    {
        _slots = new (ulong, int)[BitOperations.RoundUpToPowerOf2((uint)spans.Length * 3 / 2 + 1)];
        for (var i = 0; i < spans.Length; i++)
        {
            ref var slot = ref Slot(spans[i].Key);
            if (slot.Key == 0) slot = (spans[i].Key, i);
        }
    }

    public bool TryGetValue(ulong key, out int span)
    {
        ref readonly var slot = ref Slot(key);
        span = slot.Span;
        return slot.Key == key;
    }

    /// <summary>Where the key is, or where it would be.</summary>
    private ref (ulong Key, int Span) Slot(ulong key)
    {
        var at = (int)key & (_slots.Length - 1);
        while (_slots[at].Key != 0 && _slots[at].Key != key) at = (at + 1) & (_slots.Length - 1);
        return ref _slots[at];
    }
}
