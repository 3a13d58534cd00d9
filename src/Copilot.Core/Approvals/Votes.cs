using System.Text.Json.Nodes;
using Copilot.Core.Receipts;

namespace Copilot.Core.Approvals;

/// <summary>What somebody said to a request. One for each person, whatever identities they have.</summary>
/// <param name="Identity">By which they spoke.</param>
/// <param name="Roles">Those of the roles asked for that they held at that moment.</param>
/// <param name="Presented">The digest of what they were shown; <c>none</c> for who rejected and was shown nothing of it.</param>
/// <param name="Signature">Ed25519 over <see cref="Ballot.Bytes"/>, base64; null where nothing was signed.</param>
/// <param name="Key">The id of the key that signed, eight hex digits.</param>
public sealed record Vote(
    string Person, string Identity, string Assurance, bool Approves, string Reason, IReadOnlyList<string> Roles, string Presented, string? Signature, string? Key, DateTimeOffset At);

/// <summary>
/// What somebody signs who acts on a request. Nothing of it can be moved to another request, plan, world, text, person or deed, nor brought again when the request has gone on: what was
/// said of the step is not said of its way back.
/// </summary>
/// <param name="State">Of the request as it is acted on.</param>
/// <param name="Deed">Such as <c>approve</c>; one of <see cref="Deeds"/>.</param>
public sealed record Ballot(string Request, string State, string Plan, string World, string Presented, string Person, string Deed, string Reason)
{
    /// <summary>Of a request as it stands.</summary>
    public static Ballot For(ApprovalRequest request, string person, string deed, string reason) => new(request.Id, request.State.Name(), request.Ask.PlanDigest, request.Ask.WorldDigest, request.Ask.PresentedDigest, person, deed, reason);

    /// <summary>Canonical JSON (RFC 8785), led by a line that keeps it from being anything else that the key signs.</summary>
    public byte[] Bytes() => [.. "copilot-ballot/1\n"u8, .. CanonicalJson.Serialize(new JsonObject
    {
        ["request"] = Request,
        ["state"] = State,
        ["plan"] = Plan,
        ["world"] = World,
        ["presented"] = Presented,
        ["person"] = Person,
        ["deed"] = Deed,
        ["reason"] = Reason,
    })];
}

/// <summary>What can be done to a request, in the words of ballots, receipts and interfaces.</summary>
public static class Deeds
{
    public const string Approve = "approve";
    public const string Reject = "reject";
    public const string Cancel = "cancel";
    public const string Revoke = "revoke";
    public const string BreakGlass = "break-glass";
    public const string Justify = "justify";
    public const string FindUnjustified = "find-unjustified";
    public const string Take = "take";
    public const string TakeBack = "take-back";
    public const string ReportDone = "report-done";
    public const string ReportNotDone = "report-not-done";
    public const string ReportWorked = "report-worked";
    public const string ReportFailed = "report-failed";
}
