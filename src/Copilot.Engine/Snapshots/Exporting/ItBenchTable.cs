using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Copilot.Core.Evidence;
using Copilot.Engine.Snapshots.Reading;

namespace Copilot.Engine.Snapshots.Exporting;

/// <summary>Makes one table of the ITBench layout from several files: tables of the same source, lists of a dump, text logs.</summary>
internal static class ItBenchTable
{
    // The columns of the OpenTelemetry collector's ClickHouse exporter, which recorded the benchmark.
    private static readonly string[] LogColumns =
    [
        "Timestamp", "TimestampTime", "TraceId", "SpanId", "TraceFlags", "SeverityText", "SeverityNumber", "ServiceName", "Body", "ResourceSchemaUrl", "ResourceAttributes",
        "ScopeSchemaUrl", "ScopeName", "ScopeVersion", "ScopeAttributes", "LogAttributes", "EventName",
    ];

    private static readonly JsonSerializerOptions Compact = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes the table.</summary>
    /// <returns>How many records could not be read.</returns>
    /// <exception cref="IOException">A file cannot be read at all: the table would lack it silently.</exception>
    public static long Write(IReadOnlyList<SnapshotFile> files, string path, long dumped, CancellationToken cancellation)
    {
        using var table = new TsvWriter(path, Columns(files));
        var leftOut = 0L;
        foreach (var file in files)
        {
            var reading = new FileReading(file, null, cancellation);
            switch (file.Format)
            {
                case FileFormat.KubernetesList:
                    List(reading, table, dumped);
                    break;
                case FileFormat.TextLog:
                    TextLog(reading, table);
                    break;
                default:
                    Rows(reading, table);
                    break;
            }
            if (reading.Gaps().FirstOrDefault(g => g.Kind == GapKind.Unreadable) is { } gap) throw new IOException($"{file.Path}: {gap.Detail}");
            leftOut += reading.Gaps().Sum(g => g.Count);
        }
        return leftOut;
    }

    /// <summary>The usual columns and whatever else the tables among the files have.</summary>
    private static List<string> Columns(IReadOnlyList<SnapshotFile> files)
    {
        List<string> columns = files[0].Format == FileFormat.SpanTable ? [] : [.. LogColumns];
        foreach (var file in files.Where(f => f.Format is FileFormat.LogTable or FileFormat.SpanTable))
        {
            using var reader = new TsvReader(file.Open());
            columns.AddRange(reader.Header.Where(h => h.Length > 0 && !columns.Contains(h)).Distinct());
        }
        return columns;
    }

    private static void Rows(FileReading reading, TsvWriter table) => reading.ReadTable([], row =>
    {
        table.Write(column => row.Field(row.Column(column)));
        return true;
    });

    private static void List(FileReading reading, TsvWriter table, long dumped)
    {
        var (kind, version) = ListHead(reading.File);
        var plural = Path.GetFileNameWithoutExtension(reading.File.Name).Replace("-", "", StringComparison.Ordinal).ToLowerInvariant();
        reading.ReadJson(
            (item, _) =>
            {
                var body = (JsonObject)JsonNode.Parse(item.GetRawText())!;
                // Items of a typed list do not say what they are: the list does.
                if (kind.Length > 0 && body["kind"] is null)
                {
                    body.Insert(0, "kind", kind);
                    body.Insert(0, "apiVersion", version);
                }
                var isEvent = reading.File.Source == EvidenceSource.Events;
                var at = isEvent ? EventTime(item) : Stamp(dumped);
                var name = Text(item, "metadata", "name");
                JsonNode whole = isEvent ? new JsonObject { ["object"] = body, ["type"] = "ADDED" } : body;
                Row(table, at, "", whole.ToJsonString(Compact), Dict(("k8s.namespace.name", Text(item, "metadata", "namespace"))),
                    isEvent ? Dict(("event.domain", "k8s"), ("event.name", name), ("k8s.resource.name", "events")) : Dict(("k8s.resource.name", plural)));
                return true;
            },
            "items", "Items");
    }

