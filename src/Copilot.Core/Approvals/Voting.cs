using Copilot.Core.Policy;

namespace Copilot.Core.Approvals;

/// <summary>How a request comes to a decision. Pure: the time, the directory and the policy of the moment come from outside.</summary>
public static class Voting
{
    public const int LongestReason = 500;

    private static readonly TimeSpan LongestBrokenGlass = TimeSpan.FromMinutes(15);
    private static readonly TimeSpan ReviewWithin = TimeSpan.FromHours(24);
    private const int ShortestEmergency = 20;

    /// <summary>Begins a request. Where nobody is asked the grant comes with it.</summary>
    public static ApprovalResult.Moved Ask(string id, ApprovalAsk ask, DateTimeOffset now, GrantIssuer issuer)
    {
        if (ask.Outcome.Effect == PolicyEffect.Prohibit) return ApprovalResult.Of(null, new ApprovalEvent.Requested(id, ApprovalState.Prohibited, now, ask.Absolute ? "prohibited absolutely by policy" : "prohibited by policy", ask));
        if (ask.Outcome.Effect == PolicyEffect.RequireApproval || ask.BreakGlassOnly || ask.Requirements.Count > 0)
            return ApprovalResult.Of(null, new ApprovalEvent.Requested(id, ApprovalState.Pending, now, $"waits for {ask.Outcome.Needs}", ask));
        var asked = ApprovalResult.Of(null, new ApprovalEvent.Requested(id, ApprovalState.Approved, now, "policy lets it through by itself", ask));
        return ApprovalResult.Of(null, [.. asked.Events, Granted(asked.Request, now, "policy", issuer)]);
    }

    /// <summary>A person approves or rejects.</summary>
    /// <param name="by">With the assurance that the identity was checked with; a signature was verified before.</param>
    /// <param name="presented">The digest of what the person was shown.</param>
    public static ApprovalResult Cast(
        ApprovalRequest request, Principal by, bool approves, string reason, string presented, (string Signature, string Key)? signed, DateTimeOffset now, Standing standing, GrantIssuer issuer)
    {
        var at = request.Moment(now);
        if (request.State != ApprovalState.Pending) return new ApprovalResult.Refused(RefusalCode.WrongState, $"{Is(request)}, so nobody's vote is asked for any more.");
        if (Ending.TooLate(request, at) is { } late) return late;
        if (Stranger(request, by, standing, out var roles) is { } stranger) return stranger;
        if (reason.Length > LongestReason) return new ApprovalResult.Refused(RefusalCode.NoReason, $"The reason is longer than {LongestReason} characters. Say it in a sentence.");
        if (!approves && string.IsNullOrWhiteSpace(reason)) return new ApprovalResult.Refused(RefusalCode.NoReason, "Whoever rejects says why. Give a reason in a sentence.");
        if (approves && !by.IsStrong && !request.Ask.LowAssurance)
            return new ApprovalResult.Refused(RefusalCode.WeakIdentity, $"{by.Name} is known by {by.Actor.Assurance} only, and in this environment a vote is signed with the voter's own key. Enrol one with \"copilot identity enrol\".");
        if (approves && presented != request.Ask.PresentedDigest)
            return new ApprovalResult.Refused(RefusalCode.OtherPresentation, "The plan has changed, or another one was shown: what was seen is not this request. Look at it again with \"copilot approvals show\".");
        if (request.Votes.FirstOrDefault(v => v.Person == by.Person) is { } before && (before.Approves == approves || approves)) return new ApprovalResult.Same(request, $"{by.Name} has {(before.Approves ? "approved" : "rejected")} it already.");

        if (approves && request.Withdrawn.Contains(by.Person!))
            return new ApprovalResult.Refused(RefusalCode.WrongState, $"{by.Name} took an approval of it back, and does not approve it again. Ask anew for the step: that is another request.");

        // Whoever rejects need not have been shown anything.
        var vote = new Vote(by.Person!, by.Actor.Id, by.Actor.Assurance, approves, reason, roles, presented == request.Ask.PresentedDigest ? presented : "none", signed?.Signature, signed?.Key, at);
        if (!approves) return ApprovalResult.Of(request, new ApprovalEvent.Voted(request.Id, request.Version + 1, request.State, ApprovalState.Denied, at, $"rejected by {by.Name}", vote));

        var open = Missing(request with { Votes = [.. request.Votes, vote] }, standing);
        if (open.Count > 0 || request.Ask.BreakGlassOnly)
            return ApprovalResult.Of(request, new ApprovalEvent.Voted(request.Id, request.Version + 1, request.State, ApprovalState.Pending, at, open.Count > 0 ? $"waits for {Names(open)}" : "only break-glass opens it", vote));
        // What cannot be looked at lets nothing through and ends nothing.
        if (standing.Policy is null) return new ApprovalResult.Refused(RefusalCode.NotSeen, "The policy cannot be read, and without it nothing is let through. Vote again when it can.");
        var voted = ApprovalResult.Of(request, new ApprovalEvent.Voted(request.Id, request.Version + 1, request.State, ApprovalState.Approved, at, "approved", vote));
        ApprovalEvent next = Stricter(request, standing.Policy) is { } stricter ? Ending.By(voted.Request, ApprovalState.Revoked, at, stricter) : Granted(voted.Request, at, "votes", issuer);
        return ApprovalResult.Of(request, [.. voted.Events, next]);
    }

