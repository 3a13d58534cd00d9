using System.Buffers;
using System.Text;
using Copilot.Core.Evidence;
using Copilot.Core.Signals;
using Copilot.Engine.Signals.Traces;
using Copilot.Engine.Snapshots;
using Copilot.Engine.Snapshots.Reading;

namespace Copilot.Engine.Signals.Logs;

/// <summary>Reads log lines and keeps templates, their counts over time, and samples.</summary>
internal sealed class LogExtractor
{
    private const int MaxText = 600;
    private const int MaxLine = 4096; // what a template is made of
    private const int MaxSamples = 16;
    private static readonly long SampleSpacing = TimeSpan.FromMinutes(2).Ticks;

    // Words by which programs in all languages report failures. A severity alone is no guide: many send none, or the wrong one.
    private static readonly SearchValues<string> ProblemWords = SearchValues.Create(
        [
            "error", "exception", "fail", "refused", "timeout", "timed out", "unavailable", "denied", "unauthorized", "forbidden", "no such host", "noauth",
            "wrongpass", "cannot ", "can't ", "could not", "couldn't", "unable to", "panic", "fatal", "x509", "certificate", "reset by peer", "broken pipe",
            "deadline exceeded", "out of memory", "no space left", "too many", "exhausted", "not found", "unreachable", "invalid", "wasn't able", "overflow", "deadlock", "rejected",
            "no healthy upstream", "max retries", "expired",
        ],
        StringComparison.OrdinalIgnoreCase);

    private readonly Dictionary<(string Service, EntityRef? Pod), Drain> _miners = [];
    private readonly Dictionary<(Drain Miner, int Template), Entry> _entries = [];
    private readonly List<Entry> _all = [];
    private readonly List<(ulong Span, int Template)> _lines = [];
    private readonly Interner _resources = new();
    private readonly List<(string Service, EntityRef? Pod)> _origins = [];

    public void Read(FileReading reading)
    {
        if (reading.File.Format == FileFormat.TextLog) ReadText(reading);
        else ReadTable(reading);
    }

    /// <param name="grid">The common grid.</param>
    /// <param name="referenceShift">Ticks from the time of a line that says what is normal to where it lies on the grid.</param>
    public List<LogTemplate> Build(TimeGrid grid, long referenceShift)
    {
        var templates = new List<LogTemplate>();
        foreach (var ((service, pod), miner) in _miners)
        {
            for (var id = 0; id < miner.Count; id++)
            {
                if (!_entries.TryGetValue((miner, id), out var entry)) continue;
                var steps = new double[grid.Count];
                foreach (var ticks in entry.Times.Concat(entry.ReferenceTimes.Select(t => t + referenceShift)))
                    if (grid.IndexOf(ticks) is >= 0 and var step) steps[step]++;
                templates.Add(new(service, pod, miner.Template(id), entry.Problem, steps, [.. entry.Samples.OrderBy(s => s.At).ThenBy(s => s.Address)]));
            }
        }
        return [.. templates.OrderBy(t => t.Service, StringComparer.Ordinal).ThenBy(t => t.Pod).ThenBy(t => t.Text, StringComparer.Ordinal)];
    }

    /// <summary>All times of the incident's lines, or of those that say what is normal, for the common grid.</summary>
    public IEnumerable<long> Times(bool reference) => _entries.Values.SelectMany(e => reference ? e.ReferenceTimes : e.Times);

    /// <summary>Lines that carry the ids of a span, by <see cref="TraceExtractor.Identity(ReadOnlySpan{byte}, ReadOnlySpan{byte})"/>, and their templates' numbers.</summary>
    public IReadOnlyList<(ulong Span, int Template)> Lines => _lines;

    /// <summary>A template by its number, with a few of its lines and the place in the code that writes it, where that is told. Its text is final once all is read.</summary>
    public (string Text, string Site, bool Problem, IReadOnlyList<LogSample> Samples) TemplateOf(int number) =>
        (_all[number].Miner.Template(_all[number].Id), _all[number].Miner.SiteOf(_all[number].Id), _all[number].Problem, _all[number].Samples);

    private void ReadTable(FileReading reading)
    {
        int time = -1, body = -1, service = -1, resource = -1, severity = -1, number = -1, trace = -1, span = -1;
        reading.ReadTable(["Timestamp", "Body"], row =>
        {
            if (time < 0)
            {
                (time, body, service) = (row.Column("Timestamp"), row.Column("Body"), row.Column("ServiceName"));
                (resource, severity, number) = (row.Column("ResourceAttributes"), row.Column("SeverityText"), row.Column("SeverityNumber"));
                (trace, span) = (row.Column("TraceId"), row.Column("SpanId"));
            }
            // A line may come without a time, as in OpenTelemetry's data model; a time that is none is a fault.
            if (!TimeText.TryParse(row.Field(time), out var ticks) && row.Field(time).Length > 0)
            {
                reading.Fault(row.Record, GapKind.Malformed, "a time stamp that is none");
                return false;
            }
            if (ticks > 0) reading.Saw(ticks);
            var origin = Origin(row.Field(resource), row.Field(service));
            var severe = IsSevere(row.Field(severity), row.Field(number));
            var text = row.Field(body);
            var template = Accept(origin.Service, origin.Pod, ticks, Cut(Encoding.UTF8.GetString(text[..Math.Min(text.Length, MaxLine * 4)])), severe, reading.Address(row.Record), reading.File.IsReference);
            if (template >= 0 && row.RawField(span).Length > 0) _lines.Add((TraceExtractor.Identity(row.RawField(trace), row.RawField(span)), template));
            return true;
        });
    }

