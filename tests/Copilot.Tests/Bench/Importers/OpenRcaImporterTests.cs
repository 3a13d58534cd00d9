using System.Globalization;
using Copilot.Bench.Importers;
using Copilot.Engine.Yaml;
using Copilot.Tests.Simulator;
using Copilot.Tests.Support;
using Xunit;

namespace Copilot.Tests.Bench.Importers;

/// <summary>The data are not beside the repository: small files by the columns that OpenRCA's prompts document, with their sample rows where they have any.</summary>
public sealed class OpenRcaImporterTests : IDisposable
{
    private static readonly DateTimeOffset Noon = new(2021, 3, 4, 14, 30, 0, TimeSpan.FromHours(8));

    private readonly TempFolder _folder = new();
    private readonly List<string> _notices = [];

    public void Dispose() => _folder.Dispose();

    private List<ImportedCase> Read(string directory = "", TimeSpan before = default) => [.. OpenRcaImporter.Read(_folder.Combine(directory), _notices.Add, before)];

    private string Fault(string directory = "") => Assert.Throws<FileFaultException>(() => Read(directory)).Message;

    private static string Seconds(DateTimeOffset from, int after) => (from.ToUnixTimeSeconds() + after).ToString(CultureInfo.InvariantCulture);

    /// <summary>A system with one question about each failure, asked as task 7 unless points are given, and a day with telemetry.</summary>
    private void System(string name, params (string Component, string Reason, DateTimeOffset At, string? Task, string? Instruction, string? Points)[] failures)
    {
        var (query, record) = ("task_index,instruction,scoring_points\n", "level,component,timestamp,datetime,reason\n");
        foreach (var (component, reason, at, task, instruction, points) in failures)
        {
            var half = new DateTimeOffset(at.Year, at.Month, at.Day, at.Hour, at.Minute / 30 * 30, 0, at.Offset);
            var asked = instruction ?? string.Create(CultureInfo.InvariantCulture, $"On {half:MMMM d, yyyy}, between {half:HH:mm} and {half.AddMinutes(30):HH:mm}, one failure occurred. Name its root cause.");
            var scored = points ?? Points("only", component, reason, at);
            query += $"{task ?? "task_7"},\"{asked.Replace("\"", "\"\"")}\",\"{scored}\n\"\n";
            record += $"pod,{component},{at.ToUnixTimeSeconds()}.0,{at:yyyy-MM-dd HH:mm:ss},{reason}\n";
        }
        _folder.Write($"{name}/query.csv", query);
        _folder.Write($"{name}/record.csv", record);
        foreach (var day in failures.Select(f => f.At.ToString("yyyy_MM_dd", CultureInfo.InvariantCulture)).Distinct())
            Telemetry(name, day, "metric/metric_container.csv", $"timestamp,cmdb_id,kpi_name,value\n{string.Concat(failures.Select(f => $"{f.At.ToUnixTimeSeconds()},{f.Component},some_kpi,1\n"))}");
    }

    private static string Points(string index, string component, string reason, DateTimeOffset at) =>
        string.Create(CultureInfo.InvariantCulture, $"""
            The {index} root cause occurrence time is within 1 minutes (i.e., <=1min) of {at:yyyy-MM-dd HH:mm:ss}
            The {index} predicted root cause component is {component}
            The {index} predicted root cause reason is {reason}
            """);

    private void Telemetry(string system, string day, string file, string text) => _folder.Write($"{system}/telemetry/{day}/{file}", text);

    // ---- questions and truth

    [Fact]
    public void Read_EachQuestion_IsACase()
    {
        System("Bank", ("Mysql02", "high memory usage", Noon.AddMinutes(27), null, null, null), ("Tomcat01", "network latency", Noon.AddHours(2), "task_3", null, "The only predicted root cause component is Tomcat01"));
        System("Market/cloudbed-2", ("node-6", "node CPU spike", Noon.AddDays(380), null, null, null));

        var cases = Read();

        Assert.Equal(["openrca-bank-001", "openrca-bank-002", "openrca-market-cloudbed-2-001"], cases.Select(c => c.Description.Id));
        var first = cases[0].Description;
        Assert.Equal("On March 4, 2021, between 14:30 and 15:00, one failure occurred. Name its root cause.", first.Question);
        Assert.Equal(("Bank", "openrca-bank-2021-03-04-1430"), (first.Application, first.Group));
        Assert.Equal(["bank", "task-7", "hard"], first.Tags);
        var cause = Assert.Single(first.Truth.Causes);
        Assert.Equal(("cause-1", "memory", "high memory usage, from 2021-03-04 14:57:00 UTC+8"), (cause.Id, cause.Mechanism, cause.Condition));
        Assert.Equal((null, null, "Mysql02"), (cause.Names[0].Kind, cause.Names[0].Namespace, Assert.Single(cause.Names[0].Filters).Trim('^', '$')));
        Assert.Empty(first.Truth.Defects);
        // Task 3 asks for the component alone: the record tells the rest.
        Assert.Equal(("network", "easy"), (cases[1].Description.Truth.Causes[0].Mechanism, cases[1].Description.Tags[2]));
        Assert.Equal(("Market", "cpu"), (cases[2].Description.Application, cases[2].Description.Truth.Causes[0].Mechanism));
        Assert.Equal("node-6", cases[2].Description.Truth.Causes[0].Names[0].Filters[0].Trim('^', '$').Replace("\\", ""));
        Assert.Empty(_notices);
    }

    [Fact]
    public void Read_SeveralFailuresOfAHalfHour_AreCausesOfEachOfTheirQuestions()
    {
        var (one, other) = (Noon.AddMinutes(3), Noon.AddMinutes(21));
        var both = Points("1-th", "MG01", "network latency", one) + "\n" + Points("2-th", "Tomcat04", "network packet loss", other);
        System("Bank", ("MG01", "network latency", one, null, null, both), ("Tomcat04", "network packet loss", other, "task_1", null,
            $"The 1-th root cause occurrence time is within 1 minutes (i.e., <=1min) of {one:yyyy-MM-dd HH:mm:ss}\nThe 2-th root cause occurrence time is within 1 minutes (i.e., <=1min) of {other:yyyy-MM-dd HH:mm:ss}"));

        var cases = Read();

        Assert.All(cases, c => Assert.Equal([("cause-1", "MG01"), ("cause-2", "Tomcat04")], c.Description.Truth.Causes.Select(t => (t.Id, t.Names[0].Filters[0].Trim('^', '$')))));
        Assert.All(cases, c => Assert.Empty(c.Description.Truth.Defects));
        Assert.Single(cases.Select(c => c.Description.Group).Distinct());
    }

    [Fact]
    public void Read_GeneratorsNoteOnPoints_IsNoPartOfTheAnswer()
    {
        System("Telecom", ("db_003", "db close", Noon, "task_6", null, "The only predicted root cause component is db_003. (1 point)\nThe only predicted root cause reason is db close.(1 point)"));
        var truth = Assert.Single(Read()).Description.Truth;
        Assert.Equal(("db_003", "datastore"), (truth.Causes[0].Names[0].Filters[0].Trim('^', '$'), truth.Causes[0].Mechanism));
        Assert.Empty(truth.Defects);
    }

    [Fact]
    public void Read_ContradictoryLabels_AreDefectsAndTheScoringPointsCount()
    {
        System("Bank", ("Mysql02", "high memory usage", Noon.AddMinutes(27), null, "On March 4, 2021, from 09:00 to 09:30, a failure.", Points("only", "Mysql01", "sunspots", Noon.AddMinutes(20))));
        var truth = Assert.Single(Read()).Description.Truth;
        Assert.Equal(("Mysql01", null), (truth.Causes[0].Names[0].Filters[0].Trim('^', '$'), truth.Causes[0].Mechanism));
        string[] expected =
        [
            "The component: the scoring points say \"Mysql01\" and the record says \"Mysql02\"", "The question speaks of 2021-03-04 09:00 ", "The reason \"sunspots\" is none of the documented ones",
            "The reason: the scoring points say \"sunspots\"", "The time: the scoring points say \"2021-03-04 14:50:00\"",
        ];
        Assert.All(expected.Zip(truth.Defects.Order(StringComparer.Ordinal), (e, d) => (e, d)), pair => Assert.StartsWith(pair.e, pair.d));
        Assert.Equal(expected.Length, truth.Defects.Count);
    }

    [Theory]
    [InlineData("within the time range of March 4, 2021, from 14:30 to 15:00")]
    [InlineData("between 14:30 and 15:00 on March 4th, 2021")]
    [InlineData("between 2021-03-04 14:30:00 and 2021-03-04 15:00:00")]
    [InlineData("on March 4, 2021, from 14:30 PM to 15:00")]
    public void Read_HalfHourInTheQuestion_IsUnderstood(string words)
    {
        System("Bank", ("MG01", "network latency", Noon.AddMinutes(10), null, $"The bank had trouble {words}. Find the cause.", null));
        Assert.Empty(Assert.Single(Read()).Description.Truth.Defects);
    }

    [Fact]
    public void Read_HalfHourUpToMidnight_IsUnderstood()
    {
        System("Bank", ("MG01", "network latency", Noon.AddHours(9).AddMinutes(10), null, "From March 4, 2021, 23:30 to March 5, 2021, 00:00, something failed.", null));
        Assert.Empty(Assert.Single(Read()).Description.Truth.Defects);
    }

    [Fact]
    public void Read_RecordWithTwoTimes_IsADefectUnlessOnlyTheWritingDiffers()
    {
        System("Bank", ("MG01", "network latency", Noon.AddMinutes(10), null, null, null));
        var record = File.ReadAllText(_folder.Combine("Bank", "record.csv"));
        _folder.Write("Bank/record.csv", record.Replace("2021-03-04 14:40:00", "2021/3/4 14:40"));
        Assert.Empty(Assert.Single(Read()).Description.Truth.Defects);
        _folder.Write("Bank/record.csv", record.Replace("2021-03-04 14:40:00", "2021-03-04 06:40:00"));
        Assert.Contains("two times, 2021-03-04 06:40:00 and by its timestamp 2021-03-04 14:40:00", Assert.Single(Assert.Single(Read()).Description.Truth.Defects));
    }

    [Fact]
    public void Read_UnreadableQuestionAndPoints_FallBackOnTheRecordAndSaySo()
    {
        System("Bank", ("MG01", "network latency", Noon.AddMinutes(10), null, "What happened yesterday?", "full RCA"));
        var truth = Assert.Single(Read()).Description.Truth;
        Assert.Equal(("MG01", "network"), (truth.Causes[0].Names[0].Filters[0].Trim('^', '$'), truth.Causes[0].Mechanism));
        Assert.Equal(2, truth.Defects.Count);
    }

    // ---- what cannot be used

    [Fact]
    public void Read_FilesThatDoNotFit_AreFaultsWithPlaceAndRemedy()
    {
        Assert.Contains("holds no question of OpenRCA", Fault());
        Assert.Contains("is no folder", Fault("none"));
        System("Bank", ("MG01", "network latency", Noon, null, null, null));
        var record = File.ReadAllText(_folder.Combine("Bank", "record.csv"));
        _folder.Write("Bank/record.csv", record + record.Split('\n')[1] + "\n");
        Assert.Contains("1 questions and ", Fault());
        _folder.Write("Bank/record.csv", record.Replace("1614839400.0", "noon"));
        Assert.Contains("record.csv:2: the timestamp \"noon\" is no time", Fault());
        _folder.Write("Bank/record.csv", record.Replace("component", "culprit"));
        Assert.Contains("record.csv:1: no column component", Fault());
        _folder.Write("Bank/record.csv", record.Replace("MG01", ""));
        _folder.Write("Bank/query.csv", "task_index,instruction,scoring_points\ntask_1,\"When\non March 4, 2021, from 14:30 to 15:00?\",The only predicted root cause reason is network latency\n");
        Assert.Contains("query.csv:2: neither the scoring points nor the recorded failures name the component", Fault());
        _folder.Write("Bank/query.csv", "");
        Assert.Contains("query.csv is empty", Fault());
        File.Delete(_folder.Combine("Bank", "record.csv"));
        Assert.Contains("record.csv is missing", Fault());
    }

    [Fact]
    public void Read_QuestionsWithoutTelemetryAndFilesOfNoKnownForm_AreLeftOutAndToldOnce()
    {
        System("Bank", ("MG01", "network latency", Noon, null, null, null), ("MG02", "network latency", Noon.AddDays(1), null, null, null));
        Directory.Delete(_folder.Combine("Bank", "telemetry", "2021_03_05"), recursive: true);
        Telemetry("Bank", "2021_03_04", "metric/metric_new.csv", "a,b\n1,2\n");
        Telemetry("Bank", "2021_03_04", "log/readme.txt", "x");
        Telemetry("Bank", "2021_03_04", "log/.DS_Store", "x");

        var imported = Assert.Single(Read());

        Assert.Equal("openrca-bank-001", imported.Description.Id);
        Assert.Equal(2, _notices.Count);
        Assert.Contains("2 telemetry files were left out", _notices[0]);
        Assert.Contains("telemetry/2021_03_04/log/readme.txt, telemetry/2021_03_04/metric/metric_new.csv", _notices[0]);
        Assert.Contains("1 question was left out for want of telemetry: telemetry/2021_03_05", _notices[1]);
        ImportedCases.Signals(_folder.Written(imported));
        Assert.Equal(2, _notices.Count);
    }

    [Fact]
    public void WriteSnapshot_DayWithoutTheHalfHour_IsAFault()
    {
        System("Bank", ("MG01", "network latency", Noon, null, null, null));
        Telemetry("Bank", "2021_03_04", "metric/metric_container.csv", $"timestamp,cmdb_id,kpi_name,value\n{Seconds(Noon, -60)},MG01,k,1\n{Seconds(Noon, 1800)},MG01,k,1\n");
        var imported = Assert.Single(Read());
        Assert.Contains("holds nothing between 2021-03-04 14:30 and 2021-03-04 15:00 UTC+8", Assert.Throws<FileFaultException>(() => _folder.Written(imported)).Message);
    }

    [Fact]
    public void WriteSnapshot_TimeBefore_ReachesIntoTheDayBefore()
    {
        var midnight = Noon.Date.AddDays(1);
        var start = new DateTimeOffset(midnight, TimeSpan.FromHours(8));
        System("Bank", ("MG01", "network latency", start.AddMinutes(5), null, null, null));
        Telemetry("Bank", "2021_03_04", "log/log_service.csv", $"log_id,timestamp,cmdb_id,log_name,value\n1,{Seconds(start, -1200)},MG01,gc,before\n2,{Seconds(start, -1900)},MG01,gc,too early\n");
        Assert.False(File.Exists(Path.Combine(_folder.Written(Assert.Single(Read())), "otel_logs_raw.tsv")));
        Assert.Equal(["MG01|before"], Table(_folder.Written(Assert.Single(Read(before: TimeSpan.FromMinutes(30)))), "otel_logs_raw.tsv", "ServiceName", "Body"));
    }

    // ---- telemetry of the three systems

    [Fact]
    public void WriteSnapshot_Bank_ByItsColumns()
    {
        System("Bank", ("Tomcat04", "high CPU usage", Noon.AddMinutes(5), null, null, null));
        var ms = Noon.ToUnixTimeMilliseconds();
        // Not in order of time: files are grouped by series.
        Telemetry("Bank", "2021_03_04", "metric/metric_container.csv",
            $"timestamp,cmdb_id,kpi_name,value\n{Seconds(Noon, 120)},Tomcat04,OSLinux-CPU_CPU_CPUCpuUtil,30\n{Seconds(Noon, 0)},Tomcat04,OSLinux-CPU_CPU_CPUCpuUtil,26.2957\n{Seconds(Noon, 60)},Tomcat04,OSLinux-CPU_CPU_CPUCpuUtil,10\n"
            + $"{Seconds(Noon, 60)},Tomcat04,JVM-Memory_7778_JVM_Memory_HeapMemoryUsed,123.5\n{Seconds(Noon, 60)},Tomcat04,broken,much\n");
        Telemetry("Bank", "2021_03_04", "metric/metric_app.csv", $"timestamp,rr,sr,cnt,mrt,tc\n{Seconds(Noon, 0)},100.0,100.0,22,53.27,ServiceTest1\n{Seconds(Noon, 60)},100.0,75.0,20,50,ServiceTest1\n");
        Telemetry("Bank", "2021_03_04", "trace/trace_span.csv", $"timestamp,cmdb_id,parent_id,span_id,trace_id,duration\n{ms},MG01,,a,gw1,25\n{ms + 2},dockerA2,a,b,gw1,19\n{ms + 3},dockerA2,b,c,gw1,1\n");
        Telemetry("Bank", "2021_03_04", "log/log_service.csv",
            $"log_id,timestamp,cmdb_id,log_name,value\n8c7f,{Seconds(Noon, 1)},Tomcat01,gc,\"3748789.580: [GC (CMS Initial Mark) 2462269K(3145728K)], 0.19 secs] \"\n");

        var snapshot = _folder.Written(Assert.Single(Read()));

        Assert.Equal(
            ["2021-03-04 06:30:00.000000000|a||Client|MG01|25000000", "2021-03-04 06:30:00.002000000|b|a|Server|dockerA2|19000000", "2021-03-04 06:30:00.003000000|c|b|Internal|dockerA2|1000000"],
            Table(snapshot, "otel_traces_raw.tsv", "Timestamp", "SpanId", "ParentSpanId", "SpanKind", "ServiceName", "Duration"));
        Assert.Equal(["Tomcat01|3748789.580: [GC (CMS Initial Mark) 2462269K(3145728K)], 0.19 secs] |{'log.name': 'gc'}"], Table(snapshot, "otel_logs_raw.tsv", "ServiceName", "Body", "LogAttributes"));
        // Percent of a minute each: 0, then 6 and 18 seconds.
        Assert.Equal(["0", "6", "24"], Table(snapshot, "metrics/pod_Tomcat04_raw.tsv", "metric_name", "value").Select(r => r.Split('|')[1]));
        Assert.Equal(["JVM-Memory_7778_JVM_Memory_HeapMemoryUsed|123.5"], Table(snapshot, "metrics/service_Tomcat04_raw.tsv", "metric_name", "value").Where(r => r.StartsWith("JVM", StringComparison.Ordinal)));
        var app = Table(snapshot, "metrics/service_ServiceTest1_raw.tsv", "metric_name", "tags", "value").ToList();
        Assert.Contains("service_requests_total|{'code': '200', 'part': 'ServiceTest1', 'service_name': 'ServiceTest1'}|37", app);
        Assert.Contains("service_requests_total|{'code': '500', 'part': 'ServiceTest1', 'service_name': 'ServiceTest1'}|5", app);
        Assert.Contains("service_request_duration_seconds_count|{'part': 'ServiceTest1', 'service_name': 'ServiceTest1'}|42", app);
        Assert.Equal((22 * 0.05327) + 1, double.Parse(app.Last(r => r.StartsWith("service_request_duration_seconds_sum", StringComparison.Ordinal)).Split('|')[2], CultureInfo.InvariantCulture), 1e-9);
        Assert.Equal("""{"edges":[{"caller":"MG01","callee":"dockerA2"}]}""", File.ReadAllText(Path.Combine(snapshot, "topology.json")));
        Assert.Contains("line 6: a value that is no number", Assert.Single(_notices));
        Assert.Equal(["MG01", "dockerA2"], ImportedCases.Signals(snapshot).Services.Where(s => s.Source == Copilot.Core.Evidence.EvidenceSource.Traces).Select(s => s.Service));
    }

    [Fact]
    public void WriteSnapshot_Market_ByItsColumns()
    {
        System("Market/cloudbed-1", ("adservice", "container network latency", Noon.AddMinutes(5), null, null, null));
        var ms = Noon.ToUnixTimeMilliseconds();
        const string market = "Market/cloudbed-1";
        Telemetry(market, "2021_03_04", "metric/metric_container.csv",
            $"timestamp,cmdb_id,kpi_name,value\n{Seconds(Noon, 0)},node-6.adservice2-0,container_cpu_usage_seconds,3\n{Seconds(Noon, 60)},node-6.adservice2-0,container_cpu_usage_seconds,4\n"
            + $"{Seconds(Noon, 0)},node-6.adservice2-0,container_memory_working_set_MB,200\n{Seconds(Noon, 0)},node-6.adservice2-0,container_fs_writes_MB./dev/vda,0.0\n");
        Telemetry(market, "2021_03_04", "metric/metric_mesh.csv",
            $"timestamp,cmdb_id,kpi_name,value\n{Seconds(Noon, 0)},cartservice-1.source.cartservice.redis-cart,istio_tcp_sent_bytes.-,1255.0\n{Seconds(Noon, 0)},istio-egressgateway-7bfdcc9d86-zpjpg,istio_agent_startup_duration_seconds,2.5\n");
        Telemetry(market, "2021_03_04", "metric/metric_node.csv", $"timestamp,cmdb_id,kpi_name,value\n{Seconds(Noon, 0)},node-1,system.cpu.pct_usage,10\n{Seconds(Noon, 60)},node-1,system.cpu.pct_usage,50\n");
        Telemetry(market, "2021_03_04", "metric/metric_runtime.csv", $"timestamp,cmdb_id,kpi_name,value\n{Seconds(Noon, 0)},adservice.ts:8088,java_nio_BufferPool_TotalCapacity.direct,57343.0\n");
        Telemetry(market, "2021_03_04", "metric/metric_service.csv", $"service,timestamp,rr,sr,mrt,count\nadservice-grpc,{Seconds(Noon, 0)},100.0,100.0,2.4,61\nadservice-http,{Seconds(Noon, 0)},100.0,50.0,2.4,10\n");
        Telemetry(market, "2021_03_04", "trace/trace_span.csv",
            "timestamp,cmdb_id,span_id,trace_id,duration,type,status_code,operation_name,parent_span\n"
            + $"{ms},frontend-0,a,t1,49877,http,200,/cart,\n{ms + 1},frontend-0,b,t1,30000,rpc,0,shop.Ads/Get,a\n{ms + 2},adservice2-0,c,t1,20000,rpc,13,shop.Ads/Get,b\n{ms + 3},adservice2-0,d,t1,500,db,Ok,query,c\n");
        Telemetry(market, "2021_03_04", "log/log_service.csv", $"log_id,timestamp,cmdb_id,log_name,value\nG,{Seconds(Noon, 1)},currencyservice-0,log_currencyservice-service_application,\"severity: info, message: Getting\"\n");
        Telemetry(market, "2021_03_04", "log/log_proxy.csv", $"log_id,timestamp,cmdb_id,log_name,value\nK,{Seconds(Noon, 2)},cartservice-1,log_cartservice-service_application,etCartAsync called\n");

        var snapshot = _folder.Written(Assert.Single(Read()));

        Assert.Equal(
            ["a|/cart|Server|frontend|49877000|Unset", "b|shop.Ads/Get|Client|frontend|30000000|Unset", "c|shop.Ads/Get|Server|adservice|20000000|Error", "d|query|Internal|adservice|500000|Unset"],
            Table(snapshot, "otel_traces_raw.tsv", "SpanId", "SpanName", "SpanKind", "ServiceName", "Duration", "StatusCode"));
        Assert.Equal("{'k8s.namespace.name': 'market-cloudbed-1', 'k8s.statefulset.name': 'adservice', 'k8s.pod.name': 'adservice2-0', 'service.name': 'adservice'}", Table(snapshot, "otel_traces_raw.tsv", "ResourceAttributes").Last());
        Assert.Equal(["cartservice", "currencyservice"], Table(snapshot, "otel_logs_raw.tsv", "ServiceName").Order(StringComparer.Ordinal));
        Assert.Equal(
            ["container_memory_working_set_bytes|200000000", "container_cpu_usage_seconds_total|3", "container_cpu_usage_seconds_total|7"], Table(snapshot, "metrics/pod_adservice2-0_raw.tsv", "metric_name", "value"));
        Assert.Equal(["container_cpu_usage_seconds_total|0|node-1", "container_cpu_usage_seconds_total|30|node-1"], Table(snapshot, "metrics/pod_node-1_raw.tsv", "metric_name", "value", "pod_name"));
        Assert.Equal(["istio_tcp_sent_bytes.-|1255"], Table(snapshot, "metrics/service_cartservice-1_raw.tsv", "metric_name", "value"));
        Assert.Equal(["adservice.ts:8088|57343"], Table(snapshot, "metrics/service_adservice.ts_8088_raw.tsv", "service_name", "value"));
        var requests = Table(snapshot, "metrics/service_adservice_raw.tsv", "metric_name", "tags", "value").Where(r => r.StartsWith("service_requests_total", StringComparison.Ordinal)).ToList();
        Assert.Equal(4, requests.Count);
        Assert.Contains("service_requests_total|{'code': '500', 'part': 'adservice-http', 'service_name': 'adservice'}|5", requests);
        Assert.Equal("""{"edges":[{"caller":"cartservice","callee":"redis-cart"},{"caller":"frontend","callee":"adservice"}]}""", File.ReadAllText(Path.Combine(snapshot, "topology.json")));
        Assert.Empty(_notices);
        var call = Assert.Single(ImportedCases.Signals(snapshot).Calls);
        Assert.Equal(("frontend", "adservice", 1.0), (call.Caller, call.Callee, call.Calls.Sum()));
    }

    [Fact]
    public void WriteSnapshot_Telecom_ByItsColumns()
    {
        System("Telecom", ("db_003", "db connection limit", Noon.AddMinutes(5), null, null, null));
        File.Delete(_folder.Combine("Telecom", "telemetry", "2021_03_04", "metric", "metric_container.csv"));
        var ms = Noon.ToUnixTimeMilliseconds();
        const string head = "itemid,name,bomc_id,timestamp,value,cmdb_id\n";
        Telemetry("Telecom", "2021_03_04", "metric/metric_app.csv", $"serviceName,startTime,avg_time,num,succee_num,succee_rate\nosb_001,{ms},0.333,10,9,0.9\n");
        Telemetry("Telecom", "2021_03_04", "metric/metric_container.csv", $"{head}9996,container_mem_used,ZJ-004-060,{ms + 23_000},59.000000,docker_008\n9997,container_cpu_used,ZJ-004-060,{ms},10,docker_008\n9997,container_cpu_used,ZJ-004-060,{ms + 60_000},20,docker_008\n");
        Telemetry("Telecom", "2021_03_04", "metric/metric_middleware.csv", $"{head}9998,connected_clients,ZJ-005-024,{ms},25,redis_003\n");
        Telemetry("Telecom", "2021_03_04", "metric/metric_node.csv", $"{head}1,Disk_io_util,ZJ-001-010,{ms},0.1,os_017\n2,Disk_io_util,ZJ-001-010,{ms},0.2,os_017\n");
        Telemetry("Telecom", "2021_03_04", "trace/trace_span.csv",
            "callType,startTime,elapsedTime,success,traceId,id,pid,cmdb_id,dsName,serviceName\n"
            + $"OSB,{ms},376.0,True,t,a,None,os_021,,osb_001\nRemoteProcess,{ms + 10},55.0,TRUE,t,b,a,docker_006,,csf_005\nLOCAL,{ms + 11},6.0,True,t,c,b,docker_006,db_003,local_method_017\nJDBC,{ms + 12},2.5,False,t,d,c,docker_006,db_003,\n");

        var snapshot = _folder.Written(Assert.Single(Read()));

        Assert.Equal(
            [
                "a||osb_001|Client|os_021|376000000|Unset|{'rpc.type': 'OSB'}", "b|a|csf_005|Server|docker_006|55000000|Unset|{'rpc.type': 'RemoteProcess'}",
                "c|b|local_method_017|Internal|docker_006|6000000|Unset|{'rpc.type': 'LOCAL'}", "d|c|JDBC|Client|docker_006|2500000|Error|{'peer.service': 'db_003', 'rpc.type': 'JDBC'}",
            ],
            Table(snapshot, "otel_traces_raw.tsv", "SpanId", "ParentSpanId", "SpanName", "SpanKind", "ServiceName", "Duration", "StatusCode", "SpanAttributes"));
        Assert.Equal(["0", "12"], Table(snapshot, "metrics/pod_docker_008_raw.tsv", "value"));
        Assert.Equal(["container_mem_used|59"], Table(snapshot, "metrics/service_docker_008_raw.tsv", "metric_name", "value"));
        // Two disks of one machine are two series.
        Assert.Equal(2, Table(snapshot, "metrics/service_os_017_raw.tsv", "tags").Distinct().Count());
        Assert.Contains("service_requests_total|9", Table(snapshot, "metrics/service_osb_001_raw.tsv", "metric_name", "value"));
        Assert.Contains("service_request_duration_seconds_sum|3.33", Table(snapshot, "metrics/service_osb_001_raw.tsv", "metric_name", "value"));
        Assert.Equal("""{"edges":[{"caller":"docker_006","callee":"db_003"},{"caller":"os_021","callee":"docker_006"}]}""", File.ReadAllText(Path.Combine(snapshot, "topology.json")));
        var calls = ImportedCases.Signals(snapshot).Calls;
        Assert.Equal([("docker_006", "db_003"), ("os_021", "docker_006")], calls.Select(c => (c.Caller, c.Callee)));
        Assert.Equal([1.0, 0.0], calls.Select(c => c.Errors.Sum()));
    }

    private static IEnumerable<string> Table(string snapshot, string file, params string[] columns) =>
        SimulatedSnapshot.Read(File.ReadAllText(Path.Combine(snapshot, file)), '\t').Select(r => string.Join('|', columns.Select(c => r[c])));
}
