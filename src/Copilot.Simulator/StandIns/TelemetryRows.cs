using System.Globalization;
using System.Text;
using System.Text.Json;
using Copilot.Core.Evidence;
using Copilot.Engine.Snapshots.Reading;

namespace Copilot.Simulator.StandIns;

/// <summary>Collects the rows of the tables as long as they are within the bounds.</summary>
internal sealed class TelemetryRows(TelemetryBounds bounds)
{
    private const long Minute = 60L * 1_000_000_000;

    private static readonly IReadOnlyDictionary<string, string> Nothing = new Dictionary<string, string>();

    private readonly Dictionary<string, IReadOnlyDictionary<string, string>> _resources = [];
    private readonly Dictionary<string, string> _words = [];
    private readonly Dictionary<string, (long Seen, RecordedObject Version)> _last = [];
    private readonly Dictionary<string, long> _lastPull = [];
    private long _bytes;

    public List<RecordedLog> Logs { get; } = [];

    public List<RecordedSpan> Spans { get; } = [];

    public List<RecordedObject> Objects { get; } = [];

    public List<RecordedObject> Events { get; } = [];

    public void ReadLogs(FileReading file) => Read(file, ["Timestamp", "Body"], Logs, bounds.Logs, "log records", row =>
    {
        if (Nanoseconds(row.Span("Timestamp")) is not { } time) return null;
        var number = int.TryParse(row.Word("SeverityNumber"), CultureInfo.InvariantCulture, out var n) ? n : 0;
        return new RecordedLog(
            time, row.Text("TraceId"), row.Text("SpanId"), row.Word("SeverityText"), number, row.Word("ServiceName"), row.Text("Body"), row.Word("ScopeName"),
            Shared(row.Text("ResourceAttributes")), Own(row.Span("LogAttributes")));
    });

    public void ReadSpans(FileReading file) => Read(file, ["Timestamp", "TraceId", "SpanId", "Duration"], Spans, bounds.Spans, "spans", row =>
    {
        if (Nanoseconds(row.Span("Timestamp")) is not { } start || !long.TryParse(row.Text("Duration"), CultureInfo.InvariantCulture, out var duration) || duration < 0) return null;
        return new RecordedSpan(
            start, duration, row.Text("TraceId"), row.Text("SpanId"), row.Text("ParentSpanId"), row.Word("SpanName"), row.Word("SpanKind"), row.Word("ServiceName"), row.Word("StatusCode"),
            row.Text("StatusMessage"), row.Word("ScopeName"), row.Word("ScopeVersion"), Shared(row.Text("ResourceAttributes")), Own(row.Span("SpanAttributes")), EventsOf(row), LinksOf(row));
    });

    public void ReadObjects(FileReading file) => Read(file, ["Timestamp", "Body"], Objects, bounds.Objects, "versions of objects", row =>
    {
        if (Nanoseconds(row.Span("Timestamp")) is not { } time) return null;
        var (json, resource) = (row.Text("Body"), PythonDict.TryGet(row.Span("LogAttributes"), "k8s.resource.name"u8, out var name) ? name : "");
        if (Identity(json) is not { } identity) return null;
        _lastPull[resource] = Math.Max(_lastPull.GetValueOrDefault(resource), time);
        // Each pull writes every object again. What did not change is passed over without being a fault.
        var known = _last.GetValueOrDefault(resource + identity);
        var version = known.Version?.Json == json ? known.Version : new RecordedObject(time, resource, json);
        _last[resource + identity] = (Math.Max(known.Seen, time), version);
        return ReferenceEquals(version, known.Version) ? RecordedAlready : version;
    });

    /// <summary>The last version of each object that the last pull of its kind still saw. One pull writes its objects within moments of each other.</summary>
    public IEnumerable<RecordedObject> ObjectsAtEnd() => _last.Values.Where(o => o.Seen >= _lastPull[o.Version.Resource] - Minute).Select(o => o.Version);

