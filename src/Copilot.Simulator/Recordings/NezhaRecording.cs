using System.Text.Json.Nodes;
using Copilot.Simulator.Clusters;
using Copilot.Simulator.Faults;
using Copilot.Simulator.Traffic;

namespace Copilot.Simulator.Recordings;

/// <summary>
/// The layout of Nezha (github.com/IntelligentDDS/Nezha): <c>rca_data/DAY</c> with the list of faults, a file of logs, traces and trace ids for each minute and
/// the metrics of the day, and <c>construct_data/DAY</c> with one minute before the fault and the same metrics. Every minute of the recording has its files,
/// the first and the last one possibly a part of it only. A trace is whole in the file of the minute in which its first span begins, with its log lines;
/// lines without a span or a recorded trace are left out, as there. Times are UTC, durations microseconds.
/// A pod of a StatefulSet bears its revision in its name, so that a service is always a pod's name without its last two parts. Traces have no status, so
/// which spans failed is not written.
/// </summary>
internal sealed class NezhaRecording : Recording
{
    private readonly string _faulty;
    private readonly string _normal;
    private readonly CollectorMinutes _minutes;
    private readonly MinuteFiles _logs;
    private readonly MinuteFiles _traces;
    private readonly MinuteFiles _traceIds;
    private readonly NezhaMetrics _metrics;
    private readonly Dictionary<string, long> _minuteOfTrace = [];

    public NezhaRecording(long seed, string directory, long from, long until)
    {
        (_faulty, _normal) = (Path.Combine(directory, "rca_data"), Path.Combine(directory, "construct_data"));
        _minutes = new CollectorMinutes(from, until, new Chance(unchecked((ulong)seed)).Fork("collector").Below(60));
        _logs = new MinuteFiles(_faulty, "log", "Timestamp,TimeUnixNano,Node,PodName,Container,TraceID,SpanID,Log\n");
        _traces = new MinuteFiles(_faulty, "trace", "TraceID,SpanID,ParentID,PodName,OperationName,StartTimeUnixNano,EndTimeUnixNano,Duration\n");
        _traceIds = new MinuteFiles(_faulty, "traceid", "");
        _metrics = new NezhaMetrics(_minutes, _faulty);
    }

    private IEnumerable<MinuteFiles> Files => [_logs, _traces, _traceIds];

    public override void Write(SpanRecord span)
    {
        foreach (var files in Files) files.Flush(span.Start);
        if (!_minuteOfTrace.TryGetValue(span.TraceId, out var minute))
        {
            _minuteOfTrace[span.TraceId] = minute = _minutes.EndOf(span.Start);
            _traceIds.Row(minute, span.TraceId);
        }

        _traces.Row(minute, span.TraceId, span.SpanId, span.ParentId.Length == 0 ? "root" : span.ParentId, PodName(span.Pod), span.Name, $"{span.Start}", $"{span.End}",
            $"{span.Duration / 1000}");
        _metrics.Add(span);
    }

    public override void Write(LogRecord log)
    {
        if (log.SpanId.Length == 0 || !_minuteOfTrace.TryGetValue(log.TraceId, out var minute)) return;
        var time = Moment.IsoNanos(log.At).TrimEnd('Z').TrimEnd('0').TrimEnd('.') + "Z";
        var line = new JsonObject { ["message"] = $"TraceID: {log.TraceId} SpanID: {log.SpanId} {log.Body}", ["timestamp"] = time };
        if (ErrorText.Severity(log.Pod.Service.Language, log.Level).Text is { Length: > 0 } severity) line["severity"] = severity;
        var docker = new JsonObject { ["log"] = CanonicalJson.Text(line) + "\n", ["stream"] = "stdout", ["time"] = time };
        _logs.Row(minute, time, $"{log.At}", HostOf(log.Pod), PodName(log.Pod), log.Pod.Service.Name, log.TraceId, log.SpanId, CanonicalJson.Text(docker));
    }

    public override void Complete(Recorded recorded, CancellationToken ct)
    {
        foreach (var files in Files) files.Complete(_minutes.All);
        ct.ThrowIfCancellationRequested();
        _metrics.Write(recorded);
        WriteFaults(recorded);
        CopyNormal(recorded.Plans.Count == 0 ? recorded.FaultAt : recorded.Plans.Min(p => p.At));
        Directory.CreateDirectory(_normal);
        File.WriteAllText(Path.Combine(_normal, $"root_cause_{recorded.World.Application.Namespace}.json"), NezhaLabels.Inner(recorded.Plans));
    }

    public override void Dispose()
    {
        // Nothing is open between two writes.
    }

    public static string PodName(SimulatedPod pod) => !pod.Service.Stateful ? pod.Name
        : (string)pod.Object.Latest["metadata"]!["labels"]!["controller-revision-hash"]! + pod.Name[pod.Workload.Controller.Name.Length..];

    /// <summary>Address of the pod's node.</summary>
    public static string HostOf(SimulatedPod pod) => (string?)pod.Object.Latest["status"]?["hostIP"] ?? pod.Node!.Name;

    private void WriteFaults(Recorded recorded)
    {
        foreach (var day in _minutes.All.Select(CollectorMinutes.Day).Distinct())
        {
            var faults = recorded.Plans.Where(p => CollectorMinutes.Day(p.At) == day).OrderBy(p => p.At).Select(p => (p, PodName(Victim(recorded.World, p))));
            File.WriteAllText(Path.Combine(_faulty, day, $"{day}-fault_list.json"), NezhaLabels.Faults(faults));
        }
    }

    /// <summary>The oldest pod that the service had when the cause came into being.</summary>
    private static SimulatedPod Victim(World world, FaultPlan plan)
    {
        var pods = world.Installation.Of(plan.Victim).Pods;
        return pods.Find(p => p.CreatedAt <= plan.At && plan.At <= p.DeletedAt) ?? pods[^1];
    }

    /// <summary>The last whole minute that was over a minute before the fault; in short recordings the first one.</summary>
    private void CopyNormal(long fault)
    {
        var minute = _minutes.Whole.LastOrDefault(end => end + Moment.Minute <= fault, _minutes.Whole.First());
        foreach (var files in Files) Copy(files.PathOf(_faulty, minute), files.PathOf(_normal, minute));
        var day = CollectorMinutes.Day(minute);
        var copy = Path.Combine(_normal, day, NezhaMetrics.Folder);
        foreach (var file in Directory.EnumerateFiles(Path.Combine(_faulty, day, NezhaMetrics.Folder))) Copy(file, Path.Combine(copy, Path.GetFileName(file)));
    }

    private static void Copy(string from, string to)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(to)!);
        File.Copy(from, to);
    }
}
