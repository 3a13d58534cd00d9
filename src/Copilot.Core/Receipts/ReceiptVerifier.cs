namespace Copilot.Core.Receipts;

/// <summary>
/// Verifies a log from its bytes alone, in one pass. It knows the format and nothing of whoever wrote it; docs/receipt-format.md states every check so
/// that others can write one too.
/// </summary>
public static class ReceiptVerifier
{
    private const string RootMeaning = "Receipts were altered, added, removed or put in another order after it was made.";

    /// <summary>Reads every line and judges. Throws only what the enumeration of the lines throws.</summary>
    public static ReceiptVerification Verify(ReceiptVerificationRequest request)
    {
        var signed = SignedCheckpoint.Read(request.Checkpoint);
        var roots = new Roots([.. request.Expected.Select(h => h.Size), .. signed.Checkpoint is { } c ? [c.Size] : Array.Empty<long>()]);
        var lines = new Lines();
        var links = new ReceiptLinks();
        Span<byte> leaf = stackalloc byte[MerkleTree.HashBytes];
        foreach (var bytes in request.Receipts)
        {
            MerkleTree.LeafHash(bytes.Span, leaf);
            roots.Append(leaf);
            links.Add(lines.Count, leaf, lines.Add(bytes));
        }
        var (form, opening, sequence) = lines.Checks(request.Key);
        ReceiptCheck[] checks =
        [
            form, opening, sequence, .. links.Checks(),
            Root(signed, roots, lines), signed.Signature(request.Key, request.Verify), .. request.Expected.Select(h => Head(h, roots)),
            Unsigned(signed.Checkpoint, lines.Count), Truncation(request.Expected, lines.Count),
        ];
        return new(checks, lines.Count, lines.Log, roots.Now, lines.Key, signed.Checkpoint);
    }

    private static ReceiptCheck Root(SignedCheckpoint signed, Roots roots, Lines lines)
    {
        if (signed.Fault is { } fault) return new("root", CheckOutcome.Failed, $"The checkpoint cannot be read: {fault}.");
        if (signed.Checkpoint is not { } checkpoint) return new("root", CheckOutcome.NotChecked, "No checkpoint was given: that no receipt was altered or removed is not proved.");
        if (lines.Log is { } log && checkpoint.Origin != log)
            return new("root", CheckOutcome.Failed, $"The checkpoint is of the log {Faults.Shown(checkpoint.Origin)}, the receipts are of {Faults.Shown(log)}.");
        return Compare("root", "the checkpoint", checkpoint.Size, checkpoint.Root, roots, RootMeaning);
    }

    private static ReceiptCheck Head(TreeHead head, Roots roots) =>
        head.Size < 0 || !Hex.IsHash(head.Root)
            ? new("head", CheckOutcome.Failed, $"The head from {Faults.Shown(head.Source)} is no size and root.")
            : Compare("head", $"the head from {Faults.Shown(head.Source)}", head.Size, head.Root, roots, RootMeaning);

    private static ReceiptCheck Compare(string name, string what, long size, string root, Roots roots, string meaning) => roots.At(size) switch
    {
        null => new(name, CheckOutcome.Failed, $"Only {roots.Size} receipts are here, {what} covers {size}: the log was cut off.", roots.Size),
        var found when found == root => new(name, CheckOutcome.Held, $"The {size} receipts that {what} covers are exactly those it was made over."),
        _ => new(name, CheckOutcome.Failed, $"The root over the first {size} receipts is not that of {what}. {meaning}"),
    };

    private static ReceiptCheck Unsigned(Checkpoint? checkpoint, long count)
    {
        var after = checkpoint is null ? count : Math.Max(0, count - checkpoint.Size);
        return after == 0
            ? new("unsigned", CheckOutcome.Held, "No receipt stands after the checkpoint.")
            : new("unsigned", CheckOutcome.NotChecked, $"{after} receipts from {count - after} on stand after the checkpoint: no signature covers them.", count - after);
    }

    private static ReceiptCheck Truncation(IReadOnlyList<TreeHead> expected, long count)
    {
        if (expected.Count == 0)
            return new("truncation", CheckOutcome.NotChecked, "No head kept elsewhere was given: whether receipts after the checkpoint were cut off was not checked.");
        var most = expected.Max(h => h.Size);
        return most > count
            ? new("truncation", CheckOutcome.Failed, $"Receipts {count} to {most - 1} were cut off.", count)
            : new("truncation", CheckOutcome.Held, $"No receipt up to {most - 1} is missing. What was recorded after the latest head that was given may be.");
    }

    /// <summary>The roots at the sizes that are asked for, and at the end.</summary>
    private sealed class Roots
    {
        private readonly CompactRange _range = new();
        private readonly HashSet<long> _wanted;
        private readonly Dictionary<long, string> _found = [];

        public Roots(IEnumerable<long> wanted)
        {
            _wanted = [.. wanted];
            Keep();
        }

        public long Size => _range.Size;

        public string Now => _range.RootHex();

        public void Append(ReadOnlySpan<byte> leaf)
        {
            _range.Append(leaf);
            Keep();
        }

        /// <summary>Null when the log is shorter.</summary>
        public string? At(long size) => _found.GetValueOrDefault(size);

        private void Keep()
        {
            if (_wanted.Contains(Size)) _found[Size] = Now;
        }
    }

    /// <summary>What each line must be by itself and by its place.</summary>
    private sealed class Lines
    {
        private readonly Faults _form = new("form", "Only what is exactly of the form says one thing to every reader.");
        private readonly Faults _sequence = new("sequence", "Receipts were removed, added or put in another order.");
        private StoredReceipt? _first;
        private long _due;

        public long Count { get; private set; }

        public string? Log => _first?.Log;

        public string? Key => _first?.LogKey;

        public StoredReceipt? Add(ReadOnlyMemory<byte> bytes)
        {
            var at = Count++;
            var due = _due++;
            if (!StoredReceipt.TryRead(bytes, out var receipt, out var fault))
            {
                _form.Add(at, fault);
                return null;
            }
            if (at == 0) _first = receipt;
            if (_first is not null && receipt!.Log != _first.Log) _form.Add(at, $"is of another log, {Faults.Shown(receipt.Log)}");
            if (at > 0 && receipt!.Type == ReceiptType.LogOpened) _sequence.Add(at, "opens the log a second time");
            if (receipt!.Seq != due) _sequence.Add(at, $"has the number {receipt.Seq} where {due} is due");
            _due = receipt.Seq + 1;
            return receipt;
        }

        public (ReceiptCheck Form, ReceiptCheck Opening, ReceiptCheck Sequence) Checks(NoteKey? key) => (
            _form.Check($"Each of the {Count} receipts is canonical, of a known type with exactly its members, and of one log."),
            Opening(key),
            _sequence.Check($"The {Count} receipts are numbered from 0 without gaps."));

        private ReceiptCheck Opening(NoteKey? key)
        {
            const string name = "opening";
            if (_first is not { Type: ReceiptType.LogOpened, LogKey: { } opened }) return new(name, CheckOutcome.Failed, "The first receipt does not open the log: the beginning is missing.", 0);
            if (key is null) return new(name, CheckOutcome.Held, $"The log opens with the key {Faults.Shown(opened)}. Whether that is its owner's, nobody here can tell.");
            return opened == key.ToString()
                ? new(name, CheckOutcome.Held, "The log opens with the key that was given.")
                : new(name, CheckOutcome.Failed, $"The log opens with the key {Faults.Shown(opened)}, not with the one that was given.", 0);
        }
    }
}