    private static void TextLog(FileReading reading, TsvWriter table)
    {
        // namespace/pod/logs.txt
        var parts = reading.File.Path.Split('/');
        var service = parts[^2];
        var resource = parts.Length >= 3 ? Dict(("k8s.namespace.name", parts[^3]), ("k8s.pod.name", service)) : "{}";
        reading.ReadLines((line, _) =>
        {
            var text = TextLogLine.Of(line.Span);
            if (text is not null) Row(table, TextLogLine.TimeOf(text) is > 0 and var ticks ? Stamp(ticks) : "", service, text, resource, "{}");
        });
    }

    private static void Row(TsvWriter table, string at, string service, string body, string resource, string attributes) => table.Write(column => Encoding.UTF8.GetBytes(column switch
    {
        "Timestamp" => at,
        "TimestampTime" => at.Length >= 19 ? at[..19] : "",
        "TraceFlags" or "SeverityNumber" => "0",
        "ServiceName" => service,
        "Body" => body,
        "ResourceAttributes" => resource,
        "ScopeAttributes" => "{}",
        "LogAttributes" => attributes,
        _ => "",
    }));

    private static string Stamp(long ticks) => new DateTime(ticks, DateTimeKind.Utc).ToString("yyyy-MM-dd HH:mm:ss.fffffff") + "00";

    private static string EventTime(JsonElement e)
    {
        foreach (var field in (string[])["lastTimestamp", "deprecatedLastTimestamp", "eventTime"])
            if (TimeText.TryParse(Text(e, field), out DateTimeOffset at)) return Stamp(at.UtcTicks);
        return TimeText.TryParse(Text(e, "metadata", "creationTimestamp"), out DateTimeOffset made) ? Stamp(made.UtcTicks) : "";
    }

    /// <summary>As Python writes it.</summary>
    private static string Dict(params ReadOnlySpan<(string Key, string Value)> pairs)
    {
        var text = new StringBuilder("{");
        foreach (var (key, value) in pairs)
        {
            if (value.Length == 0) continue;
            text.Append(text.Length > 1 ? ", " : "").Append('\'').Append(key).Append("': '").Append(value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "\\'", StringComparison.Ordinal)).Append('\'');
        }
        return text.Append('}').ToString();
    }

    private static string Text(JsonElement element, params ReadOnlySpan<string> path)
    {
        foreach (var name in path)
            if (element.ValueKind != JsonValueKind.Object || !element.TryGetProperty(name, out element)) return "";
        return element.ValueKind == JsonValueKind.String ? element.GetString()! : "";
    }

    /// <summary>Kind and version of a typed list's items; empty for a mixed list, whose items say it themselves.</summary>
    private static (string Kind, string Version) ListHead(SnapshotFile file)
    {
        var (kind, version) = ("", "v1");
        Span<byte> head = stackalloc byte[4096];
        using var stream = file.Open();
        var length = stream.ReadAtLeast(head, head.Length, throwOnEndOfStream: false);
        head = head[..length];
        if (head.StartsWith("\uFEFF"u8)) head = head[3..];
        try
        {
            var reader = new Utf8JsonReader(head, isFinalBlock: false, default);
            while (reader.Read() && !(reader.CurrentDepth == 1 && reader.TokenType == JsonTokenType.PropertyName && reader.ValueTextEquals("items"u8)))
            {
                if (reader.CurrentDepth != 1 || reader.TokenType != JsonTokenType.PropertyName) continue;
                var (isKind, isVersion) = (reader.ValueTextEquals("kind"u8), reader.ValueTextEquals("apiVersion"u8));
                if (!reader.Read() || reader.TokenType != JsonTokenType.String) continue;
                if (isKind) kind = reader.GetString()!;
                if (isVersion) version = reader.GetString()!;
            }
        }
        catch (JsonException)
        {
            // What is broken is stated when the items are read.
        }
        return kind.EndsWith("List", StringComparison.Ordinal) && kind.Length > "List".Length ? (kind[..^"List".Length], version) : ("", version);
    }
}
