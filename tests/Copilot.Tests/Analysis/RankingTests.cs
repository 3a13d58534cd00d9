using Copilot.Core.Analysis;
using Copilot.Core.Signals;
using Xunit;

namespace Copilot.Tests.Analysis;

public sealed class RankingTests
{
    private static readonly DateTimeOffset At = new(2026, 1, 2, 3, 4, 0, TimeSpan.Zero);
    private static readonly Onset Began = new(At.AddMinutes(1), At, At.AddMinutes(2), 50);

    [Theory]
    [InlineData(false, -1.5)]
    [InlineData(true, 0)]
    public void Score_UnknownTime_CountsUnlessItCannotBeKnown(bool unknowable, double time) =>
        Assert.Equal(time, Ranking.Score(Found(Prior.Change, null) with { TimeIsUnknowable = unknowable }, [], Began, AnalysisParameters.HandSet).Time);

    public static TheoryData<Prior> Priors => [.. Enum.GetValues<Prior>()];

    [Theory]
    [MemberData(nameof(Priors))]
    public void Score_EachPrior_WeighsByItsParameter(Prior prior)
    {
        var parameters = AnalysisParameters.HandSet with
        {
            Priors = new() { Change = 0, Controller = 1, ByProduct = 2, Harmless = 3, Chaos = 4, StatedByCluster = 5, StatedIndirectly = 6, RuntimeDependency = 7, RuntimeService = 8, Newcomer = 9 },
        };
        Assert.Equal((double)prior, Ranking.Score(Found(prior, At), [], Began, parameters).Prior);
    }

    [Fact]
    public void Score_FurtherEvidence_IsScaled()
    {
        var finding = Found(Prior.Change, At) with { Support = [new(3, "it quotes the value"), new(-1, "one caller is well")] };
        Assert.Equal(1, Ranking.Score(finding, [], Began, AnalysisParameters.HandSet with { SupportWeight = 0.5 }).Support);
    }

    /// <summary>Blended wholly, every mechanism is as good a reason for every symptom as another; sharper, the likely stay and the unlikely fade.</summary>
    [Fact]
    public void Probability_OfProfiles_IsBlendedAndSharpened()
    {
        var symptom = new Symptom(SymptomKind.OwnErrors, "web", "", null, Began, 1, "fails", []);
        double Of(Mechanism mechanism, AnalysisParameters parameters) => Ranking.Probability(Found(Prior.Change, At) with { Mechanism = mechanism, Reach = Reach.Of(["web"], []) }, symptom, parameters);
        var (whole, sharp) = (AnalysisParameters.HandSet with { ProfileBlend = 1 }, AnalysisParameters.HandSet with { ProfileExponent = 2 });

        Assert.Equal(Of(Mechanism.Probe, whole), Of(Mechanism.ApplicationError, whole));
        Assert.True(Of(Mechanism.Probe, AnalysisParameters.HandSet) < Of(Mechanism.ApplicationError, AnalysisParameters.HandSet));
        Assert.Equal(Math.Pow(Of(Mechanism.ApplicationError, AnalysisParameters.HandSet), 2), Of(Mechanism.ApplicationError, sharp), 1e-12);
    }

    /// <summary>What began before the cause is not its doing; programs report late, and what is dated by two observations may have been earlier.</summary>
    /// <param name="seconds">From the end of the trouble's beginning to the cause.</param>
    [Theory]
    [InlineData(-300, 0, 1)]
    [InlineData(15, 0, 1)]
    [InlineData(80, 0, 0.082)]
    [InlineData(600, 0, 0)]
    [InlineData(600, 600, 1)]
    public void Probability_TroubleBeganBeforeTheCause_IsNotItsDoing(int seconds, int uncertain, double part)
    {
        var finding = Reaching(Mechanism.ApplicationError, Inside) with { At = Began.Latest.AddSeconds(seconds), Uncertainty = TimeSpan.FromSeconds(uncertain) };
        Assert.Equal(Math.Max(0.02, 0.95 * part), Of(finding, Fails with { Began = Began }), 0.001);
        Assert.Equal(0.95, Of(finding, Fails)); // when it began is not known
    }

