namespace Copilot.Simulator.Validation;

/// <summary>Rules on log lines, checked while the file is read.</summary>
internal sealed class LogRules
{
    public const string File = "otel_logs_raw.tsv";

    /// <summary>Spans that were open when the recording ended, or ended before it began, are not in it.</summary>
    private static readonly long Margin = TextTime.Minute;

    private const double MayMiss = 0.05;

    private readonly Rule _podKnown = new("log-pod-known", "Log lines come from pods that objects, events or metrics know");
    private readonly Rule _podAlive = new("log-pod-alive", "Log lines lie inside the life of their pod, up to the end of its grace period");
    private readonly Rule _span = new("log-span-known", "All but 5 % of the spans that log lines name are in the traces");
    private readonly Rule _context = new("log-span-agrees", "The span that a log line names has the line's trace id and pod");
    private readonly Rule _severity = new("log-severity-agrees", "SeverityNumber is in the range that SeverityText means");

    private readonly ByteTable _services = new();
    private readonly ByteTable _attributes = new();
    private readonly List<Resource> _resources = [];
    private long _named;
    private long _lost;

    public IEnumerable<Rule> All => [_podKnown, _podAlive, _span, _context, _severity];

    public bool Read(string directory, FormatRules format, RecordingTimes times, SpanStore spans, PodBook pods, CancellationToken ct)
    {
        using var table = Table.Open(directory, File, LogColumns.Names, format, ct);
        if (table is null) return false;
        var (from, until) = spans.Window(Margin);
        while (table.Next())
        {
            var resource = ResourceOf(table, format);
            format.Service(_services.Text(_services.IdOf(table[LogColumns.ServiceName])), resource, table.Place);
            if (format.Number(table[LogColumns.SeverityNumber], table.Place, "SeverityNumber", out var severity)) Severity(table, severity);
            if (!format.Time(table[LogColumns.Timestamp], table.Place, "Timestamp", out var at)) continue;
            times.Recorded(File, at, table.Place);
            LogColumns.Second(table, at, format);
            if (pods.HasSources && resource.Pod.Length > 0) Pod(table, at, resource, pods);
            if (spans.IsRecorded && table[LogColumns.SpanId].Length > 0) Context(table, at >= from && at <= until, spans, resource);
        }

        return true;
    }

    /// <summary>Only complete traces must have the spans; whether they are is known when the metrics are read.</summary>
    public void Close(string? whyNot)
    {
        if (whyNot is not null)
        {
            _span.LeaveOut(whyNot);
            return;
        }

        if (_lost <= MayMiss * _named) _span.Forgive();
    }

    private Resource ResourceOf(Table table, FormatRules format)
    {
        var id = _attributes.IdOf(table[LogColumns.ResourceAttributes]);
        if (id == _resources.Count)
        {
            format.Dictionary(table[LogColumns.ResourceAttributes], table.Place, nameof(LogColumns.ResourceAttributes));
            _resources.Add(Resource.Of(table[LogColumns.ResourceAttributes]));
        }

        format.Dictionary(table[LogColumns.ScopeAttributes], table.Place, nameof(LogColumns.ScopeAttributes));
        format.Dictionary(table[LogColumns.LogAttributes], table.Place, nameof(LogColumns.LogAttributes));
        return _resources[id];
    }

    private void Pod(Table table, long at, Resource resource, PodBook pods)
    {
        if (!_podKnown.Holds(pods.Knows(resource.Namespace, resource.Pod))) _podKnown.Broken(table.Place, $"pod {resource.Namespace}/{resource.Pod}");
        if (pods.Find(resource.Namespace, resource.Pod) is { } pod && !_podAlive.Holds(at >= Math.Max(pod.Created, pod.FirstStart) && at <= pod.LastMoment))
            _podAlive.Broken(table.Place, $"at {TextTime.Show(at)}, {SpanRules.Life(pod)}");
    }

    private void Context(Table table, bool counts, SpanStore spans, Resource resource)
    {
        if (SpanStore.Hex(table[LogColumns.SpanId], out var id) && spans.ById.TryGetValue(id, out var position))
        {
            if (counts && _span.Holds(true)) _named++;
            var span = spans.Spans[position];
            var trace = table[LogColumns.TraceId];
            var same = trace.Length == 32 && SpanStore.Hex(trace[..16], out var high) && SpanStore.Hex(trace[16..], out var low) && span.Trace == new UInt128(high, low);
            if (!_context.Holds(same && spans.Resources[span.Resource].Pod == resource.Pod))
                _context.Broken(table.Place, $"it names span {FormatRules.Show(table[LogColumns.SpanId])} in row {span.Row} of the traces, which has another trace id or pod");
        }
        else if (counts)
        {
            _named++;
            _lost++;
            _span.Holds(false);
            _span.Broken(table.Place, $"span {FormatRules.Show(table[LogColumns.SpanId])} is not in the traces");
        }
    }

    private void Severity(Table table, double number)
    {
        var text = table[LogColumns.SeverityText];
        if (text.Length == 0)
        {
            if (!_severity.Holds(number == 0)) _severity.Broken(table.Place, $"no text but {number}");
            return;
        }

        var from = (char)(text[0] | 0x20) switch { 't' => 1, 'd' => 5, 'i' => 9, 'w' => 13, 'e' => 17, 'f' or 'c' => 21, _ => 0 };
        if (from > 0 && !_severity.Holds(number >= from && number < from + 4)) _severity.Broken(table.Place, $"{FormatRules.Show(text)} with {number}");
    }
}
