using System.Text;
using System.Text.Json.Nodes;
using Copilot.Core.Receipts;
using Copilot.Storage;
using MediatR;

namespace Copilot.UseCases;

/// <summary>In which form receipts are handed out.</summary>
internal enum ReceiptExport
{
    /// <summary>A zip that can be verified.</summary>
    Bundle,

    /// <summary>CloudEvents 1.0, one a line.</summary>
    CloudEvents,

    /// <summary>An in-toto statement of one incident.</summary>
    InToto,

    /// <summary>OpenTelemetry spans as OTLP JSON.</summary>
    Otlp,
}

/// <summary>Hands the log out, or what belongs to one incident, after a checkpoint over all of it.</summary>
/// <param name="Incident">The incident's id or a part of it; null for the whole log.</param>
/// <param name="Values">Whether the values that receipts commit to go with them.</param>
internal sealed record ExportReceipts(string Output, string? Incident = null, ReceiptExport Form = ReceiptExport.Bundle, bool Values = true) : IRequest<ExportedReceipts>;

/// <param name="Count">How many receipts were handed out.</param>
/// <param name="Size">How many the log has.</param>
internal sealed record ExportedReceipts(long Count, long Size, string Root);

internal sealed class ExportReceiptsHandler(CopilotStore store, ReceiptLog log, IncidentBook incidents) : IRequestHandler<ExportReceipts, ExportedReceipts>
{
    public Task<ExportedReceipts> Handle(ExportReceipts request, CancellationToken cancellationToken)
    {
        if (string.IsNullOrWhiteSpace(request.Output)) throw new BadInputException("--out is empty. Name a file, such as receipts.zip.");
        if (!store.Exists || log.Checkpoint() is not { } head) throw new BadInputException($"There are no receipts in {store.Folder} yet. \"copilot investigate SNAPSHOT\" leaves some.");
        var stream = request.Incident is null ? null : incidents.IdOf(request.Incident);
        if (request.Form == ReceiptExport.InToto && stream is null) throw new BadInputException("An in-toto statement is about one incident. Name it with --incident ID.");
        var reported = ReceiptTypes.Name(ReceiptType.ReportIssued);
        if (request.Form == ReceiptExport.InToto && !store.Read(db => db.Receipts.Any(r => r.Stream == stream && r.Type == reported))) throw new BadInputException($"No report of incident {stream} was handed out, so there is nothing to state anything about.");
        var root = Convert.ToHexStringLower(head.Root);
        var count = store.Read(db =>
        {
            var rows = db.Receipts.Where(r => r.Seq < head.Size && (stream == null || r.Stream == stream || (r.Stream == "log" && request.Form == ReceiptExport.Bundle))).OrderBy(r => r.Seq);
            switch (request.Form)
            {
                case ReceiptExport.Bundle:
                    Bundle(request, db, head, stream, rows.Select(r => r.Bytes));
                    break;
                case ReceiptExport.CloudEvents:
                    ReceiptBundle.WriteText(request.Output, rows.Select(r => r.Bytes).AsEnumerable().Select(CloudEvent.Of));
                    break;
                case ReceiptExport.InToto:
                    ReceiptBundle.WriteText(request.Output, [InTotoStatement.Of(stream!, rows.Select(r => r.Bytes), new(log.Log, head.Size, root))]);
                    break;
                default:
                    ReceiptBundle.WriteText(request.Output, [ReceiptSpans.Of(rows.Select(r => r.Bytes))]);
                    break;
            }
            return rows.LongCount();
        });
        return Task.FromResult(new ExportedReceipts(count, head.Size, root));
    }

    private void Bundle(ExportReceipts request, CopilotDb db, CheckpointRow head, string? stream, IQueryable<byte[]> receipts)
    {
        List<(string, IEnumerable<ReadOnlyMemory<byte>>, bool)> files =
        [
            (BundleManifest.ReceiptsFile, receipts.AsEnumerable().Select(b => (ReadOnlyMemory<byte>)b), true),
            (BundleManifest.CheckpointFile, [Encoding.UTF8.GetBytes(Cosignatures.NoteOf(db, head))], false),
            (BundleManifest.SchemaFile, [Encoding.UTF8.GetBytes(ReceiptForm.JsonSchema().ToJsonString())], false),
        ];
        if (stream is not null) files.Add((BundleManifest.PathsFile, Paths(db, head, stream), true));
        if (request.Values) files.Add((BundleManifest.OpeningsFile, Openings.Lines(db, head.Size, stream), true));
        if (Rotations(db) is { Count: > 0 } rotations) files.Add((BundleManifest.RotationsFile, rotations.Select(n => (ReadOnlyMemory<byte>)CanonicalJson.Serialize(n)), true));
        var manifest = new BundleManifest(log.Log, head.Size, Convert.ToHexStringLower(head.Root), log.Key.ToString(), new Dictionary<string, string>()) { Stream = stream };
        ReceiptBundle.Write(request.Output, manifest, files);
    }

    /// <summary>The checkpoints that end with a change of the key.</summary>
    public static List<string> Rotations(CopilotDb db)
    {
        var ends = LogKeyring.Of(db).Keys.Skip(1).Select(k => k.Seq + 1).ToList();
        return [.. db.Checkpoints.Where(c => ends.Contains(c.Size)).OrderBy(c => c.Size).Select(c => c.Note)];
    }

    private static IEnumerable<ReadOnlyMemory<byte>> Paths(CopilotDb db, CheckpointRow head, string stream)
    {
        var receipts = db.Receipts.Where(r => r.Seq < head.Size && (r.Stream == stream || r.Stream == "log")).OrderBy(r => r.Seq).Select(r => ValueTuple.Create(r.Seq, r.Leaf));
        return TreeProofs.Inclusions(db, [.. receipts], head).Select(path => (ReadOnlyMemory<byte>)CanonicalJson.Serialize(new JsonArray([.. path.Select(h => (JsonNode)Convert.ToBase64String(h.Span))])));
    }
}
