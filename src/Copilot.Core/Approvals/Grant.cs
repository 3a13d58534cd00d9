using System.Text.Json.Nodes;
using Copilot.Core.Receipts;

namespace Copilot.Core.Approvals;

/// <summary>The leave to carry one plan out once, in one state of the world and within a time.</summary>
/// <param name="Id">ULID. It is consumed once.</param>
/// <param name="By">What it rests on: <c>votes</c>, <c>policy</c> or <c>break-glass</c>.</param>
/// <param name="NotAfter">The first moment at which it no longer holds.</param>
/// <param name="Policy">The digest of the policy that it was given under.</param>
/// <param name="Checkpoint">The last signed head of the log at that time, SIZE:ROOT; <c>none</c> before the first.</param>
/// <param name="Presented">The digest of the text that people were shown; null in grants of before.</param>
/// <param name="Signature">Of the log's key over <see cref="Bytes"/>, base64.</param>
public sealed record Grant(
    string Id, string Request, string Plan, string World, string By, DateTimeOffset NotBefore, DateTimeOffset NotAfter, string Policy, string Checkpoint, string Signature, string? Presented = null)
{
    /// <summary>What is signed: canonical JSON (RFC 8785) of everything but the signature, led by a line of its own.</summary>
    public byte[] Bytes()
    {
        var grant = new JsonObject
        {
            ["id"] = Id,
            ["request"] = Request,
            ["plan"] = Plan,
            ["world"] = World,
            ["by"] = By,
            ["not_before"] = ApprovalJson.Time(NotBefore),
            ["not_after"] = ApprovalJson.Time(NotAfter),
            ["policy"] = Policy,
            ["checkpoint"] = Checkpoint,
        };
        // Grants of before did not name it.
        if (Presented is not null) grant["presented"] = Presented;
        return [.. "copilot-grant/1\n"u8, .. CanonicalJson.Serialize(grant)];
    }
}

/// <summary>What a grant is made from beside the request; signing and the log are not the core's.</summary>
/// <param name="Sign">Signs with the log's key; base64.</param>
public sealed record GrantIssuer(string Id, string Checkpoint, Func<byte[], string> Sign)
{
    internal Grant Issue(ApprovalRequest request, string by, DateTimeOffset from, DateTimeOffset until)
    {
        var grant = new Grant(Id, request.Id, request.Ask.PlanDigest, request.Ask.WorldDigest, by, from, until, request.Ask.Policy, Checkpoint, "", request.Ask.PresentedDigest);
        return grant with { Signature = Sign(grant.Bytes()) };
    }
}
