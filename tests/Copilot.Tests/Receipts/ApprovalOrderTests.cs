using System.Text.Json.Nodes;
using Copilot.Core.Approvals;
using Copilot.Core.Receipts;
using Copilot.Storage;
using Copilot.Tests.Approvals;
using Copilot.Tests.Policy;
using Copilot.UseCases;
using Xunit;

namespace Copilot.Tests.Receipts;

/// <summary>A log whose owner lies about approvals: each receipt is sealed and signed as it should be, and only what they say together is wrong.</summary>
public sealed class ApprovalOrderTests
{
    private static readonly (string Lie, string Says, Action<List<ReceiptDraft>> Tell)[] Lies =
    [
        ("a vote that was not given", "on 1 votes where 2 are asked for", d => Without(d, 2)),
        ("one person in both places", "on 1 votes where 2 are asked for", d => Vote(d[2])["person"] = "ann"),
        ("somebody without the role", "on 1 votes where 2 are asked for", d => Vote(d[2])["roles"] = new JsonArray()),
        ("somebody who saw another text", "on 1 votes where 2 are asked for", d => Vote(d[2])["presented"] = Asked.Hash('f')),
        ("somebody who rejected", "on 1 votes where 2 are asked for", d => Vote(d[2])["approves"] = false),
        ("whoever asked", "counts the vote of somebody who asked for it", d => Vote(d[2])["person"] = "eve"),
        ("a vote taken back", "on 1 votes where 2 are asked for", d =>
        {
            d.Insert(3, d[2] with { Type = ReceiptType.ApprovalWithdrawn, Committed = [new("/body/reason", "sorry")], Body = new() { ["request"] = Text(d[2], "request"), ["version"] = 4, ["from"] = "approved", ["to"] = "approved", ["at"] = Text(d[2], "at"), ["because"] = "sorry", ["person"] = "bob" } });
            Renumber(d);
        }),
        ("policy that asked for people", "lets through by policy what people had to agree to", d => Grant(d[3])["by"] = "policy"),
        ("a glass that nobody broke", "does not rest on what it says", d => Grant(d[3])["by"] = "break-glass"),
        ("a grant of another plan", "for something else than was asked", d => Grant(d[3])["plan"] = Asked.Hash('f')),
        ("a grant of another world", "for something else than was asked", d => Grant(d[3])["world"] = Asked.Hash('f')),
        ("a grant that lasts longer than was signed", "not signed with the log's key", d => Grant(d[3])["not_after"] = "2027-03-01T12:00:00.0000000Z"),
        ("a signature that is none", "not signed with the log's key", d => Grant(d[3])["signature"] = "AAAA"),
        ("no grant", "hands over what no grant before it allows", d => Without(d, 3)),
        ("a grant that comes afterwards", "hands over what no grant before it allows", d =>
        {
            (d[3], d[4]) = (d[4], d[3]);
            Renumber(d);
        }),
        ("another grant", "hands over what no grant before it allows", d => d[4].Body["grant"] = "01K0GRANT00000000000000009"),
        ("a grant used twice", "consumes a grant a second time", d => d.Add(d[4] with { Body = Next(d[4], "handed_off") })),
        ("a grant used too late", "outside of its time", d => d[4].Body["at"] = "2026-03-01T12:31:00.0000000Z"),
        ("a grant used too early", "outside of its time", d => d[4].Body["at"] = "2026-03-01T12:00:59.9999999Z"),
        ("a step that was revoked before", "does not go on from revoked", d =>
        {
            d.Insert(4, d[4] with { Type = ReceiptType.ApprovalEnded, Committed = [new("/body/reason", ""), new("/body/differences", new JsonArray())], Body = new() { ["request"] = Text(d[4], "request"), ["version"] = 5, ["from"] = "ready", ["to"] = "revoked", ["at"] = Text(d[4], "at"), ["because"] = "no" } });
            Renumber(d, takenFrom: "ready");
        }),
        ("a happening left out", "is number 4 of its request where 3 is due", d => d.RemoveAt(2)),
        ("a request begun twice", "begins a request that is there already", d => d.Insert(1, d[0])),
        ("a request that was never begun", "tells of a request that was never begun", d => d.RemoveAt(0)),
    ];

