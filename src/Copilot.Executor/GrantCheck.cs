using Copilot.Core.Actions;
using Copilot.Core.Approvals;
using Copilot.Core.Approvals.World;
using Copilot.Core.Receipts;
using NSec.Cryptography;

namespace Copilot.Executor;

/// <summary>Holds what is to be carried out against the grant, from the bytes alone: the host is not taken at its word.</summary>
internal static class GrantCheck
{
    /// <summary>Clocks of two machines are so far apart at most.</summary>
    private static readonly TimeSpan Skew = TimeSpan.FromMinutes(1);

    /// <returns>Why it is not carried out; null when everything holds.</returns>
    public static string? Fault(ApprovalRequest request, Registered own, Journal journal, DateTimeOffset now)
    {
        if (request.Grant is not { } grant) return "there is no grant";
        if (!NoteKey.TryParse(own.LogKey, out var key, out _) || !IsSigned(grant, key!)) return "the grant is not signed with the key that this executor was registered with; if the log's key was changed, register anew";
        if (grant.Request != request.Id) return "the grant is of another request";
        Plan plan;
        WorldState world;
        try
        {
            (plan, world) = (PlanReader.Read(request.Ask.Plan), WorldState.FromJson(request.Ask.World));
        }
        catch (FormatException e)
        {
            return e.Message;
        }
        if (plan.Digest != grant.Plan) return "the plan is not the one that was approved";
        if (world.Digest != grant.World) return "the world is not the one that was approved";
        if (Presentation.DigestOf(request.Ask.Presented, plan.Digest) != grant.Presented) return "the text is not the one that people were shown";
        if (request.Ask.Commands.Count != plan.Steps.Count || request.Ask.Commands.SelectMany(c => (string?[])[c.Does, c.Back]).OfType<string>().FirstOrDefault(c => !request.Ask.Presented.Contains($" {c}\n", StringComparison.Ordinal)) is not null)
            return "a command is not one that people were shown";
        if (request.Ask.Executor != own.Name || !request.Ask.Presented.Contains($"\nExecutor   {own.Name} carries it out, once", StringComparison.Ordinal)) return "people did not agree that this executor carries it out";
        if (!StepPatch.CanBeSent(plan, request.Ask.Commands)) return "it holds a kind of step that this executor does not carry out";
        if (now < grant.NotBefore - Skew) return "the grant is of a later time, or this machine's clock is behind";
        // What was begun in time is brought to its end.
        if (request.State == ApprovalState.Executing && now >= grant.NotAfter && request.Execution!.At + ByExecutor.Lease < now) return "the grant is over, or this machine's clock is ahead";
        return request.State == ApprovalState.Executing && journal.WasUsed(grant.Id, request.Execution!.Fence) ? "the grant was used before" : null;
    }

    private static bool IsSigned(Grant grant, NoteKey key)
    {
        Span<byte> signature = stackalloc byte[64];
        return Convert.TryFromBase64String(grant.Signature, signature, out var length) && length == signature.Length && SignatureAlgorithm.Ed25519.Verify(PublicKey.Import(SignatureAlgorithm.Ed25519, key.PublicKey.Span, KeyBlobFormat.RawPublicKey), grant.Bytes(), signature);
    }
}
