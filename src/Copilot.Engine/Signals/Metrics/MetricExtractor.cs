using System.Buffers.Text;
using System.Globalization;
using System.IO.Hashing;
using System.Text;
using Copilot.Core.Evidence;
using Copilot.Core.Signals;
using Copilot.Engine.Snapshots.Reading;

namespace Copilot.Engine.Signals.Metrics;

/// <summary>
/// Reads the metric samples of one owner: request counters, duration histograms and duration summaries of a service (the span metrics of the OpenTelemetry
/// collector, or others of that shape), CPU and memory of a pod (cAdvisor). Other metrics are counted and left.
/// </summary>
internal sealed class MetricExtractor
{
    private enum Use : byte
    {
        None,
        Requests,
        Durations,
        Quantiles,
        DurationSum,
        DurationCount,
        CpuSeconds,
        Memory,
        CpuPeriods,
        CpuThrottled,
        Limit,
    }

    private readonly Dictionary<ulong, MetricSeries?> _byKey = [];
    private readonly List<(Use Use, string Owner, string Namespace, MetricSeries Series)> _series = [];
    private readonly CallMetrics _calls = new();

    /// <summary>Times of the samples, thinned, one sequence a series, for the common grid: the incident's, or those that say what is normal.</summary>
    public IEnumerable<IEnumerable<long>> Times(bool reference) =>
        _series.Select(s => s.Series).Concat(_calls.Series).Where(s => s.IsReference == reference).Take(3).Select(s => s.Times);

    /// <summary>Moves the samples that say what is normal to where they lie on the grid.</summary>
    public void ShiftReference(long ticks)
    {
        foreach (var (_, _, _, series) in _series)
            if (series.IsReference) series.Shift = ticks;
        foreach (var series in _calls.Series.Where(s => s.IsReference)) series.Shift = ticks;
    }

    /// <summary>Reads a file about the owner; of several, each has its own series.</summary>
    public void Read(FileReading reading)
    {
        _byKey.Clear();
        int name = -1, time = -1, value = -1, tags = -1, bucket = -1, pod = -1, service = -1, ns = -1;
        reading.ReadTable(["metric_name", "timestamp", "value"], row =>
        {
            if (name < 0)
            {
                (name, time, value, tags, bucket) = (row.Column("metric_name"), row.Column("timestamp"), row.Column("value"), row.Column("tags"), row.Column("bucket_le"));
                (pod, service, ns) = (row.Column("pod_name"), row.Column("service_name"), row.Column("namespace"));
            }
            if (!TimeText.TryParse(row.Field(time), out var ticks))
            {
                reading.Fault(row.Record, GapKind.Malformed, "a time stamp that is none");
                return false;
            }
            reading.Saw(ticks);
            var key = XxHash3.HashToUInt64(row.RawField(tags), (long)XxHash3.HashToUInt64(row.RawField(name), bucket < 0 ? 0 : (long)XxHash3.HashToUInt64(row.RawField(bucket))));
            if (!_byKey.TryGetValue(key, out var series))
                _byKey[key] = series = Start(reading, row, Encoding.UTF8.GetString(row.Field(name)), row.Field(pod >= 0 ? pod : service), row.Field(ns), Encoding.UTF8.GetString(row.Field(bucket)), tags);
            if (series is null) return true;
            if (!TryNumber(row.Field(value), out var number))
            {
                reading.Fault(row.Record, GapKind.Malformed, "a value that is no number");
                return false;
            }
            series.Add(ticks, number, (int)row.Record);
            return true;
        });
    }

    public IEnumerable<CallTraffic> BuildCalls(TimeGrid grid) => _calls.Build(grid);

    public IEnumerable<PodResources> BuildPods(TimeGrid grid)
    {
        foreach (var pod in _series.Where(s => s.Use >= Use.CpuSeconds).GroupBy(s => (s.Namespace, s.Owner)).OrderBy(g => g.Key.Namespace + "/" + g.Key.Owner, StringComparer.Ordinal))
        {
            var examples = new Sighting[grid.Count];
            foreach (var (use, _, _, series) in pod)
                if (use is Use.CpuSeconds or Use.Memory) series.Examples(grid, examples);
            var periods = Growth(pod, Use.CpuPeriods, grid);
            var throttled = Growth(pod, Use.CpuThrottled, grid);
            yield return new(
                pod.Key.Namespace, pod.Key.Owner,
                [.. Growth(pod, Use.CpuSeconds, grid).Select(s => s / grid.Step.TotalSeconds)],
                Level(pod, Use.Memory, grid),
                [.. periods.Zip(throttled, (all, some) => all > 0 ? Math.Min(1, some / all) : double.NaN)],
                examples)
            {
                CpuLimit = LimitOf(pod, "cpu", grid),
                MemoryLimit = LimitOf(pod, "memory", grid),
            };
        }
    }

