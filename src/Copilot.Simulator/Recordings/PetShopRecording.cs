using System.Text.Encodings.Web;
using System.Text.Json;
using Copilot.Simulator.Applications;
using Copilot.Simulator.Faults;
using Copilot.Simulator.Traffic;

namespace Copilot.Simulator.Recordings;

/// <summary>
/// The layout of one scenario of PetShop (github.com/amazon-science/petshop-root-cause-analysis): <c>graph.csv</c>, <c>noissue/metrics.csv</c> and
/// <c>test/issue_0</c> with its metrics and target. A row covers the 300 s from its time on. The issue has five rows; the fault comes in its second.
/// Nodes are services by their names; one without spans of its own, and the load generator, is known by its clients' spans, as X-Ray's remote nodes are.
/// The layout has no logs, traces or resource metrics, so what the simulation knows of them is not written; nothing of the layout stays empty but the
/// latency and availability of nodes without requests.
/// </summary>
internal sealed class PetShopRecording(string directory, long from, long until) : Recording
{
    private const int RowsBefore = 2;
    private const int RowsOfIssue = 5;
    private const int NormalRows = 1;
    private static readonly long Row = 5 * Moment.Minute;

    private static readonly (string Metric, string Statistic, Func<RequestSummary, double> Value)[] Columns =
    [
        ("latency", "Average", r => r.Average), ("latency", "p90", r => r.Quantile(0.9)), ("latency", "p50", r => r.Quantile(0.5)),
        ("latency", "p95", r => r.Quantile(0.95)), ("latency", "p99", r => r.Quantile(0.99)), ("requests", "Sum", r => r.Count),
        ("availability", "Average", r => r.Succeeded),
    ];

    private static readonly JsonSerializerOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly Dictionary<SimulatedService, RequestLog> _requests = [];
    private readonly HashSet<(SimulatedService Caller, SimulatedService Callee)> _calls = [];

    /// <summary>Time that must pass before the fault and after it: whole rows, a minute for their alignment, and what the fault's time is moved by.</summary>
    public static (TimeSpan Before, TimeSpan After) Least { get; } =
        (TimeSpan.FromMinutes((RowsBefore + NormalRows) * 5 + 2), TimeSpan.FromMinutes((RowsOfIssue - RowsBefore) * 5 + 2));

    public override void Write(SpanRecord span)
    {
        var service = span.Pod.Service;
        if (span.Kind == SpanKind.Consumer)
            _calls.Add((service, service.Dependencies.First(d => d.Target.Role == ServiceRole.Broker).Target));
        if (span.Peer is { } callee) _calls.Add((service, callee));
        if (span.Kind is SpanKind.Server or SpanKind.Consumer || service.Role == ServiceRole.LoadGenerator) RequestLog.Of(_requests, service).Add(span);
        if (span.Peer is { HasSpans: false } remote) RequestLog.Of(_requests, remote).Add(span);
    }

    public override void Write(LogRecord log)
    {
        // The layout has no logs.
    }

    public override void Complete(Recorded recorded, CancellationToken ct)
    {
        var application = recorded.World.Application;
        var nodes = application.Services.Append(application.LoadGenerator).OfType<SimulatedService>().OrderBy(s => s.Name, StringComparer.Ordinal).ToList();
        WriteGraph(nodes);
        Directory.CreateDirectory(Path.Combine(directory, "train"));
        Directory.CreateDirectory(Path.Combine(directory, "test"));
        var plan = recorded.Plans.Count == 0 ? null : recorded.Plans[0];
        var fault = plan is null ? until : (plan.At + Moment.Minute - 1) / Moment.Minute * Moment.Minute;
        var issue = plan is null ? until : fault - RowsBefore * Row;
        var normal = Rows(issue - (issue - from) / Row * Row, issue);
        ct.ThrowIfCancellationRequested();
        WriteMetrics("noissue", nodes, normal);
        if (plan is null) return;
        WriteMetrics(Path.Combine("test", "issue_0"), nodes, Rows(issue, Math.Min(until, issue + RowsOfIssue * Row)));
        File.WriteAllText(Path.Combine(directory, "test", "issue_0", "target.json"), Target(application.Gateway, plan, normal, Rows(fault, until)));
    }

    public override void Dispose()
    {
        // Nothing is open between two writes.
    }

    /// <summary>Begins of the whole rows between two times.</summary>
    private static List<long> Rows(long first, long end)
    {
        List<long> rows = [];
        for (var row = first; row + Row <= end; row += Row) rows.Add(row);
        return rows;
    }

    private void WriteGraph(List<SimulatedService> nodes)
    {
        using var graph = CsvWriter.Create(Path.Combine(directory, "graph.csv"), "," + string.Join(',', nodes.Select(n => n.Name)));
        foreach (var caller in nodes) graph.Row([caller.Name, .. nodes.Select(callee => _calls.Contains((caller, callee)) ? "1.0" : "0.0")]);
    }

    private void WriteMetrics(string folder, List<SimulatedService> nodes, List<long> rows)
    {
        var columns = Columns.SelectMany(c => nodes.Select(n => (Node: n, Column: c))).ToList();
        using var metrics = CsvWriter.Create(Path.Combine(directory, folder, "metrics.csv"), "microservice," + string.Join(',', columns.Select(c => c.Node.Name)));
        metrics.Row(["metric", .. columns.Select(c => c.Column.Metric)]);
        metrics.Row(["statistic", .. columns.Select(c => c.Column.Statistic)]);
        metrics.Row(["unix_timestamp", .. columns.Select(_ => "")]);
        foreach (var row in rows)
        {
            var requests = nodes.ToDictionary(n => n, n => At(n, row));
            metrics.Row([CsvWriter.Float(row / Moment.Second), .. columns.Select(c => CsvWriter.Float(c.Column.Value(requests[c.Node])))]);
        }
    }

    private RequestSummary At(SimulatedService node, long row) => _requests.TryGetValue(node, out var log) ? log.Between(row, row + Row) : RequestSummary.None;

    /// <summary>What is reported is the entry's availability where it fell by a percentage point in any row or nobody was answered, and else its latency.</summary>
    private string Target(SimulatedService entry, FaultPlan plan, List<long> normal, List<long> rows)
    {
        var usual = normal.Min(r => At(entry, r).Succeeded);
        var metric = rows.Select(r => At(entry, r)).Any(r => r.Count == 0 || r.Succeeded <= usual - 1) ? "availability" : "latency";
        return $$$$"""{"target": {"node": {{{{Text(entry.Name)}}}}, "metric": "{{{{metric}}}}", "agg": "Average", "timestamp": {{{{plan.At / Moment.Second}}}}}, "root_cause":"""
            + $$$$""" {"node": {{{{Text(plan.Victim.Name)}}}}, "metric": null}, "metadata": {"reproducibility": {"command": {{{{Text(plan.Condition)}}}}}}}""";
    }

    private static string Text(string value) => JsonSerializer.Serialize(value, Json);
}
