using System.IO.Compression;
using System.Security.Cryptography;
using Copilot.Core.Receipts;
using Copilot.Engine.Yaml;
using Microsoft.EntityFrameworkCore;

namespace Copilot.Storage;

/// <summary>The values that receipts commit to: in parts, packed, and each part once however often it was recorded.</summary>
internal static class Openings
{
    private const int Quality = 5;
    private const int Window = 18;

    /// <summary>The parts of a value by their SHA-256.</summary>
    public static IEnumerable<(byte[] Hash, ReadOnlyMemory<byte> Content)> Parts(Opening opening) => FieldCommitment.Chunks(opening.Value).Select(chunk => (SHA256.HashData(chunk.Span), chunk));

    /// <summary>A part as it is kept; as it is where that is shorter.</summary>
    public static byte[] Pack(ReadOnlySpan<byte> content)
    {
        var packed = new byte[content.Length];
        return BrotliEncoder.TryCompress(content, packed, out var written, Quality, Window) && written < content.Length ? packed[..written] : content.ToArray();
    }

    /// <summary>The value of a row that still has it.</summary>
    /// <exception cref="FileFaultException">A part is missing or damaged.</exception>
    public static Opening Read(CopilotDb db, OpeningRow row, string id)
    {
        var value = new MemoryStream((int)Math.Min(row.Length, int.MaxValue));
        foreach (var chunk in db.OpeningParts.AsNoTracking().Where(p => p.Seq == row.Seq && p.Pointer == row.Pointer).OrderBy(p => p.Part).Join(db.Chunks, p => p.Hash, c => c.Hash, (p, c) => new { c.Hash, c.Length, c.Packed }))
            value.Write(Unpack(chunk.Packed, chunk.Length) is { } content && SHA256.HashData(content).AsSpan().SequenceEqual(chunk.Hash) ? content : throw Damaged(row));
        return value.Length == row.Length ? new(id, row.Pointer, row.Salt, value.ToArray()) : throw Damaged(row);
    }

    /// <summary>The lines of all values that are there, in the order of their receipts. One that is damaged gives a line that no verifier takes.</summary>
    /// <param name="stream">Only those of its receipts; null for all.</param>
    public static IEnumerable<ReadOnlyMemory<byte>> Lines(CopilotDb db, long size, string? stream = null)
    {
        var rows = db.Openings.AsNoTracking().Where(o => o.Seq < size && o.Salt != null)
            .Join(db.Receipts.Where(r => stream == null || r.Stream == stream || r.Stream == "log"), o => o.Seq, r => r.Seq, (o, r) => new { Row = o, r.Id }).OrderBy(o => o.Row.Seq).ThenBy(o => o.Row.Pointer).ToList();
        foreach (var row in rows)
        {
            byte[] line;
            try
            {
                line = Read(db, row.Row, row.Id).ToBytes();
            }
            catch (Exception e) when (e is FileFaultException or InvalidOperationException or ArgumentException)
            {
                line = [];
            }
            yield return line;
        }
    }

    /// <summary>Removes a value and what of it no other shares. The row stays and names the receipt that tells of it.</summary>
    public static void Remove(CopilotDb db, OpeningRow row, long by)
    {
        var parts = db.OpeningParts.Where(p => p.Seq == row.Seq && p.Pointer == row.Pointer).ToList();
        db.OpeningParts.RemoveRange(parts);
        (row.Salt, row.RemovedBy) = (null, by);
        db.SaveChanges();
        foreach (var hash in parts.Select(p => p.Hash).DistinctBy(Convert.ToHexString))
        {
            if (!db.OpeningParts.Any(p => p.Hash == hash)) db.Chunks.Where(c => c.Hash == hash).ExecuteDelete();
        }
    }

    private static byte[]? Unpack(byte[] packed, int length)
    {
        if (packed.Length == length) return packed;
        var content = new byte[Math.Clamp(length, 0, FieldCommitment.ChunkBytes)];
        return BrotliDecoder.TryDecompress(packed, content, out var written) && written == content.Length ? content : null;
    }

    private static FileFaultException Damaged(OpeningRow row) =>
        new($"The value at {row.Pointer} of receipt {row.Seq} is damaged in the database. Put a whole copy of the database back; the receipt itself says what is right.");
}