    public static TheoryData<string> Names => [.. Lies.Select(l => l.Lie)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Verify_LieAboutApprovals_IsTold(string lie)
    {
        var (_, says, tell) = Lies.Single(l => l.Lie == lie);

        var check = Check(tell);

        Assert.Equal(CheckOutcome.Failed, check.Outcome);
        Assert.Contains(says, check.Says);
    }

    [Fact]
    public void Verify_TheTruth_Holds()
    {
        var check = Check(_ => { });

        Assert.Equal((CheckOutcome.Held, "Each of the 1 steps that were handed over rests on a grant that was issued before and consumed once."), (check.Outcome, check.Says));
    }

    /// <summary>Admitted; asked, approved and granted; claimed, and one step said to be applied.</summary>
    private static readonly (string Lie, string Says, Action<List<ReceiptDraft>> Tell)[] LiesOfExecutors =
    [
        ("a claim without its grant", "hands over what no grant before it allows", d => Without(d, 4)),
        ("a claim of another grant", "hands over what no grant before it allows", d => d[5].Body["grant"] = "01K0GRANT00000000000000009"),
        ("a claim too late", "outside of its time", d => d[5].Body["at"] = "2026-03-01T12:31:00.0000000Z"),
        ("a claim after somebody took it over", "consumes a grant a second time", d => d.Insert(6, d[5] with { Body = Next(d[5], "executing") })),
        ("another executor", "does not have it in hand", d => d[6].Body["executor"] = "other"),
        ("another fence", "does not have it in hand", d => d[6].Body["fence"] = 99),
        ("an executor that was never admitted", "was never admitted", d => d.RemoveAt(0)),
        ("another key", "not signed with the key of the executor", d => d[0].Body["key"] = new NoteKey("shop", new byte[32]).ToString()),
        ("another outcome", "not signed with the key of the executor", d => d[6].Body["report"]!["outcome"] = "already"),
        ("another object", "not signed with the key of the executor", d => d[6].Body["report"]!["uid"] = "uid-2"),
        ("something left out before", "not signed with the key of the executor", d => d[6].Body["report"]!["prev"] = Asked.Hash('f')),
    ];

    public static TheoryData<string> NamesOfExecutors => [.. LiesOfExecutors.Select(l => l.Lie)];

    [Theory]
    [MemberData(nameof(NamesOfExecutors))]
    public void Verify_LieAboutAnExecutor_IsTold(string lie)
    {
        var (_, says, tell) = LiesOfExecutors.Single(l => l.Lie == lie);

        var check = Check(tell, Executed);

        Assert.Equal(CheckOutcome.Failed, check.Outcome);
        Assert.Contains(says, check.Says);
    }

    [Fact]
    public void Verify_TheTruthAboutAnExecutor_Holds() => Assert.Equal(CheckOutcome.Held, Check(_ => { }, Executed).Outcome);

    /// <summary>Asked, approved twice, granted, taken over, reported, observed; and the policy put in force.</summary>
    private static readonly (string Lie, string Says, Action<List<ReceiptDraft>> Tell)[] LiesOfPolicies =
    [
        ("a policy that nobody took over", "that no consumed grant before it allows", d => d.RemoveRange(4, 3)),
        ("a policy that one person agreed to", "on 1 votes where 2 are asked for", d => Vote(d[2])["person"] = "ann"),
        ("another grant", "that no consumed grant before it allows", d => d[^1].Body["grant"] = "01K0GRANT00000000000000009"),
        ("a policy in force before it was taken over", "that no consumed grant before it allows", d => d.Insert(4, d[^1])),
        ("two policies by one grant", "by a grant that put one in force before", d =>
        {
            d[^1].Body["digest"] = Text(d[^1], "replaces");
            d.Add(d[^1]);
        }),
        ("a policy that takes the place of another one", "in the place of one that was not in force", d =>
        {
            d.Add(d[^1] with { Body = d[^1].Body.DeepClone().AsObject() });
            d[^1].Body["replaces"] = Asked.Hash('9');
        }),
        ("a request for something else", "that its request was not for", d => d[0].Body["ask"]!["incident"] = Asked.Incident),
        ("a request in place of another policy", "that its request was not for", d => d[0].Body["ask"]!["policy"] = Asked.Hash('9')),
        ("a request that asks for one person", "that its request was not for", d => d[0].Body["ask"]!["requirements"]![0]!["count"] = 1),
        ("a request that was never begun", "tells of a request that was never begun", d => d.RemoveRange(0, d.Count - 1)),
    ];

    public static TheoryData<string> NamesOfPolicies => [.. LiesOfPolicies.Select(l => l.Lie)];

    [Theory]
    [MemberData(nameof(NamesOfPolicies))]
    public void Verify_LieAboutThePolicyInForce_IsTold(string lie)
    {
        var (_, says, tell) = LiesOfPolicies.Single(l => l.Lie == lie);

        var check = Check(tell, Activated);

        Assert.Equal(CheckOutcome.Failed, check.Outcome);
        Assert.Contains(says, check.Says);
    }

    [Fact]
    public void Verify_TheTruthAboutThePolicyInForce_Holds() => Assert.Equal(CheckOutcome.Held, Check(_ => { }, Activated).Outcome);

    /// <summary>Whoever broke the glass of something else and says afterwards that it was a policy.</summary>
    [Fact]
    public void Verify_APolicyByABrokenGlass_IsTold() => Assert.Contains("that nobody voted for", Check(d => d[0].Body["ask"]!.AsObject().Remove("incident"), log => Activated(log, broken: true)).Says);

    private static List<ReceiptDraft> Activated(SampleLog log) => Activated(log, broken: false);

    private static List<ReceiptDraft> Activated(SampleLog log, bool broken)
    {
        var issuer = new GrantIssuer("01K0GRANT00000000000000001", "none", message => Convert.ToBase64String(log.Sign(message)));
        var policy = Policies.Of();
        var asked = Voting.Ask("01K0REQVEST000000000000001", Asked.Activation(policy, Asked.Hash('c')) with { Incident = broken ? Asked.Incident : null, Severity = broken ? "sev1" : null }, Asked.Start, issuer);
        var (events, request) = (asked.Events.ToList(), asked.Request);
        Func<ApprovalResult>[] agreed = broken
            ? [() => Voting.BreakGlass(request, Asked.Strong("ann"), "nobody answers, the shop is down", request.Ask.PresentedDigest, Asked.Signed, ["sev1"], Asked.Start.AddSeconds(60), Asked.Now(request), issuer)]
            :
            [
                () => Voting.Cast(request, Asked.Strong("ann"), true, "seen", request.Ask.PresentedDigest, Asked.Signed, Asked.Start.AddSeconds(60), Asked.Now(request), issuer),
                () => Voting.Cast(request, Asked.Strong("bob"), true, "seen", request.Ask.PresentedDigest, Asked.Signed, Asked.Start.AddSeconds(60), Asked.Now(request), issuer),
            ];
        foreach (var result in new List<Func<ApprovalResult>>(agreed)
        {
            () => PolicyActivation.Enact(request, Asked.Strong("ann"), Asked.Start.AddSeconds(120), Asked.Now(request), new WorldCheck.Same()),
        })
        {
            var moved = (ApprovalResult.Moved)result();
            events.AddRange(moved.Events);
            request = moved.Request;
        }
        return [.. events.Select(e => ApprovalReceipts.Draft(e, "log", new(ActorKind.Human, "ann", Principal.SignedAssurance), null, []).Draft), PolicyBook.Activation(policy, Asked.Hash('c'), request, new(ActorKind.Human, "ann", Principal.SignedAssurance))];
    }

    /// <summary>Admitted, asked, approved by ann and bob, granted, claimed, stepped.</summary>
    private static List<ReceiptDraft> Executed(SampleLog log)
    {
        var issuer = new GrantIssuer("01K0GRANT00000000000000001", "none", message => Convert.ToBase64String(log.Sign(message)));
        var asked = Voting.Ask("01K0REQVEST000000000000001", Asked.Ask(Asked.TwoOncall) with { Executor = "shop" }, Asked.Start, issuer);
        var (events, request) = (asked.Events.ToList(), asked.Request);
        foreach (var result in new Func<ApprovalResult>[]
        {
            () => Voting.Cast(request, Asked.Strong("ann"), true, "seen", request.Ask.PresentedDigest, Asked.Signed, Asked.Start.AddSeconds(60), Asked.Now(request), issuer),
            () => Voting.Cast(request, Asked.Strong("bob"), true, "seen", request.Ask.PresentedDigest, Asked.Signed, Asked.Start.AddSeconds(60), Asked.Now(request), issuer),
            () => ByExecutor.Claim(request, "shop", "attempt", Asked.Start.AddSeconds(120), Asked.Now(request), new WorldCheck.Same()),
            () =>
            {
                var report = new StepReport(0, StepReport.Applied, Asked.Start.AddSeconds(125), "none", "uid-1", null, "");
                return ByExecutor.Step(request, "shop", request.Execution!.Fence, report with { Signature = Convert.ToBase64String(log.Sign(report.Bytes("shop", request.Id, request.Execution.Fence))) }, "done", Asked.Start.AddSeconds(130));
            },
        })
        {
            var moved = (ApprovalResult.Moved)result();
            events.AddRange(moved.Events);
            request = moved.Request;
        }
        return
        [
            new(ReceiptType.ExecutorAdmitted, "log", "shop", new() { ["executor"] = "shop", ["key"] = new NoteKey("shop", log.Key.PublicKey.Span).ToString() }),
            .. events.Select(e => ApprovalReceipts.Draft(e, "incident-1", new(ActorKind.Human, "ann", Principal.SignedAssurance), null, []).Draft),
        ];
    }

    private static ReceiptCheck Check(Action<List<ReceiptDraft>> tell, Func<SampleLog, List<ReceiptDraft>>? truth = null)
    {
        var log = new SampleLog().Open();
        var drafts = (truth ?? Truth)(log);
        tell(drafts);
        foreach (var draft in drafts) log.Add(draft);
        return log.Verify(log.Lines, log.Checkpoint(log.Receipts.Count)).Checks.Single(c => c.Name == "approval");
    }

    /// <summary>Asked, approved by ann and bob, granted, handed over.</summary>
    private static List<ReceiptDraft> Truth(SampleLog log)
    {
        var issuer = new GrantIssuer("01K0GRANT00000000000000001", "none", message => Convert.ToBase64String(log.Sign(message)));
        var asked = Voting.Ask("01K0REQVEST000000000000001", Asked.Ask(Asked.TwoOncall), Asked.Start, issuer);
        var (events, request) = (asked.Events.ToList(), asked.Request);
        foreach (var result in new Func<ApprovalResult>[]
        {
            () => Voting.Cast(request, Asked.Strong("ann"), true, "seen", request.Ask.PresentedDigest, Asked.Signed, Asked.Start.AddSeconds(60), Asked.Now(request), issuer),
            () => Voting.Cast(request, Asked.Strong("bob"), true, "seen", request.Ask.PresentedDigest, Asked.Signed, Asked.Start.AddSeconds(60), Asked.Now(request), issuer),
            () => Asked.Take(request),
        })
        {
            var moved = (ApprovalResult.Moved)result();
            events.AddRange(moved.Events);
            request = moved.Request;
        }
        return events.ConvertAll(e => ApprovalReceipts.Draft(e, "incident-1", new(ActorKind.Human, "ann", Principal.SignedAssurance), null, []).Draft);
    }

    private static void Without(List<ReceiptDraft> drafts, int at)
    {
        drafts.RemoveAt(at);
        Renumber(drafts);
    }

    /// <summary>So that nothing but the lie is told.</summary>
    /// <param name="takenFrom">The state in which the step is said to have been handed over; null for the one it was in.</param>
    private static void Renumber(List<ReceiptDraft> drafts, string? takenFrom = null)
    {
        // An executor's admission is none of a request's happenings.
        var first = drafts.FindIndex(d => d.Type == ReceiptType.ApprovalRequested);
        for (var i = first; i < drafts.Count; i++)
        {
            drafts[i] = drafts[i] with { Body = drafts[i].Body.DeepClone().AsObject() };
            drafts[i].Body["version"] = i - first + 1;
            if (i > first) drafts[i].Body["from"] = drafts[i].Type == ReceiptType.ApprovalTaken && takenFrom is not null ? takenFrom : Text(drafts[i - 1], "to");
        }
    }

    private static JsonObject Next(ReceiptDraft draft, string from)
    {
        var body = draft.Body.DeepClone().AsObject();
        (body["version"], body["from"]) = (body["version"]!.GetValue<int>() + 1, from);
        return body;
    }

    private static JsonObject Vote(ReceiptDraft draft) => draft.Body["vote"]!.AsObject();

    private static JsonObject Grant(ReceiptDraft draft) => draft.Body["grant"]!.AsObject();

    private static string Text(ReceiptDraft draft, string member) => draft.Body[member]!.GetValue<string>();
}
