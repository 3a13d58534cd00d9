using Copilot.Core.Actions;
using Copilot.Core.Approvals;
using Copilot.Core.Policy;
using Xunit;
using static Copilot.Tests.Approvals.Asked;

namespace Copilot.Tests.Approvals;

/// <summary>What an executor may do to a request, and what becomes of it when it does not.</summary>
public sealed class ByExecutorTests
{
    private const string Shop = "shop";

    /// <summary>Two steps, of which only the first has a way back.</summary>
    private static ApprovalRequest Ready(bool back = true) => Approved(Of(Ask(OneOncall) with
    {
        Executor = Shop,
        Commands = [new HandoffCommand("kubectl scale a", true, back ? "kubectl scale a back" : null, true), new HandoffCommand("kubectl scale b", true, back ? "kubectl scale b back" : null, true)],
    }), "ann");

    private static ApprovalRequest Executing(bool back = true) => Moved(Claim(Ready(back)));

    [Fact]
    public void Claim_Ready_ConsumesTheGrantUnderAFence()
    {
        var claimed = Moved(Claim(Ready()));

        Assert.Equal(ApprovalState.Executing, claimed.State);
        Assert.Equal((Shop, claimed.Version, Start.AddSeconds(120) + ByExecutor.Lease), (claimed.Execution!.Executor, claimed.Execution.Fence, claimed.Execution.Until));
    }

    [Fact]
    public void Claim_AnotherExecutorThanPeopleAgreedTo_IsRefused()
    {
        Assert.Equal(RefusalCode.NotYours, Refused(ByExecutor.Claim(Ready(), "other", "a", Start.AddSeconds(120), Now(Ready()), new WorldCheck.Same())));
        Assert.Equal(RefusalCode.NotYours, Refused(ByExecutor.Claim(Asked.Ready(), Shop, "a", Start.AddSeconds(120), Now(Asked.Ready()), new WorldCheck.Same())));
    }

    /// <summary>As when a person takes it over: time, policy, roles, world.</summary>
    [Fact]
    public void Claim_WhatTheApprovalRestsOnNoLongerStands_IsNotCarriedOut()
    {
        var ready = Ready();
        Assert.Equal(ApprovalState.Drifted, Moved(Claim(ready, world: new WorldCheck.Differs(["replicas"]))).State);
        Assert.Equal(RefusalCode.NotSeen, Refused(Claim(ready, world: new WorldCheck.NotSeen("no answer"))));
        Assert.Equal(RefusalCode.NotSeen, Refused(Claim(ready, WithoutPolicy(ready))));
        Assert.Equal(ApprovalState.Revoked, Moved(Claim(ready, Now(ready, PolicyOutcome.Refused))).State);
        Assert.Equal(ApprovalState.Revoked, Moved(Claim(ready, Now(ready, null, "ann"))).State);
        Assert.Equal(RefusalCode.WrongState, Refused(ByExecutor.Claim(ready, Shop, "a", ready.Grant!.NotAfter, Now(ready), new WorldCheck.Same())));
    }

    [Fact]
    public void Steps_AllApplied_AreVerified()
    {
        var first = Moved(Step(Executing(), 0, StepReport.Applied));
        Assert.Equal((ApprovalState.Executing, Start.AddSeconds(130) + ByExecutor.Lease), (first.State, first.Execution!.Until));

        var done = Moved(Step(first, 1, StepReport.Already));

        Assert.Equal((ApprovalState.Verifying, Start.AddSeconds(130)), (done.State, done.CarriedOutAt));
        Assert.Equal([0], done.Execution!.Changed);
    }

    public static TheoryData<string[], ApprovalState> Ends => new()
    {
        { [StepReport.Drifted], ApprovalState.Drifted },
        { [StepReport.Refused], ApprovalState.NeedsHuman },
        { [StepReport.Unknown], ApprovalState.Partial },
        { [StepReport.Already, StepReport.Drifted], ApprovalState.Drifted },
        { [StepReport.Applied, StepReport.Drifted], ApprovalState.Partial },
        { [StepReport.Applied, StepReport.Refused], ApprovalState.Partial },
        { [StepReport.Applied, StepReport.Unknown], ApprovalState.Partial },
        { [StepReport.Applied, StepReport.Applied], ApprovalState.Verifying },
    };

    [Theory]
    [MemberData(nameof(Ends))]
    public void Steps_Outcomes_EndAsTheTableSays(string[] outcomes, ApprovalState state)
    {
        var request = Executing();
        for (var i = 0; i < outcomes.Length; i++) request = Moved(Step(request, i, outcomes[i]));
        Assert.Equal(state, request.State);
    }

