namespace Copilot.Core.Receipts;

/// <summary>Whether each receipt of an excerpt stands in the log that the checkpoint is of.</summary>
internal sealed class ExcerptPaths(IReadOnlyList<IReadOnlyList<ReadOnlyMemory<byte>>> paths, SignedCheckpoint signed)
{
    private readonly Faults _faults = new("inclusion", "It was altered or added, or its number or path was.");
    private long _count;

    public void Add(long at, ReadOnlySpan<byte> leaf, StoredReceipt? receipt)
    {
        _count++;
        if (receipt is null || signed.Checkpoint is not { } checkpoint) return;
        if (checkpoint.Origin != receipt.Log) _faults.Add(at, $"is of another log than the checkpoint, {Faults.Shown(checkpoint.Origin)}");
        else if (at >= paths.Count) _faults.Add(at, "came without its path");
        else if (MerkleTree.RootOfPath(leaf, receipt.Seq, checkpoint.Size, paths[(int)at]) is not { } root || Convert.ToHexStringLower(root) != checkpoint.Root) _faults.Add(at, "has a path that does not lead to the root of the checkpoint");
    }

    public static ReceiptCheck Excerpt => new("excerpt", CheckOutcome.NotChecked, "Only receipts of one stream and of the log itself are here: whether others were altered or removed, or the stream went on, was not checked.");

    public ReceiptCheck Inclusion
    {
        get
        {
            if (signed.Checkpoint is not { } checkpoint) return new("inclusion", CheckOutcome.Failed, signed.Fault is { } fault ? $"The checkpoint cannot be read: {fault}." : "There is no checkpoint.");
            if (paths.Count > _count) _faults.Add(_count, "is missing, its path is here");
            return _faults.Check($"Each of the {_count} receipts is one of the {checkpoint.Size} that the checkpoint covers.");
        }
    }
}