    /// <summary>A rollout takes minutes and a closed port none: who acts at once and did minutes ago is less likely to be it.</summary>
    [Theory]
    [InlineData(Mechanism.NetworkPolicy, true)]
    [InlineData(Mechanism.ServiceRouting, true)]
    [InlineData(Mechanism.ScaledToZero, true)]
    [InlineData(Mechanism.ChaosNetwork, true)]
    [InlineData(Mechanism.ChaosPod, true)]
    [InlineData(Mechanism.ChaosStress, true)]
    [InlineData(Mechanism.ConfigurationChange, false)]
    [InlineData(Mechanism.BadImage, false)]
    [InlineData(Mechanism.Memory, false)]
    public void Score_MinutesBeforeTheOnset_SpeakAgainstWhatActsAtOnce(Mechanism mechanism, bool immediate)
    {
        double After(double minutes) => Ranking.Score(Found(Prior.Change, Began.Earliest.AddMinutes(-minutes)) with { Mechanism = mechanism }, [], Began, AnalysisParameters.HandSet).Time;
        Assert.Equal((0.0, immediate), (After(1), After(3) < 0));
        Assert.True(After(10) < 0);
        Assert.Equal(-AnalysisParameters.HandSet.MostLate, After(60)); // slow leaks exist
    }

    /// <summary>What is expected of trouble next to a cause: the parameter or the entry of the profile that decides.</summary>
    private static readonly Dictionary<string, (double Probability, Finding Finding, Symptom Symptom)> Cases = new()
    {
        ["a caller fails by itself after its callee was changed"] = (0.35, Reaching(Mechanism.BadImage, new(["orders"], [], [], [], [], []) { Consumers = ["web"] }), Fails),
        ["somebody else fails by itself then"] = (None, Reaching(Mechanism.BadImage, new(["orders"], [], [], [], [], []) { Consumers = ["admin"] }), Fails),
        ["a caller is only slow then"] = (None, Reaching(Mechanism.BadImage, new(["orders"], [], [], [], [], []) { Consumers = ["web"] }), Fails with { Kind = SymptomKind.SlowSelf }),
        ["one that calls itself was changed"] = (0.6, Reaching(Mechanism.BadImage, Inside with { Consumers = ["web"] }), Fails),
        ["a policy breaks the calls of a component that piles up"] = (0.5, Reaching(Mechanism.NetworkPolicy, new([], [], ["web"], [], [], [])), Fails with { Kind = SymptomKind.SlowSelf, WaitsFor = ["db"] }),
        ["a policy shuts off what it waits for"] = (0.5, Reaching(Mechanism.NetworkPolicy, new([], ["db"], [], [], [], [])), Fails with { Kind = SymptomKind.SlowSelf, WaitsFor = ["db"] }),
        ["a policy breaks other calls of it"] = (None, Reaching(Mechanism.NetworkPolicy, new([], [], ["web"], ["cache"], [], [])), Fails with { Kind = SymptomKind.SlowSelf, WaitsFor = ["db"] }),
        ["it waits for nobody"] = (None, Reaching(Mechanism.NetworkPolicy, new([], [], ["web"], [], [], [])), Fails with { Kind = SymptomKind.SlowSelf }),
        ["its pods miss their probes while it waits"] = (0.5, Reaching(Mechanism.NetworkPolicy, new([], ["db"], [], [], [], [])), Down with { WaitsFor = ["db"], Overloaded = true }),
        ["its pods lack an image while it waits"] = (None, Reaching(Mechanism.NetworkPolicy, new([], ["db"], [], [], [], [])), Down with { WaitsFor = ["db"] }),
        ["pods die under a flood"] = (0.6, Reaching(Mechanism.TrafficSurge, Nothing with { Flooded = ["web"] }), Down with { Overloaded = true }),
        ["pods that cannot be placed under a flood"] = (None, Reaching(Mechanism.TrafficSurge, Nothing with { Flooded = ["web"] }), Down),
        ["pods die elsewhere than under the flood"] = (None, Reaching(Mechanism.TrafficSurge, Nothing with { Flooded = ["db"] }), Down with { Overloaded = true }),
        ["the cluster says that this keeps the pods from running"] = (0.95, Reaching(Mechanism.Restart, Nothing with { Stated = [SmallSignals.Deployment("web")] }), Down),
        ["it may keep the pods from running"] = (0.5, Reaching(Mechanism.Restart, new([], [], [], [], [SmallSignals.Deployment("web")], [])), Down),
        ["the cluster says so of others"] = (None, Reaching(Mechanism.Restart, Nothing with { Stated = [SmallSignals.Deployment("db")] }), Down),
        ["names are not resolved, and the caller says so"] = (0.95, Dns, Breaks with { Message = "dial tcp: lookup db: no such host" }),
        ["names are not resolved, and the caller is silent"] = (0.95, Dns, Breaks),
        ["names are not resolved, and the caller was refused"] = (0.95 * 0.35, Dns, Breaks with { Message = "dial tcp 10.0.0.7:5432: connect: connection refused" }),
    };

