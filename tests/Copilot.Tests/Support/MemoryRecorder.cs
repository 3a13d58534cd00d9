using Copilot.Bench.Runs;
using Copilot.Core.Receipts;

namespace Copilot.Tests.Support;

/// <summary>A log in memory that also keeps the drafts, and fails where a test wants it to.</summary>
internal sealed class MemoryRecorder : IReceiptRecorder
{
    private readonly TrajectoryRecorder _kept = new();
    private readonly Lock _gate = new();

    public List<ReceiptDraft> Drafts { get; } = [];

    public IReadOnlyList<SealedReceipt> Sealed => _kept.Sealed;

    /// <summary>Called before anything is kept; throws where recording is to fail.</summary>
    public Action<ReceiptDraft> Before { get; init; } = _ => { };

    public string Log => _kept.Log;

    public IReadOnlyList<ReceiptRef> Append(IReadOnlyList<ReceiptDraft> drafts)
    {
        lock (_gate)
        {
            foreach (var draft in drafts) Before(draft);
            Drafts.AddRange(drafts);
            return _kept.Append(drafts);
        }
    }
}
