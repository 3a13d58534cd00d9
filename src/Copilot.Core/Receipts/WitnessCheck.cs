using System.Globalization;

namespace Copilot.Core.Receipts;

/// <summary>Whether enough witnesses cosigned a checkpoint: then its owner has shown them all one history.</summary>
public static class WitnessCheck
{
    private const string Name = "witnesses";

    /// <param name="checkpoint">The bytes of the signed checkpoint; null when there is none.</param>
    /// <param name="keys">The witnesses' public keys, from themselves.</param>
    /// <param name="needed">How many of them must have signed, from 1.</param>
    public static ReceiptCheck Of(byte[]? checkpoint, IReadOnlyCollection<WitnessKey> keys, int needed, VerifySignature verify)
    {
        if (keys.Count == 0) return new(Name, CheckOutcome.NotChecked, "No witness's public key was given: whether the log's owner shows everybody the same log was not checked.");
        var signed = SignedCheckpoint.Read(checkpoint);
        if (signed.Note is null || signed.Checkpoint is null) return new(Name, CheckOutcome.Failed, signed.Fault is null ? "There is no checkpoint that a witness could have signed." : "The checkpoint cannot be read, so no witness signed it.");
        var times = keys.Distinct().Select(k => k.CosignedAt(signed.Note, verify)).OfType<DateTimeOffset>().Order().ToList();
        var found = $"{times.Count} of {keys.Distinct().Count()} witnesses cosigned the checkpoint of {signed.Checkpoint.Size} receipts";
        var when = times.Count == 0 ? "" : times[0] == times[^1] ? $", at {Shown(times[0])}" : $", between {Shown(times[0])} and {Shown(times[^1])}";
        return times.Count >= needed
            ? new(Name, CheckOutcome.Held, $"{found}{when} by their clocks; {needed} {(needed == 1 ? "was" : "were")} asked for.")
            : new(Name, CheckOutcome.Failed, $"{found}{when}; {needed} {(needed == 1 ? "was" : "were")} asked for.");
    }

    private static string Shown(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);
}
