using System.Text.Json;
using System.Text.Json.Nodes;
using Copilot.Core.Evidence;
using Copilot.Core.Receipts;

namespace Copilot.Storage;

/// <summary>A receipt stays for ever, so secrets are taken out before it is sealed.</summary>
internal static class Secrets
{
    /// <summary>The first receipt holds a public key, which looks like a secret and is none.</summary>
    public static ReceiptDraft Masked(ReceiptDraft draft) => draft.Type == ReceiptType.LogOpened ? draft : draft with { Subject = Redaction.Apply(draft.Subject), Body = (JsonObject)Masked(draft.Body)! };

    private static JsonNode? Masked(JsonNode? node) => node switch
    {
        JsonObject map => new JsonObject(map.Select(m => KeyValuePair.Create(m.Key, Masked(m.Value)))),
        JsonArray list => new JsonArray([.. list.Select(Masked)]),
        JsonValue value when value.GetValueKind() == JsonValueKind.String => JsonValue.Create(Redaction.Apply(value.GetValue<string>())),
        _ => node?.DeepClone(),
    };
}
