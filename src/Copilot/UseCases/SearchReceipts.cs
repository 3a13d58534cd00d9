using System.Text;
using Copilot.Core.Evidence;
using Copilot.Storage;
using MediatR;
using Microsoft.EntityFrameworkCore;

namespace Copilot.UseCases;

/// <summary>Looks for words in what receipts say, and in the values that they commit to.</summary>
/// <param name="Text">All of these words must be there, in upper or lower case.</param>
/// <param name="Incident">Only receipts of this incident; null for all.</param>
/// <param name="Last">At most this many, the newest.</param>
internal sealed record SearchReceipts(string Text, string? Incident, int Last) : IRequest<FoundReceipts>
{
    /// <summary>For the log file: what somebody looks for may be what was to be removed.</summary>
    public override string ToString() => $"{Text.Length} characters, at most {Last}";
}

/// <param name="Found">In their order.</param>
/// <param name="Looked">How many receipts were looked at.</param>
internal sealed record FoundReceipts(IReadOnlyList<FoundReceipt> Found, long Looked);

/// <param name="Where">The receipt, or the place of the value.</param>
/// <param name="Excerpt">What stands around the first word.</param>
internal sealed record FoundReceipt(long Seq, DateTimeOffset At, string Type, string Stream, string Where, string Excerpt);

internal sealed class SearchReceiptsCheck : IRequestCheck<SearchReceipts>
{
    public string? Fault(SearchReceipts request) =>
        request.Last < 1 ? "--last takes a number from 1." : string.IsNullOrWhiteSpace(request.Text) ? "There is no word to look for." : null;
}

internal sealed class SearchReceiptsHandler(CopilotStore store, IncidentBook incidents) : IRequestHandler<SearchReceipts, FoundReceipts>
{
    private const int Around = 60;

    public Task<FoundReceipts> Handle(SearchReceipts request, CancellationToken cancellationToken)
    {
        var words = request.Text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var stream = request.Incident is null ? null : incidents.IdOf(request.Incident);
        return Task.FromResult(!store.Exists ? new FoundReceipts([], 0) : store.Read(db =>
        {
            var (found, looked) = (new List<FoundReceipt>(), 0L);
            foreach (var row in db.Receipts.AsNoTracking().Where(r => stream == null || r.Stream == stream).OrderByDescending(r => r.Seq))
            {
                cancellationToken.ThrowIfCancellationRequested();
                looked++;
                if (Hit(db, row, words) is { } hit) found.Add(hit);
                if (found.Count == request.Last) break;
            }
            found.Reverse();
            return new FoundReceipts(found, looked);
        }));
    }

    private static FoundReceipt? Hit(CopilotDb db, ReceiptRow row, string[] words)
    {
        if (Excerpt(Encoding.UTF8.GetString(row.Bytes), words) is { } said) return new(row.Seq, row.At, row.Type, row.Stream, "receipt", said);
        foreach (var opening in db.Openings.AsNoTracking().Where(o => o.Seq == row.Seq && o.Salt != null).OrderBy(o => o.Pointer).ToList())
        {
            if (Excerpt(Encoding.UTF8.GetString(Openings.Read(db, opening, row.Id).Value.Span), words) is { } value) return new(row.Seq, row.At, row.Type, row.Stream, opening.Pointer, value);
        }
        return null;
    }

    private static string? Excerpt(string text, string[] words)
    {
        if (!Array.TrueForAll(words, w => text.Contains(w, StringComparison.OrdinalIgnoreCase))) return null;
        var at = text.IndexOf(words[0], StringComparison.OrdinalIgnoreCase);
        var (from, to) = (Math.Max(0, at - Around), Math.Min(text.Length, at + words[0].Length + Around));
        return PlainText.Clean(text[from..to]);
    }
}
