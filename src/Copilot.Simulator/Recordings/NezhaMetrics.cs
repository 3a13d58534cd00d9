using Copilot.Simulator.Applications;
using Copilot.Simulator.Clusters;
using Copilot.Simulator.Traffic;

namespace Copilot.Simulator.Recordings;

/// <summary>
/// Nezha's metrics, one row for each whole minute: a file for each pod, the entry's <c>front_service.csv</c>, the median of each call as its source and its
/// destination see it, and <c>dependency.csv</c> with calls and hosts. Bytes are per second. Operations and latencies are those of recorded requests. A node's
/// use is that of the pods on it. PodSuccessRate, which is 0 in all of the public data, is what it says. SyscallRead and SyscallWrite, which the simulation
/// does not know, are NaN, as is everything without a value; a pod without a sample in a minute has no row.
/// </summary>
internal sealed class NezhaMetrics(CollectorMinutes minutes, string root)
{
    public const string Folder = "metric";

    private const double Mebibyte = 1_048_576;

    private const string PodColumns = "Time,TimeStamp,PodName,CpuUsage(m),CpuUsageRate(%),MemoryUsage(Mi),MemoryUsageRate(%),SyscallRead,SyscallWrite,"
        + "NetworkReceiveBytes,NetworkTransmitBytes,PodClientLatencyP90(s),PodServerLatencyP90(s),PodClientLatencyP95(s),PodServerLatencyP95(s),"
        + "PodClientLatencyP99(s),PodServerLatencyP99(s),PodWorkload(Ops),PodSuccessRate(%),NodeCpuUsageRate(%),NodeMemoryUsageRate(%),NodeNetworkReceiveBytes";

    private readonly Dictionary<SimulatedPod, RequestLog> _served = [];
    private readonly Dictionary<SimulatedPod, RequestLog> _asked = [];
    private readonly RequestLog _front = new();
    private readonly Dictionary<(SimulatedService Source, SimulatedService Target), RequestLog> _sources = [];
    private readonly Dictionary<(SimulatedService Source, SimulatedService Target), RequestLog> _destinations = [];
    private readonly Dictionary<string, SimulatedService> _callers = [];

    private readonly record struct Use(double Cores, double MemoryBytes, double Received, double Sent)
    {
        public static Use Of(SimulatedPod pod, PodSample sample, long end)
        {
            double Rate(Func<PodSample, double> counter) => PodRates.Rate(pod, end - Moment.Minute, end, counter);
            return new Use(Rate(s => s.CpuSeconds), sample.MemoryBytes, Rate(s => s.ReceivedBytes), Rate(s => s.SentBytes));
        }

        /// <summary>What is not known of a part counts nothing.</summary>
        public Use With(Use other) => new(Cores + Known(other.Cores), MemoryBytes + other.MemoryBytes, Received + Known(other.Received), Sent + Known(other.Sent));

        private static double Known(double value) => double.IsNaN(value) ? 0 : value;
    }

    public void Add(SpanRecord span)
    {
        var service = span.Pod.Service;
        if (span.Kind is SpanKind.Server or SpanKind.Consumer)
        {
            RequestLog.Of(_served, span.Pod).Add(span);
            if (service.Role == ServiceRole.Gateway) _front.Add(span);
            if (_callers.Remove(span.ParentId, out var caller)) RequestLog.Of(_destinations, (caller, service)).Add(span);
            return;
        }

        RequestLog.Of(_asked, span.Pod).Add(span);
        if (span.Peer is not { } target) return;
        RequestLog.Of(_sources, (service, target)).Add(span);
        if (target.HasSpans) _callers[span.SpanId] = service;
    }

    public void Write(Recorded recorded)
    {
        var chance = recorded.Chance.Fork("collector");
        foreach (var day in minutes.All.Select(CollectorMinutes.Day).Distinct()) Directory.CreateDirectory(Path.Combine(root, day, Folder));
        WritePods(recorded.World, chance);
        WriteFront(recorded.World.Application.Gateway, chance);
        WriteCalls("source_50.csv", _sources, chance);
        WriteCalls("destination_50.csv", _destinations, chance);
        WriteDependencies(recorded.World);
    }

    private void WritePods(World world, Chance chance)
    {
        var pods = world.Installation.Workloads.SelectMany(w => w.Pods).Where(p => p.Samples.Count > 0).ToList();
        Dictionary<(SimulatedPod, long), Use> uses = [];
        Dictionary<(SimulatedNode, long), Use> nodes = [];
        foreach (var end in minutes.Whole)
            foreach (var pod in pods)
            {
                if (PodRates.Last(pod, end - Moment.Minute, end) is not { } sample) continue;
                var use = uses[(pod, end)] = Use.Of(pod, sample, end);
                nodes[(pod.Node!, end)] = nodes.GetValueOrDefault((pod.Node!, end)).With(use);
            }

        // A pod of a StatefulSet comes back under its name.
        foreach (var same in pods.Where(p => p.Workload.Namespace == world.Application.Namespace).GroupBy(NezhaRecording.PodName).OrderBy(g => g.Key, StringComparer.Ordinal))
        {
            var delay = Delay(chance);
            Write($"{same.Key}_metric.csv", PodColumns, end => same.LastOrDefault(p => uses.ContainsKey((p, end))) is { } pod
                ? PodRow(pod, uses[(pod, end)], nodes[(pod.Node!, end)], end, delay) : null);
        }
    }

