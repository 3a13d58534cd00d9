using Copilot.Core.Analysis;
using Copilot.Core.Analysis.Analyzers;
using Copilot.Core.Signals;
using Xunit;

namespace Copilot.Tests.Analysis;

/// <summary>An experiment that is applied again and again, and a pod that is there.</summary>
public sealed class ChaosAnalyzerTests
{
    private static readonly DateTimeOffset Began = SmallSignals.Onset().At;

    private static ChaosInterval Applied(double from, double to, string workload = "web") =>
        new(new("chaos", "NetworkChaos", "delay"), null, [new("shop", "Pod", workload + "-1")], Began.AddMinutes(from), Began.AddMinutes(to), []);

    private static Finding Find(params ChaosInterval[] chaos)
    {
        var signals = SmallSignals.Empty() with { Chaos = chaos, Cluster = ClusterState.Empty with { Workloads = [SmallSignals.Workload("web")], Pods = [SmallSignals.Pod("web")] } };
        return Assert.Single(ChaosAnalyzer.Find(SmallSignals.Context(signals, SmallSignals.Symptom(SymptomKind.SlowSelf, "web") with { Began = SmallSignals.Onset() })));
    }

    /// <summary>What it did to the same pods before without effect it does not do now; what it did to pods that are gone says nothing.</summary>
    [Theory]
    [InlineData("web", -20)]
    [InlineData("gone", 0)]
    public void Find_AppliedBefore_IsDatedByTheFirstHitOnPodsThatAreThere(string workload, double minutes)
    {
        var finding = Find(Applied(-20, -19, workload), Applied(0, 5));
        Assert.Equal((Began.AddMinutes(minutes), Prior.Chaos), (finding.At, finding.Prior));
        Assert.Equal(minutes < 0, Ranking.Score(finding, [SmallSignals.Symptom(SymptomKind.SlowSelf, "web")], SmallSignals.Onset(), AnalysisParameters.HandSet).Time < -1);
        Assert.Equal(minutes < 0 ? [] : [1.5], finding.Support.Select(s => s.LogOdds));
    }

    [Fact]
    public void Find_EndedBeforeTheOnset_IsHarmless() => Assert.Equal(Prior.Harmless, Find(Applied(-20, -19)).Prior);

    /// <summary>Trouble that came some minutes later may be its doing all the same.</summary>
    [Theory]
    [InlineData(-5, 1)]
    [InlineData(-15, 0)]
    public void Find_AppliedSomeMinutesBefore_SpeaksForItALittle(double from, double odds) => Assert.Equal(odds, Find(Applied(from, 5)).Support.Sum(s => s.LogOdds));
}
