using Copilot.Core.Approvals;
using Copilot.Core.Policy;
using Copilot.Core.Receipts;
using Xunit;
using static Copilot.Tests.Approvals.Asked;

namespace Copilot.Tests.Approvals;

public sealed class BreakGlassTests
{
    private static readonly ApprovalRequest Waiting = Pending(TwoOncall);

    private static readonly (string Name, Func<ApprovalResult> Does, string Expected)[] Table =
    [
        ("a person on call", () => BreakGlass(Waiting), "ready"),
        ("whom it is asked for", () => BreakGlass(Waiting, Strong("eve")), "ready"),
        ("where only break-glass opens", () => BreakGlass(Of(Ask(OneOncall) with { BreakGlassOnly = true })), "ready"),
        ("after a vote", () => BreakGlass(Moved(Vote(Waiting, Strong("ann")))), "ready"),
        ("an agent", () => BreakGlass(Waiting, new(ReceiptActor.Copilot, "ann", [Oncall])), "refused: NoPerson"),
        ("a stranger", () => BreakGlass(Waiting, new(new(ActorKind.Human, "zed", Principal.SignedAssurance), null, [Oncall])), "refused: NoPerson"),
        ("known by the system's user", () => BreakGlass(Waiting, Weak("ann")), "refused: WeakIdentity"),
        ("known by the system's user, where a vote may be", () => BreakGlass(Of(Ask(OneOncall) with { LowAssurance = true }), Weak("ann")), "refused: WeakIdentity"),
        ("unsigned", () => BreakGlass(Waiting, signed: false), "refused: WeakIdentity"),
        ("without a role", () => BreakGlass(Waiting, Strong("dan")), "refused: NoRole"),
        ("of another role", () => BreakGlass(Waiting, Strong("cat")), "refused: NoRole"),
        ("another text was shown", () => BreakGlass(Waiting, presented: Hash('f')), "refused: OtherPresentation"),
        ("no reason", () => BreakGlass(Waiting, reason: ""), "refused: NoReason"),
        ("a reason of 19 characters among spaces", () => BreakGlass(Waiting, reason: $"   {new string('x', 19)}   "), "refused: NoReason"),
        ("a reason of 20 characters", () => BreakGlass(Waiting, reason: new('x', 20)), "ready"),
        ("a reason that is too long", () => BreakGlass(Waiting, reason: new('x', Voting.LongestReason + 1)), "refused: NoReason"),
        ("severity unknown", () => BreakGlass(Of(Ask(OneOncall) with { Severity = null })), "refused: NotGraveEnough"),
        ("severity too low", () => BreakGlass(Of(Ask(OneOncall) with { Severity = "sev2" })), "refused: NotGraveEnough"),
        ("severity in other letters", () => BreakGlass(Of(Ask(OneOncall) with { Severity = "SEV1" })), "refused: NotGraveEnough"),
        ("prohibited now", () => BreakGlass(Waiting, standing: Now(Waiting, PolicyOutcome.Refused)), "refused: Prohibited"),
        ("prohibited now, not absolutely", () => BreakGlass(Waiting, standing: Now(Waiting, PolicyOutcome.Refused with { Absolute = false })), "refused: Prohibited"),
        ("policy cannot be read", () => BreakGlass(Waiting, standing: WithoutPolicy(Waiting)), "refused: NotSeen"),
        ("policy asks for more people now", () => BreakGlass(Waiting, standing: Now(Waiting, Waiting.Ask.Outcome with { Requirements = [TwoOncall, OneLead] })), "ready"),
        ("prohibited when it was asked", () => BreakGlass(Of(Ask() with { Effect = "prohibit" })), "refused: WrongState"),
        ("prohibited absolutely when it was asked", () => BreakGlass(Of(Ask() with { Effect = "prohibit", Absolute = true })), "refused: WrongState"),
        ("ready already", () => BreakGlass(Ready()), "refused: WrongState"),
        ("denied", () => BreakGlass(Moved(Vote(Waiting, Strong("ann"), approves: false))), "refused: WrongState"),
        ("a second time", () => BreakGlass(Moved(BreakGlass(Waiting))), "refused: WrongState"),
        ("too late to decide", () => BreakGlass(Waiting, after: 3600), "refused: WrongState"),
    ];

    public static TheoryData<int, string> Cases => [.. Table.Select((row, at) => (at, row.Name))];

    [Theory]
    [MemberData(nameof(Cases))]
    public void BreakGlass_Cases_EndAsTheTableSays(int row, string name)
    {
        var word = Word(Table[row].Does());

        Assert.True(word == Table[row].Expected, $"{name}: {word} instead of {Table[row].Expected}");
    }

    [Theory]
    [InlineData(600, 600)]
    [InlineData(900, 900)]
    [InlineData(1800, 900)]
    public void BreakGlass_Grant_HoldsForFifteenMinutesAtMost(long executeWithin, int expected)
    {
        var broken = Moved(BreakGlass(Of(Ask(OneOncall) with { ExecuteWithinS = executeWithin })));

        Assert.Equal(("break-glass", Start.AddSeconds(60 + expected)), (broken.Grant!.By, broken.Grant.NotAfter));
        Assert.Equal(ApprovalState.Ready, Moved2(Ending.Due(broken, broken.Grant.NotAfter.AddTicks(-1)), broken).State);
        Assert.Equal(ApprovalState.Expired, Moved(Ending.Due(broken, broken.Grant.NotAfter)).State);
    }

