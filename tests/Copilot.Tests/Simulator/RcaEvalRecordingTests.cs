using System.Globalization;
using Copilot.Simulator;
using Xunit;
using static Copilot.Tests.Simulator.ShapeReading;

namespace Copilot.Tests.Simulator;

/// <summary>The columns are those of the public data's files; the data are not beside the repository.</summary>
public sealed class RcaEvalRecordingTests(SimulatedShapes shapes) : IClassFixture<SimulatedShapes>
{
    private static readonly string[] Metrics = ["cpu", "mem", "workload", "error", "latency-50", "latency-90"];

    private SimulatedSnapshot Recording => shapes.Of(RecordingShape.RcaEval, SimulatedFault.CodeException);

    [Fact]
    public void Write_Files_HaveTheHeadersOfTheDataSet()
    {
        var place = Case(Recording);
        Assert.Equal(["data.csv", "inject_time.txt", "logs.csv", "traces.csv"], Directory.EnumerateFiles(place).Select(f => Path.GetFileName(f)!).Order(StringComparer.Ordinal));
        Assert.Equal("time,timestamp,container_name,message,level,req_path,error,cluster_id,log_template", Header(Path.Combine(place, "logs.csv")));
        Assert.Equal("time,traceID,spanID,serviceName,methodName,operationName,startTimeMillis,startTime,duration,statusCode,parentSpanID",
            Header(Path.Combine(place, "traces.csv")));
        var columns = Header(Path.Combine(place, "data.csv")).Split(',');
        Assert.Equal("time", columns[0]);
        Assert.Equal(Metrics, columns[1..].Select(c => c[(c.LastIndexOf('_') + 1)..]).Distinct());
    }

    [Fact]
    public void Write_Metrics_HaveARowForEachSecond()
    {
        var options = SimulatedShapes.Options(RecordingShape.RcaEval);
        var times = Csv(Case(Recording), "data.csv").Select(r => long.Parse(r["time"])).ToList();
        Assert.Equal(Enumerable.Range(0, (int)options.Duration.TotalSeconds).Select(s => options.Start.ToUnixTimeSeconds() + s), times);
    }

    [Fact]
    public void Write_Entry_ShowsTheFault()
    {
        var at = Recording.Incident.Causes[0].At.ToUnixTimeSeconds();
        var service = Recording.Incident.Causes[0].Service;
        var rows = Csv(Case(Recording), "data.csv");
        Assert.True(rows.Where(r => Time(r) < at && r[$"{service}_error"].Length > 0).Max(r => Number(r[$"{service}_error"])) < 0.05);
        Assert.True(rows.Where(r => Time(r) > at + 180).Max(r => Number(r[$"{service}_error"])) > 0.1);
    }

    [Fact]
    public void Write_ServiceUnderStress_UsesMoreCpu()
    {
        var recording = shapes.Of(RecordingShape.RcaEval, SimulatedFault.ChaosCpuStress);
        var (service, at) = (recording.Incident.Causes[0].Service, recording.Incident.Causes[0].At.ToUnixTimeSeconds());
        var rows = Csv(Case(recording), "data.csv").Where(r => r[$"{service}_cpu"].Length > 0).ToList();
        Assert.True(rows.Where(r => Time(r) > at).Max(r => Number(r[$"{service}_cpu"])) > 2 * rows.Where(r => Time(r) < at).Average(r => Number(r[$"{service}_cpu"])));
    }

    [Fact]
    public void Write_Workload_IsTheRateOfTheSpansOfAMinute()
    {
        var spans = Csv(Case(Recording), "traces.csv");
        var owners = spans.ToDictionary(s => s["spanID"], s => s["serviceName"]);
        var service = Recording.Incident.Causes[0].Service;
        var ends = spans.Where(s => s["serviceName"] == service && owners.GetValueOrDefault(s["parentSpanID"]) != service)
            .Select(s => (long.Parse(s["startTime"]) + long.Parse(s["duration"])) / 1e6).ToList();
        Assert.All(Csv(Case(Recording), "data.csv").Where((_, i) => i % 300 == 299), row =>
            Assert.Equal(ends.Count(e => e >= Time(row) - 60 && e < Time(row)) / 60.0, Number(row[$"{service}_workload"]), 9));
    }

    [Fact]
    public void Write_TracesAndLogs_FitTogether()
    {
        var spans = Csv(Case(Recording), "traces.csv");
        var ids = spans.Select(s => s["spanID"]).ToHashSet();
        Assert.Equal(spans.Count, ids.Count);
        Assert.True(spans.Count(s => s["parentSpanID"].Length > 0 && ids.Contains(s["parentSpanID"])) > 0.95 * spans.Count(s => s["parentSpanID"].Length > 0));
        Assert.Contains(spans, s => s["statusCode"] == "2" && s["serviceName"] == Recording.Incident.Causes[0].Service);
        Assert.All(spans, s => Assert.Equal(long.Parse(s["startTime"]) / 1000, long.Parse(s["startTimeMillis"])));
        var services = spans.Select(s => s["serviceName"]).ToHashSet();
        var logs = Csv(Case(Recording), "logs.csv");
        Assert.Contains(logs, l => services.Contains(l["container_name"]));
        Assert.All(logs, l => Assert.Equal(DateTimeOffset.FromUnixTimeMilliseconds(long.Parse(l["timestamp"]) / 1_000_000).ToString("HH:mm", CultureInfo.InvariantCulture), l["time"]));
    }

    private static string Case(SimulatedSnapshot recording) => Only(Only(Only(recording.Directory)));

    private static long Time(Dictionary<string, string> row) => long.Parse(row["time"]);
}