    public void ReadEvents(FileReading file) => Read(file, ["Timestamp", "Body"], Events, bounds.Objects, "events", row =>
    {
        if (Nanoseconds(row.Span("Timestamp")) is not { } time) return null;
        try
        {
            using var document = JsonText.Parse(row.Span("Body"));
            return document.RootElement is { ValueKind: JsonValueKind.Object } root && root.TryGetProperty("object", out var held) ? new RecordedObject(time, "events", held.GetRawText()) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    });

    private static readonly RecordedObject RecordedAlready = new(0, "", "");

    private void Read<T>(FileReading file, string[] needed, List<T> into, int most, string what, Func<Row, T?> make) where T : class
    {
        file.ReadTable(needed, reader =>
        {
            if (make(new(reader, this)) is not { } made)
            {
                file.Fault(reader.Record, GapKind.Malformed, "a record without a readable time or body");
                return false;
            }
            if (ReferenceEquals(made, RecordedAlready)) return true;
            _bytes += reader.Raw.Length;
            if (into.Count >= most) throw new InvalidDataException($"{file.File.FullPath} holds more than {most} {what}, which is as many as a stand-in keeps in memory. Cut the file to the time that matters, or raise the bound.");
            if (_bytes > bounds.Bytes) throw new InvalidDataException($"{file.File.FullPath}: the snapshot holds more than {bounds.Bytes >> 20} MiB of logs, spans and objects, which is as much as a stand-in keeps in memory. Cut the files to the time that matters, or raise the bound.");
            into.Add(made);
            return true;
        });
        if (file.Unreadable) throw new InvalidDataException($"{file.File.FullPath} cannot be used: {string.Join("; ", file.Gaps().Select(g => $"{g.Detail}. {g.Remedy}"))}");
    }

    /// <summary>Nanoseconds since 1970. The reader of times keeps ticks of 100 ns, so the last two digits are read here.</summary>
    internal static long? Nanoseconds(ReadOnlySpan<byte> text)
    {
        if (!TimeText.TryParse(text, out var ticks)) return null;
        var nanoseconds = (ticks - DateTime.UnixEpoch.Ticks) * 100;
        if (text.Length < 28 || text[19] != (byte)'.') return nanoseconds;
        for (int i = 27, unit = 10; i < Math.Min(text.Length, 29) && text[i] is >= (byte)'0' and <= (byte)'9'; i++, unit /= 10) nanoseconds += (text[i] - '0') * unit;
        return nanoseconds;
    }

    private static string? Identity(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            if (document.RootElement.ValueKind != JsonValueKind.Object || !document.RootElement.TryGetProperty("metadata", out var metadata) || metadata.ValueKind != JsonValueKind.Object) return null;
            return $"/{Member(metadata, "namespace")}/{Member(metadata, "name")}";
        }
        catch (JsonException)
        {
            return null;
        }

        static string? Member(JsonElement of, string name) => of.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
    }

    private static List<RecordedSpanEvent> EventsOf(Row row)
    {
        var names = PythonList.Items(row.Text("Events.Name"));
        if (names.Count == 0) return [];
        var (times, attributes) = (PythonList.Items(row.Text("Events.Timestamp")), PythonList.Items(row.Text("Events.Attributes")));
        List<RecordedSpanEvent> events = [];
        for (var i = 0; i < names.Count; i++)
        {
            var time = i < times.Count ? Nanoseconds(Encoding.UTF8.GetBytes(PythonList.Text(times[i]))) : null;
            events.Add(new(time ?? 0, PythonList.Text(names[i]), i < attributes.Count ? PythonDict.Parse(Encoding.UTF8.GetBytes(attributes[i])) : Nothing));
        }
        return events;
    }

    private static List<RecordedSpanLink> LinksOf(Row row)
    {
        var (traces, spans) = (PythonList.Items(row.Text("Links.TraceId")), PythonList.Items(row.Text("Links.SpanId")));
        return [.. traces.Zip(spans, (t, s) => new RecordedSpanLink(PythonList.Text(t), PythonList.Text(s)))];
    }

    private static IReadOnlyDictionary<string, string> Own(ReadOnlySpan<byte> dict) => dict.Length <= 2 ? Nothing : PythonDict.Parse(dict);

    private IReadOnlyDictionary<string, string> Shared(string dict)
    {
        if (!_resources.TryGetValue(dict, out var known)) _resources[dict] = known = PythonDict.Parse(Encoding.UTF8.GetBytes(dict));
        return known;
    }

    private readonly record struct Row(TsvReader Reader, TelemetryRows Rows)
    {
        public ReadOnlySpan<byte> Span(string column) => Reader.Field(Reader.Column(column));

        public string Text(string column) => Encoding.UTF8.GetString(Span(column));

        /// <summary>For text that comes again and again: it is kept once.</summary>
        public string Word(string column)
        {
            var text = Text(column);
            if (Rows._words.TryGetValue(text, out var known)) return known;
            return Rows._words[text] = text;
        }
    }
}
