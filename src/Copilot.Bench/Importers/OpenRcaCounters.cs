namespace Copilot.Bench.Importers;

/// <summary>
/// Makes counters of what OpenRCA's files tell by the minute, and writes everything else as it is. Files are ordered by series or not at all, so what is to be
/// added up is kept until it can be sorted: a few numbers for each series and minute of the window.
/// </summary>
internal sealed class OpenRcaCounters(ImportedEvidence evidence, string ns)
{
    // After a gap as long as this nothing is known of the time in between.
    private const double LongestSeconds = 600;

    private readonly Dictionary<(bool OfPod, string Owner, string Metric, string Tags), List<(long At, double Value, double PerSecond)>> _growth = [];

    /// <summary>A sample of a KPI. CPU in percent becomes a counter of seconds, as of a machine with one core, since the number of cores is not told.</summary>
    /// <param name="node">Where the owner runs; may be empty.</param>
    /// <param name="part">Tells several series of one owner and KPI apart; may be empty.</param>
    public void Kpi(string owner, string node, string kpi, string part, long at, double value)
    {
        var tags = ImportedEvidence.Dict(("container", owner), ("namespace", ns), ("pod", owner), ("node", node), ("part", part));
        switch (kpi)
        {
            case "OSLinux-CPU_CPU_CPUCpuUtil" or "CPU_util_pct" or "CPU_Used_Pct" or "container_cpu_used" or "system.cpu.pct_usage":
                Grow(true, owner, "container_cpu_usage_seconds_total", tags, at, 0, value / 100);
                break;
            case "container_cpu_usage_seconds":
                Grow(true, owner, "container_cpu_usage_seconds_total", tags, at, value, 0);
                break;
            case "container_cpu_cfs_periods" or "container_cpu_cfs_throttled_periods":
                Grow(true, owner, $"{kpi}_total", tags, at, value, 0);
                break;
            case "container_memory_working_set_MB":
                evidence.OfPod(owner, ns, "container_memory_working_set_bytes", at, value * 1e6, tags);
                break;
            default:
                Gauge(owner, kpi, part, at, value);
                break;
        }
    }

    /// <summary>What has no name of Prometheus', under its own.</summary>
    /// <param name="part">Tells several series of one owner and metric apart; may be empty.</param>
    public void Gauge(string owner, string metric, string part, long at, double value) =>
        evidence.OfService(owner, ns, metric, at, value, ImportedEvidence.Dict(("metric", metric), ("part", part), ("service_name", owner)));

    /// <param name="part">Tells the series of one service apart.</param>
    public void Requests(string service, string part, long at, double succeeded, double all)
    {
        Grow(false, service, "service_requests_total", Tags(service, part, "200"), at, succeeded, 0);
        Grow(false, service, "service_requests_total", Tags(service, part, "500"), at, all - succeeded, 0);
    }

    /// <summary>A mean is no quantile: it becomes the sum and the count of a summary.</summary>
    public void Durations(string service, string part, long at, double count, double meanSeconds)
    {
        Grow(false, service, "service_request_duration_seconds_sum", Tags(service, part, ""), at, count * meanSeconds, 0);
        Grow(false, service, "service_request_duration_seconds_count", Tags(service, part, ""), at, count, 0);
    }

    /// <summary>Writes the counters.</summary>
    public void Write()
    {
        foreach (var ((ofPod, owner, metric, tags), samples) in _growth)
        {
            var (total, before) = (0.0, 0L);
            foreach (var (at, value, perSecond) in samples.OrderBy(s => s.At).DistinctBy(s => s.At))
            {
                var seconds = before == 0 ? 0 : Math.Min((at - before) / 1e9, LongestSeconds);
                total += Math.Max(0, value) + (Math.Max(0, perSecond) * seconds);
                before = at;
                if (ofPod) evidence.OfPod(owner, ns, metric, at, total, tags);
                else evidence.OfService(owner, ns, metric, at, total, tags);
            }
        }
        _growth.Clear();
    }

    private static string Tags(string service, string part, string code) => ImportedEvidence.Dict(("code", code), ("part", part), ("service_name", service));

    private void Grow(bool ofPod, string owner, string metric, string tags, long at, double value, double perSecond)
    {
        if (!_growth.TryGetValue((ofPod, owner, metric, tags), out var samples)) _growth[(ofPod, owner, metric, tags)] = samples = [];
        samples.Add((at, value, perSecond));
    }
}
