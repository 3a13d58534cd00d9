using System.Text;
using System.Text.Json.Nodes;
using Copilot.Core.Receipts;

namespace Copilot.Core.Approvals;

/// <summary>What somebody said to a request. One for each person, whatever identities they have.</summary>
/// <param name="Identity">By which they spoke.</param>
/// <param name="Roles">Those of the roles asked for that they held at that moment.</param>
/// <param name="Presented">The digest of what they were shown.</param>
/// <param name="Signature">Ed25519 over <see cref="VoteBallot.Bytes"/>, base64; null where nothing was signed.</param>
/// <param name="Key">The id of the key that signed, eight hex digits.</param>
public sealed record Vote(
    string Person, string Identity, string Assurance, bool Approves, string Reason, IReadOnlyList<string> Roles, string Presented, string? Signature, string? Key, DateTimeOffset At);

/// <summary>What a voter signs. Nothing of it can be moved to another request, plan, world, text, person or answer.</summary>
public sealed record VoteBallot(string Request, string Plan, string World, string Presented, string Person, bool Approves, string Reason)
{
    /// <summary>Canonical JSON (RFC 8785), led by a line that keeps it from being anything else that the key signs.</summary>
    public byte[] Bytes() => [.. "copilot-vote/1\n"u8, .. CanonicalJson.Serialize(new JsonObject
    {
        ["request"] = Request,
        ["plan"] = Plan,
        ["world"] = World,
        ["presented"] = Presented,
        ["person"] = Person,
        ["decision"] = Approves ? "approve" : "reject",
        ["reason"] = Reason,
    })];

    public override string ToString() => Encoding.UTF8.GetString(Bytes());
}
