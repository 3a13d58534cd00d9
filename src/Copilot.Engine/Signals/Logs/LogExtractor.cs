using System.Buffers;
using System.IO.Hashing;
using System.Runtime.InteropServices;
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

    private readonly Dictionary<(string Service, EntityRef? Pod), Writer> _writers = [];
    private readonly Dictionary<ulong, Writer> _known = []; // by a hash of what rows say of them
    private readonly List<Entry> _all = [];
    private readonly List<(ulong Span, int Template)> _lines = [];
    private readonly char[] _text = new char[MaxLine * 4];

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
        foreach (var writer in _writers.Values)
        {
            for (var id = 0; id < writer.Entries.Count; id++)
            {
                var entry = writer.Entries[id];
                var steps = new double[grid.Count];
                Count(entry.Times, 0);
                Count(entry.ReferenceTimes, referenceShift);
                templates.Add(new(writer.Service, writer.Pod, writer.Miner.Template(id), entry.Problem, steps, [.. entry.Samples.OrderBy(s => s.At).ThenBy(s => s.Address)]));

                void Count(List<long> times, long shift)
                {
                    foreach (var ticks in times)
                        if (grid.IndexOf(ticks + shift) is >= 0 and var step) steps[step]++;
                }
            }
        }
        return [.. templates.OrderBy(t => t.Service, StringComparer.Ordinal).ThenBy(t => t.Pod).ThenBy(t => t.Text, StringComparer.Ordinal)];
    }

    /// <summary>All times of the incident's lines, or of those that say what is normal, for the common grid.</summary>
    public IEnumerable<long> Times(bool reference) => _all.SelectMany(e => reference ? e.ReferenceTimes : e.Times);

    /// <summary>Lines that carry the ids of a span, by <see cref="TraceExtractor.Identity(ReadOnlySpan{byte}, ReadOnlySpan{byte})"/>, and their templates' numbers.</summary>
    public ReadOnlySpan<(ulong Span, int Template)> Lines => CollectionsMarshal.AsSpan(_lines);

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
            var text = row.Field(body);
            var length = Encoding.UTF8.GetChars(text[..Math.Min(text.Length, MaxLine * 4)], _text);
            var line = _text.AsSpan(0, Math.Min(length, MaxLine));
            var template = Accept(WriterOf(row, resource, service), ticks, line, IsSevere(row.Field(severity), row.Field(number)), reading, row.Record);
            if (template >= 0 && row.RawField(span).Length > 0) _lines.Add((TraceExtractor.Identity(row.RawField(trace), row.RawField(span)), template));
            return true;
        });
    }

    private void ReadText(FileReading reading)
    {
        // namespace/pod/logs.txt
        var parts = reading.File.Path.Split('/');
        var pod = parts.Length >= 3 ? new EntityRef(parts[^3], "Pod", parts[^2]) : null;
        var writer = WriterOf(parts.Length >= 2 ? parts[^2] : "", pod);
        reading.ReadLines((line, record) =>
        {
            if (TextLogLine.Of(line.Span) is not { } text) return;
            var ticks = TextLogLine.TimeOf(text);
            if (ticks > 0) reading.Saw(ticks);
            Accept(writer, ticks, text.AsSpan(0, Math.Min(text.Length, MaxLine)), severe: false, reading, record);
        });
    }

    private Writer WriterOf(TsvReader row, int resource, int service)
    {
        var hash = XxHash3.HashToUInt64(row.RawField(resource), (long)XxHash3.HashToUInt64(row.RawField(service)));
        if (_known.TryGetValue(hash, out var writer)) return writer;
        var attributes = PythonDict.Parse(row.Field(resource));
        var pod = attributes.TryGetValue("k8s.pod.name", out var name) ? new EntityRef(attributes.GetValueOrDefault("k8s.namespace.name", ""), "Pod", name) : null;
        var named = Encoding.UTF8.GetString(row.Field(service));
        if (named.Length == 0) named = attributes.GetValueOrDefault("service.name") ?? attributes.GetValueOrDefault("k8s.deployment.name") ?? pod?.Name ?? "";
        return _known[hash] = WriterOf(named, pod);
    }

    private Writer WriterOf(string service, EntityRef? pod)
    {
        if (!_writers.TryGetValue((service, pod), out var writer)) _writers[(service, pod)] = writer = new(service, pod);
        return writer;
    }

    private static bool IsSevere(ReadOnlySpan<byte> text, ReadOnlySpan<byte> number)
    {
        if (System.Buffers.Text.Utf8Parser.TryParse(number, out int level, out _) && level > 0) return level >= 13; // WARN and above in the OpenTelemetry data model
        return text.Length > 0 && (text[0] | 0x20) is (byte)'e' or (byte)'f' or (byte)'w' or (byte)'c';
    }

    /// <summary>The number of the line's template; -1 when there are too many.</summary>
    private int Accept(Writer writer, long ticks, ReadOnlySpan<char> text, bool severe, FileReading reading, long record)
    {
        var id = writer.Miner.Add(text);
        if (id < 0) return -1;
        if (id == writer.Entries.Count)
        {
            var first = new Entry { Miner = writer.Miner, Id = id, Number = _all.Count, Problem = severe || IsProblem(text) };
            writer.Entries.Add(first);
            _all.Add(first);
        }
        var entry = writer.Entries[id];
        var isReference = reading.File.IsReference;
        if (ticks > 0) (isReference ? entry.ReferenceTimes : entry.Times).Add(ticks);
        if (isReference) return entry.Number; // it is counted, and no sample of the incident
        if (entry.Samples.Count < MaxSamples && (entry.Samples.Count < 2 || ticks - entry.LastSampled > SampleSpacing))
        {
            entry.LastSampled = ticks;
            entry.Samples.Add(new(reading.Address(record), new(ticks, TimeSpan.Zero), text.Length <= MaxText ? text.ToString() : $"{text[..MaxText]}…"));
        }
        return entry.Number;
    }

    internal static bool IsProblem(ReadOnlySpan<char> text) => text.ContainsAny(ProblemWords) || IsFailedAccess(text);

    /// <summary>An access log line with a status of 5xx: a three-digit word that follows a quoted request.</summary>
    private static bool IsFailedAccess(ReadOnlySpan<char> text)
    {
        var quote = text.IndexOf("\" 5");
        return quote > 0 && quote + 5 < text.Length && char.IsAsciiDigit(text[quote + 3]) && char.IsAsciiDigit(text[quote + 4]) && text[quote + 5] == ' ';
    }

    /// <summary>Who writes log lines, with the templates of them.</summary>
    private sealed class Writer(string service, EntityRef? pod)
    {
        public string Service => service;

        public EntityRef? Pod => pod;

        public Drain Miner { get; } = new();

        /// <summary>By the miner's numbers.</summary>
        public List<Entry> Entries { get; } = [];
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
