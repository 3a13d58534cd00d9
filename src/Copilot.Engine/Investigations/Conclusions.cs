using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Copilot.Core.Diagnoses;
using Copilot.Core.Receipts;

namespace Copilot.Engine.Investigations;

/// <summary>Receipts of what was concluded: names, addresses, digests and counts, never the words of the evidence.</summary>
public static class Conclusions
{
    /// <summary>The claim of a checked diagnosis. It refers to every reading that a factor rests on.</summary>
    public static ReceiptDraft Claim(RecordedReads reads, Diagnosis diagnosis)
    {
        var statements = diagnosis.ContributingFactors.Sum(f => f.Evidence.Count) + diagnosis.RuledOut.Sum(r => r.Evidence.Count) + diagnosis.Symptoms.Sum(s => s.Evidence.Count);
        return reads.Draft(ReceiptType.ClaimMade, diagnosis.Incident, new JsonObject
        {
            ["status"] = DiagnosisJson.StatusName(diagnosis.Status),
            ["factors"] = new JsonArray([.. diagnosis.ContributingFactors.Select(f => (JsonNode)new JsonObject
            {
                ["name"] = f.Name,
                ["mechanism"] = f.Mechanism,
                ["code"] = f.Code,
                ["confidence"] = f.Confidence.ToString("0.00", CultureInfo.InvariantCulture),
                ["evidence"] = new JsonArray([.. f.Evidence.Select(e => (JsonNode)new JsonObject { ["address"] = e.Address, ["digest"] = e.Digest, ["receipt"] = e.Receipt })]),
            })]),
            ["statements"] = statements,
            ["removed"] = diagnosis.RemovedStatements.Count,
        }, reads.LastReading is { } reading ? [new("evidence", reading.Id, reading.Leaf)] : []);
    }

    /// <summary>The document as it was handed out, by its digest: SHA-256 over the bytes of <see cref="DiagnosisJson.Write"/>.</summary>
    public static ReceiptDraft Report(RecordedReads reads, Diagnosis diagnosis, ReceiptRef claim)
    {
        var bytes = Encoding.UTF8.GetBytes(DiagnosisJson.Write(diagnosis));
        return reads.Draft(ReceiptType.ReportIssued, diagnosis.Incident, new JsonObject { ["schema"] = diagnosis.Schema, ["digest"] = "sha256:" + Convert.ToHexStringLower(SHA256.HashData(bytes)), ["bytes"] = bytes.Length },
            [new("claim", claim.Id, claim.Leaf)]);
    }
}