    public IEnumerable<ServiceTraffic> BuildServices(TimeGrid grid)
    {
        foreach (var service in _series.Where(s => s.Use is > Use.None and < Use.CpuSeconds).GroupBy(s => (s.Namespace, s.Owner)))
        {
            // Requests that the service took in, where the series tell them from those it made.
            var counted = service.Where(s => s.Use is Use.Requests or Use.Durations).ToList();
            var served = counted.Exists(s => IsServed(s.Series)) ? counted.FindAll(s => IsServed(s.Series)) : counted;
            var (calls, errors) = (new double[grid.Count], new double[grid.Count]);
            var examples = new Sighting[grid.Count];
            var buckets = new SortedDictionary<double, double[]>();
            var totals = served.Exists(s => s.Use == Use.Durations);
            foreach (var (use, _, _, series) in served)
            {
                var failed = IsFailed(series);
                if (use == Use.Durations)
                {
                    if (!double.TryParse(series.Tag("le"), NumberStyles.Float, CultureInfo.InvariantCulture, out var edge)) edge = double.PositiveInfinity;
                    if (!buckets.TryGetValue(edge, out var steps)) buckets[edge] = steps = new double[grid.Count];
                    series.AddGrowth(grid, steps);
                    if (double.IsPositiveInfinity(edge)) series.AddGrowth(grid, calls);
                }
                else
                {
                    if (!totals) series.AddGrowth(grid, calls);
                    if (failed) series.AddGrowth(grid, errors);
                }
                if (failed || !examples[0].Exists) series.Examples(grid, examples);
            }
            var summary = new DurationSummary(grid, [.. service.Where(s => s.Use is Use.Quantiles).Select(s => s.Series)],
                [.. service.Where(s => s.Use is Use.DurationSum).Select(s => s.Series)], [.. service.Where(s => s.Use is Use.DurationCount).Select(s => s.Series)]);
            if (counted.Count == 0) summary.AddCounts(calls);
            var slow = totals || !summary.Exists ? examples : summary.Examples();
            if (counted.Count == 0) examples = slow;
            // Failed requests may be counted by a counter of their own while the histogram misses them, or the other way round.
            for (var i = 0; i < calls.Length; i++) calls[i] = Math.Max(calls[i], errors[i]);
            yield return new(service.Key.Owner, null, EvidenceSource.Metrics, calls, errors, errors, totals ? Quantile(buckets, 0.95, grid.Count) : summary.LatencyMs(), Filled(grid.Count, double.NaN), examples, slow)
            {
                MeanMs = summary.Means() is var means && means.Any(m => !double.IsNaN(m)) ? means : [],
            };
        }
    }

    private MetricSeries? Start(FileReading reading, TsvReader row, string metric, ReadOnlySpan<byte> ownerText, ReadOnlySpan<byte> namespaceText, string bucket, int tagsColumn)
    {
        var use = UseOf(metric);
        var isCall = CallMetrics.MayBe(metric);
        if (use == Use.None && !isCall) return null;
        var (owner, ns) = (Encoding.UTF8.GetString(ownerText), Encoding.UTF8.GetString(namespaceText));
        var tags = PythonDict.Parse(row.Field(tagsColumn));
        if (isCall)
        {
            var call = new MetricSeries(metric, reading.File.Path, reading.File.IsReference, tags);
            if (_calls.TryAdd(call)) return call;
            if (use == Use.None) return null;
        }
        // A summary has the name of its histogram; what is neither its sum nor its count is a quantile by its label.
        if (use is Use.Quantiles && !tags.ContainsKey("quantile")) return null;
        if (bucket.Length > 0) tags["le"] = bucket;
        // The pod's total has no container and would count twice; the pause container does no work.
        if (use >= Use.CpuSeconds && tags.TryGetValue("container", out var container) && container is "" or "POD") return null;
        if (use >= Use.CpuSeconds && !tags.ContainsKey("container")) return null;
        if (owner.Length == 0) owner = use >= Use.CpuSeconds ? tags.GetValueOrDefault("pod", "") : tags.GetValueOrDefault("service_name", "");
        if (owner.Length == 0) return null;
        var series = new MetricSeries(metric, reading.File.Path, reading.File.IsReference, tags);
        _series.Add((use, owner, ns, series));
        return series;
    }

