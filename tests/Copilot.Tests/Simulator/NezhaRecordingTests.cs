using System.Globalization;
using System.Text.Json;
using Copilot.Simulator;
using Xunit;
using static Copilot.Tests.Simulator.ShapeReading;

namespace Copilot.Tests.Simulator;

public sealed class NezhaRecordingTests(SimulatedShapes shapes) : IClassFixture<SimulatedShapes>
{
    private static readonly (string File, string Header)[] Headers =
    [
        ("*_log.csv", "Timestamp,TimeUnixNano,Node,PodName,Container,TraceID,SpanID,Log"),
        ("*_trace.csv", "TraceID,SpanID,ParentID,PodName,OperationName,StartTimeUnixNano,EndTimeUnixNano,Duration"),
        ("*_metric.csv", "Time,TimeStamp,PodName,CpuUsage(m),CpuUsageRate(%),MemoryUsage(Mi),MemoryUsageRate(%),SyscallRead,SyscallWrite,NetworkReceiveBytes,"
            + "NetworkTransmitBytes,PodClientLatencyP90(s),PodServerLatencyP90(s),PodClientLatencyP95(s),PodServerLatencyP95(s),PodClientLatencyP99(s),"
            + "PodServerLatencyP99(s),PodWorkload(Ops),PodSuccessRate(%),NodeCpuUsageRate(%),NodeMemoryUsageRate(%),NodeNetworkReceiveBytes"),
        ("front_service.csv", "Time,TimeStamp,ServiceName,SuccessRate(%),LatencyP50(s),LatencyP90(s),LatencyP95(s),LatencyP99(s)"),
        ("dependency.csv", "Source,Target,Weight"),
    ];

    private SimulatedSnapshot Recording => shapes.Of(RecordingShape.Nezha, SimulatedFault.CodeException);

    private SimulatedSnapshot Same => shapes.Of(RecordingShape.ItBench, SimulatedFault.CodeException);

    private string Day => Only(Path.Combine(Recording.Directory, "rca_data"));

    [Fact]
    public void Write_Files_HaveTheHeadersOfTheDataSet()
    {
        foreach (var (pattern, header) in Headers)
            Assert.All(Directory.EnumerateFiles(Recording.Directory, pattern, SearchOption.AllDirectories), f => Assert.Equal(header, Header(f)));
        Assert.Equal(["log", "metric", "trace", "traceid"], Directory.EnumerateDirectories(Day).Select(d => Path.GetFileName(d)!).Order(StringComparer.Ordinal));
        Assert.Equal("2025-03-11", Path.GetFileName(Day));
        foreach (var calls in new[] { "source_50.csv", "destination_50.csv" }) Assert.StartsWith("time,timestamp,", Header(Path.Combine(Day, "metric", calls)));
    }

    [Fact]
    public void Write_Files_AreThoseOfThePublicData()
    {
        var real = shapes.Public("nezha", "onlineboutique-2022-08-22.tar.zst");
        Assert.All(Headers, h => Assert.Equal(Header(First(real, h.File)), Header(First(Recording.Directory, h.File))));
        Assert.Equal(Shape(First(real, "*-fault_list.json")), Shape(First(Recording.Directory, "*-fault_list.json")));
        foreach (var time in new[] { "*_metric.csv", "front_service.csv", "source_50.csv", "destination_50.csv" })
            Assert.Equal(Letters(Csv(First(real, time))[0].Values.First()), Letters(Csv(First(Recording.Directory, time))[0].Values.First()));
        var (log, own) = (Csv(First(real, "*_log.csv"))[0], Csv(First(Recording.Directory, "*_log.csv"))[0]);
        foreach (var column in new[] { "Timestamp", "TimeUnixNano", "TraceID", "SpanID" }) Assert.Equal(Letters(log[column]), Letters(own[column]));
        Assert.Equal(Names(log["Log"]), Names(own["Log"]));
        Assert.Equal(File.ReadAllLines(First(real, "*_traceid.csv"))[0].Length, File.ReadAllLines(First(Recording.Directory, "*_traceid.csv"))[0].Length);
    }

    [Fact]
    public void Write_Traces_AreThoseOfItBenchByTheMinuteOfTheirFirstSpan()
    {
        var begins = Same.Spans.GroupBy(s => s["TraceId"]).ToDictionary(g => g.Key, g => g.Min(s => Nanoseconds(s["Timestamp"])));
        var files = Directory.EnumerateFiles(Path.Combine(Day, "trace")).Select(f => (Name: Path.GetFileName(f), Spans: Csv(f))).ToList();
        Assert.Equal(Same.Spans.Select(s => s["SpanId"]).Order(StringComparer.Ordinal), files.SelectMany(f => f.Spans).Select(s => s["SpanID"]).Order(StringComparer.Ordinal));
        var second = NezhaFiles.Second(Day);
        Assert.All(files, f => Assert.All(f.Spans, s => Assert.Equal(f.Name, NezhaFiles.Minute(Math.Max(begins[s["TraceID"]], From), second) + "_trace.csv")));
        var first = Same.Spans.ToDictionary(s => s["SpanId"]);
        Assert.All(files.SelectMany(f => f.Spans), s =>
        {
            Assert.Equal(long.Parse(first[s["SpanID"]]["Duration"]) / 1000, long.Parse(s["Duration"]));
            Assert.Equal(first[s["SpanID"]]["ParentSpanId"] is { Length: > 0 } parent ? parent : "root", s["ParentID"]);
            Assert.Equal(Nanoseconds(first[s["SpanID"]]["Timestamp"]), long.Parse(s["StartTimeUnixNano"]));
            Assert.Equal(first[s["SpanID"]]["ServiceName"], NezhaFiles.ServiceOf(s["PodName"]));
        });
    }

