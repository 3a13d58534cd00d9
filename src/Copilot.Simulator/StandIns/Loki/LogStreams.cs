namespace Copilot.Simulator.StandIns.Loki;

/// <summary>What has one set of labels.</summary>
internal sealed record LogStream(IReadOnlyDictionary<string, string> Labels)
{
    public bool Matches(IReadOnlyList<LabelMatcher> matchers) => matchers.All(m => m.Matches(Labels.GetValueOrDefault(m.Name, "")));
}

/// <param name="Record">What the line was made of.</param>
internal readonly record struct LogEntry(LogStream Stream, RecordedLog Record)
{
    public long Time => Record.Time;
}

/// <summary>The records of a snapshot as streams.</summary>
internal sealed class LogStreams
{
    private readonly LogEntry[] _entries;
    private readonly Dictionary<string, string> _labelOf;

    public LogStreams(RecordedTelemetry telemetry, LokiLabelNames names)
    {
        _labelOf = names == LokiLabelNames.Collector
            ? new() { ["k8s.namespace.name"] = "namespace", ["k8s.pod.name"] = "pod" }
            : new() { ["k8s.namespace.name"] = "k8s_namespace_name", ["k8s.pod.name"] = "k8s_pod_name" };
        Dictionary<string, LogStream> streams = [];
        _entries = [.. telemetry.Logs.Select(log => new LogEntry(StreamOf(log, streams), log))];
        Streams = [.. streams.OrderBy(s => s.Key, StringComparer.Ordinal).Select(s => s.Value)];
    }

    public IReadOnlyList<LogStream> Streams { get; }

    /// <summary>Those with <c>from ≤ time &lt; until</c>, ordered by time.</summary>
    public ReadOnlySpan<LogEntry> Between(long from, long until) => First(from) is var first && First(until) is var last && last > first ? _entries.AsSpan(first, last - first) : [];

    /// <summary>What Loki keeps beside a line: every attribute that is no label of the stream.</summary>
    public Dictionary<string, string> Metadata(RecordedLog log)
    {
        Dictionary<string, string> metadata = [];
        foreach (var (name, value) in log.Resource)
            if (!_labelOf.ContainsKey(name) && name != "service.name") Add(Sanitize(name), value);
        foreach (var (name, value) in log.Attributes) Add(Sanitize(name), value);
        Add("trace_id", log.TraceId);
        Add("span_id", log.SpanId);
        Add("severity_text", log.Severity);
        if (log.SeverityNumber > 0) metadata["severity_number"] = $"{log.SeverityNumber}";
        Add("scope_name", log.Scope);
        metadata["detected_level"] = Level(log);
        return metadata;

        void Add(string name, string value)
        {
            if (value.Length > 0) metadata[name] = value;
        }
    }

    /// <summary>Labels hold letters, digits and underscores only.</summary>
    public static string Sanitize(string name) => string.Create(name.Length, name, (to, from) =>
    {
        for (var i = 0; i < to.Length; i++) to[i] = char.IsAsciiLetter(from[i]) || (i > 0 && char.IsAsciiDigit(from[i])) ? from[i] : '_';
    });

    private int First(long time)
    {
        var (low, high) = (0, _entries.Length);
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (_entries[middle].Time < time) low = middle + 1;
            else high = middle;
        }
        return low;
    }

    private LogStream StreamOf(RecordedLog log, Dictionary<string, LogStream> streams)
    {
        SortedDictionary<string, string> labels = new(StringComparer.Ordinal);
        foreach (var (attribute, label) in _labelOf)
            if (log.Resource.TryGetValue(attribute, out var value) && value.Length > 0) labels[label] = value;
        var service = log.Service.Length > 0 ? log.Service : log.Resource.GetValueOrDefault("service.name", "");
        labels["service_name"] = service.Length > 0 ? service : "unknown_service";
        var text = LabelText.Of(labels);
        if (!streams.TryGetValue(text, out var stream)) streams[text] = stream = new(labels);
        return stream;
    }

    private static string Level(RecordedLog log) => (log.SeverityNumber, log.Severity.ToLowerInvariant()) switch
    {
        ( >= 21, _) or (_, "fatal" or "critical") => "critical",
        ( >= 17, _) or (_, "error" or "err") => "error",
        ( >= 13, _) or (_, "warn" or "warning") => "warn",
        ( >= 9, _) or (_, "info" or "information") => "info",
        ( >= 5, _) or (_, "debug") => "debug",
        ( >= 1, _) or (_, "trace") => "trace",
        _ => "unknown",
    };
}

/// <summary>Labels as Loki and Prometheus write them.</summary>
internal static class LabelText
{
    public static string Of(IEnumerable<KeyValuePair<string, string>> labels) =>
        $"{{{string.Join(", ", labels.OrderBy(l => l.Key, StringComparer.Ordinal).Select(l => $"{l.Key}=\"{l.Value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal)}\""))}}}";
}
