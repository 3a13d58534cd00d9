using Copilot.Configuration;
using Copilot.Core.Evidence;
using Copilot.Core.Receipts;
using Copilot.Storage;
using MediatR;

namespace Copilot.UseCases;

/// <summary>Signs a checkpoint over every receipt, has witnesses cosign it, and writes it to a file.</summary>
/// <param name="Witnesses">Their addresses; none for those of the settings.</param>
/// <param name="KeyFiles">For each witness the file with its public key.</param>
/// <param name="Output">The file to write; null for none.</param>
/// <param name="Timeout">For each request.</param>
internal sealed record SignCheckpoint(IReadOnlyList<string> Witnesses, IReadOnlyList<string> KeyFiles, string? Output, TimeSpan Timeout) : IRequest<CheckpointVerdict>;

/// <param name="Said">For each witness what came of it.</param>
/// <param name="Failed">How many did not cosign.</param>
/// <param name="Missing">How many more of those that were asked should have cosigned.</param>
internal sealed record CheckpointVerdict(long Size, string Root, IReadOnlyList<string> Said, int Failed, int Missing);

internal sealed class SignCheckpointCheck : IRequestCheck<SignCheckpoint>
{
    public string? Fault(SignCheckpoint request) =>
        request.Witnesses.Count != request.KeyFiles.Count ? $"There are {request.Witnesses.Count} witnesses and {request.KeyFiles.Count} keys. Name for each --witness URL its key with --witness-key FILE, in the same order." :
        request.Witnesses.FirstOrDefault(w => Address(w) is null) is { } wrong ? $"{PlainText.Clean(wrong)} is no address of a witness. Write for example http://127.0.0.1:7434." :
        request.Output is { } output && string.IsNullOrWhiteSpace(output) ? "--out is empty. Name a file, such as checkpoint.txt." :
        request.Timeout < TimeSpan.FromSeconds(1) ? "--timeout takes seconds from 1." : null;

    public static Uri? Address(string text) => Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" && uri is { Query: "", Fragment: "", UserInfo: "" } ? uri : null;
}

internal sealed class SignCheckpointHandler(CopilotStore store, ReceiptLog log, ReceiptOptions options) : IRequestHandler<SignCheckpoint, CheckpointVerdict>
{
    public async Task<CheckpointVerdict> Handle(SignCheckpoint request, CancellationToken cancellationToken)
    {
        var isBySettings = request.Witnesses.Count == 0;
        var witnesses = isBySettings ? WitnessSettings.Of(options) : request.Witnesses.Zip(request.KeyFiles, (address, file) => (Address: SignCheckpointCheck.Address(address)!, Key: UseCases.KeyFiles.OfWitness(file))).ToList();
        if (witnesses.GroupBy(w => w.Key).FirstOrDefault(g => g.Count() > 1) is { } twice) throw new BadInputException($"The key {PlainText.Clean(twice.Key.ToString())} is given twice. Each witness has its own.");
        if (!store.Exists || log.Checkpoint() is not { } head) throw new BadInputException($"There are no receipts in {store.Folder} yet. \"copilot investigate SNAPSHOT\" leaves some.");
        using var client = new WitnessClient(request.Timeout);
        var (said, failed) = (new List<string>(), 0);
        foreach (var (address, key) in witnesses)
        {
            var (isCosigned, says) = await Witnessed(client, address, key, head, cancellationToken);
            said.Add(says);
            if (!isCosigned) failed++;
        }
        if (request.Output is { } file) ReceiptBundle.Write(file, store.Use(db => Cosignatures.NoteOf(db, head)));
        var needed = isBySettings ? WitnessSettings.Needed(options) : witnesses.Count;
        return new(head.Size, Convert.ToHexStringLower(head.Root), said, failed, Math.Max(0, needed - (witnesses.Count - failed)));
    }

    /// <summary>Submits, and once more when the witness names another size than the one that was thought.</summary>
    private async Task<(bool IsCosigned, string Says)> Witnessed(WitnessClient client, Uri address, WitnessKey key, CheckpointRow head, CancellationToken cancellation)
    {
        var old = store.Use(db => Cosignatures.LastSize(db, key, head.Size));
        var answer = await client.Submit(address, key, Request(head, old), cancellation);
        if (answer is WitnessAnswer.Conflict { Size: var known } && known != old && known <= head.Size)
        {
            old = known;
            answer = await client.Submit(address, key, Request(head, old), cancellation);
        }
        switch (answer)
        {
            case WitnessAnswer.Cosigned { Line: var line, At: var at }:
                store.Use(db =>
                {
                    Cosignatures.Keep(db, head.Size, key, line, at);
                    return true;
                });
                return (true, $"cosigned by {PlainText.Clean(key.Name)} at {at:yyyy-MM-dd HH:mm:ss} UTC");
            // Another process of this log may have signed and submitted more in between.
            case WitnessAnswer.Conflict { Size: var size } when size > head.Size && log.Checkpoint() is { } now && now.Size >= size:
                return (false, $"The witness {address} has cosigned {size} receipts meanwhile, for another process of this log. Nothing is wrong; try again for the newest.");
            case WitnessAnswer.Conflict { Size: var size } when size > head.Size:
                return (false, $"ALARM: the witness {address} has cosigned {size} receipts of this log, and here are {head.Size}: THE LOG WAS ROLLED BACK OR REPLACED. Put the newest whole copy of {store.Folder} back.");
            case WitnessAnswer.Conflict { Size: var size } when size == old && size == head.Size:
                return (false, Forked(address, size));
            case WitnessAnswer.Conflict { Size: var size }:
                return (false, $"The witness {address} says {size} receipts now and said {old} before: others submit at the same time. Try again.");
            case WitnessAnswer.Inconsistent:
                return (false, Forked(address, old));
            case WitnessAnswer.Refused { Says: var says }:
                return (false, $"The witness {address} {says}");
            default:
                throw new InvalidOperationException($"no answer of a witness is {answer}");
        }
    }

    private string Forked(Uri address, long size) =>
        $"ALARM: the witness {address} has cosigned another history of the first {size} receipts: THE LOG WAS REWRITTEN OR THERE ARE TWO OF ONE NAME. Keep {store.Folder} as it is, and compare with the bundles and heads that others have.";

    private AddCheckpoint Request(CheckpointRow head, long old) => store.Read(db =>
    {
        if (!SignedNote.TryParse(head.Note, out var note, out var fault) || !AddCheckpoint.TryReadHead(note!.Text, out var read, out fault)) throw new BadInputException($"The checkpoint of {head.Size} receipts in the database cannot be read ({fault}). Put a whole copy of the database back.");
        return new AddCheckpoint(old, TreeProofs.Consistency(db, old, head), note, read!);
    });
}
