using System.Globalization;
using System.Text.Json;
using Copilot.Core.Receipts;

namespace Copilot.Storage;

/// <summary>
/// Holds what the database repeats for searching, and every checkpoint in it, against the bytes of the receipts. The verifier knows bytes only; here a row that
/// was altered beside them is found.
/// </summary>
internal sealed class RowCheck(IReadOnlyList<CheckpointRow> checkpoints, LogKeyring? keys, TileCheck tiles)
{
    private readonly CompactRange _range = new();
    private readonly List<string> _checkpointFaults = [];
    private long _wrong;
    private long? _first;
    private int _next;

    /// <summary>Takes the receipts in their order, and gives the bytes on.</summary>
    public ReadOnlyMemory<byte> Add(ReceiptRow row)
    {
        var leaf = MerkleTree.LeafHash(row.Bytes);
        _range.Append(leaf);
        tiles.Add(leaf);
        if (!leaf.AsSpan().SequenceEqual(row.Leaf) || !Repeats(row))
        {
            _first ??= _range.Size - 1;
            _wrong++;
        }
        for (; _next < checkpoints.Count && checkpoints[_next].Size <= _range.Size; _next++)
        {
            if (Fault(checkpoints[_next]) is { } fault) _checkpointFaults.Add($"The checkpoint of {checkpoints[_next].Size} receipts {fault}.");
        }
        return row.Bytes;
    }

    /// <summary>What was found, after the last receipt.</summary>
    /// <param name="kept">The head that is kept outside the database, whose checkpoint must be in it; null when there is none.</param>
    public IEnumerable<ReceiptCheck> Checks(TreeHead? kept)
    {
        yield return _first is { } first
            ? new("rows", CheckOutcome.Failed, $"In {_wrong} rows, first at {first}, a column does not say what the receipt's bytes say: rows were altered.", first)
            : new("rows", CheckOutcome.Held, $"The columns of {_range.Size} rows say what the receipts say.");
        var missing = checkpoints.Count - _next;
        if (missing > 0) _checkpointFaults.Add($"{missing} checkpoints cover more receipts than there are.");
        if (kept is { Size: > 0 } && !checkpoints.Any(c => c.Size == kept.Size)) _checkpointFaults.Add($"The checkpoint of {kept.Size} receipts that {kept.Source} keeps is missing.");
        yield return _checkpointFaults.Count > 0
            ? new("checkpoints", CheckOutcome.Failed, $"{_checkpointFaults[0]}{(_checkpointFaults.Count > 1 ? $" {_checkpointFaults.Count - 1} more are wrong." : "")}")
            : new("checkpoints", CheckOutcome.Held, $"All {checkpoints.Count} checkpoints in the database agree with the receipts and with each other.");
        yield return tiles.Check();
    }

    private string? Fault(CheckpointRow row)
    {
        if (row.Size != _range.Size) return "has a size that no receipt brings about";
        var key = keys?.At(row.Size);
        var head = new Checkpoint(key?.Name ?? "", row.Size, _range.RootHex());
        if (!row.Root.AsSpan().SequenceEqual(_range.Root()) || !row.Frontier.AsSpan().SequenceEqual(_range.ToBytes())) return "has another root or frontier than the receipts";
        if (!SignedNote.TryParse(row.Note, out var note, out var fault)) return $"has an unreadable note ({fault})";
        if (key is null) return null;
        return note!.Text == head.Text && note.IsSignedBy(key, SigningKey.Verify) ? null : "has a note that is of another head or not signed by the log's key";
    }

    private static bool Repeats(ReceiptRow row)
    {
        try
        {
            using var json = JsonDocument.Parse(row.Bytes);
            var receipt = json.RootElement;
            return receipt.GetProperty("seq"u8).GetInt64() == row.Seq
                && receipt.GetProperty("stream"u8).ValueEquals(row.Stream)
                && receipt.GetProperty("stream_seq"u8).GetInt64() == row.StreamSeq
                && receipt.GetProperty("id"u8).ValueEquals(row.Id)
                && receipt.GetProperty("type"u8).ValueEquals(row.Type)
                && receipt.GetProperty("time"u8).GetProperty("utc"u8).ValueEquals(row.At.UtcDateTime.ToString("O", CultureInfo.InvariantCulture));
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return false;
        }
    }
}
