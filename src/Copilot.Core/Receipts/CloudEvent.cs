using System.Text.Json.Nodes;

namespace Copilot.Core.Receipts;

/// <summary>A receipt as a CloudEvent (CloudEvents 1.0, JSON event format): for buses and archives, not for proofs.</summary>
public static class CloudEvent
{
    /// <summary>One event as one line of JSON. The leaf hash stands beside the receipt, so that it can be found again in a proof.</summary>
    /// <param name="receipt">Canonical bytes of a stored receipt.</param>
    public static string Of(byte[] receipt)
    {
        var data = JsonNode.Parse(receipt)!.AsObject();
        return new JsonObject
        {
            ["specversion"] = "1.0",
            ["id"] = data["id"]!.DeepClone(),
            ["source"] = data["log"]!.DeepClone(),
            ["type"] = $"copilot.receipt.{data["type"]}",
            ["subject"] = data["stream"]!.DeepClone(),
            ["time"] = data["time"]!["utc"]!.DeepClone(),
            ["datacontenttype"] = "application/json",
            // An extension's name has letters and digits only; a number of one ends at 2^31, so this one is a text.
            ["sequence"] = $"{(long)data["seq"]!:D19}",
            ["leafhash"] = Convert.ToHexStringLower(MerkleTree.LeafHash(receipt)),
            ["data"] = data,
        }.ToJsonString();
    }
}
