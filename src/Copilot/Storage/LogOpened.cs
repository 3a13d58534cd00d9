using System.Text.Json.Nodes;
using Copilot.Core.Receipts;
using Copilot.Engine.Yaml;

namespace Copilot.Storage;

/// <summary>The first receipt of a log, which names its key.</summary>
internal static class LogOpened
{
    public static ReceiptDraft Draft(NoteKey key) => new(ReceiptType.LogOpened, "log", key.Name, new JsonObject { ["format"] = ReceiptForm.Format, ["key"] = key.ToString() });

    /// <summary>The key that the first receipt names, null for a log without receipts.</summary>
    public static NoteKey? KeyOf(CopilotDb db)
    {
        if (db.Receipts.Where(r => r.Seq == 0).Select(r => r.Bytes).FirstOrDefault() is not { } bytes) return null;
        var text = CanonicalJson.TryParse(bytes, out var receipt, out var fault) && receipt is JsonObject { } map && map["body"] is JsonObject body && body["key"] is JsonValue value && value.TryGetValue<string>(out var named) ? named : "";
        if (NoteKey.TryParse(text, out var key, out var wrong)) return key;
        throw new FileFaultException($"The first receipt of the database names no key ({(fault.Length > 0 ? fault : wrong)}): it is damaged or was altered. Put a whole copy of the database back.");
    }
}
