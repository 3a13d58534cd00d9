using Copilot.Core.Approvals;
using Copilot.Core.Policy;
using Copilot.Core.Receipts;
using Xunit;
using static Copilot.Tests.Approvals.Asked;

namespace Copilot.Tests.Approvals;

/// <summary>Who may vote, what a vote counts for, and what comes of several.</summary>
public sealed class VotingTests
{
    private static readonly ApprovalRequest One = Pending(OneOncall);
    private static readonly ApprovalRequest Two = Pending(TwoOncall);
    private static readonly ApprovalRequest Both = Pending(OneOncall, OneLead);

    /// <summary>What is asked, the votes in their order, and what comes of the last.</summary>
    private static readonly (string Name, ApprovalRequest Request, Cast[] Votes, string Expected)[] Table =
    [
        ("one of one", One, [new(Strong("ann"))], "ready"),
        ("one of two", Two, [new(Strong("ann"))], "pending"),
        ("two of two", Two, [new(Strong("ann")), new(Strong("bob"))], "ready"),
        ("the person it is asked for", One, [new(Strong("eve"))], "refused: OwnRequest"),
        ("the person it is asked for, by another identity", One, [new(Other("eve", "slack:T1/U1"))], "refused: OwnRequest"),
        ("the person it is asked for rejects", One, [new(Strong("eve"), Approves: false)], "refused: OwnRequest"),
        ("the requester, a person", Of(Ask(OneOncall) with { Requester = new(ActorKind.Human, "os:ann", "os-user"), OnBehalfOf = null, Excluded = ["ann"] }), [new(Strong("ann"))], "refused: OwnRequest"),
        ("an agent", One, [new(new(ReceiptActor.Copilot, null, [Oncall]))], "refused: NoPerson"),
        ("an agent that claims to be a person", One, [new(new(ReceiptActor.Copilot, "ann", [Oncall]))], "refused: NoPerson"),
        ("an agent that claims a key", One, [new(new(new(ActorKind.Agent, "copilot", Principal.SignedAssurance), "ann", [Oncall]))], "refused: NoPerson"),
        ("a service", One, [new(new(new(ActorKind.Service, "api:ci", "token"), null, [Oncall]))], "refused: NoPerson"),
        ("a service that claims to be a person", One, [new(new(new(ActorKind.Service, "api:ci", Principal.SignedAssurance), "ann", [Oncall]))], "refused: NoPerson"),
        ("nobody whom the directory knows", One, [new(new(new(ActorKind.Human, "os:zed", "os-user"), null, []))], "refused: NoPerson"),
        ("nobody whom the directory knows, with a key", One, [new(new(new(ActorKind.Human, "zed", Principal.SignedAssurance), null, [Oncall]))], "refused: NoPerson"),
        ("somebody who claims to be a person without having shown it", One, [new(new(new(ActorKind.Service, "api:bot", "api-token"), null, []) { Claims = "ann" })], "refused: BadSignature"),
        ("disabled: known, without any role", One, [new(new(new(ActorKind.Human, "os:ann", "os-user"), null, []))], "refused: NoPerson"),
        ("without a role", One, [new(Strong("dan"))], "refused: NoRole"),
        ("without a role, rejects", One, [new(Strong("dan"), Approves: false)], "refused: NoRole"),
        ("of another role", One, [new(Strong("cat"))], "refused: NoRole"),
        ("a group of another name", One, [new(Strong("ann", "sre-oncall", "group/sre-oncall2", "GROUP/SRE-ONCALL"))], "refused: NoRole"),
        ("known by the system's user, production", One, [new(Weak("ann"))], "refused: WeakIdentity"),
        ("known by the system's user, where that is enough", Of(Ask(OneOncall) with { LowAssurance = true }), [new(Weak("ann"))], "ready"),
        ("known by the system's user, rejects in production", One, [new(Weak("ann"), Approves: false)], "denied"),
        ("known by a token", One, [new(Other("ann", "api:ann-laptop", "token"))], "refused: WeakIdentity"),
        ("an assurance that nobody knows", One, [new(Other("ann", "ann", "PERSON-KEY"))], "refused: WeakIdentity"),
        ("another text was shown", One, [new(Strong("ann"), Presented: Hash('f'))], "refused: OtherPresentation"),
        ("nothing was shown", One, [new(Strong("ann"), Presented: "")], "refused: OtherPresentation"),
        ("the text of another plan was shown", One, [new(Strong("ann"), Presented: Presentation.DigestOf(One.Ask.Presented, Hash('f')))], "refused: OtherPresentation"),
        ("rejects whatever was shown", One, [new(Strong("ann"), Approves: false, Presented: "")], "denied"),
        ("rejects without a reason", One, [new(Strong("ann"), Approves: false, Reason: " ")], "refused: NoReason"),
        ("approves without a reason", One, [new(Strong("ann"), Reason: "")], "ready"),
        ("the longest reason", One, [new(Strong("ann"), Reason: new('x', Voting.LongestReason))], "ready"),
        ("a reason that is too long", One, [new(Strong("ann"), Reason: new('x', Voting.LongestReason + 1))], "refused: NoReason"),
        ("the same vote twice", Two, [new(Strong("ann")), new(Strong("ann"))], "same"),
        ("one person by two identities", Two, [new(Strong("ann")), new(Other("ann", "slack:T1/U2", Principal.SignedAssurance))], "same"),
        ("a change of mind", Two, [new(Strong("ann")), new(Strong("ann"), Approves: false)], "denied"),
        ("deny beats allow", Two, [new(Strong("ann")), new(Strong("bob"), Approves: false)], "denied"),
        ("a rejection cannot be made up for", Two, [new(Strong("bob"), Approves: false), new(Strong("ann"))], "refused: WrongState"),
        ("who rejected cannot come back", Two, [new(Strong("bob"), Approves: false), new(Strong("bob"))], "refused: WrongState"),
        ("a vote after the end", One, [new(Strong("ann")), new(Strong("bob"))], "refused: WrongState"),
        ("a rejection after the end", One, [new(Strong("ann")), new(Strong("bob"), Approves: false)], "refused: WrongState"),
        ("one person for two roles", Both, [new(Strong("bob"))], "pending"),
        ("one person for two roles, twice", Both, [new(Strong("bob")), new(Strong("bob"))], "same"),
        ("who holds both fills what the other cannot: lead comes second", Both, [new(Strong("bob")), new(Strong("cat"))], "ready"),
        ("who holds both fills what the other cannot: on call comes second", Both, [new(Strong("bob")), new(Strong("ann"))], "ready"),
        ("one for each", Both, [new(Strong("cat")), new(Strong("ann"))], "ready"),
        ("three places of two people", Pending(TwoOncall, OneLead), [new(Strong("ann")), new(Strong("bob"))], "pending"),
        ("three places of three people", Pending(TwoOncall, OneLead), [new(Strong("ann")), new(Strong("bob")), new(Strong("cat"))], "ready"),
        ("only break-glass opens it", Of(Ask(OneOncall) with { BreakGlassOnly = true }), [new(Strong("ann"))], "pending"),
        ("prohibited", Of(Ask() with { Effect = "prohibit" }), [new(Strong("ann"))], "refused: WrongState"),
        ("an effect that nobody knows is prohibited", Of(Ask() with { Effect = "permit" }), [new(Strong("ann"))], "refused: WrongState"),
        ("let through already", Of(Ask()), [new(Strong("ann"))], "refused: WrongState"),
        ("allowed, and people are asked all the same", Of(Ask(OneOncall) with { Effect = "allow" }), [new(Strong("ann"))], "ready"),
        ("asked without saying whom", Of(Ask() with { Effect = "require_approval" }), [new(Strong("ann"))], "refused: NoRole"),
    ];

