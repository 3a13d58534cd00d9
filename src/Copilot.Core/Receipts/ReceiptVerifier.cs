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
        var rotations = request.Rotations.Select(SignedCheckpoint.Read).ToList();
        var roots = new Roots([.. request.Expected.Select(h => h.Size), .. rotations.Append(signed).Select(c => c.Checkpoint?.Size).OfType<long>()]);
        var inclusion = request.Paths is { } paths ? new ExcerptPaths(paths, signed) : null;
        var (lines, links, keys, values) = (new ReceiptLines(inclusion is not null), new ReceiptLinks(inclusion is not null), new LogKeys(), new CommittedValues());
        var approvals = new ApprovalOrder(inclusion is not null, request.Verify);
        foreach (var read in LineBatch.ReadAll(request.Receipts))
        {
            var leaf = read.Leaf.Span;
            if (inclusion is null) roots.Append(leaf);
            var (at, receipt) = (lines.Count, lines.Add(read));
            links.Add(at, leaf, receipt);
            inclusion?.Add(at, leaf, receipt);
            if (receipt is null) continue;
            keys.Add(at, receipt);
            values.Add(at, receipt);
            approvals.Add(at, receipt, keys.Last);
        }
        // The key that counts at the end signs, when the log passed on to it from the one that is known.
        var signer = request.Key is { } given && keys.Has(given) && NoteKey.TryParse(keys.Last ?? "", out var last, out _) ? last : request.Key;
        ReceiptCheck[] checks =
        [
            lines.Form, lines.Opening(keys, request.Key), lines.Sequence, .. links.Checks(),
            inclusion?.Inclusion ?? Root(signed, roots, lines), signed.Signature(signer, request.Verify),
            .. inclusion is null
                ? [.. request.Expected.Select(h => Head(h, roots)), Unsigned(signed.Checkpoint, lines.Count), Truncation(request.Expected, lines.Count)]
                : request.Expected.Select(signed.Is).Append(ExcerptPaths.Excerpt),
            keys.Check(rotations, request.Key, request.Verify, inclusion is null ? roots.At : _ => null),
            .. values.Checks(request),
            approvals.Check(),
        ];
        return inclusion is null
            ? new(checks, lines.Count, lines.Log, roots.Now, keys.Last, signed.Checkpoint)
            : new(checks, signed.Checkpoint?.Size ?? 0, lines.Log, signed.Checkpoint?.Root ?? "", keys.Last, signed.Checkpoint);
    }

    private static ReceiptCheck Root(SignedCheckpoint signed, Roots roots, ReceiptLines lines)
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
}