    [Fact]
    public void Step_AnotherExecutorOrFence_IsRefused()
    {
        var request = Executing();
        Assert.Equal(RefusalCode.NotYours, Refused(ByExecutor.Step(request, "other", request.Execution!.Fence, Report(0, StepReport.Applied), "", Start.AddSeconds(130))));
        Assert.Equal(RefusalCode.StaleVersion, Refused(ByExecutor.Step(request, Shop, request.Execution.Fence - 1, Report(0, StepReport.Applied), "", Start.AddSeconds(130))));
        Assert.Equal(RefusalCode.WrongState, Refused(Step(request, 1, StepReport.Applied)));
        Assert.Equal(RefusalCode.WrongState, Refused(Step(request, 0, "splendid")));
        Assert.Equal(RefusalCode.WrongState, Refused(ByExecutor.Step(request, Shop, request.Execution.Fence, Report(0, StepReport.Applied), "", request.Execution.Until)));
    }

    [Fact]
    public void Step_SaidAgain_IsTheSame_AndOtherwise_IsRefused()
    {
        var first = Moved(Step(Executing(), 0, StepReport.Applied));

        Assert.IsType<ApprovalResult.Same>(Step(first, 0, StepReport.Applied));
        Assert.Equal(RefusalCode.WrongState, Refused(Step(first, 0, StepReport.Refused)));
    }

    [Fact]
    public void Due_SilentExecutor_LeavesWhatNobodyKnows()
    {
        var request = Executing();
        Assert.Null(Ending.Due(request, request.Execution!.Until.AddTicks(-1)));
        var partial = Ending.Due(request, request.Execution.Until)!.Request;
        Assert.Equal(ApprovalState.Partial, partial.State);

        // What it says too late is kept, and changes nothing of that.
        var late = Moved(ByExecutor.Step(partial, Shop, partial.Execution!.Fence, Report(0, StepReport.Applied), "", partial.LatestAt.AddSeconds(1)));
        Assert.Equal((ApprovalState.Partial, 1), (late.State, late.Execution!.Steps.Count));

        Assert.Equal(ApprovalState.NeedsHuman, Ending.Due(partial, partial.LatestAt + ByExecutor.ReconcileWithin)!.Request.State);
        var looking = Moved(Claim(partial));
        Assert.Equal(ApprovalState.Reconciling, looking.State);
        Assert.Equal(ApprovalState.NeedsHuman, Ending.Due(looking, looking.Execution!.Until)!.Request.State);
    }

    public static TheoryData<string[], bool, ApprovalState> Findings => new()
    {
        { [StepReport.TookEffect, StepReport.TookEffect], true, ApprovalState.Verifying },
        { [StepReport.TookEffect, StepReport.DidNot], true, ApprovalState.RollbackPending },
        { [StepReport.TookEffect, StepReport.DidNot], false, ApprovalState.NeedsHuman },
        { [StepReport.DidNot, StepReport.DidNot], true, ApprovalState.NeedsHuman },
        { [StepReport.TookEffect, StepReport.Unknown], true, ApprovalState.NeedsHuman },
    };

    [Theory]
    [MemberData(nameof(Findings))]
    public void Reconcile_Findings_EndAsTheTableSays(string[] findings, bool back, ApprovalState state)
    {
        var looking = Moved(Claim(Moved(Step(Executing(back), 0, StepReport.Unknown))));

        Assert.Equal(state, Moved(Reconcile(looking, findings)).State);
        Assert.Equal(RefusalCode.WrongState, Refused(Reconcile(looking, findings[..1])));
        Assert.Equal(RefusalCode.WrongState, Refused(Reconcile(looking, [StepReport.Applied, StepReport.Applied])));
    }

    [Fact]
    public void Back_OfWhatTookEffect_IsTakenBackAndHeldToTheWorld()
    {
        var pending = Moved(Reconcile(Moved(Claim(Moved(Step(Executing(), 0, StepReport.Unknown)))), [StepReport.TookEffect, StepReport.DidNot]));
        Assert.Equal([0], ByExecutor.ToTakeBack(pending));
        var back = Moved(Claim(pending));
        Assert.Equal((ApprovalState.RollingBack, null), (back.State, back.RollbackRun!.DoneAt));

        var done = Moved(ByExecutor.Step(back, Shop, back.RollbackRun.Fence, Report(0, StepReport.Applied), "", Start.AddSeconds(130)));

        Assert.Equal((ApprovalState.RollingBack, Start.AddSeconds(140)), (done.State, done.RollbackRun!.DoneAt));
        Assert.Equal(ApprovalState.RolledBack, Moved(CarryingOut.Observe(done, [new("object-as-before", "web", ProbeReading.Holds, "so")], TimeSpan.Zero, TimeSpan.Zero, true, Start.AddSeconds(140))).State);
        Assert.Equal(ApprovalState.NeedsHuman, Moved(ByExecutor.Step(back, Shop, back.RollbackRun.Fence, Report(0, StepReport.Unknown), "", Start.AddSeconds(130))).State);
        Assert.Equal(ApprovalState.NeedsHuman, Ending.Due(back, back.RollbackRun.Until)!.Request.State);
    }

