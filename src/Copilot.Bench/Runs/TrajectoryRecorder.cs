using System.Security.Cryptography;
using System.Text;
using Copilot.Core.Receipts;

namespace Copilot.Bench.Runs;

/// <summary>
/// Keeps the receipts of one attempt in memory, sealed as the product's log seals them, so that rules over an engine's behaviour read what they would read in
/// production. Times count up from a fixed start: equal behaviour gives equal receipts.
/// </summary>
internal sealed class TrajectoryRecorder : IReceiptRecorder
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, (long Count, string? Leaf)> _streams = [];
    private readonly List<SealedReceipt> _sealed = [];
    private int _salts;

    public string Log => "copilot.local/bench";

    /// <summary>In order.</summary>
    public IReadOnlyList<SealedReceipt> Sealed
    {
        get
        {
            lock (_gate) return [.. _sealed];
        }
    }

    public IReadOnlyList<ReceiptRef> Append(IReadOnlyList<ReceiptDraft> drafts)
    {
        lock (_gate) return [.. drafts.Select(Keep)];
    }

    private ReceiptRef Keep(ReceiptDraft draft)
    {
        var seq = _sealed.Count;
        var at = Start.AddSeconds(seq);
        var (count, leaf) = _streams.GetValueOrDefault(draft.Stream);
        var receipt = ReceiptSeal.Seal(draft, new(Log, seq, count, leaf, Ulid.Create(at, Encoding.ASCII.GetBytes($"{seq:0000000000}")), at, seq, "bench", null, NewSalt));
        _streams[draft.Stream] = (count + 1, receipt.Leaf);
        _sealed.Add(receipt);
        return receipt.Ref;
    }

    // Nothing of an attempt has to be hidden, and equal behaviour must give equal receipts.
    private byte[] NewSalt() => SHA256.HashData(Encoding.ASCII.GetBytes($"{_sealed.Count} {_salts++}"));
}
