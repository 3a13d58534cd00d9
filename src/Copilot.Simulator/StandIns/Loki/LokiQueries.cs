using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace Copilot.Simulator.StandIns.Loki;

/// <summary>The queries with their defaults and limits.</summary>
internal sealed class LokiQueries(RecordedTelemetry telemetry, LokiOptions options)
{
    private const long Hour = 3600L * 1_000_000_000;
    private const int MostPoints = 11_000;

    private readonly LogStreams _streams = new(telemetry, options.LabelNames);
    private readonly long _now = options.Now is { } now ? (now - DateTimeOffset.UnixEpoch).Ticks * 100 : telemetry.End;

    public JsonNode Range(LokiRequest request)
    {
        var parameters = request.Parameters;
        var (start, end) = Times(parameters, Hour);
        if (end < start) throw Refusal.Bad("end timestamp must not be before or equal to start time");
        var limit = Limit(parameters);
        var forward = Forward(parameters);
        var step = parameters["step"] is { } text ? LokiTimes.Step(text) : Math.Max(1, (end - start) / 1_000_000_000 / 250) * 1_000_000_000;
        if (step <= 0) throw Refusal.Bad("zero or negative query resolution step widths are not accepted. Try a positive integer");
        if ((end - start) / step > MostPoints) throw Refusal.Bad("exceeded maximum resolution of 11,000 points per time series. Try increasing the value of the step parameter");
        var expression = Expression(parameters);
        if (parameters["interval"] is not null) throw Refusal.NotAnswered("interval");
        CheckLength(end - start);
        return expression is LogQuery query
            ? LokiAnswers.Streams(Lines(query, start, end, limit, forward), request.Categorize)
            : LokiAnswers.Matrix(Evaluate(expression, new(start, step, (int)((end - start) / step) + 1)), new(start, step, 0));
    }

    public JsonNode Instant(LokiRequest request)
    {
        var expression = Expression(request.Parameters);
        Limit(request.Parameters);
        var at = request.Parameters["time"] is { } time ? LokiTimes.Parse(time) : _now;
        if (expression is LogQuery) throw Refusal.Bad("log queries are not supported as an instant query type, please change your query to a range query type");
        return LokiAnswers.Vector(Evaluate(expression, new(at, 1, 1)), at);
    }

    public JsonNode Labels(LokiRequest request) => LokiAnswers.Names(Seen(request.Parameters).SelectMany(s => s.Labels.Keys));

    public JsonNode LabelValues(string name, LokiRequest request) => LokiAnswers.Names(Seen(request.Parameters).Select(s => s.Labels.GetValueOrDefault(name)).OfType<string>());

    public JsonNode Series(LokiRequest request)
    {
        var selectors = request.Parameters.All("match[]").Concat(request.Parameters.All("match")).Select(LogQlParser.Selector).ToList();
        if (selectors.Count == 0) throw Refusal.Bad("0 matcher groups supplied");
        return LokiAnswers.Series(Seen(request.Parameters).Where(s => selectors.Exists(s.Matches)));
    }

    public JsonNode Stats(LokiRequest request)
    {
        var (start, end) = Times(request.Parameters, Hour);
        var matchers = LogQlParser.Selector(request.Parameters["query"] ?? "");
        HashSet<LogStream> streams = [];
        var (entries, bytes) = (0L, 0L);
        foreach (ref readonly var entry in _streams.Between(start, end))
        {
            if (!entry.Stream.Matches(matchers)) continue;
            streams.Add(entry.Stream);
            (entries, bytes) = (entries + 1, bytes + Encoding.UTF8.GetByteCount(entry.Record.Body));
        }
        // The recording knows no chunks: one for each stream, as when none was ever full.
        return new JsonObject { ["streams"] = streams.Count, ["chunks"] = streams.Count, ["entries"] = entries, ["bytes"] = bytes };
    }

    private List<PassedLine> Lines(LogQuery query, long start, long end, int limit, bool forward)
    {
        var pipeline = new LogPipeline(_streams, query);
        var entries = _streams.Between(start, end);
        List<PassedLine> lines = [];
        for (var i = 0; i < entries.Length && lines.Count < limit; i++)
            if (pipeline.Pass(entries[forward ? i : entries.Length - 1 - i]) is { } line) lines.Add(line);
        return lines;
    }

    private List<MetricSeries> Evaluate(LogQlExpression expression, MetricSteps steps)
    {
        var series = new MetricEvaluation(_streams, steps).Of(expression);
        if (series.Count <= options.MaxSeries) return series;
        throw Refusal.Bad(
            $"maximum number of series ({options.MaxSeries}) reached for a single query; consider reducing query cardinality by adding more specific stream selectors, reducing the time range, or aggregating results with functions like sum(), count() or topk()");
    }

    private static LogQlExpression Expression(Parameters parameters) => LogQlParser.Parse(parameters["query"] ?? "");

    private IEnumerable<LogStream> Seen(Parameters parameters)
    {
        var (start, end) = Times(parameters, 6 * Hour);
        var matchers = parameters["query"] is { } query ? LogQlParser.Selector(query) : [];
        HashSet<LogStream> seen = [];
        foreach (ref readonly var entry in _streams.Between(start, end)) seen.Add(entry.Stream);
        return _streams.Streams.Where(s => seen.Contains(s) && s.Matches(matchers));
    }

    private (long Start, long End) Times(Parameters parameters, long since)
    {
        var end = parameters["end"] is { } until ? LokiTimes.Parse(until) : _now;
        if (parameters["since"] is { } text) since = LokiTimes.Step(text);
        return (parameters["start"] is { } from ? LokiTimes.Parse(from) : Math.Min(end, _now) - since, end);
    }

    private int Limit(Parameters parameters)
    {
        if (parameters["limit"] is not { } text) return 100;
        if (!int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var limit)) throw Refusal.Bad($"strconv.Atoi: parsing \"{text}\": invalid syntax");
        if (limit <= 0) throw Refusal.Bad("limit must be a positive value");
        if (limit > options.MaxEntries) throw Refusal.Bad($"max entries limit per query exceeded, limit > max_entries_limit_per_query ({limit} > {options.MaxEntries})");
        return limit;
    }

    private static bool Forward(Parameters parameters) => parameters["direction"]?.ToLowerInvariant() switch
    {
        null or "backward" => false,
        "forward" => true,
        var other => throw Refusal.Bad($"invalid direction '{other}'"),
    };

    private void CheckLength(long nanoseconds)
    {
        var length = TimeSpan.FromTicks(nanoseconds / 100);
        if (length > options.MaxQueryLength) throw Refusal.Bad($"the query time range exceeds the limit (query length: {LogQlUnits.Go(length)}, limit: {LogQlUnits.Go(options.MaxQueryLength)})");
    }
}

/// <param name="Categorize">Whether what is kept beside a line is told apart from the labels of its stream.</param>
internal sealed record LokiRequest(Parameters Parameters, bool Categorize);