    /// <summary>A person may take back what an executor did, and says so.</summary>
    [Fact]
    public void Back_ByAPerson_IsReportedByThatPerson()
    {
        var pending = Moved(Reconcile(Moved(Claim(Moved(Step(Executing(), 0, StepReport.Unknown)))), [StepReport.TookEffect, StepReport.DidNot]));
        var back = Moved(CarryingOut.TakeBack(pending, Strong("bob"), Start.AddSeconds(150)));

        var told = Moved(CarryingOut.Report(back, Strong("bob"), carriedOut: true, "done", Start.AddSeconds(160)));

        Assert.Equal((Start.AddSeconds(160), null), (told.RollbackBy!.ReportedAt, told.EndsAt));
        Assert.Equal(ApprovalState.RolledBack, Moved(CarryingOut.Observe(told, [new("object-as-before", "web", ProbeReading.Holds, "so")], TimeSpan.Zero, TimeSpan.Zero, true, Start.AddSeconds(170))).State);
    }

    /// <summary>What was so already is not taken back, and nobody is said to have fallen silent over it.</summary>
    [Fact]
    public void Back_OfNothing_IsAPersons()
    {
        var verifying = Moved(Step(Moved(Step(Executing(), 0, StepReport.Already)), 1, StepReport.Already));
        var pending = Moved(CarryingOut.Judge(verifying, Strong("bob"), false, "worse", hasWayBack: true, Start.AddSeconds(150)));

        var ended = Moved(Claim(pending));

        Assert.Equal((ApprovalState.NeedsHuman, null), (ended.State, ended.RollbackRun));
    }

    /// <summary>Of what a person took over, no executor takes the way back.</summary>
    [Fact]
    public void Back_OfWhatAPersonDid_IsThePersons()
    {
        var pending = Moved(CarryingOut.Judge(Verifying() with { Ask = Verifying().Ask with { Executor = Shop } }, Strong("ann"), worked: false, "worse", hasWayBack: true, Start.AddSeconds(200)));

        Assert.Equal(RefusalCode.WrongState, Refused(Claim(pending)));
    }

    [Fact]
    public void Stop_RevokesWhatIsReady_HaltsWhatIsCarriedOut_AndNothingElse()
    {
        Assert.Equal(ApprovalState.Revoked, ByExecutor.Stop(Ready(), "os:alice", Start.AddSeconds(130))!.Request.State);
        var halted = ByExecutor.Stop(Executing(), "os:alice", Start.AddSeconds(130))!.Request;
        Assert.Equal(ApprovalState.Halted, halted.State);
        Assert.Null(ByExecutor.Stop(Asked.Ready(), "os:alice", Start.AddSeconds(130)));
        Assert.Null(ByExecutor.Stop(Verifying(), "os:alice", Start.AddSeconds(130)));

        Assert.Equal((ApprovalState.Halted, 1), (Moved(Step(halted, 0, StepReport.Applied)).State, Moved(Step(halted, 0, StepReport.Applied)).Execution!.Steps.Count));
        Assert.Equal(ApprovalState.Reconciling, Moved(Claim(halted)).State);
    }

    /// <summary>Of what probes cannot see any person whom the directory knows by a key may say whether it helped.</summary>
    [Fact]
    public void Judge_OfWhatAnExecutorDid_IsAnybodysWithAKey()
    {
        var verifying = Moved(Step(Moved(Step(Executing(), 0, StepReport.Applied)), 1, StepReport.Applied));

        Assert.Equal(RefusalCode.WeakIdentity, Refused(CarryingOut.Judge(verifying, Weak("bob"), true, "", true, Start.AddSeconds(150))));
        var judged = Moved(CarryingOut.Judge(verifying, Strong("bob"), true, "errors are gone", true, Start.AddSeconds(150)));
        Assert.Equal((true, "bob"), (judged.Worked, judged.WorkedBy));
        Assert.Equal(ApprovalState.Succeeded, Moved(CarryingOut.Observe(judged, [new("a", "web", ProbeReading.Holds, ""), new("b", "web", ProbeReading.NotObserved, "")], TimeSpan.Zero, TimeSpan.Zero, true, Start.AddSeconds(160))).State);
        Assert.Equal(ApprovalState.RollbackPending, Moved(CarryingOut.Judge(verifying, Strong("bob"), false, "worse", true, Start.AddSeconds(150))).State);
    }

    private static ApprovalResult Claim(ApprovalRequest request, Standing? standing = null, WorldCheck? world = null) =>
        ByExecutor.Claim(request, Shop, "attempt", request.State == ApprovalState.Ready ? Start.AddSeconds(120) : request.LatestAt, standing ?? Now(request), world ?? new WorldCheck.Same());

    private static ApprovalResult Step(ApprovalRequest request, int number, string outcome) => ByExecutor.Step(request, Shop, request.Execution!.Fence, Report(number, outcome), "said", Start.AddSeconds(130));

    private static ApprovalResult Reconcile(ApprovalRequest request, string[] findings) =>
        ByExecutor.Reconcile(request, Shop, request.Execution!.Fence, [.. findings.Select((f, i) => Report(i, f))], [.. findings], Start.AddSeconds(140));

    private static StepReport Report(int number, string outcome) => new(number, outcome, Start, "none", "uid", "1", "c2lnbmVk");

    private static RefusalCode Refused(ApprovalResult result) => Assert.IsType<ApprovalResult.Refused>(result).Code;
}
