using System.Text.Json;
using System.Text.Json.Nodes;
using Copilot.Core.Receipts;
using Copilot.Engine.Yaml;

namespace Copilot.Storage;

/// <summary>The keys of a log by its own receipts: the one it opened with, and those it passed on to.</summary>
/// <param name="Keys">Each with the number of the receipt that named it, in order; none for a log without receipts.</param>
internal sealed record LogKeyring(IReadOnlyList<(long Seq, NoteKey Key)> Keys)
{
    private const string Stream = "log";

    /// <summary>The key that checkpoints are signed with now; null for a log without receipts.</summary>
    public NoteKey? Current => Keys.Count == 0 ? null : Keys[^1].Key;

    /// <summary>The key that signs checkpoints of so many receipts.</summary>
    public NoteKey At(long size) => Keys.Last(k => k.Seq < Math.Max(size, 1)).Key;

    public static ReceiptDraft Opened(NoteKey key) => new(ReceiptType.LogOpened, Stream, key.Name, new JsonObject { ["format"] = ReceiptForm.Format, ["key"] = key.ToString() });

    public static ReceiptDraft Rotated(NoteKey from, NoteKey to, ReceiptActor by) => new(ReceiptType.KeyRotated, Stream, to.Name, new JsonObject { ["from"] = from.ToString(), ["to"] = to.ToString() }) { Actor = by };

    public static LogKeyring Of(CopilotDb db)
    {
        var (opened, rotated) = (ReceiptTypes.Name(ReceiptType.LogOpened), ReceiptTypes.Name(ReceiptType.KeyRotated));
        return new([.. db.Receipts.Where(r => r.Seq == 0 || r.Type == rotated).OrderBy(r => r.Seq).Select(r => new { r.Seq, r.Type, r.Bytes }).AsEnumerable()
            .Where(r => r.Seq == 0 || r.Type != opened).Select(r => (r.Seq, KeyOf(r.Seq, r.Bytes)))]);
    }

    private static NoteKey KeyOf(long seq, byte[] receipt)
    {
        var fault = "it names no key";
        try
        {
            using var json = JsonDocument.Parse(receipt);
            var text = json.RootElement.GetProperty("body").GetProperty(seq == 0 ? "key" : "to").GetString() ?? "";
            if (NoteKey.TryParse(text, out var key, out fault)) return key!;
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            // Said below.
        }
        throw new FileFaultException($"Receipt {seq} of the database names no key ({fault}): it is damaged or was altered. Put a whole copy of the database back.");
    }
}
