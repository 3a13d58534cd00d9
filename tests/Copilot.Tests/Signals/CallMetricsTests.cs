using System.Globalization;
using System.Text;
using Copilot.Core.Signals;
using Xunit;

namespace Copilot.Tests.Signals;

/// <summary>Metrics about calls between two components.</summary>
public sealed class CallMetricsTests : IDisposable
{
    private const string Tempo = "traces_service_graph_request_";
    private const string Edge = "{'client': 'web', 'server': 'orders'}";

    private readonly SignalTables _tables = new();

    public void Dispose() => _tables.Dispose();

    /// <summary>A metric that grows by so much every half minute, for so many of them.</summary>
    private sealed record Counter(string Metric, string Tags, double Growth, int Samples = 21);

    private IReadOnlyList<CallTraffic> Read(params Counter[] counters)
    {
        var samples = counters.SelectMany(c => Enumerable.Range(0, c.Samples).Select(i => (c.Metric, SignalTables.Start.AddSeconds(30 * i), c.Growth * i, "", c.Tags)));
        return _tables.Samples("metrics/mesh_raw.tsv", samples).Read().Calls;
    }

    private static Counter[] ServiceGraph(string tags = Edge, int samples = 21) =>
    [
        new(Tempo + "total", tags, 100, samples), new(Tempo + "failed_total", tags, 10, samples),
        new(Tempo + "client_seconds_sum", tags, 20, samples), new(Tempo + "client_seconds_count", tags, 100, samples),
        new(Tempo + "server_seconds_sum", tags, 5, samples), new(Tempo + "server_seconds_count", tags, 100, samples),
    ];

    private static string Istio(string reporter, string code = "200", string caller = "web", string service = "orders", string workload = "orders-v1") =>
        $"{{'reporter': '{reporter}', 'source_workload': '{caller}', 'destination_service_name': '{service}', 'destination_workload': '{workload}', 'response_code': '{code}'}}";

    private static Counter[] Mesh(string reporter, double well, double failed, double milliseconds, string service = "orders") =>
    [
        new("istio_requests_total", Istio(reporter, "200", service: service), well), new("istio_requests_total", Istio(reporter, "503", service: service), failed),
        new("istio_request_duration_milliseconds_sum", Istio(reporter, service: service), milliseconds * (well + failed)),
        new("istio_request_duration_milliseconds_count", Istio(reporter, service: service), well + failed),
    ];

    private static readonly Dictionary<string, (Counter[] Counters, double Calls, double Errors, double LatencyMs, double GapMs, bool Traced)> Forms = new()
    {
        ["service graph"] = (ServiceGraph(), 100, 10, 200, 150, true),
        ["service graph without the callee's end"] = ([.. ServiceGraph().Where(c => !c.Metric.Contains("_server_", StringComparison.Ordinal))], 100, 10, 200, double.NaN, false),
        ["service graph without a number of requests"] = ([.. ServiceGraph().Skip(1)], 100, 10, 200, 150, true),
        ["service graph with buckets"] = ([.. ServiceGraph(), new(Tempo + "client_seconds_bucket", "{'client': 'web', 'server': 'orders', 'le': '0.1'}", 50)], 100, 10, 200, 150, true),
        ["Istio, both ends"] = ([.. Mesh("source", 90, 10, 200), .. Mesh("destination", 85, 0, 50)], 100, 10, 200, 150, true),
        ["Istio, the caller's end"] = (Mesh("source", 90, 10, 200), 100, 10, 200, double.NaN, false),
        ["Istio, the callee's end"] = (Mesh("destination", 85, 5, 50), 90, 5, 50, 0.5, true),
        ["Istio, a workload without a Service"] = ([.. Mesh("source", 90, 10, 200, "").Select(c => c with { Tags = c.Tags.Replace("orders-v1", "orders", StringComparison.Ordinal) })], 100, 10, 200, double.NaN, false),
    };

