namespace Copilot.Simulator.Validation;

/// <summary>Rules on metrics, file by file, and on how span metrics agree with the spans.</summary>
internal sealed class MetricRules
{
    private static readonly long Steady = TextTime.Second;

    /// <summary>A restart is seen within a scrape or two of its event.</summary>
    private static readonly long RestartSeen = TextTime.Minute;

    private readonly Rule _falls = new("counter-never-falls", "Counters fall only when a container they come from began anew");
    private readonly Rule _buckets = new("histogram-monotone", "Buckets of a histogram grow with their bound, at each time");
    private readonly Rule _infinite = new("histogram-has-inf", "Every histogram has a bucket +Inf at each time");
    private readonly Rule _grid = new("metric-grid", "Samples of a file lie on one grid of times, steady within 1 s");
    private readonly Rule _alive = new("metric-pod-alive", "A pod has samples only while it lives, its containers only once they started, and a scrape longer");
    private readonly Rule _calls = new("error-calls-agree", "calls_total of failed spans is the +Inf bucket of the same tags");
    private readonly Rule _spans = new("span-metrics-agree", "The +Inf buckets of a service and kind of span rise by the number of its spans, within 1 % and 3");

    /// <summary>Below this share of the spans that the metrics count, traces are a sample.</summary>
    /// <summary>Traces that end so much before the metrics were cut off.</summary>
    private static readonly long CutOff = 3 * TextTime.Minute;

    private const double Complete = 0.6;

    public Rule Duplicates { get; } = new("metric-duplicates-agree", "Rows that repeat a sample have the same value");

    public IEnumerable<Rule> All => [Duplicates, _falls, _buckets, _infinite, _grid, _alive, _calls, _spans];

    public void Check(MetricFile file, PodBook pods)
    {
        Duplicates.Checked(file.Series.Sum(s => s.Times.Count));
        foreach (var series in file.Series.Where(s => s.IsCounter)) Falls(file, series, pods);
        foreach (var group in file.Series.Where(s => s.Bound is not null).GroupBy(s => (s.Metric, s.Group))) Histogram(file, [.. group.OrderBy(s => s.Bound)]);
        if (!file.IsService) Alive(file, pods);
        Calls(file);
    }

    private void Falls(MetricFile file, MetricSeries series, PodBook pods)
    {
        _falls.Checked(series.Times.Count - 1);
        for (var i = 1; i < series.Times.Count; i++)
        {
            if (!(series.Values[i] < series.Values[i - 1])) continue;
            var (from, until) = (series.Times[i - 1] - RestartSeen, series.Times[i]);
            var scraped = pods.Find(series.Namespace, series.Pod);
            if (scraped?.MayHaveRestarted(from, until) == true || pods.WithUid(series.Producer)?.MayHaveRestarted(from, until) == true) continue;
            _falls.Broken(file.Row(series, i), $"{series.Metric} falls from {series.Values[i - 1]} to {series.Values[i]} and nothing restarted");
        }
    }

    private void Histogram(MetricFile file, List<MetricSeries> buckets)
    {
        var last = buckets[^1];
        foreach (var bucket in buckets)
        {
            if (!_infinite.Holds(last.Bound == double.PositiveInfinity && bucket.Times.Count <= last.Times.Count))
                _infinite.Broken(file.Row(bucket, 0), $"{bucket.Metric} of {bucket.Group} has bucket {bucket.Bound} but none of +Inf at some time");
        }

        for (var b = 1; b < buckets.Count; b++)
        {
            var (low, high) = (buckets[b - 1], buckets[b]);
            for (var (i, j) = (0, 0); i < low.Times.Count && j < high.Times.Count; i += low.Times[i] <= high.Times[j] ? 1 : 0)
            {
                while (j < high.Times.Count && high.Times[j] < low.Times[i]) j++;
                if (j == high.Times.Count) break;
                if (low.Times[i] == high.Times[j] && !_buckets.Holds(low.Values[i] <= high.Values[j]))
                    _buckets.Broken(file.Row(high, j), $"{high.Values[j]} up to {high.Bound}, but {low.Values[i]} up to {low.Bound}");
            }
        }
    }

    /// <summary>A pod that is down at every other scrape leaves only longer gaps: what counts is the interval of the recording.</summary>
    public void Grid(IReadOnlyList<MetricFile> files)
    {
        var shortest = files.Where(f => f.Interval > 0).Select(f => f.Interval).DefaultIfEmpty().Min();
        foreach (var file in files.Where(f => f.Interval > 0))
            Grid(file, Math.Abs(file.Interval - Math.Round(file.Interval / (double)shortest) * shortest) <= Steady ? shortest : file.Interval);
    }

    private void Grid(MetricFile file, long interval)
    {
        foreach (var (before, after) in file.Times.Zip(file.Times.Skip(1)))
        {
            var steps = Math.Max(1, Math.Round((after - before) / (double)interval));
            if (!_grid.Holds(Math.Abs(after - before - steps * interval) <= Steady * steps))
                _grid.Broken(new Place(file.Name, 0), $"{TextTime.Show(after)} comes {(after - before) / 1e9:0.###} s after the time before, the interval is {interval / 1e9:0.###} s");
        }
    }

