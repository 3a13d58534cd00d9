using Copilot.Core.Analysis;
using Copilot.Core.Evidence;
using Copilot.Core.Signals;
using Copilot.Engine.Snapshots;
using Copilot.Tests.Support;
using Xunit;

namespace Copilot.Tests.Signals;

public sealed class TopologyTests : IDisposable
{
    private const string Edges = """{"edges": [{"caller": "web", "callee": "orders"}, {"caller": "orders", "callee": "db"}, {"caller": "db", "callee": "db"}]}""";

    private readonly SignalTables _tables = new();

    public void Dispose() => _tables.Dispose();

    private SignalSet Read(string? topology)
    {
        if (topology is not null) _tables.File("topology.json", topology);
        return _tables.Samples("metrics/service_web_raw.tsv", Enumerable.Range(0, 21).Select(i => ("service_requests_total", SignalTables.Start.AddSeconds(30 * i), 10.0 * i, "web", "{}"))).Read();
    }

    [Fact]
    public void Read_Edges_SayWhoCallsWhomWhereNoCallsAreRecorded()
    {
        var signals = Read(Edges);
        Assert.Equal([("web", "orders", "topology.json#1"), ("orders", "db", "topology.json#2")], signals.Topology.Select(e => (e.Caller, e.Callee, e.Address.ToString())));
        Assert.Equal((SourceState.Complete, 3L), (signals.StateOf(EvidenceSource.Topology), signals.Coverage.Single(c => c.Source == EvidenceSource.Topology).Records));
        Assert.Equal(["db", "orders"], new ServiceMap(signals).Downstream(["web"]).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Read_RecordedCalls_ComeFirst()
    {
        _tables.File("otel_traces_raw.tsv", "Timestamp\tTraceId\tSpanId\tParentSpanId\tSpanKind\tServiceName\tDuration\n"
            + "2026-04-01 10:00:00\t1\ta\t\tClient\tweb\t1000\n2026-04-01 10:00:00\t1\tb\ta\tServer\tcart\t900\n");
        Assert.Equal(["cart"], new ServiceMap(Read(Edges)).Downstream(["web"]));
    }

    /// <summary>Ordinary recordings have none: nobody is to be asked for it.</summary>
    [Fact]
    public void Read_NoTopology_IsNoGap()
    {
        var signals = Read(null);
        Assert.DoesNotContain(signals.Gaps, g => g.Source == EvidenceSource.Topology);
        Assert.DoesNotContain(signals.Coverage, c => c.Source == EvidenceSource.Topology);
    }

    [Theory]
    [InlineData("{\"edges\": [{\"caller\": \"web\", \"callee\": \"orders\"}, {\"caller\": \"orders\"", GapKind.Truncated, "topology.json#2")]
    [InlineData("{\"edges\": [{\"caller\": \"web\", \"callee\": \"orders\"}, {\"from\": \"orders\", \"to\": \"db\"}]}", GapKind.Malformed, "topology.json#2")]
    [InlineData("{\"edges\": [{\"caller\": \"web\", \"callee\": \"orders\"}, nonsense", GapKind.Malformed, "topology.json#2")]
    public void Read_BrokenTopology_IsAGapWithItsAddressAndARemedy(string json, GapKind kind, string where)
    {
        var signals = Read(json);
        var gap = Assert.Single(signals.Gaps, g => g.Source == EvidenceSource.Topology);
        Assert.Equal((kind, where), (gap.Kind, gap.Where));
        Assert.NotEmpty(gap.Remedy);
        Assert.Equal(("web", "orders"), (Assert.Single(signals.Topology).Caller, signals.Topology[0].Callee));
        Assert.Equal(SourceState.Partial, signals.StateOf(EvidenceSource.Topology));
    }

    [Fact]
    public void Open_Edge_IsFoundByItsAddress()
    {
        Read(Edges);
        var found = new RecordIndex(Investigating.Open(_tables.Directory)).Open([new("topology.json", 2)], TestContext.Current.CancellationToken);
        Assert.Equal("""{"caller": "orders", "callee": "db"}""", System.Text.Encoding.UTF8.GetString(Assert.Single(found).Value.Bytes));
    }
}