    [Fact]
    public void Write_Logs_LieWithTheirTraces()
    {
        var lines = 0;
        foreach (var file in Directory.EnumerateFiles(Path.Combine(Day, "log")))
        {
            var ids = File.ReadAllLines(file.Replace("log", "traceid")).ToHashSet();
            Assert.Equal(ids, Csv(file.Replace("log", "trace")).Select(s => s["TraceID"]).ToHashSet());
            foreach (var line in Csv(file))
            {
                lines++;
                Assert.Contains(line["TraceID"], ids);
                var docker = JsonDocument.Parse(line["Log"]).RootElement;
                Assert.Equal(line["Timestamp"], docker.GetProperty("time").GetString());
                var text = JsonDocument.Parse(docker.GetProperty("log").GetString()!).RootElement.GetProperty("message").GetString();
                Assert.StartsWith($"TraceID: {line["TraceID"]} SpanID: {line["SpanID"]} ", text);
            }
        }

        var traces = Same.Spans.Select(s => s["TraceId"]).ToHashSet();
        Assert.Equal(Same.Logs.Count(l => l["SpanId"].Length > 0 && traces.Contains(l["TraceId"])), lines);
        Assert.True(lines > 500, $"{lines} lines");
    }

    [Fact]
    public void Write_NormalMinute_IsOneBeforeTheFault()
    {
        var normal = Only(Path.Combine(Recording.Directory, "construct_data"), "20*");
        var name = Path.GetFileName(Only(Path.Combine(normal, "trace")))[..5];
        foreach (var kind in new[] { "log", "trace", "traceid" })
            Assert.Equal(File.ReadAllText(Path.Combine(Day, kind, $"{name}_{kind}.csv")), File.ReadAllText(Path.Combine(normal, kind, $"{name}_{kind}.csv")));
        Assert.All(Csv(normal, "trace", $"{name}_trace.csv"), s => Assert.True(long.Parse(s["StartTimeUnixNano"]) < Recording.Incident.Causes[0].At.ToUnixTimeMilliseconds() * 1_000_000));
        Assert.Equal(Directory.EnumerateFiles(Path.Combine(Day, "metric")).Select(Path.GetFileName).Order(StringComparer.Ordinal),
            Directory.EnumerateFiles(Path.Combine(normal, "metric")).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Write_Front_ShowsTheFault()
    {
        var at = Recording.Incident.Causes[0].At.ToUnixTimeSeconds();
        var rows = Csv(Day, "metric", "front_service.csv");
        Assert.True(rows.Where(r => long.Parse(r["TimeStamp"]) <= at).Average(Success) > 97);
        Assert.True(rows.Where(r => long.Parse(r["TimeStamp"]) > at + 120).Average(Success) < 80);

        static double Success(Dictionary<string, string> row) => Number(row["SuccessRate(%)"]);
    }

    [Fact]
    public void Write_PodUnderStress_UsesItsCpu()
    {
        var recording = shapes.Of(RecordingShape.Nezha, SimulatedFault.ChaosCpuStress);
        var fault = Assert.Single(NezhaFiles.Faults(recording.Directory));
        var rows = Csv(Only(Path.Combine(recording.Directory, "rca_data")), "metric", $"{fault.Pod}_metric.csv");
        Assert.True(rows.Where(r => long.Parse(r["TimeStamp"]) <= fault.Timestamp).Max(r => Number(r["CpuUsageRate(%)"])) < 80);
        Assert.True(rows.Where(r => long.Parse(r["TimeStamp"]) > fault.Timestamp).Max(r => Number(r["CpuUsageRate(%)"])) > 80);
    }

    [Fact]
    public void Write_DelayedPod_ShowsAtItsCallers()
    {
        var recording = shapes.Of(RecordingShape.Nezha, SimulatedFault.ChaosNetworkDelay);
        var (service, at) = (recording.Incident.Causes[0].Service, recording.Incident.Causes[0].At.ToUnixTimeSeconds());
        var metrics = Path.Combine(Only(Path.Combine(recording.Directory, "rca_data")), "metric");
        var edge = Header(Path.Combine(metrics, "destination_50.csv")).Split(',').First(c => c.EndsWith("_" + service, StringComparison.Ordinal));
        Assert.True(After("source_50.csv") > 3 * Before("source_50.csv"));

        double Before(string file) => Median(file, r => r <= at);
        double After(string file) => Median(file, r => r > at + 60);
        double Median(string file, Func<long, bool> when)
        {
            var values = Csv(metrics, file).Where(r => when(long.Parse(r["timestamp"])) && r[edge].Length > 0).Select(r => Number(r[edge])).Order().ToList();
            return values[values.Count / 2];
        }
    }

    [Fact]
    public void Write_PodOfAStatefulSet_HasTheNameOfItsServiceLessTwoParts()
    {
        var recording = shapes.Of(RecordingShape.Nezha, SimulatedFault.DatastoreCrash);
        Assert.Contains(NezhaFiles.PodFiles(recording.Directory), p => p == recording.Incident.Causes[0].Service + "-1-0");
    }

    [Fact]
    public void Write_OverMidnight_EachDayHasItsFolder()
    {
        var options = SimulatedShapes.Options(RecordingShape.Nezha, SimulatedFault.CodeException) with
        {
            Start = new DateTimeOffset(2025, 3, 11, 23, 56, 0, TimeSpan.Zero),
            FaultAfter = TimeSpan.FromMinutes(6),
            Duration = TimeSpan.FromMinutes(12),
        };
        var days = Directory.EnumerateDirectories(Path.Combine(shapes.Write(options).Directory, "rca_data")).Order(StringComparer.Ordinal).ToList();
        Assert.Equal(["2025-03-11", "2025-03-12"], days.Select(Path.GetFileName));
        Assert.Equal(["{}\n"], File.ReadAllText(Only(days[0], "*.json")).Split('\0'));
        Assert.Contains("\"00\"", File.ReadAllText(Only(days[1], "*.json")));
        Assert.All(days, d => Assert.NotEmpty(Csv(d, "metric", "front_service.csv")));
        Assert.All(Directory.EnumerateFiles(days[0], "*_trace.csv", SearchOption.AllDirectories), f => Assert.StartsWith("23_", Path.GetFileName(f)));
    }

    private static long From => SimulatedShapes.Options(RecordingShape.Nezha).Start.ToUnixTimeSeconds() * 1_000_000_000;

    private static long Nanoseconds(string time) =>
        (DateTime.ParseExact(time[..27], "yyyy-MM-dd HH:mm:ss.fffffff", CultureInfo.InvariantCulture).Ticks - DateTime.UnixEpoch.Ticks) * 100 + long.Parse(time[27..]);

    /// <summary>A value with each run of digits as one 9; an id with its length alone.</summary>
    private static string Letters(string value) =>
        value.Length is 16 or 32 ? new string('a', value.Length) : System.Text.RegularExpressions.Regex.Replace(value, "[0-9]+", "9");

    private static IEnumerable<string> Names(string json) => JsonDocument.Parse(json).RootElement.EnumerateObject().Select(p => p.Name);

    private static string Shape(string path)
    {
        var hour = JsonDocument.Parse(File.ReadAllText(path)).RootElement.EnumerateObject().First();
        return $"{hour.Name.Length} {string.Join(' ', hour.Value[0].EnumerateObject().Select(p => $"{p.Name}:{p.Value.ValueKind}"))}";
    }
}

/// <summary>Reads Nezha's files as the public data are read.</summary>
internal static class NezhaFiles
{
    public sealed record Injected(string Time, long Timestamp, string Pod, string Type);

    public static List<Injected> Faults(string directory) =>
    [
        .. Directory.EnumerateFiles(Path.Combine(directory, "rca_data"), "*-fault_list.json", SearchOption.AllDirectories)
            .SelectMany(f => JsonDocument.Parse(File.ReadAllText(f)).RootElement.EnumerateObject().SelectMany(h => h.Value.EnumerateArray()))
            .Select(f => new Injected(Text(f, "inject_time"), long.Parse(Text(f, "inject_timestamp")), Text(f, "inject_pod"), Text(f, "inject_type"))),
    ];

    public static string ServiceOf(string pod) => string.Join('-', pod.Split('-')[..^2]);

    public static IEnumerable<string> PodFiles(string directory) =>
        Directory.EnumerateFiles(Path.Combine(directory, "rca_data"), "*_metric.csv", SearchOption.AllDirectories).Select(f => Path.GetFileName(f)[..^"_metric.csv".Length]);

    /// <summary>At which second of a minute the collector runs: the seconds of the metrics' times.</summary>
    public static int Second(string day) => (int)(long.Parse(Csv(day, "metric", "front_service.csv")[0]["TimeStamp"]) % 60);

    /// <summary>HH_MM of the file of a time: it reaches from a second of the minute before to that second.</summary>
    public static string Minute(long nanoseconds, int second) =>
        DateTimeOffset.FromUnixTimeSeconds(nanoseconds / 1_000_000_000 - second + 60).ToString("HH'_'mm", CultureInfo.InvariantCulture);

    private static string Text(JsonElement fault, string name) => fault.GetProperty(name).GetString()!;
}
