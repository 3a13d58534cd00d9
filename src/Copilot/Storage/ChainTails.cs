using Copilot.Core.Receipts;

namespace Copilot.Storage;

/// <summary>Where a stream ends.</summary>
/// <param name="StreamSeq">The number in the stream for the next receipt of it.</param>
/// <param name="Prev">The leaf before that; null for the first.</param>
internal readonly record struct ChainTail(long StreamSeq, string? Prev);

/// <summary>Where the log and its streams end, as far as it is known: kept from one transaction to the next, with what takes the open one back.</summary>
internal sealed class ChainTails
{
    private const int MostStreams = 4096;

    private readonly Dictionary<string, ChainTail> _tails = [];
    private readonly List<(string Stream, ChainTail? Before)> _added = [];

    /// <summary>How many receipts the log has, those of the open transaction among them.</summary>
    public long Size { get; private set; }

    /// <summary>How many receipts the open transaction has added.</summary>
    public int Added => _added.Count;

    /// <summary>Null when the stream's end is not known.</summary>
    public ChainTail? Find(string stream) => _tails.TryGetValue(stream, out var tail) ? tail : null;

    /// <summary>Takes down what the database says.</summary>
    public ChainTail Learn(string stream, ChainTail tail) => _tails[stream] = tail;

    public void Add(SealedReceipt receipt)
    {
        _added.Add((receipt.Stream, Find(receipt.Stream)));
        _tails[receipt.Stream] = new(receipt.StreamSeq + 1, receipt.Leaf);
        Size++;
    }

    /// <summary>Takes back all but the first that the open transaction has added.</summary>
    public void TakeBack(int first)
    {
        for (; _added.Count > first; Size--)
        {
            var (stream, before) = _added[^1];
            if (before is { } tail) _tails[stream] = tail;
            else _tails.Remove(stream);
            _added.RemoveAt(_added.Count - 1);
        }
    }

    /// <summary>The transaction is durable.</summary>
    public void Keep()
    {
        _added.Clear();
        if (_tails.Count > MostStreams) _tails.Clear();
    }

    /// <summary>Begins anew: somebody else may have appended.</summary>
    public void Forget(long size)
    {
        _added.Clear();
        _tails.Clear();
        Size = size;
    }
}
