using Copilot.Core.Analysis;
using Copilot.Core.Evidence;
using Copilot.Engine.Snapshots;
using Copilot.Tests.Support;
using Xunit;

namespace Copilot.Tests.Signals;

/// <summary>A recording of normal behaviour from another time, in the folder <c>reference/</c>.</summary>
public sealed class ReferenceRecordingTests : IDisposable
{
    // Recorded after the incident, as it may be.
    private static readonly DateTimeOffset Normal = SignalTables.Start.AddMonths(4);

    private readonly SignalTables _tables = new();

    public void Dispose() => _tables.Dispose();

    private static IEnumerable<(string, DateTimeOffset, double, string, string)> Requests(DateTimeOffset from, double perSample) =>
        Enumerable.Range(0, 21).Select(i => ("service_requests_total", from.AddSeconds(30 * i), perSample * i, "shop", "{'code': '200'}"));

    [Fact]
    public void Read_Samples_ComeBeforeTheIncidentOnTheGrid()
    {
        var signals = _tables.Samples("metrics/shop_raw.tsv", Requests(SignalTables.Start, 5)).Samples("reference/metrics/shop_raw.tsv", Requests(Normal, 100)).Read();
        var shop = Assert.Single(signals.Services);
        // Nothing grew from the one recording to the other.
        Assert.Equal([0, .. Enumerable.Repeat(100.0, 20), 0, .. Enumerable.Repeat(5.0, 20)], shop.Calls);
        Assert.Equal((21, SignalTables.Start), (signals.Grid.Reference, signals.Grid.TimeOf(21)));
        Assert.Equal((Normal, "reference/metrics/shop_raw.tsv#1"), (shop.SlowExamples[0].At, shop.SlowExamples[0].Address.ToString()));
        Assert.Equal((SignalTables.Start, "metrics/shop_raw.tsv#1"), (shop.SlowExamples[21].At, shop.SlowExamples[21].Address.ToString()));
    }

    [Fact]
    public void Read_Spans_ComeBeforeTheIncidentAndKeepTheirTimes()
    {
        var signals = _tables.Spans("", "shop", SignalTables.Start, Enumerable.Repeat(300.0, 180)).Spans("reference/", "shop", Normal, Enumerable.Repeat(20.0, 180)).Read();
        var shop = Assert.Single(signals.Services);
        Assert.Equal((18, 36), (signals.Grid.Reference, signals.Grid.Count));
        Assert.Equal([.. Enumerable.Repeat(20.0, 18), .. Enumerable.Repeat(300.0, 18)], shop.LatencyMs);
        Assert.Equal((Normal, "reference/otel_traces_raw.tsv#1"), (shop.SlowExamples[0].At, shop.SlowExamples[0].Address.ToString()));
        Assert.Equal(SignalTables.Start, shop.SlowExamples[18].At);
    }

    [Fact]
    public void Read_Logs_CountAndAreNoSamplesOfTheIncident()
    {
        var lines = Enumerable.Range(0, 180).Select(i => i);
        var signals = _tables.Logs("", lines.Select(i => (SignalTables.Start.AddSeconds(i), "shop", "cannot reach the bank"))).Logs("reference/", lines.Select(i => (Normal.AddSeconds(i), "shop", "all is well"))).Read();
        var (bad, good) = (signals.Logs.Single(l => l.Problem), signals.Logs.Single(l => !l.Problem));
        Assert.Equal((180, 0, 0, 180), (good.PerStep[..18].Sum(), good.PerStep[18..].Sum(), bad.PerStep[..18].Sum(), bad.PerStep[18..].Sum()));
        Assert.Empty(good.Samples);
        Assert.All(bad.Samples, s => Assert.Equal("otel_logs_raw.tsv", s.Address.File));
    }

    [Fact]
    public void Read_TimeAndState_AreThoseOfTheIncident()
    {
        var signals = _tables.Samples("metrics/shop_raw.tsv", Requests(SignalTables.Start, 5)).Logs("reference/", [(Normal, "shop", "all is well")]).Read();
        Assert.Equal(new(SignalTables.Start, SignalTables.Start.AddMinutes(10)), signals.Window);
        var logs = signals.Coverage.Single(c => c.Source == EvidenceSource.Logs);
        Assert.Equal((SourceState.NotRecorded, null, 1L), (logs.State, logs.Seen, logs.Records));
        Assert.Contains(signals.Gaps, g => g is { Source: EvidenceSource.Logs, Kind: GapKind.NotRecorded });
    }

