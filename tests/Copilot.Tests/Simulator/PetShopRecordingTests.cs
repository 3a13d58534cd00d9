using System.Globalization;
using System.Text.Json;
using Copilot.Simulator;
using Xunit;
using static Copilot.Tests.Simulator.ShapeReading;

namespace Copilot.Tests.Simulator;

public sealed class PetShopRecordingTests(SimulatedShapes shapes) : IClassFixture<SimulatedShapes>
{
    private static readonly string[] Statistics =
        ["latency Average", "latency p90", "latency p50", "latency p95", "latency p99", "requests Sum", "availability Average"];

    private SimulatedSnapshot Recording => shapes.Of(RecordingShape.PetShop, SimulatedFault.CodeException);

    private SimulatedSnapshot Same => shapes.Of(RecordingShape.ItBench, SimulatedFault.CodeException);

    [Fact]
    public void Write_Metrics_HaveTheHeaderRowsOfTheDataSet()
    {
        foreach (var file in new[] { "noissue", "test/issue_0" })
        {
            var metrics = new PetShopMetrics(Path.Combine(Recording.Directory, file, "metrics.csv"));
            Assert.Equal(["microservice", "metric", "statistic", "unix_timestamp"], metrics.Rows[..4].Select(r => r[0]));
            Assert.Equal(Statistics, metrics.Statistics);
            Assert.All(metrics.Rows[3][1..], v => Assert.Empty(v));
            Assert.All(metrics.Times.Zip(metrics.Times.Skip(1)), t => Assert.Equal(300, t.Second - t.First));
        }

        Assert.Equal(5, Issue.Times.Count);
        Assert.Equal(Normal.Times[^1] + 300, Issue.Times[0]);
    }

