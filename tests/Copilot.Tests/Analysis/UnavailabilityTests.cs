using Copilot.Core.Analysis;
using Copilot.Core.Analysis.Analyzers;
using Copilot.Core.Evidence;
using Copilot.Core.Signals;
using Xunit;

namespace Copilot.Tests.Analysis;

public sealed class UnavailabilityTests
{
    private static readonly DateTimeOffset Began = SmallSignals.Onset().At;

    private static SignalSet With(Pod pod, params Node[] nodes) =>
        SmallSignals.Empty() with { Cluster = ClusterState.Empty with { Workloads = [SmallSignals.Workload("db")], Pods = [pod], Nodes = nodes } };

    private static Pod Sick(DateTimeOffset since, string phase = "Running", params ContainerState[] containers) =>
        SmallSignals.Pod("db", "n1", phase, containers) with { Conditions = [new("Ready", "False", "", "", since)] };

    private static IReadOnlyList<Symptom> Find(SignalSet signals) => [.. Unavailability.Find(signals, new(signals), SmallSignals.Onset())];

    private static ContainerState Container(string waiting, string ended = "", int? code = null, bool init = false) => new("app", init, false, 3, waiting, "", ended, "", code, null);

    private static readonly Dictionary<string, (bool Overloaded, Pod Pod)> Pods = new()
    {
        ["killed for its memory"] = (true, Sick(Began, "Running", Container("CrashLoopBackOff", "OOMKilled", 137))),
        ["killed by a probe"] = (true, Sick(Began, "Running", Container("CrashLoopBackOff", "Error", 143))),
        ["runs and does not answer its probe"] = (true, Sick(Began, "Running", Container("") with { RunningSince = Began })),
        ["ends by itself"] = (false, Sick(Began, "Running", Container("CrashLoopBackOff", "Error", 1))),
        ["has no image"] = (false, Sick(Began, "Pending", Container("ImagePullBackOff"))),
        ["waits for its init container"] = (false, Sick(Began, "Pending", Container("", init: true) with { RunningSince = Began })),
        ["cannot be placed"] = (false, Sick(Began, "Pending")),
    };

    public static TheoryData<string> Names => [.. Pods.Keys];

    /// <summary>Load ends a program that was started, and nothing that never was.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void Find_SickPod_MayBeOverloadedWhereItsProgramWasStarted(string name)
    {
        var (overloaded, pod) = Pods[name];
        var found = Assert.Single(Find(With(pod)));
        Assert.Equal(("db", SmallSignals.Deployment("db"), overloaded), (found.Component, found.Workload, found.Overloaded));
    }

    /// <summary>A node that is gone is trouble by itself, whoever suffers, and its own explanation.</summary>
    [Theory]
    [InlineData("Ready", "Unknown", 0, true)]
    [InlineData("Ready", "False", 0, true)]
    [InlineData("Ready", "True", 0, false)]
    [InlineData("Ready", "Unknown", 8, false)] // long before anything got worse
    [InlineData("MemoryPressure", "True", 0, false)] // shows in who is evicted
    public void Find_Node_IsASymptomWhereItIsNotReady(string type, string status, int minutesBefore, bool down)
    {
        var signals = With(SmallSignals.Pod("db"), SmallSignals.Node("n1", new Condition(type, status, "", "", Began.AddMinutes(-minutesBefore))));
        var found = Find(signals);
        Assert.Equal(down ? [EntityRef.ClusterScoped("Node", "n1")] : [], found.Select(s => s.Workload!));
        foreach (var symptom in found)
        {
            var cause = Assert.Single(NodeAnalyzer.Find(SmallSignals.Context(signals, symptom)));
            Assert.Equal((symptom.Workload, 0.95), (cause.Entity, Ranking.Probability(cause, symptom, AnalysisParameters.HandSet)));
        }
    }

    /// <summary>An onset that hardly any trouble of requests bears out dates nothing: what was broken before the recording is no part of it.</summary>
    /// <param name="slow">Milliseconds since four minutes after the recording began, 10 before.</param>
    [Theory]
    [InlineData(16, "SlowSelf web")]
    [InlineData(100, "SlowSelf web,Unavailable db")] // may be as old as the trouble
    public void Symptoms_OldFailureAndHardlyAnyTrouble_IsLeftOut(double slow, string expected)
    {
        const int early = 8;
        var series = SmallSignals.Series(i => (i < early ? 10 : slow) * (1 + (0.01 * (i % 3))));
        var web = SmallSignals.Service("web", series, SmallSignals.Series(_ => 0)) with { Source = EvidenceSource.Traces, SelfMs = series };
        var signals = With(Sick(SmallSignals.Start.AddDays(-1), "Running", Container("CrashLoopBackOff", "Error", 1))) with { Services = [web] };
        var found = SymptomDetector.Symptoms(signals, new(signals), SmallSignals.Onset(early), [], []);
        Assert.Equal(expected, string.Join(',', found.Select(s => $"{s.Kind} {s.Component}").Order(StringComparer.Ordinal)));
    }
}
