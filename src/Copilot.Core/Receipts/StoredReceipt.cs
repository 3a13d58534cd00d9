using System.Buffers;
using System.Text.Json;

namespace Copilot.Core.Receipts;

/// <summary>A receipt read back from its bytes: what the log's own rules are about. The rest stands in the bytes.</summary>
/// <param name="Leaf">The leaf hash of the bytes, 32 bytes.</param>
/// <param name="Commitments">What it commits to: JSON pointer and hash.</param>
/// <param name="Masked">JSON pointers of the texts out of which secrets were taken.</param>
/// <param name="Says">What of its body other receipts and values are held against; null for types of which nothing is.</param>
public sealed record StoredReceipt(
    string Log,
    long Seq,
    string Stream,
    long StreamSeq,
    string? Prev,
    string Id,
    ReceiptType Type,
    ReadOnlyMemory<byte> Leaf,
    string? ToolCallId,
    IReadOnlyList<ReceiptLink> Refs,
    IReadOnlyList<KeyValuePair<string, string>> Commitments,
    IReadOnlyList<string> Masked,
    ReceiptSays? Says)
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
    private static readonly int CommitAt = ReceiptForm.IndexOf("commit");
    private static readonly int MaskedAt = ReceiptForm.IndexOf("masked");
    private static readonly int PolicyAt = ReceiptForm.IndexOf("policy");
    private static readonly int ActorAt = ReceiptForm.IndexOf("actor");

    /// <summary>Reads a receipt and refuses what is not canonical JSON of the closed form. Never throws.</summary>
    public static bool TryRead(ReadOnlyMemory<byte> bytes, out StoredReceipt? receipt, out string fault)
    {
        receipt = null;
        if (bytes.Length > ReceiptForm.MostBytes) fault = $"longer than {ReceiptForm.MostBytes} bytes";
        else if (CanonicalForm.Fault(bytes.Span) is { } form) fault = form;
        else
        {
            using var json = JsonDocument.Parse(bytes, Strict);
            var members = ArrayPool<JsonElement>.Shared.Rent(ReceiptForm.Members);
            fault = ReceiptForm.Fault(json.RootElement, members.AsSpan(0, ReceiptForm.Members), out var type) ?? "";
            if (fault.Length == 0) receipt = Of(type, members, MerkleTree.LeafHash(bytes.Span));
            ArrayPool<JsonElement>.Shared.Return(members, clearArray: true);
        }
        return receipt is not null;
    }

    private static StoredReceipt Of(ReceiptType type, JsonElement[] members, byte[] leaf) => new(
        members[LogAt].GetString()!,
        members[SeqAt].GetInt64(),
        members[StreamAt].GetString()!,
        members[StreamSeqAt].GetInt64(),
        members[PrevAt].GetString(),
        members[IdAt].GetString()!,
        type,
        leaf,
        members[CorrAt].TryGetProperty("tool_call_id"u8, out var call) ? call.GetString() : null,
        Links(members[RefsAt]),
        CommitmentsOf(members[CommitAt]),
        members[MaskedAt].ValueKind == JsonValueKind.Array ? Texts(members[MaskedAt]) : [],
        SaysOf(type, members));

    // Enumerated by hand, as a million receipts have to be read: boxing the enumerators takes as long as all the rest.
    private static ReceiptLink[] Links(JsonElement list)
    {
        var (links, at) = (list.GetArrayLength() is > 0 and var count ? new ReceiptLink[count] : [], 0);
        foreach (var link in list.EnumerateArray()) links[at++] = new(Text(link, "rel"u8), Text(link, "id"u8), Text(link, "leaf"u8));
        return links;
    }

    private static KeyValuePair<string, string>[] CommitmentsOf(JsonElement map)
    {
        var (commitments, at) = (map.GetPropertyCount() is > 0 and var count ? new KeyValuePair<string, string>[count] : [], 0);
        foreach (var member in map.EnumerateObject()) commitments[at++] = new(member.Name, member.Value.GetString()!);
        return commitments;
    }

    private static string[] Texts(JsonElement list)
    {
        var (texts, at) = (new string[list.GetArrayLength()], 0);
        foreach (var text in list.EnumerateArray()) texts[at++] = text.GetString()!;
        return texts;
    }

    private static ReceiptSays? SaysOf(ReceiptType type, JsonElement[] members)
    {
        var body = members[BodyAt];
        return type switch
        {
            ReceiptType.LogOpened => new ReceiptSays.Opened(Text(body, "key"u8)),
            ReceiptType.KeyRotated => new ReceiptSays.Rotated(Text(body, "from"u8), Text(body, "to"u8)),
            ReceiptType.OpeningRemoved => new ReceiptSays.Removed(Value(body), Text(members[ActorAt], "id"u8), Text(body, "reason"u8)),
            ReceiptType.OpeningsExpired => new ReceiptSays.Expired([.. body.GetProperty("removed"u8).EnumerateArray().Select(Value)]),
            ReceiptType.PolicyDecided or ReceiptType.ToolIntent when members[PolicyAt].ValueKind == JsonValueKind.Object && body.TryGetProperty("facts"u8, out var facts) => new ReceiptSays.Decided(
                Text(members[PolicyAt], "digest"u8),
                Text(members[PolicyAt], "decision"u8),
                Texts(members[PolicyAt].GetProperty("rules"u8)),
                facts.EnumerateObject().ToDictionary(f => f.Name, f => f.Value.GetString()!, StringComparer.Ordinal)),
            // It outlives the document that it was read from.
            (>= ReceiptType.ApprovalRequested and <= ReceiptType.ApprovalReviewed) or (>= ReceiptType.ApprovalClaimed and <= ReceiptType.ExecutorAdmitted) or ReceiptType.PolicyActivated => new ReceiptSays.Happened(body.Clone()),
            _ => null,
        };
    }

    private static (string Receipt, string Pointer) Value(JsonElement value) => (Text(value, "receipt"u8), Text(value, "pointer"u8));

    private static string Text(JsonElement map, ReadOnlySpan<byte> member) => map.GetProperty(member).GetString()!;
}
