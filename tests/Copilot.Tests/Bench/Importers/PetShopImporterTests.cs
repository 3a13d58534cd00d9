using Copilot.Bench.Importers;
using Copilot.Bench.Truths;
using Copilot.Engine.Yaml;
using Copilot.Simulator;
using Copilot.Tests.Simulator;
using Copilot.Tests.Support;
using Xunit;
using static Copilot.Tests.Bench.Importers.WrittenEvidence;

namespace Copilot.Tests.Bench.Importers;

public sealed class PetShopImporterTests(SimulatedShapes shapes) : IClassFixture<SimulatedShapes>, IDisposable
{
    private readonly PetShopSet _set = new();
    private readonly TempFolder _out = new();
    private readonly List<string> _notices = [];

    public void Dispose()
    {
        _set.Dispose();
        _out.Dispose();
    }

    private List<ImportedCase> Read() => [.. PetShopImporter.Read(_set.Root, _notices.Add)];

    private ImportedCase Issue(string part) => Read().Single(c => c.Description.Tags.Contains(part));

    [Fact]
    public void Read_Issue_BecomesACaseThatDoesNotTellIt()
    {
        var description = Issue("train").Description;
        Assert.Matches("^petshop-small-[0-9a-f]{8}$", description.Id);
        Assert.Equal("Was anything wrong with shop between 20:02 and 20:27 UTC on 2023-04-18? If so, what is the root cause?", description.Question);
        Assert.Equal(["small", "train", "latency"], description.Tags);
        Assert.Equal($"petshop-small-{PetShopSet.Stock}-latency", description.Group);
        Assert.Equal("PetShop small/train/issue_0", description.Provenance.Source);
        var cause = Assert.Single(description.Truth.Causes);
        Assert.Equal((null, "put-parameter /delay", EntityPattern.Exactly(PetShopSet.Stock).Filters[0]), (cause.Mechanism, cause.Condition, cause.Names.Single().Filters[0]));
        Assert.Equal(EntityPattern.Exactly("shop").Filters, description.Truth.Victims.Single().Filters);
    }

    [Fact]
    public void Read_NormalPeriod_GivesWindowsWithNothingWrong()
    {
        var windows = Read().Where(c => c.Description.Tags.Contains("normal")).ToList();
        Assert.Equal(12, windows.Count);
        Assert.All(windows, w => Assert.Empty(w.Description.Truth.Causes));
        Assert.All(windows, w => Assert.Matches("^Was anything wrong with shop between [0-9:]+ and [0-9:]+ UTC on 2023-10-01", w.Description.Question));
        Assert.Equal(14, Read().Select(c => c.Description.Id).Distinct().Count());
        Assert.Single(windows.Select(w => w.Description.Group).Distinct());
    }

    /// <summary>What says what is normal must not be what is judged.</summary>
    [Fact]
    public void Write_Window_IsNoPartOfItsReference()
    {
        foreach (var window in Read().Where(c => c.Description.Tags.Contains("normal")))
        {
            var directory = _out.Written(window);
            var own = Samples(directory, "service_requests_total").Select(s => s.Time).Distinct().ToList();
            var reference = Samples(Path.Combine(directory, "reference"), "service_requests_total").Select(s => s.Time).Distinct().ToList();
            Assert.Equal((6, 49), (own.Count, reference.Count));
            // The counters of the one may begin where those of the other end.
            Assert.True(string.CompareOrdinal(own.Max(), reference.Min()) <= 0, $"{own.Max()} and {reference.Min()}");
        }
    }

