using Copilot.Simulator.Applications;
using Copilot.Simulator.Traffic;

namespace Copilot.Simulator.Recordings;

/// <summary>
/// The layout of RCAEval (github.com/phamquiluan/RCAEval): <c>NAMESPACE/SERVICE_FAULT/1</c>, or <c>NAMESPACE/normal/1</c> without a fault, with
/// <c>data.csv</c> by seconds, <c>inject_time.txt</c>, <c>logs.csv</c> and <c>traces.csv</c>. CPU is in percent of a core and memory in bytes, added up over
/// the pods of a service; workload and errors are recorded requests per second, latency is in seconds. Rates and latencies look a minute back, as
/// Prometheus' [1m] does; what they have no value for stays empty. There are no diskio and socket columns: the simulation has no disk or socket counters.
/// In the logs, req_path and error (fields of structured lines, and lines here are text), cluster_id and log_template (made by a parser afterwards) stay
/// empty. statusCode is OpenTelemetry's, 0 or 2; methodName repeats the span's name.
/// </summary>
internal sealed class RcaEvalRecording : Recording
{
    private static readonly long Window = Moment.Minute;

    private readonly string _directory;
    private readonly CsvWriter _logs;
    private readonly CsvWriter _traces;
    private readonly Dictionary<SimulatedService, RequestLog> _requests = [];

    public RcaEvalRecording(string directory)
    {
        _directory = directory;
        // The folder of the case bears its fault, which is not made yet: they are moved there at the end.
        _logs = CsvWriter.Create(Path.Combine(directory, "logs.csv"), "time,timestamp,container_name,message,level,req_path,error,cluster_id,log_template");
        _traces = CsvWriter.Create(Path.Combine(directory, "traces.csv"),
            "time,traceID,spanID,serviceName,methodName,operationName,startTimeMillis,startTime,duration,statusCode,parentSpanID");
    }

    public override void Write(SpanRecord span)
    {
        var service = span.Pod.Service;
        _traces.Row(Clock(span.Start), span.TraceId, span.SpanId, service.Name, span.Name, span.Name, $"{span.Start / Moment.Millisecond}", $"{span.Start / 1000}",
            $"{span.Duration / 1000}", span.Failed ? "2" : "0", span.ParentId);
        if (span.Kind is SpanKind.Server or SpanKind.Consumer) RequestLog.Of(_requests, service).Add(span);
    }

    public override void Write(LogRecord log)
    {
        var service = log.Pod.Service;
        _logs.Row(Clock(log.At), $"{log.At}", service.Name, log.Body, ErrorText.Severity(service.Language, log.Level).Text, "", "", "", "");
    }

    public override void Complete(Recorded recorded, CancellationToken ct)
    {
        Dispose();
        var plan = recorded.Plans.Count == 0 ? null : recorded.Plans[0];
        var folder = plan is null ? "normal" : $"{plan.Victim.Name}_{FaultLabels.RcaEval(plan.Fault)}";
        var place = Directory.CreateDirectory(Path.Combine(_directory, recorded.World.Application.Namespace, folder, "1")).FullName;
        foreach (var file in (string[])["logs.csv", "traces.csv"]) File.Move(Path.Combine(_directory, file), Path.Combine(place, file));
        if (plan is not null) File.WriteAllText(Path.Combine(place, "inject_time.txt"), $"{plan.At / Moment.Second}\n");
        WriteMetrics(recorded, Path.Combine(place, "data.csv"), ct);
    }

    public override void Dispose()
    {
        _logs.Dispose();
        _traces.Dispose();
    }

    private void WriteMetrics(Recorded recorded, string path, CancellationToken ct)
    {
        var workloads = recorded.World.Installation.OfApplication.OrderBy(w => w.Service.Name, StringComparer.Ordinal).ToList();
        var asked = _requests.OrderBy(r => r.Key.Name, StringComparer.Ordinal).ToList();
        string[] header =
        [
            "time", .. workloads.Select(w => $"{w.Service.Name}_cpu"), .. workloads.Select(w => $"{w.Service.Name}_mem"), .. Of("workload"), .. Of("error"),
            .. Of("latency-50"), .. Of("latency-90"),
        ];
        using var rows = CsvWriter.Create(path, string.Join(',', header));
        for (var i = 0; i < recorded.Metrics.Times.Count; i++)
        {
            ct.ThrowIfCancellationRequested();
            var at = recorded.Metrics.Times.At(i);
            var requests = asked.Select(r => r.Value.Between(at - Window, at)).ToList();
            var seconds = Math.Min(Window, at - recorded.World.Start) / (double)Moment.Second;
            rows.Row(
            [
                $"{at / Moment.Second}", .. workloads.Select(w => CsvWriter.Float(Cpu(w, at))), .. workloads.Select(w => CsvWriter.Float(Memory(w, at))),
                .. requests.Select(r => CsvWriter.Float(r.Count / seconds)), .. requests.Select(r => CsvWriter.Float(r.Failed / seconds)),
                .. requests.Select(r => CsvWriter.Float(r.Quantile(0.5))), .. requests.Select(r => CsvWriter.Float(r.Quantile(0.9))),
            ]);
        }

        IEnumerable<string> Of(string metric) => asked.Select(r => $"{r.Key.Name}_{metric}");
    }

    /// <summary>Percent of a core over the pods that have two samples; NaN without any.</summary>
    private static double Cpu(Clusters.Workload workload, long at)
    {
        var rates = workload.Pods.Select(p => PodRates.Rate(p, at - Window, at, s => s.CpuSeconds)).Where(r => !double.IsNaN(r)).ToList();
        return rates.Count == 0 ? double.NaN : 100 * rates.Sum();
    }

    private static double? Memory(Clusters.Workload workload, long at)
    {
        var running = workload.Pods.Select(p => PodRates.Last(p, at - Moment.Second, at)).OfType<Clusters.PodSample>().ToList();
        return running.Count == 0 ? null : running.Sum(s => Math.Floor(s.MemoryBytes));
    }

    private static string Clock(long at) => Moment.ToTime(at).ToString("HH:mm");
}
