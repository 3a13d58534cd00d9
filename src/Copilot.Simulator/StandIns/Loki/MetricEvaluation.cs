namespace Copilot.Simulator.StandIns.Loki;

/// <summary>Labels with their values at the steps; NaN where there is none.</summary>
internal sealed record MetricSeries(SortedDictionary<string, string> Labels, double[] Values);

/// <summary>The times at which a metric query is evaluated, in nanoseconds.</summary>
internal readonly record struct MetricSteps(long Start, long Step, int Count)
{
    public long At(int index) => Start + index * Step;
}

/// <summary>Evaluates metric queries.</summary>
internal sealed class MetricEvaluation(LogStreams streams, MetricSteps steps)
{
    /// <summary>Values held at once. Loki has no such bound; a stand-in must not take the machine's memory.</summary>
    private const int MostValues = 20_000_000;

    public List<MetricSeries> Of(LogQlExpression expression) => expression switch
    {
        RangeAggregation range => Range(range, keep: null),
        VectorAggregation { Function: "sum", Without: false, Inner: RangeAggregation range } sum => Vector(sum, Range(range, sum.Labels ?? [])),
        VectorAggregation vector => Vector(vector, Of(vector.Inner)),
        _ => throw Refusal.Bad("a log query has no values"),
    };

    /// <param name="aggregation">What is counted.</param>
    /// <param name="keep">The labels that a sum around it leaves; null for all.</param>
    private List<MetricSeries> Range(RangeAggregation aggregation, IReadOnlyList<string>? keep)
    {
        var pipeline = new LogPipeline(streams, aggregation.Query);
        Dictionary<string, (SortedDictionary<string, string> Labels, List<(long Time, double Sum)> Lines)> found = [];
        var bytes = aggregation.Function.StartsWith("bytes", StringComparison.Ordinal);
        // A range excludes its start and includes its end.
        foreach (ref readonly var entry in streams.Between(steps.At(0) - aggregation.Range + 1, steps.At(steps.Count - 1) + 1))
        {
            if (pipeline.Pass(entry) is not { } line) continue;
            Check(line);
            var labels = line.AllLabels();
            if (keep is not null) foreach (var name in labels.Keys.Except(keep).ToList()) labels.Remove(name);
            var key = LabelText.Of(labels);
            if (!found.TryGetValue(key, out var series)) found[key] = series = (labels, []);
            series.Lines.Add((entry.Time, (series.Lines.Count > 0 ? series.Lines[^1].Sum : 0) + (bytes ? System.Text.Encoding.UTF8.GetByteCount(entry.Record.Body) : 1)));
        }
        if ((long)found.Count * steps.Count > MostValues) throw Refusal.NotAnswered($"a query with {found.Count} series at {steps.Count} steps");
        var seconds = aggregation.Function.EndsWith("rate", StringComparison.Ordinal) ? aggregation.Range / 1e9 : 1;
        return [.. found.OrderBy(f => f.Key, StringComparer.Ordinal).Select(f => new MetricSeries(f.Value.Labels, Values(f.Value.Lines, aggregation.Range, seconds)))];
    }

    private double[] Values(List<(long Time, double Sum)> lines, long range, double seconds)
    {
        var values = new double[steps.Count];
        var (first, last) = (0, 0);
        for (var i = 0; i < values.Length; i++)
        {
            var at = steps.At(i);
            while (last < lines.Count && lines[last].Time <= at) last++;
            while (first < lines.Count && lines[first].Time <= at - range) first++;
            values[i] = last > first ? (lines[last - 1].Sum - (first > 0 ? lines[first - 1].Sum : 0)) / seconds : double.NaN;
        }
        return values;
    }

    private static void Check(PassedLine line)
    {
        if (line.Parsed.GetValueOrDefault("__error__") is not { } error) return;
        throw Refusal.Bad(
            $"pipeline error: '{error}' for series: '{LabelText.Of(line.AllLabels())}'.\nUse a label filter to intentionally skip this error. (e.g | __error__!=\"{error}\").\n"
            + "To skip all potential errors you can match empty errors.(e.g __error__=\"\")\nThe label filter can also be specified after unwrap. (e.g | unwrap latency | __error__=\"\" )\n");
    }

    private static List<MetricSeries> Vector(VectorAggregation aggregation, List<MetricSeries> inner)
    {
        var groups = inner.GroupBy(s => LabelText.Of(Group(aggregation, s))).OrderBy(g => g.Key, StringComparer.Ordinal);
        if (aggregation.Function is "topk" or "bottomk") return [.. groups.SelectMany(g => Ranked(aggregation, [.. g]))];
        return [.. groups.Select(g => new MetricSeries(new(Group(aggregation, g.First()).ToDictionary(), StringComparer.Ordinal), Joined(aggregation.Function, [.. g])))];
    }

    private static IEnumerable<KeyValuePair<string, string>> Group(VectorAggregation aggregation, MetricSeries series) =>
        aggregation.Labels is not { } names ? aggregation.Without ? series.Labels : [] : series.Labels.Where(l => names.Contains(l.Key) != aggregation.Without);

    private static double[] Joined(string function, MetricSeries[] series)
    {
        var joined = new double[series[0].Values.Length];
        for (var i = 0; i < joined.Length; i++)
        {
            var values = series.Select(s => s.Values[i]).Where(v => !double.IsNaN(v)).ToList();
            joined[i] = values.Count == 0 ? double.NaN : function switch { "sum" => values.Sum(), "avg" => values.Average(), "min" => values.Min(), "max" => values.Max(), _ => values.Count };
        }
        return joined;
    }

    private static IEnumerable<MetricSeries> Ranked(VectorAggregation aggregation, MetricSeries[] series)
    {
        var kept = series.Select(s => new MetricSeries(s.Labels, [.. Enumerable.Repeat(double.NaN, s.Values.Length)])).ToArray();
        for (var i = 0; i < series[0].Values.Length; i++)
        {
            var there = Enumerable.Range(0, series.Length).Where(s => !double.IsNaN(series[s].Values[i]));
            var ranked = aggregation.Function == "topk" ? there.OrderByDescending(s => series[s].Values[i]) : there.OrderBy(s => series[s].Values[i]);
            foreach (var s in ranked.Take(aggregation.Parameter)) kept[s].Values[i] = series[s].Values[i];
        }
        return kept.Where(k => k.Values.Any(v => !double.IsNaN(v)));
    }
}
