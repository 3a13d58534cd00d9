using Copilot.Core.Approvals;
using Copilot.Core.Receipts;
using Copilot.Engine.Yaml;
using Microsoft.EntityFrameworkCore;

namespace Copilot.Storage;

/// <summary>Holds the requests for approval that are kept against their receipts: each is what its receipts make of it, byte for byte, or somebody changed the row.</summary>
internal static class ApprovalCheck
{
    public static ReceiptCheck Of(CopilotDb db)
    {
        const string name = "requests";
        var (all, altered, removed) = (0, new List<string>(), 0);
        foreach (var row in db.Approvals.AsNoTracking().OrderBy(a => a.Id).AsEnumerable())
        {
            all++;
            if (Rebuild(db, row.Id) is not { } made) removed++;
            else if (made.Request is null || !made.Document.AsSpan().SequenceEqual(row.Document) || made.Request.State.Name() != row.State || made.Request.Version != row.Version) altered.Add(row.Id);
        }
        return altered.Count > 0
            ? new(name, CheckOutcome.Failed, $"The row of request {altered[0]} is not what its receipts make of it: it was altered. {altered.Count} of {all} requests are so.")
            : new(name, CheckOutcome.Held, $"{all - removed} of {all} requests for approval are what their receipts make of them, byte for byte.{(removed > 0 ? $" Of {removed} values were removed, without which they cannot be made again." : "")}");
    }

    /// <summary>A request from its receipts alone; null when values that they commit to were removed.</summary>
    /// <returns>No request where its receipts cannot have come one after another.</returns>
    public static (ApprovalRequest? Request, byte[] Document)? Rebuild(CopilotDb db, string id)
    {
        try
        {
            var request = ApprovalHistory.Of(ApprovalReceipts.Of(db, id));
            return (request, ApprovalJson.Write(request));
        }
        catch (FileFaultException)
        {
            return null;
        }
        catch (FormatException)
        {
            // Receipts that make no request.
            return (null, []);
        }
    }
}
