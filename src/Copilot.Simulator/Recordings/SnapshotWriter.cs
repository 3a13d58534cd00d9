using Copilot.Simulator.Applications;
using Copilot.Simulator.Clusters;
using Copilot.Simulator.Traffic;

namespace Copilot.Simulator.Recordings;

/// <summary>Spans, logs, events and objects in the recorder's columns.</summary>
internal sealed class SnapshotWriter : IDisposable
{
    private const string LogColumns =
        "Timestamp TimestampTime TraceId SpanId TraceFlags SeverityText SeverityNumber ServiceName Body ResourceSchemaUrl ResourceAttributes ScopeSchemaUrl ScopeName ScopeVersion ScopeAttributes LogAttributes EventName";

    private const string SpanColumns =
        "Timestamp TraceId SpanId ParentSpanId TraceState SpanName SpanKind ServiceName ResourceAttributes ScopeName ScopeVersion SpanAttributes Duration StatusCode StatusMessage Events.Timestamp Events.Name Events.Attributes Links.TraceId Links.SpanId Links.TraceState Links.Attributes";

    private const string Receiver = "github.com/open-telemetry/opentelemetry-collector-contrib/receiver/k8sobjectsreceiver";

    private readonly string _directory;
    private readonly TsvWriter? _spans;
    private readonly TsvWriter? _logs;

    public SnapshotWriter(string directory, bool logs, bool traces)
    {
        _directory = directory;
        if (traces) _spans = new TsvWriter(Path.Combine(directory, "otel_traces_raw.tsv"), SpanColumns);
        if (logs) _logs = new TsvWriter(Path.Combine(directory, "otel_logs_raw.tsv"), LogColumns);
    }

    public void Span(SpanRecord span)
    {
        var pod = span.Pod;
        var (times, names, attributes) = ("[]", "[]", "[]");
        if (span.Events.Count > 0)
            (times, names, attributes) =
                (PythonRepr.List(span.Events.Select(e => Moment.Nanos(e.At))), PythonRepr.List(span.Events.Select(e => e.Name)),
                $"[{string.Join(", ", span.Events.Select(e => e.Attributes))}]");
        _spans?.Row(Moment.Nanos(span.Start), span.TraceId, span.SpanId, span.ParentId, "", span.Name, span.Kind.ToString(),
            pod.Service.Name,
            pod.ResourceAttributes, Scope(pod.Service), "", span.Attributes, $"{span.Duration}", span.Failed ? "Error" : "Unset", span.Message,
            times, names, attributes, "[]", "[]", "[]", "[]");
    }

    public void Log(LogRecord log)
    {
        var (severity, number) = ErrorText.Severity(log.Pod.Service.Language, log.Level);
        _logs?.Row(Moment.Nanos(log.At), Moment.Seconds(log.At), log.TraceId, log.SpanId, log.TraceId.Length > 0 ? "1" : "0", severity, $"{number}",
            log.Pod.Service.Name, log.Body, "", log.Pod.ResourceAttributes, "", log.Pod.Service.Name, "", "{}", "{}", "");
    }

    public void Events(IEnumerable<ClusterEvent> events)
    {
        using var rows = new TsvWriter(Path.Combine(_directory, "k8s_events_raw.tsv"), LogColumns);
        // Both forms of an event come from watches of their own, one of them a little behind.
        var received = new TimeOrder<(long At, ClusterEvent Event, bool Core)>(r => r.At, Write);
        foreach (var e in events)
        {
            received.Add((e.ReceivedAt, e, false));
            received.Add((e.ReceivedAt + 700_000, e, true));
        }

        received.Release(long.MaxValue);

        void Write((long At, ClusterEvent Event, bool Core) row)
        {
            var (modern, core) = EventLog.Bodies(row.Event);
            SnapshotWriter.Write(rows, row.At, CanonicalJson.Text(row.Core ? core : modern), PythonRepr.Dict(("k8s.namespace.name", row.Event.Namespace)),
                PythonRepr.Dict(("event.domain", "k8s"), ("event.name", row.Event.Name), ("k8s.resource.name", "events")));
        }
    }

    /// <summary>Pulls every object of every kind at each of the times; one pull takes a few seconds.</summary>
    public void Objects(Cluster cluster, IReadOnlyList<long> pulls)
    {
        using var rows = new TsvWriter(Path.Combine(_directory, "k8s_objects_raw.tsv"), LogColumns);
        var kinds = cluster.Objects.GroupBy(o => o.Plural).OrderBy(g => g.Key, StringComparer.Ordinal).ToList();
        foreach (var pull in pulls)
        {
            var at = pull;
            foreach (var kind in kinds)
            {
                at += 40 * Moment.Millisecond;
                foreach (var target in kind.OrderBy(o => o.Namespace, StringComparer.Ordinal).ThenBy(o => o.Name, StringComparer.Ordinal))
                {
                    at += 1_700_000;
                    if (target.TextAt(at) is not { } body) continue;
                    var resource = target.Namespace is null ? "{}" : PythonRepr.Dict(("k8s.namespace.name", target.Namespace));
                    Write(rows, at, body, resource, PythonRepr.Dict(("k8s.resource.name", target.Plural)));
                }
            }
        }
    }

    public void Dispose()
    {
        _spans?.Dispose();
        _logs?.Dispose();
    }

    private static void Write(TsvWriter rows, long at, string body, string resource, string attributes) =>
        rows.Row(Moment.Nanos(at), Moment.Seconds(at), "", "", "0", "", "0", "", body, "", resource, "", Receiver, "1.0.0", "{}", attributes, "");

    private static string Scope(SimulatedService service) => service.Language switch
    {
        Language.Go => "go.opentelemetry.io/contrib/instrumentation",
        Language.Java => "io.opentelemetry.netty-4.1",
        Language.Python => "opentelemetry.instrumentation.asgi",
        Language.DotNet => "Microsoft.AspNetCore",
        Language.Node => "@opentelemetry/instrumentation-http",
        _ => "",
    };
}
