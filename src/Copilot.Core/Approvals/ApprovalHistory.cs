namespace Copilot.Core.Approvals;

/// <summary>Makes a request out of what happened to it.</summary>
public static class ApprovalHistory
{
    /// <summary>The request after one more happening. Throws <see cref="FormatException"/> when it cannot have happened.</summary>
    /// <param name="request">Null before the first.</param>
    public static ApprovalRequest Apply(ApprovalRequest? request, ApprovalEvent happened)
    {
        if (happened.From != request?.State || happened.Version != (request?.Version ?? 0) + 1 || (request is not null && request.Id != happened.Request) || !ApprovalTable.Allows(request?.State, happened.Happening, happened.To))
            throw new FormatException($"{happened.Happening} {happened.Version} of {happened.Request} from {happened.From} to {happened.To} cannot follow version {request?.Version ?? 0}, {request?.State}.");
        if (!Fits(request, happened)) throw new FormatException($"{happened.Happening} {happened.Version} of {happened.Request} rests on a grant that is not that of the request.");
        if (happened is ApprovalEvent.Requested asked)
            return new(asked.Request, 1, asked.To, asked.Because, asked.At, asked.At, asked.At.AddSeconds(asked.Ask.DecideWithinS), asked.Ask, [], []);
        return Changed(request!, happened) with { Version = happened.Version, State = happened.To, LatestAt = happened.At };
    }

    /// <summary>All of them in their order.</summary>
    public static ApprovalRequest Of(IEnumerable<ApprovalEvent> events) =>
        events.Aggregate((ApprovalRequest?)null, Apply) ?? throw new FormatException("Nothing happened.");

    /// <summary>A grant is of what was asked; the step consumes it, and the way back none.</summary>
    private static bool Fits(ApprovalRequest? request, ApprovalEvent happened) => happened switch
    {
        ApprovalEvent.Granted granted => IsOf(granted.Grant, request!),
        ApprovalEvent.GlassBroken broken => IsOf(broken.Grant, request!),
        ApprovalEvent.Taken { To: ApprovalState.HandedOff } taken => taken.Grant is not null && taken.Grant == request!.Grant?.Id,
        ApprovalEvent.Taken taken => taken.Grant is null,
        ApprovalEvent.Claimed { To: ApprovalState.Executing } claimed => claimed.Grant is not null && claimed.Grant == request!.Grant?.Id && claimed.Fence == claimed.Version,
        ApprovalEvent.Claimed claimed => claimed.Grant is null && claimed.Fence == claimed.Version && request!.Execution is not null,
        _ => true,
    };

    private static bool IsOf(Grant grant, ApprovalRequest request) => grant.Request == request.Id && grant.Plan == request.Ask.PlanDigest && grant.World == request.Ask.WorldDigest;

    private static ApprovalRequest Changed(ApprovalRequest request, ApprovalEvent happened) => happened switch
    {
        // Whoever changes their mind has one vote still.
        ApprovalEvent.Voted voted => request with { Because = voted.Because, Votes = [.. request.Votes.Where(v => v.Person != voted.Vote.Person), voted.Vote] },
        ApprovalEvent.Withdrawn withdrawn => request with { Because = withdrawn.Because, Votes = [.. request.Votes.Where(v => v.Person != withdrawn.Person)], Withdrawn = [.. request.Withdrawn, withdrawn.Person] },
        ApprovalEvent.Granted granted => request with { Grant = granted.Grant },
        ApprovalEvent.GlassBroken broken => request with
        {
            Because = $"{broken.Person} broke the glass",
            Grant = broken.Grant,
            BrokenGlass = new(broken.Person, broken.Identity, broken.Reason, broken.At, broken.ReviewBy, null, null, null, Overdue: false),
        },
        ApprovalEvent.Ended ended => request with { Because = ended.Because },
        ApprovalEvent.Taken { Grant: not null } taken => request with { Because = $"handed to {taken.Person}", HandedTo = new(taken.Person, taken.Identity, taken.At, taken.Until, null, null, null) },
        ApprovalEvent.Taken taken => request with { Because = $"{taken.Person} takes it back", RollbackBy = new(taken.Person, taken.Identity, taken.At, taken.Until, null, null, null), Observation = null },
        ApprovalEvent.Claimed claimed => Claimed(request, claimed),
        ApprovalEvent.Stepped stepped => request.State == ApprovalState.RollingBack
            ? request with { Because = stepped.Because, RollbackRun = Stepped(request.RollbackRun!, stepped) }
            : request with { Because = stepped.Because, Execution = Stepped(request.Execution!, stepped) },
        ApprovalEvent.Interrupted interrupted => request with { Because = interrupted.Because },
        ApprovalEvent.Reconciled reconciled => request with
        {
            Because = reconciled.Because,
            Execution = request.Execution! with
            {
                Steps = [.. reconciled.Reports.Select((r, i) => new StepRun(r.Step, r.Outcome, reconciled.Says[i], reconciled.At))],
                DoneAt = reconciled.To == ApprovalState.Verifying ? reconciled.At : null,
            },
        },
        ApprovalEvent.Reported reported when request is { State: ApprovalState.Verifying, HandedTo: null, Execution: { } execution } =>
            request with { Because = reported.Because, Execution = execution with { Worked = reported.Worked, WorkedBy = reported.Person } },
        ApprovalEvent.Reported reported => request.State is ApprovalState.HandedOff or ApprovalState.Verifying
            ? request with { Because = reported.Because, HandedTo = Reported(request.HandedTo!, reported) }
            : request with { Because = reported.Because, RollbackBy = Reported(request.RollbackBy!, reported) },
        ApprovalEvent.Observed observed => request with { Because = observed.Because, Observation = new(observed.At, observed.Readings, observed.HeldSince) },
        ApprovalEvent.Reviewed reviewed => request with
        {
            BrokenGlass = reviewed.Person is null
                ? request.BrokenGlass! with { Overdue = true }
                : request.BrokenGlass! with { ReviewedBy = reviewed.Person, Justified = reviewed.Justified, Review = reviewed.Reason },
        },
        _ => throw new FormatException($"{happened.Happening} is no change."),
    };

    private static ApprovalRequest Claimed(ApprovalRequest request, ApprovalEvent.Claimed claimed)
    {
        var run = new Execution(claimed.Executor, claimed.Attempt, claimed.Fence, claimed.At, claimed.Until, []);
        return claimed.To switch
        {
            ApprovalState.RollingBack => request with { Because = $"{claimed.Executor} takes it back", RollbackRun = run, Observation = null },
            ApprovalState.Reconciling => request with { Because = $"{claimed.Executor} looks how far it came", Execution = run with { Steps = request.Execution!.Steps } },
            _ => request with { Because = $"{claimed.Executor} carries it out", Execution = run },
        };
    }

    private static Execution Stepped(Execution run, ApprovalEvent.Stepped stepped) => run with
    {
        Steps = [.. run.Steps, new(stepped.Report.Step, stepped.Report.Outcome, stepped.Says, stepped.At)],
        Until = stepped.Until ?? run.Until,
        DoneAt = stepped is { Until: null, To: ApprovalState.Verifying or ApprovalState.RollingBack } ? stepped.At : null,
    };

    private static HandedOver Reported(HandedOver handed, ApprovalEvent.Reported reported) => reported.Worked is { } worked
        ? handed with { Worked = worked, Words = reported.Words }
        : handed with { ReportedAt = reported.CarriedOut ? reported.At : null, Words = reported.Words };
}
