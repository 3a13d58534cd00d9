using System.Text;

namespace Copilot.Core.Receipts;

/// <summary>Verifies the proof of one receipt from its text and the log's key alone.</summary>
public static class ProofVerifier
{
    /// <param name="key">The log's public key, from a place the log's owner cannot write to; null when none is known.</param>
    /// <param name="verify">Needed with <paramref name="key"/>.</param>
    /// <param name="expected">Heads that somebody kept.</param>
    public static ProofVerification Verify(InclusionProof proof, NoteKey? key, VerifySignature? verify, IReadOnlyList<TreeHead> expected)
    {
        var signed = SignedCheckpoint.Read(Encoding.UTF8.GetBytes(proof.Checkpoint));
        var isRead = StoredReceipt.TryRead(proof.Receipt, out var receipt, out var fault);
        ReceiptCheck[] checks =
        [
            isRead ? new("form", CheckOutcome.Held, "The receipt is canonical and of a known type with exactly its members.")
                : new("form", CheckOutcome.Failed, proof.Receipt.IsEmpty ? "The proof came without its receipt." : $"The receipt cannot be read: {fault}."),
            Place(proof, receipt, signed),
            Inclusion(proof, signed),
            signed.Signature(key, verify),
            .. expected.Select(signed.Is),
            new("log", CheckOutcome.NotChecked, "Only one receipt is here: whether others were altered, removed or cut off was not checked."),
        ];
        return new(checks, receipt, signed.Checkpoint);
    }

    private static ReceiptCheck Place(InclusionProof proof, StoredReceipt? receipt, SignedCheckpoint signed)
    {
        const string name = "place";
        if (receipt is null) return new(name, CheckOutcome.Failed, "Without a readable receipt its place is not known.");
        if (receipt.Seq != proof.Index) return new(name, CheckOutcome.Failed, $"The receipt has the number {receipt.Seq}, the proof is of number {proof.Index}.");
        if (signed.Checkpoint is { } checkpoint && checkpoint.Origin != receipt.Log)
            return new(name, CheckOutcome.Failed, $"The checkpoint is of the log {Faults.Shown(checkpoint.Origin)}, the receipt is of {Faults.Shown(receipt.Log)}.");
        return new(name, CheckOutcome.Held, $"The receipt says of itself that it is number {receipt.Seq} of {Faults.Shown(receipt.Log)}.");
    }

    private static ReceiptCheck Inclusion(InclusionProof proof, SignedCheckpoint signed)
    {
        const string name = "inclusion";
        if (signed.Checkpoint is not { } checkpoint) return new(name, CheckOutcome.Failed, $"The checkpoint cannot be read: {signed.Fault}.");
        if (proof.Index >= checkpoint.Size) return new(name, CheckOutcome.Failed, $"The checkpoint covers {checkpoint.Size} receipts, number {proof.Index} is not among them.");
        return MerkleTree.RootOfPath(MerkleTree.LeafHash(proof.Receipt.Span), proof.Index, checkpoint.Size, proof.Path) is { } root && Convert.ToHexStringLower(root) == checkpoint.Root
            ? new(name, CheckOutcome.Held, $"The receipt is one of the {checkpoint.Size} that the checkpoint covers.")
            : new(name, CheckOutcome.Failed, "The path from the receipt does not lead to the root of the checkpoint: the receipt, its number or the path was altered.");
    }
}

/// <param name="Checks">In the order of docs/receipt-format.md.</param>
/// <param name="Receipt">Null when it cannot be read.</param>
/// <param name="Checkpoint">As far as it could be read; that it is true only the checks say.</param>
public sealed record ProofVerification(IReadOnlyList<ReceiptCheck> Checks, StoredReceipt? Receipt, Checkpoint? Checkpoint);
