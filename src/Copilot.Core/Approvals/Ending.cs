using Copilot.Core.Receipts;

namespace Copilot.Core.Approvals;

/// <summary>How a request ends before anything is carried out.</summary>
public static class Ending
{
    /// <summary>What time has done to it; null when nothing. A clock that went back brings nothing back.</summary>
    public static ApprovalResult.Moved? Due(ApprovalRequest request, DateTimeOffset now)
    {
        var at = request.Moment(now);
        var events = new List<ApprovalEvent>();
        if (request.EndsAt is { } end && at >= end)
        {
            events.Add(request.State switch
            {
                ApprovalState.Pending => By(request, ApprovalState.Expired, at, "nobody decided in time"),
                ApprovalState.Ready => By(request, ApprovalState.Expired, at, "it was not used in time"),
                ApprovalState.Executing => new ApprovalEvent.Interrupted(request.Id, request.Version + 1, request.State, ApprovalState.Partial, at, $"{request.Execution!.Executor} fell silent: how far it came is not known yet"),
                ApprovalState.Partial or ApprovalState.Halted => By(request, ApprovalState.NeedsHuman, at, "no executor looked in time how far it came"),
                ApprovalState.Reconciling => By(request, ApprovalState.NeedsHuman, at, $"{request.Execution!.Executor} did not say in time how far it came"),
                ApprovalState.RollingBack when request.RollbackRun is { } run => new ApprovalEvent.Interrupted(request.Id, request.Version + 1, request.State, ApprovalState.NeedsHuman, at, $"{run.Executor} fell silent while it took it back: nobody knows how far it came"),
                ApprovalState.HandedOff => By(request, ApprovalState.Expired, at, $"{request.HandedTo!.Person} did not say in time whether it was carried out: nobody knows"),
                _ => By(request, ApprovalState.NeedsHuman, at, $"{request.RollbackBy!.Person} did not say in time whether it was taken back: nobody knows"),
            });
        }
        if (request.BrokenGlass is { ReviewedBy: null, Overdue: false } broken && at >= broken.ReviewBy && events.Count == 0)
            events.Add(new ApprovalEvent.Reviewed(request.Id, request.Version + 1, request.State, request.State, at, null, null, ""));
        return events.Count > 0 ? ApprovalResult.Of(request, events) : null;
    }

    /// <summary>Whoever asked for it takes it back.</summary>
    public static ApprovalResult Cancel(ApprovalRequest request, Principal by, string reason, DateTimeOffset now)
    {
        if (request.State is not (ApprovalState.Pending or ApprovalState.Approved or ApprovalState.Ready)) return new ApprovalResult.Refused(RefusalCode.WrongState, $"{Voting.Is(request)}: there is nothing left to cancel.");
        // The same name of another kind is somebody else.
        var asked = (by.Person is { } person && request.Ask.Excluded.Contains(person)) || Equal(request.Ask.OnBehalfOf, by.Actor) || Equal(request.Ask.Requester, by.Actor);
        if (!asked) return new ApprovalResult.Refused(RefusalCode.NotYours, $"{by.Name} did not ask for it. Whoever must agree rejects it instead; whoever agreed takes that back.");
        if (reason.Length > Voting.LongestReason) return new ApprovalResult.Refused(RefusalCode.NoReason, $"The reason is longer than {Voting.LongestReason} characters.");
        return ApprovalResult.Of(request, By(request, ApprovalState.Cancelled, request.Moment(now), $"cancelled by {by.Name}", by.Name, reason));

        static bool Equal(ReceiptActor? one, ReceiptActor other) => one is not null && one.Kind == other.Kind && one.Id == other.Id;
    }

    /// <summary>A newer plan took its place. Null when it has ended or is in somebody's hands already.</summary>
    public static ApprovalResult.Moved? Supersede(ApprovalRequest request, string by, DateTimeOffset now) =>
        request.State is ApprovalState.Pending or ApprovalState.Approved or ApprovalState.Ready ? ApprovalResult.Of(request, By(request, ApprovalState.Superseded, request.Moment(now), $"request {by} took its place")) : null;

    /// <summary>Of what has ended by itself at that moment, whether or not it has been written down yet.</summary>
    internal static ApprovalResult.Refused? TooLate(ApprovalRequest request, DateTimeOffset at) =>
        request.EndsAt is { } end && at >= end ? new(RefusalCode.WrongState, $"It could be done until {ApprovalJson.Time(end)}, and that is over.") : null;

    internal static ApprovalEvent.Ended By(ApprovalRequest request, ApprovalState to, DateTimeOffset at, string because, string? by = null, string reason = "", IReadOnlyList<string>? differences = null) =>
        new(request.Id, request.Version + 1, request.State, to, at, because, by, reason, differences ?? []);
}
