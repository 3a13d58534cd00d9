using System.Text.Json.Nodes;

namespace Copilot.Core.Receipts;

/// <summary>
/// One incident as an in-toto statement (in-toto Attestation Framework, Statement v1): the reports that were handed out are its subjects, the receipts behind them its predicate. It is not
/// signed; the log head in it is, and a bundle proves that the receipts stand under it.
/// </summary>
public static class InTotoStatement
{
    public const string PredicateType = "https://copilot.local/receipts/incident/v1";

    /// <exception cref="ArgumentException">No report was issued, so there is nothing to state anything about.</exception>
    /// <param name="stream">The incident's id.</param>
    /// <param name="receipts">Its receipts in their order, canonical bytes.</param>
    /// <param name="head">The signed head of the log.</param>
    public static string Of(string stream, IEnumerable<byte[]> receipts, Checkpoint head)
    {
        var (subjects, steps) = (new Dictionary<string, string>(StringComparer.Ordinal), new JsonArray());
        foreach (var bytes in receipts)
        {
            var receipt = JsonNode.Parse(bytes)!.AsObject();
            if ((string?)receipt["type"] == ReceiptTypes.Name(ReceiptType.ReportIssued)) subjects[(string)receipt["body"]!["digest"]!] = $"{receipt["body"]!["schema"]}/{receipt["id"]}";
            steps.Add(new JsonObject
            {
                ["seq"] = (long)receipt["seq"]!,
                ["id"] = receipt["id"]!.DeepClone(),
                ["type"] = receipt["type"]!.DeepClone(),
                ["time"] = receipt["time"]!["utc"]!.DeepClone(),
                ["actor"] = receipt["actor"]!.DeepClone(),
                ["leaf"] = Convert.ToHexStringLower(MerkleTree.LeafHash(bytes)),
            });
        }
        if (subjects.Count == 0) throw new ArgumentException("no report was issued", nameof(receipts));
        return new JsonObject
        {
            ["_type"] = "https://in-toto.io/Statement/v1",
            ["subject"] = new JsonArray([.. subjects.Select(s => (JsonNode)new JsonObject { ["name"] = s.Value, ["digest"] = new JsonObject { ["sha256"] = s.Key["sha256:".Length..] } })]),
            ["predicateType"] = PredicateType,
            ["predicate"] = new JsonObject
            {
                ["incident"] = stream,
                ["log"] = new JsonObject { ["origin"] = head.Origin, ["size"] = head.Size, ["root"] = head.Root },
                ["receipts"] = steps,
            },
        }.ToJsonString();
    }
}