    /// <summary>What got worse in another recording is no part of this incident.</summary>
    [Fact]
    public void Analyze_ChangeWithinTheReference_IsNoOnset()
    {
        _tables.Spans("", "shop", SignalTables.Start, Enumerable.Repeat(300.0, 180)).Spans("reference/", "shop", Normal, Enumerable.Range(0, 180).Select(i => i < 90 ? 20.0 : 300.0));
        var onset = OnsetEstimator.Estimate(_tables.Read());
        Assert.True(onset is null || onset.Earliest >= SignalTables.Start, $"{onset}");
    }

    [Fact]
    public void Analyze_ChangeFromTheReference_BeginsWithTheIncident()
    {
        var signals = _tables.Spans("", "shop", SignalTables.Start, Enumerable.Repeat(300.0, 180)).Spans("reference/", "shop", Normal, Enumerable.Repeat(20.0, 180)).Read();
        var analysis = RootCauseAnalysis.Analyze(signals, AnalysisParameters.HandSet);
        Assert.Equal((SignalTables.Start, SignalTables.Start), (analysis.Onset!.At, analysis.Onset.Earliest));
        Assert.Equal("shop", Assert.Single(analysis.Symptoms).Component);
        Assert.All(analysis.Symptoms.SelectMany(s => s.Evidence), e => Assert.Equal("otel_traces_raw.tsv", e.Address.File));
    }

    /// <summary>Where spans were recorded for a part of the time only, their first ones are no surge, no new way and no new words.</summary>
    [Fact]
    public void Analyze_SpansThatBeginLate_AreNoSurge()
    {
        var late = SignalTables.Start.AddMinutes(10);
        static string Rows(DateTimeOffset from) => string.Concat(Enumerable.Range(0, 180).Select(i =>
            $"{from.AddSeconds(i):yyyy-MM-dd HH:mm:ss}\t{i}\ta\t\tClient\tweb\t{(i < 80 ? 20 : 900)}000000\n{from.AddSeconds(i):yyyy-MM-dd HH:mm:ss}\t{i}\tb\ta\tServer\tcart\t5000000\n"));
        _tables.Samples("metrics/shop_raw.tsv", Requests(SignalTables.Start, 5)).File("otel_traces_raw.tsv", "Timestamp\tTraceId\tSpanId\tParentSpanId\tSpanKind\tServiceName\tDuration\n" + Rows(late));
        _tables.Logs("", Enumerable.Range(0, 180).Select(i => (late.AddSeconds(i), "cart", "cannot find the hat")));
        var signals = _tables.Read();
        var analysis = RootCauseAnalysis.Analyze(signals, AnalysisParameters.HandSet);
        Assert.Equal(late.AddSeconds(80), analysis.Onset!.At);
        Assert.Equal([SymptomKind.SlowCall], analysis.Symptoms.Select(s => s.Kind));
        Assert.Empty(NovelTexts.Find(signals, analysis.Map, analysis.Onset));
    }

    [Fact]
    public void Open_ReferenceAlone_HoldsNoEvidence()
    {
        _tables.Logs("reference/", [(Normal, "shop", "all is well")]);
        Assert.Contains("reference/ only says what is normal", Assert.IsType<OpenedSnapshot.Unusable>(Snapshot.Open(_tables.Directory)).Message);
    }

    [Fact]
    public void Open_OtherEvidenceInTheReference_IsLeftOutAndSaid()
    {
        _tables.Samples("metrics/shop_raw.tsv", Requests(SignalTables.Start, 5)).File("reference/k8s_events_raw.tsv", "Timestamp\tBody\n").File("reference/alerts/alerts_at_x.json", "[]");
        var snapshot = Investigating.Open(_tables.Directory);
        Assert.Equal(["metrics/shop_raw.tsv"], snapshot.Files.Select(f => f.Path));
        Assert.Equal(["reference/alerts/alerts_at_x.json", "reference/k8s_events_raw.tsv"], snapshot.Gaps.Where(g => g.Kind == GapKind.LeftOut).Select(g => g.Where).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void ToItBench_ReferenceAndTopology_StayWhatTheyAre()
    {
        _tables.Samples("metrics/shop_raw.tsv", Requests(SignalTables.Start, 5)).Samples("reference/metrics/shop_raw.tsv", Requests(Normal, 100)).Logs("reference/", [(Normal, "shop", "all is well")])
            .File("topology.json", """{"edges": [{"caller": "web", "callee": "shop"}]}""");
        using var output = new TempFolder();
        var target = output.Combine("out");
        Assert.IsType<ExportResult.Done>(SnapshotExport.ToItBench(Investigating.Open(_tables.Directory), target, TestContext.Current.CancellationToken));
        Assert.Equal(
            ["metrics/shop_raw.tsv", "reference/metrics/shop_raw.tsv", "reference/otel_logs_raw.tsv", "topology.json"],
            Investigating.Open(target).Files.Select(f => f.Path));
    }
}
