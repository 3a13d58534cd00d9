using System.Text.Json.Nodes;
using Copilot.Simulator.StandIns.Traces;

namespace Copilot.Simulator.StandIns.Jaeger;

/// <summary>The stable API: OTLP in a wrapper.</summary>
internal sealed class JaegerVersion3(JaegerSearch search)
{
    private const int DefaultDepth = 100;

    private static readonly OtlpForm Form = new(Base64Ids: false, EnumNames: false);

    public JsonNode Services() => new JsonObject { ["services"] = Answers.Array(search.Services()) };

    public JsonNode Operations(JaegerParameters parameters)
    {
        var operations = search.Operations(parameters["service"] ?? "", parameters.Find("spanKind")?.Value);
        return new JsonObject
        {
            ["operations"] = Answers.Array(operations.Select(o => (JsonNode?)new JsonObject { ["name"] = o.Name, ["spanKind"] = o.Kind.Length > 0 ? o.Kind : "internal" })),
        };
    }

    public JsonNode Trace(string id, JaegerParameters parameters)
    {
        var known = JaegerText.TraceId(id, "malformed parameter trace_id: ");
        var (start, end) = (parameters.Time("startTime") ?? long.MinValue, parameters.Time("endTime") ?? long.MaxValue);
        parameters.Boolean("rawTraces");
        return Wrapped(search.Find(known) is { } trace && trace.Overlaps(start, end) ? [trace] : []);
    }

    /// <exception cref="RefusedRequestException">400 for what cannot be read, 404 when nothing is found, 500 for what the storage refuses.</exception>
    public JsonNode Traces(JaegerParameters parameters)
    {
        var (service, operation) = (parameters.Find("query.serviceName"), parameters.Find("query.operationName"));
        if (parameters.Find("query.startTimeMin") is null || parameters.Find("query.startTimeMax") is null)
            throw JaegerText.Bad($"{parameters.NameOf("query.startTimeMin")} and {parameters.NameOf("query.startTimeMax")} are required");
        var (start, end) = (parameters.Time("query.startTimeMin")!.Value, parameters.Time("query.startTimeMax")!.Value);
        var depth = Depth(parameters);
        var (least, most) = (parameters.Duration("query.durationMin"), parameters.Duration("query.durationMax"));
        parameters.Boolean("query.rawTraces");
        var tags = Attributes(parameters);
        if (service is not var (name, _)) throw new RefusedRequestException(500, "service Name must be set");
        if (start > end) throw new RefusedRequestException(500, "start Time Minimum is above Maximum");
        return Wrapped([.. search.Newest(new(name, operation?.Value, tags, start, end, least, most, depth))]);
    }

    /// <summary>Zero and less are the default of the storage.</summary>
    private static int Depth(JaegerParameters parameters)
    {
        if (parameters.Find("query.searchDepth") is not var (text, name)) return DefaultDepth;
        var depth = GoText.Integer(text, parameters.Spelling == JaegerSpelling.CamelCase ? 32 : 64, out var error, parameters.Spelling == JaegerSpelling.CamelCase ? "ParseInt" : "Atoi");
        if (error is not null) throw JaegerParameters.Malformed(name, error);
        return depth > 0 ? (int)Math.Min(depth, int.MaxValue) : DefaultDepth;
    }

    /// <summary>Older versions pass them over.</summary>
    private static Dictionary<string, string> Attributes(JaegerParameters parameters)
    {
        Dictionary<string, string> tags = [];
        if (parameters.Spelling != JaegerSpelling.CamelCase) return tags;
        foreach (var name in (string[])["query.filter", "query.pagination.pageSize", "query.pagination.pageToken"])
            if (parameters[name] is not null) throw new RefusedRequestException(501, $"this stand-in does not answer {name}; Jaeger does");
        if (parameters["query.attributes"] is { } json && JaegerText.Read(json, tags) is { } error) throw JaegerParameters.Malformed("query.attributes", error);
        return tags;
    }

    private static JsonObject Wrapped(IReadOnlyList<RecordedTrace> traces)
    {
        if (traces.Count == 0) throw new RefusedRequestException(404, "No traces found");
        var all = new JsonArray();
        foreach (var resource in traces.SelectMany(t => OtlpJson.ResourceSpans(t.Spans, Form))) all.Add(resource!.DeepClone());
        return new() { ["result"] = new JsonObject { ["resourceSpans"] = all } };
    }
}
