using System.Globalization;
using Copilot.Storage;

namespace Copilot.UseCases;

/// <summary>Finds receipts as people name them.</summary>
internal static class ReceiptLookup
{
    /// <summary>Uses the receipt that a person names by its number or its id.</summary>
    public static T Find<T>(this CopilotStore store, string seqOrId, Func<CopilotDb, ReceiptRow, T> use)
    {
        if (!store.Exists) throw NotThere();
        var isSeq = long.TryParse(seqOrId, NumberStyles.None, CultureInfo.InvariantCulture, out var seq);
        var id = seqOrId.ToUpperInvariant();
        return store.Read(db => use(db, (isSeq ? db.Receipts.FirstOrDefault(r => r.Seq == seq) : db.Receipts.FirstOrDefault(r => r.Id == id)) ?? throw NotThere()));

        BadInputException NotThere() => new($"{seqOrId} is no receipt in {store.Folder}. \"copilot receipts list\" shows their numbers and ids.");
    }
}
