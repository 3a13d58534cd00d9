namespace Copilot.Core.Approvals;

/// <summary>
/// How an executor carries an approved plan out. It may be killed, cut off or late at any moment: what it has in hand is fenced and leased (M. Kleppmann, "How to do distributed locking",
/// 2016), and where it falls silent nothing is taken for done before somebody has looked.
/// </summary>
public static class ByExecutor
{
    /// <summary>How long an executor may take for a step and for saying how it went.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(60);

    /// <summary>How long an interrupted plan waits for somebody to look how far it came.</summary>
    public static readonly TimeSpan ReconcileWithin = TimeSpan.FromMinutes(15);

    /// <summary>
    /// An executor takes over what is due: the steps of what is ready, which consumes the grant; a look at what was interrupted; the approved way back. Of what is ready everything that the
    /// approval rests on is looked at once more, as when a person takes it over.
    /// </summary>
    public static ApprovalResult Claim(ApprovalRequest request, string executor, string attempt, DateTimeOffset now, Standing standing, WorldCheck world)
    {
        var at = request.Moment(now);
        if (request.Ask.Executor != executor) return new ApprovalResult.Refused(RefusalCode.NotYours, request.Ask.Executor is { } other ? $"People agreed that {other} carries it out, and not {executor}." : "People agreed to carry it out by hand.");
        if (request.State == ApprovalState.Ready)
        {
            return Ending.TooLate(request, at) is { } late ? late : CarryingOut.NoLonger(request, at, standing, world) ?? Claimed(ApprovalState.Executing, request.Grant!.Id);
        }
        if (Ending.TooLate(request, at) is { } over) return over;
        return request.State switch
        {
            ApprovalState.Partial or ApprovalState.Halted => Claimed(ApprovalState.Reconciling, null),
            ApprovalState.RollbackPending when request.Execution is not null && ToTakeBack(request).Count == 0 =>
                ApprovalResult.Of(request, Ending.By(request, ApprovalState.NeedsHuman, at, "no step changed anything that could be taken back")),
            ApprovalState.RollbackPending when request.Execution is not null => Claimed(ApprovalState.RollingBack, null),
            _ => new ApprovalResult.Refused(RefusalCode.WrongState, $"{Voting.Is(request)}: there is nothing for an executor to do."),
        };

        ApprovalResult.Moved Claimed(ApprovalState to, string? grant) =>
            ApprovalResult.Of(request, new ApprovalEvent.Claimed(request.Id, request.Version + 1, request.State, to, at, executor, attempt, grant, request.Version + 1, at + Lease));
    }

    /// <summary>An executor says how a step went.</summary>
    /// <param name="says">What was changed, or why not, without secrets.</param>
    public static ApprovalResult Step(ApprovalRequest request, string executor, int fence, StepReport report, string says, DateTimeOffset now)
    {
        var at = request.Moment(now);
        var back = request.State == ApprovalState.RollingBack;
        if (Unfit(request, back ? request.RollbackRun : request.Execution, executor, fence) is { } unfit) return unfit;
        if (request.State is not (ApprovalState.Executing or ApprovalState.Partial or ApprovalState.Halted or ApprovalState.RollingBack)) return new ApprovalResult.Refused(RefusalCode.WrongState, $"{Voting.Is(request)}: no step is carried out.");
        if (!StepReport.Outcomes.Contains(report.Outcome)) return new ApprovalResult.Refused(RefusalCode.WrongState, "That is no outcome of a step.");
        var run = (back ? request.RollbackRun : request.Execution)!;
        var due = back ? ToTakeBack(request) : [.. Enumerable.Range(0, request.Ask.Commands.Count)];
        // The answer to the same report was lost.
        if (run.Steps.FirstOrDefault(s => s.Step == report.Step) is { } before) return before.Outcome == report.Outcome ? new ApprovalResult.Same(request, "it was reported already") : new ApprovalResult.Refused(RefusalCode.WrongState, $"Step {report.Step + 1} was reported as {before.Outcome}.");
        if (run.Steps.Count >= due.Count || due[run.Steps.Count] != report.Step) return new ApprovalResult.Refused(RefusalCode.WrongState, $"Step {report.Step + 1} is not the one that is due.");
        // Late by a clock that counts, and known all the same: it stays interrupted until somebody looks.
        if (request.State is ApprovalState.Partial or ApprovalState.Halted) return Stepped(request.State, $"{executor} says that step {report.Step + 1} was {Words(report.Outcome)}, after it was interrupted");
        if (Ending.TooLate(request, at) is { } late) return late;
        var (last, changed) = (run.Steps.Count + 1 == due.Count, run.Changed.Count > 0);
        var number = due.Count > 1 ? $"step {report.Step + 1}" : "the step";
        return report.Outcome switch
        {
            StepReport.Applied or StepReport.Already when !last => Stepped(request.State, $"{number} was {Words(report.Outcome)}", at + Lease),
            StepReport.Applied or StepReport.Already => Stepped(back ? ApprovalState.RollingBack : ApprovalState.Verifying, back ? $"taken back by {executor}" : $"carried out by {executor}"),
            _ when back => Stepped(ApprovalState.NeedsHuman, $"{number} could not be taken back ({Words(report.Outcome)})"),
            StepReport.Unknown => Stepped(ApprovalState.Partial, $"nobody knows whether {number} took effect"),
            StepReport.Drifted when !changed => Stepped(ApprovalState.Drifted, "the world is not the one that was approved; nothing was changed, a new plan is needed"),
            StepReport.Refused when !changed => Stepped(ApprovalState.NeedsHuman, $"{number} was refused; nothing was changed"),
            _ => Stepped(ApprovalState.Partial, $"{number} was {Words(report.Outcome)} after others had been applied"),
        };

        ApprovalResult.Moved Stepped(ApprovalState to, string because, DateTimeOffset? until = null) =>
            ApprovalResult.Of(request, new ApprovalEvent.Stepped(request.Id, request.Version + 1, request.State, to, at, because, executor, fence, report, until, says));
    }

