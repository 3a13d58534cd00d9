using System.Text;
using System.Text.Json.Nodes;
using Copilot.Configuration;
using Copilot.Core.Evidence;
using Copilot.Core.Receipts;
using Copilot.Engine.Yaml;
using Copilot.Storage;
using MediatR;
using Microsoft.EntityFrameworkCore;

namespace Copilot.UseCases;

/// <summary>Verifies a bundle or the proof of one receipt, which need nothing else, or the log in the data folder.</summary>
/// <param name="Bundle">Null for the log in the data folder.</param>
/// <param name="KeyFile">The public key from elsewhere, in the text form of signed notes; null for the one at hand.</param>
/// <param name="Expected">A head that somebody kept, <c>SIZE:ROOT</c>; null for none.</param>
/// <param name="WitnessKeys">Files with the public keys of witnesses; none for those of the settings, which are those of the log in the data folder.</param>
/// <param name="Witnesses">How many of them must have cosigned; null for all, or for what the settings say.</param>
internal sealed record VerifyReceipts(string? Bundle, string? KeyFile, string? Expected, IReadOnlyList<string>? WitnessKeys = null, int? Witnesses = null) : IRequest<ReceiptsVerdict>;

internal sealed class VerifyReceiptsCheck(ReceiptOptions options) : IRequestCheck<VerifyReceipts>
{
    public string? Fault(VerifyReceipts request)
    {
        var keys = request.WitnessKeys is { Count: > 0 } given ? given.Count : options.Witnesses.Length;
        return request.Witnesses is not { } needed ? null :
            keys == 0 ? "--witnesses goes with --witness-key FILE, once for each witness. Add those, or take --witnesses away." :
            needed < 1 || needed > keys ? $"--witnesses takes a number from 1 to {keys}, as many as there are witnesses." : null;
    }
}

/// <param name="Lines">What each check found, then the sum.</param>
/// <param name="Failed">How many checks failed.</param>
/// <param name="Receipt">The one receipt that was proved; null when there were others, or a check failed.</param>
internal sealed record ReceiptsVerdict(IReadOnlyList<string> Lines, int Failed, ReadOnlyMemory<byte>? Receipt = null);

internal sealed class VerifyReceiptsHandler(CopilotStore store, ReceiptOptions options) : IRequestHandler<VerifyReceipts, ReceiptsVerdict>
{
    public Task<ReceiptsVerdict> Handle(VerifyReceipts request, CancellationToken cancellationToken)
    {
        var given = request.KeyFile is null ? null : ReadKey(request.KeyFile);
        var expected = request.Expected is null ? [] : new List<TreeHead> { ParseHead(request.Expected) };
        var isBySettings = request.WitnessKeys is not { Count: > 0 };
        var keys = isBySettings ? WitnessSettings.Of(options).Select(w => w.Key).ToList() : request.WitnessKeys!.Select(KeyFiles.OfWitness).ToList();
        var needed = request.Witnesses ?? (isBySettings ? WitnessSettings.Needed(options) : keys.Count);
        // Of the log at hand nobody is shown another one: there the check is made when it is asked for.
        ReceiptCheck Witnessed(byte[]? checkpoint) => WitnessCheck.Of(checkpoint, isBySettings && request.Bundle is not null && !IsOfOwnLog(checkpoint) ? [] : keys, needed, SigningKey.Verify);
        return Task.FromResult(request.Bundle is null ? Local(given, expected, keys, Witnessed) : ReceiptBundle.ReadProof(request.Bundle) is { } proof ? Proof(proof, given, expected, Witnessed) : Bundle(request.Bundle, given, expected, Witnessed));
    }

    /// <summary>The settings know the witnesses of the log in the data folder, and of no other.</summary>
    private bool IsOfOwnLog(byte[]? checkpoint)
    {
        var file = SigningKey.PublicFile(store.Folder);
        return checkpoint is not null && File.Exists(file) && SignedNote.TryParse(checkpoint, out var note, out _) && Checkpoint.TryParse(note!.Text, out var head, out _) && head!.Origin == ReadKey(file).Name;
    }

    private static ReceiptsVerdict Proof(InclusionProof proof, NoteKey? given, List<TreeHead> expected, Func<byte[]?, ReceiptCheck> witnessed)
    {
        var report = ProofVerifier.Verify(proof, given, SigningKey.Verify, expected);
        IReadOnlyList<ReceiptCheck> checks = [.. report.Checks, witnessed(Encoding.UTF8.GetBytes(proof.Checkpoint))];
        var failed = checks.Count(c => c.Outcome == CheckOutcome.Failed);
        var place = report.Checkpoint is { } c ? $"{c.Size}, head {c.Size}:{c.Root}" : "an unknown log";
        return new([.. checks.Select(Line), $"receipt {proof.Index} of {place}: {Sum(checks)}"], failed, failed == 0 ? proof.Receipt : null);
    }

