using Copilot.Core.Receipts;
using Copilot.Storage;
using MediatR;
using Microsoft.EntityFrameworkCore;

namespace Copilot.UseCases;

/// <summary>Tells what the receipts of one request say, refused tries among them.</summary>
internal sealed record TellApproval(string Id) : IRequest<IReadOnlyList<StoryLine>>;

internal sealed class TellApprovalHandler(CopilotStore store, ApprovalBook book) : IRequestHandler<TellApproval, IReadOnlyList<StoryLine>>
{
    public Task<IReadOnlyList<StoryLine>> Handle(TellApproval request, CancellationToken cancellationToken)
    {
        var found = book.Find(request.Id);
        var (refused, activated) = (ReceiptTypes.Name(ReceiptType.ApprovalRefused), ReceiptTypes.Name(ReceiptType.PolicyActivated));
        return Task.FromResult(store.Read<IReadOnlyList<StoryLine>>(db =>
        {
            var own = db.ApprovalEvents.Where(e => e.RequestId == found.Id).Select(e => e.Seq).ToHashSet();
            // The subject of a refusal, and of an activation, is the request.
            return [.. db.Receipts.AsNoTracking().Where(r => r.Stream == found.Ask.Stream && (r.Type.StartsWith("approval.") || r.Type == activated)).OrderBy(r => r.Seq).AsEnumerable()
                .Where(r => own.Contains(r.Seq) || ((r.Type == refused || r.Type == activated) && TellStoryHandler.SubjectOf(r) == found.Id)).Select(TellStoryHandler.Line)];
        }));
    }
}