    private string[] PodRow(SimulatedPod pod, Use use, Use node, long end, long delay)
    {
        var limits = pod.Spec["containers"]![0]!["resources"]?["limits"];
        var (asked, served) = (Minute(_asked, pod, end), Minute(_served, pod, end));
        return
        [
            Time(end, delay), Stamp(end), NezhaRecording.PodName(pod), Number(1000 * use.Cores), Share(1000 * use.Cores, Quantity.Milli((string?)limits?["cpu"])),
            Number(use.MemoryBytes / Mebibyte), Share(use.MemoryBytes / Mebibyte, Quantity.Mi((string?)limits?["memory"])), "NaN", "NaN",
            Number(use.Received), Number(use.Sent), Number(asked.Quantile(0.9)), Number(served.Quantile(0.9)), Number(asked.Quantile(0.95)), Number(served.Quantile(0.95)),
            Number(asked.Quantile(0.99)), Number(served.Quantile(0.99)), Number(served.Count / 60.0), Number(served.Succeeded),
            Share(1000 * node.Cores, pod.Node!.CpuMilli), Share(node.MemoryBytes / Mebibyte, pod.Node.MemoryMi), Number(node.Received),
        ];
    }

    private void WriteFront(SimulatedService gateway, Chance chance)
    {
        var delay = Delay(chance);
        Write("front_service.csv", "Time,TimeStamp,ServiceName,SuccessRate(%),LatencyP50(s),LatencyP90(s),LatencyP95(s),LatencyP99(s)", end =>
        {
            var requests = _front.Between(end - Moment.Minute, end);
            return [Time(end, delay), Stamp(end), gateway.Name, Number(requests.Succeeded), .. new[] { 0.5, 0.9, 0.95, 0.99 }.Select(q => Number(requests.Quantile(q)))];
        });
    }

    private void WriteCalls(string name, Dictionary<(SimulatedService Source, SimulatedService Target), RequestLog> calls, Chance chance)
    {
        var (ordered, delay) = (Ordered(calls), Delay(chance));
        Write(name, string.Join(',', ordered.Select(c => $"{c.Key.Source.Name}_{c.Key.Target.Name}").Prepend("timestamp").Prepend("time")), end =>
            [Time(end, delay), Stamp(end), .. ordered.Select(c => Median(c.Value.Between(end - Moment.Minute, end)))]);
    }

    private void WriteDependencies(World world)
    {
        var calls = Ordered(_sources).Select(c => (Source: c.Key.Source.Name, Target: c.Key.Target.Name));
        var hosts = world.Installation.OfApplication.SelectMany(w => w.Pods).Where(p => p.Samples.Count > 0)
            .Select(p => (Source: p.Service.Name, Target: NezhaRecording.HostOf(p))).Distinct().OrderBy(h => h.Source, StringComparer.Ordinal).ThenBy(h => h.Target, StringComparer.Ordinal);
        var rows = calls.Concat(hosts).ToList();
        foreach (var day in minutes.All.Select(CollectorMinutes.Day).Distinct())
        {
            using var file = CsvWriter.Create(Path.Combine(root, day, Folder, "dependency.csv"), "Source,Target,Weight");
            foreach (var (source, target) in rows) file.Row(source, target, "1");
        }
    }

    /// <summary>A file in each day that has a row.</summary>
    private void Write(string name, string header, Func<long, string[]?> row)
    {
        foreach (var day in minutes.Whole.Select(end => (end, Row: row(end))).Where(r => r.Row is not null).GroupBy(r => CollectorMinutes.Day(r.end)))
        {
            using var file = CsvWriter.Create(Path.Combine(root, day.Key, Folder, name), header);
            foreach (var (_, fields) in day) file.Row(fields);
        }
    }

    private static List<KeyValuePair<(SimulatedService Source, SimulatedService Target), RequestLog>> Ordered(
        Dictionary<(SimulatedService Source, SimulatedService Target), RequestLog> calls) =>
        [.. calls.OrderBy(c => c.Key.Source.Name, StringComparer.Ordinal).ThenBy(c => c.Key.Target.Name, StringComparer.Ordinal)];

    private static RequestSummary Minute(Dictionary<SimulatedPod, RequestLog> logs, SimulatedPod pod, long end) =>
        logs.TryGetValue(pod, out var log) ? log.Between(end - Moment.Minute, end) : RequestSummary.None;

    /// <summary>How long after the minute's end a file's row is taken, nanoseconds.</summary>
    private static long Delay(Chance chance) => Moment.Milliseconds(chance.Between(5, 900)) + chance.Below(1_000_000);

    /// <summary>As Go prints a time: with the seconds since the collector began.</summary>
    private string Time(long end, long delay)
    {
        var since = end - minutes.Whole.First() + delay;
        return $"{Moment.Nanos(end + delay).TrimEnd('0')} +0000 UTC m=+{since / Moment.Second}.{since % Moment.Second:000000000}";
    }

    private static string Stamp(long end) => $"{end / Moment.Second}";

    private static string Number(double value) => double.IsNaN(value) ? "NaN" : $"{value:R}";

    private static string Median(RequestSummary requests) => requests.Count == 0 ? "" : requests.Quantile(0.5).ToString("0.#########");

    private static string Share(double used, int limit) => limit == 0 ? "NaN" : Number(100 * used / limit);
}
