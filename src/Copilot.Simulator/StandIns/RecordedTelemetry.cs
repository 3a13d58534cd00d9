using Copilot.Core.Evidence;
using Copilot.Engine.Snapshots;
using Copilot.Engine.Snapshots.Reading;

namespace Copilot.Simulator.StandIns;

/// <summary>How much a stand-in holds in memory at most.</summary>
/// <param name="Logs">Log records.</param>
/// <param name="Spans">Spans.</param>
/// <param name="Objects">Versions of Kubernetes objects, and events.</param>
/// <param name="Bytes">Bytes of text of all of them, as they stand in the files.</param>
public sealed record TelemetryBounds(int Logs = 1_000_000, int Spans = 400_000, int Objects = 200_000, long Bytes = 1L << 30);

/// <summary>What a snapshot recorded of logs, spans, objects and events, in memory and ordered by time: the stand-ins answer from it.</summary>
public sealed class RecordedTelemetry
{
    private RecordedTelemetry(TelemetryRows rows, IReadOnlyList<EvidenceGap> gaps)
    {
        // Sorting is stable in LINQ: what happened at one time keeps the order of the file.
        Logs = [.. rows.Logs.OrderBy(l => l.Time)];
        Spans = [.. rows.Spans.OrderBy(s => s.Start)];
        Objects = [.. rows.Objects.OrderBy(o => o.Time)];
        ObjectsAtEnd = [.. rows.ObjectsAtEnd()];
        Events = [.. rows.Events.OrderBy(e => e.Time)];
        Gaps = gaps;
        long[] ends = [Logs.Count > 0 ? Logs[^1].Time : 0, Spans.Count > 0 ? Spans.Max(s => s.Start + s.Duration) : 0, Objects.Count > 0 ? Objects[^1].Time : 0, Events.Count > 0 ? Events[^1].Time : 0];
        End = ends.Max() + 1;
    }

    /// <summary>Ordered by time.</summary>
    public IReadOnlyList<RecordedLog> Logs { get; }

    /// <summary>Ordered by start.</summary>
    public IReadOnlyList<RecordedSpan> Spans { get; }

    /// <summary>Each version of each object once, at the time of the first pull that saw it.</summary>
    public IReadOnlyList<RecordedObject> Objects { get; }

    /// <summary>Of each object that was still there at the end the last version.</summary>
    public IReadOnlyList<RecordedObject> ObjectsAtEnd { get; }

    /// <summary>Events in both API versions, as they were received.</summary>
    public IReadOnlyList<RecordedObject> Events { get; }

    /// <summary>What could not be read of the files.</summary>
    public IReadOnlyList<EvidenceGap> Gaps { get; }

    /// <summary>Whether nothing at all was recorded in tables, as in a dump of a cluster.</summary>
    public bool IsEmpty => Logs.Count + Spans.Count + Objects.Count + Events.Count == 0;

    /// <summary>One nanosecond after the last thing recorded, in nanoseconds since 1970. A stand-in takes it for the present.</summary>
    public long End { get; }

    /// <summary>Reads the tables of a snapshot in the ITBench layout. Faulty records are left out and counted in <see cref="Gaps"/>.</summary>
    /// <exception cref="InvalidDataException">It is more than the bounds; the message says which file and how to mend it.</exception>
    public static RecordedTelemetry Read(Snapshot snapshot, TelemetryBounds? bounds = null, CancellationToken cancellation = default)
    {
        var rows = new TelemetryRows(bounds ?? new());
        List<EvidenceGap> gaps = [.. snapshot.Gaps];
        foreach (var file in snapshot.Files.Where(f => !f.IsReference))
        {
            Action<FileReading>? read = (file.Source, file.Format) switch
            {
                (EvidenceSource.Logs, FileFormat.LogTable) => rows.ReadLogs,
                (EvidenceSource.Traces, FileFormat.SpanTable) => rows.ReadSpans,
                (EvidenceSource.Objects, FileFormat.LogTable) => rows.ReadObjects,
                (EvidenceSource.Events, FileFormat.LogTable) => rows.ReadEvents,
                _ => null,
            };
            if (read is null) continue;
            var reading = new FileReading(file, null, cancellation);
            read(reading);
            gaps.AddRange(reading.Gaps());
        }
        return new(rows, gaps);
    }
}