    /// <summary>Somebody stopped all executors: what is ready is revoked, and what is being carried out stands still. Null when that changes nothing.</summary>
    public static ApprovalResult.Moved? Stop(ApprovalRequest request, string by, DateTimeOffset now)
    {
        var at = request.Moment(now);
        return request.State switch
        {
            ApprovalState.Ready when request.Ask.Executor is not null => ApprovalResult.Of(request, Ending.By(request, ApprovalState.Revoked, at, $"{by} stopped all executors")),
            ApprovalState.Executing => ApprovalResult.Of(request, new ApprovalEvent.Interrupted(request.Id, request.Version + 1, request.State, ApprovalState.Halted, at, $"{by} stopped all executors; how far it came is not known yet")),
            _ => null,
        };
    }

    /// <summary>An executor says which of the steps took effect.</summary>
    public static ApprovalResult Reconcile(ApprovalRequest request, string executor, int fence, IReadOnlyList<StepReport> reports, IReadOnlyList<string> says, DateTimeOffset now)
    {
        var at = request.Moment(now);
        if (Unfit(request, request.Execution, executor, fence) is { } unfit) return unfit;
        if (request.State != ApprovalState.Reconciling) return new ApprovalResult.Refused(RefusalCode.WrongState, $"{Voting.Is(request)}: nobody looks how far it came.");
        if (Ending.TooLate(request, at) is { } late) return late;
        if (!reports.Select(r => r.Step).SequenceEqual(Enumerable.Range(0, request.Ask.Commands.Count)) || says.Count != reports.Count || reports.Any(r => !StepReport.Findings.Contains(r.Outcome)))
            return new ApprovalResult.Refused(RefusalCode.WrongState, "It takes one finding for each step of the plan.");
        var took = reports.Count(r => r.Outcome == StepReport.TookEffect);
        var (to, because) =
            reports.Any(r => r.Outcome == StepReport.Unknown) ? (ApprovalState.NeedsHuman, "it cannot be told how far it came")
            : took == reports.Count ? (ApprovalState.Verifying, "every step took effect")
            : took == 0 ? (ApprovalState.NeedsHuman, "no step took effect; ask anew for it")
            : request.Ask.HasWayBack ? (ApprovalState.RollbackPending, $"{took} of {reports.Count} steps took effect")
            : (ApprovalState.NeedsHuman, $"{took} of {reports.Count} steps took effect, and there is no way back");
        return ApprovalResult.Of(request, new ApprovalEvent.Reconciled(request.Id, request.Version + 1, request.State, to, at, because, executor, fence, reports, says));
    }

    /// <summary>The steps that changed something, the last one first.</summary>
    public static IReadOnlyList<int> ToTakeBack(ApprovalRequest request) => [.. (request.Execution?.Changed ?? []).Where(s => request.Ask.Commands[s].Back is not null).OrderDescending()];

    private static ApprovalResult.Refused? Unfit(ApprovalRequest request, Execution? run, string executor, int fence) =>
        run is null || run.Executor != executor ? new(RefusalCode.NotYours, $"{executor} does not have it in hand.")
        : run.Fence != fence ? new(RefusalCode.StaleVersion, $"{executor} had it in hand under {fence}, and it is {run.Fence} now: what it says no longer counts.")
        : null;

    private static string Words(string outcome) => outcome switch { StepReport.Already => "so already", StepReport.Unknown => "not known to take effect", StepReport.Drifted => "held back by another world", _ => outcome };
}
