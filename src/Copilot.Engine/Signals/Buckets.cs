namespace Copilot.Engine.Signals;

/// <summary>Positions in a sequence put together by their bucket, in linear time; in each they keep their order.</summary>
internal sealed class Buckets
{
    private readonly int[] _positions;
    private readonly int[] _ends;

    private Buckets(int[] positions, int[] ends) => (_positions, _ends) = (positions, ends);

    /// <param name="buckets">Of each position, its bucket.</param>
    /// <param name="count">How many buckets there are.</param>
    public static Buckets Of(ReadOnlySpan<int> buckets, int count)
    {
        var (positions, ends) = (new int[buckets.Length], new int[count]);
        foreach (var bucket in buckets) ends[bucket]++;
        var before = 0;
        foreach (ref var end in ends.AsSpan()) (end, before) = (before, before + end);
        // Each bucket's begin moves up to its end while it is filled.
        for (var i = 0; i < buckets.Length; i++) positions[ends[buckets[i]]++] = i;
        return new(positions, ends);
    }

    /// <summary>The positions in a bucket, ascending.</summary>
    public ReadOnlySpan<int> this[int bucket] => _positions.AsSpan(bucket == 0 ? 0 : _ends[bucket - 1], _ends[bucket] - (bucket == 0 ? 0 : _ends[bucket - 1]));
}
