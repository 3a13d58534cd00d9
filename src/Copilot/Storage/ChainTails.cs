using Copilot.Core.Receipts;

namespace Copilot.Storage;

/// <summary>Where the log and its streams end, within one transaction.</summary>
internal sealed class ChainTails(CopilotDb db)
{
    private readonly Dictionary<string, (long StreamSeq, string? Prev)> _next = [];

    /// <summary>How many receipts the log has, those of this transaction among them.</summary>
    public long Size { get; private set; } = db.Receipts.Max(r => (long?)r.Seq) + 1 ?? 0;

    /// <summary>The number in the stream and the leaf before it for the next receipt of the stream.</summary>
    public (long StreamSeq, string? Prev) Next(string stream)
    {
        if (_next.TryGetValue(stream, out var next)) return next;
        var last = db.Receipts.Where(r => r.Stream == stream).OrderByDescending(r => r.StreamSeq).Select(r => new { r.StreamSeq, r.Leaf }).FirstOrDefault();
        return last is null ? (0, null) : (last.StreamSeq + 1, Convert.ToHexStringLower(last.Leaf));
    }

    public void Add(SealedReceipt receipt)
    {
        _next[receipt.Stream] = (receipt.StreamSeq + 1, receipt.Leaf);
        Size++;
    }
}
