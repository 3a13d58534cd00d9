using System.Buffers;
using System.Security.Cryptography;
using Copilot.Core.Evidence;
using Copilot.Engine.Snapshots.Reading;

namespace Copilot.Engine.Snapshots;

/// <summary>One record as it stands in its file.</summary>
/// <param name="Digest"><c>sha256:</c> and the hash of the record's bytes in lower-case hex. A line end does not belong to a record.</param>
/// <param name="Bytes">The bytes.</param>
public sealed record RecordContent(RecordAddress Address, string Digest, byte[] Bytes);

/// <summary>Opens single records of a snapshot by their address.</summary>
public sealed class RecordIndex
{
    private readonly Dictionary<string, (SnapshotFile File, IReadOnlyList<long> Offsets)> _files;

    internal RecordIndex(IEnumerable<FileReading> readings) => _files = readings.ToDictionary(r => r.File.Path, r => (r.File, r.Offsets));

    /// <summary>An index that knows no offsets: it counts records from the start of each file, as a stranger would.</summary>
    public RecordIndex(Snapshot snapshot) => _files = snapshot.Files.ToDictionary(f => f.Path, f => (f, (IReadOnlyList<long>)[]));

    /// <summary>Opens records. Addresses that lead nowhere are left out of the answer.</summary>
    public IReadOnlyDictionary<RecordAddress, RecordContent> Open(IEnumerable<RecordAddress> addresses, CancellationToken cancellation)
    {
        var found = new Dictionary<RecordAddress, RecordContent>();
        foreach (var group in addresses.Distinct().GroupBy(a => a.File))
        {
            cancellation.ThrowIfCancellationRequested();
            if (group.Key is null || !_files.TryGetValue(group.Key, out var file)) continue;
            try
            {
                OpenIn(file.File, file.Offsets, [.. group.Select(a => a.Record).Order()], (record, bytes) =>
                    found[new(group.Key, record)] = new(new(group.Key, record), "sha256:" + Convert.ToHexStringLower(SHA256.HashData(bytes.Span)), bytes.ToArray()));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // The file has gone or changed since: its addresses lead nowhere now, which is what the answer says.
            }
        }
        return found;
    }

    private static void OpenIn(SnapshotFile file, IReadOnlyList<long> offsets, List<long> records, Action<long, ReadOnlyMemory<byte>> found)
    {
        using var stream = file.Open();
        switch (file.Format)
        {
            case FileFormat.AlertList or FileFormat.KubernetesList or FileFormat.EdgeList:
                var bytes = ArrayPool<byte>.Shared.Rent((int)Math.Min(stream.Length, JsonItems.MaxBytes));
                var length = stream.ReadAtLeast(bytes, (int)Math.Min(stream.Length, JsonItems.MaxBytes), throwOnEndOfStream: false);
                JsonItems.Scan(bytes.AsMemory(0, length), ArraysOf(file.Format), (item, record) =>
                {
                    if (records.Contains(record)) found(record, item);
                });
                ArrayPool<byte>.Shared.Return(bytes);
                break;
            case FileFormat.TextLog:
                using (var lines = new LineReader(stream))
                {
                    foreach (var record in records)
                    {
                        if (Checkpoint(offsets, record, lines.Line) is { } at) lines.Seek(at.Offset, at.Record);
                        while (lines.Line < record && lines.Read())
                        {
                        }
                        if (lines.Line == record) found(record, lines.Raw);
                    }
                }
                break;
            default:
                using (var rows = new TsvReader(stream))
                {
                    foreach (var record in records)
                    {
                        if (Checkpoint(offsets, record, rows.Record) is { } at) rows.Seek(at.Offset, at.Record);
                        while (rows.Record < record && rows.Read())
                        {
                        }
                        if (rows.Record == record) found(record, rows.Raw.ToArray());
                    }
                }
                break;
        }
    }

    private static string[] ArraysOf(FileFormat format) => format switch
    {
        FileFormat.AlertList => ["alerts"],
        FileFormat.EdgeList => ["edges"],
        _ => ["items", "Items"],
    };

    /// <summary>The nearest known place before the record, if it is ahead of where the reader is.</summary>
    private static (long Offset, long Record)? Checkpoint(IReadOnlyList<long> offsets, long record, long current)
    {
        var slot = (int)Math.Min((record - 1) / FileReading.IndexStep, offsets.Count - 1);
        var first = ((long)slot * FileReading.IndexStep) + 1;
        return slot >= 0 && first > current ? (offsets[slot], first) : null;
    }
}
