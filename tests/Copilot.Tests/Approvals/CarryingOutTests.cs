using Copilot.Core.Approvals;
using Copilot.Core.Receipts;
using Xunit;
using static Copilot.Tests.Approvals.Asked;

namespace Copilot.Tests.Approvals;

public sealed class CarryingOutTests
{
    private static readonly (string Name, Func<ApprovalResult> Does, string Expected)[] Table =
    [
        ("a voter takes it", () => Take(Ready()), "handed_off"),
        ("whom it is asked for takes it", () => Take(Ready(), Strong("eve")), "handed_off"),
        ("a person without a role takes it", () => Take(Ready(), Strong("dan")), "handed_off"),
        ("an agent", () => Take(Ready(), new(ReceiptActor.Copilot, "ann", [Oncall])), "refused: NoPerson"),
        ("a stranger", () => Take(Ready(), new(new(ActorKind.Human, "os:zed", "os-user"), null, [])), "refused: NoPerson"),
        ("known by the system's user", () => Take(Ready(), Weak("ann")), "refused: WeakIdentity"),
        ("known by the system's user, where that is enough", () => Take(Approved(Of(Ask(OneOncall) with { LowAssurance = true }), "ann"), Weak("ann")), "handed_off"),
        ("waits for people", () => Take(Pending()), "refused: WrongState"),
        ("in somebody's hands", () => Take(HandedOff()), "refused: WrongState"),
        ("prohibited", () => Take(Of(Ask() with { Effect = "prohibit" })), "refused: WrongState"),
        ("let through by policy", () => Take(Of(Ask())), "handed_off"),
        ("role lost since the vote", () => Take(Ready(), Strong("bob"), standing: Now(Ready(), null, "ann")), "revoked"),
        ("role lost, and who agreed beside cannot fill it", () => Take(Approved(Pending(OneOncall, OneLead), "ann", "cat"), standing: Now(Pending(OneOncall, OneLead), null, "ann")), "revoked"),
        ("a voter whom the account that asked belongs to now", () => Take(Ready(), Strong("bob"), standing: Now(Ready()) with { Asking = ["ann"] }), "revoked"),
        ("no directory any more", () => Take(Ready(), standing: Now(Ready()) with { GroupsOf = new Dictionary<string, IReadOnlyCollection<string>>() }), "revoked"),
        ("policy asks for more", () => Take(Ready(), standing: VotingTests.StandingUnder(Ready(), "one more person")), "revoked"),
        ("policy asks for others", () => Take(Ready(), standing: VotingTests.StandingUnder(Ready(), "another role")), "revoked"),
        ("policy gives less time", () => Take(Ready(), standing: VotingTests.StandingUnder(Ready(), "less time")), "revoked"),
        ("policy prohibits", () => Take(Ready(), standing: VotingTests.StandingUnder(Ready(), "prohibits")), "revoked"),
        ("policy is looser", () => Take(Ready(), standing: VotingTests.StandingUnder(Ready(), "looser")), "handed_off"),
        ("policy cannot be read", () => Take(Ready(), standing: WithoutPolicy(Ready())), "refused: NotSeen"),
        ("let through by a policy that asks people now", () => Take(Of(Ask()), standing: Now(Pending())), "revoked"),
        ("world is another", () => Take(Ready(), world: new WorldCheck.Differs(["replicas 3 instead of 2"])), "drifted"),
        ("world cannot be looked at", () => Take(Ready(), world: new WorldCheck.NotSeen("no answer.")), "refused: NotSeen"),
        ("world cannot be looked at, and the policy prohibits", () => Take(Ready(), standing: VotingTests.StandingUnder(Ready(), "prohibits"), world: new WorldCheck.NotSeen("no answer.")), "revoked"),
        ("the last moment", () => Take(Ready(), after: 60 + 1799), "handed_off"),
        ("reported by who has it", () => Report(HandedOff(), Strong("ann"), carriedOut: true), "verifying"),
        ("reported by who has it, by another identity", () => Report(HandedOff(), Weak("ann"), carriedOut: true), "verifying"),
        ("reported as not carried out", () => Report(HandedOff(), Strong("ann"), carriedOut: false), "expired"),
        ("reported by somebody else", () => Report(HandedOff(), Strong("bob"), carriedOut: true), "refused: NotYours"),
        ("reported by an agent in their name", () => Report(HandedOff(), new(ReceiptActor.Copilot, "ann", []), carriedOut: true), "refused: NotYours"),
        ("reported by a stranger", () => Report(HandedOff(), new(new(ActorKind.Human, "os:zed", "os-user"), null, []), carriedOut: true), "refused: NotYours"),
        ("reported in too many words", () => Report(HandedOff(), Strong("ann"), carriedOut: true, new('x', Voting.LongestReason + 1)), "refused: NoReason"),
        ("reported before it was taken", () => Report(Ready(), Strong("ann"), carriedOut: true), "refused: WrongState"),
        ("reported twice", () => Report(Verifying(), Strong("ann"), carriedOut: true), "refused: WrongState"),
        ("looked at before it was reported", () => CarryingOut.Observe(HandedOff(), [Reading(ProbeReading.Holds)], default, default, hasWayBack: true, Start.AddSeconds(200)), "refused: WrongState"),
        ("taken back where nothing failed", () => TakeBack(Verifying(), Strong("ann")), "refused: WrongState"),
        ("taken back", () => TakeBack(Failed(), Strong("bob")), "rolling_back"),
        ("taken back by an agent", () => TakeBack(Failed(), new(ReceiptActor.Copilot, null, [])), "refused: NoPerson"),
        ("taken back by one known by the system's user", () => TakeBack(Failed(), Weak("bob")), "refused: WeakIdentity"),
        ("taken back twice", () => TakeBack(GoingBack(), Strong("ann")), "refused: WrongState"),
        ("a way back reported by somebody else", () => Report(GoingBack(), Strong("ann"), carriedOut: true, after: 1000), "refused: NotYours"),
        ("a way back reported", () => Report(GoingBack(), Strong("bob"), carriedOut: true, after: 1000), "rolling_back"),
        ("a way back reported twice", () => Report(Back(), Strong("bob"), carriedOut: true, after: 1010), "refused: WrongState"),
        ("a way back that failed", () => Report(GoingBack(), Strong("bob"), carriedOut: false, after: 1000), "needs_human"),
        ("a way back looked at before it was reported", () => CarryingOut.Observe(GoingBack(), [Reading(ProbeReading.Holds)], default, default, hasWayBack: true, Start.AddSeconds(1000)), "refused: WrongState"),
        ("a way back that holds", () => Observe(Back(), 1010, ProbeReading.Holds), "rolled_back"),
        ("a way back that does not hold yet", () => Observe(Back(), 1010, ProbeReading.Fails), "rolling_back"),
        ("a way back that does not hold in time", () => Observe(Back(), 1000 + 300, ProbeReading.Fails), "needs_human"),
        ("a way back that nobody can look at yet", () => Observe(Back(), 1010, ProbeReading.NotObserved), "rolling_back"),
        ("a way back that nobody can look at", () => Observe(Back(), 1000 + 599, ProbeReading.NotObserved), "rolling_back"),
        ("a way back that nobody could look at in time", () => Observe(Back(), 1000 + 600, ProbeReading.NotObserved), "needs_human"),
        ("a way back that is looked at late", () => Observe(Back(), 9000, ProbeReading.Holds), "rolled_back"),
        ("said to have helped", () => Judge(Verifying(), Strong("ann"), worked: true), "verifying"),
        ("said not to have helped", () => Judge(Verifying(), Strong("ann"), worked: false), "rollback_pending"),
        ("said not to have helped, and nothing can be taken back", () => Judge(Verifying(), Strong("ann"), worked: false, hasWayBack: false), "needs_human"),
        ("said to have helped by somebody else", () => Judge(Verifying(), Strong("bob"), worked: true), "refused: NotYours"),
        ("said to have helped by an agent", () => Judge(Verifying(), new(ReceiptActor.Copilot, "ann", []), worked: true), "refused: NotYours"),
        ("said to have helped in too many words", () => Judge(Verifying(), Strong("ann"), worked: true, words: new('x', Voting.LongestReason + 1)), "refused: NoReason"),
        ("said to have helped before it was carried out", () => Judge(HandedOff(), Strong("ann"), worked: true), "refused: WrongState"),
        ("said to have helped on the way back", () => Judge(Back(), Strong("ann"), worked: true), "refused: WrongState"),
    ];

