using Copilot.Core.Receipts;
using Copilot.Engine.Yaml;

namespace Copilot.Storage;

/// <summary>Checkpoints in the database.</summary>
internal static class Checkpoints
{
    /// <summary>
    /// Signs a checkpoint over every receipt, from the last one's frontier and the leaves since, in one transaction, so that of several processes each goes on
    /// from the other's. It is the last checkpoint that is returned, whether new or not; null when the key is no longer the log's.
    /// </summary>
    /// <param name="keys">The log's key; with the next one where the log passes on to it.</param>
    public static (CheckpointRow Row, LogKeyring Keys)? Extend(CopilotDb db, IReadOnlyList<SigningKey> keys, DateTimeOffset now)
    {
        using var transaction = db.Database.CurrentTransaction is null ? db.Database.BeginTransaction() : null;
        var ring = LogKeyring.Of(db);
        if (!keys[^1].Public.Equals(ring.Current)) return null;
        var last = db.Checkpoints.OrderByDescending(c => c.Size).FirstOrDefault();
        var range = last is null ? new() : FrontierOf(last);
        foreach (var leaf in db.Receipts.Where(r => r.Seq >= (last == null ? 0 : last.Size)).OrderBy(r => r.Seq).Select(r => r.Leaf)) range.Append(leaf);
        if (last is not null && range.Size == last.Size) return (last, ring);
        var checkpoint = new Checkpoint(keys[0].Public.Name, range.Size, range.RootHex());
        var row = new CheckpointRow
        {
            Size = range.Size,
            Root = range.Root(),
            Note = new SignedNote(checkpoint.Text, [.. keys.SelectMany(k => SignedNote.Sign(checkpoint.Text, k.Public, k.Sign).Signatures)]).Format(),
            Frontier = range.ToBytes(),
            At = now,
        };
        Tiles.Complete(db, range.Size);
        db.Checkpoints.Add(row);
        db.SaveChanges();
        transaction?.Commit();
        return (row, ring);
    }

    private static CompactRange FrontierOf(CheckpointRow row) =>
        CompactRange.FromBytes(row.Frontier) is { } range && range.Size == row.Size && range.Root().AsSpan().SequenceEqual(row.Root) ? range
        : throw new FileFaultException($"The checkpoint of {row.Size} receipts in the database is damaged: its frontier does not give its root. Put a whole copy of the database back.");
}
