using Copilot.Core.Approvals;
using Copilot.Core.Receipts;

namespace Copilot.Storage;

/// <summary>Collects what one transaction does to requests for approval, and writes their rows when the receipts have their numbers.</summary>
internal sealed class ApprovalTransaction(CopilotDb db, List<ReceiptDraft> drafts)
{
    private readonly List<Happened> _happened = [];

    /// <summary>A request that begins.</summary>
    public ApprovalRequest Begin(string cause, IReadOnlyList<ApprovalEvent> events, ReceiptActor by) => Add(null, cause, null, events, by);

    /// <returns>The request after what happened to it.</returns>
    public ApprovalRequest Add(ApprovalRow row, ApprovalRequest before, IReadOnlyList<ApprovalEvent> events, ReceiptActor by) => Add(row, row.Cause, before, events, by);

    /// <summary>Writes the rows. A grant is consumed before the request says so: the database holds them to that.</summary>
    public void Write(IReadOnlyList<ReceiptRef> receipts)
    {
        foreach (var request in _happened.GroupBy(h => h.After.Id))
        {
            var (last, row) = (request.Last().After, request.Last().Row);
            if (row is null) db.Approvals.Add(row = new() { Id = last.Id, IncidentId = last.Ask.Incident, Cause = request.Last().Cause, State = "", Version = 0, Document = [] });
            else
            {
                foreach (var happened in request)
                {
                    if (Consumed(happened.Told) is { } grant) db.ConsumedGrants.Add(new() { GrantId = grant, RequestId = last.Id, Seq = receipts[happened.Draft].Seq });
                }
                db.SaveChanges();
            }
            (row.State, row.Version, row.EndsAt, row.Document) = (last.State.Name(), last.Version, last.EndsAt, ApprovalJson.Write(last));
            row.ReviewBy = last.BrokenGlass is { ReviewedBy: null, Overdue: false } broken ? broken.ReviewBy : null;
            db.SaveChanges();
            foreach (var happened in request)
            {
                db.ApprovalEvents.Add(new() { RequestId = last.Id, Version = happened.Told.Version, Seq = receipts[happened.Draft].Seq });
                foreach (var (channel, text) in Notices.Of(happened.Told, happened.After))
                    db.Notices.Add(new() { Seq = receipts[happened.Draft].Seq, RequestId = last.Id, Channel = channel, Text = text, At = happened.Told.At });
            }
            db.SaveChanges();
        }
    }

    private ApprovalRequest Add(ApprovalRow? row, string cause, ApprovalRequest? request, IReadOnlyList<ApprovalEvent> events, ReceiptActor by)
    {
        var known = request is null ? [] : ApprovalReceipts.Links(db, request.Id);
        foreach (var happened in events)
        {
            var ask = happened is ApprovalEvent.Requested asked ? asked.Ask : request!.Ask;
            var (draft, told) = ApprovalReceipts.Draft(happened, ask.Stream, happened is ApprovalEvent.Observed ? ReceiptActor.Copilot : by, happened is ApprovalEvent.Requested ? ask.OnBehalfOf : null, Refs(happened, known));
            request = ApprovalHistory.Apply(request, told);
            _happened.Add(new(row, cause, drafts.Count, told, request));
            drafts.Add(draft);
        }
        return request!;
    }

    /// <summary>What a happening rests on, as far as it stands in the log already: what is recorded with it comes right before it.</summary>
    private static List<ReceiptLink> Refs(ApprovalEvent happened, IReadOnlyList<(ReceiptType Type, string Id, string Leaf)> known)
    {
        var refs = known.Take(1).Select(k => new ReceiptLink("request", k.Id, k.Leaf)).ToList();
        if (happened is ApprovalEvent.Granted) refs.AddRange(known.Where(k => k.Type == ReceiptType.ApprovalVoted).Select(k => new ReceiptLink("vote", k.Id, k.Leaf)));
        if (Consumed(happened) is not null) refs.AddRange(known.Where(k => k.Type is ReceiptType.ApprovalGranted or ReceiptType.ApprovalGlassBroken).TakeLast(1).Select(k => new ReceiptLink("grant", k.Id, k.Leaf)));
        return refs;
    }

    /// <summary>The grant that a happening consumes; null for none.</summary>
    private static string? Consumed(ApprovalEvent happened) => happened switch { ApprovalEvent.Taken taken => taken.Grant, ApprovalEvent.Claimed claimed => claimed.Grant, _ => null };

    /// <param name="Row">Null for a request that begins.</param>
    /// <param name="Draft">The place of its receipt among the drafts.</param>
    private sealed record Happened(ApprovalRow? Row, string Cause, int Draft, ApprovalEvent Told, ApprovalRequest After);
}
