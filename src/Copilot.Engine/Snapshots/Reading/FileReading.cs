using System.Buffers;
using System.Text.Json;
using Copilot.Core.Evidence;
using Copilot.Core.Incidents;

namespace Copilot.Engine.Snapshots.Reading;

/// <summary>
/// One reading of one file: hands out its records, and keeps what was wrong with them, the times seen, and where every so many records
/// begin, so that a record can be found again without reading the whole file.
/// </summary>
internal sealed class FileReading(SnapshotFile file, Action<long>? advanced, CancellationToken cancellation)
{
    /// <summary>Every so many records the byte offset is kept: a few hundred bytes an MB, and a cited record is found in a millisecond.</summary>
    public const int IndexStep = 512;

    private readonly Dictionary<(GapKind Kind, string Detail), (long First, long Count, string Remedy)> _faults = [];
    private readonly List<long> _offsets = [];
    private long _firstTicks = long.MaxValue;
    private long _lastTicks = long.MinValue;
    private long _reported;

    public SnapshotFile File { get; } = file;

    public long Records { get; private set; }

    /// <summary>Byte offsets of the records 1, 1 + <see cref="IndexStep"/>, …</summary>
    public IReadOnlyList<long> Offsets => _offsets;

    public TimeWindow? Seen => _firstTicks > _lastTicks ? null : new(new(_firstTicks, TimeSpan.Zero), new(_lastTicks, TimeSpan.Zero));

    public bool Unreadable { get; private set; }

    public RecordAddress Address(long record) => new(File.Path, record);

    public void Saw(long utcTicks)
    {
        if (utcTicks < _firstTicks) _firstTicks = utcTicks;
        if (utcTicks > _lastTicks) _lastTicks = utcTicks;
    }

    /// <summary>Counts a record that cannot be used, with the reason.</summary>
    /// <param name="record">Its number; 0 for the file as a whole.</param>
    /// <param name="kind">What kind of trouble.</param>
    /// <param name="detail">What is wrong.</param>
    /// <param name="remedy">What to do about it; the usual for the kind when null.</param>
    public void Fault(long record, GapKind kind, string detail, string? remedy = null)
    {
        _faults[(kind, detail)] = _faults.TryGetValue((kind, detail), out var known) ? known with { Count = known.Count + 1 } : (record, 1, remedy ?? Remedy(kind, record));
    }

    /// <summary>Reads all records of a TSV file. Faulty ones are counted, the others passed on.</summary>
    /// <param name="needed">Columns without which a record says nothing; when one is missing the file is left out.</param>
    /// <param name="accept">Takes the reader at a record; false when the record is malformed after all.</param>
    public void ReadTable(string[] needed, Func<TsvReader, bool> accept)
    {
        Guarded(stream =>
        {
            using var reader = new TsvReader(stream);
            if (reader.Header.Count == 0)
            {
                Fault(0, GapKind.Truncated, "an empty file: not even the line that names the columns");
                return;
            }
            var missing = needed.Where(c => reader.Column(c) < 0).ToList();
            if (missing.Count > 0)
            {
                Unreadable = true;
                if (!reader.Read() && reader.EndsInLine) Fault(0, GapKind.Truncated, CutInHeader);
                else Fault(0, GapKind.Malformed, $"the first line does not name the column{(missing.Count > 1 ? "s" : "")} {string.Join(", ", missing)}; the file was not used");
                return;
            }
            while (reader.Read())
            {
                if (reader.Record % IndexStep == 1)
                {
                    _offsets.Add(reader.Offset);
                    Advance(reader.Offset);
                }
                switch (reader.Fault)
                {
                    case RecordFault.None when accept(reader):
                        Records++;
                        break;
                    case RecordFault.Truncated:
                        Fault(reader.Record, GapKind.Truncated, "the file ends in the middle of a record");
                        // What stands before the cut is used if it says enough.
                        if (needed.All(c => reader.Column(c) < reader.FieldCount) && accept(reader)) Records++;
                        break;
                    case RecordFault.Oversized:
                        Fault(reader.Record, GapKind.Oversized, $"a record of more than {TsvReader.MaxRecordBytes >> 20} MiB");
                        break;
                    case RecordFault.Malformed:
                        Fault(reader.Record, GapKind.Malformed, $"not the {reader.Header.Count} columns of the header");
                        break;
                }
            }
            if (reader.Record == 0 && reader.EndsInLine) Fault(0, GapKind.Truncated, CutInHeader);
        });
    }

