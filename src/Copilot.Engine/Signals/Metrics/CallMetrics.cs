using Copilot.Core.Signals;

namespace Copilot.Engine.Signals.Metrics;

/// <summary>
/// Metrics about calls between two components, as both ends see them: the service graph of Grafana Tempo and of the OpenTelemetry collector
/// (<c>traces_service_graph_request_*</c>, labels client and server) and Istio's standard metrics (labels reporter, source_workload and destination_workload).
/// </summary>
internal sealed class CallMetrics
{
    private const string ServiceGraph = "service_graph_request_";
    // Below it lies what two clocks and two quantiles differ by, and zero has no logarithm.
    private const double LeastGapMs = 0.5;

    private readonly List<(Use Use, bool AtCallee, string Caller, string Callee, MetricSeries Series)> _series = [];

    private enum Use
    {
        Requests,
        Failures,
        Quantile,
        Sum,
        Count,
    }

    public IEnumerable<MetricSeries> Series => _series.Select(s => s.Series);

    /// <summary>Whether a metric of that name may be about a call; its labels tell.</summary>
    public static bool MayBe(string metric) => metric.Contains(ServiceGraph, StringComparison.Ordinal) || metric.StartsWith("istio_request", StringComparison.Ordinal);

    /// <summary>Whether a metric is about a call; it is kept if its form is known.</summary>
    public bool TryAdd(MetricSeries series)
    {
        var isGraph = series.Metric.Contains(ServiceGraph, StringComparison.Ordinal);
        var (caller, callee) = isGraph ? (series.Tag("client"), series.Tag("server")) : (series.Tag("source_workload"), First(series.Tag("destination_service_name"), series.Tag("destination_workload")));
        if (caller.Length == 0 || callee.Length == 0) return false;
        var atCallee = isGraph ? series.Metric.Contains("_server_", StringComparison.Ordinal) : series.Tag("reporter") == "destination";
        if (UseOf(series) is { } use && caller != "unknown" && callee != "unknown" && caller != callee) _series.Add((use, atCallee, caller, callee, series));
        return true;
    }

    public IEnumerable<CallTraffic> Build(TimeGrid grid)
    {
        foreach (var call in _series.GroupBy(s => (s.Caller, s.Callee)))
        {
            List<MetricSeries> Of(Use use, bool atCallee) => [.. call.Where(s => s.Use == use && s.AtCallee == atCallee).Select(s => s.Series)];
            DurationSummary At(bool callee) => new(grid, Of(Use.Quantile, callee), Of(Use.Sum, callee), Of(Use.Count, callee));
            var (client, server) = (At(callee: false), At(callee: true));
            var (calls, errors) = (new double[grid.Count], new double[grid.Count]);
            // The caller's count where it counts: it knows of calls that never arrived.
            var counted = Of(Use.Requests, atCallee: false) is { Count: > 0 } own ? own : Of(Use.Requests, atCallee: true);
            foreach (var series in counted)
            {
                series.AddGrowth(grid, calls);
                if (MetricExtractor.IsFailed(series)) series.AddGrowth(grid, errors);
            }
            foreach (var series in Of(Use.Failures, atCallee: false)) series.AddGrowth(grid, errors);
            if (counted.Count == 0) client.AddCounts(calls);
            var (latency, inside) = (client.LatencyMs(), server.LatencyMs());
            var traced = inside.Any(v => !double.IsNaN(v));
            if (!latency.Any(v => !double.IsNaN(v))) latency = inside;
            for (var i = 0; i < calls.Length; i++)
                if (calls[i] <= 0 && !double.IsNaN(latency[i])) calls[i] = 1; // how many is not known, but there were some
            // Both ends are asked at about the same time, which may lie on two sides of a step's border.
            for (var i = 1; i < inside.Length; i++)
                if (double.IsNaN(inside[i]) && !double.IsNaN(latency[i])) inside[i] = Near(inside, i);
            var examples = client.Exists ? client.Examples() : server.Examples();
            yield return new(call.Key.Caller, call.Key.Callee, traced, calls, errors, errors, latency, [.. latency.Zip(inside, (all, there) => Math.Max(LeastGapMs, all - there))], examples, examples, []);
        }
    }

    private static double Near(double[] values, int at) => !double.IsNaN(values[at - 1]) ? values[at - 1] : at + 1 < values.Length ? values[at + 1] : double.NaN;

    private static Use? UseOf(MetricSeries series) => series.Metric switch
    {
        var m when m.EndsWith("_failed_total", StringComparison.Ordinal) => Use.Failures,
        var m when m.EndsWith("_total", StringComparison.Ordinal) => Use.Requests,
        var m when m.EndsWith("_bucket", StringComparison.Ordinal) => null,
        var m when m.EndsWith("_sum", StringComparison.Ordinal) => Use.Sum,
        var m when m.EndsWith("_count", StringComparison.Ordinal) => Use.Count,
        _ when series.Tag("quantile").Length > 0 => Use.Quantile,
        _ => null,
    };

    private static string First(string a, string b) => a.Length > 0 ? a : b;
}
