using System.Globalization;
using System.Text.Json;
using Copilot.Bench.Importers;
using Copilot.Core.Evidence;
using Copilot.Engine.Yaml;
using Copilot.Simulator;
using Copilot.Tests.Simulator;
using Copilot.Tests.Support;
using Xunit;

namespace Copilot.Tests.Bench.Importers;

public sealed class RcaEvalImporterTests(SimulatedShapes shapes) : IClassFixture<SimulatedShapes>, IDisposable
{
    private const long Injected = 1_705_340_520; // 2024-01-15 17:42:00 UTC

    private readonly TempFolder _folder = new();
    private readonly List<string> _notices = [];

    public void Dispose() => _folder.Dispose();

    private List<ImportedCase> Read(string? directory = null) => [.. RcaEvalImporter.Read(directory ?? _folder.FullName, _notices.Add)];

    private string Fault(string? directory = null) => Assert.Throws<FileFaultException>(() => Read(directory)).Message;

    /// <summary>A case with a metric for each second of 24 minutes.</summary>
    private void Case(string folder, long injected = Injected, string metrics = "simple_metrics.csv", string columns = "cart_cpu,cart_error", Func<int, string>? values = null)
    {
        _folder.Write($"{folder}/inject_time.txt", $"{injected}\n");
        _folder.Write($"{folder}/{metrics}", $"time,{columns}\n" + string.Concat(Enumerable.Range(-720, 1441).Select(s => $"{injected + s},{values?.Invoke(s) ?? "1.0,0.0"}\n")));
    }

    // ---- what the simulator writes

