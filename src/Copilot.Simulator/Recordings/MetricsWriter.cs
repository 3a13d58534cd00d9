using System.Globalization;

using Copilot.Simulator.Clusters;
using Copilot.Simulator.Traffic;

namespace Copilot.Simulator.Recordings;

/// <summary>One file per service with spans and one per pod. Prometheus has two replicas, so many samples come twice.</summary>
internal sealed class MetricsWriter(World world, string directory, int every, Chance chance)
{
    private const double Repeated = 0.1;

    private static readonly string[] Bounds =
        [.. SpanMetrics.Bounds.Select(b => double.IsInfinity(b) ? "+Inf" : b.ToString("0.0", CultureInfo.InvariantCulture))];

    public void Services(SpanMetrics metrics)
    {
        var collector = world.Installation.Of(world.Application.Collector).Pods[0];
        foreach (var service in world.Application.Services.Where(s => s.HasSpans))
        {
            var all = metrics.Of(service);
            if (all.Count == 0) continue;
            using var rows = new TsvWriter(Path.Combine(directory, $"service_{service.Name}_raw.tsv"),
                "metric_name timestamp value service_name namespace bucket_le tags metric_type status_code");
            foreach (var series in all)
                for (var b = 0; b < Bounds.Length; b++) Bucket(rows, metrics.Times, series, b, Tags(collector, series, Bounds[b]));
            foreach (var series in all.Where(s => s.Failed)) Errors(rows, metrics.Times, series, Tags(collector, series, null));
        }
    }

    public void Pods(ScrapeTimes times)
    {
        // A pod of a StatefulSet comes back under its name: one file for all of them.
        foreach (var pods in world.Installation.OfApplication.SelectMany(w => w.Pods).Where(p => p.Samples.Count > 0).GroupBy(p => p.Name))
        {
            using var rows = new TsvWriter(Path.Combine(directory, $"pod_{pods.Key}_raw.tsv"), "metric_name timestamp value pod_name namespace tags");
            foreach (var pod in pods) Pod(rows, pod, times);
        }
    }

    private void Bucket(TsvWriter rows, ScrapeTimes times, SpanMetrics.Series series, int bucket, string tags)
    {
        for (var i = FirstKept(series.First); i < times.Count; i += every)
            Row(rows, "traces_span_metrics_duration_milliseconds_bucket", times.At(i), series.At(i, bucket), series.Pod.Service.Name, Bounds[bucket], tags, "duration_p95", "");
    }

    private void Errors(TsvWriter rows, ScrapeTimes times, SpanMetrics.Series series, string tags)
    {
        for (var i = FirstKept(series.First); i < times.Count; i += every)
            Row(rows, "traces_span_metrics_calls_total", times.At(i), series.Total(i), series.Pod.Service.Name, "", tags, "error_rate", "STATUS_CODE_ERROR");
    }

    private int FirstKept(int first) => (first + every - 1) / every * every;

    private void Row(TsvWriter rows, string metric, long at, int value, string service, string le, string tags, string type, string status)
    {
        var (time, text) = (Moment.Millis(at), $"{value}.0");
        rows.Row(metric, time, text, service, world.Application.Namespace, le, tags, type, status);
        if (chance.Happens(Repeated)) rows.Row(metric, time, text, service, world.Application.Namespace, le, tags, type, status);
    }

    private string Tags(SimulatedPod collector, SpanMetrics.Series series, string? le)
    {
        var service = series.Pod.Service;
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
            ("span_kind", $"SPAN_KIND_{series.Kind.ToString().ToUpperInvariant()}"), ("span_name", series.SpanName),
            ("status_code", series.Failed ? "STATUS_CODE_ERROR" : "STATUS_CODE_UNSET"),
        ]);
        return PythonRepr.Dict(tags.ToArray());
    }

    private void Pod(TsvWriter rows, SimulatedPod pod, ScrapeTimes times)
    {
        var tags = new[] { pod.Service.Name, "POD", "" }.Select(c => PodTags(pod, c)).ToArray();
        foreach (var sample in pod.Samples)
        {
            if (times.IndexAfter(sample.At) % every != 0) continue;
            Sample("container_cpu_usage_seconds_total", Number(sample.CpuSeconds), tags[0]);
            Sample("container_cpu_usage_seconds_total", Number(0.021), tags[1]);
            Sample("container_memory_working_set_bytes", $"{Math.Floor(sample.MemoryBytes):0}.0", tags[0]);
            Sample("container_memory_working_set_bytes", "229376.0", tags[1]);
            Sample("container_memory_working_set_bytes", $"{Math.Floor(sample.MemoryBytes) + 229376:0}.0", tags[2]);
            Sample("container_cpu_cfs_periods_total", $"{sample.Periods}.0", tags[0]);
            Sample("container_cpu_cfs_throttled_periods_total", $"{sample.Throttled}.0", tags[0]);

            void Sample(string metric, string value, string labels)
            {
                var time = Moment.Millis(sample.At);
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
            ("node", pod.Node!.Name), ("pod", pod.Name), ("prometheus", $"{world.Installation.Monitoring}/k8s"), ("service", "kubelet"),
        ]);
        return PythonRepr.Dict(tags.ToArray());
    }
}