    public static TheoryData<int, string> Votes => [.. Table.Select((row, at) => (at, row.Name))];

    [Theory]
    [MemberData(nameof(Votes))]
    public void Cast_Votes_EndAsTheTableSays(int row, string name)
    {
        var (_, request, votes, expected) = Table[row];
        ApprovalResult result = new ApprovalResult.Same(request, "");
        foreach (var vote in votes)
        {
            result = Vote(request, vote.By, vote.Approves, vote.Presented, reason: vote.Reason);
            if (result is ApprovalResult.Moved moved) request = moved.Request;
        }

        Assert.True(expected == Word(result), $"{name}: {Word(result)} instead of {expected}");
        Assert.All(request.Votes.GroupBy(v => v.Person), v => Assert.Single(v));
        Assert.Equal(request.State == ApprovalState.Ready, request.Grant is not null);
    }

    /// <summary>Whoever the directory did not know when they asked has not become somebody else by being added to it.</summary>
    [Fact]
    public void Cast_AccountThatAskedIsLinkedToTheVoterSince_IsRefused() => Refused(RefusalCode.OwnRequest, Vote(One, Strong("ann"), standing: Now(One) with { Asking = ["ann"] }));

    [Fact]
    public void Cast_LastVote_BringsTheGrantOfWhatWasAsked()
    {
        var moved = Assert.IsType<ApprovalResult.Moved>(Vote(One, Strong("ann")));

        Assert.Equal([ApprovalHappening.Voted, ApprovalHappening.Granted], moved.Events.Select(e => e.Happening));
        var grant = moved.Request.Grant!;
        Assert.Equal((One.Id, One.Ask.PlanDigest, One.Ask.WorldDigest, "votes", One.Ask.Policy), (grant.Request, grant.Plan, grant.World, grant.By, grant.Policy));
        Assert.Equal((Start.AddSeconds(60), Start.AddSeconds(60 + 1800)), (grant.NotBefore, grant.NotAfter));
    }

