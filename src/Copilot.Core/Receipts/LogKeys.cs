namespace Copilot.Core.Receipts;

/// <summary>The keys of a log by its own receipts, and whether each passed on to the next.</summary>
internal sealed class LogKeys
{
    private readonly List<(long From, string Key)> _keys = [];
    private readonly Faults _faults = new("keys", "Another than the log's owner may sign from there on.");

    /// <summary>The key that counts at the end; null when nothing opened the log.</summary>
    public string? Last => _keys.Count == 0 ? null : _keys[^1].Key;

    public string? First => _keys.Count == 0 ? null : _keys[0].Key;

    public bool Has(NoteKey key) => _keys.Exists(k => k.Key == key.ToString());

    public void Add(long at, StoredReceipt receipt)
    {
        if (receipt.Says is ReceiptSays.Opened opened && _keys.Count == 0) _keys.Add((0, opened.Key));
        if (receipt.Says is not ReceiptSays.Rotated rotated) return;
        if (rotated.From != Last) _faults.Add(at, "passes on from a key that is not the log's");
        _keys.Add((receipt.Seq, rotated.To));
    }

    /// <summary>Holds each change of the key against a checkpoint that ends with its receipt and is signed with both.</summary>
    /// <param name="rootAt">The root of so many receipts; null when it is not known.</param>
    public ReceiptCheck Check(IReadOnlyList<SignedCheckpoint> rotations, NoteKey? given, VerifySignature? verify, Func<long, string?> rootAt)
    {
        const string name = "keys";
        if (_keys.Count <= 1) return _faults.Check("The log has had one key from its beginning.");
        if (verify is null) return new(name, CheckOutcome.NotChecked, $"The log has had {_keys.Count} keys. Without one that is known from elsewhere none of them was checked.");
        // What the last key signs covers everything before it: who trusts that one need not trust those before.
        var needsAll = given is null || given.ToString() != Last;
        for (var i = 1; i < _keys.Count; i++)
        {
            var size = _keys[i].From + 1;
            if (rotations.FirstOrDefault(r => r.Checkpoint?.Size == size) is not { Note: { } note, Checkpoint: { } checkpoint })
            {
                if (needsAll) _faults.Add(_keys[i].From, "changes the key, and no checkpoint that ends with it is here");
                continue;
            }
            if (!IsSigned(note, _keys[i - 1].Key, verify) || !IsSigned(note, _keys[i].Key, verify)) _faults.Add(_keys[i].From, "changes the key, and the checkpoint that ends with it is not signed with both");
            else if (checkpoint.Root != rootAt(size) && rootAt(size) is not null) _faults.Add(_keys[i].From, "changes the key, and the checkpoint that ends with it has another root");
        }
        return _faults.Check($"The log has had {_keys.Count} keys; each passed on to the next under both signatures.");
    }

    private static bool IsSigned(SignedNote note, string key, VerifySignature verify) => NoteKey.TryParse(key, out var read, out _) && note.IsSignedBy(read!, verify);
}