    [Fact]
    public void Write_Rows_BecomeCountersAndSummaries()
    {
        var directory = _out.Written(Issue("test"));
        var requests = Samples(directory, "service_requests_total").Where(s => s.Owner == PetShopSet.Stock).ToList();
        // A sample where the first row begins, and one at the end of each row.
        Assert.Equal(["21:02:00", "21:07:00", "21:12:00", "21:17:00", "21:22:00", "21:27:00"], requests.Select(s => s.Time[11..19]).Distinct());
        Assert.Equal([0, 200, 400, 520, 640, 760], requests.Where(s => s.Tags.Contains("'code': '200'")).Select(s => s.Value));
        Assert.Equal([0, 0, 0, 80, 160, 240], requests.Where(s => s.Tags.Contains("'code': '500'")).Select(s => s.Value));
        Assert.Equal([0, 200, 400, 600, 800, 1000], Samples(directory, "service_request_duration_seconds_count").Where(s => s.Owner == PetShopSet.Stock).Select(s => s.Value));
        Assert.Equal(20, Samples(directory, "service_request_duration_seconds_sum").Where(s => s.Owner == PetShopSet.Stock).ElementAt(1).Value, 6);
        var p95 = Samples(directory, "service_request_duration_seconds").Where(s => s.Owner == PetShopSet.Stock).ToList();
        Assert.Equal((5, "21:07:00", 0.2), (p95.Count, p95[0].Time[11..19], p95[0].Value));
        Assert.All(p95, s => Assert.Equal($"{{'quantile': '0.95', 'service_name': '{PetShopSet.Stock}'}}", s.Tags));
        // Blank is no sample: nobody called it.
        Assert.DoesNotContain(Samples(directory, "service_request_duration_seconds"), s => s.Owner == "idle");
        Assert.Equal([("shop", PetShopSet.Stock)], Edges(directory));
    }

    [Fact]
    public void Write_NormalPeriod_KeepsItsOwnTimes()
    {
        var times = Samples(Path.Combine(_out.Written(Issue("train")), "reference"), "service_requests_total").Select(s => s.Time).Distinct().ToList();
        Assert.Equal((49, "2023-10-01"), (times.Count, times[0][..10]));
    }

    [Fact]
    public void Write_MissingRow_GrowsNothingInBetween()
    {
        var lines = _set.Read("test/issue_0/metrics.csv").Split('\n').ToList();
        lines.RemoveAt(5);
        _set.File("test/issue_0/metrics.csv", string.Join('\n', lines));
        var requests = Samples(_out.Written(Issue("test")), "service_requests_total").Where(s => s.Owner == "shop" && s.Tags.Contains("'200'")).ToList();
        Assert.Equal([("21:02:00", 0), ("21:07:00", 200), ("21:12:00", 200), ("21:17:00", 360)], requests.Take(4).Select(s => (s.Time[11..19], s.Value)));
    }

    [Fact]
    public void Write_RequestsWithoutAvailability_AreOfNoCode()
    {
        _set.File("test/issue_0/metrics.csv", $"microservice,shop,shop\nmetric,requests,latency\nstatistic,Sum,tm99\nunix_timestamp,,\n{PetShopSet.Issue.ToUnixTimeSeconds()}.0,7.0,0.5\n");
        var directory = _out.Written(Issue("test"));
        Assert.Equal([0, 7], Samples(directory, "service_requests_total").Select(s => s.Value));
        Assert.All(Samples(directory, "service_requests_total"), s => Assert.Equal("{'service_name': 'shop'}", s.Tags));
        Assert.Equal(0.5, Assert.Single(Samples(directory, "latency tm99")).Value);
    }

    [Fact]
    public void Write_Evidence_HoldsNoTruthAndIsReadByTheCopilotAsItIs()
    {
        var directory = _out.Written(Issue("train"));
        foreach (var file in Directory.GetFiles(directory, "*", SearchOption.AllDirectories))
            foreach (var word in new[] { "root_cause", "issue", "put-parameter" }) Assert.DoesNotContain(word, File.ReadAllText(file));
        var signals = ImportedCases.Signals(directory);
        Assert.Equal((TimeSpan.FromMinutes(5), 55, 49), (signals.Grid.Step, signals.Grid.Count, signals.Grid.Reference));
        Assert.Equal(PetShopSet.Issue.AddMinutes(-2), signals.Grid.TimeOf(signals.Grid.Reference));
        var stock = signals.Services.Single(s => s.Service == PetShopSet.Stock);
        Assert.Equal([0, .. Enumerable.Repeat(200.0, 48), 0, .. Enumerable.Repeat(200.0, 5)], stock.Calls);
        Assert.Equal((200, 1800), (stock.LatencyMs[1..49].Average(), stock.LatencyMs[^1]), (a, b) => Math.Abs(a.Item1 - b.Item1) < 20 && Math.Abs(a.Item2 - b.Item2) < 200);
        Assert.Equal(new(PetShopSet.Issue, PetShopSet.Issue.AddMinutes(25)), signals.Window);
        Assert.Equal([("shop", PetShopSet.Stock)], signals.Topology.Select(e => (e.Caller, e.Callee)));
    }

