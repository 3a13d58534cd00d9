using Copilot.Core.Approvals;
using Copilot.Core.Receipts;
using Xunit;
using static Copilot.Tests.Approvals.Asked;

namespace Copilot.Tests.Approvals;

/// <summary>How requests end before anything is carried out: taken back, cancelled, replaced, too late.</summary>
public sealed class EndingTests
{
    private static readonly ApprovalRequest Half = Approved(Pending(TwoOncall), "ann");

    private static readonly (string Name, Func<ApprovalResult> Does, string Expected)[] Table =
    [
        ("a vote taken back while others are asked", () => Withdraw(Half, Strong("ann")), "pending"),
        ("a vote taken back by another identity of the same person", () => Withdraw(Half, Weak("ann")), "pending"),
        ("a vote taken back of what is ready", () => Withdraw(Ready(), Strong("ann")), "revoked"),
        ("a vote that somebody else gave", () => Withdraw(Half, Strong("bob")), "refused: NotYours"),
        ("no vote of whom it is asked for", () => Withdraw(Half, Strong("eve")), "refused: NotYours"),
        ("an agent in the name of a voter", () => Withdraw(Half, new(ReceiptActor.Copilot, "ann", [Oncall])), "refused: NotYours"),
        ("taken back without a reason", () => Withdraw(Half, Strong("ann"), ""), "refused: NoReason"),
        ("taken back with too long a reason", () => Withdraw(Half, Strong("ann"), new('x', Voting.LongestReason + 1)), "refused: NoReason"),
        ("a vote taken back of what is in somebody's hands", () => Withdraw(HandedOff(), Strong("ann")), "refused: WrongState"),
        ("an approval after one was taken back", () => Vote(Moved(Withdraw(Half, Strong("ann"))), Strong("ann")), "refused: WrongState"),
        ("a rejection after an approval was taken back", () => Vote(Moved(Withdraw(Half, Strong("ann"))), Strong("ann"), approves: false), "denied"),
        ("a vote taken back twice", () => Withdraw(Moved(Withdraw(Half, Strong("ann"))), Strong("ann")), "refused: NotYours"),
        ("a rejection taken back", () => Withdraw(Moved(Vote(Half, Strong("bob"), approves: false)), Strong("bob")), "refused: NotYours"),
        ("cancelled by whom it is asked for", () => Cancel(Half, Strong("eve")), "cancelled"),
        ("cancelled by the account it is asked for", () => Cancel(Half, new(new(ActorKind.Human, "os:eve", "os-user"), null, [])), "cancelled"),
        ("cancelled by the agent that asked", () => Cancel(Half, new(ReceiptActor.Copilot, null, [])), "cancelled"),
        ("cancelled by somebody of the agent's name", () => Cancel(Half, new(new(ActorKind.Human, "copilot", "os-user"), null, [])), "refused: NotYours"),
        ("cancelled by a voter", () => Cancel(Half, Strong("ann")), "refused: NotYours"),
        ("cancelled by a stranger", () => Cancel(Half, new(new(ActorKind.Human, "os:zed", "os-user"), null, [])), "refused: NotYours"),
        ("cancelled by another agent", () => Cancel(Half, new(new(ActorKind.Agent, "other", "process"), null, [])), "refused: NotYours"),
        ("cancelled when ready", () => Cancel(Ready(), Strong("eve")), "cancelled"),
        ("cancelled in somebody's hands", () => Cancel(HandedOff(), Strong("eve")), "refused: WrongState"),
        ("cancelled twice", () => Cancel(Moved(Cancel(Half, Strong("eve"))), Strong("eve")), "refused: WrongState"),
        ("cancelled with too long a reason", () => Cancel(Half, Strong("eve"), new('x', Voting.LongestReason + 1)), "refused: NoReason"),
    ];

    public static TheoryData<int, string> Cases => [.. Table.Select((row, at) => (at, row.Name))];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Ending_Cases_EndAsTheTableSays(int row, string name)
    {
        var word = Word(Table[row].Does());

        Assert.True(word == Table[row].Expected, $"{name}: {word} instead of {Table[row].Expected}");
    }

    [Fact]
    public void Withdraw_VoteThatIsTakenBack_CountsNoMore()
    {
        var without = Moved(Withdraw(Half, Strong("ann")));

        Assert.Empty(without.Votes);
        Assert.Equal(ApprovalState.Pending, Moved(Vote(without, Strong("bob"))).State);
    }

