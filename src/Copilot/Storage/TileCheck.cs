using Copilot.Core.Receipts;
using Microsoft.EntityFrameworkCore;

namespace Copilot.Storage;

/// <summary>Holds the tiles in the database against the receipts.</summary>
/// <param name="stored">Gives a tile's hashes by level and index; null when it is not there.</param>
/// <param name="signed">How many receipts the last checkpoint covers: up to there tiles must be.</param>
/// <param name="count">How many tiles there are.</param>
/// <param name="mayLack">Whether the last checkpoint may be of the first version, which made none.</param>
internal sealed class TileCheck(Func<int, long, byte[]?> stored, long signed, long count, bool mayLack)
{
    private readonly List<(byte[] Hashes, int Filled, long Index)> _levels = [];
    private long _size;
    private long _wrong;
    private long _missing;
    private long _found;
    private string? _first;

    private const string Mend = "\"copilot receipts checkpoint\" makes those that are missing from the receipts";

    private static readonly string[] Later =
        [.. new[] { ReceiptType.KeyRotated, ReceiptType.OpeningRemoved, ReceiptType.OpeningsExpired, ReceiptType.HoldPlaced, ReceiptType.HoldReleased }.Select(ReceiptTypes.Name)];

    /// <summary>Over all tiles in the database.</summary>
    public static TileCheck Of(CopilotDb db, long signed) => new(
        (level, index) => db.Tiles.AsNoTracking().Where(t => t.Level == level && t.Index == index).Select(t => t.Hashes).FirstOrDefault(), signed, db.Tiles.LongCount(),
        // The version that brought values kept apart, changes of the key and holds brought tiles, and no older one opens its database: what such a receipt was signed with has tiles.
        !db.Openings.Any(o => o.Seq < signed) && !db.Receipts.Any(r => r.Seq < signed && Later.Contains(r.Type)));

    /// <summary>Takes the leaves in their order.</summary>
    public void Add(ReadOnlySpan<byte> leaf)
    {
        _size++;
        if (count > 0 || !mayLack) Add(0, leaf);
    }

    /// <summary>What was found, after the last leaf.</summary>
    public ReceiptCheck Check()
    {
        const string name = "tiles";
        var due = Enumerable.Range(0, Tile.Height).Sum(level => Tile.Count(level, Math.Min(signed, _size)));
        if (count == 0 && due > 0 && mayLack) return new(name, CheckOutcome.NotChecked, $"No tiles are kept: the log is of the first version, which had none, or they were deleted. {Mend}.");
        var stray = count - _found;
        return _wrong + _missing + stray == 0
            ? new(name, CheckOutcome.Held, $"The {count} tiles are those of the receipts.")
            : new(name, CheckOutcome.Failed, $"{_first ?? "Some belong to no receipts"}. Altered: {_wrong}, missing: {_missing}, of no receipts: {stray}. Proofs are made from the receipts themselves meanwhile{(_missing > 0 ? $"; {Mend}" : "")}.");
    }

    private void Add(int level, ReadOnlySpan<byte> hash)
    {
        if (_levels.Count == level) _levels.Add((new byte[Tile.Bytes], 0, 0));
        var (hashes, filled, index) = _levels[level];
        hash.CopyTo(hashes.AsSpan(filled * MerkleTree.HashBytes));
        var isFull = ++filled == Tile.Width;
        _levels[level] = isFull ? (hashes, 0, index + 1) : (hashes, filled, index);
        if (!isFull) return;
        Compare(level, index, hashes);
        Add(level + 1, Tile.Root(hashes));
    }

    private void Compare(int level, long index, byte[] hashes)
    {
        if (stored(level, index) is not { } found)
        {
            // Receipts that no checkpoint covers have no tiles yet.
            if (index >= Tile.Count(level, signed)) return;
            _missing++;
            _first ??= $"Tile {index} of level {level} is missing";
            return;
        }
        _found++;
        if (found.AsSpan().SequenceEqual(hashes)) return;
        _wrong++;
        _first ??= $"Tile {index} of level {level} is not that of the receipts";
    }
}
