using System.Globalization;

namespace Copilot.Simulator;

/// <summary>One file per service with spans and one per pod. Prometheus has two replicas, so many samples come twice.</summary>
internal sealed class MetricsWriter(World world, string directory, Chance chance)
{
    private const double Repeated = 0.1;

    private static readonly string[] Bounds =
        [.. SpanMetrics.Bounds.Select(b => double.IsInfinity(b) ? "+Inf" : b.ToString("0.0", CultureInfo.InvariantCulture))];

    public void Services(SpanMetrics metrics)
    {
        var collector = world.Installation.Of(world.Application.Collector).Pods[0];
        foreach (var service in world.Application.Services.Where(s => s.HasSpans))
        {
            var all = metrics.All.Where(s => s.Pod.Service == service).ToList();
            if (all.Count == 0) continue;
            using var rows = new TsvWriter(Path.Combine(directory, $"service_{service.Name}_raw.tsv"),
                "metric_name timestamp value service_name namespace bucket_le tags metric_type status_code");
            foreach (var series in all)
                for (var b = 0; b < Bounds.Length; b++) Bucket(rows, metrics.Times, series, b, Tags(service, collector, series, Bounds[b]));
            foreach (var series in all.Where(s => s.Failed)) Errors(rows, metrics.Times, series, Tags(service, collector, series, null));
        }
    }

    public void Pods(ScrapeTimes times, PodLoad load)
    {
        foreach (var pod in world.Installation.Workloads.SelectMany(w => w.Pods))
        {
            if (pod.NeverStarted || pod.GoneAt < times.First) continue;
            using var rows = new TsvWriter(Path.Combine(directory, $"pod_{pod.Name}_raw.tsv"), "metric_name timestamp value pod_name namespace tags");
            Pod(rows, pod, times, load.Of(pod));
        }
    }

    private void Bucket(TsvWriter rows, ScrapeTimes times, SpanMetrics.Series series, int bucket, string tags)
    {
        for (var i = series.First; i < times.Count; i++)
            Row(rows, "traces_span_metrics_duration_milliseconds_bucket", times.At(i), series.At(i, bucket), series.Pod.Service.Name, Bounds[bucket],
                tags, "duration_p95", "");
    }

    private void Errors(TsvWriter rows, ScrapeTimes times, SpanMetrics.Series series, string tags)
    {
        for (var i = series.First; i < times.Count; i++)
            Row(rows, "traces_span_metrics_calls_total", times.At(i), series.Total(i), series.Pod.Service.Name, "", tags, "error_rate",
                "STATUS_CODE_ERROR");
    }

    private void Row(TsvWriter rows, string metric, long at, int value, string service, string le, string tags, string type, string status)
    {
        var (time, text) = (Moment.Millis(at), $"{value}.0");
        rows.Row(metric, time, text, service, world.Application.Namespace, le, tags, type, status);
        if (chance.Happens(Repeated)) rows.Row(metric, time, text, service, world.Application.Namespace, le, tags, type, status);
    }

    private string Tags(SimulatedService service, SimulatedPod collector, SpanMetrics.Series series, string? le)
    {
        List<(string, string)> tags =
        [
            ("container", collector.Service.Name), ("endpoint", "metrics"), ("exported_instance", series.Pod.Uid),
            ("exported_job", $"{world.Application.Namespace}/{service.Name}"), ("exported_namespace", world.Application.Namespace),
            ("instance", $"{collector.Ip}:8889"), ("job", collector.Service.Name),
        ];
        if (le is not null) tags.Add(("le", le));
        tags.AddRange(
        [
            ("namespace", world.Application.Namespace), ("otel_scope_name", "spanmetricsconnector"), ("pod", collector.Name),
            ("prometheus", $"{world.Installation.Monitoring}/k8s"), ("service", collector.Service.Name), ("service_name", service.Name),
            ("span_kind", series.Server ? "SPAN_KIND_SERVER" : "SPAN_KIND_CLIENT"), ("span_name", series.SpanName),
            ("status_code", series.Failed ? "STATUS_CODE_ERROR" : "STATUS_CODE_UNSET"),
        ]);
        return PythonRepr.Dict(tags.ToArray());
    }

