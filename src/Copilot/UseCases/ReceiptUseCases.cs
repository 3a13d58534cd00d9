using System.Text.Json;
using Copilot.Core.Receipts;
using Copilot.Storage;
using MediatR;

namespace Copilot.UseCases;

/// <summary>Lists receipts in their order.</summary>
/// <param name="Incident">Only those of this incident; null for all.</param>
/// <param name="Type">Only those of this type, such as <c>tool.result</c>; null for all.</param>
/// <param name="Last">At most this many, the newest.</param>
internal sealed record ListReceipts(string? Incident, string? Type, int Last) : IRequest<IReadOnlyList<ListedReceipt>>;

/// <param name="About">The subject; of a reading what was read, and how it went.</param>
internal sealed record ListedReceipt(long Seq, string Id, DateTimeOffset At, string Type, string Stream, string Subject, string About, string Leaf);

internal sealed class ListReceiptsHandler(CopilotStore store) : IRequestHandler<ListReceipts, IReadOnlyList<ListedReceipt>>
{
    public Task<IReadOnlyList<ListedReceipt>> Handle(ListReceipts request, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<ListedReceipt>>(!store.Exists ? [] : store.Read(db => db.Receipts
            .Where(r => (request.Incident == null || r.Stream == request.Incident) && (request.Type == null || r.Type == request.Type))
            .OrderByDescending(r => r.Seq).Take(request.Last).AsEnumerable().Reverse()
            .Select(r => (Row: r, What: WhatOf(r.Bytes))).Select(r => new ListedReceipt(r.Row.Seq, r.Row.Id, r.Row.At, r.Row.Type, r.Row.Stream, r.What.Subject, r.What.About, Convert.ToHexStringLower(r.Row.Leaf))).ToList()));

    private static (string Subject, string About) WhatOf(byte[] receipt)
    {
        try
        {
            using var json = JsonDocument.Parse(receipt);
            var (subject, body) = (json.RootElement.GetProperty("subject").GetString() ?? "", json.RootElement.GetProperty("body"));
            if (!body.TryGetProperty("tool", out var tool)) return (subject, subject);
            var counted = body.TryGetProperty("records", out var records) ? $", {records} records" : body.TryGetProperty("files", out var files) ? $", {files} files" : "";
            return (subject, $"{tool} {body.GetProperty("source")}{(body.TryGetProperty("outcome", out var outcome) ? $": {outcome}" : "")}{counted}");
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            const string Damaged = "(damaged: see copilot receipts verify)";
            return (Damaged, Damaged);
        }
    }
}

internal sealed class ListReceiptsCheck : IRequestCheck<ListReceipts>
{
    public string? Fault(ListReceipts request) =>
        request.Last < 1 ? "--last takes a number from 1." :
        request.Type is { } type && ReceiptTypes.Find(type) is null
            ? $"{type} is no type of receipt. Known are {string.Join(", ", Enum.GetValues<ReceiptType>().Select(ReceiptTypes.Name))}." : null;
}

/// <summary>Opens one receipt by its number or its id.</summary>
internal sealed record ShowReceipt(string SeqOrId) : IRequest<ShownReceipt>;

/// <param name="SignedIn">The size of the smallest checkpoint that covers it; null when none does yet.</param>
internal sealed record ShownReceipt(long Seq, string Leaf, byte[] Bytes, long? SignedIn);

internal sealed class ShowReceiptHandler(CopilotStore store) : IRequestHandler<ShowReceipt, ShownReceipt>
{
    public Task<ShownReceipt> Handle(ShowReceipt request, CancellationToken cancellationToken) => Task.FromResult(store.Find(request.SeqOrId, (db, row) =>
    {
        var signed = db.Checkpoints.Where(c => c.Size > row.Seq).OrderBy(c => c.Size).Select(c => (long?)c.Size).FirstOrDefault();
        return new ShownReceipt(row.Seq, Convert.ToHexStringLower(row.Leaf), row.Bytes, signed);
    }));
}

/// <summary>Writes the proof that one receipt stands in the log, for somebody who is not to see the others.</summary>
/// <param name="Output">The file to write.</param>
internal sealed record ProveReceipt(string SeqOrId, string Output) : IRequest<ProvedReceipt>;

/// <param name="Size">How many receipts the checkpoint of the proof covers.</param>
internal sealed record ProvedReceipt(long Seq, long Size);

internal sealed class ProveReceiptHandler(CopilotStore store, ReceiptLog log) : IRequestHandler<ProveReceipt, ProvedReceipt>
{
    public Task<ProvedReceipt> Handle(ProveReceipt request, CancellationToken cancellationToken)
    {
        if (string.IsNullOrWhiteSpace(request.Output)) throw new BadInputException("--out is empty. Name a file, such as receipt.tlog-proof.");
        // What is found can then be signed: no checkpoint ends before it.
        store.Find(request.SeqOrId, (_, row) => row.Seq);
        var head = log.Checkpoint()!;
        var proof = store.Find(request.SeqOrId, (db, row) =>
            new InclusionProof(row.Bytes, row.Seq, TreeProofs.Inclusion(db, row, head), Cosignatures.NoteOf(db, head)));
        ReceiptBundle.Write(request.Output, proof);
        return Task.FromResult(new ProvedReceipt(proof.Index, head.Size));
    }
}
