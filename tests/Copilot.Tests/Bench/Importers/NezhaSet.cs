using System.Globalization;
using System.Text;
using System.Text.Json;
using Copilot.Tests.Support;

namespace Copilot.Tests.Bench.Importers;

/// <summary>
/// A small set in Nezha's layout, made up by hand with the traps of the public one: overlapping minutes, a normal minute hours away, a pod whose time stamps
/// are wrong, a rate of success that nobody measured, time stamps of the labels in local time.
/// </summary>
internal sealed class NezhaSet : IDisposable
{
    public const string Day = "2024-05-06";
    public const string Front = "web-front-5f8c7d9b6-x2k4q";
    public const string Back = "stock-6d4b8c7f5-zz9wq";

    private const string PodHeader = "Time,TimeStamp,PodName,CpuUsage(m),MemoryUsage(Mi),NetworkReceiveBytes,PodClientLatencyP90(s),PodServerLatencyP90(s),PodServerLatencyP95(s),PodWorkload(Ops),PodSuccessRate(%)";

    public static readonly DateTimeOffset Injected = new(2024, 5, 6, 10, 20, 30, TimeSpan.Zero);

    private readonly TempFolder _folder = new();

    public NezhaSet()
    {
        Faults(("2024-05-06 10:20:30", Back, "network_delay"));
        foreach (var minute in new[] { 20, 21, 22 }) Minute("rca_data", $"10_{minute:00}", Injected.AddMinutes(minute - 20 - 0.5));
        Minute("construct_data", "07_15", Injected.AddHours(-3).AddMinutes(-5));
        foreach (var pod in new[] { Front, Back }) Pod(pod);
        Metric("front_service.csv", "Time,TimeStamp,ServiceName,SuccessRate(%),LatencyP95(s)", at => $"{Go(at)},{at.ToUnixTimeSeconds()},Frontend,0,0.5");
        Metric("source_50.csv", "time,timestamp,web-front_stock", at => $"{Go(at)},{at.ToUnixTimeSeconds()},0.25");
        File("rca_data", Day, "metric", "dependency.csv", "Source,Target,Weight\nweb-front,stock,1\nstock,33.33.33.76,1\nloadgenerator,33.33.33.79,1\n");
        _folder.Write("construct_data/root_cause_shop.json", """{"stock": {"network_delay": "NetworkP90(ms)"}}""");
    }

    public string Root => _folder.FullName;

    public string Labels => Path.Combine(Root, "rca_data", Day, $"{Day}-fault_list.json");

    /// <summary>A time of minute and second within 10 o'clock.</summary>
    public static DateTimeOffset At(int minute, double second = 0) => new DateTimeOffset(2024, 5, 6, 10, minute, 0, TimeSpan.Zero).AddSeconds(second);

    public void Faults(params (string Time, string Pod, string Type)[] faults) => _folder.Write(
        $"rca_data/{Day}/{Day}-fault_list.json",
        // The time stamp is 8 hours early, as those that were made from local time.
        JsonSerializer.Serialize(faults.GroupBy(f => f.Time[11..13]).ToDictionary(h => h.Key, h => h.Select(f => new
        {
            inject_time = f.Time,
            inject_timestamp = $"{DateTimeOffset.Parse(f.Time, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal).AddHours(-8).ToUnixTimeSeconds()}",
            inject_pod = f.Pod,
            inject_type = f.Type,
        }))));

    public string File(params string[] parts) => _folder.Write(string.Join('/', parts[..^1]), parts[^1]);

    public void Remove(params string[] parts)
    {
        var path = _folder.Combine(parts);
        if (Directory.Exists(path)) Directory.Delete(path, recursive: true);
        else System.IO.File.Delete(path);
    }

    public string Read(params string[] parts) => System.IO.File.ReadAllText(_folder.Combine(parts));

    public void Dispose() => _folder.Dispose();

    /// <summary>A trace from web-front to stock and its lines; the trace of the half minute before as well, which the file before has too.</summary>
    private void Minute(string part, string name, DateTimeOffset middle)
    {
        var (traces, logs) = (new StringBuilder("TraceID,SpanID,ParentID,PodName,OperationName,StartTimeUnixNano,EndTimeUnixNano,Duration\n"), new StringBuilder("Timestamp,TimeUnixNano,Node,PodName,Container,TraceID,SpanID,Log\n"));
        foreach (var at in new[] { middle, middle.AddMinutes(-1) })
        {
            var (trace, start) = ($"{at.ToUnixTimeSeconds():x32}", at.ToUnixTimeMilliseconds() * 1_000_000);
            traces.Append($"{trace},a1,root,{Front},GET /buy,{start + 7},{start + 50_000_007},50000\n");
            traces.Append($"{trace},a2,a1,{Front},HTTP GET,{start + 1_000_000},{start + 41_000_000},40000\n");
            traces.Append($"{trace},b1,a2,{Back},/stock,{start + 5_000_000},{start + 30_000_000},25000\n");
            traces.Append($"{trace},b2,b1,{Back},find stock,{start + 6_000_000},{start + 9_000_000},3000\n");
            logs.Append(Line(at, Back, trace, "b1", "18:20:31.5 ERROR s.StockService#7 TraceID: t [no stock]\n"));
            logs.Append(Line(at, Front, trace, "a1", """{"message":"sold, \"two\"\nlines","severity":"warning","http.req.path":"/buy","timestamp":"x"}""" + "\n"));
        }
        File(part, Day, "trace", $"{name}_trace.csv", traces.ToString());
        File(part, Day, "log", $"{name}_log.csv", logs.ToString());
    }

    private static string Line(DateTimeOffset at, string pod, string trace, string span, string text)
    {
        var docker = JsonSerializer.Serialize(new { log = text, stream = "stdout", time = $"{at:O}" });
        return $"{at:yyyy-MM-ddTHH:mm:ss}Z,{at.ToUnixTimeMilliseconds() * 1_000_000},33.33.33.1,{pod},server,{trace},{span},\"{docker.Replace("\"", "\"\"", StringComparison.Ordinal)}\"\n";
    }

    /// <summary>From an hour before the injection to an hour after it, every minute at second 19. The time stamps of the second pod lie four hours before its times.</summary>
    private void Pod(string pod) => Metric($"{pod}_metric.csv", PodHeader, at =>
        $"{Go(at)},{at.AddHours(pod == Back ? -4 : 0).ToUnixTimeSeconds()},{pod},50,100,{at.Minute},NaN,0.2,{(at >= Injected && pod == Back ? 0.9 : 0.3).ToString(CultureInfo.InvariantCulture)},2.5,0");

    private void Metric(string file, string header, Func<DateTimeOffset, string> row) => File(
        "rca_data", Day, "metric", file,
        string.Join('\n', Enumerable.Range(-60, 120).Select(m => row(Injected.AddSeconds(-11).AddMinutes(m))).Prepend(header)) + "\n");

    private static string Go(DateTimeOffset at) => $"{at:yyyy-MM-dd HH:mm:ss}.043078357 +0000 UTC m=+0.5";
}
