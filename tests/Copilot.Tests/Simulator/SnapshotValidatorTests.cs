using Copilot.Simulator;
using Copilot.Simulator.Validation;
using Xunit;

namespace Copilot.Tests.Simulator;

public sealed class SnapshotValidatorTests(SimulatedSnapshots snapshots) : IClassFixture<SimulatedSnapshots>
{
    private static readonly Lock Gate = new();
    private static ValidationReport? _report;

    public static TheoryData<string> Rules => [.. RecordingDamages.ByRule.Keys];

    /// <summary>Pods come, cannot start and go, requests fail, and alerts fire: every rule has something to check.</summary>
    private string Original => snapshots.Of(SimulatedFault.BadImage).Directory;

    [Fact]
    public void Validate_SimulatedRecording_Holds() =>
        Assert.Empty(BrokenIn(Undamaged()));

    [Fact]
    public void Validate_SimulatedRecording_ChecksEveryRule()
    {
        // No background alert of the simulator names a pod.
        Assert.Equal("alert-pod-known", Assert.Single(Undamaged().Rules, r => r.Checked == 0).Rule);
        Assert.Empty(Undamaged().Missing);
    }

    [Theory]
    [MemberData(nameof(Rules))]
    public void Validate_RecordingDamaged_RuleIsBroken(string rule)
    {
        var before = Result(Undamaged(), rule);
        var damaged = Damaged(RecordingDamages.ByRule[rule]);
        var after = Result(damaged, rule);
        Assert.False(damaged.Holds);
        Assert.True(after.ViolationCount > before.ViolationCount || after.Violations.Except(before.Violations).Any(), $"{rule} is not broken; broken are {string.Join(' ', BrokenIn(damaged))}");
        Assert.All(after.Violations, v => Assert.Matches(@"^\S+\.(tsv|json)( row \d+)?: .", v));
    }

    /// <summary>A rule that was never seen red may not be able to be.</summary>
    [Fact]
    public void Damages_EveryRule_HasOne() =>
        Assert.Equal(Undamaged().Rules.Select(r => r.Rule).Order(StringComparer.Ordinal), RecordingDamages.ByRule.Keys.Order(StringComparer.Ordinal));

    [Fact]
    public void Validate_FilesMissing_NamesThemAndChecksNothing()
    {
        var report = Damaged(r => r.Files("*.tsv").ForEach(r.Delete));
        Assert.Equal(["k8s_objects_raw.tsv", "k8s_events_raw.tsv", "otel_traces_raw.tsv", "otel_logs_raw.tsv", "metrics/"], report.Missing);
        Assert.Equal(0, Result(report, "span-id-unique").Checked);
        Assert.Equal(0, Result(report, "pod-ip-unique").Checked);
        Assert.NotEqual(0, Result(report, "alert-stays").Checked);
        Assert.True(report.Holds, string.Join(' ', report.Rules.SelectMany(r => r.Violations)));
    }

    [Theory]
    [InlineData("span-metrics-agree")]
    [InlineData("log-span-known")]
    [InlineData("parent-known")]
    public void Validate_TracesSampled_RulesOfCompleteTracesAreLeftOut(string rule)
    {
        var result = Result(Damaged(r => r.Rows(DamagedRecording.Traces, rows => rows.RemoveAll(row => row["TraceId"][0] > '4'))), rule);
        Assert.Equal((0, 0), (result.Checked, result.ViolationCount));
        Assert.Contains("sample", result.NotChecked);
    }

    [Theory]
    [InlineData("alert-has-cause")]
    [InlineData("alert-value-agrees")]
    [InlineData("alert-fires")]
    public void Validate_MetricsCoarse_RulesThatRecomputeAlertsAreLeftOut(string rule)
    {
        var result = Result(Damaged(r => r.Files("service_*.tsv").ForEach(f => r.Rows(f, rows =>
        {
            var kept = rows.Select(row => row["timestamp"]).Distinct().Order(StringComparer.Ordinal).Where((_, i) => i % 10 == 0).ToHashSet();
            rows.RemoveAll(row => !kept.Contains(row["timestamp"]));
        }))), rule);
        Assert.Equal((0, 0), (result.Checked, result.ViolationCount));
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n\n\"\t\"\"")]
    [InlineData("metric_name\ttimestamp\tvalue\tpod_name\tnamespace\ttags\n\"")]
    public void Validate_FilesOfNonsense_AreReported(string content)
    {
        var report = Damaged(r => r.Files("*.tsv").Concat(r.Files("*.json")).ToList().ForEach(f => r.Text(f, _ => content)));
        Assert.NotEqual(0, Result(report, "tsv-header").ViolationCount);
        Assert.NotEqual(0, Result(report, "json-parses").ViolationCount);
    }

    [Fact]
    public void Validate_Cancelled_Stops()
    {
        using var source = new CancellationTokenSource();
        source.Cancel();
        Assert.Throws<OperationCanceledException>(() => SnapshotValidator.Validate(Original, source.Token));
    }

    [Fact]
    public void Validate_NoDirectory_IsRefused() => Assert.Throws<DirectoryNotFoundException>(() => SnapshotValidator.Validate(snapshots.NewDirectory()));

    private static RuleResult Result(ValidationReport report, string rule) => Assert.Single(report.Rules, r => r.Rule == rule);

    private static IEnumerable<string> BrokenIn(ValidationReport report) => report.Rules.Where(r => r.ViolationCount > 0).Select(r => r.Rule);

    private ValidationReport Undamaged()
    {
        lock (Gate) return _report ??= SnapshotValidator.Validate(Original);
    }

    private ValidationReport Damaged(Action<DamagedRecording> damage)
    {
        var copy = snapshots.NewDirectory();
        damage(new DamagedRecording(Original, copy));
        return SnapshotValidator.Validate(copy);
    }
}
