using System.Text.Json;
using System.Text.Json.Nodes;
using Copilot.Core.Evidence;
using Copilot.Core.Receipts;

namespace Copilot.Storage;

/// <summary>A receipt stays for ever, so secrets are taken out before it is sealed: out of what it says and out of what it commits to. Only such a draft is appended.</summary>
internal sealed class MaskedDraft
{
    /// <summary>These hold public keys and names of accounts alone, which look like secrets and are none.</summary>
    private static readonly ReceiptType[] OfKeys = [ReceiptType.LogOpened, ReceiptType.KeyRotated, ReceiptType.IdentityEnrolled, ReceiptType.IdentityLinked];

    /// <summary>Signatures look like secrets as well. They stand only where they were checked or made by this process.</summary>
    private static readonly Dictionary<ReceiptType, string[]> Signatures = new()
    {
        [ReceiptType.ApprovalVoted] = ["/body/vote/signature"],
        [ReceiptType.ApprovalGranted] = ["/body/grant/signature"],
        [ReceiptType.ApprovalGlassBroken] = ["/body/signature", "/body/grant/signature"],
        [ReceiptType.ApprovalStepped] = ["/body/report/signature"],
        [ReceiptType.ApprovalReconciled] = ["/body/reports/#/signature"],
        [ReceiptType.ExecutorAdmitted] = ["/body/key"],
    };

    private MaskedDraft(ReceiptDraft draft) => Draft = draft;

    /// <summary>Without its secrets; it names the texts that were changed.</summary>
    public ReceiptDraft Draft { get; }

    public static MaskedDraft[] Of(IReadOnlyList<ReceiptDraft> drafts) => [.. drafts.Select(Of)];

    public static MaskedDraft Of(ReceiptDraft draft)
    {
        if (OfKeys.Contains(draft.Type)) return new(draft);
        var changed = new Changes(Signatures.GetValueOrDefault(draft.Type, []));
        return new(draft with
        {
            Subject = Masked(draft.Subject, "/subject", changed),
            Body = (JsonObject)Masked(draft.Body, "/body", changed)!,
            Committed = [.. draft.Committed.Select(c => c with { Value = Masked(c.Value, c.Pointer, changed)! })],
            // What was taken out of it before is out of it still.
            Masked = [.. draft.Masked, .. changed.Texts],
        });
    }

    private static JsonNode? Masked(JsonNode? node, string at, Changes changed) => node switch
    {
        JsonObject map => new JsonObject(map.Select(m => KeyValuePair.Create(m.Key, Masked(m.Value, $"{at}/{m.Key.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal)}", changed)))),
        // Of a list of signed things every signature stands, so that its place does not count.
        JsonArray list => new JsonArray([.. list.Select((item, i) => Masked(item, changed.Public.Contains($"{at}/#/signature") ? $"{at}/#" : $"{at}/{i}", changed))]),
        JsonValue value when value.GetValueKind() == JsonValueKind.String => JsonValue.Create(Masked(value.GetValue<string>(), at, changed)),
        _ => node?.DeepClone(),
    };

    private static string Masked(string text, string at, Changes changed)
    {
        if (changed.Public.Contains(at)) return text;
        var rules = new List<string>();
        var masked = Redaction.Apply(text, rules);
        // A sign that was spelt out and is shown as itself now is no secret taken out.
        if (rules.Count > 0) changed.Texts.Add(new(at, rules));
        return masked;
    }

    /// <param name="Public">Pointers of texts that are no secrets whatever they look like.</param>
    private sealed record Changes(string[] Public)
    {
        public List<MaskedText> Texts { get; } = [];
    }
}
