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

    private readonly Dictionary<(GapKind Kind, string Detail), (long First, long Count)> _faults = [];
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
    public void Fault(long record, GapKind kind, string detail)
    {
        _faults[(kind, detail)] = _faults.TryGetValue((kind, detail), out var known) ? (known.First, known.Count + 1) : (record, 1);
    }

    /// <summary>Reads all records of a TSV file. Faulty ones are counted, the others passed on.</summary>
    /// <param name="needed">Columns without which a record says nothing; when one is missing the file is left out.</param>
    /// <param name="accept">Takes the reader at a record; false when the record is malformed after all.</param>
    public void ReadTable(string[] needed, Func<TsvReader, bool> accept)
    {
        Guarded(stream =>
        {
            using var reader = new TsvReader(stream);
            if (reader.Header.Count == 0) return;
            var missing = needed.Where(c => reader.Column(c) < 0).ToList();
            if (missing.Count > 0)
            {
                Unreadable = true;
                Fault(0, GapKind.Malformed, WrongHeader(reader, missing));
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
                        break;
                    case RecordFault.Oversized:
                        Fault(reader.Record, GapKind.Oversized, $"a record of more than {TsvReader.MaxRecordBytes >> 20} MiB");
                        break;
                    case RecordFault.Malformed:
                        Fault(reader.Record, GapKind.Malformed, $"not the {reader.Header.Count} columns of the header");
                        break;
                }
            }
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
            File.Source, fault.Key.Kind, fault.Value.First > 0 ? Address(fault.Value.First).ToString() : File.Path, fault.Value.Count, fault.Key.Detail, Remedy(fault.Key.Kind));

    private static string Remedy(GapKind kind) => kind switch
    {
        GapKind.Truncated => "Copy or download the file again: the end is missing.",
        GapKind.Unreadable => "Give yourself the right to read it: chmod u+r.",
        GapKind.Oversized => "Split or shorten the record at its source.",
        _ => "Export the file again; the rest of it was used.",
    };

    private static string WrongHeader(TsvReader reader, List<string> missing)
    {
        var zeros = reader.Header.Any(h => h.Contains('\0')) ? " It looks like UTF-16: convert it with iconv -f UTF-16 -t UTF-8." : "";
        return $"the first line does not name the column{(missing.Count > 1 ? "s" : "")} {string.Join(", ", missing)}; the file was not used.{zeros}";
    }

    private void Guarded(Action<Stream> read)
    {
        try
        {
            using var stream = new FileStream(File.FullPath, new FileStreamOptions { Mode = FileMode.Open, Access = FileAccess.Read, Share = FileShare.ReadWrite, BufferSize = 0, Options = FileOptions.SequentialScan });
            read(stream);
            Advance(File.Length);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Unreadable = true;
            Fault(0, GapKind.Unreadable, $"it cannot be read ({Snapshot.Reason(e)})");
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