    private static ReceiptsVerdict Bundle(string file, NoteKey? given, List<TreeHead> expected, Func<byte[]?, ReceiptCheck> witnessed)
    {
        var files = ReceiptBundle.Read(file);
        if (!BundleManifest.TryParse(files[BundleManifest.FileName], out var manifest, out var fault))
            return Verdict([new("manifest", CheckOutcome.Failed, $"The manifest cannot be read: {fault}.")], 0, "");
        // Without a key from elsewhere the bundle's own shows that it is consistent, not whose it is.
        var own = NoteKey.TryParse(manifest!.Key, out var named, out _) ? named : null;
        if (manifest!.Stream is not null && !files.ContainsKey(BundleManifest.PathsFile)) return Verdict([new("manifest", CheckOutcome.Failed, "The bundle is an excerpt without the paths that prove it.")], 0, "");
        var report = ReceiptVerifier.Verify(new(ReceiptBundle.LinesOf(files[BundleManifest.ReceiptsFile]))
        {
            Checkpoint = files[BundleManifest.CheckpointFile],
            Key = given ?? own,
            Verify = SigningKey.Verify,
            Expected = expected,
            Paths = manifest.Stream is null ? null : Paths(files[BundleManifest.PathsFile]),
            Rotations = files.TryGetValue(BundleManifest.RotationsFile, out var rotations) ? [.. ReceiptBundle.LinesOf(rotations).Select(Note)] : [],
            Openings = files.TryGetValue(BundleManifest.OpeningsFile, out var openings) ? ReceiptBundle.LinesOf(openings) : null,
            Replay = PolicyReplay.Decide,
        });
        var found = files.Where(f => f.Key != BundleManifest.FileName).ToDictionary(f => f.Key, f => ReceiptBundle.Hash(f.Value));
        var origin = given is null ? new ReceiptCheck("key", CheckOutcome.NotChecked, "The key is the bundle's own: whose it is was not checked. Ask its owner for keys/receipts.pub and use --key FILE.") : null;
        var cut = files.Where(f => f.Key.EndsWith(".jsonl", StringComparison.Ordinal) && f.Value is [.., not (byte)'\n'])
            .Select(f => new ReceiptCheck("files", CheckOutcome.Failed, $"{f.Key} does not end with a newline: it was cut."));
        return Verdict([.. report.Checks, witnessed(files[BundleManifest.CheckpointFile]), .. manifest.Check(found, report), .. cut, .. origin is null ? [] : new[] { origin }], report.Receipts, report.Root);
    }

    /// <summary>A path that cannot be read leads to no root.</summary>
    private static List<IReadOnlyList<ReadOnlyMemory<byte>>> Paths(byte[] file) => [.. ReceiptBundle.LinesOf(file).Select(line =>
        CanonicalJson.TryParse(line.Span, out var value, out _) && value is JsonArray list
            ? (IReadOnlyList<ReadOnlyMemory<byte>>)[.. list.Select(h => (ReadOnlyMemory<byte>)(h is JsonValue text && text.TryGetValue<string>(out var base64) && HashOf(base64) is { } hash ? hash : new byte[MerkleTree.HashBytes]))]
            : [])];

    private static byte[]? HashOf(string base64)
    {
        var hash = new byte[MerkleTree.HashBytes];
        return Convert.TryFromBase64String(base64, hash, out var read) && read == hash.Length && Convert.ToBase64String(hash) == base64 ? hash : null;
    }

    private static byte[] Note(ReadOnlyMemory<byte> line) => CanonicalJson.TryParse(line.Span, out var value, out _) && value is JsonValue text && text.TryGetValue<string>(out var note) ? Encoding.UTF8.GetBytes(note) : [];