    /// <summary>Reads all elements of the JSON array that the file is, or that it holds under one of the given names.</summary>
    public void ReadJson(Func<JsonElement, long, bool> accept, params ReadOnlySpan<string> arrays)
    {
        var names = arrays.ToArray();
        Guarded(stream =>
        {
            if (stream.Length > JsonItems.MaxBytes)
            {
                Fault(0, GapKind.Oversized, $"a JSON file of more than {JsonItems.MaxBytes >> 20} MiB");
                return;
            }
            var bytes = ArrayPool<byte>.Shared.Rent((int)stream.Length);
            try
            {
                var length = stream.ReadAtLeast(bytes, (int)stream.Length, throwOnEndOfStream: false);
                var error = JsonItems.Read(bytes.AsMemory(0, length), names, (element, record) =>
                {
                    if (accept(element, record)) Records++;
                });
                if (error is not null) Fault(error.Value.Record, error.Value.Kind, error.Value.Detail);
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(bytes);
            }
        });
    }

    /// <summary>Reads all lines of a text file.</summary>
    public void ReadLines(Action<ReadOnlyMemory<char>, long> accept)
    {
        Guarded(stream =>
        {
            using var reader = new LineReader(stream);
            while (reader.Read())
            {
                if (reader.Line % IndexStep == 1)
                {
                    _offsets.Add(reader.Offset);
                    Advance(reader.Offset);
                }
                if (reader.Oversized)
                {
                    Fault(reader.Line, GapKind.Oversized, $"a line of more than {LineReader.MaxLineBytes >> 20} MiB");
                    continue;
                }
                accept(reader.Text.AsMemory(), reader.Line);
                Records++;
            }
        });
    }

    /// <summary>What kept records of this file from being used.</summary>
    public IEnumerable<EvidenceGap> Gaps() =>
        from fault in _faults.OrderBy(f => f.Value.First)
        select new EvidenceGap(
            File.Source, fault.Key.Kind, fault.Value.First > 0 ? Address(fault.Value.First).ToString() : File.Path, fault.Value.Count, fault.Key.Detail, fault.Value.Remedy);

    private const string CutInHeader = "the file ends in the line that names the columns";

    private static string Remedy(GapKind kind, long record) => kind switch
    {
        GapKind.Truncated => "Copy or download the file again: the end is missing.",
        GapKind.Oversized => "Split or shorten the record at its source.",
        _ => record > 0 ? "Export the file again; the rest of it was used." : "Export the file again.",
    };

    /// <summary>Whether it begins with a byte order mark of UTF-16, or with a letter and a zero byte as UTF-16 without one does.</summary>
    private static bool IsUtf16(Stream stream)
    {
        Span<byte> head = stackalloc byte[4];
        var length = stream.ReadAtLeast(head, head.Length, throwOnEndOfStream: false);
        stream.Position = 0;
        return length >= 2 && (head[..2].SequenceEqual((ReadOnlySpan<byte>)[0xFF, 0xFE]) || head[..2].SequenceEqual((ReadOnlySpan<byte>)[0xFE, 0xFF])
            || (length == 4 && (head[0] == 0) != (head[1] == 0) && (head[0] == 0) == (head[2] == 0) && (head[1] == 0) == (head[3] == 0)));
    }

    private void Guarded(Action<Stream> read)
    {
        try
        {
            using var stream = File.Open();
            if (IsUtf16(stream))
            {
                Unreadable = true;
                Fault(0, GapKind.Malformed, "it looks like UTF-16, and only UTF-8 is read; the file was not used", "Convert it: iconv -f UTF-16 -t UTF-8.");
                return;
            }
            read(stream);
            Advance(File.Length);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Unreadable = true;
            Fault(0, GapKind.Unreadable, $"it cannot be read ({Snapshot.Reason(e)})", e is UnauthorizedAccessException ? "Give yourself the right to read it: chmod u+r." : "Copy the file again.");
        }
    }

    private void Advance(long offset)
    {
        cancellation.ThrowIfCancellationRequested();
        if (advanced is null || offset <= _reported) return;
        advanced(offset - _reported);
        _reported = offset;
    }
}
