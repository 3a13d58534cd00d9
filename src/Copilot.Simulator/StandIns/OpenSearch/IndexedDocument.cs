using System.Text.Json.Nodes;

namespace Copilot.Simulator.StandIns.OpenSearch;

/// <summary>How a field is indexed.</summary>
internal enum FieldKind
{
    Text,
    Keyword,
    Number,
    DateNanos,
}

/// <summary>The value of a field: text, or a number (of a date the nanoseconds since 1970).</summary>
internal readonly record struct FieldValue(string? Text, long Number = 0)
{
    public static implicit operator FieldValue(string text) => new(text);

    public static implicit operator FieldValue(long number) => new(null, number);
}

/// <param name="Type">As mappings name it.</param>
/// <param name="IgnoreAbove">Keywords longer than this are not indexed.</param>
/// <param name="Of">The value of a document; null when it has none.</param>
internal sealed record IndexField(string Name, FieldKind Kind, string Type, int IgnoreAbove, Func<IndexedDocument, FieldValue?> Of)
{
    /// <summary>What the index holds of a document.</summary>
    public FieldValue? Indexed(IndexedDocument document) =>
        Of(document) is { } value && (Kind != FieldKind.Keyword || value.Text!.Length <= IgnoreAbove) ? (FieldValue?)value : null;
}

/// <summary>One recorded log record or span as the document that Data Prepper writes of it with <c>output_format: otel</c>.</summary>
/// <param name="Number">Its place in the index, from 0.</param>
internal sealed record IndexedDocument(SearchIndex Index, int Number, RecordedLog? Log, RecordedSpan? Span)
{
    public string Id => Span is { } span ? span.SpanId : $"log-{Number:D16}";

    public IReadOnlyDictionary<string, string> Resource => Log?.Resource ?? Span!.Resource;

    public IReadOnlyDictionary<string, string> Attributes => Log?.Attributes ?? Span!.Attributes;

    public int StatusCode => Span!.Status switch { "Ok" => 1, "Error" => 2, _ => 0 };

    public JsonObject Source() => Log is { } log ? Source(log) : Source(Span!);

    private static JsonObject Source(RecordedLog log) => new()
    {
        ["traceId"] = log.TraceId,
        ["spanId"] = log.SpanId,
        ["severity"] = new JsonObject { ["number"] = log.SeverityNumber, ["text"] = log.Severity },
        ["time"] = DateText.Iso(log.Time),
        ["@timestamp"] = DateText.Iso(log.Time),
        ["body"] = log.Body,
        ["attributes"] = Texts(log.Attributes),
        ["instrumentationScope"] = new JsonObject { ["name"] = log.Scope },
        ["resource"] = new JsonObject { ["attributes"] = Texts(log.Resource) },
    };

    private JsonObject Source(RecordedSpan span)
    {
        var source = new JsonObject
        {
            ["traceId"] = span.TraceId,
            ["spanId"] = span.SpanId,
            ["parentSpanId"] = span.ParentId,
            ["name"] = span.Name,
            ["kind"] = $"SPAN_KIND_{span.Kind.ToUpperInvariant()}",
            ["serviceName"] = span.Service,
            ["startTime"] = DateText.Iso(span.Start),
            ["endTime"] = DateText.Iso(span.End),
            ["@timestamp"] = DateText.Iso(span.Start),
            ["durationInNanos"] = span.Duration,
            ["status"] = new JsonObject { ["code"] = StatusCode, ["message"] = span.StatusMessage },
            ["attributes"] = Texts(span.Attributes),
            ["instrumentationScope"] = new JsonObject { ["name"] = span.Scope, ["version"] = span.ScopeVersion },
            ["resource"] = new JsonObject { ["attributes"] = Texts(span.Resource) },
            ["events"] = Answers.Array(span.Events.Select(e => (JsonNode?)new JsonObject { ["time"] = DateText.Iso(e.Time), ["name"] = e.Name, ["attributes"] = Texts(e.Attributes) })),
            ["links"] = Answers.Array(span.Links.Select(l => (JsonNode?)new JsonObject { ["traceId"] = l.TraceId, ["spanId"] = l.SpanId })),
        };
        if (Index.TraceGroups.GetValueOrDefault(span.TraceId) is { } root)
        {
            source["traceGroup"] = root.Name;
            source["traceGroupFields"] = new JsonObject
            {
                ["endTime"] = DateText.Iso(root.End),
                ["durationInNanos"] = root.Duration,
                ["statusCode"] = root.Status switch { "Ok" => 1, "Error" => 2, _ => 0 },
            };
        }
        return source;
    }

    private static JsonObject Texts(IReadOnlyDictionary<string, string> values) => new(values.Select(v => KeyValuePair.Create(v.Key, (JsonNode?)v.Value)));
}