    private ReceiptsVerdict Local(NoteKey? given, List<TreeHead> expected, List<WitnessKey> witnessKeys, Func<byte[]?, ReceiptCheck> witnessed)
    {
        if (!store.Exists && new KeptHead(store.Folder) is { } left && left.Bytes() is not null)
            return Verdict([new("kept head", CheckOutcome.Failed, $"{left.File} keeps the head of a log, but its database {store.Database} is gone.")], 0, "");
        if (!store.Exists) throw new BadInputException($"There are no receipts in {store.Folder}. Name the data folder with --data DIR, or a bundle.");
        var publicFile = SigningKey.PublicFile(store.Folder);
        var key = given ?? (File.Exists(publicFile) ? ReadKey(publicFile) : null);
        var (head, fault) = KeptHead(key);
        if (head is not null) expected.Add(head);
        var (rows, report, witnesses, cosignatures, requests) = store.Read(db =>
        {
            var checkpoints = db.Checkpoints.AsNoTracking().OrderBy(c => c.Size).ToList();
            var repeated = new RowCheck(checkpoints, key is null ? null : KeysOf(db), TileCheck.Of(db, checkpoints.Count == 0 ? 0 : checkpoints[^1].Size));
            return (repeated, ReceiptVerifier.Verify(new(db.Receipts.AsNoTracking().OrderBy(r => r.Seq).AsEnumerable().Select(repeated.Add))
            {
                Checkpoint = checkpoints.Count == 0 ? null : Encoding.UTF8.GetBytes(checkpoints[^1].Note),
                Key = key,
                Verify = SigningKey.Verify,
                Expected = expected,
                Rotations = [.. ExportReceiptsHandler.Rotations(db).Select(Encoding.UTF8.GetBytes)],
                Openings = Openings.Lines(db, long.MaxValue),
                OpeningsAreWhole = true,
                Replay = PolicyReplay.Decide,
            }), witnessed(checkpoints.Count == 0 ? null : Encoding.UTF8.GetBytes(Cosignatures.NoteOf(db, checkpoints[^1]))),
                CosignatureCheck.Of(db, checkpoints, witnessKeys), ApprovalCheck.Of(db));
        });
        return Verdict([.. report.Checks, .. witnesses.Outcome == CheckOutcome.NotChecked ? [] : new[] { witnesses }, .. rows.Checks(head), requests, .. new[] { cosignatures, fault }.OfType<ReceiptCheck>()], report.Receipts, report.Root);
    }

    /// <summary>The log's keys as it names them; null when it names none that can be read, which the check of the opening says.</summary>
    private static LogKeyring? KeysOf(CopilotDb db)
    {
        try
        {
            return LogKeyring.Of(db) is { Current: not null } keys ? keys : null;
        }
        catch (FileFaultException)
        {
            return null;
        }
    }

    /// <summary>The head that the log keeps outside the database; a damaged one is a finding, a missing one is said.</summary>
    private (TreeHead? Head, ReceiptCheck? Fault) KeptHead(NoteKey? key)
    {
        var kept = new KeptHead(store.Folder);
        if (kept.Bytes() is not { } bytes) return (null, new("kept head", CheckOutcome.NotChecked, $"{kept.File} is not there."));
        if (!SignedNote.TryParse(bytes, out var note, out var fault) || !Checkpoint.TryParse(note!.Text, out var head, out fault)) return (null, new("kept head", CheckOutcome.Failed, $"{kept.File} cannot be read: {fault}."));
        if (key is not null && !note.IsSignedBy(key, SigningKey.Verify)) return (null, new("kept head", CheckOutcome.Failed, $"{kept.File} is not signed by the log's key."));
        return (new(head!.Size, head.Root, "receipts.head"), null);
    }

    private static ReceiptsVerdict Verdict(IReadOnlyList<ReceiptCheck> checks, long receipts, string root) =>
        new([.. checks.Select(Line), $"{receipts} receipts, head {receipts}:{root}: {Sum(checks)}"], checks.Count(c => c.Outcome == CheckOutcome.Failed));

    private static string Line(ReceiptCheck check) => $"{Word(check.Outcome),-12} {check.Name,-11} {check.Says}";

    private static string Sum(IReadOnlyList<ReceiptCheck> checks)
    {
        var failed = checks.Count(c => c.Outcome == CheckOutcome.Failed);
        var open = checks.Count(c => c.Outcome == CheckOutcome.NotChecked);
        return failed > 0 ? $"{failed} check{(failed == 1 ? "" : "s")} FAILED" : open > 0 ? $"all checks held but {open} that could not be made" : "all checks held";
    }

    private static string Word(CheckOutcome outcome) => outcome switch { CheckOutcome.Held => "held", CheckOutcome.Failed => "FAILED", _ => "not checked" };

    private static NoteKey ReadKey(string file)
    {
        try
        {
            return NoteKey.TryParse(File.ReadAllText(file).TrimEnd('\n', '\r'), out var key, out var fault) ? key! : throw new BadInputException($"{file} holds no public key ({fault}). It is the line in keys/receipts.pub of the data folder.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"{file} cannot be read ({e.Message.TrimEnd('.')}).");
        }
    }

    private static TreeHead ParseHead(string text) =>
        text.Split(':') is [var size, { Length: 64 } root] && long.TryParse(size, System.Globalization.NumberStyles.None, null, out var count) && root.All(char.IsAsciiHexDigitLower)
            ? new(count, root, "--expect") : throw new BadInputException($"{PlainText.Clean(text)} is no head. Write SIZE:ROOT as the last line of verify shows it.");
}