    public static TheoryData<int, string> Cases => [.. Table.Select((row, at) => (at, row.Name))];

    [Theory]
    [MemberData(nameof(Cases))]
    public void CarryingOut_Cases_EndAsTheTableSays(int row, string name)
    {
        var word = Word(Table[row].Does());

        Assert.True(word == Table[row].Expected, $"{name}: {word} instead of {Table[row].Expected}");
    }

    [Fact]
    public void Take_Done_ConsumesTheGrantAndSaysUntilWhen()
    {
        var moved = Assert.IsType<ApprovalResult.Moved>(Take(Ready()));

        var taken = Assert.IsType<ApprovalEvent.Taken>(Assert.Single(moved.Events));
        Assert.Equal(moved.Request.Grant!.Id, taken.Grant);
        Assert.Equal(("ann", Start.AddSeconds(120 + 1800)), (moved.Request.HandedTo!.Person, moved.Request.HandedTo.Until));
    }

    [Fact]
    public void Take_AnotherWorld_SaysTheDifferences()
    {
        var moved = Assert.IsType<ApprovalResult.Moved>(Take(Ready(), world: new WorldCheck.Differs(["replicas 3 instead of 2"])));

        Assert.Equal(["replicas 3 instead of 2"], Assert.IsType<ApprovalEvent.Ended>(Assert.Single(moved.Events)).Differences);
    }

