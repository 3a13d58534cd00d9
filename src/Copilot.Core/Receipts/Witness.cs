using System.Security.Cryptography;

namespace Copilot.Core.Receipts;

/// <summary>A head that a witness cosigned.</summary>
/// <param name="Root">Lower-case hex.</param>
public sealed record WitnessedHead(long Size, string Root)
{
    /// <summary>That of a log of which nothing was cosigned yet: every log begins with the empty tree.</summary>
    public static WitnessedHead None { get; } = new(0, Convert.ToHexStringLower(SHA256.HashData([])));
}

/// <summary>How a witness answers a request; each has its status code.</summary>
public enum WitnessVerdict
{
    /// <summary>The checkpoint is to be remembered, then cosigned. 200.</summary>
    Cosign,

    /// <summary>The old size is beyond the new one. 400.</summary>
    Backwards,

    /// <summary>No key of the log signed it. 403.</summary>
    NotSigned,

    /// <summary>The witness does not know the log. 404.</summary>
    UnknownLog,

    /// <summary>The old size is not that of the last checkpoint. 409.</summary>
    Stale,

    /// <summary>Of the same size a checkpoint with another root was cosigned: there are two logs. 409.</summary>
    Forked,

    /// <summary>The proof does not show that the checkpoint continues the last one. 422.</summary>
    Inconsistent,
}

/// <param name="Says">Why, for the log's owner.</param>
/// <param name="LastSize">The size of the last checkpoint that was cosigned, where a log that asks again has to know it; else null.</param>
public sealed record WitnessDecision(WitnessVerdict Verdict, string Says, long? LastSize = null)
{
    /// <summary>As C2SP tlog-witness demands it.</summary>
    public int Status => Verdict switch
    {
        WitnessVerdict.Cosign => 200,
        WitnessVerdict.Backwards => 400,
        WitnessVerdict.NotSigned => 403,
        WitnessVerdict.UnknownLog => 404,
        WitnessVerdict.Stale or WitnessVerdict.Forked => 409,
        _ => 422,
    };
}

/// <summary>What a witness decides, and nothing of how it remembers (C2SP tlog-witness).</summary>
public static class Witness
{
    /// <summary>Where requests are sent, below the witness's address.</summary>
    public const string AddCheckpointPath = "add-checkpoint";

    /// <summary>The media type of an answer 409: the size of the last checkpoint in decimal, and a newline.</summary>
    public const string SizeMediaType = "text/x.tlog.size";

    /// <summary>
    /// Decides on a request, in the order of the specification. Whoever asks keeps <paramref name="last"/> from changing until the decision is carried out, else two requests
    /// at once could roll the log back.
    /// </summary>
    /// <param name="keys">All that are trusted for any log; the name of each is the log's.</param>
    /// <param name="last">What was cosigned last of this log; <see cref="WitnessedHead.None"/> for nothing.</param>
    public static WitnessDecision Decide(AddCheckpoint request, IEnumerable<NoteKey> keys, WitnessedHead last, VerifySignature verify)
    {
        var (head, own) = (request.Head, keys.Where(k => k.Name == request.Head.Origin).ToList());
        if (own.Count == 0) return new(WitnessVerdict.UnknownLog, "This witness does not know the log.");
        if (!own.Exists(k => request.Note.IsSignedBy(k, verify))) return new(WitnessVerdict.NotSigned, "The checkpoint is not signed with a key of the log that this witness knows.");
        if (request.OldSize > head.Size) return new(WitnessVerdict.Backwards, $"The old size {request.OldSize} is beyond the checkpoint's, {head.Size}.");
        if (request.OldSize != last.Size) return new(WitnessVerdict.Stale, $"The last checkpoint that was cosigned has the size {last.Size}, not {request.OldSize}.", last.Size);
        if (head.Size == last.Size && head.Root != last.Root) return new(WitnessVerdict.Forked, $"Of the size {last.Size} a checkpoint with another root was cosigned: there are two logs of one name.", last.Size);
        return MerkleTree.IsConsistent(last.Size, Convert.FromHexString(last.Root), head.Size, Convert.FromHexString(head.Root), request.Proof)
            ? new(WitnessVerdict.Cosign, $"The checkpoint of {head.Size} continues the last one, of {last.Size}.")
            : new(WitnessVerdict.Inconsistent, $"The proof does not show that the checkpoint of {head.Size} continues the last one, of {last.Size}.");
    }
}