    [Theory]
    [InlineData(SimulatedFault.ChaosCpuStress, "cpu")]
    [InlineData(SimulatedFault.ChaosNetworkDelay, "network")]
    [InlineData(SimulatedFault.CodeException, null)]
    public void Read_Simulated_TellsTheTruthAndDoesNotGiveItAway(SimulatedFault fault, string? mechanism)
    {
        var recording = shapes.Of(RecordingShape.RcaEval, fault);
        var cause = Assert.Single(recording.Incident.Causes);

        var description = Assert.Single(Read(recording.Directory)).Description;

        var truth = Assert.Single(description.Truth.Causes);
        Assert.Equal((mechanism, null, null), (truth.Mechanism, truth.Names[0].Kind, truth.Names[0].Namespace));
        Assert.Equal(cause.Service, Assert.Single(Assert.Single(truth.Names).Filters).Trim('^', '$').Replace("\\", ""));
        // The simulator has faults that RCAEval has not: the service is known all the same.
        Assert.Equal(mechanism is null ? 1 : 0, description.Truth.Defects.Count);
        foreach (var word in (string[])[cause.Service, "cpu", "delay", "exception", "network"])
        {
            Assert.DoesNotContain(word, description.Id, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain(word, description.Question, StringComparison.OrdinalIgnoreCase);
        }
    }

    [Fact]
    public void WriteSnapshot_Simulated_HoldsAllOfTheWindow()
    {
        var recording = shapes.Of(RecordingShape.RcaEval, SimulatedFault.ChaosNetworkDelay);
        var place = Path.GetDirectoryName(ShapeReading.First(recording.Directory, "data.csv"))!;
        var snapshot = _folder.Written(Assert.Single(Read(recording.Directory)));
        var signals = ImportedCases.Signals(snapshot);
        var injected = long.Parse(File.ReadAllText(Path.Combine(place, "inject_time.txt")), CultureInfo.InvariantCulture);
        var (from, to) = (injected - 600, injected + 600);

        var spans = ShapeReading.Csv(place, "traces.csv").Where(r => Within(r["startTime"], 1_000_000)).ToList();
        var logs = ShapeReading.Csv(place, "logs.csv").Where(r => Within(r["timestamp"], 1_000_000_000)).ToList();
        Assert.Equal(spans.Count, Coverage(EvidenceSource.Traces).Records);
        Assert.Equal(logs.Count, Coverage(EvidenceSource.Logs).Records);
        Assert.Equal(spans.Select(s => s["serviceName"]).Distinct().Order(StringComparer.Ordinal), signals.Services.Where(s => s.Source == EvidenceSource.Traces).Select(s => s.Service).Order(StringComparer.Ordinal));
        Assert.Equal(logs.Select(s => s["container_name"]).Distinct().Order(StringComparer.Ordinal), signals.Logs.Select(t => t.Service).Distinct().Order(StringComparer.Ordinal));
        Assert.InRange(signals.Window.From.ToUnixTimeSeconds(), from, from + 5);
        Assert.InRange(signals.Window.To.ToUnixTimeSeconds(), to - 5, to);

        // Rates over a minute, added up, are the requests again: as many as the spans that took them in, but for the window's edges.
        var metrics = ShapeReading.Csv(place, "data.csv").Where(r => Within(r["time"], 1)).ToList();
        foreach (var service in signals.Services.Where(s => s.Source == EvidenceSource.Metrics))
        {
            var sum = metrics.Skip(1).Sum(r => ShapeReading.Number(r[$"{service.Service}_workload"]));
            Assert.Equal(sum, service.Calls.Sum(), sum * 0.01 + 1);
        }
        var loaded = signals.Resources.MaxBy(r => r.CpuCores.Where(c => !double.IsNaN(c)).DefaultIfEmpty(0).Sum())!;
        Assert.Equal(metrics.Average(r => ShapeReading.Number(r[$"{loaded.Pod}_cpu"])) / 100, loaded.CpuCores.Where(c => !double.IsNaN(c)).Average(), 0.05 * loaded.CpuCores.Max());
        Assert.Equal(ShapeReading.Number(metrics[^1][$"{loaded.Pod}_mem"]), loaded.MemoryBytes.Last(m => !double.IsNaN(m)), 0.2 * loaded.MemoryBytes.Last(m => !double.IsNaN(m)));

        SourceCoverage Coverage(EvidenceSource source) => signals.Coverage.Single(c => c.Source == source);
        bool Within(string time, long perSecond) => long.Parse(time, CultureInfo.InvariantCulture) is var t && t >= from * perSecond && t < to * perSecond;
    }

    [Fact]
    public void WriteSnapshot_Simulated_SpansHaveTheRolesThatTheRecorderSaw()
    {
        // The same incident in both layouts: one says what each span did, of the other it is concluded.
        var fault = SimulatedFault.ChaosNetworkDelay;
        var kinds = shapes.Of(RecordingShape.ItBench, fault).Spans.GroupBy(s => s["SpanId"]).ToDictionary(g => g.Key, g => g.First()["SpanKind"]);
        var snapshot = _folder.Written(Assert.Single(Read(shapes.Of(RecordingShape.RcaEval, fault).Directory)));
        var imported = new SimulatedSnapshot(snapshot, shapes.Of(RecordingShape.RcaEval, fault).Incident).Spans;

        var pairs = imported.Where(s => kinds.ContainsKey(s["SpanId"])).Select(s => (Truth: Role(kinds[s["SpanId"]]), Concluded: s["SpanKind"])).ToList();
        Assert.True(pairs.Count > imported.Count / 2, $"{pairs.Count} of {imported.Count} spans have the same id in both layouts");
        var right = pairs.Count(p => p.Truth == p.Concluded) / (double)pairs.Count;
        TestReport.Line($"span roles concluded from parents: {right:P1} of {pairs.Count} right; " + string.Join(", ", pairs.Where(p => p.Truth != p.Concluded).GroupBy(p => p).Select(g => $"{g.Key.Truth} taken for {g.Key.Concluded} {g.Count()}")));
        // What took a request in is never missed; a call to what sends no spans looks like the service's own work, and at the window's edge like a request.
        Assert.DoesNotContain(pairs, p => p is { Truth: "Server", Concluded: not "Server" });
        Assert.InRange(pairs.Count(p => p is { Truth: not "Server", Concluded: "Server" }), 0, pairs.Count / 500);
        Assert.InRange(right, 0.75, 1);

        using var topology = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(snapshot, "topology.json")));
        var edges = topology.RootElement.GetProperty("edges").EnumerateArray().Select(e => (e.GetProperty("caller").GetString(), e.GetProperty("callee").GetString())).ToHashSet();
        Assert.Superset(ImportedCases.Signals(snapshot).Calls.Where(c => c.Calls.Sum() > c.Unanswered.Sum()).Select(c => ((string?)c.Caller, (string?)c.Callee)).ToHashSet(), edges);

