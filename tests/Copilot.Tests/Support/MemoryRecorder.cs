using System.Text;
using Copilot.Core.Receipts;

namespace Copilot.Tests.Support;

/// <summary>A log that keeps its receipts in memory, sealed as the real one seals them; equal drafts give equal receipts.</summary>
internal sealed class MemoryRecorder : IReceiptRecorder
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, (long Count, string? Leaf)> _streams = [];

    public List<ReceiptDraft> Drafts { get; } = [];

    public List<SealedReceipt> Sealed { get; } = [];

    /// <summary>Called before anything is kept; throws where recording is to fail.</summary>
    public Action<ReceiptDraft> Before { get; init; } = _ => { };

    public string Log => "copilot.local/test";

    public IReadOnlyList<ReceiptRef> Append(IReadOnlyList<ReceiptDraft> drafts)
    {
        lock (_gate)
        {
            foreach (var draft in drafts) Before(draft);
            return [.. drafts.Select(Keep)];
        }
    }

    private ReceiptRef Keep(ReceiptDraft draft)
    {
        var seq = Sealed.Count;
        var at = Start.AddSeconds(seq);
        var (count, leaf) = _streams.GetValueOrDefault(draft.Stream);
        var receipt = ReceiptSeal.Seal(draft, new(Log, seq, count, leaf, Ulid.Create(at, Encoding.ASCII.GetBytes($"{seq:0000000000}")), at, seq, "test", null));
        _streams[draft.Stream] = (count + 1, receipt.Leaf);
        Drafts.Add(draft);
        Sealed.Add(receipt);
        return receipt.Ref;
    }
}