    private static Use UseOf(string metric)
    {
        if (metric.EndsWith("_bucket", StringComparison.Ordinal) && metric.Contains("duration", StringComparison.Ordinal)) return Use.Durations;
        if (metric.EndsWith("calls_total", StringComparison.Ordinal) || metric.EndsWith("requests_total", StringComparison.Ordinal)) return Use.Requests;
        // Runtimes have summaries of other durations, such as their pauses.
        if (metric.Contains("request_duration", StringComparison.Ordinal) || metric.Contains("request_latency", StringComparison.Ordinal))
            return metric.EndsWith("_sum", StringComparison.Ordinal) ? Use.DurationSum : metric.EndsWith("_count", StringComparison.Ordinal) ? Use.DurationCount : Use.Quantiles;
        return metric switch
        {
            "container_cpu_usage_seconds_total" => Use.CpuSeconds,
            "container_memory_working_set_bytes" => Use.Memory,
            "container_cpu_cfs_periods_total" => Use.CpuPeriods,
            "container_cpu_cfs_throttled_periods_total" => Use.CpuThrottled,
            "kube_pod_container_resource_limits" => Use.Limit,
            _ => Use.None,
        };
    }

    private static bool IsServed(MetricSeries series) => series.Tag("span_kind") is var kind && (kind.EndsWith("SERVER", StringComparison.Ordinal) || kind.EndsWith("CONSUMER", StringComparison.Ordinal));

    internal static bool IsFailed(MetricSeries series)
    {
        var status = series.Tag("status_code") is { Length: > 0 } s ? s : series.Tag("response_code") is { Length: > 0 } r ? r : series.Tag("code");
        return status.EndsWith("ERROR", StringComparison.Ordinal) || (status.Length == 3 && status[0] == '5');
    }

    private static bool TryNumber(ReadOnlySpan<byte> text, out double number) =>
        (Utf8Parser.TryParse(text, out number, out var used) && used == text.Length) || double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out number);

    private static double[] Growth(IEnumerable<(Use Use, string Owner, string Namespace, MetricSeries Series)> pod, Use use, TimeGrid grid)
    {
        var steps = new double[grid.Count];
        var any = false;
        foreach (var s in pod.Where(s => s.Use == use))
        {
            s.Series.AddGrowth(grid, steps);
            any = true;
        }
        return any ? steps : Filled(grid.Count, double.NaN);
    }

    /// <summary>What all containers of the pod may use together, in cores or bytes; NaN when it is not known.</summary>
    private static double LimitOf(IEnumerable<(Use Use, string Owner, string Namespace, MetricSeries Series)> pod, string resource, TimeGrid grid)
    {
        var limits = Level(pod.Where(s => s.Series.Tag("resource") == resource), Use.Limit, grid);
        return limits.LastOrDefault(v => !double.IsNaN(v), double.NaN);
    }

    private static double[] Level(IEnumerable<(Use Use, string Owner, string Namespace, MetricSeries Series)> pod, Use use, TimeGrid grid)
    {
        var total = new double[grid.Count];
        var seen = new bool[grid.Count];
        foreach (var s in pod.Where(s => s.Use == use))
        {
            var (sums, counts) = (new double[grid.Count], new double[grid.Count]);
            s.Series.AddLevel(grid, sums, counts);
            for (var i = 0; i < total.Length; i++)
            {
                if (counts[i] == 0) continue;
                total[i] += sums[i] / counts[i];
                seen[i] = true;
            }
        }
        return [.. total.Select((t, i) => seen[i] ? t : double.NaN)];
    }

    /// <summary>Linear interpolation inside the bucket, as Prometheus' histogram_quantile does it. Milliseconds.</summary>
    private static double[] Quantile(SortedDictionary<double, double[]> buckets, double quantile, int steps)
    {
        var result = Filled(steps, double.NaN);
        for (var step = 0; step < steps && buckets.Count > 1; step++)
        {
            var (below, lower) = (0.0, 0.0);
            var rank = buckets.Values.Last()[step] * quantile;
            if (rank <= 0) continue;
            foreach (var (edge, counts) in buckets)
            {
                if (counts[step] >= rank)
                {
                    result[step] = double.IsPositiveInfinity(edge) ? lower : lower + ((edge - lower) * (rank - below) / Math.Max(1e-9, counts[step] - below));
                    break;
                }
                (below, lower) = (counts[step], edge);
            }
        }
        return result;
    }

    private static double[] Filled(int count, double value)
    {
        var array = new double[count];
        Array.Fill(array, value);
        return array;
    }
}
