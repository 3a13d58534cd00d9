using System.Globalization;
using System.IO.Hashing;
using System.Runtime.InteropServices;

namespace Copilot.Bench.Importers.Nezha;

/// <summary>
/// Turns the trace files of a case into spans. Each file is read twice: what kind a span is, is told by the pods of its parent and its children. The files of
/// neighbouring minutes overlap; a span is written once.
/// </summary>
internal sealed class NezhaSpans
{
    private readonly SpanRoles _roles = new();
    private readonly HashSet<ulong> _written = [];
    private readonly Dictionary<string, (string Service, string Resource)> _pods = [];
    private readonly Action<string>? _notice;
    private readonly CancellationToken _cancellation;

    /// <param name="files">All that are written afterwards.</param>
    public NezhaSpans(IEnumerable<string> files, Action<string>? notice, CancellationToken cancellation)
    {
        (_notice, _cancellation) = (notice, cancellation);
        // By pod: a call between two pods of one service is one as well.
        foreach (var file in files) Read(file, notice: null, (rows, c, _, _) => _roles.Add(rows[c.Trace], rows[c.Span], ParentOf(rows[c.Parent]), rows[c.Pod].ToString(), rows[c.Operation].ToString()));
        _roles.Seal();
    }

    public void Write(ImportedEvidence evidence, IEnumerable<string> files)
    {
        foreach (var file in files)
        {
            Read(file, _notice, (rows, c, start, duration) =>
            {
                if (!_written.Add(XxHash3.HashToUInt64(MemoryMarshal.AsBytes(rows[c.Span]), (long)XxHash3.HashToUInt64(MemoryMarshal.AsBytes(rows[c.Trace]))))) return;
                var (pod, operation, parent) = (rows[c.Pod].ToString(), rows[c.Operation].ToString(), ParentOf(rows[c.Parent]).ToString());
                var (service, resource) = Pod(pod);
                // The set records no status, so none is given: that a request failed, its logs may say.
                evidence.Span(new(
                    start, duration, rows[c.Trace].ToString(), rows[c.Span].ToString(), parent, operation, _roles.KindOf(rows[c.Trace], rows[c.Span], parent, pod, operation), service, resource, "{}", Failed: false));
            });
        }
    }

    private void Read(string path, Action<string>? notice, Action<CsvRows, SpanColumns, long, long> accept)
    {
        using var rows = new CsvRows(path);
        Columns.Require(rows, path, "TraceID", "SpanID", "ParentID", "PodName", "OperationName", "StartTimeUnixNano", "EndTimeUnixNano|Duration");
        var c = new SpanColumns(rows);
        var faults = new RowFaults(path);
        while (rows.Read())
        {
            _cancellation.ThrowIfCancellationRequested();
            if (rows.Cut) faults.Add(rows.Line, "the file ends inside a quoted field");
            else if (rows[c.Trace].IsEmpty || rows[c.Span].IsEmpty || rows[c.Pod].IsEmpty) faults.Add(rows.Line, "a span without an id or a pod");
            else if (!Cells.TryTime(rows[c.Start], out var start) || Length(start, rows[c.End], rows[c.Duration]) is not { } duration) faults.Add(rows.Line, "a start or a duration that is none");
            else accept(rows, c, start, duration);
        }
        faults.Tell(notice);
    }

    /// <summary>Nanoseconds between begin and end, else by the duration, which is in microseconds; null when neither tells.</summary>
    private static long? Length(long start, ReadOnlySpan<char> end, ReadOnlySpan<char> duration)
    {
        if (Cells.TryTime(end, out var to) && to >= start) return to - start;
        return long.TryParse(duration, NumberStyles.None, CultureInfo.InvariantCulture, out var microseconds) && microseconds < long.MaxValue / 1000 ? microseconds * 1000 : null;
    }

    private static ReadOnlySpan<char> ParentOf(ReadOnlySpan<char> parent) => parent is "root" ? default : parent;

    private (string Service, string Resource) Pod(string pod)
    {
        if (_pods.TryGetValue(pod, out var known)) return known;
        var service = NezhaFault.ServiceOf(pod);
        return _pods[pod] = (service, ImportedEvidence.Dict(("service.name", service), ("k8s.pod.name", pod)));
    }

    private sealed class SpanColumns(CsvRows rows)
    {
        public readonly int Trace = rows.Column("TraceID"), Span = rows.Column("SpanID"), Parent = rows.Column("ParentID"), Pod = rows.Column("PodName"), Operation = rows.Column("OperationName"),
            Start = rows.Column("StartTimeUnixNano"), End = rows.Column("EndTimeUnixNano"), Duration = rows.Column("Duration");
    }
}