    public static TheoryData<string> Names => [.. Cases.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Probability_OfTrouble_FollowsFromWhatTheCauseReaches(string name)
    {
        var (probability, finding, symptom) = Cases[name];
        Assert.Equal(probability, Of(finding, symptom), 1e-9);
    }

    /// <summary>Who calls what was changed may be unable to use what it answers now; a control loop's change, or another number of pods, does not alter that.</summary>
    [Theory]
    [InlineData("spec.template.spec.containers[app].image", "kubectl-edit", "web")]
    [InlineData("spec.template.spec.containers[app].image", "kube-controller-manager", "")]
    [InlineData("spec.replicas", "kubectl-edit", "")]
    public void Observe_ChangedCallee_ReachesItsConsumers(string path, string manager, string consumers)
    {
        var change = new ObjectChange(SmallSignals.Deployment("orders"), ChangeKind.Modified, SmallSignals.Onset().At, TimeSpan.Zero, Actor.FromManager(manager), [new(path, "1", "2")], new("objects.tsv", 2), new("objects.tsv", 1));
        var steady = SmallSignals.Level(10, 10);
        var signals = SmallSignals.Empty() with
        {
            Changes = [change],
            Services = [.. new[] { "web", "orders" }.Select(n => SmallSignals.Service(n, steady, SmallSignals.Series(_ => 0)) with { Workload = SmallSignals.Deployment(n) })],
            Calls = [SmallSignals.Call("web", "orders", steady, SmallSignals.Series(_ => 0))],
        };
        Assert.Equal(consumers, string.Join(',', Assert.Single(RootCauseAnalysis.Observe(signals).Findings).Reach.Consumers));
    }

    private const double None = 0.02; // as likely as without the cause

    private static Reach Nothing => Reach.Of([], []);

    private static Reach Inside => new(["web"], [], [], [], [], []);

    private static Finding Dns => Reaching(Mechanism.Dns, new([], [], ["web"], [], [], []));

    private static Symptom Fails => SmallSignals.Symptom(SymptomKind.OwnErrors, "web");

    private static Symptom Breaks => SmallSignals.Symptom(SymptomKind.BrokenCall, "db", "web");

    private static Symptom Down => SmallSignals.Symptom(SymptomKind.Unavailable, "web") with { Workload = SmallSignals.Deployment("web") };

    private static double Of(Finding finding, Symptom symptom) => Ranking.Probability(finding, symptom, AnalysisParameters.HandSet);

    private static Finding Reaching(Mechanism mechanism, Reach reach) => SmallSignals.Finding("web", mechanism, reach);

    private static Finding Found(Prior prior, DateTimeOffset? at) => Reaching(Mechanism.ConfigurationChange, Nothing) with { At = at, Prior = prior, TimeIsUnknowable = false };
}
