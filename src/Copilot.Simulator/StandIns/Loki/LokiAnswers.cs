using System.Text;
using System.Text.Json.Nodes;

namespace Copilot.Simulator.StandIns.Loki;

/// <summary>Loki's envelopes.</summary>
internal static class LokiAnswers
{
    /// <param name="lines">In the order in which they are given.</param>
    /// <param name="categorize">Whether metadata goes beside the line (a third element) or into the labels of the stream, which is the default.</param>
    public static JsonNode Streams(List<PassedLine> lines, bool categorize)
    {
        var bytes = lines.Sum(l => (long)Encoding.UTF8.GetByteCount(l.Entry.Record.Body));
        var streams = lines.GroupBy(l => LabelText.Of(categorize ? l.Entry.Stream.Labels : l.AllLabels())).Select(g => (JsonNode)new JsonObject
        {
            ["stream"] = Labels(categorize ? g.First().Entry.Stream.Labels : g.First().AllLabels()),
            ["values"] = Answers.Array(g.Select(l => (JsonNode?)Line(l, categorize))),
        });
        var data = Data("streams", Answers.Array(streams), lines.Count, bytes);
        if (categorize) data["encodingFlags"] = Answers.Array(["categorize-labels"]);
        return Success(data);
    }

    public static JsonNode Matrix(List<MetricSeries> series, MetricSteps steps) => Success(Data("matrix", Answers.Array(series.Select(s => (JsonNode?)new JsonObject
    {
        ["metric"] = Labels(s.Labels),
        ["values"] = Answers.Array(s.Values.Select((v, i) => (Value: v, Index: i)).Where(p => !double.IsNaN(p.Value)).Select(p => (JsonNode?)Point(steps.At(p.Index), p.Value))),
    })), 0, 0));

    public static JsonNode Vector(List<MetricSeries> series, long at) => Success(Data("vector", Answers.Array(series.Where(s => !double.IsNaN(s.Values[0])).Select(s => (JsonNode?)new JsonObject
    {
        ["metric"] = Labels(s.Labels),
        ["value"] = Point(at, s.Values[0]),
    })), 0, 0));

    /// <summary>Loki leaves out <c>data</c> when there is none.</summary>
    public static JsonNode Names(IEnumerable<string> names)
    {
        var answer = new JsonObject { ["status"] = "success" };
        if (Answers.Array(names.Distinct().Order(StringComparer.Ordinal)) is { Count: > 0 } data) answer["data"] = data;
        return answer;
    }

    public static JsonNode Series(IEnumerable<LogStream> streams) => Success(Answers.Array(streams.Select(s => (JsonNode?)Labels(s.Labels))));

    private static JsonObject Success(JsonNode data) => new() { ["status"] = "success", ["data"] = data };

    private static JsonObject Data(string type, JsonArray result, int entries, long bytes) => new()
    {
        ["resultType"] = type,
        ["result"] = result,
        ["stats"] = new JsonObject { ["summary"] = new JsonObject { ["totalEntriesReturned"] = entries, ["totalBytesProcessed"] = bytes, ["execTime"] = 0.001 } },
    };

    private static JsonArray Line(PassedLine line, bool categorize)
    {
        var values = new JsonArray($"{line.Entry.Time}", line.Entry.Record.Body);
        if (!categorize) return values;
        var beside = new JsonObject { ["structuredMetadata"] = Labels(line.Metadata) };
        if (line.Parsed.Count > 0) beside["parsed"] = Labels(line.Parsed);
        values.Add((JsonNode)beside);
        return values;
    }

    private static JsonArray Point(long at, double value) => new(JsonValue.Create(at / 1_000_000 / 1000.0), LokiTimes.Number(value));

    private static JsonObject Labels(IEnumerable<KeyValuePair<string, string>> labels) => new(labels.OrderBy(l => l.Key, StringComparer.Ordinal).Select(l => KeyValuePair.Create(l.Key, (JsonNode?)l.Value)));
}
