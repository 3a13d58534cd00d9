using System.Text.Json;

namespace Copilot.Core.Receipts;

/// <summary>A receipt read back from its bytes: what the log's own rules are about. The rest stands in the bytes.</summary>
/// <param name="Leaf">The leaf hash of the bytes.</param>
/// <param name="LogKey">The key that a <c>log.opened</c> names, null for other types.</param>
public sealed record StoredReceipt(
    string Log,
    long Seq,
    string Stream,
    long StreamSeq,
    string? Prev,
    string Id,
    ReceiptType Type,
    string Leaf,
    string? ToolCallId,
    IReadOnlyList<ReceiptLink> Refs,
    string? LogKey)
{
    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = CanonicalJson.MaxDepth };

    private static readonly int LogAt = ReceiptForm.IndexOf("log");
    private static readonly int SeqAt = ReceiptForm.IndexOf("seq");
    private static readonly int StreamAt = ReceiptForm.IndexOf("stream");
    private static readonly int StreamSeqAt = ReceiptForm.IndexOf("stream_seq");
    private static readonly int PrevAt = ReceiptForm.IndexOf("prev");
    private static readonly int IdAt = ReceiptForm.IndexOf("id");
    private static readonly int TypeAt = ReceiptForm.IndexOf("type");
    private static readonly int CorrAt = ReceiptForm.IndexOf("corr");
    private static readonly int RefsAt = ReceiptForm.IndexOf("refs");
    private static readonly int BodyAt = ReceiptForm.IndexOf("body");

    /// <summary>Reads a receipt and refuses what is not canonical JSON of the closed form. Never throws.</summary>
    public static bool TryRead(ReadOnlyMemory<byte> bytes, out StoredReceipt? receipt, out string fault)
    {
        receipt = null;
        if (bytes.Length > ReceiptForm.MostBytes) fault = $"longer than {ReceiptForm.MostBytes} bytes";
        else if (CanonicalForm.Fault(bytes.Span) is { } form) fault = form;
        else
        {
            using var json = JsonDocument.Parse(bytes, Strict);
            var members = new JsonElement[ReceiptForm.Members];
            fault = ReceiptForm.Fault(json.RootElement, members) ?? "";
            if (fault.Length == 0) receipt = Of(members, Convert.ToHexStringLower(MerkleTree.LeafHash(bytes.Span)));
        }
        return receipt is not null;
    }

    private static StoredReceipt Of(JsonElement[] members, string leaf)
    {
        var type = ReceiptTypes.Find(members[TypeAt].GetString()!)!.Value;
        return new(
            members[LogAt].GetString()!,
            members[SeqAt].GetInt64(),
            members[StreamAt].GetString()!,
            members[StreamSeqAt].GetInt64(),
            members[PrevAt].GetString(),
            members[IdAt].GetString()!,
            type,
            leaf,
            members[CorrAt].TryGetProperty("tool_call_id"u8, out var call) ? call.GetString() : null,
            members[RefsAt].GetArrayLength() == 0 ? [] : [.. members[RefsAt].EnumerateArray().Select(Link)],
            type == ReceiptType.LogOpened ? members[BodyAt].GetProperty("key"u8).GetString() : null);
    }

    private static ReceiptLink Link(JsonElement link) =>
        new(link.GetProperty("rel"u8).GetString()!, link.GetProperty("id"u8).GetString()!, link.GetProperty("leaf"u8).GetString()!);
}
