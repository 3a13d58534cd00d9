namespace Copilot.Core.Approvals;

/// <summary>Whom a happening is worth telling. Losing one changes nothing: what counts stands in the request.</summary>
public static class Notices
{
    public const string Approvers = "approvers";
    public const string Requester = "requester";
    public const string Security = "security";

    /// <returns>The channel, and a line of our own words: names and states, nothing from evidence.</returns>
    public static IReadOnlyList<(string Channel, string Text)> Of(ApprovalEvent happened, ApprovalRequest request) => (happened, happened.To) switch
    {
        (ApprovalEvent.Requested, ApprovalState.Pending) => [(Approvers, $"{request.Id} waits for {request.Ask.Outcome.Needs}")],
        (ApprovalEvent.Requested, ApprovalState.Prohibited) => [(Requester, $"{request.Id} is {request.Because}")],
        (ApprovalEvent.GlassBroken broken, _) => [(Security, $"{broken.Person} broke the glass for {request.Id}; to be reviewed by {ApprovalJson.Time(broken.ReviewBy)}"), (Approvers, $"{broken.Person} broke the glass for {request.Id}")],
        (ApprovalEvent.Reviewed { Person: null }, _) => [(Security, $"nobody has reviewed in time who broke the glass for {request.Id}")],
        (ApprovalEvent.Reviewed reviewed, _) => [(Security, $"{reviewed.Person} judged the broken glass of {request.Id}: {(reviewed.Justified == true ? "justified" : "not justified")}")],
        (ApprovalEvent.Granted, _) => [(Requester, $"{request.Id} is ready until {ApprovalJson.Time(request.Grant!.NotAfter)}")],
        (_, ApprovalState.RollbackPending or ApprovalState.NeedsHuman) => [(Approvers, $"{request.Id} {happened.To.Name().Replace('_', ' ')}: {request.Because}"), (Requester, $"{request.Id} {happened.To.Name().Replace('_', ' ')}: {request.Because}")],
        (ApprovalEvent.Interrupted, _) => [(Approvers, $"{request.Id} {happened.To.Name()}: {request.Because}")],
        _ when happened.To.IsFinal() => [(Requester, $"{request.Id} {happened.To.Name().Replace('_', ' ')}: {request.Because}")],
        _ => [],
    };
}
