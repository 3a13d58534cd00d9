namespace Copilot.Core.Receipts;

/// <summary>A line by itself.</summary>
/// <param name="Receipt">Null when it is none.</param>
/// <param name="Fault">Why it is none.</param>
internal readonly record struct ReadLine(StoredReceipt? Receipt, string Fault, ReadOnlyMemory<byte> Leaf);

/// <summary>What each line must be by itself and by its place.</summary>
/// <param name="isExcerpt">Whether receipts may be missing between two lines.</param>
internal sealed class ReceiptLines(bool isExcerpt)
{
    private readonly Faults _form = new("form", "Only what is exactly of the form says one thing to every reader.");
    private readonly Faults _sequence = new("sequence", "Receipts were removed, added or put in another order.");
    private StoredReceipt? _first;
    private long _due;

    public long Count { get; private set; }

    public string? Log => _first?.Log;

    public StoredReceipt? Add(ReadLine line)
    {
        var at = Count++;
        var due = _due++;
        if (line.Receipt is not { } receipt)
        {
            _form.Add(at, line.Fault);
            return null;
        }
        if (at == 0) _first = receipt;
        if (_first is not null && receipt.Log != _first.Log) _form.Add(at, $"is of another log, {Faults.Shown(receipt.Log)}");
        if (at > 0 && receipt.Type == ReceiptType.LogOpened) _sequence.Add(at, "opens the log a second time");
        if (isExcerpt ? receipt.Seq < due : receipt.Seq != due) _sequence.Add(at, $"has the number {receipt.Seq} where {due} is due");
        _due = receipt.Seq + 1;
        return receipt;
    }

    public ReceiptCheck Form => _form.Check($"Each of the {Count} receipts is canonical, of a known type with exactly its members, and of one log.");

    public ReceiptCheck Sequence => _sequence.Check(isExcerpt ? $"The {Count} receipts stand in the order of their numbers; those between are not here." : $"The {Count} receipts are numbered from 0 without gaps.");

    /// <param name="given">The key that is known from elsewhere; null when none is.</param>
    public ReceiptCheck Opening(LogKeys keys, NoteKey? given)
    {
        const string name = "opening";
        if (_first is not { Type: ReceiptType.LogOpened } || keys.First is not { } opened) return new(name, CheckOutcome.Failed, "The first receipt does not open the log: the beginning is missing.", 0);
        if (given is null) return new(name, CheckOutcome.Held, $"The log opens with the key {Faults.Shown(opened)}. Whether that is its owner's, nobody here can tell.");
        if (opened == given.ToString()) return new(name, CheckOutcome.Held, "The log opens with the key that was given.");
        return keys.Has(given)
            ? new(name, CheckOutcome.Held, $"The log opens with the key {Faults.Shown(opened)} and passes on to the one that was given.")
            : new(name, CheckOutcome.Failed, $"The log opens with the key {Faults.Shown(opened)}, not with the one that was given.", 0);
    }
}
