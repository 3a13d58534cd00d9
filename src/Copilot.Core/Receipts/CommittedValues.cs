using System.Text.Json;

namespace Copilot.Core.Receipts;

/// <summary>What receipts commit to, held against the values that were handed out with them; and what policy decided, decided once more.</summary>
internal sealed class CommittedValues
{
    private const string Policy = "/body/policy";
    private const string Facts = "/body/facts/";

    private readonly Dictionary<(string Receipt, string Pointer), (long At, string Log, string Hash, bool IsMasked)> _commitments = [];
    private readonly Dictionary<(string Receipt, string Pointer), ReceiptSays.Removed?> _removed = [];
    private readonly Dictionary<string, (long At, ReceiptSays.Decided Decided, bool IsMasked)> _decisions = [];
    private readonly Faults _faults = new("openings", "What is shown as the value is not what was recorded.");
    private readonly Faults _replays = new("policy", "What the receipt says was decided is not what its policy decides.");

    public void Add(long at, StoredReceipt receipt)
    {
        foreach (var (pointer, hash) in receipt.Commitments) _commitments[(receipt.Id, pointer)] = (at, receipt.Log, hash, receipt.Masked.Any(m => m.StartsWith(pointer, StringComparison.Ordinal)));
        switch (receipt.Says)
        {
            case ReceiptSays.Removed removed:
                Remove(at, removed.Value, removed);
                break;
            case ReceiptSays.Expired expired:
                foreach (var value in expired.Values) Remove(at, value, null);
                break;
            case ReceiptSays.Decided decided:
                _decisions[receipt.Id] = (at, decided, receipt.Masked.Any(m => m.StartsWith(Facts, StringComparison.Ordinal)));
                break;
        }
    }

    public IEnumerable<ReceiptCheck> Checks(ReceiptVerificationRequest request)
    {
        var (seen, replayed) = (new HashSet<(string, string)>(), 0);
        foreach (var line in request.Openings ?? [])
        {
            if (!Opening.TryRead(line, out var opening, out var fault))
            {
                _faults.Add(seen.Count, $"an opening cannot be read: {fault}");
                continue;
            }
            var place = (opening!.Receipt, opening.Pointer);
            if (!_commitments.TryGetValue(place, out var known)) _faults.Add(seen.Count, $"a value for {Faults.Shown(opening.Pointer)} of {opening.Receipt}, to which nothing here commits");
            else if (!seen.Add(place)) _faults.Add(known.At, $"two values for {Faults.Shown(opening.Pointer)}");
            else if (Convert.ToHexStringLower(FieldCommitment.Of(known.Log, opening.Receipt, opening.Pointer, opening.Salt.Span, opening.Value.Span)) != known.Hash)
                _faults.Add(known.At, $"commits to another value at {Faults.Shown(opening.Pointer)}");
            else if (opening.Pointer == Policy && !known.IsMasked && request.Replay is { } replay && _decisions.TryGetValue(opening.Receipt, out var decision) && !decision.IsMasked)
            {
                replayed++;
                Replay(decision.At, decision.Decided, opening, replay);
            }
        }
        yield return Openings(request, seen);
        yield return Policies(replayed);
    }

    private ReceiptCheck Openings(ReceiptVerificationRequest request, HashSet<(string, string)> seen)
    {
        const string name = "openings";
        var missing = _commitments.Keys.Where(k => !seen.Contains(k)).ToList();
        var gone = missing.Where(_removed.ContainsKey).ToList();
        if (request.OpeningsAreWhole)
        {
            foreach (var (receipt, pointer) in missing.Except(gone)) _faults.Add(_commitments[(receipt, pointer)].At, $"the value at {Faults.Shown(pointer)} is gone, and no receipt tells of its removal");
        }
        if (_commitments.Count == 0 && _faults.Count == 0) return new(name, CheckOutcome.Held, "No receipt commits to a value that is kept apart.");
        if (request.Openings is null && _faults.Count == 0) return new(name, CheckOutcome.NotChecked, $"{_commitments.Count} values that receipts commit to were not given.");
        var told = gone.Select(k => _removed[k]).OfType<ReceiptSays.Removed>().Take(3).Select(r => $"{Faults.Shown(r.Value.Pointer)} of {r.Value.Receipt} by {Faults.Text(r.By)}: {Faults.Text(r.Reason)}").ToList();
        var lack = gone.Count == 0 ? "" : $" {gone.Count} were removed{(told.Count > 0 ? $" ({string.Join("; ", told)})" : "")}.";
        var left = missing.Count - gone.Count;
        return _faults.Check($"{seen.Count} of {_commitments.Count} values are here, and each is what its receipt commits to.{lack}{(left > 0 ? $" {left} were not handed out." : "")}");
    }

    private ReceiptCheck Policies(int replayed)
    {
        const string name = "policy";
        if (_decisions.Count == 0) return new(name, CheckOutcome.Held, "No policy decided anything.");
        if (replayed == 0) return new(name, CheckOutcome.NotChecked, $"{_decisions.Count} decisions were not decided again: the policies they were made by are not here, or a secret was taken out of them or of the facts.");
        var left = _decisions.Count - replayed;
        return _replays.Check($"{replayed} of {_decisions.Count} decisions were decided again from their facts and policies: each came out the same.{(left > 0 ? $" {left} could not be: their policies are not here, or a secret was taken out of them or of the facts." : "")}");
    }

    private void Replay(long at, ReceiptSays.Decided decided, Opening opening, ReplayPolicy replay)
    {
        using var value = JsonDocument.Parse(opening.Value);
        if (value.RootElement.ValueKind != JsonValueKind.String)
        {
            _replays.Add(at, "has a policy that is no text");
            return;
        }
        var again = replay(value.RootElement.GetString()!, decided.Facts);
        if (again.Fault is { } fault) _replays.Add(at, $"cannot be decided again: {Faults.Text(fault)}");
        else if (again.Digest != decided.Policy) _replays.Add(at, "was decided by a policy of another digest");
        else if (again.Effect != decided.Effect || !again.Rules.SequenceEqual(decided.Rules, StringComparer.Ordinal))
            _replays.Add(at, $"says {Faults.Shown(decided.Effect)} by {Faults.Text(string.Join(", ", decided.Rules))}, and its policy says {Faults.Shown(again.Effect)} by {Faults.Text(string.Join(", ", again.Rules))}");
    }

    private void Remove(long at, (string Receipt, string Pointer) value, ReceiptSays.Removed? how)
    {
        // A stream that is not here may hold the receipt.
        if (!_commitments.ContainsKey(value)) return;
        if (!_removed.TryAdd(value, how)) _faults.Add(at, $"removes the value at {Faults.Shown(value.Pointer)} of {value.Receipt} a second time");
    }
}