    private void Pod(TsvWriter rows, SimulatedPod pod, ScrapeTimes times, int[] served)
    {
        var service = pod.Service;
        var tags = new[] { service.Name, "POD", "" }.Select(c => PodTags(pod, c)).ToArray();
        var perRequest = chance.Between(0.002, 0.012);
        var idle = chance.Between(0.05, 0.4);
        var age = (times.First - (pod.RunsUnreadyFrom ?? pod.ReadyAt)) / (double)Moment.Second;
        var cpu = Math.Max(0, age) * (idle + perRequest) / 30;
        var memory = service.MemoryMi * 1048576.0 * chance.Between(0.45, 0.7);
        var (periods, throttled) = ((long)(Math.Max(0, age) * 2), 0L);
        for (var i = 0; i < times.Count; i++)
        {
            var at = times.At(i);
            if (at < (pod.RunsUnreadyFrom ?? pod.ReadyAt) || at >= pod.GoneAt || pod.IsDown(at)) continue;
            cpu += idle * chance.Between(0.8, 1.2) + served[i] * perRequest * chance.Between(0.8, 1.2);
            memory = Math.Clamp(memory * (1 + 0.01 * chance.Normal()), service.MemoryMi * 0.4 * 1048576, service.MemoryMi * 0.85 * 1048576);
            if (SimulatedPod.Within(pod.Stress, at)) cpu += 30 * chance.Between(0.44, 0.5);
            foreach (var (from, until) in pod.Leaks)
                if (at >= from && at < until) memory = service.MemoryMi * 1048576.0 * (0.5 + 0.49 * (at - from) / (until - from));
            periods += chance.Between(40, 120);
            throttled += chance.Happens(0.15) ? chance.Between(1, 4) : 0;
            Sample("container_cpu_usage_seconds_total", Number(cpu), tags[0]);
            Sample("container_cpu_usage_seconds_total", Number(0.021), tags[1]);
            Sample("container_memory_working_set_bytes", $"{Math.Floor(memory):0}.0", tags[0]);
            Sample("container_memory_working_set_bytes", "229376.0", tags[1]);
            Sample("container_memory_working_set_bytes", $"{Math.Floor(memory) + 229376:0}.0", tags[2]);
            Sample("container_cpu_cfs_periods_total", $"{periods}.0", tags[0]);
            Sample("container_cpu_cfs_throttled_periods_total", $"{throttled}.0", tags[0]);

            void Sample(string metric, string value, string labels)
            {
                var time = Moment.Millis(at);
                rows.Row(metric, time, value, pod.Name, world.Application.Namespace, labels);
                if (chance.Happens(Repeated)) rows.Row(metric, time, value, pod.Name, world.Application.Namespace, labels);
            }
        }
    }

    private static string Number(double value) => value.ToString("0.0########", CultureInfo.InvariantCulture);

    private string PodTags(SimulatedPod pod, string container)
    {
        var cgroup = $"/kubepods/burstable/pod{pod.Uid}";
        List<(string, string)> tags = container.Length > 0
            ? [("container", container), ("id", $"{cgroup}/{(container == "POD" ? "pause" : "main")}")] : [("id", cgroup)];
        tags.AddRange(
        [
            ("endpoint", "https-metrics"), ("job", "kubelet"), ("metrics_path", "/metrics/cadvisor"), ("namespace", world.Application.Namespace),
            ("node", pod.Node), ("pod", pod.Name), ("prometheus", $"{world.Installation.Monitoring}/k8s"), ("service", "kubelet"),
        ]);
        return PythonRepr.Dict(tags.ToArray());
    }
}