    [Theory]
    [InlineData("train")]
    [InlineData("test")]
    public void Investigate_Issue_RanksTheNodeThatIsToBlameFirst(string part)
    {
        var analysis = Investigating.Run(_out.Written(Issue(part))).Analysis;
        Assert.Equal(PetShopSet.Stock, analysis.Ranked[0].Finding.Entity.Name);
        Assert.InRange(analysis.Onset!.At, PetShopSet.Issue, PetShopSet.Issue.AddHours(2));
    }

    [Fact]
    public void Investigate_NormalWindow_NamesNothing() =>
        Assert.All(Read().Where(c => c.Description.Tags.Contains("normal")), c => Assert.Empty(Investigating.Run(_out.Written(c)).Analysis.Symptoms));

    [Fact]
    public void Read_WithoutNormalPeriodAndGraph_StillGivesIssues()
    {
        using var bare = new PetShopSet(normalRows: 0);
        bare.Remove("graph.csv");
        var read = PetShopImporter.Read(bare.Scenario).ToList();
        Assert.Equal(2, read.Count);
        Assert.All(read, c => Assert.Equal(["no-normal", "no-topology"], c.Description.Tags.Skip(3)));
        Assert.Equal(["metrics"], Directory.GetFileSystemEntries(_out.Written(read[0])).Select(Path.GetFileName));
    }

    [Fact]
    public void Read_IssueWithoutMetrics_IsLeftOutAndTold()
    {
        _set.Remove("train/issue_0/metrics.csv");
        Assert.DoesNotContain(Read(), c => c.Description.Tags.Contains("train"));
        Assert.Equal($"{_set.Root}: 1 issue was left out for want of metrics.csv: dataset/small/train/issue_0.", Assert.Single(_notices));
    }

    [Fact]
    public void Read_NoScenario_SaysWhatToGive() => Assert.Equal(
        $"{_out.FullName} holds no scenario of PetShop: no SCENARIO/{{train,test}}/issue_N/target.json and no SCENARIO/noissue/metrics.csv. Give the folder dataset, or one of its scenarios, such as low_traffic.",
        Assert.Throws<FileFaultException>(() => PetShopImporter.Read(_out.FullName)).Message);

    [Fact]
    public void Read_BadLabels_AreAllToldAtOnce()
    {
        var broken = _set.File("train/issue_0/target.json", "{\n\"target\": ");
        var empty = _set.File("test/issue_0/target.json", "{\"target\": {\"node\": \"shop\", \"metric\": \"latency\"}}");
        Assert.Equal(
            [$"{empty}: no root_cause. Write it as {{\"root_cause\": {{\"node\": \"NAME\", \"metric\": null}}}}, or take the folder away.", $"{broken}:2: broken JSON. Take the file from the data set again, or take the folder away."],
            Assert.Throws<FileFaultException>(Read).Faults);
    }

    [Theory]
    [InlineData("", 1, "does not name the nodes, as \"microservice,NODE,…\"")]
    [InlineData("microservice,shop\nstatistic,Sum\n", 2, "does not name the metrics, as \"metric,…\"")]
    [InlineData("microservice,shop\nmetric,requests\n", 3, "does not name the statistics, as \"statistic,…\"")]
    public void Read_HeadRowsMissing_SaysWhichAndHowToMend(string content, int line, string words)
    {
        var file = _set.File("train/issue_0/metrics.csv", content);
        Assert.Equal($"{file}:{line}: the row {words}. Take the file from the data set again, or take it away.", Assert.Throws<FileFaultException>(Read).Message);
    }

