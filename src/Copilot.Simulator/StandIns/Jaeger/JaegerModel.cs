using System.Text.Json.Nodes;
using Copilot.Simulator.StandIns.Traces;

namespace Copilot.Simulator.StandIns.Jaeger;

/// <summary>Traces as version 1 writes them: times in microseconds, parents as references, resources as processes.</summary>
internal static class JaegerModel
{
    /// <summary>Empty when it is not specified.</summary>
    public static string Kind(RecordedSpan span) => OtlpJson.Kind(span) > 0 ? OtlpJson.KindName(span) : "";

    /// <summary>Short ids keep 16 digits.</summary>
    public static string Id(string traceId) => traceId.StartsWith("0000000000000000", StringComparison.Ordinal) ? traceId[16..] : traceId;

    /// <summary>What Jaeger makes tags of that OpenTelemetry keeps beside the attributes.</summary>
    public static IEnumerable<(string Name, RecordedValue Value)> Own(RecordedSpan span)
    {
        if (Kind(span) is { Length: > 0 } kind) yield return ("span.kind", RecordedValue.OfResource(kind));
        if (OtlpJson.CodeName(span) is not "unset" and var code)
        {
            yield return ("otel.status_code", RecordedValue.OfResource(code.ToUpperInvariant()));
            if (code == "error") yield return ("error", new(RecordedType.Boolean, "true", 1));
        }
        if (span.StatusMessage.Length > 0) yield return ("otel.status_description", RecordedValue.OfResource(span.StatusMessage));
    }

    public static JsonNode Trace(RecordedTrace trace)
    {
        var processes = trace.Spans.Select(s => (s.Resource, s.Service)).Distinct().Select((p, i) => (Process: p, Name: $"p{i + 1}")).ToDictionary(p => p.Process, p => p.Name);
        return new JsonObject
        {
            ["traceID"] = Id(trace.Id),
            ["spans"] = Answers.Array(trace.Spans.Select(s => (JsonNode?)Span(s, Id(trace.Id), processes[(s.Resource, s.Service)]))),
            ["processes"] = new JsonObject(processes.Select(p => KeyValuePair.Create(p.Value, (JsonNode?)Process(p.Key.Resource, p.Key.Service)))),
            ["warnings"] = null,
        };
    }

    private static JsonObject Process(IReadOnlyDictionary<string, string> resource, string service) => new()
    {
        ["serviceName"] = service,
        ["tags"] = Answers.Array(resource.Where(a => a.Key != "service.name").Select(a => (JsonNode?)Tag(a.Key, RecordedValue.OfResource(a.Value)))),
    };

    private static JsonObject Span(RecordedSpan span, string traceId, string process) => new()
    {
        ["traceID"] = traceId,
        ["spanID"] = TraceIds.Span(span.SpanId)!,
        ["operationName"] = span.Name,
        ["references"] = References(span, traceId),
        ["startTime"] = span.Start / 1000,
        ["duration"] = span.Duration / 1000,
        ["tags"] = Answers.Array(Tags(span).Select(t => (JsonNode?)Tag(t.Name, t.Value))),
        ["logs"] = Answers.Array(span.Events.Select(e => (JsonNode?)Log(e))),
        ["processID"] = process,
        ["warnings"] = null,
    };

    private static JsonArray References(RecordedSpan span, string traceId)
    {
        var references = new JsonArray();
        if (TraceIds.Span(span.ParentId) is { } parent) references.Add((JsonNode)Reference("CHILD_OF", traceId, parent));
        foreach (var link in span.Links)
            if (TraceIds.Trace(link.TraceId) is { } trace && TraceIds.Span(link.SpanId) is { } linked) references.Add((JsonNode)Reference("FOLLOWS_FROM", Id(trace), linked));
        return references;
    }

    private static JsonObject Reference(string type, string traceId, string spanId) => new() { ["refType"] = type, ["traceID"] = traceId, ["spanID"] = spanId };

    private static IEnumerable<(string Name, RecordedValue Value)> Tags(RecordedSpan span)
    {
        if (span.Scope.Length > 0) yield return ("otel.scope.name", RecordedValue.OfResource(span.Scope));
        if (span.ScopeVersion.Length > 0) yield return ("otel.scope.version", RecordedValue.OfResource(span.ScopeVersion));
        foreach (var (name, value) in span.Attributes) yield return (name, RecordedValue.OfSpan(name, value));
        foreach (var own in Own(span)) yield return own;
    }

    private static JsonObject Log(RecordedSpanEvent recorded) => new()
    {
        ["timestamp"] = recorded.Time / 1000,
        ["fields"] = Answers.Array(recorded.Attributes.Select(a => (JsonNode?)Tag(a.Key, RecordedValue.OfSpan(a.Key, a.Value))).Prepend(Tag("event", RecordedValue.OfResource(recorded.Name)))),
    };

    private static JsonObject Tag(string name, RecordedValue value) => value.Type switch
    {
        RecordedType.Integer => new() { ["key"] = name, ["type"] = "int64", ["value"] = (long)value.Number },
        RecordedType.Real => new() { ["key"] = name, ["type"] = "float64", ["value"] = value.Number },
        RecordedType.Boolean => new() { ["key"] = name, ["type"] = "bool", ["value"] = value.Number > 0 },
        _ => new() { ["key"] = name, ["type"] = "string", ["value"] = value.Text },
    };
}