    [Fact]
    public void BreakGlass_Grant_IsUsedOnce()
    {
        var taken = Moved(Take(Moved(BreakGlass(Waiting))));

        Assert.Equal(ApprovalState.HandedOff, taken.State);
        Refused(RefusalCode.WrongState, Take(taken));
        Refused(RefusalCode.WrongState, BreakGlass(taken));
    }

    [Theory]
    [InlineData("the same", "handed_off")]
    [InlineData("one more person", "handed_off")]
    [InlineData("prohibits", "revoked")]
    [InlineData("cannot be read", "refused: NotSeen")]
    public void Take_BrokenGlass_IsHeldToWhatPolicyProhibits(string policy, string expected) =>
        Assert.Equal(expected, Word(Take(Moved(BreakGlass(Waiting)), standing: VotingTests.StandingUnder(Waiting, policy))));

    [Fact]
    public void Take_BrokenGlassAndAnotherWorld_Drifts() =>
        Assert.Equal(ApprovalState.Drifted, Moved(Take(Moved(BreakGlass(Waiting)), world: new WorldCheck.Differs(["image is another"]))).State);

    [Fact]
    public void BreakGlass_Done_TellsSecurity()
    {
        var moved = Assert.IsType<ApprovalResult.Moved>(BreakGlass(Waiting));

        Assert.Contains(Notices.Security, Notices.Of(Assert.Single(moved.Events), moved.Request).Select(n => n.Channel));
        Assert.Equal((Start.AddSeconds(60), Start.AddSeconds(60).AddHours(24)), (moved.Request.BrokenGlass!.At, moved.Request.BrokenGlass.ReviewBy));
    }

    private static readonly (string Name, Principal By, string Reason, string Expected)[] Reviews =
    [
        ("somebody else on call", Strong("bob"), "it was right", "ready"),
        ("who broke it", Strong("ann"), "it was right", "refused: OwnRequest"),
        ("who broke it, by another identity", new(new(ActorKind.Human, "slack:T1/U9", Principal.SignedAssurance), "ann", [Oncall]), "it was right", "refused: OwnRequest"),
        ("whom it was asked for", Strong("eve"), "it was right", "refused: OwnRequest"),
        ("an agent", new(ReceiptActor.Copilot, "bob", [Oncall]), "it was right", "refused: NoPerson"),
        ("without a role", Strong("dan"), "it was right", "refused: NoRole"),
        ("known by the system's user", Weak("bob"), "it was right", "refused: WeakIdentity"),
        ("without a reason", Strong("bob"), " ", "refused: NoReason"),
        ("a reason that is too long", Strong("bob"), new('x', Voting.LongestReason + 1), "refused: NoReason"),
    ];

    public static TheoryData<int, string> ReviewCases => [.. Reviews.Select((row, at) => (at, row.Name))];

    [Theory]
    [MemberData(nameof(ReviewCases))]
    public void Review_Cases_EndAsTheTableSays(int row, string name)
    {
        var (_, by, reason, expected) = Reviews[row];
        var word = Word(Voting.Review(Moved(BreakGlass(Waiting)), by, justified: true, reason, Start.AddSeconds(90), Now(Waiting)));

        Assert.True(word == expected, $"{name}: {word} instead of {expected}");
    }

    [Fact]
    public void Review_Done_IsKeptAndNotDoneAgain()
    {
        var reviewed = Moved(Voting.Review(Moved(BreakGlass(Waiting)), Strong("bob"), justified: false, "bob was awake", Start.AddSeconds(90), Now(Waiting)));

        Assert.Equal(("bob", false, "bob was awake"), (reviewed.BrokenGlass!.ReviewedBy, reviewed.BrokenGlass.Justified, reviewed.BrokenGlass.Review));
        Assert.Equal("same", Word(Voting.Review(reviewed, Strong("bob"), justified: true, "after all", Start.AddSeconds(95), Now(Waiting))));
        Assert.Null(Ending.Due(reviewed with { State = ApprovalState.Succeeded }, Start.AddDays(2)));
    }

    [Fact]
    public void Review_ByWhoseAccountWasLinkedSinceItAsked_IsRefused() => Refused(
        RefusalCode.OwnRequest, Voting.Review(Moved(BreakGlass(Waiting)), Strong("bob"), justified: true, "fine by me", Start.AddSeconds(90), Now(Waiting) with { Asking = ["bob"] }));

    [Fact]
    public void Review_NothingBroken_IsRefused() => Refused(RefusalCode.WrongState, Voting.Review(Ready(), Strong("bob"), justified: true, "why", Start, Now(Waiting)));

    [Fact]
    public void Due_NobodyReviewedInTime_IsToldOnceAndMayStillBeReviewed()
    {
        var expired = Moved(Ending.Due(Moved(BreakGlass(Waiting)), Start.AddHours(2)));
        var by = expired.BrokenGlass!.ReviewBy;

        Assert.Null(Ending.Due(expired, by.AddTicks(-1)));
        var due = Ending.Due(expired, by)!;
        Assert.True(due.Request.BrokenGlass!.Overdue);
        Assert.Equal(ApprovalState.Expired, due.Request.State);
        Assert.Equal(Notices.Security, Assert.Single(Notices.Of(Assert.Single(due.Events), due.Request)).Channel);
        Assert.Null(Ending.Due(due.Request, by.AddDays(9)));
        Assert.Equal("bob", Moved(Voting.Review(due.Request, Strong("bob"), justified: true, "late, and right", by.AddDays(1), Now(Waiting))).BrokenGlass!.ReviewedBy);
    }

    private static ApprovalRequest Moved2(ApprovalResult.Moved? due, ApprovalRequest before) => due?.Request ?? before;
}