        static string Role(string kind) => kind switch { "Consumer" => "Server", "Producer" => "Client", _ => kind };
    }

    // ---- the published layout

    [Fact]
    public void Read_Ids_FollowTheInjectionAndNothingElse()
    {
        Case("RE2-OB/cartservice_cpu/1", Injected + 500, columns: "cartservice_cpu,cartservice_error");
        Case("RE2-OB/adservice_mem/2", Injected, columns: "adservice_cpu,adservice_error");
        Case("RE2-OB/adservice_mem/1", Injected + 900, columns: "adservice_cpu,adservice_error");
        Case("RE1-SS/front-end_loss/1", Injected, "data.csv", "front-end_cpu,front-end_error");

        var cases = Read();

        Assert.Equal(["rcaeval-re1-ss-001", "rcaeval-re2-ob-001", "rcaeval-re2-ob-002", "rcaeval-re2-ob-003"], cases.Select(c => c.Description.Id));
        Assert.Equal(["Sock Shop", "Online Boutique", "Online Boutique", "Online Boutique"], cases.Select(c => c.Description.Application));
        Assert.Equal(["sock-shop-front-end-loss", "online-boutique-adservice-mem", "online-boutique-cartservice-cpu", "online-boutique-adservice-mem"], cases.Select(c => c.Description.Group));
        Assert.Equal(["re1-ss", "loss"], cases[0].Description.Tags);
        Assert.Equal("Something went wrong in Sock Shop between 17:32 and 17:52 UTC on 2024-01-15. Which service is the root cause?", cases[0].Description.Question);
        Assert.Equal(("rcaeval", "RCAEval RE2-OB/adservice_mem/2", "MIT"), (cases[1].Description.Provenance.Format, cases[1].Description.Provenance.Source, cases[1].Description.Provenance.Licence));
        // The same from the folder of one dataset.
        Assert.Equal(cases.Skip(1).Select(c => c.Description.Id), Read(_folder.Combine("RE2-OB")).Select(c => c.Description.Id));
    }

    [Theory]
    [InlineData("cpu", "cpu")]
    [InlineData("mem", "memory")]
    [InlineData("disk", "disk")]
    [InlineData("delay", "network")]
    [InlineData("loss", "network")]
    [InlineData("socket", null)]
    [InlineData("f1", "application-error")]
    [InlineData("f5", "application-error")]
    public void Read_Faults_AreMechanisms(string fault, string? mechanism)
    {
        Case($"RE/cart_{fault}/1");
        var truth = Assert.Single(Read()).Description.Truth;
        Assert.Equal(mechanism, Assert.Single(truth.Causes).Mechanism);
        Assert.Empty(truth.Defects);
    }

    [Fact]
    public void Read_WhatDoesNotForbidACase_IsADefect()
    {
        Case("RE/other_heat/1");
        var defects = Assert.Single(Read()).Description.Truth.Defects;
        Assert.Equal(2, defects.Count);
        Assert.Contains("heat is none of RCAEval's", defects[0]);
        Assert.Contains("No metric belongs to the true service, other", defects[1]);
    }

    [Fact]
    public void Read_TheAuthorsSampleBesideACase_IsLeftOutAndTold()
    {
        Case("RE2-OB/cart_cpu/1");
        Case("RE2-OB/cart_cpu/multi-source-data", metrics: "metrics.csv");
        Assert.Single(Read());
        Assert.Contains("1 folder was left out", Assert.Single(_notices));
        Assert.Contains("cart_cpu/multi-source-data", _notices[0]);
    }

    [Fact]
    public void WriteSnapshot_AliasesAndRawNames_MeetUnderOneName()
    {
        const string columns = "frontend_container-cpu-usage-seconds-total,frontend_container-memory-working-set-bytes,frontend_istio-request-total,frontend_istio-error-total,frontend_istio-latency-95,"
            + "frontend_container-sockets,redis_container-sockets";
        Case("RE2-OB/frontend_delay/1", metrics: "metrics.csv", columns: columns, values: s => s < 0 ? "50,1000,2,0.5,0.25,7,3" : "50,1000,nan,,inf,7,3");
        _folder.Write("RE2-OB/frontend_delay/1/logs.csv", $""""
            time,timestamp,container_name,message,level,req_path,error
            17:42,{Injected}000000001,frontend,request error,error,/cart,"rpc error: ""refused"""
            17:42,{Injected}000000002,redis-cart,Ready,nan,nan,nan
            18:42,{Injected + 3600}000000000,redis-cart,too late,,,
            17:42,soon,redis-cart,no time,,,

            """");
        _folder.Write("RE2-OB/frontend_delay/1/traces.csv", $"""
            time,traceID,spanID,serviceName,methodName,operationName,startTimeMillis,startTime,duration,statusCode,parentSpanID
            17:42,t1,a,frontendservice,,GET /,{Injected}000,{Injected}000000,9000,0.0,
            17:42,t1,b,frontendservice,Convert,,{Injected}001,{Injected}001000,8000,2.0,a
            17:42,t1,c,currencyservice,Convert,shop.Currency/Convert,{Injected}002,{Injected}002000,5000,nan,b
            17:42,t1,d,currencyservice,work,work,{Injected}003,{Injected}003000,-1,0,c

            """);

        var imported = Assert.Single(Read());
        var snapshot = _folder.Written(imported);

        Assert.Equal(["frontend", "frontendservice"], imported.Description.Truth.Causes[0].Names.Select(n => n.Filters[0].Trim('^', '$')));
        Assert.Equal(
            [
                "2024-01-15 17:42:00.000000000|a||GET /|Server|frontend|9000000|Unset", "2024-01-15 17:42:00.001000000|b|a|Convert|Client|frontend|8000000|Error",
                "2024-01-15 17:42:00.002000000|c|b|shop.Currency/Convert|Server|currencyservice|5000000|Unset",
            ],
            Table(snapshot, "otel_traces_raw.tsv", "Timestamp", "SpanId", "ParentSpanId", "SpanName", "SpanKind", "ServiceName", "Duration", "StatusCode"));
        Assert.Equal(
            ["2024-01-15 17:42:00.000000001|error|frontend|request error: rpc error: \"refused\"|{'http.target': '/cart'}", "2024-01-15 17:42:00.000000002||redis|Ready|{}"],
            Table(snapshot, "otel_logs_raw.tsv", "Timestamp", "SeverityText", "ServiceName", "Body", "LogAttributes"));
        Assert.Equal(2, _notices.Count);
        Assert.Contains("logs.csv: 1 row could not be used and was left out (first in line 5: ", _notices[0]);
        Assert.Contains("traces.csv: 1 row could not be used and was left out (first in line 5: ", _notices[1]);
        // 600 samples of a second, 1.5 and 0.5 requests each, then none.
        Assert.Equal("{'code': '200', 'service_name': 'frontend'}|898.5", Last("service_requests_total", "200"));
        Assert.Equal("{'code': '500', 'service_name': 'frontend'}|299.5", Last("service_requests_total", "500"));
        Assert.Equal("{'quantile': '0.95', 'service_name': 'frontend'}|0.25", Last("service_request_duration_seconds", "0.95"));
        Assert.Equal("{'metric': 'container-sockets', 'service_name': 'frontend'}|7", Last("container-sockets", ""));
        var cpu = Table(snapshot, "metrics/pod_frontend_raw.tsv", "metric_name", "value", "pod_name", "namespace", "tags").Last(r => r.StartsWith("container_cpu", StringComparison.Ordinal)).Split('|');
        Assert.Equal(["container_cpu_usage_seconds_total", "frontend", "online-boutique", "{'container': 'frontend', 'namespace': 'online-boutique', 'pod': 'frontend'}"], [cpu[0], cpu[2], cpu[3], cpu[4]]);
        Assert.Equal(0.5 * 1199, double.Parse(cpu[1], CultureInfo.InvariantCulture), 0.001);
        Assert.Equal("""{"edges":[{"caller":"frontend","callee":"currencyservice"}]}""", File.ReadAllText(Path.Combine(snapshot, "topology.json")));
        ImportedCases.Signals(snapshot);

        string Last(string metric, string tag) =>
            Table(snapshot, "metrics/service_frontend_raw.tsv", "metric_name", "tags", "value").Last(r => r.StartsWith(metric + "|", StringComparison.Ordinal) && r.Contains(tag))[(metric.Length + 1)..];
    }

    [Fact]
    public void WriteSnapshot_ManyServices_KeepsFewFilesOpenAndLosesNothing()
    {
        var services = Enumerable.Range(0, 300).Select(i => $"s{i}").ToList();
        _folder.Write("RE/s7_cpu/1/inject_time.txt", $"{Injected}");
        _folder.Write("RE/s7_cpu/1/data.csv", $"time,{string.Join(',', services.Select(s => s + "_cpu"))}\n" + string.Concat(Enumerable.Range(0, 3).Select(t => $"{Injected + t},{string.Join(',', services.Select(_ => "1"))}\n")));
        var snapshot = _folder.Written(Assert.Single(Read()));
        Assert.All(services, s => Assert.Equal(4, ImportedCases.Lines(snapshot, "metrics", $"pod_{s}_raw.tsv").Length));
    }

    // ---- what cannot be used

    [Fact]
    public void Read_AllFaults_AreToldAtOnce()
    {
        Case("RE2-OB/cart_cpu/1");
        Case("RE2-OB/nounderscore/1");
        Case("RE2-OB/cart_mem/1");
        File.Delete(_folder.Combine("RE2-OB/cart_mem/1/inject_time.txt"));
        Case("RE2-OB/cart_mem/2");
        _folder.Write("RE2-OB/cart_mem/2/inject_time.txt", "yesterday\n");
        _folder.Write("RE2-OB/cart_mem/3/inject_time.txt", $"{Injected}");
        Case("RE2-OB/cart_disk/1");
        _folder.Write("RE2-OB/cart_disk/1/simple_metrics.csv", "time,cart_cpu\n");
        Case("RE2-OB/cart_disk/2");
        _folder.Write("RE2-OB/cart_disk/2/simple_metrics.csv", "");
        Case("RE2-OB/cart_disk/3");
        _folder.Write("RE2-OB/cart_disk/3/simple_metrics.csv", "when,cart_cpu\n1,1\n");
        Case("RE2-OB/cart_loss/1");
        _folder.Write("RE2-OB/cart_loss/1/traces.csv", "traceID,spanID,startTime\n");
        _folder.Write("RE2-OB/cart_loss/1/logs.csv", "time,container_name\n");

        var fault = Assert.Throws<FileFaultException>(() => Read());

        string[] expected =
        [
            "cart_disk/1/simple_metrics.csv has a first line and no samples", "cart_disk/2/simple_metrics.csv is empty", "cart_disk/3/simple_metrics.csv:1: no column time",
            "cart_loss/1/logs.csv:1: no column timestamp, message", "cart_loss/1/traces.csv:1: no column parentSpanID, serviceName, duration", "cart_mem/1/inject_time.txt is missing",
            "cart_mem/2/inject_time.txt:1: \"yesterday\" is no time", "cart_mem/3: no metrics", "nounderscore: the name of the folder gives no SERVICE_FAULT",
        ];
        var told = fault.Faults.Order(StringComparer.Ordinal).ToList();
        Assert.Equal(expected.Length, told.Count);
        Assert.All(expected.Zip(told), pair => Assert.StartsWith(_folder.Combine("RE2-OB", pair.First), pair.Second));
    }

    [Fact]
    public void Read_NoCase_SaysWhatIsExpected()
    {
        Assert.Contains("holds no RCAEval case", Fault());
        Assert.Contains("is no folder", Fault(_folder.Combine("none")));
    }

    [Fact]
    public void WriteSnapshot_InjectionOutsideTheMetrics_IsAFault()
    {
        Case("RE/cart_cpu/1");
        _folder.Write("RE/cart_cpu/1/inject_time.txt", $"{Injected + 7200}");
        var imported = Assert.Single(Read());
        Assert.Contains("simple_metrics.csv: no sample within 10 minutes of the injection", Assert.Throws<FileFaultException>(() => _folder.Written(imported)).Message);
    }

    private static IEnumerable<string> Table(string snapshot, string file, params string[] columns) =>
        SimulatedSnapshot.Read(File.ReadAllText(Path.Combine(snapshot, file)), '\t').Select(r => string.Join('|', columns.Select(c => r[c])));
}
