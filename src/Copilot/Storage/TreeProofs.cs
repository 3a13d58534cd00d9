using Copilot.Core.Receipts;
using Copilot.Engine.Yaml;

namespace Copilot.Storage;

/// <summary>Proofs from the database. None is handed out that does not lead to the root that was signed.</summary>
internal static class TreeProofs
{
    /// <summary>The path of a receipt to the root of a checkpoint.</summary>
    public static IReadOnlyList<ReadOnlyMemory<byte>> Inclusion(CopilotDb db, ReceiptRow receipt, CheckpointRow head) => Inclusions(db, [(receipt.Seq, receipt.Leaf)], head).Single();

    /// <summary>The paths of receipts to the root of a checkpoint, in their order.</summary>
    /// <param name="receipts">Each with its number, below the checkpoint's size, and its leaf hash.</param>
    public static IEnumerable<IReadOnlyList<ReadOnlyMemory<byte>>> Inclusions(CopilotDb db, IReadOnlyList<(long Seq, byte[] Leaf)> receipts, CheckpointRow head)
    {
        var nodes = Tiles.Nodes(db, head);
        foreach (var (seq, leaf) in receipts)
        {
            bool Holds(IReadOnlyList<ReadOnlyMemory<byte>> path) => MerkleTree.RootOfPath(leaf, seq, head.Size, path) is { } root && root.AsSpan().SequenceEqual(head.Root);
            var path = MerkleTree.Path(seq, head.Size, nodes);
            // Where a tile was altered the leaves still tell the truth; verify says which tile it is.
            if (!Holds(path)) path = MerkleTree.Path(seq, head.Size, Leaves(db, head.Size));
            yield return Holds(path) ? path : throw Damaged(head);
        }
    }

    /// <summary>That the log of that many receipts is the beginning of the one that a checkpoint covers.</summary>
    /// <param name="size">Not more than the checkpoint covers.</param>
    public static IReadOnlyList<ReadOnlyMemory<byte>> Consistency(CopilotDb db, long size, CheckpointRow head)
    {
        var nodes = Tiles.Nodes(db, head);
        var (root, path) = (MerkleTree.Root(size, nodes), MerkleTree.ConsistencyPath(size, head.Size, nodes));
        if (!MerkleTree.IsConsistent(size, root, head.Size, head.Root, path)) (root, path) = (MerkleTree.Root(Leaves(db, size)), MerkleTree.ConsistencyPath(size, head.Size, Leaves(db, head.Size)));
        return MerkleTree.IsConsistent(size, root, head.Size, head.Root, path) ? path : throw Damaged(head);
    }

    private static IEnumerable<byte[]> Leaves(CopilotDb db, long size) => db.Receipts.Where(r => r.Seq < size).OrderBy(r => r.Seq).Select(r => r.Leaf).AsEnumerable();

    private static FileFaultException Damaged(CheckpointRow head) =>
        new($"The receipts in the database do not give the root of its checkpoint of {head.Size} receipts, so this cannot be proved. \"copilot receipts verify\" says what was altered; put a whole copy of the database back.");
}
