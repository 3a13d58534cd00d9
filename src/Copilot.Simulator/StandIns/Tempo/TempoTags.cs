using System.Text.Json.Nodes;
using Copilot.Simulator.StandIns.Traces;

namespace Copilot.Simulator.StandIns.Tempo;

/// <summary>The names of attributes and the values that they have.</summary>
internal sealed class TempoTags(RecordedTraces traces, TempoWindow window)
{
    private static readonly string[] Statuses = ["error", "ok", "unset"];
    private static readonly string[] Kinds = ["client", "consumer", "internal", "producer", "server", "unspecified"];
    private static readonly HashSet<string> Scopes = ["resource", "span", "intrinsic", "event", "link", "instrumentation"];

    /// <summary>Names of attributes in all scopes together, or of the scope that is asked for.</summary>
    public JsonNode Names(Parameters parameters)
    {
        var names = Found(parameters).Where(s => parameters["scope"] == "intrinsic" || s.Name != "intrinsic").SelectMany(s => s.Tags);
        return WithMetrics("tagNames", Answers.Array(names.Distinct().Order(StringComparer.Ordinal)));
    }

    public JsonNode ScopedNames(Parameters parameters)
    {
        if (parameters["q"] is not null) throw TempoRefusal.NotAnswered("q on the names of tags");
        return WithMetrics("scopes", Answers.Array(Found(parameters).Select(s => (JsonNode?)new JsonObject { ["name"] = s.Name, ["tags"] = Answers.Array(s.Tags) })));
    }

    /// <summary>Values as text, whatever they are.</summary>
    public JsonNode Values(string tag, Parameters parameters)
    {
        var field = TraceQlTokens.Intrinsics.TryGetValue(tag, out var known) ? new TraceQlIntrinsic(known.Name, known.Type, tag) : (TraceQlField)new TraceQlAttribute("", tag);
        return WithMetrics("tagValues", Answers.Array(Limited(Found(field, null, parameters).Select(v => v.Value).Distinct().Order(StringComparer.Ordinal), parameters)));
    }

    /// <summary>Values with their types, of spans that fit a filter when it is given. A filter that cannot be read is passed over, as Tempo does.</summary>
    public JsonNode TypedValues(string tag, Parameters parameters)
    {
        TraceQlField field;
        try
        {
            field = TraceQlParser.Identifier(tag);
        }
        catch (RefusedRequestException refused) when (refused.Status == 400)
        {
            throw TempoRefusal.Bad($"please provide a valid tagName: {refused.Message.Replace("invalid TraceQL query: ", "", StringComparison.Ordinal)}");
        }
        var values = Found(field, Filter(parameters), parameters).Distinct().OrderBy(v => v.Value, StringComparer.Ordinal);
        return WithMetrics("tagValues", Answers.Array(Limited(values, parameters).Select(v => (JsonNode?)new JsonObject { ["type"] = v.Type, ["value"] = v.Value })));
    }

    private static TraceQlQuery? Filter(Parameters parameters)
    {
        try
        {
            return parameters["q"] is { } text && TraceQlParser.Parse(text) is { Pipeline.Stages: [TraceQlSelection { Spanset: TraceQlFilter }] } query ? query : null;
        }
        catch (RefusedRequestException refused) when (refused.Status == 400)
        {
            return null;
        }
    }

    private IEnumerable<(string Type, string Value)> Found(TraceQlField field, TraceQlQuery? filter, Parameters parameters)
    {
        if (field is TraceQlIntrinsic { Type: TraceQlType.Status }) return Statuses.Select(s => ("keyword", s));
        if (field is TraceQlIntrinsic { Type: TraceQlType.Kind }) return Kinds.Select(k => ("keyword", k));
        if (field is TraceQlIntrinsic { Name: "duration" or "traceDuration" or "spanID" or "traceID" }) return [];
        return Within(parameters).SelectMany(trace =>
        {
            var evaluation = new TraceQlEvaluation(trace);
            var spans = filter is null ? Enumerable.Range(0, trace.Spans.Count) : evaluation.Of(filter);
            return spans.Select(i => evaluation.Value(field, i)).OfType<TraceQlValue>().Where(v => v.Type != TraceQlType.Text || v.Text.Length > 0).Select(Typed);
        });
    }

    private static (string Type, string Value) Typed(TraceQlValue value) => value.Type switch
    {
        TraceQlType.Integer => ("int", value.ToString()),
        TraceQlType.Float => ("float", value.ToString()),
        TraceQlType.Boolean => ("bool", value.ToString()),
        _ => ("string", value.Text),
    };

    private IEnumerable<(string Name, List<string> Tags)> Found(Parameters parameters)
    {
        var asked = parameters["scope"] is { } scope and not "none" ? scope : null;
        if (asked is not null && !Scopes.Contains(asked)) throw TempoRefusal.Bad($"invalid scope: {asked}");
        var spans = Within(parameters).SelectMany(t => t.Spans).ToList();
        (string Name, IEnumerable<string> Tags)[] scopes =
        [
            ("resource", spans.Select(s => s.Resource).Distinct().SelectMany(r => r.Keys)),
            ("span", spans.SelectMany(s => s.Attributes.Keys)),
            ("event", spans.SelectMany(s => s.Events).SelectMany(e => e.Attributes.Keys)),
            ("intrinsic", TraceQlTokens.Intrinsics.Keys.Where(k => k is not ("span:id" or "trace:id"))),
        ];
        return scopes.Where(s => asked is null || s.Name == asked).Select(s => (s.Name, Limited(s.Tags.Distinct().Order(StringComparer.Ordinal), parameters).ToList())).Where(s => s.Item2.Count > 0);
    }

    private List<RecordedTrace> Within(Parameters parameters)
    {
        var range = TempoWindow.Range(parameters);
        return [.. traces.All.Where(t => window.Holds(t, range))];
    }

    private static IEnumerable<T> Limited<T>(IEnumerable<T> items, Parameters parameters) => TempoWindow.Number(parameters, "limit", 32) is > 0 and var limit ? items.Take((int)limit) : items;

    private static JsonObject WithMetrics(string name, JsonArray items) => new() { [name] = items, ["metrics"] = new JsonObject { ["completedJobs"] = 1, ["totalJobs"] = 1 } };
}
