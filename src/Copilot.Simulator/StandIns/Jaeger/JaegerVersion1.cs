using System.Text.Json.Nodes;
using Copilot.Simulator.StandIns.Traces;

namespace Copilot.Simulator.StandIns.Jaeger;

/// <summary>The API that Jaeger's user interface uses. It is not promised to stay, and everybody uses it.</summary>
internal sealed class JaegerVersion1(JaegerSearch search, long now, JaegerOptions options)
{
    private const int DefaultLimit = 100;
    private const long Day = 86_400L * 1_000_000_000;

    public JsonNode Services() => Listed(Answers.Array(search.Services()));

    /// <summary>Without a name it is null instead of empty.</summary>
    public JsonNode OperationNames(string service) => Listed(Answers.Array(search.Operations(service, null).Select(o => o.Name).Distinct()) is { Count: > 0 } names ? names : null);

    public JsonNode Operations(Parameters parameters)
    {
        var service = parameters["service"] ?? throw JaegerText.Bad("parameter 'service' is required");
        return Listed(Answers.Array(search.Operations(service, parameters["spanKind"]).Select(o => (JsonNode?)new JsonObject { ["name"] = o.Name, ["spanKind"] = o.Kind })));
    }

    /// <summary>By ids when any are given, else by what a span has to be. <c>lookback</c> is the user interface's own and is not looked at.</summary>
    public JsonNode Traces(Parameters parameters)
    {
        var (start, end) = (Time(parameters, "start", 1000, now - 2 * Day), Time(parameters, "end", 1000, now));
        var tags = JaegerText.Tags(parameters.All("tag"), parameters.All("tags"));
        var limit = parameters["limit"] is { } text ? GoText.Integer(text, 32, out var error) is var number && error is null ? number : throw JaegerText.Bad(error!) : DefaultLimit;
        var (least, most) = (Duration(parameters, "minDuration"), Duration(parameters, "maxDuration"));
        var ids = parameters.All("traceID").Select(id => JaegerText.TraceId(id, "cannot parse traceID param: ")).ToList();
        Raw(parameters);
        if (ids.Count == 0 && parameters["service"] is null) throw JaegerText.Bad("parameter 'service' is required");
        if (limit <= 0) throw JaegerText.Bad("invalid parameter: limit must be greater than 0");
        if (start > end) throw JaegerText.Bad("invalid parameter: start time must be before end time");
        if (least != 0 && most != 0 && most < least) throw JaegerText.Bad("'maxDuration' should be greater than 'minDuration'");
        if (ids.Count > 0) return ByIds(ids);
        return Envelope(Answers.Array(search.Newest(new(parameters["service"]!, parameters["operation"], tags, start, end, least, most, (int)limit)).Select(t => (JsonNode?)JaegerModel.Trace(t))));
    }

    public JsonNode Trace(string id, Parameters parameters)
    {
        var known = JaegerText.TraceId(id, "");
        var (start, end) = (Time(parameters, "start", 1000, long.MinValue), Time(parameters, "end", 1000, long.MaxValue));
        Raw(parameters);
        return search.Find(known) is { } trace && trace.Overlaps(start, end) ? Envelope(new JsonArray(JaegerModel.Trace(trace))) : throw new RefusedRequestException(404, "trace not found");
    }

    public JsonNode Dependencies(Parameters parameters)
    {
        var end = Time(parameters, "endTs", 1_000_000, now);
        var lookback = Number(parameters, "lookback") is { } milliseconds ? JaegerText.Scaled(milliseconds, 1_000_000) : Day;
        var links = search.Dependencies(end - Math.Clamp(lookback, 0, long.MaxValue / 2), end).Where(l => parameters["service"] is not { } service || l.Parent == service || l.Child == service);
        return Envelope(Answers.Array(links.Select(l => (JsonNode?)new JsonObject { ["parent"] = l.Parent, ["child"] = l.Child, ["callCount"] = l.Calls })));
    }

    public static JsonObject Envelope(JsonArray? data, JsonArray? errors = null, int total = 0) => new() { ["data"] = data, ["total"] = total, ["limit"] = 0, ["offset"] = 0, ["errors"] = errors };

    /// <summary>Jaeger 1 names the ids that it does not find, Jaeger 2 says nothing about them.</summary>
    private JsonObject ByIds(List<string> ids)
    {
        var found = ids.Select(id => (Id: id, Trace: search.Find(id))).ToList();
        var missing = found.Where(f => f.Trace is null).Select(f => (JsonNode?)new JsonObject { ["msg"] = "trace not found", ["traceID"] = JaegerModel.Id(f.Id) });
        var errors = options.Spelling == JaegerSpelling.SnakeCase && Answers.Array(missing) is { Count: > 0 } named ? named : null;
        return Envelope(Answers.Array(found.Select(f => f.Trace).OfType<RecordedTrace>().Select(t => (JsonNode?)JaegerModel.Trace(t))), errors);
    }

    private static JsonObject Listed(JsonArray? data) => Envelope(data, total: data?.Count ?? 0);

    private static long Time(Parameters parameters, string name, long unit, long otherwise) => Number(parameters, name) is { } number ? JaegerText.Scaled(number, unit) : otherwise;

    private static long? Number(Parameters parameters, string name)
    {
        if (parameters[name] is not { } text) return null;
        var number = GoText.Integer(text, 64, out var error);
        return error is null ? number : throw JaegerText.Unparsed(name, error);
    }

    private static long Duration(Parameters parameters, string name)
    {
        if (parameters[name] is not { } text) return 0;
        var nanoseconds = GoText.Duration(text, out var error);
        return error is null ? nanoseconds : throw JaegerText.Unparsed(name, error);
    }

    /// <summary>Recorded spans are never adjusted, so both values have the same answer.</summary>
    private static void Raw(Parameters parameters)
    {
        if (parameters["raw"] is { } text && JaegerText.NoBoolean(text) is { } error) throw JaegerText.Unparsed("raw", error);
    }
}