    [Theory]
    [InlineData(3599, null)]
    [InlineData(3600, ApprovalState.Expired)]
    [InlineData(3601, ApprovalState.Expired)]
    public void Due_Pending_EndsAtTheEdge(int after, ApprovalState? expected) => Assert.Equal(expected, Ending.Due(Half, Start.AddSeconds(after))?.Request.State);

    [Theory]
    [InlineData(60 + 1799, null)]
    [InlineData(60 + 1800, ApprovalState.Expired)]
    public void Due_Ready_EndsAtTheEdge(int after, ApprovalState? expected) => Assert.Equal(expected, Ending.Due(Ready(), Start.AddSeconds(after))?.Request.State);

    [Theory]
    [InlineData(120 + 1799, null)]
    [InlineData(120 + 1800, ApprovalState.Expired)]
    public void Due_HandedOff_EndsAtTheEdge(int after, ApprovalState? expected) => Assert.Equal(expected, Ending.Due(HandedOff(), Start.AddSeconds(after))?.Request.State);

    [Fact]
    public void Due_LastMoment_IsNotTooLate() => Assert.Null(Ending.Due(Half, Half.DecideBy.AddTicks(-1)));

    [Fact]
    public void Due_EndedAlready_NothingMore()
    {
        var expired = Moved(Ending.Due(Half, Half.DecideBy));

        Assert.Null(Ending.Due(expired, Half.DecideBy.AddDays(400)));
        Assert.Null(expired.EndsAt);
    }

    /// <summary>Whoever calls without having looked at the time first gets nothing by it.</summary>
    [Fact]
    public void TooLate_WithoutDue_IsRefusedAllTheSame()
    {
        Refused(RefusalCode.WrongState, Vote(Half, Strong("bob"), after: 3600));
        Refused(RefusalCode.WrongState, Vote(Half, Strong("bob"), approves: false, after: 3600));
        Refused(RefusalCode.WrongState, Take(Ready(), after: 60 + 1800));
        Refused(RefusalCode.WrongState, CarryingOut.Report(HandedOff(), Strong("ann"), carriedOut: true, "done", Start.AddSeconds(120 + 1800)));
    }

    [Fact]
    public void ClockThatWentBack_BringsNothingBack()
    {
        var expired = Moved(Ending.Due(Half, Half.DecideBy));
        Refused(RefusalCode.WrongState, Vote(expired, Strong("bob"), after: 0));

        // Nor does it make anything earlier than what has happened.
        var later = Moved(Vote(Pending(TwoOncall), Strong("ann"), after: 3000));
        var earlier = Moved(Vote(later, Strong("bob"), after: -86400));
        Assert.Equal((Start.AddSeconds(3000), Start.AddSeconds(3000 + 1800)), (earlier.LatestAt, earlier.Grant!.NotAfter));
        Assert.Equal(Start.AddSeconds(3000), Moved(Take(earlier, after: -1)).HandedTo!.At);
    }

    [Theory]
    [InlineData(ApprovalState.Pending, true)]
    [InlineData(ApprovalState.Ready, true)]
    [InlineData(ApprovalState.HandedOff, false)]
    [InlineData(ApprovalState.Verifying, false)]
    [InlineData(ApprovalState.Denied, false)]
    public void Supersede_State_OnlyWhatIsInNobodysHands(ApprovalState state, bool expected)
    {
        var request = state switch
        {
            ApprovalState.Pending => Half,
            ApprovalState.Ready => Ready(),
            ApprovalState.HandedOff => HandedOff(),
            ApprovalState.Verifying => Verifying(),
            _ => Moved(Vote(Half, Strong("ann"), approves: false)),
        };

        Assert.Equal(expected ? ApprovalState.Superseded : null, Ending.Supersede(request, "01K0ANEWER0000000000000000", Start.AddSeconds(200))?.Request.State);
    }

    private static ApprovalResult Withdraw(ApprovalRequest request, Principal by, string reason = "I was wrong") => Voting.Withdraw(request, by, reason, Start.AddSeconds(100));

    private static ApprovalResult Cancel(ApprovalRequest request, Principal by, string reason = "not needed") => Ending.Cancel(request, by, reason, Start.AddSeconds(100));
}