    /// <summary>Seconds after the report and what the probes showed then; soak 60 s, settle 300 s. The state after each.</summary>
    private static readonly (string Name, (int After, string Probes, string State)[] Looks)[] Courses =
    [
        ("holds for its time", [(10, "hh", "verifying"), (69, "hh", "verifying"), (70, "hh", "succeeded")]),
        ("holds at last", [(10, "ff", "verifying"), (250, "hh", "verifying"), (310, "hh", "succeeded")]),
        ("holds, fails and holds again begins anew", [(10, "hh", "verifying"), (40, "hf", "verifying"), (71, "hh", "verifying"), (130, "hh", "verifying"), (131, "hh", "succeeded")]),
        ("fails until the time is over", [(10, "hf", "verifying"), (299, "hf", "verifying"), (300, "hf", "rollback_pending")]),
        ("holds, and fails when the time is over", [(290, "hh", "verifying"), (310, "hf", "rollback_pending")]),
        ("nobody can look", [(10, "uu", "verifying"), (659, "uu", "verifying"), (660, "uu", "needs_human")]),
        ("holds, and is first looked at late", [(9000, "hh", "verifying"), (9060, "hh", "succeeded")]),
        ("one cannot be looked at and the other holds", [(10, "hu", "verifying"), (70, "hu", "verifying"), (659, "hu", "verifying"), (660, "hu", "needs_human")]),
        ("one cannot be looked at, and who did it says that it helped", [(10, "hu", "verifying"), (50, "+", "verifying"), (69, "hu", "verifying"), (70, "hu", "succeeded")]),
        ("none can be looked at, and who did it says that it helped: nobody saw it", [(10, "uu", "verifying"), (50, "+", "verifying"), (659, "uu", "verifying"), (660, "uu", "needs_human")]),
        ("what is seen failing fails, whoever says that it helped", [(10, "hf", "verifying"), (50, "+", "verifying"), (300, "hf", "rollback_pending")]),
        ("one cannot be looked at and the other fails", [(10, "fu", "verifying"), (300, "fu", "rollback_pending")]),
        ("held, then nobody could look: that is no holding", [(10, "hh", "verifying"), (50, "uu", "verifying"), (75, "hh", "verifying"), (135, "hh", "succeeded")]),
        ("no probes", [(10, "", "verifying"), (660, "", "needs_human")]),
        ("a clock that went back", [(10, "hh", "verifying"), (-500, "hh", "verifying"), (70, "hh", "succeeded")]),
    ];

    public static TheoryData<int, string> CourseNames => [.. Courses.Select((row, at) => (at, row.Name))];

