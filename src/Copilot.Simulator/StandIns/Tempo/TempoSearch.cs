using System.Text;
using System.Text.Json.Nodes;
using Copilot.Simulator.StandIns.Traces;

namespace Copilot.Simulator.StandIns.Tempo;

/// <summary>
/// Searches for traces. As in Tempo the answer is the first ones that are found, not the newest; here they are found in the order of a digest of their ids, which is the same
/// each time and tells nothing.
/// </summary>
internal sealed class TempoSearch(RecordedTraces traces, TempoWindow window, TempoOptions options)
{
    private const int DefaultLimit = 20;
    private const int DefaultSpans = 3;
    private const int MostSpans = 100;
    private const string NoRoot = "<root span not yet received>";

    private readonly RecordedTrace[] _asFound = [.. traces.All.OrderBy(t => Digest(t.Id)).ThenBy(t => t.Id, StringComparer.Ordinal)];

    public JsonNode Answer(Parameters parameters)
    {
        var range = TempoWindow.Range(parameters);
        if (parameters["q"] is not null && parameters["tags"] is not null) throw TempoRefusal.Bad("invalid request: can't specify tags and q in the same query");
        var tags = TempoTagSearch.Of(parameters, legacy: range == default);
        var limit = Positive(parameters, "limit") ?? DefaultLimit;
        var most = Positive(parameters, "spss") ?? DefaultSpans;
        if (options.MaxResults > 0 && limit > options.MaxResults) throw TempoRefusal.Bad($"limit {limit} exceeds max limit {options.MaxResults}");
        var query = parameters["q"] is { } text ? TraceQlParser.Parse(text) : null;
        var asked = TimeSpan.FromSeconds(range.End - range.Start);
        if (options.MaxSearchDuration > TimeSpan.Zero && asked > options.MaxSearchDuration)
            throw TempoRefusal.Bad($"range specified by start and end exceeds {GoText.Duration(options.MaxSearchDuration.Ticks * 100)}. received start={range.Start} end={range.End}");
        if (most > MostSpans) throw TempoRefusal.Bad($"spans per span set exceeds {MostSpans}. received {most}");

        var (found, inspected, bytes) = (new List<JsonNode?>(), 0, 0L);
        foreach (var trace in query is { MostRecent: true } ? traces.All.Reverse() : _asFound)
        {
            if (found.Count >= limit) break;
            if (!window.Holds(trace, range)) continue;
            inspected++;
            bytes += trace.Spans.Sum(s => (long)(s.Name.Length + s.Attributes.Sum(a => a.Key.Length + a.Value.Length)));
            if (query is not null)
            {
                var evaluation = new TraceQlEvaluation(trace);
                if (evaluation.Of(query) is { Count: > 0 } spans) found.Add(Found(trace, SpanSet(trace, query, evaluation, spans, (int)most)));
            }
            else if (tags.Matches(trace))
            {
                found.Add(Found(trace, null));
            }
        }
        return new JsonObject
        {
            ["traces"] = Answers.Array(found),
            ["metrics"] = new JsonObject { ["inspectedTraces"] = inspected, ["inspectedBytes"] = $"{bytes}", ["completedJobs"] = 1, ["totalJobs"] = 1 },
        };
    }

    /// <summary>Ids in search have no leading zeros. Zero values are left out.</summary>
    private static JsonObject Found(RecordedTrace trace, JsonObject? spanSet)
    {
        var found = new JsonObject { ["traceID"] = trace.Id.TrimStart('0') is { Length: > 0 } id ? id : "0", ["rootServiceName"] = trace.Root is { Service.Length: > 0 } root ? root.Service : NoRoot };
        if (trace.Root is { Name.Length: > 0 } named) found["rootTraceName"] = named.Name;
        found["startTimeUnixNano"] = $"{trace.Start}";
        if ((trace.End - trace.Start) / 1_000_000 is > 0 and var milliseconds) found["durationMs"] = milliseconds;
        if (spanSet is not null)
        {
            found["spanSet"] = spanSet.DeepClone();
            found["spanSets"] = new JsonArray(spanSet);
        }
        found["serviceStats"] = new JsonObject(trace.Spans.GroupBy(s => s.Service).Select(g => KeyValuePair.Create(g.Key, (JsonNode?)Statistics(g))));
        return found;
    }

    private static JsonObject Statistics(IEnumerable<RecordedSpan> spans)
    {
        var statistics = new JsonObject { ["spanCount"] = spans.Count() };
        if (spans.Count(s => OtlpJson.CodeName(s) == "error") is > 0 and var errors) statistics["errorCount"] = errors;
        return statistics;
    }

    private static JsonObject SpanSet(RecordedTrace trace, TraceQlQuery query, TraceQlEvaluation evaluation, List<int> spans, int most)
    {
        var fields = query.Shown.Concat(query.Pipeline.Stages.OfType<TraceQlSelect>().SelectMany(s => s.Fields)).Distinct().ToList();
        return new() { ["spans"] = Answers.Array(spans.Take(most).Select(i => (JsonNode?)Span(trace.Spans[i], i))), ["matched"] = spans.Count };

        JsonObject Span(RecordedSpan span, int index)
        {
            var written = new JsonObject { ["spanID"] = TraceIds.Span(span.SpanId)! };
            if (fields.Exists(f => f is TraceQlIntrinsic { Name: "name" })) written["name"] = span.Name;
            written["startTimeUnixNano"] = $"{span.Start}";
            if (span.Duration > 0) written["durationNanos"] = $"{span.Duration}";
            if (Answers.Array(fields.Select(f => Shown(f, index)).Where(a => a is not null)) is { Count: > 0 } attributes) written["attributes"] = attributes;
            return written;
        }

        // What is said elsewhere in the answer is not said again.
        JsonNode? Shown(TraceQlField field, int index)
        {
            if (field is TraceQlIntrinsic { Name: "name" or "duration" or "traceDuration" or "rootName" or "rootServiceName" or "spanID" or "traceID" }) return null;
            if (evaluation.Value(field, index) is not { } value) return null;
            var key = field switch { TraceQlAttribute attribute => attribute.Name, TraceQlIntrinsic intrinsic => intrinsic.Name, _ => "" };
            return new JsonObject { ["key"] = key, ["value"] = Any(value) };
        }
    }

    private static JsonObject Any(TraceQlValue value) => value.Type switch
    {
        TraceQlType.Integer => new() { ["intValue"] = value.ToString() },
        TraceQlType.Float => new() { ["doubleValue"] = value.Number },
        TraceQlType.Boolean => new() { ["boolValue"] = value.IsTrue },
        _ => new() { ["stringValue"] = value.Text },
    };

    private static long? Positive(Parameters parameters, string name)
    {
        var number = TempoWindow.Number(parameters, name, 64);
        return number is null or > 0 ? number : throw TempoRefusal.Bad($"invalid {name}: must be a positive number");
    }

    // FNV-1a: the same on every machine.
    private static uint Digest(string id) => Encoding.ASCII.GetBytes(id).Aggregate(2166136261u, (hash, b) => unchecked((hash ^ b) * 16777619u));
}
