using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Copilot.Core.Receipts;
using Copilot.Core.Summaries;
using Copilot.Engine.Snapshots;

namespace Copilot.Engine.Investigations;

/// <summary>The step after an investigation that makes a summary of it: what it cites is opened with a receipt and checked, and the document leaves one by its digest.</summary>
public static class SummaryStep
{
    /// <param name="snapshot">What was investigated.</param>
    /// <param name="reads">The readings of the investigation.</param>
    /// <param name="investigation">What it gave.</param>
    /// <param name="schema">The document's.</param>
    /// <param name="compose">Is called twice: to learn what is cited, and with the opened records.</param>
    /// <param name="write">The document as it is handed out in JSON.</param>
    /// <param name="cancellation">Ends it with <see cref="OperationCanceledException"/>.</param>
    public static T Run<T>(Snapshot snapshot, RecordedReads reads, Investigation investigation, string schema, Func<Citing, T> compose, Func<T, string> write, CancellationToken cancellation)
    {
        var wanting = new Citing();
        compose(wanting);
        var opened = reads.Records(snapshot, investigation.Signals.Index, wanting.Wanted, cancellation);
        var summary = compose(new Citing(opened, investigation.Signals.Signals.Window));
        var bytes = Encoding.UTF8.GetBytes(write(summary));
        var body = new JsonObject { ["schema"] = schema, ["digest"] = "sha256:" + Convert.ToHexStringLower(SHA256.HashData(bytes)), ["bytes"] = bytes.Length };
        reads.Append([reads.Draft(ReceiptType.ReportIssued, investigation.Diagnosis.Incident, body, [new("claim", investigation.Claim.Id, investigation.Claim.Leaf)])]);
        return summary;
    }
}
