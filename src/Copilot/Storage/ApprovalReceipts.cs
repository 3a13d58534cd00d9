using System.Text.Json;
using System.Text.Json.Nodes;
using Copilot.Core.Approvals;
using Copilot.Core.Receipts;
using Copilot.Engine.Yaml;
using Microsoft.EntityFrameworkCore;

namespace Copilot.Storage;

/// <summary>What happens to requests for approval as receipts, and back.</summary>
internal static class ApprovalReceipts
{
    private static readonly Dictionary<ApprovalHappening, ReceiptType> Types = Enum.GetValues<ApprovalHappening>()
        .ToDictionary(h => h, h => ReceiptTypes.Find($"approval.{JsonNamingPolicy.SnakeCaseLower.ConvertName(h.ToString())}")!.Value);

    /// <summary>The receipt of a happening, and the happening as that receipt tells it: without the secrets that somebody typed.</summary>
    public static (ReceiptDraft Draft, ApprovalEvent Told) Draft(ApprovalEvent happened, string stream, ReceiptActor by, ReceiptActor? onBehalfOf, IReadOnlyList<ReceiptLink> refs)
    {
        var masked = MaskedDraft.Of(Split(happened, stream) with { Actor = by, OnBehalfOf = onBehalfOf, Refs = refs }).Draft;
        return (masked, Join(happened.Happening, masked.Body, masked.Committed.Select(c => (c.Pointer, c.Value))));
    }

    /// <summary>What happened to a request, from its receipts. Throws <see cref="FileFaultException"/> when values that they commit to were removed: it cannot be told any more.</summary>
    public static IReadOnlyList<ApprovalEvent> Of(CopilotDb db, string request) =>
        [.. db.ApprovalEvents.AsNoTracking().Where(e => e.RequestId == request).OrderBy(e => e.Version).Join(db.Receipts, e => e.Seq, r => r.Seq, (_, r) => r).AsEnumerable().Select(r => Read(db, r))];

    /// <summary>The receipts of a request by what they tell, for references.</summary>
    public static IReadOnlyList<(ReceiptType Type, string Id, string Leaf)> Links(CopilotDb db, string request) =>
        [.. db.ApprovalEvents.AsNoTracking().Where(e => e.RequestId == request).OrderBy(e => e.Version).Join(db.Receipts, e => e.Seq, r => r.Seq, (_, r) => new { r.Type, r.Id, r.Leaf }).AsEnumerable()
            .Select(r => (ReceiptTypes.Find(r.Type)!.Value, r.Id, Convert.ToHexStringLower(r.Leaf)))];

    private static ReceiptDraft Split(ApprovalEvent happened, string stream)
    {
        var body = ApprovalJson.ToJson(happened);
        var apart = new List<CommittedValue>();
        foreach (var pointer in happened.KeptApart)
        {
            var (parent, member) = Place(body, pointer);
            apart.Add(new($"/body{pointer}", parent[member]?.DeepClone() ?? throw new InvalidOperationException($"{happened.Happening} has no {pointer}.")));
            parent.Remove(member);
        }
        return new(Types[happened.Happening], stream, happened.Request, body) { Committed = apart };
    }

    private static ApprovalEvent Read(CopilotDb db, ReceiptRow row)
    {
        using var json = JsonDocument.Parse(row.Bytes);
        var body = JsonNode.Parse(json.RootElement.GetProperty("body").GetRawText())!.AsObject();
        var openings = db.Openings.AsNoTracking().Where(o => o.Seq == row.Seq).OrderBy(o => o.Pointer).ToList();
        if (openings.Find(o => o.Salt is null) is { } removed) throw new FileFaultException($"The value at {removed.Pointer} of receipt {row.Id} was removed, so the request cannot be made of its receipts any more.");
        var happening = Types.Single(t => t.Value == ReceiptTypes.Find(row.Type)).Key;
        return Join(happening, body, openings.Select(o => (o.Pointer, JsonNode.Parse(Openings.Read(db, o, row.Id).Value.Span)!)));
    }

    private static ApprovalEvent Join(ApprovalHappening happening, JsonObject body, IEnumerable<(string Pointer, JsonNode Value)> apart)
    {
        var whole = body.DeepClone().AsObject();
        foreach (var (pointer, value) in apart)
        {
            var (parent, member) = Place(whole, pointer["/body".Length..]);
            parent[member] = value.DeepClone();
        }
        return ApprovalJson.ReadEvent(happening, whole);
    }

    private static (JsonObject Parent, string Member) Place(JsonObject body, string pointer)
    {
        var path = pointer.Split('/')[1..];
        return (path[..^1].Aggregate(body, (map, member) => map[member]!.AsObject()), path[^1]);
    }
}
