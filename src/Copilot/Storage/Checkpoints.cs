using Copilot.Core.Receipts;
using Copilot.Engine.Yaml;
using Microsoft.EntityFrameworkCore;

namespace Copilot.Storage;

/// <summary>Checkpoints in the database.</summary>
internal static class Checkpoints
{
    /// <summary>
    /// Signs a checkpoint over every receipt, from the last one's frontier and the leaves since, so that of several processes each goes on from the other's. It is the last checkpoint that is
    /// returned, whether new or not; null when the key is no longer the log's. Tiles that were lost are made again.
    /// </summary>
    /// <param name="keys">The log's key; with the next one where the log passes on to it.</param>
    public static (CheckpointRow Row, LogKeyring Keys)? Extend(CopilotDb db, IReadOnlyList<SigningKey> keys, DateTimeOffset now)
    {
        if (db.Database.CurrentTransaction is not null) return Write(db, Prepare(db, keys, now));
        // Whoever appends has to wait for the writing only: receipts do not change after they were read.
        var prepared = db.AtOneMoment(() => Prepare(db, keys, now));
        if (prepared is null or { IsNew: false, Tiles.Count: 0 }) return Write(db, prepared);
        using var transaction = db.Database.BeginTransaction();
        var written = Write(db, prepared.Seen == Seen(db) ? prepared : Prepare(db, keys, now));
        transaction.Commit();
        return written;
    }

    private static Prepared? Prepare(CopilotDb db, IReadOnlyList<SigningKey> keys, DateTimeOffset now)
    {
        var ring = LogKeyring.Of(db);
        if (!keys[^1].Public.Equals(ring.Current)) return null;
        var last = db.Checkpoints.AsNoTracking().OrderByDescending(c => c.Size).FirstOrDefault();
        var range = last is null ? new() : FrontierOf(last);
        foreach (var leaf in db.Receipts.Where(r => r.Seq >= (last == null ? 0 : last.Size)).OrderBy(r => r.Seq).Select(r => r.Leaf)) range.Append(leaf);
        if (last is not null && range.Size == last.Size) return new(last, ring, Seen(db), Tiles.Due(db, last.Size), IsNew: false);
        var checkpoint = new Checkpoint(keys[0].Public.Name, range.Size, range.RootHex());
        var row = new CheckpointRow
        {
            Size = range.Size,
            Root = range.Root(),
            Note = new SignedNote(checkpoint.Text, [.. keys.SelectMany(k => SignedNote.Sign(checkpoint.Text, k.Public, k.Sign).Signatures)]).Format(),
            Frontier = range.ToBytes(),
            At = now,
        };
        return new(row, ring, Seen(db), Tiles.Due(db, range.Size), IsNew: true);
    }

    private static (CheckpointRow Row, LogKeyring Keys)? Write(CopilotDb db, Prepared? prepared)
    {
        if (prepared is null) return null;
        db.Tiles.AddRange(prepared.Tiles);
        if (prepared.IsNew) db.Checkpoints.Add(prepared.Row);
        db.SaveChanges();
        return (prepared.Row, prepared.Keys);
    }

    private static CompactRange FrontierOf(CheckpointRow row) =>
        CompactRange.FromBytes(row.Frontier) is { } range && range.Size == row.Size && range.Root().AsSpan().SequenceEqual(row.Root) ? range
        : throw new FileFaultException($"The checkpoint of {row.Size} receipts in the database is damaged: its frontier does not give its root. Put a whole copy of the database back.");

    /// <summary>What another process changes that signs, or makes tiles.</summary>
    private static (long? Size, long Tiles) Seen(CopilotDb db) => (db.Checkpoints.Max(c => (long?)c.Size), db.Tiles.LongCount());

    private sealed record Prepared(CheckpointRow Row, LogKeyring Keys, (long? Size, long Tiles) Seen, IReadOnlyList<TileRow> Tiles, bool IsNew);
}
