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
}

/// <param name="Checks">In the order of docs/receipt-format.md.</param>
/// <param name="Receipts">How many lines there were.</param>
/// <param name="Log">The name in the first receipt; null when that could not be read.</param>
/// <param name="Root">The root over all of them, lower-case hex.</param>
/// <param name="Key">The key in the first receipt, as text; null when that does not open the log.</param>
/// <param name="Checkpoint">The checkpoint as far as it could be read; that it is true only the checks say.</param>
public sealed record ReceiptVerification(IReadOnlyList<ReceiptCheck> Checks, long Receipts, string? Log, string Root, string? Key, Checkpoint? Checkpoint)
{
    /// <summary>Whether no check failed. Those that were not checked are no reason for trust.</summary>
    public bool Held => !Checks.Any(c => c.Outcome == CheckOutcome.Failed);
}
