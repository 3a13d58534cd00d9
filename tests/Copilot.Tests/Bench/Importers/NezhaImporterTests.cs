using Copilot.Bench.Importers;
using Copilot.Bench.Truths;
using Copilot.Core.Evidence;
using Copilot.Engine.Yaml;
using Copilot.Simulator;
using Copilot.Tests.Simulator;
using Copilot.Tests.Support;
using Xunit;
using static Copilot.Tests.Bench.Importers.WrittenEvidence;

namespace Copilot.Tests.Bench.Importers;

public sealed class NezhaImporterTests(SimulatedShapes shapes) : IClassFixture<SimulatedShapes>, IDisposable
{
    private readonly NezhaSet _set = new();
    private readonly TempFolder _out = new();
    private readonly List<string> _notices = [];

    public void Dispose()
    {
        _set.Dispose();
        _out.Dispose();
    }

    private List<ImportedCase> Read() => [.. NezhaImporter.Read(_set.Root, _notices.Add)];

    private string Written() => _out.Written(Assert.Single(Read()));

    [Fact]
    public void Read_Label_BecomesACaseThatDoesNotTellIt()
    {
        var description = Assert.Single(Read()).Description;
        Assert.Equal(("nezha-2024-05-06-1020", NezhaSet.Day), (description.Id, description.Application));
        Assert.Equal("Something is wrong with the application at 10:22 UTC on 2024-05-06. What is the root cause?", description.Question);
        Assert.Equal("nezha-stock-network-delay", description.Group);
        Assert.Equal([NezhaSet.Day, "network-delay", "complete"], description.Tags);
        var cause = Assert.Single(description.Truth.Causes);
        Assert.Equal(("network", "network_delay (NetworkP90(ms))"), (cause.Mechanism, cause.Condition));
        Assert.Equal([EntityPattern.Exactly("stock"), EntityPattern.Exactly(NezhaSet.Back)], cause.Names, Same);
        Assert.Empty(description.Truth.Defects);

        static bool Same(EntityPattern a, EntityPattern b) => (a.Kind, a.Namespace) == (b.Kind, b.Namespace) && a.Filters.SequenceEqual(b.Filters);
    }