    [Fact]
    public void Cast_SameAgain_HasNoEvent()
    {
        var once = Moved(Vote(Two, Strong("ann")));

        Assert.Same(once, Assert.IsType<ApprovalResult.Same>(Vote(once, Strong("ann"))).Request);
    }

    [Fact]
    public void Cast_ChangeOfMind_LeavesOneVote()
    {
        var denied = Moved(Vote(Moved(Vote(Two, Strong("ann"))), Strong("ann"), approves: false));

        Assert.False(Assert.Single(denied.Votes).Approves);
    }

    [Fact]
    public void Cast_RoleLostByAnEarlierVoter_DoesNotCount()
    {
        var once = Moved(Vote(Two, Strong("ann")));

        var second = Moved(Vote(once, Strong("bob"), standing: Now(Two, null, "ann")));

        Assert.Equal(ApprovalState.Pending, second.State);
    }

    /// <summary>A role that somebody was given after the vote was not theirs when they voted.</summary>
    [Fact]
    public void Cast_RoleGainedAfterTheVote_DoesNotCount()
    {
        var once = Moved(Vote(Both, Strong("ann")));
        var standing = Now(Both) with { GroupsOf = new Dictionary<string, IReadOnlyCollection<string>> { ["ann"] = [Oncall, Leads], ["bob"] = [Oncall] } };

        Assert.Equal(ApprovalState.Pending, Moved(Vote(once, Strong("bob", Oncall), standing: standing)).State);
    }

    [Fact]
    public void Cast_WithoutADirectory_CountsNobody()
    {
        var nobody = Now(One) with { GroupsOf = new Dictionary<string, IReadOnlyCollection<string>>() };

        Assert.Equal(ApprovalState.Pending, Moved(Vote(One, Strong("ann"), standing: nobody)).State);
    }

    public static TheoryData<string, string> Policies => new()
    {
        { "the same", "ready" },
        { "looser", "ready" },
        { "one more person", "revoked" },
        { "another role", "revoked" },
        { "less time", "revoked" },
        { "break-glass only", "revoked" },
        { "prohibits", "revoked" },
        { "cannot be read", "refused: NotSeen" },
    };

    [Theory]
    [MemberData(nameof(Policies))]
    public void Cast_PolicyOfTheMoment_IsNeverStricterThanWhatWasAsked(string policy, string expected) =>
        Assert.Equal(expected, Word(Vote(One, Strong("ann"), standing: StandingUnder(One, policy))));

    [Theory]
    [InlineData("prohibit", true, ApprovalState.Prohibited)]
    [InlineData("prohibit", false, ApprovalState.Prohibited)]
    [InlineData("require_approval", false, ApprovalState.Pending)]
    [InlineData("allow", false, ApprovalState.Ready)]
    public void Ask_Effect_BeginsWhereItMust(string effect, bool absolute, ApprovalState expected)
    {
        var asked = Voting.Ask("01K0REQVEST000000000000000", Ask() with { Effect = effect, Absolute = absolute }, Start, Issuer);

        Assert.Equal(expected, asked.Request.State);
        Assert.Equal(expected == ApprovalState.Ready ? "policy" : null, asked.Request.Grant?.By);
        Assert.Equal(Start.AddSeconds(3600), asked.Request.DecideBy);
    }

    [Fact]
    public void Ask_AllowedButOnlyForBreakGlass_WaitsForPeople() => Assert.Equal(ApprovalState.Pending, Of(Ask() with { BreakGlassOnly = true }).State);

    internal static Standing StandingUnder(ApprovalRequest request, string policy)
    {
        var outcome = request.Ask.Outcome;
        return policy switch
        {
            "the same" => Now(request),
            "looser" => Now(request, outcome with { Effect = PolicyEffect.Allow, Requirements = [], DecideWithin = null, ExecuteWithin = null }),
            "one more person" => Now(request, outcome with { Requirements = [TwoOncall] }),
            "another role" => Now(request, outcome with { Requirements = [OneLead] }),
            "less time" => Now(request, outcome with { ExecuteWithin = TimeSpan.FromSeconds(60) }),
            "break-glass only" => Now(request, outcome with { BreakGlassOnly = true }),
            "prohibits" => Now(request, PolicyOutcome.Refused),
            "cannot be read" => WithoutPolicy(request),
            _ => throw new InvalidOperationException(policy),
        };
    }

    private static Principal Other(string person, string identity, string assurance = Principal.SignedAssurance) => new(new(ActorKind.Human, identity, assurance), person, Groups[person]);

    private sealed record Cast(Principal By, bool Approves = true, string? Presented = null, string Reason = "seen");
}