    /// <summary>Takes one's own approval back: of a request that was approved nothing is left then.</summary>
    public static ApprovalResult Withdraw(ApprovalRequest request, Principal by, string reason, DateTimeOffset now)
    {
        var at = request.Moment(now);
        if (!by.IsPerson || request.Votes.All(v => v.Person != by.Person || !v.Approves)) return new ApprovalResult.Refused(RefusalCode.NotYours, $"{by.Name} has not approved it, so there is nothing to take back. Whoever asked for it cancels it; who must agree to it rejects it.");
        if (string.IsNullOrWhiteSpace(reason) || reason.Length > LongestReason) return new ApprovalResult.Refused(RefusalCode.NoReason, $"Say why in a sentence of at most {LongestReason} characters.");
        if (request.State is not (ApprovalState.Pending or ApprovalState.Approved or ApprovalState.Ready)) return new ApprovalResult.Refused(RefusalCode.WrongState, $"{Is(request)}: a vote can no longer be taken back.{(request.State == ApprovalState.Executing ? " \"copilot executors stop --reason TEXT\" stops what is being carried out." : "")}");
        var to = request.State == ApprovalState.Pending ? ApprovalState.Pending : ApprovalState.Revoked;
        return ApprovalResult.Of(request, new ApprovalEvent.Withdrawn(request.Id, request.Version + 1, request.State, to, at, $"{by.Name} took the approval back", by.Person!, reason));
    }

    /// <summary>Goes past the people who would have to agree. What policy prohibits it does not open.</summary>
    /// <param name="gravest">The severities in which it may be done.</param>
    public static ApprovalResult BreakGlass(ApprovalRequest request, Principal by, string reason, string presented, (string Signature, string Key)? signed, IReadOnlyList<string> gravest, DateTimeOffset now, Standing standing, GrantIssuer issuer)
    {
        var at = request.Moment(now);
        if (request.State is not (ApprovalState.Pending or ApprovalState.Approved)) return new ApprovalResult.Refused(RefusalCode.WrongState, $"{Is(request)}: break-glass opens only what waits for people.");
        if (Ending.TooLate(request, at) is { } late) return late;
        if (!by.IsPerson) return NoPerson(by);
        if (!by.IsStrong || signed is not { } signature) return new ApprovalResult.Refused(RefusalCode.WeakIdentity, $"{by.Name} is known by {by.Actor.Assurance} only. Break-glass is signed with the person's own key.");
        if (request.Ask.Requirements.Count > 0 && !request.Ask.Requirements.Any(r => by.Groups.Contains(r.Group))) return NoRole(request, by);
        if (presented != request.Ask.PresentedDigest) return new ApprovalResult.Refused(RefusalCode.OtherPresentation, "What was shown is not this request. Look at it again with \"copilot approvals show\".");
        if (string.IsNullOrWhiteSpace(reason) || reason.Trim().Length < ShortestEmergency || reason.Length > LongestReason)
            return new ApprovalResult.Refused(RefusalCode.NoReason, $"Say why nobody could be waited for, in {ShortestEmergency} to {LongestReason} characters: it is judged afterwards.");
        if (request.Ask.Incident is null) return new ApprovalResult.Refused(RefusalCode.NotGraveEnough, "Break-glass is for a step in an incident, and does not open a change of what people are asked.");
        if (request.Ask.Severity is not { } severity || !gravest.Contains(severity))
            return new ApprovalResult.Refused(RefusalCode.NotGraveEnough, $"The severity is {request.Ask.Severity ?? "not known"}, and break-glass is for {string.Join(", ", gravest)}. State the severity when the incident is investigated, and ask again.");
        if (standing.Policy is not { } policy) return new ApprovalResult.Refused(RefusalCode.NotSeen, "The policy cannot be read, and without it nothing is opened.");
        if (policy.Outcome.Effect == PolicyEffect.Prohibit) return new ApprovalResult.Refused(RefusalCode.Prohibited, $"The policy {policy.Digest} prohibits it now, and break-glass does not get past that.");
        var within = TimeSpan.FromSeconds(request.Ask.ExecuteWithinS) is var usual && usual < LongestBrokenGlass ? usual : LongestBrokenGlass;
        return ApprovalResult.Of(request, new ApprovalEvent.GlassBroken(request.Id, request.Version + 1, request.State, ApprovalState.Ready, at, by.Person!, by.Actor.Id, reason, signature.Signature, signature.Key, at + ReviewWithin, issuer.Issue(request, "break-glass", at, at + within)));
    }

    /// <summary>Somebody else judges a broken glass.</summary>
    public static ApprovalResult Review(ApprovalRequest request, Principal by, bool justified, string reason, DateTimeOffset now, Standing standing)
    {
        if (request.BrokenGlass is not { } broken) return new ApprovalResult.Refused(RefusalCode.WrongState, "Nobody broke the glass here, so there is nothing to review.");
        if (broken.ReviewedBy is { } judge) return new ApprovalResult.Same(request, $"{judge} has judged it already.");
        if (!by.IsPerson) return NoPerson(by);
        if (by.Person == broken.Person || IsAsking(request, by.Person!, standing)) return new ApprovalResult.Refused(RefusalCode.OwnRequest, "Whoever broke the glass, or asked for the step, does not judge it.");
        if (request.Ask.Requirements.Count > 0 && !request.Ask.Requirements.Any(r => by.Groups.Contains(r.Group))) return NoRole(request, by);
        if (!by.IsStrong && !request.Ask.LowAssurance) return new ApprovalResult.Refused(RefusalCode.WeakIdentity, $"{by.Name} is known by {by.Actor.Assurance} only. A review is signed with the reviewer's own key.");
        if (string.IsNullOrWhiteSpace(reason) || reason.Length > LongestReason) return new ApprovalResult.Refused(RefusalCode.NoReason, $"Say in a sentence of at most {LongestReason} characters why.");
        return ApprovalResult.Of(request, new ApprovalEvent.Reviewed(request.Id, request.Version + 1, request.State, request.State, request.Moment(now), by.Person, justified, reason));
    }

    /// <summary>Who is still asked for.</summary>
    public static IReadOnlyList<ApprovalRequirement> Missing(ApprovalRequest request, Standing standing) => Quorum.Open(
        request.Ask.Requirements,
        // Held when the vote was given, and held still.
        request.Votes.Where(v => v.Approves && !IsAsking(request, v.Person, standing)).ToDictionary(v => v.Person, v => (IReadOnlyCollection<string>)[.. v.Roles.Intersect(standing.GroupsOf.GetValueOrDefault(v.Person, []))], StringComparer.Ordinal));

    /// <summary>An account that was linked to a person after it had asked is that person's all the same.</summary>
    private static bool IsAsking(ApprovalRequest request, string person, Standing standing) => request.Ask.Excluded.Contains(person) || standing.Asking.Contains(person);

    /// <summary>Why what was approved is not enough any more; null when it is.</summary>
    internal static string? Stricter(ApprovalRequest request, PolicyNow policy) =>
        request.Ask.Outcome.IsAtLeastAsStrictAs(policy.Outcome) ? null : $"policy {policy.Digest} is stricter now: {policy.Outcome.Words}";

    internal static string Names(IReadOnlyList<ApprovalRequirement> open) => string.Join(", ", open.Select(r => $"{r.Count} {r.Role} ({r.Group})"));

    internal static string Is(ApprovalRequest request) => $"The request is {request.State.Name().Replace('_', ' ')} ({request.Because})";

    internal static ApprovalResult.Refused NoPerson(Principal by) => by.Claims is { } claims
        ? new(RefusalCode.BadSignature, $"The signature is none of {claims} over exactly this: another key, another request, or other words were signed.")
        : new(RefusalCode.NoPerson, by.Actor.Kind == Receipts.ActorKind.Human
        ? $"The directory knows nobody by {by.Actor.Id}, and who it does not know counts for nothing. Whoever keeps it adds them."
        : $"{by.Actor.Id} is no person: agents and services never count.");

    private static ApprovalResult.Refused? Stranger(ApprovalRequest request, Principal by, Standing standing, out IReadOnlyList<string> roles)
    {
        roles = [.. request.Ask.Requirements.Select(r => r.Group).Where(by.Groups.Contains).Distinct()];
        if (!by.IsPerson) return NoPerson(by);
        if (IsAsking(request, by.Person!, standing)) return new(RefusalCode.OwnRequest, $"{by.Name} asked for it, or it is asked for {by.Name}: somebody else has to agree.");
        return roles.Count == 0 ? NoRole(request, by) : null;
    }

    private static ApprovalResult.Refused NoRole(ApprovalRequest request, Principal by) =>
        new(RefusalCode.NoRole, $"{by.Name} holds none of the roles that are asked for: {string.Join(", ", request.Ask.Requirements.Select(r => $"{r.Role} ({r.Group})"))}.");

    private static ApprovalEvent.Granted Granted(ApprovalRequest request, DateTimeOffset at, string by, GrantIssuer issuer) =>
        new(request.Id, request.Version + 1, request.State, ApprovalState.Ready, at, issuer.Issue(request, by, at, at.AddSeconds(request.Ask.ExecuteWithinS)));
}