    [Theory]
    [MemberData(nameof(CourseNames))]
    public void Observe_Courses_EndAsTheTableSays(int row, string name)
    {
        var request = Verifying();
        foreach (var (after, probes, state) in Courses[row].Looks)
        {
            var at = Start.AddSeconds(180 + after);
            var result = probes == "+"
                ? CarryingOut.Judge(request, Strong("ann"), worked: true, "it helped", hasWayBack: true, at)
                : CarryingOut.Observe(request, [.. probes.Select(Probe)], TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(300), hasWayBack: true, at);
            // What shows nothing new is no happening.
            request = result is ApprovalResult.Same same ? same.Request : Moved(result);
            Assert.True(request.State.Name() == state, $"{name}: {request.State.Name()} instead of {state} after {after} s");
        }
    }

    [Fact]
    public void Observe_FailsAndNothingCanBeTakenBack_NeedsAPerson() =>
        Assert.Equal(ApprovalState.NeedsHuman, Moved(CarryingOut.Observe(Verifying(), [Reading(ProbeReading.Fails)], default, TimeSpan.FromSeconds(300), hasWayBack: false, Start.AddSeconds(180 + 300))).State);

    /// <summary>What probes saw is text from the cluster: it is kept apart from the receipt, and must not come into it another way.</summary>
    [Fact]
    public void Observe_WhatProbesSaw_StandsInReadingsAlone()
    {
        var moved = Assert.IsType<ApprovalResult.Moved>(Observe(Verifying(), 180 + 300, ProbeReading.Fails, "PROBE-SAYS"));

        Assert.Equal(ApprovalState.RollbackPending, moved.Request.State);
        Assert.DoesNotContain("PROBE-SAYS", moved.Request.Because);
        Assert.All(moved.Events.SelectMany(e => Notices.Of(e, moved.Request)), n => Assert.DoesNotContain("PROBE-SAYS", n.Text));
    }

    [Fact]
    public void Observe_NothingNew_IsNoHappening()
    {
        var once = Moved(Observe(Verifying(), 190, ProbeReading.Fails));

        Assert.Same(once, Assert.IsType<ApprovalResult.Same>(Observe(once, 200, ProbeReading.Fails)).Request);
        Assert.Equal(once.Version + 1, Moved(Observe(once, 200, ProbeReading.Fails, "something else")).Version);
    }

    [Fact]
    public void Due_WayBackNotReportedInTime_NeedsAPerson()
    {
        Assert.Null(Ending.Due(GoingBack(), Start.AddSeconds(900 + 1799)));
        Assert.Equal(ApprovalState.NeedsHuman, Moved(Ending.Due(GoingBack(), Start.AddSeconds(900 + 1800))).State);
        Assert.Null(Ending.Due(Back(), Start.AddDays(9)));
    }

    [Fact]
    public void TakeBack_Done_BeginsToLookAnew()
    {
        var back = GoingBack();

        Assert.Null(back.Observation);
        Assert.Equal(("bob", "ann"), (back.RollbackBy!.Person, back.HandedTo!.Person));
    }

    private static ApprovalRequest Failed() => Moved(Observe(Verifying(), 180 + 300, ProbeReading.Fails));

    private static ApprovalRequest GoingBack() => Moved(TakeBack(Failed(), Strong("bob")));

    private static ApprovalRequest Back() => Moved(Report(GoingBack(), Strong("bob"), carriedOut: true, after: 1000));

    private static ApprovalResult TakeBack(ApprovalRequest request, Principal by) => CarryingOut.TakeBack(request, by, Start.AddSeconds(900));

    private static ApprovalResult Report(ApprovalRequest request, Principal by, bool carriedOut, string words = "done", int after = 180) => CarryingOut.Report(request, by, carriedOut, words, Start.AddSeconds(after));

    private static ApprovalResult Judge(ApprovalRequest request, Principal by, bool worked, bool hasWayBack = true, string words = "seen it") => CarryingOut.Judge(request, by, worked, words, hasWayBack, Start.AddSeconds(1100));

    private static ApprovalResult Observe(ApprovalRequest request, int after, string outcome, string says = "seen") =>
        CarryingOut.Observe(request, [Reading(outcome, says)], TimeSpan.Zero, TimeSpan.FromSeconds(300), hasWayBack: true, Start.AddSeconds(after));

    private static ProbeReading Probe(char look) => Reading(look switch { 'h' => ProbeReading.Holds, 'f' => ProbeReading.Fails, _ => ProbeReading.NotObserved });

    private static ProbeReading Reading(string outcome, string says = "seen") => new("object-as-planned", "deployment/web", outcome, says);
}
