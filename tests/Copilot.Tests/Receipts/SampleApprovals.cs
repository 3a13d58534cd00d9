using Copilot.Core.Approvals;
using Copilot.Core.Receipts;
using Copilot.Storage;
using Copilot.Tests.Approvals;
using Copilot.Tests.Policy;
using Copilot.UseCases;

namespace Copilot.Tests.Receipts;

/// <summary>Receipts of requests for approval, always the same: a step that was approved, handed over and looked at, one whose glass was broken, and one that was given up.</summary>
internal static class SampleApprovals
{
    private const string Stream = "incident-1";

    private static readonly DateTimeOffset At = Asked.Start;

    public static void Add(SampleLog log, Func<byte[], byte[]> sign)
    {
        GrantIssuer Issuer(int number) => new($"01K0GRANT{number:00000000000000000}", "none", message => Convert.ToBase64String(sign(message)));
        ApprovalResult Approve(ApprovalRequest request, int grant) =>
            Voting.Cast(request, Asked.Strong("ann"), approves: true, "seen", request.Ask.PresentedDigest, Asked.Signed, At.AddSeconds(60), Asked.Now(request), Issuer(grant));

        var step = Ask(log, 1, Asked.Ask(Asked.OneOncall));
        step = Write(log, step, Approve(step, 1));
        step = Write(log, step, Asked.Take(step));
        step = Write(log, step, CarryingOut.Report(step, Asked.Strong("ann"), carriedOut: true, "done", At.AddSeconds(180)));
        Write(log, step, CarryingOut.Observe(step, [new("object-as-planned", "web", ProbeReading.Holds, "seen")], TimeSpan.Zero, TimeSpan.Zero, hasWayBack: true, At.AddSeconds(200)));

        var broken = Ask(log, 2, Asked.Ask(Asked.OneOncall));
        broken = Write(log, broken, Voting.BreakGlass(broken, Asked.Strong("bob"), "nobody answers, the shop is down", broken.Ask.PresentedDigest, Asked.Signed, ["sev1"], At.AddSeconds(60), Asked.Now(broken), Issuer(2)));
        Write(log, broken, Voting.Review(broken, Asked.Strong("ann"), justified: true, "it was right", At.AddSeconds(90), Asked.Now(broken)));

        var given = Ask(log, 3, Asked.Ask(Asked.TwoOncall));
        given = Write(log, given, Approve(given, 3));
        given = Write(log, given, Voting.Withdraw(given, Asked.Strong("ann"), "I was wrong", At.AddSeconds(70)));
        given = Write(log, given, Ending.Cancel(given, Asked.Strong("eve"), "not needed", At.AddSeconds(80)));
        Activated(log, Issuer(5));
        Executed(log, Issuer(4), message => Convert.ToBase64String(sign(message)));
        log.Add(new(ReceiptType.ApprovalRefused, Stream, given.Id, new() { ["request"] = given.Id, ["wanted"] = Deeds.Approve, ["code"] = "wrong_state", ["why"] = "The request is cancelled." }));
    }

    /// <summary>An executor carries a step out, falls silent before it can say so, and is found to have done it; then everything is stopped for a while.</summary>
    private static void Executed(SampleLog log, GrantIssuer issuer, Func<byte[], string> sign)
    {
        const string name = "shop";
        log.Add(new(ReceiptType.ExecutorAdmitted, "log", name, new() { ["executor"] = name, ["key"] = new NoteKey(name, log.Key.PublicKey.Span).ToString() }));
        var step = Ask(log, 4, Asked.Ask(Asked.OneOncall) with { Executor = name });
        step = Write(log, step, Voting.Cast(step, Asked.Strong("ann"), approves: true, "seen", step.Ask.PresentedDigest, Asked.Signed, At.AddSeconds(60), Asked.Now(step), issuer));
        step = Write(log, step, ByExecutor.Claim(step, name, "attempt-1", At.AddSeconds(70), Asked.Now(step), new WorldCheck.Same()));
        step = Write(log, step, Ending.Due(step, At.AddSeconds(70) + ByExecutor.Lease)!);
        step = Write(log, step, ByExecutor.Step(step, name, step.Execution!.Fence, Report(step, StepReport.Applied), "spec.replicas: 1 -> 3", At.AddSeconds(140)));
        step = Write(log, step, ByExecutor.Claim(step, name, "attempt-2", At.AddSeconds(150), Asked.Now(step), new WorldCheck.Same()));
        Write(log, step, ByExecutor.Reconcile(step, name, step.Execution!.Fence, [Report(step, StepReport.TookEffect)], ["as the step would have left it"], At.AddSeconds(160)));
        log.Add(new(ReceiptType.ExecutorsStopped, "log", "executors", new() { ["reason"] = "too much at once" }) { Actor = new(ActorKind.Human, "os:alice", "os-user") });
        log.Add(new(ReceiptType.ExecutorsResumed, "log", "executors", new() { ["reason"] = "it was one" }) { Actor = new(ActorKind.Human, "os:alice", "os-user") });
        log.Add(new(ReceiptType.ExecutorDismissed, "log", name, new() { ["executor"] = name }) { Actor = new(ActorKind.Human, "os:alice", "os-user") });

        StepReport Report(ApprovalRequest request, string outcome)
        {
            var report = new StepReport(0, outcome, At.AddSeconds(75), "none", "uid-1", "12", "");
            return report with { Signature = sign(report.Bytes(name, request.Id, request.Execution!.Fence)) };
        }
    }

    /// <summary>Two people put another policy in force.</summary>
    private static void Activated(SampleLog log, GrantIssuer issuer)
    {
        var policy = Policies.Of("{ id: reads, when: { kind: { effect: read } }, then: allow }");
        var change = Ask(log, 5, Asked.Activation(policy, Asked.Hash('c')));
        foreach (var person in (string[])["ann", "bob"]) change = Write(log, change, Voting.Cast(change, Asked.Strong(person), approves: true, "seen", change.Ask.PresentedDigest, Asked.Signed, At.AddSeconds(60), Asked.Now(change), issuer));
        change = Write(log, change, PolicyActivation.Enact(change, Asked.Strong("ann"), At.AddSeconds(90), Asked.Now(change), new WorldCheck.Same()));
        log.Add(PolicyBook.Activation(policy, Asked.Hash('c'), change, new(ActorKind.Human, "ann", Principal.SignedAssurance)));
    }

    private static ApprovalRequest Ask(SampleLog log, int number, ApprovalAsk ask) =>
        Write(log, null, Voting.Ask($"01K0REQVEST{number:000000000000000}", ask, At, new("01K0GRANT00000000000000000", "none", _ => throw new InvalidOperationException("nobody is let through"))));

    private static ApprovalRequest Write(SampleLog log, ApprovalRequest? before, ApprovalResult result)
    {
        foreach (var happened in ((ApprovalResult.Moved)result).Events)
        {
            var (draft, told) = ApprovalReceipts.Draft(happened, Stream, new(ActorKind.Human, "ann", Principal.SignedAssurance), null, []);
            log.Add(draft);
            before = ApprovalHistory.Apply(before, told);
        }
        return before!;
    }
}
