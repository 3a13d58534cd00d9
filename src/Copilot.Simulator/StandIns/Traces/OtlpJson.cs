using System.Text.Json.Nodes;

namespace Copilot.Simulator.StandIns.Traces;

/// <param name="Base64Ids">Ids are written as protobuf libraries write bytes; otherwise hexadecimal, as OTLP wants it.</param>
/// <param name="EnumNames">Kinds and codes are names instead of numbers.</param>
internal sealed record OtlpForm(bool Base64Ids, bool EnumNames);

/// <summary>Spans in the JSON of OTLP (opentelemetry.io/docs/specs/otlp). Zero values are left out; times are text, in nanoseconds.</summary>
internal static class OtlpJson
{
    // By their numbers in OTLP.
    private static readonly string[] Kinds = ["unspecified", "internal", "server", "client", "producer", "consumer"];
    private static readonly string[] Codes = ["unset", "ok", "error"];

    public static int Kind(RecordedSpan span) => Math.Max(0, Array.FindIndex(Kinds, k => k.Equals(span.Kind, StringComparison.OrdinalIgnoreCase)));

    public static string KindName(RecordedSpan span) => Kinds[Kind(span)];

    public static string CodeName(RecordedSpan span) => Codes[Code(span)];

    /// <summary>Grouped by resource and scope, each in the order of its first span.</summary>
    public static JsonArray ResourceSpans(IEnumerable<RecordedSpan> spans, OtlpForm form) => Answers.Array(spans.GroupBy(s => (s.Resource, s.Service)).Select(resource => (JsonNode?)new JsonObject
    {
        ["resource"] = Resource(resource.Key.Resource, resource.Key.Service),
        ["scopeSpans"] = Answers.Array(resource.GroupBy(s => (s.Scope, s.ScopeVersion)).Select(scope => (JsonNode?)new JsonObject
        {
            ["scope"] = Scope(scope.Key.Scope, scope.Key.ScopeVersion),
            ["spans"] = Answers.Array(scope.Select(s => (JsonNode?)Span(s, form))),
        })),
    }));

    public static JsonObject Attribute(string key, RecordedValue value) => new() { ["key"] = key, ["value"] = value.Any() };

    private static JsonObject Resource(IReadOnlyDictionary<string, string> attributes, string service)
    {
        var all = attributes.ContainsKey("service.name") || service.Length == 0 ? attributes : attributes.Append(new("service.name", service));
        var resource = new JsonObject();
        if (all.Any()) resource["attributes"] = Answers.Array(all.Select(a => (JsonNode?)Attribute(a.Key, RecordedValue.OfResource(a.Value))));
        return resource;
    }

    private static JsonObject Scope(string name, string version)
    {
        var scope = new JsonObject();
        if (name.Length > 0) scope["name"] = name;
        if (version.Length > 0) scope["version"] = version;
        return scope;
    }

    private static JsonObject Span(RecordedSpan span, OtlpForm form)
    {
        var written = new JsonObject { ["traceId"] = Id(TraceIds.Trace(span.TraceId)!, form), ["spanId"] = Id(TraceIds.Span(span.SpanId)!, form) };
        if (TraceIds.Span(span.ParentId) is { } parent) written["parentSpanId"] = Id(parent, form);
        if (span.Name.Length > 0) written["name"] = span.Name;
        if (Kind(span) is > 0 and var kind) written["kind"] = form.EnumNames ? $"SPAN_KIND_{Kinds[kind].ToUpperInvariant()}" : kind;
        written["startTimeUnixNano"] = $"{span.Start}";
        written["endTimeUnixNano"] = $"{span.End}";
        if (span.Attributes.Count > 0) written["attributes"] = Attributes(span.Attributes);
        if (span.Events.Count > 0) written["events"] = Answers.Array(span.Events.Select(e => (JsonNode?)Event(e)));
        if (Links(span, form) is { Count: > 0 } links) written["links"] = links;
        written["status"] = Status(span, form);
        return written;
    }

    private static JsonObject Event(RecordedSpanEvent recorded)
    {
        var written = new JsonObject { ["timeUnixNano"] = $"{recorded.Time}", ["name"] = recorded.Name };
        if (recorded.Attributes.Count > 0) written["attributes"] = Attributes(recorded.Attributes);
        return written;
    }

    private static JsonArray Links(RecordedSpan span, OtlpForm form) => Answers.Array(span.Links
        .Where(l => TraceIds.Trace(l.TraceId) is not null && TraceIds.Span(l.SpanId) is not null)
        .Select(l => (JsonNode?)new JsonObject { ["traceId"] = Id(TraceIds.Trace(l.TraceId)!, form), ["spanId"] = Id(TraceIds.Span(l.SpanId)!, form) }));

    private static JsonObject Status(RecordedSpan span, OtlpForm form)
    {
        var status = new JsonObject();
        if (span.StatusMessage.Length > 0) status["message"] = span.StatusMessage;
        if (Code(span) is > 0 and var code) status["code"] = form.EnumNames ? $"STATUS_CODE_{Codes[code].ToUpperInvariant()}" : code;
        return status;
    }

    private static JsonArray Attributes(IReadOnlyDictionary<string, string> attributes) => Answers.Array(attributes.Select(a => (JsonNode?)Attribute(a.Key, RecordedValue.OfSpan(a.Key, a.Value))));

    private static int Code(RecordedSpan span) => Math.Max(0, Array.FindIndex(Codes, c => c.Equals(span.Status, StringComparison.OrdinalIgnoreCase)));

    private static string Id(string hexadecimal, OtlpForm form) => form.Base64Ids ? TraceIds.Base64(hexadecimal) : hexadecimal;
}
