using Copilot.Core.Evidence;
using Copilot.Core.Receipts;
using Microsoft.EntityFrameworkCore;

namespace Copilot.Storage;

/// <summary>Holds what is kept of witnesses' signatures against the witnesses' keys.</summary>
internal static class CosignatureCheck
{
    private const string Name = "cosignatures";

    /// <param name="keys">The witnesses' public keys, from themselves.</param>
    /// <returns>Null when none is kept.</returns>
    public static ReceiptCheck? Of(CopilotDb db, IReadOnlyList<CheckpointRow> checkpoints, IReadOnlyCollection<WitnessKey> keys)
    {
        var rows = db.Cosignatures.AsNoTracking().OrderBy(c => c.Size).ThenBy(c => c.Key).ToList();
        if (rows.Count == 0) return null;
        var (notes, known) = (checkpoints.ToDictionary(c => c.Size, c => c.Note), keys.Distinct().ToDictionary(k => k.ToString()));
        var given = rows.Where(r => known.ContainsKey(r.Key)).ToList();
        var others = rows.Count - given.Count;
        var rest = others == 0 ? "" : $" {others} of other witnesses were not checked: name their keys with --witness-key FILE.";
        if (given.Count == 0) return new(Name, CheckOutcome.NotChecked, $"{rows.Count} cosignatures are kept, and no key of their witnesses was given: name them with --witness-key FILE.");
        var wrong = given.Where(r => !Holds(notes.GetValueOrDefault(r.Size), r.Line, known[r.Key])).ToList();
        return wrong.Count == 0
            ? new(Name, CheckOutcome.Held, $"Each of the {given.Count} cosignatures is its witness's on its checkpoint.{rest}")
            : new(Name, CheckOutcome.Failed, $"What is kept for the witness {PlainText.Clean(known[wrong[0].Key].Name)} on the checkpoint of {wrong[0].Size} receipts is not its signature.{(wrong.Count > 1 ? $" {wrong.Count - 1} more are wrong." : "")} "
                + $"It was altered; \"copilot receipts checkpoint --witness URL --witness-key FILE\" gets one for the newest checkpoint.{rest}");
    }

    private static bool Holds(string? note, string line, WitnessKey key) =>
        note is not null && SignedNote.TryParse(note + line, out var cosigned, out _) && key.CosignedAt(cosigned!, SigningKey.Verify) is not null;
}