    [Fact]
    public void Write_Files_AreThoseOfThePublicData()
    {
        var real = Path.Combine(shapes.Public("petshop", "low_traffic.tar.zst"), "dataset", "low_traffic");
        Assert.Equal(Directory.EnumerateFileSystemEntries(real).Select(Path.GetFileName).Order(StringComparer.Ordinal),
            Directory.EnumerateFileSystemEntries(Recording.Directory).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        var metrics = new PetShopMetrics(Path.Combine(real, "test", "issue_0", "metrics.csv"));
        Assert.Equal(metrics.Statistics, Issue.Statistics);
        Assert.Equal(metrics.Rows[..4].Select(r => r[0]), Issue.Rows[..4].Select(r => r[0]));
        Assert.Equal(metrics.Times.Count, Issue.Times.Count);
        // The reported time lies in the second of the five rows, there as here.
        Assert.Equal(1, (int)(PetShopFiles.Target(real).GetProperty("target").GetProperty("timestamp").GetInt64() - metrics.Times[0]) / 300);
        Assert.Equal(1, (int)(Target.GetProperty("target").GetProperty("timestamp").GetInt64() - Issue.Times[0]) / 300);
        Assert.Equal(Form(PetShopFiles.Target(real)), Form(Target));
        Assert.Equal(First("graph.csv", real), First("graph.csv", Recording.Directory));

        static string First(string file, string folder) => File.ReadLines(Path.Combine(folder, file)).Skip(1).First().Split(',')[1];
    }

    [Fact]
    public void Write_Graph_HasTheCallsOfTheSpans()
    {
        var rows = File.ReadAllLines(Path.Combine(Recording.Directory, "graph.csv")).Select(r => r.Split(',')).ToList();
        Assert.Equal(rows[0][1..], rows[1..].Select(r => r[0]));
        var edges = rows[1..].SelectMany(r => r[1..].Select((v, i) => (Caller: r[0], Callee: rows[0][i + 1], v))).Where(e => e.v == "1.0").Select(e => (e.Caller, e.Callee)).ToHashSet();
        var spans = Same.Spans.ToDictionary(s => s["SpanId"]);
        var calls = Same.Spans.Where(s => s["SpanKind"] == "Server" && spans.ContainsKey(s["ParentSpanId"]))
            .Select(s => (spans[s["ParentSpanId"]]["ServiceName"], s["ServiceName"])).ToHashSet();
        Assert.NotEmpty(calls);
        Assert.Superset(calls, edges);
        Assert.DoesNotContain(edges, e => e.Caller == e.Callee);
    }

    [Fact]
    public void Write_Requests_AreTheSpansOfFiveMinutes()
    {
        var entry = Target.GetProperty("target").GetProperty("node").GetString()!;
        var ends = Same.Spans.Where(s => s["ServiceName"] == entry && s["SpanKind"] == "Server").Select(s => End(s)).ToList();
        foreach (var metrics in new[] { Normal, Issue })
            Assert.All(metrics.Times, t => Assert.Equal(ends.Count(e => e >= t && e < t + 300), metrics.At(t, entry, "requests", "Sum")));

        static double End(Dictionary<string, string> span) =>
            (DateTime.Parse(span["Timestamp"][..27], CultureInfo.InvariantCulture) - DateTime.UnixEpoch).TotalSeconds + double.Parse(span["Duration"]) / 1e9;
    }

    [Fact]
    public void Write_Fault_ShowsInTheTarget()
    {
        var (entry, metric) = (Target.GetProperty("target").GetProperty("node").GetString()!, Target.GetProperty("target").GetProperty("metric").GetString()!);
        Assert.Equal("availability", metric);
        Assert.True(Issue.At(Issue.Times[2], entry, metric, "Average") < Normal.At(Normal.Times[^1], entry, metric, "Average") - 10);
        Assert.True(Issue.At(Issue.Times[0], entry, metric, "Average") > 95);
    }

    [Fact]
    public void Write_EntryThatFails_TargetIsAvailability()
    {
        var directory = shapes.Of(RecordingShape.PetShop, SimulatedFault.ClusterDns).Directory;
        var target = PetShopFiles.Target(directory).GetProperty("target");
        Assert.Equal("availability", target.GetProperty("metric").GetString());
        var issue = new PetShopMetrics(Path.Combine(directory, "test", "issue_0", "metrics.csv"));
        Assert.True(issue.At(issue.Times[^1], target.GetProperty("node").GetString()!, "availability", "Average") < 50);
    }

    [Fact]
    public void Write_SlowService_TargetIsLatency()
    {
        // Where callers wait long enough; elsewhere they give up, and the entry fails.
        var (directory, target) = Enumerable.Range(1, 8)
            .Select(seed => shapes.Write(SimulatedShapes.Options(RecordingShape.PetShop, SimulatedFault.LatencyRegression) with { Seed = seed }).Directory)
            .Select(d => (d, PetShopFiles.Target(d))).First(d => d.Item2.GetProperty("target").GetProperty("metric").GetString() == "latency");
        var entry = target.GetProperty("target").GetProperty("node").GetString()!;
        var issue = new PetShopMetrics(Path.Combine(directory, "test", "issue_0", "metrics.csv"));
        Assert.True(issue.At(issue.Times[3], entry, "latency", "Average") > 3 * issue.At(issue.Times[0], entry, "latency", "Average"));
    }

    private JsonElement Target => PetShopFiles.Target(Recording.Directory);

    private PetShopMetrics Normal => new(Path.Combine(Recording.Directory, "noissue", "metrics.csv"));

    private PetShopMetrics Issue => new(Path.Combine(Recording.Directory, "test", "issue_0", "metrics.csv"));

    private static string Form(JsonElement value) => value.ValueKind != JsonValueKind.Object ? $"{value.ValueKind}"
        : $"{{{string.Join(", ", value.EnumerateObject().Select(p => $"{p.Name}: {Form(p.Value)}"))}}}";
}

internal static class PetShopFiles
{
    public static JsonElement Target(string scenario) => JsonDocument.Parse(File.ReadAllText(Path.Combine(scenario, "test", "issue_0", "target.json"))).RootElement;
}

/// <summary>A metrics.csv with its three header rows.</summary>
internal sealed class PetShopMetrics(string path)
{
    public List<string[]> Rows { get; } = [.. File.ReadAllLines(path).Select(r => r.Split(','))];

    public List<long> Times => [.. Rows[4..].Select(r => (long)double.Parse(r[0]))];

    /// <summary>Metric and statistic in the order of the columns, each once.</summary>
    public IEnumerable<string> Statistics => Rows[1].Zip(Rows[2], (m, s) => $"{m} {s}").Skip(1).Distinct();

    public double At(long time, string node, string metric, string statistic)
    {
        var column = Enumerable.Range(1, Rows[0].Length - 1).Single(i => Rows[0][i] == node && Rows[1][i] == metric && Rows[2][i] == statistic);
        return Number(Rows[4..].Single(r => (long)double.Parse(r[0]) == time)[column]);
    }
}
