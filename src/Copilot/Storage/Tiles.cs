using Copilot.Core.Receipts;
using Microsoft.EntityFrameworkCore;

namespace Copilot.Storage;

/// <summary>The tiles in the database: derived from the receipts, so that a proof needs not read all of them.</summary>
internal static class Tiles
{
    private const int MostHeld = 256;

    /// <summary>Every tile that receipts up to that size fill and that is not there: new ones, all of a log from before there were tiles, and those that were lost.</summary>
    public static List<TileRow> Due(CopilotDb db, long size)
    {
        var due = new List<TileRow>();
        for (var level = 0; Tile.Count(level, size) is > 0 and var count; level++)
        {
            var height = level;
            var kept = db.Tiles.Where(t => t.Level == height && t.Index < count).Select(t => t.Index);
            if (kept.LongCount() == count) continue;
            var there = kept.ToHashSet();
            for (var from = 0L; from < count;)
            {
                var to = from;
                while (to < count && !there.Contains(to)) to++;
                Add(db, due, level, from, to);
                from = to + 1;
            }
        }
        return due;
    }

    private static void Add(CopilotDb db, List<TileRow> due, int level, long from, long to)
    {
        if (from == to) return;
        var (hashes, filled) = (new byte[Tile.Bytes], 0);
        foreach (var hash in level == 0 ? Leaves(db, from * Tile.Width, to * Tile.Width) : Roots(db, due, level, from * Tile.Width, to * Tile.Width))
        {
            hash.CopyTo(hashes, filled * MerkleTree.HashBytes);
            if (++filled < Tile.Width) continue;
            due.Add(new() { Level = level, Index = from++, Hashes = hashes });
            (hashes, filled) = (new byte[Tile.Bytes], 0);
        }
    }

    /// <summary>The nodes of the tree, from tiles where there are some, else from what lies below them.</summary>
    /// <param name="head">A checkpoint that knows the nodes of its right edge, where no tiles are full; null for none.</param>
    public static TreeNode Nodes(CopilotDb db, CheckpointRow? head = null)
    {
        var edge = (head is null ? null : CompactRange.FromBytes(head.Frontier))?.Subtrees().ToDictionary(n => (n.Level, n.Index), n => n.Hash) ?? [];
        var tiles = new Dictionary<(int Level, long Index), byte[]?>();
        return Node;

        ReadOnlyMemory<byte> Node(int level, long index)
        {
            if (edge.TryGetValue((level, index), out var known)) return known;
            var (tileLevel, within) = (level / Tile.Height, level % Tile.Height);
            var first = index << within;
            var place = (int)(first % Tile.Width);
            if (Of(tileLevel, first / Tile.Width) is { } hashes) return Tile.Root(hashes.AsSpan(place * MerkleTree.HashBytes, MerkleTree.HashBytes << within));
            var range = new CompactRange();
            if (tileLevel == 0)
                foreach (var leaf in Leaves(db, first, first + (1L << within))) range.Append(leaf);
            else
                for (var i = 0; i < 1 << within; i++) range.Append(Node((tileLevel * Tile.Height) - 1, 2 * (first + i)), Node((tileLevel * Tile.Height) - 1, (2 * (first + i)) + 1));
            return range.Root();
        }

        byte[]? Of(int level, long index)
        {
            if (tiles.TryGetValue((level, index), out var known)) return known;
            var found = db.Tiles.AsNoTracking().Where(t => t.Level == level && t.Index == index).Select(t => t.Hashes).FirstOrDefault();
            if (tiles.Count >= MostHeld) tiles.Clear();
            // One of another length is damaged, which the check of the log tells; what lies below serves as well.
            return tiles[(level, index)] = found?.Length == Tile.Bytes ? found : null;
        }
    }

    private static void Append(this CompactRange range, ReadOnlyMemory<byte> left, ReadOnlyMemory<byte> right)
    {
        var hash = new byte[MerkleTree.HashBytes];
        MerkleTree.NodeHash(left.Span, right.Span, hash);
        range.Append(hash);
    }

    private static IEnumerable<byte[]> Leaves(CopilotDb db, long from, long to) => db.Receipts.Where(r => r.Seq >= from && r.Seq < to).OrderBy(r => r.Seq).Select(r => r.Leaf).AsEnumerable();

    /// <summary>The hashes of a level from the tiles below it, those that are due among them; from the leaves where one of those is gone.</summary>
    private static IEnumerable<byte[]> Roots(CopilotDb db, List<TileRow> due, int level, long from, long to)
    {
        var nodes = Nodes(db);
        var fresh = due.Where(t => t.Level == level - 1).ToDictionary(t => t.Index, t => t.Hashes);
        for (var index = from; index < to; index++) yield return fresh.TryGetValue(index, out var hashes) ? Tile.Root(hashes) : nodes(level * Tile.Height, index).ToArray();
    }
}