    [Fact]
    public void Write_UnusableRows_AreCountedAndSaidOnce()
    {
        var file = _set.File("test/issue_0/metrics.csv", _set.Read("test/issue_0/metrics.csv") + "soon,1\n1681851720.0,0.1,cut");
        var imported = Issue("test");
        Assert.Empty(_notices);
        Assert.Equal(5, Samples(_out.Written(imported), "service_request_duration_seconds").Count(s => s.Owner == "shop"));
        Assert.Equal($"{file}: 2 rows could not be used and were left out (first in line 10: \"soon\" is no time).", Assert.Single(_notices));
    }

    [Theory]
    [InlineData(SimulatedFault.CodeException)]
    [InlineData(SimulatedFault.ClusterDns)]
    public void Read_SimulatedSet_ReadsBack(SimulatedFault fault)
    {
        var recording = shapes.Of(RecordingShape.PetShop, fault);
        var imported = Assert.Single(PetShopImporter.Read(recording.Directory, _notices.Add));
        Assert.Equal(EntityPattern.Exactly(recording.Incident.Causes[0].Service).Filters[0], imported.Description.Truth.Causes.Single().Names.Single().Filters[0]);
        Assert.Equal(PetShopFiles.Target(recording.Directory).GetProperty("target").GetProperty("metric").GetString(), imported.Description.Tags[2]);
        var directory = _out.Written(imported);
        Assert.Empty(_notices);

        foreach (var (metrics, folder) in new[] { ("test/issue_0", directory), ("noissue", Path.Combine(directory, "reference")) })
        {
            var source = new PetShopMetrics(Path.Combine(recording.Directory, metrics, "metrics.csv"));
            foreach (var node in source.Rows[0][1..].Distinct())
            {
                var total = Samples(folder, "service_requests_total").Where(s => s.Owner == node).GroupBy(s => s.Tags).Sum(s => s.Last().Value);
                Assert.Equal(source.Times.Sum(t => source.At(t, node, "requests", "Sum")), total, 6);
                var p95 = Samples(folder, "service_request_duration_seconds").Where(s => s.Owner == node && s.Tags.Contains("'0.95'")).Select(s => s.Value);
                Assert.Equal(source.Times.Select(t => source.At(t, node, "latency", "p95")).Where(v => !double.IsNaN(v)), p95);
            }
        }
        var graph = ShapeReading.Csv(recording.Directory, "graph.csv");
        Assert.Equal(
            graph.SelectMany(r => r.Where(c => c.Key.Length > 0 && c.Value == "1.0").Select(c => (r[""], c.Key))).Order(),
            Edges(directory).Order());
        Assert.Equal(new PetShopMetrics(Path.Combine(recording.Directory, "test/issue_0/metrics.csv")).Rows[0][1..].Distinct().Order(StringComparer.Ordinal),
            ImportedCases.Signals(directory).Services.Select(s => s.Service).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Read_PublicSet_HasItsIssues()
    {
        var read = PetShopImporter.Read(shapes.Public("petshop", "low_traffic.tar.zst"), _notices.Add).ToList();
        Assert.Equal((8, 18, 12), (Count("train"), Count("test"), Count("normal")));
        Assert.Equal((14, 12), (Count("latency"), Count("availability")));
        Assert.Equal(38, read.Select(c => c.Description.Id).Distinct().Count());
        Assert.All(read, c => Assert.Contains("with PetSite between", c.Description.Question));
        var step = read.Count / TestCounts.Pick(reduced: 4, full: read.Count);
        foreach (var imported in read.Where((_, i) => i % step == 0))
        {
            var directory = _out.Written(imported);
            var signals = ImportedCases.Signals(directory);
            Assert.Equal((TimeSpan.FromMinutes(5), 55, 49), (signals.Grid.Step, signals.Grid.Count, signals.Grid.Reference));
            Assert.InRange(signals.Services.Count, 40, 44);
            Assert.InRange(signals.Topology.Count, 44, 47);
            Directory.Delete(directory, recursive: true);
        }
        Assert.Empty(_notices);

        int Count(string tag) => read.Count(c => c.Description.Tags.Contains(tag));
    }
}
