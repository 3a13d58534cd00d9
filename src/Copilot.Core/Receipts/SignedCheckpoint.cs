namespace Copilot.Core.Receipts;

/// <summary>A checkpoint as it came: read, unreadable, or none at all.</summary>
internal sealed record SignedCheckpoint(SignedNote? Note, Checkpoint? Checkpoint, string? Fault)
{
    public static SignedCheckpoint Read(byte[]? note)
    {
        if (note is null) return new(null, null, null);
        if (!SignedNote.TryParse(note, out var signed, out var fault)) return new(null, null, fault);
        return Copilot.Core.Receipts.Checkpoint.TryParse(signed!.Text, out var checkpoint, out fault) ? new(signed, checkpoint, null) : new(signed, null, fault);
    }

    public ReceiptCheck Signature(NoteKey? key, VerifySignature? verify)
    {
        const string name = "signature";
        if (Fault is not null) return new(name, CheckOutcome.Failed, "The checkpoint cannot be read, so nothing is signed.");
        if (Note is null) return new(name, CheckOutcome.NotChecked, "No checkpoint was given.");
        if (key is null || verify is null) return new(name, CheckOutcome.NotChecked, "No public key was given: anybody may have made the checkpoint.");
        return Note.IsSignedBy(key, verify)
            ? new(name, CheckOutcome.Held, $"The checkpoint is signed with the key {Faults.Shown(key.ToString())}.")
            : new(name, CheckOutcome.Failed, $"The checkpoint is not signed with the key {Faults.Shown(key.ToString())}: it was altered, or another key made it.");
    }

    /// <summary>Whether it is the head that somebody kept, as far as one checkpoint can tell.</summary>
    public ReceiptCheck Is(TreeHead head) =>
        Checkpoint is null || Checkpoint.Size != head.Size
            ? new("head", CheckOutcome.NotChecked, $"The head from {Faults.Shown(head.Source)} is of {head.Size} receipts, the checkpoint of {Checkpoint?.Size.ToString() ?? "none"}: without the others nothing shows that they agree.")
            : Checkpoint.Root == head.Root
                ? new("head", CheckOutcome.Held, $"The checkpoint is the head from {Faults.Shown(head.Source)}.")
                : new("head", CheckOutcome.Failed, $"The checkpoint has another root than the head from {Faults.Shown(head.Source)}: there are two logs of one name.");
}