    [Fact]
    public void Write_Evidence_HoldsNoTruth()
    {
        var directory = Written();
        foreach (var file in Directory.GetFiles(directory, "*", SearchOption.AllDirectories))
            foreach (var word in new[] { "inject", "network_delay", "NetworkP90" }) Assert.DoesNotContain(word, File.ReadAllText(file), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void Write_Spans_AreThoseOfThreeMinutesOnce()
    {
        var spans = Rows(Written(), "otel_traces_raw.tsv");
        Assert.Equal(["10:19:00", "10:20:00", "10:21:00", "10:22:00"], spans.Select(s => s["Timestamp"][11..19]).Distinct().Order(StringComparer.Ordinal));
        Assert.Equal(4 * 4, spans.Count);
        var trace = spans.Where(s => s["TraceId"] == spans[0]["TraceId"]).ToDictionary(s => s["SpanId"]);
        Assert.Equal(("Server", "Client", "Server", "Internal"), (trace["a1"]["SpanKind"], trace["a2"]["SpanKind"], trace["b1"]["SpanKind"], trace["b2"]["SpanKind"]));
        Assert.Equal(("", "a1", "web-front", "stock"), (trace["a1"]["ParentSpanId"], trace["a2"]["ParentSpanId"], trace["a1"]["ServiceName"], trace["b1"]["ServiceName"]));
        Assert.Equal("{'service.name': 'stock', 'k8s.pod.name': 'stock-6d4b8c7f5-zz9wq'}", trace["b1"]["ResourceAttributes"]);
        Assert.Equal("50000000", trace["a1"]["Duration"]);
        Assert.EndsWith("00.000000007", trace["a1"]["Timestamp"]);
        Assert.All(spans, s => Assert.Equal("Unset", s["StatusCode"]));
    }

    [Fact]
    public void Write_Logs_AreUnwrapped()
    {
        var logs = Rows(Written(), "otel_logs_raw.tsv");
        Assert.Equal(4 * 2, logs.Count);
        var plain = logs.First(l => l["ServiceName"] == "stock");
        Assert.Equal(("ERROR", "18:20:31.5 ERROR s.StockService#7 TraceID: t [no stock]", "b1"), (plain["SeverityText"], plain["Body"], plain["SpanId"]));
        var structured = logs.First(l => l["ServiceName"] == "web-front");
        Assert.Equal(("warning", "sold, \"two\"\nlines"), (structured["SeverityText"], structured["Body"]));
        Assert.Equal("{'http.req.path': '/buy', 'timestamp': 'x'}", structured["LogAttributes"]);
        Assert.Contains("'k8s.node.name': '33.33.33.1'", plain["ResourceAttributes"]);
    }

    /// <summary>The public set has such lines: the count of nanoseconds is that of the year 1.</summary>
    [Fact]
    public void Write_LineWithoutACount_IsDatedByItsText()
    {
        File.AppendAllText(Path.Combine(_set.Root, "rca_data", NezhaSet.Day, "log", "10_21_log.csv"), $"2024-05-06T10:21:05.295,-6795364578871345152,n,{NezhaSet.Back},server,t,s,thrown\n");
        Assert.Equal("2024-05-06 10:21:05.295000000", Rows(Written(), "otel_logs_raw.tsv").Single(l => l["Body"] == "thrown")["Timestamp"]);
        Assert.Empty(_notices);
    }

    [Fact]
    public void Write_NormalMinute_LiesApart()
    {
        var directory = Written();
        var spans = Rows(directory, "reference", "otel_traces_raw.tsv");
        Assert.Equal(["07:14:30", "07:15:30"], spans.Select(s => s["Timestamp"][11..19]).Distinct().Order(StringComparer.Ordinal));
        Assert.Equal(2 * 2, Rows(directory, "reference", "otel_logs_raw.tsv").Count);
    }

    /// <summary>The set's normal minute may be one of the case's own.</summary>
    [Fact]
    public void Write_NormalMinuteOfTheCase_IsWrittenOnce()
    {
        _set.Remove("construct_data", NezhaSet.Day);
        foreach (var kind in new[] { "log", "trace" }) _set.File("construct_data", NezhaSet.Day, kind, $"10_20_{kind}.csv", _set.Read("rca_data", NezhaSet.Day, kind, $"10_20_{kind}.csv"));
        Assert.Contains("no-normal", Assert.Single(Read()).Description.Tags);
        Assert.False(Directory.Exists(Path.Combine(Written(), "reference")));
    }

    [Fact]
    public void Write_Metrics_AreInPrometheusForm()
    {
        var directory = Written();
        var cpu = Samples(directory, "container_cpu_usage_seconds_total").Where(s => s.Owner == NezhaSet.Back).ToList();
        // Ten minutes before the minute of the injection to three after it, by the times in words: the time stamps of this pod are four hours off.
        Assert.Equal(("2024-05-06 10:10:19.043078357", "2024-05-06 10:22:19.043078357", 13), (cpu[0].Time, cpu[^1].Time, cpu.Count));
        Assert.Equal((0, 0.05 * 60 * 12), (cpu[0].Value, cpu[^1].Value), Close);
        Assert.Equal("{'container': 'stock', 'pod': 'stock-6d4b8c7f5-zz9wq'}", cpu[0].Tags);
        Assert.All(Samples(directory, "container_memory_working_set_bytes"), s => Assert.Equal(100 << 20, s.Value));
        var requests = Samples(directory, "service_requests_total").Where(s => s.Owner == "stock").ToList();
        Assert.Equal((0, 2.5 * 60 * 12), (requests[0].Value, requests[^1].Value), Close);
        Assert.DoesNotContain("code", requests[0].Tags);
        var slow = Samples(directory, "service_request_duration_seconds").Where(s => s.Owner == "stock" && s.Tags.Contains("'0.95'")).ToList();
        Assert.Equal([0.3, 0.9], slow.Select(s => s.Value).Distinct());
        Assert.Contains(Samples(directory, "service_request_duration_seconds"), s => s.Tags.Contains("'quantile': '0.9'"));

        static bool Close((double, double) a, (double, double) b) => Math.Abs(a.Item1 - b.Item1) + Math.Abs(a.Item2 - b.Item2) < 1e-6;
    }

    [Fact]
    public void Write_OtherMetrics_KeepTheirNames()
    {
        var directory = Written();
        Assert.Equal(2 * 13, Samples(directory, "NetworkReceiveBytes").Count);
        Assert.Empty(Samples(directory, "PodSuccessRate(%)"));
        Assert.Empty(Samples(directory, "front SuccessRate(%)"));
        Assert.Equal(("front", 13), (Samples(directory, "front LatencyP95(s)")[0].Owner, Samples(directory, "front LatencyP95(s)").Count));
        var calls = Samples(directory, "traces_service_graph_request_client_seconds");
        Assert.Equal(("{'client': 'web-front', 'quantile': '0.5', 'server': 'stock'}", 0.25), (calls[0].Tags, calls[0].Value));
        Assert.Empty(Samples(directory, "traces_service_graph_request_server_seconds")); // no file about the callee's end
        Assert.Empty(Samples(directory, "PodClientLatencyP90(s)")); // no value but NaN
        Assert.Equal([("web-front", "stock")], Edges(directory));
    }

    [Fact]
    public void Write_Evidence_IsReadByTheCopilotAsItIs()
    {
        var signals = ImportedCases.Signals(Written());
        Assert.Equal(["stock", "web-front"], signals.Services.Where(s => s.Source == EvidenceSource.Traces).Select(s => s.Service));
        Assert.Equal(["stock", "web-front"], signals.Services.Where(s => s.Source == EvidenceSource.Metrics).Select(s => s.Service));
        Assert.Equal(("web-front", "stock"), (Assert.Single(signals.Calls).Caller, signals.Calls[0].Callee));
        Assert.Equal([NezhaSet.Back, NezhaSet.Front], signals.Resources.Select(r => r.Pod));
        Assert.Equal(2, signals.Logs.Count(l => l.Pod is not null));
    }

    [Fact]
    public void Read_TwoFaultsInOneMinute_HaveIdsOfTheirOwn()
    {
        _set.Faults(("2024-05-06 10:20:30", NezhaSet.Back, "return"), ("2024-05-06 10:20:45", NezhaSet.Back, "return"));
        Assert.Equal(["nezha-2024-05-06-1020", "nezha-2024-05-06-1020-2"], Read().Select(c => c.Description.Id));
        Assert.Single(Read().Select(c => c.Description.Group).Distinct());
    }

    [Fact]
    public void Read_UnknownType_IsKeptAndADefect()
    {
        _set.Faults(("2024-05-06 10:20:30", NezhaSet.Back, "disk_full"));
        var truth = Assert.Single(Read()).Description.Truth;
        Assert.Equal((null, "disk_full"), (truth.Causes[0].Mechanism, truth.Causes[0].Condition));
        Assert.StartsWith("inject_type disk_full is none that the set documents", Assert.Single(truth.Defects));
    }

    [Fact]
    public void Read_MissingFiles_AreTags()
    {
        _set.Remove("rca_data", NezhaSet.Day, "log");
        _set.Remove("rca_data", NezhaSet.Day, "trace", "10_22_trace.csv");
        _set.Remove("rca_data", NezhaSet.Day, "metric");
        _set.Remove("construct_data");
        var imported = Assert.Single(Read());
        Assert.Equal([NezhaSet.Day, "network-delay", "no-logs", "partial-traces", "no-metrics", "no-normal"], imported.Description.Tags);
        Assert.Equal("network_delay", imported.Description.Truth.Causes[0].Condition);
        var directory = _out.Written(imported);
        Assert.Equal(["otel_traces_raw.tsv"], Directory.GetFileSystemEntries(directory).Select(Path.GetFileName));
    }

    [Fact]
    public void Read_FolderRcaData_IsTheSetAsWell() => Assert.Single(NezhaImporter.Read(Path.Combine(_set.Root, "rca_data")));

    [Fact]
    public void Read_NoLabels_SaysWhatToGive()
    {
        File.Delete(_set.Labels);
        Assert.Equal(
            $"{_set.Root} holds no labels of Nezha: no rca_data/DAY/DAY-fault_list.json. Give the folder that an archive of the set unpacks to, with the list of faults in it.",
            Assert.Throws<FileFaultException>(Read).Message);
    }

    [Fact]
    public void Read_DayWithoutLabels_IsLeftOutAndTold()
    {
        _set.File("rca_data", "2024-05-07", "trace", "10_00_trace.csv", "");
        Assert.Single(Read());
        Assert.Equal($"{Path.Combine(_set.Root, "rca_data")}: 1 day was left out for want of a list of faults: 2024-05-07.", Assert.Single(_notices));
    }

    [Fact]
    public void Read_FaultWithoutEvidence_IsLeftOutAndTold()
    {
        foreach (var kind in new[] { "log", "trace", "metric" }) _set.Remove("rca_data", NezhaSet.Day, kind);
        Assert.Empty(Read());
        Assert.Equal($"{_set.Root}: 1 fault was left out of whose time nothing is there: 2024-05-06 10:20.", Assert.Single(_notices));
    }

    [Theory]
    [InlineData("{\n\"10\": [\n", ":3: broken JSON.")]
    [InlineData("[]", ": no object with a list of faults for each hour.")]
    [InlineData("{\"10\": 3}", ": hour 10 has no list of faults.")]
    [InlineData("{\"10\": [{\"inject_pod\": \"a-b-c\", \"inject_type\": \"return\", \"inject_time\": \"yesterday\"}]}", ": fault 1 of hour 10 has no inject_time.")]
    public void Read_BadLabels_SayWhereAndHow(string labels, string words)
    {
        _set.File("rca_data", NezhaSet.Day, $"{NezhaSet.Day}-fault_list.json", labels);
        Assert.StartsWith(_set.Labels + words, Assert.Throws<FileFaultException>(Read).Message);
    }

    [Fact]
    public void Write_UnusableRows_AreCountedAndSaidOnce()
    {
        var file = Path.Combine(_set.Root, "rca_data", NezhaSet.Day, "trace", "10_20_trace.csv");
        File.AppendAllText(file, "x,y,root,pod,op,soon,later,1\nx,y,root,pod\ncut,of");
        Assert.Equal(16, Rows(Written(), "otel_traces_raw.tsv").Count);
        Assert.Equal(
            $"{file}: 3 rows could not be used and were left out (first in line 10: a start or a duration that is none).",
            Assert.Single(_notices));
    }

    [Theory]
    [InlineData("trace", "10_21_trace.csv", "TraceID,SpanID\n", "ParentID, PodName, OperationName, StartTimeUnixNano, EndTimeUnixNano or Duration")]
    [InlineData("log", "10_21_log.csv", "", "Timestamp or TimeUnixNano, PodName, Log")]
    [InlineData("metric", NezhaSet.Back + "_metric.csv", "When,CpuUsage(m)\n", "Time or time or TimeStamp or timestamp")]
    public void Write_FileWithoutItsColumns_SaysWhichAndHowToMend(string kind, string name, string content, string words)
    {
        var file = _set.File("rca_data", NezhaSet.Day, kind, name, content);
        Assert.Equal($"{file}:1: no column {words}. Take the file from the data set's archive again, or take it away: a case does without it.", Assert.Throws<FileFaultException>(Written).Message);
    }

    [Theory]
    [InlineData(SimulatedFault.ChaosNetworkDelay, "network")]
    [InlineData(SimulatedFault.CodeException, "application-error")]
    [InlineData(SimulatedFault.ChaosCpuStress, "cpu")]
    public void Read_SimulatedSet_ReadsBack(SimulatedFault fault, string mechanism)
    {
        var recording = shapes.Of(RecordingShape.Nezha, fault);
        var imported = Assert.Single(NezhaImporter.Read(recording.Directory, _notices.Add));
        var cause = Assert.Single(imported.Description.Truth.Causes);
        Assert.Equal((mechanism, recording.Incident.Causes[0].Service), (cause.Mechanism, cause.Names[0].Filters[0].Replace("\\", "", StringComparison.Ordinal).Trim('^', '$')));
        Assert.Contains("complete", imported.Description.Tags);
        var directory = _out.Written(imported);
        Assert.Empty(_notices);

        var day = Path.Combine(recording.Directory, "rca_data", imported.Description.Tags[0]);
        var minutes = Enumerable.Range(0, 3).Select(m => $"{recording.Incident.Causes[0].At.AddMinutes(m):HH'_'mm}").ToList();
        var spans = minutes.SelectMany(m => ShapeReading.Csv(day, "trace", m + "_trace.csv")).ToList();
        var written = Rows(directory, "otel_traces_raw.tsv");
        Assert.Equal(spans.Select(s => (s["SpanID"], s["PodName"])).Order(), written.Select(s => (s["SpanId"], s["ResourceAttributes"].Split('\'')[^2])).Order());
        Assert.Equal(minutes.Sum(m => ShapeReading.Csv(day, "log", m + "_log.csv").Count), Rows(directory, "otel_logs_raw.tsv").Count);

        var signals = ImportedCases.Signals(directory);
        Assert.Equal(spans.Select(s => NezhaFiles.ServiceOf(s["PodName"])).Distinct().Order(StringComparer.Ordinal),
            signals.Services.Where(s => s.Source == EvidenceSource.Traces).Select(s => s.Service).Order(StringComparer.Ordinal));
        Assert.Equal(NezhaFiles.PodFiles(recording.Directory).Order(StringComparer.Ordinal), signals.Resources.Select(r => r.Pod).Order(StringComparer.Ordinal));
        Assert.NotEmpty(signals.Calls);
    }

    /// <summary>Over midnight the minutes of one case lie in the folders of two days.</summary>
    [Fact]
    public void Read_SimulatedSetOverMidnight_FindsAllMinutes()
    {
        var options = SimulatedShapes.Options(RecordingShape.Nezha, SimulatedFault.CodeException) with
        {
            Start = new DateTimeOffset(2025, 3, 11, 23, 52, 30, TimeSpan.Zero),
            FaultAfter = TimeSpan.FromMinutes(7),
            Duration = TimeSpan.FromMinutes(14),
        };
        var imported = Assert.Single(NezhaImporter.Read(shapes.Write(options).Directory));
        Assert.DoesNotContain("partial-traces", imported.Description.Tags);
        var spans = Rows(_out.Written(imported), "otel_traces_raw.tsv");
        Assert.Equal(["2025-03-11", "2025-03-12"], spans.Select(s => s["Timestamp"][..10]).Distinct().Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Read_PublicSets_HaveTheCasesOfTheTable()
    {
        var table = TestData.Find("nezha", "cases.csv");
        Assert.SkipWhen(table is null, "nezha/cases.csv is not beside the repository");
        var expected = ShapeReading.Csv(table!).GroupBy(c => c["day"]).ToDictionary(g => g.Key, g => g.ToList());
        foreach (var (archive, day, cases, complete) in new[] { ("trainticket-2023-01-29.tar.zst", "2023-01-29", 28, 28), ("onlineboutique-2022-08-22.tar.zst", "2022-08-22", 24, 0) })
        {
            var directory = shapes.Public("nezha", archive);
            foreach (var inner in Directory.GetFiles(Path.GetDirectoryName(table)!, "root_cause_*.json")) File.Copy(inner, Path.Combine(directory, Path.GetFileName(inner)), overwrite: true);
            var read = NezhaImporter.Read(directory, _notices.Add).ToList();
            Assert.Equal((cases, complete), (read.Count, read.Count(c => c.Description.Tags.Contains("complete"))));
            Assert.All(read, c => Assert.Equal(archive[..5] == "train" ? "train-ticket" : "online-boutique", c.Description.Application));
            foreach (var (imported, row) in read.Zip(expected[day].OrderBy(c => c["inject_time_utc"], StringComparer.Ordinal)))
            {
                var (description, cause) = (imported.Description, imported.Description.Truth.Causes[0]);
                Assert.Equal($"nezha-{day}-{row["inject_time_utc"][11..16].Replace(":", "", StringComparison.Ordinal)}", description.Id);
                Assert.Equal($"{row["fault_type"]} ({row["inner_label"]})", cause.Condition);
                Assert.Equal([EntityPattern.Exactly(row["service"]).Filters[0], EntityPattern.Exactly(row["pod"]).Filters[0]], cause.Names.Select(n => n.Filters[0]));
                Assert.Equal(Missing("logs", row["log_present(m0m1m2)"]), description.Tags.Where(t => t.EndsWith("-logs", StringComparison.Ordinal)));
                Assert.Equal(Missing("traces", row["trace_present(m0m1m2)"]), description.Tags.Where(t => t.EndsWith("-traces", StringComparison.Ordinal)));
                Assert.NotNull(cause.Mechanism);
            }
            Assert.Equal(cases, read.Select(c => c.Description.Id).Distinct().Count());
            var step = cases / TestCounts.Pick(reduced: 2, full: cases);
            foreach (var imported in read.Where((_, i) => i % step == 0))
            {
                var written = _out.Written(imported);
                var signals = ImportedCases.Signals(written);
                Assert.True(signals.Resources.Count >= 10, $"{imported.Description.Id}: {signals.Resources.Count} pods with metrics");
                Assert.Equal(!imported.Description.Tags.Contains("no-traces"), signals.Calls.Count > 0 && signals.Coverage.Single(c => c.Source == EvidenceSource.Traces).Records > 1000);
                Directory.Delete(written, recursive: true);
            }
        }
        Assert.Empty(_notices);

        static string[] Missing(string what, string present) => present.Count('1') switch { 0 => [$"no-{what}"], < 3 => [$"partial-{what}"], _ => [] };
    }
}