    private void ReadText(FileReading reading)
    {
        // namespace/pod/logs.txt
        var parts = reading.File.Path.Split('/');
        var pod = parts.Length >= 3 ? new EntityRef(parts[^3], "Pod", parts[^2]) : null;
        var service = parts.Length >= 2 ? parts[^2] : "";
        reading.ReadLines((line, record) =>
        {
            if (TextLogLine.Of(line.Span) is not { } text) return;
            var ticks = TextLogLine.TimeOf(text);
            if (ticks > 0) reading.Saw(ticks);
            Accept(service, pod, ticks, Cut(text), severe: false, reading.Address(record), reading.File.IsReference);
        });
    }

    private static string Cut(string text) => text.Length <= MaxLine ? text : text[..MaxLine];

    private (string Service, EntityRef? Pod) Origin(ReadOnlySpan<byte> resource, ReadOnlySpan<byte> service)
    {
        var id = _resources.Id(resource, out var isNew);
        if (isNew)
        {
            var attributes = PythonDict.Parse(resource);
            var pod = attributes.TryGetValue("k8s.pod.name", out var name) ? new EntityRef(attributes.GetValueOrDefault("k8s.namespace.name", ""), "Pod", name) : null;
            var fallback = attributes.GetValueOrDefault("service.name") ?? attributes.GetValueOrDefault("k8s.deployment.name") ?? pod?.Name ?? "";
            _origins.Add((fallback, pod));
        }
        var origin = _origins[id];
        return service.Length == 0 || service.SequenceEqual(Encoding.UTF8.GetBytes(origin.Service)) ? origin : (Encoding.UTF8.GetString(service), origin.Pod);
    }

    private static bool IsSevere(ReadOnlySpan<byte> text, ReadOnlySpan<byte> number)
    {
        if (System.Buffers.Text.Utf8Parser.TryParse(number, out int level, out _) && level > 0) return level >= 13; // WARN and above in the OpenTelemetry data model
        return text.Length > 0 && (text[0] | 0x20) is (byte)'e' or (byte)'f' or (byte)'w' or (byte)'c';
    }

    /// <summary>The number of the line's template; -1 when there are too many.</summary>
    private int Accept(string service, EntityRef? pod, long ticks, string text, bool severe, RecordAddress address, bool isReference)
    {
        if (!_miners.TryGetValue((service, pod), out var miner)) _miners[(service, pod)] = miner = new();
        var id = miner.Add(text);
        if (id < 0) return -1;
        if (!_entries.TryGetValue((miner, id), out var entry))
        {
            _entries[(miner, id)] = entry = new() { Miner = miner, Id = id, Number = _all.Count, Problem = severe || IsProblem(text) };
            _all.Add(entry);
        }
        if (ticks > 0) (isReference ? entry.ReferenceTimes : entry.Times).Add(ticks);
        if (isReference) return entry.Number; // it is counted, and no sample of the incident
        if (entry.Samples.Count < MaxSamples && (entry.Samples.Count < 2 || ticks - entry.LastSampled > SampleSpacing))
        {
            entry.LastSampled = ticks;
            entry.Samples.Add(new(address, new(ticks, TimeSpan.Zero), text.Length <= MaxText ? text : text[..MaxText] + "…"));
        }
        return entry.Number;
    }

    internal static bool IsProblem(string text) => text.AsSpan().ContainsAny(ProblemWords) || IsFailedAccess(text);

    /// <summary>An access log line with a status of 5xx: a three-digit word that follows a quoted request.</summary>
    private static bool IsFailedAccess(string text)
    {
        var quote = text.IndexOf("\" 5", StringComparison.Ordinal);
        return quote > 0 && quote + 5 < text.Length && char.IsAsciiDigit(text[quote + 3]) && char.IsAsciiDigit(text[quote + 4]) && text[quote + 5] == ' ';
    }

    private sealed class Entry
    {
        public required Drain Miner { get; init; }

        /// <summary>Of the miner.</summary>
        public int Id { get; init; }

        /// <summary>Among all.</summary>
        public int Number { get; init; }

        public bool Problem { get; init; }

        public List<long> Times { get; } = [];

        public List<long> ReferenceTimes { get; } = [];

        public List<LogSample> Samples { get; } = [];

        public long LastSampled { get; set; }
    }
}