    private void Alive(MetricFile file, PodBook pods)
    {
        if (pods.Find(file.InNamespace, file.Of) is not { } pod) return;
        var until = pod.LastMoment == long.MaxValue ? long.MaxValue : pod.LastMoment + file.Interval + 5 * TextTime.Second;
        foreach (var series in file.Series.Where(s => s.Times.Count > 0))
        {
            var from = series.Container is "" or "POD" ? pod.Created : Math.Max(pod.Created, pod.FirstStart);
            if (_alive.Holds(series.Times[0] >= from && series.Times[^1] <= until)) continue;
            var sample = series.Times[0] < from ? 0 : series.Times.Count - 1;
            _alive.Broken(file.Row(series, sample), $"{series.Metric} at {TextTime.Show(series.Times[sample])}, {SpanRules.Life(pod)}");
        }
    }

    private void Calls(MetricFile file)
    {
        var infinite = file.Series.Where(s => s.Bound == double.PositiveInfinity).GroupBy(s => s.Group).ToDictionary(g => g.Key, g => g.First(), StringComparer.Ordinal);
        foreach (var calls in file.Series.Where(s => s.Metric.EndsWith("_calls_total", StringComparison.Ordinal)))
        {
            if (!infinite.TryGetValue(calls.Group, out var bucket)) continue;
            for (var i = 0; i < calls.Times.Count; i++)
            {
                var other = bucket.Times.BinarySearch(calls.Times[i]);
                if (other >= 0 && !_calls.Holds(calls.Values[i] == bucket.Values[other]))
                    _calls.Broken(file.Row(calls, i), $"{calls.Values[i]} failed calls, {bucket.Values[other]} in row {bucket.Rows[other]}");
            }
        }
    }

    /// <summary>Why traces are not complete; null when they are, or when the metrics cannot tell.</summary>
    public string? Agree(IReadOnlyList<MetricFile> files, SpanStore store)
    {
        if (!store.IsRecorded) return "there are no traces";
        var ids = Enumerable.Range(0, store.ServiceCount).ToDictionary(store.Service, StringComparer.Ordinal);
        var compared = files.Where(f => f.IsService && f.Times.Count > 1)
            .SelectMany(f => Enum.GetValues<SpanKind>().Select(k => (File: f, Kind: k, Increase: Increase(f, k)))).Where(c => c.Increase is not null)
            .Select(c => (c.File, c.Kind, Increase: c.Increase!.Value, Spans: ids.TryGetValue(c.File.Of, out var id) ? Count(store, id, c.Kind, c.File) : 0)).ToList();
        if (compared.Count == 0) return null;
        var (spans, increase) = (compared.Sum(c => (double)c.Spans), compared.Sum(c => c.Increase));
        if (spans < Complete * increase)
        {
            _spans.LeaveOut($"the traces are a sample: {spans} spans where the metrics count {increase}");
            return $"the traces are a sample of {spans / increase:P0}";
        }

        var (last, until) = (LastEnd(store), compared.Max(c => c.File.Times[^1]));
        if (last < until - CutOff)
        {
            _spans.LeaveOut($"the traces end at {TextTime.Show(last)}, the metrics at {TextTime.Show(until)}");
            return $"the traces end at {TextTime.Show(last)}";
        }

        foreach (var c in compared)
            if (!_spans.Holds(Math.Abs(c.Increase - c.Spans) <= 0.01 * Math.Max(c.Increase, c.Spans) + 3))
                _spans.Broken(new Place(c.File.Name, 0), $"{c.Kind} spans rise by {c.Increase}, the traces have {c.Spans} from {TextTime.Show(c.File.Times[0])} to {TextTime.Show(c.File.Times[^1])}");
        return null;
    }

    /// <summary>
    /// Null when the file has no histogram of that kind of span, or when its counters began anew and so have lost some. A series that
    /// came later began from 0.
    /// </summary>
    private static double? Increase(MetricFile file, SpanKind kind)
    {
        var counters = file.Series.Where(s => s.Bound == double.PositiveInfinity && s.SpanKind == $"SPAN_KIND_{kind.ToString().ToUpperInvariant()}").ToList();
        var isWhole = counters.Count > 0 && counters.DistinctBy(s => s.Pod).Count() == 1 && counters.TrueForAll(s => s.Values.Zip(s.Values.Skip(1)).All(v => v.First <= v.Second));
        return isWhole ? counters.Sum(s => s.Values[^1] - (s.Times[0] > file.Times[0] ? 0 : s.Values[0])) : null;
    }

    private static long LastEnd(SpanStore store)
    {
        var last = long.MinValue;
        foreach (ref readonly var span in store.All)
            if (span.End - span.Start < CutOff) last = Math.Max(last, span.End); // Streams that began earlier end whenever they do.
        return last;
    }

    private static long Count(SpanStore store, int service, SpanKind kind, MetricFile file)
    {
        var count = 0L;
        foreach (ref readonly var span in store.All)
            if (span.Service == service && span.Kind == kind && span.End > file.Times[0] && span.End <= file.Times[^1]) count++;
        return count;
    }
}
