using System.Text;

namespace Copilot.Core.Receipts;

/// <summary>What receipts say about each other: ids, the chain of each stream, references, and results to intents. Grows by about 100 bytes a receipt.</summary>
/// <param name="isExcerpt">Whether what is referred to may stand in a part of the log that is not here.</param>
internal sealed class ReceiptLinks(bool isExcerpt)
{
    private readonly Faults _ids = new("ids", "An id must name one receipt.");
    private readonly Faults _chain = new("chain", "Receipts of a stream were altered, removed or put in another order.");
    private readonly Faults _refs = new("refs", "What a receipt points at is not what was recorded.");
    private readonly Faults _results = new("results", "What was read cannot be told from this log.");

    private readonly Dictionary<UInt128, long> _known = [];
    private readonly List<byte> _leaves = [];
    private readonly Dictionary<string, (long At, long StreamSeq)> _streams = [];
    private readonly Dictionary<string, (string Stream, string? Call)> _open = [];
    private long _intents;
    private long _elsewhere;

    /// <summary>Takes the next line: its leaf counts even when it could not be read.</summary>
    public void Add(long at, ReadOnlySpan<byte> leaf, StoredReceipt? receipt)
    {
        _leaves.AddRange(leaf);
        if (receipt is null) return;
        Chain(at, receipt);
        foreach (var link in receipt.Refs)
        {
            if (!_known.TryGetValue(Number(link.Id), out var other) && isExcerpt) _elsewhere++;
            else if (!_known.TryGetValue(Number(link.Id), out other)) _refs.Add(at, $"refers to {link.Id}, which is no earlier receipt");
            else if (!Hex.Is(link.Leaf, Leaf(other))) _refs.Add(at, $"refers to receipt {other} with another hash than that one has");
        }
        if (receipt.Type == ReceiptType.ToolResult) Result(at, receipt);
        if (receipt.Type == ReceiptType.ToolIntent)
        {
            _intents++;
            _open[receipt.Id] = (receipt.Stream, receipt.ToolCallId);
        }
        if (!_known.TryAdd(Number(receipt.Id), at)) _ids.Add(at, $"has the id {receipt.Id} of an earlier one");
    }

    public IEnumerable<ReceiptCheck> Checks()
    {
        yield return _ids.Check("No id is there twice.");
        yield return _chain.Check($"Each receipt names the one before it in its stream; {_streams.Count} streams.");
        yield return _refs.Check($"Every reference names an earlier receipt and its hash.{(_elsewhere > 0 ? $" {_elsewhere} lead to receipts that are not here." : "")}");
        yield return _results.Check(_open.Count == 0
            ? $"Each of the {_intents} tool calls has its one result."
            : $"{_intents - _open.Count} of {_intents} tool calls have their one result. For {_open.Count} the outcome is unknown: the program ended between the call and its result.");
    }

    private void Chain(long at, StoredReceipt receipt)
    {
        var isKnown = _streams.TryGetValue(receipt.Stream, out var last);
        var seq = isKnown ? last.StreamSeq + 1 : 0;
        if (receipt.StreamSeq != seq) _chain.Add(at, $"is number {receipt.StreamSeq} of its stream where {seq} is due");
        else if (receipt.Prev is null ? isKnown : !isKnown || !Hex.Is(receipt.Prev, Leaf(last.At))) _chain.Add(at, isKnown ? $"does not name receipt {last.At} by its hash as the one before it" : "names one before it, yet it is the first of its stream");
        _streams[receipt.Stream] = (at, receipt.StreamSeq);
    }

    private void Result(long at, StoredReceipt receipt)
    {
        var intents = receipt.Refs.Where(r => r.Rel == "intent").ToList();
        if (intents is not [var intent]) _results.Add(at, $"is a result that refers to {intents.Count} intents instead of one");
        else if (!_open.Remove(intent.Id, out var call)) _results.Add(at, "is a result of no intent, or a second result of one");
        else if (call != (receipt.Stream, receipt.ToolCallId)) _results.Add(at, "is a result of an intent of another stream or call");
    }

    private ReadOnlySpan<byte> Leaf(long at) => System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_leaves).Slice((int)at * MerkleTree.HashBytes, MerkleTree.HashBytes);

    private static UInt128 Number(string id)
    {
        Span<byte> ascii = stackalloc byte[Ulid.Length];
        Encoding.ASCII.GetBytes(id, ascii);
        Ulid.TryRead(ascii, out var number);
        return number;
    }
}
