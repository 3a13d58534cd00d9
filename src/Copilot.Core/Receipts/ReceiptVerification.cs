namespace Copilot.Core.Receipts;

public enum CheckOutcome
{
    Held,
    Failed,

    /// <summary>What the check needs was not given, so nothing is known.</summary>
    NotChecked,
}

/// <summary>One check of a log.</summary>
/// <param name="Name">A stable name: docs/receipt-format.md says what each proves.</param>
/// <param name="Says">One or two sentences: what was found and what it means. Names from the log in it are reduced to printable ASCII.</param>
/// <param name="Seq">Where the first fault is, counted from 0 in the order given; null when it has no place.</param>
public sealed record ReceiptCheck(string Name, CheckOutcome Outcome, string Says, long? Seq = null);

/// <summary>A size and root of the log that somebody kept away from it.</summary>
/// <param name="Root">Lower-case hex.</param>
/// <param name="Source">Who kept it, for the report.</param>
public sealed record TreeHead(long Size, string Root, string Source);

/// <summary>What a policy decides on facts. Must not throw.</summary>
/// <param name="policy">The policy's text.</param>
/// <param name="facts">The facts as a receipt has them.</param>
public delegate ReplayedDecision ReplayPolicy(string policy, IReadOnlyDictionary<string, string> facts);

/// <param name="Fault">Why there is no decision; null when there is one.</param>
/// <param name="Digest">The policy's.</param>
/// <param name="Rules">The ids of the rules that decided.</param>
public sealed record ReplayedDecision(string? Fault, string Digest, string Effect, IReadOnlyList<string> Rules);

/// <summary>What is to be verified, and against what.</summary>
/// <param name="Receipts">The lines without their ends, in order. The memory of one may be used again for the next.</param>
public sealed record ReceiptVerificationRequest(IEnumerable<ReadOnlyMemory<byte>> Receipts)
{
    /// <summary>The bytes of the signed checkpoint; null when there is none.</summary>
    public byte[]? Checkpoint { get; init; }

    /// <summary>The log's public key, from a place the log's owner cannot write to; null when none is known.</summary>
    public NoteKey? Key { get; init; }

    /// <summary>Needed with <see cref="Key"/>.</summary>
    public VerifySignature? Verify { get; init; }

    public IReadOnlyList<TreeHead> Expected { get; init; } = [];

    /// <summary>For an excerpt of a log the path of each receipt to the root of the checkpoint, in the same order; null for a whole log.</summary>
    public IReadOnlyList<IReadOnlyList<ReadOnlyMemory<byte>>>? Paths { get; init; }

    /// <summary>The signed checkpoints over each change of the key.</summary>
    public IReadOnlyList<byte[]> Rotations { get; init; } = [];

    /// <summary>The lines of openings without their ends; null when values were not asked for.</summary>
    public IEnumerable<ReadOnlyMemory<byte>>? Openings { get; init; }

    /// <summary>Whether every value that was not removed must be among <see cref="Openings"/>.</summary>
    public bool OpeningsAreWhole { get; init; }

    /// <summary>Decides once more; null when nobody can.</summary>
    public ReplayPolicy? Replay { get; init; }
}

/// <param name="Checks">In the order of docs/receipt-format.md.</param>
/// <param name="Receipts">How many lines there were; of an excerpt how many receipts its log has, by the checkpoint.</param>
/// <param name="Log">The name in the first receipt; null when that could not be read.</param>
/// <param name="Root">The root over all of them, lower-case hex; of an excerpt that of the checkpoint.</param>
/// <param name="Key">The log's last key, as text; null when the first receipt does not open the log.</param>
/// <param name="Checkpoint">The checkpoint as far as it could be read; that it is true only the checks say.</param>
public sealed record ReceiptVerification(IReadOnlyList<ReceiptCheck> Checks, long Receipts, string? Log, string Root, string? Key, Checkpoint? Checkpoint)
{
    /// <summary>Whether no check failed. Those that were not checked are no reason for trust.</summary>
    public bool Held => !Checks.Any(c => c.Outcome == CheckOutcome.Failed);
}
