using Copilot.Core.Analysis;
using Copilot.Core.Analysis.Analyzers;
using Copilot.Core.Signals;
using Xunit;

namespace Copilot.Tests.Analysis;

public sealed class MildChangeTests
{
    private const string Limit = "spec.template.spec.containers[app].resources.limits.memory", Request = "spec.template.spec.containers[app].resources.requests.memory";
    private const string Level = "spec.template.spec.containers[app].env[LOG_LEVEL].value", Host = "spec.template.spec.containers[app].env[DB_HOST].value", Restart = "spec.template.metadata.annotations[kubectl.kubernetes.io/restartedAt]";

    [Theory]
    [InlineData(Level, "info", "DEBUG", true)]
    [InlineData("data[app.properties].logging.level", "Warning", "trace", true)]
    [InlineData(Level, "info", "on", false)] // no level that anybody knows
    [InlineData(Level, null, "debug", false)]
    [InlineData(Level, "debug", null, false)]
    [InlineData(Limit, "256Mi", "1Gi", true)]
    [InlineData(Limit, "900M", "1G", true)]
    [InlineData("spec.template.spec.containers[app].resources.limits.cpu", "500m", "1", true)]
    [InlineData(Limit, "1Gi", "256Mi", false)]
    [InlineData(Limit, "1Gi", "1024Mi", false)] // the same
    [InlineData(Limit, null, "1Gi", false)] // there was none
    [InlineData(Limit, "1Gi", null, false)]
    [InlineData(Limit, "1Gi", "plenty", false)]
    [InlineData(Request, "256Mi", "1Gi", false)] // may not be placed any more
    [InlineData("spec.maxReplicas", "3", "10", true)]
    [InlineData("spec.maxReplicas", "10", "3", false)]
    [InlineData("spec.minReplicas", "3", "10", false)]
    [InlineData("spec.replicas", "3", "10", false)]
    public void Is_OneField_IsMildWithMoreRoomOrAnotherLogLevel(string path, string? old, string? now, bool mild) => Assert.Equal(mild, MildChange.Is([new(path, old, now)]));

    [Fact]
    public void Is_SeveralFields_IsMildWhereAllAre()
    {
        FieldChange level = new(Level, "info", "debug"), more = new(Limit, "1Gi", "2Gi"), less = new(Limit, "2Gi", "1Gi");
        Assert.True(MildChange.Is([level, more]));
        Assert.False(MildChange.Is([level, less]));
        Assert.False(MildChange.Is([]));
    }

    [Theory]
    [InlineData("0", 0.0)]
    [InlineData("1.5", 1.5)]
    [InlineData("-2", -2.0)]
    [InlineData("1e3", 1e3)]
    [InlineData("1E3", 1e3)]
    [InlineData("2n", 2e-9)]
    [InlineData("2u", 2e-6)]
    [InlineData("250m", 0.25)]
    [InlineData("2k", 2e3)]
    [InlineData("2M", 2e6)]
    [InlineData("2G", 2e9)]
    [InlineData("2T", 2e12)]
    [InlineData("2P", 2e15)]
    [InlineData("2E", 2e18)]
    [InlineData("2Ki", 2048.0)]
    [InlineData("2Mi", 2097152.0)]
    [InlineData("2Gi", 2147483648.0)]
    [InlineData("2Ti", 2199023255552.0)]
    [InlineData("2Pi", 2251799813685248.0)]
    [InlineData("2Ei", 2305843009213693952.0)]
    [InlineData("", null)]
    [InlineData(null, null)]
    [InlineData("Mi", null)]
    [InlineData("2mi", null)]
    [InlineData("2Zi", null)]
    [InlineData("2 apples", null)]
    [InlineData("1,5", null)]
    [InlineData("NaN", null)]
    [InlineData("Infinity", null)]
    [InlineData("1e999", null)]
    public void Quantity_OfText_IsANumberOrNone(string? text, double? expected) => Assert.Equal(expected, MildChange.Quantity(text));

    /// <summary>A mild change seldom starts an incident; what is changed along with it may.</summary>
    [Theory]
    [InlineData(Prior.ByProduct, Mechanism.EnvironmentVariable, Level)]
    [InlineData(Prior.ByProduct, Mechanism.EnvironmentVariable, Level, Restart)]
    [InlineData(Prior.ByProduct, Mechanism.ResourceLimits, Limit)]
    [InlineData(Prior.Change, Mechanism.ResourceLimits, Request)]
    [InlineData(Prior.Change, Mechanism.EnvironmentVariable, Level, Host)]
    [InlineData(Prior.Change, Mechanism.ResourceLimits, Level, Request)]
    public void Find_WorkloadChange_IsAsLikelyAsItsWorstField(Prior prior, Mechanism mechanism, params string[] paths)
    {
        FieldChange Changed(string path) => path switch
        {
            Level => new(path, "info", "debug"),
            Host => new(path, "db", "db2"),
            Restart => new(path, null, "2026-04-01T10:10:00Z"),
            _ => new(path, "1Gi", "2Gi"),
        };
        var change = new ObjectChange(SmallSignals.Deployment("web"), ChangeKind.Modified, SmallSignals.Onset().At, TimeSpan.Zero, Actor.FromManager("kubectl-edit"), [.. paths.Select(Changed)], new("objects.tsv", 2), new("objects.tsv", 1));
        var finding = Assert.Single(WorkloadChangeAnalyzer.Find(SmallSignals.Context(SmallSignals.Empty() with { Changes = [change] })));
        Assert.Equal((prior, mechanism), (finding.Prior, finding.Mechanism));
    }
}