    public static TheoryData<string> Names => [.. Forms.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Read_Form_BecomesCalls(string name)
    {
        var (counters, calls, errors, latency, gap, traced) = Forms[name];
        var call = Assert.Single(Read(counters));
        Assert.Equal(("web", "orders", traced), (call.Caller, call.Callee, call.CalleeTraced));
        Assert.Equal([0, .. Enumerable.Repeat(calls, 20)], call.Calls);
        Assert.Equal([0, .. Enumerable.Repeat(errors, 20)], call.Errors);
        Assert.All(call.LatencyMs[1..], ms => Assert.Equal(latency, ms, 6));
        Assert.All(call.GapMs[1..], ms => Assert.Equal(gap, ms, 6));
        Assert.Equal(("metrics/mesh_raw.tsv", SignalTables.Start.AddSeconds(210)), (call.SlowExamples[7].Address.File, call.SlowExamples[7].At));
    }

    /// <summary>How many calls there were is not known, but there were some.</summary>
    [Fact]
    public void Read_QuantilesAlone_TellHowLongCallsTake()
    {
        var samples = new[] { ("client_seconds", 0.25), ("server_seconds", 0.05) }.SelectMany(m => Enumerable.Range(0, 21).Select(i =>
            (Tempo + m.Item1, SignalTables.Start.AddSeconds(30 * i), m.Item2, "web", "{'client': 'web', 'quantile': '0.5', 'server': 'orders'}")));
        var call = Assert.Single(_tables.Samples("metrics/web_raw.tsv", samples).Read().Calls);
        Assert.Equal(Enumerable.Repeat(1.0, 21), call.Calls);
        Assert.All(call.LatencyMs.Zip(call.GapMs), ms => Assert.Equal((250, 200), (Math.Round(ms.First, 6), Math.Round(ms.Second, 6))));
    }

    [Theory]
    [InlineData("{'client': 'unknown', 'server': 'orders'}")]
    [InlineData("{'client': 'web', 'server': 'unknown'}")]
    [InlineData("{'client': 'web', 'server': 'web'}")]
    [InlineData("{'client': 'web'}")]
    [InlineData("{}")]
    public void Read_NotTwoComponents_IsNoCall(string tags) => Assert.Equal([("web", "orders")], Read([.. ServiceGraph(), .. ServiceGraph(tags)]).Select(c => (c.Caller, c.Callee)));

    [Fact]
    public void Read_SeveralCalls_AreKeptApart()
    {
        var calls = Read([.. ServiceGraph(), .. ServiceGraph("{'client': 'orders', 'server': 'db'}").Select(c => c with { Growth = c.Growth * 3 })]);
        Assert.Equal([("orders", "db", 300.0), ("web", "orders", 100.0)], calls.Select(c => (c.Caller, c.Callee, c.Calls[7])));
    }

    /// <summary>Spans tell more of a call than metrics, unless those cover much more time.</summary>
    [Theory]
    [InlineData(60, 21, 80.0)]
    [InlineData(36, 21, 80.0)]
    [InlineData(15, 21, 200.0)]
    [InlineData(60, 5, 80.0)]
    public void Read_SpansAsWell_TheBetterOneCounts(int spans, int samples, double latencyMs)
    {
        var rows = new StringBuilder("Timestamp\tTraceId\tSpanId\tParentSpanId\tSpanKind\tServiceName\tDuration\n");
        for (var i = 0; i < spans; i++)
        {
            var at = SignalTables.Start.AddSeconds(10 * i).ToString("yyyy-MM-dd HH:mm:ss.fff", CultureInfo.InvariantCulture);
            rows.Append(CultureInfo.InvariantCulture, $"{at}\t{i}\tc{i}\t\tClient\tweb\t80000000\n{at}\t{i}\ts{i}\tc{i}\tServer\torders\t60000000\n");
        }
        _tables.File("otel_traces_raw.tsv", rows.ToString());
        var call = Assert.Single(Read(ServiceGraph(samples: samples)));
        Assert.Equal(latencyMs, call.LatencyMs.Last(ms => !double.IsNaN(ms)), 6);
    }
}
