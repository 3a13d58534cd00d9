using System.Diagnostics;
using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;
using Copilot.Core.Receipts;
using Copilot.Engine.Yaml;
using Copilot.Storage;
using Copilot.Tests.Receipts;
using Copilot.Tests.Support;
using Copilot.UseCases;
using Xunit;

namespace Copilot.Tests.Cli;

/// <summary>
/// A second verifier, in Python and written from docs/receipt-format.md alone, against this one: on bundles and proofs of every kind, and on altered ones, which are
/// sealed and signed again so that each check is met. Policies are replayed by this one alone.
/// </summary>
public sealed class SecondVerifierTests : IDisposable
{
    private const string Python = "/usr/bin/python3";

    private static readonly NoteSigner First = new(SampleLog.Name, [.. Enumerable.Repeat((byte)1, 32)]);
    private static readonly NoteSigner Last = new(SampleLog.Name, [.. Enumerable.Repeat((byte)101, 32)]);
    private static readonly NoteSigner Witness = new("witness", [.. Enumerable.Repeat((byte)7, 32)]);
    private static readonly NoteSigner OtherWitness = new("other-witness", [.. Enumerable.Repeat((byte)8, 32)]);
    private static readonly NoteSigner Stranger = new(SampleLog.Name, [.. Enumerable.Repeat((byte)9, 32)]);

    private readonly TempFolder _folder = new();
    private readonly Random _random = new(20261129);
    private readonly List<string> _differ = [];

    public void Dispose() => _folder.Dispose();

    /// <summary>The content of a bundle before it is packed.</summary>
    private sealed record Contents(List<byte[]> Receipts, byte[] Checkpoint)
    {
        public List<byte[]>? Openings { get; init; }

        public List<byte[]>? Rotations { get; init; }

        public List<byte[]>? Paths { get; init; }

        public string? Stream { get; init; }

        public bool IsFirstVersion { get; init; }

        public (long Size, string Root) Head { get; init; }

        public NoteKey Key { get; init; } = First.Key;
    }

    /// <summary>What a verifier found: the state of each check by its name, and why.</summary>
    private sealed record Found(SortedDictionary<string, string> Checks)
    {
        public List<string> Failed => [.. Checks.Where(c => c.Value.StartsWith("failed", StringComparison.Ordinal)).Select(c => c.Key)];

        public bool IsHeld => Failed.Count == 0;

        public override string ToString() => string.Join(", ", Checks.Select(c => $"{c.Key} {c.Value}"));
    }

    [Fact]
    public async Task Verify_BundlesAndProofsOfEveryKind_AgreeCheckByCheck()
    {
        var files = Kinds().Select((kind, i) => Pack(_folder.Combine($"{i}-{kind.Name}.zip"), kind.Contents)).Concat(Proofs()).ToList();
        string?[] keys = [null, Key(First.Key), Key(Last.Key), Key(Stranger.Key)];
        var log = SampleLog.Whole();
        string?[] heads = [null, Head(log.Head(5)), Head(log.Head(log.Receipts.Count)), Head(log.Head(3) with { Size = 4 }), Head(log.Head(3) with { Size = 99 })];
        var (compared, held) = (0, 0);
        // First each key and each head once, and the witnesses; then what is left of every key with every head.
        (string?, string?, string?)[] some = [.. heads.Select((head, i) => (keys[(i + 1) % keys.Length], head, (string?)null)), (keys[1], null, WitnessFile(Witness)), (keys[2], heads[2], WitnessFile(Witness)), (null, null, WitnessFile(OtherWitness))];
        var runs = some.Concat((from key in keys from head in heads select (key, head, (string?)null)).Except(some)).ToList();
        foreach (var (key, head, witness) in runs.Take(TestCounts.Pick(reduced: some.Length, full: runs.Count)))
        {
            var theirs = await Theirs(files, key, head, witness);
            foreach (var file in files)
            {
                var ours = await Ours(file, key, head, witness);
                Compare($"{file} --key {key} --expect {head} --witness-key {witness}", ours, theirs[file], checkByCheck: true);
                compared++;
                if (ours.IsHeld) held++;
            }
        }
        Agreed();
        TestReport.Line($"second verifier: {files.Count} bundles and proofs with {keys.Length} keys, {heads.Length} heads and witnesses, {compared} verdicts agree check by check, {held} of them held");
        Assert.InRange(held, compared / 10, compared - 1);
    }

    [Fact]
    public async Task Verify_AlteredAndSealedAgain_Agree()
    {
        var kinds = Kinds().Select(k => k.Contents).ToList();
        var count = TestCounts.Pick(reduced: 250, full: 10_000);
        var (compared, failed) = (0, 0);
        var failures = new SortedDictionary<string, int>(StringComparer.Ordinal);
        foreach (var batch in Enumerable.Range(0, count).Chunk(250))
        {
            var files = batch.Select(i => Pack(_folder.Combine($"{i}.zip"), Altered(kinds[_random.Next(kinds.Count)], out var what), what, _random.Next(8) == 0)).ToList();
            var theirs = await Theirs(files, Key(First.Key), null);
            foreach (var file in files)
            {
                var ours = await Ours(file, Key(First.Key), null);
                Compare(file, ours, theirs[file], checkByCheck: false);
                compared++;
                foreach (var check in ours.Failed) failures[check] = failures.GetValueOrDefault(check) + 1;
                if (!ours.IsHeld) failed++;
                File.Delete(file);
            }
        }
        Agreed();
        TestReport.Line($"second verifier: {compared} altered bundles, both say the same: {failed} fail ({string.Join(", ", failures.Select(f => $"{f.Key} {f.Value}"))}), {compared - failed} hold");
    }

    /// <summary>The sum always; besides each check, or, of what was altered, the check that alone fails: where several do, one follows from another.</summary>
    private void Compare(string what, Found ours, Found theirs, bool checkByCheck)
    {
        var differ = ours.IsHeld != theirs.IsHeld ? "the sum"
            : ours.Checks.ContainsKey("file") || theirs.Checks.ContainsKey("file") ? null
            : checkByCheck ? theirs.Checks.Keys.FirstOrDefault(name => !ours.Checks.TryGetValue(name, out var state) || state.Split(' ')[0] != theirs.Checks[name].Split(' ')[0])
            : ours.Failed is [var alone] && !theirs.Failed.Contains(alone) ? alone : null;
        if (differ is not null) _differ.Add($"{what}: {differ}\nhere: {ours}\nsecond: {theirs}");
    }

    private void Agreed() => Assert.True(_differ.Count == 0, $"{_differ.Count} differ\n{string.Join('\n', _differ.Take(20))}");

    private async Task<Found> Ours(string file, string? key, string? head, string? witness = null)
    {
        try
        {
            var verdict = await new VerifyReceiptsHandler(new(_folder.Combine("nothing")), new()).Handle(new(file, key, head, witness is null ? null : [witness]), TestContext.Current.CancellationToken);
            // The last line is the sum. Policies only this one can replay.
            return new(new(verdict.Lines.SkipLast(1).Select(Check).Where(c => c.Name != "policy").GroupBy(c => c.Name).ToDictionary(c => c.Key, c => c.MaxBy(x => x.State == "failed").State)));
        }
        catch (FileFaultException e)
        {
            return new(new() { ["file"] = $"failed {e.Message}" });
        }

        static (string Name, string State) Check(string line)
        {
            var (state, rest) = line.StartsWith("not checked", StringComparison.Ordinal) ? ("unchecked", line["not checked".Length..])
                : line.StartsWith("FAILED", StringComparison.Ordinal) ? ("failed", line["FAILED".Length..]) : ("held", line["held".Length..]);
            return (rest.Trim().Split("  ")[0].Split(' ')[0], state);
        }
    }

    private static async Task<Dictionary<string, Found>> Theirs(IReadOnlyList<string> files, string? key, string? head, string? witness = null)
    {
        string[] options = [.. key is null ? [] : (string[])["--key", key], .. head is null ? [] : (string[])["--expect", head], .. witness is null ? [] : (string[])["--witness-key", witness]];
        var start = new ProcessStartInfo(Python, ["-I", Path.Combine(Peer.Folder, "verify_receipts.py"), .. options, .. files]) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode is 0 or 1 && (await errors).Length == 0, await errors);
        var found = files.ToDictionary(f => f, _ => new Found([]));
        foreach (var line in output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Split(' ', 4))) found[line[1]].Checks[line[2]] = $"{line[0]} {line[3]}";
        Assert.All(found.Values, f => Assert.NotEmpty(f.Checks));
        return found;
    }

    private string WitnessFile(NoteSigner witness) => _folder.Write($"{witness.Key.Name}.pub", $"{new WitnessKey(witness.Key.Name, witness.Key.PublicKey.Span)}\n");

    /// <summary>The checkpoint with the witness's signature on it.</summary>
    private static byte[] Cosigned(byte[] checkpoint)
    {
        Assert.True(SignedNote.TryParse(checkpoint, out var note, out _));
        var cosignature = new WitnessKey(Witness.Key.Name, Witness.Key.PublicKey.Span).Cosign(note!.Text, new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero), Witness.Sign);
        return Encoding.UTF8.GetBytes((note with { Signatures = [.. note.Signatures, cosignature] }).Format());
    }

    private string Key(NoteKey key) => _folder.Write($"{key.Id:x8}.pub", $"{key}\n");

    private static string Head(TreeHead head) => $"{head.Size}:{head.Root}";

    private static List<(string Name, Contents Contents)> Kinds()
    {
        var (full, whole) = (SampleLog.Full(), SampleLog.Whole());
        var openings = whole.Openings.Select(o => o.ToBytes()).ToList();
        var rotations = new List<byte[]> { CanonicalJson.Serialize(JsonValue.Create(Encoding.UTF8.GetString(whole.Rotation()))) };
        var later = Of(whole, whole.Rotation(byOld: false)) with { Key = whole.Next };
        return
        [
            ("plain", Of(full, full.Checkpoint(full.Receipts.Count))),
            ("first-version", Of(full, full.Checkpoint(full.Receipts.Count)) with { IsFirstVersion = true }),
            ("unsigned", Of(full, full.Checkpoint(9))),
            ("cosigned", Of(full, Cosigned(full.Checkpoint(full.Receipts.Count)))),
            ("whole", later with { Openings = openings, Rotations = rotations }),
            ("no-openings", later with { Rotations = rotations }),
            ("some-openings", later with { Openings = openings[1..3], Rotations = rotations }),
            ("no-rotations", later with { Openings = openings }),
            ("retired-key", Of(whole, whole.Rotation(byNew: false)) with { Key = whole.Next, Rotations = rotations }),
            ("excerpt", Excerpt(later with { Openings = openings, Rotations = rotations })),
            ("excerpt-alone", Excerpt(later)),
            ("excerpt-cosigned", Excerpt(later with { Checkpoint = Cosigned(later.Checkpoint) })),
        ];
    }

    private static Contents Of(SampleLog log, byte[] checkpoint) => new([.. log.Lines], checkpoint) { Head = (log.Receipts.Count, log.Head(log.Receipts.Count).Root) };

    private static Contents Excerpt(Contents whole)
    {
        var leaves = whole.Receipts.ConvertAll(r => MerkleTree.LeafHash(r));
        var kept = whole.Receipts.Select((line, seq) => (Line: line, Seq: seq)).Where(r => (string?)JsonNode.Parse(r.Line)!["stream"] is "log" or "incident-1").ToList();
        return whole with
        {
            Stream = "incident-1",
            Receipts = kept.ConvertAll(r => r.Line),
            Paths = kept.ConvertAll(r => CanonicalJson.Serialize(new JsonArray([.. MerkleTree.Path(r.Seq, leaves.Count, leaves).Select(h => (JsonNode?)Convert.ToBase64String(h.Span))]))),
        };
    }

    private IEnumerable<string> Proofs()
    {
        var log = SampleLog.Full();
        for (var i = 0; i < log.Lines.Length; i += 3)
        {
            var proof = new InclusionProof(log.Lines[i], i, MerkleTree.Path(i, log.Lines.Length, log.Receipts.Select(r => Convert.FromHexString(r.Leaf))), Encoding.UTF8.GetString(log.Checkpoint(log.Lines.Length)));
            yield return _folder.Write($"{i}.tlog-proof", proof.Format());
            yield return _folder.Write($"{i}-cosigned.tlog-proof", (proof with { Checkpoint = Encoding.UTF8.GetString(Cosigned(log.Checkpoint(log.Lines.Length))) }).Format());
            yield return _folder.Write($"{i}-other-place.tlog-proof", (proof with { Index = i + 1 }).Format());
        }
    }

    /// <param name="isBroken">A bit is flipped after the digests were taken.</param>
    private string Pack(string file, Contents contents, string what = "", bool isBroken = false)
    {
        var files = new Dictionary<string, byte[]> { [BundleManifest.ReceiptsFile] = Lines(contents.Receipts), [BundleManifest.CheckpointFile] = contents.Checkpoint };
        if (contents.Openings is { } openings) files[BundleManifest.OpeningsFile] = Lines(openings);
        if (contents.Rotations is { } rotations) files[BundleManifest.RotationsFile] = Lines(rotations);
        if (contents.Paths is { } paths) files[BundleManifest.PathsFile] = Lines(paths);
        if (what == "no newline") files[BundleManifest.ReceiptsFile] = files[BundleManifest.ReceiptsFile][..^1];
        var manifest = new BundleManifest(SampleLog.Name, contents.Head.Size, contents.Head.Root, contents.Key.ToString(), files.ToDictionary(f => f.Key, f => ReceiptBundle.Hash(f.Value))) { Stream = contents.Stream };
        files[BundleManifest.FileName] = manifest.ToBytes();
        if (contents.IsFirstVersion) files[BundleManifest.FileName] = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(files[BundleManifest.FileName]).Replace(BundleManifest.Format, BundleManifest.FirstFormat));
        if (isBroken)
        {
            var flipped = files.Values.Where(f => f.Length > 0).ElementAt(_random.Next(3));
            flipped[_random.Next(flipped.Length)] ^= (byte)(1 << _random.Next(8));
        }
        using var zip = ZipFile.Open(file, ZipArchiveMode.Create);
        foreach (var (name, content) in files)
        {
            using var stream = zip.CreateEntry(name).Open();
            stream.Write(content);
        }
        return file;
    }

    private static byte[] Lines(IEnumerable<byte[]> lines) => [.. lines.SelectMany(l => (byte[])[.. l, (byte)'\n'])];

    /// <summary>Something is altered; then, mostly, everything that hangs on it is made to fit again, so that one check alone can find it.</summary>
    private Contents Altered(Contents contents, out string what)
    {
        what = "";
        switch (_random.Next(9))
        {
            case 0:
                what = "no newline";
                return contents;
            case 1:
                return contents with { Checkpoint = Flipped(contents.Checkpoint) };
            case 2 when contents.Openings is { Count: > 0 } openings:
                return contents with { Openings = AlteredLines(openings) };
            case 3 when contents.Rotations is { } rotations:
                return contents with { Rotations = AlteredLines(rotations) };
            case 4 when contents.Paths is { } paths:
                return contents with { Paths = AlteredLines(paths) };
            case 5:
                return contents with { Head = _random.Next(2) == 0 ? (contents.Head.Size + 1, contents.Head.Root) : (contents.Head.Size, new string('0', 64)) };
            default:
                var receipts = AlteredLines(contents.Receipts);
                return contents.Stream is null && _random.Next(8) > 0 ? SignedAgain(contents with { Receipts = receipts }) : contents with { Receipts = receipts };
        }
    }

    private static Contents SignedAgain(Contents contents)
    {
        var root = Convert.ToHexStringLower(MerkleTree.Root(contents.Receipts.Select(r => MerkleTree.LeafHash(r))));
        var signer = contents.Key.Equals(First.Key) ? First : Last;
        var text = new Checkpoint(SampleLog.Name, contents.Receipts.Count, root).Text;
        var both = new SignedNote(text, [.. First.Sign(text).Signatures, .. Last.Sign(text).Signatures]);
        return contents with
        {
            Head = (contents.Receipts.Count, root),
            Checkpoint = Encoding.UTF8.GetBytes(signer.Sign(text).Format()),
            Rotations = contents.Rotations is null ? null : [CanonicalJson.Serialize(JsonValue.Create(both.Format()))],
        };
    }

    private List<byte[]> AlteredLines(List<byte[]> lines)
    {
        var (at, other) = (_random.Next(lines.Count), _random.Next(lines.Count));
        List<byte[]> altered = [.. lines];
        switch (_random.Next(8))
        {
            case 0:
                altered.RemoveAt(at);
                break;
            case 1:
                altered.Insert(other, lines[at]);
                break;
            case 2:
                (altered[at], altered[other]) = (lines[other], lines[at]);
                break;
            case 3:
                altered[at] = Flipped(lines[at]);
                break;
            default:
                var value = JsonNode.Parse(lines[at]);
                altered[at] = Alter(value, value, lines.Count > 3 ? JsonNode.Parse(lines[other]) : null) ? CanonicalJson.Serialize(value) : Flipped(lines[at]);
                break;
        }
        return altered;
    }

    /// <summary>Alters one value somewhere below; false when there is none.</summary>
    private bool Alter(JsonNode? node, JsonNode? root, JsonNode? other)
    {
        while (true)
        {
            if (node is JsonObject { Count: > 0 } map)
            {
                var name = map.ElementAt(_random.Next(map.Count)).Key;
                switch (_random.Next(8))
                {
                    case 0:
                        map.Remove(name);
                        return true;
                    case 1:
                        map["more"] = "x";
                        return true;
                    case 2 when other is JsonObject from && from.ContainsKey(name):
                        map[name] = from[name]?.DeepClone();
                        return true;
                    case < 6 when map[name] is JsonObject { Count: > 0 } or JsonArray { Count: > 0 }:
                        node = map[name];
                        continue;
                    default:
                        map[name] = Other(map[name]);
                        return true;
                }
            }
            if (node is not JsonArray { Count: > 0 } list) return false;
            var at = _random.Next(list.Count);
            if (_random.Next(3) == 0) list.RemoveAt(at);
            else if (list[at] is JsonObject { Count: > 0 } && _random.Next(3) > 0)
            {
                node = list[at];
                continue;
            }
            else list[at] = Other(list[at]);
            return true;
        }
    }

    private JsonNode? Other(JsonNode? value)
    {
        if (value is JsonValue number && number.TryGetValue<long>(out var n) && _random.Next(4) > 0) return JsonValue.Create(n + _random.Next(-2, 3));
        if (value is JsonValue text && text.TryGetValue<string>(out var s) && s.Length > 0 && _random.Next(4) > 0)
        {
            var at = _random.Next(s.Length);
            const string characters = "0aAfZ9+-:/ .T\u00e9";
            return s[..at] + characters[_random.Next(characters.Length)] + s[(at + _random.Next(2))..];
        }
        JsonNode?[] others = [null, JsonValue.Create(true), JsonValue.Create(0), JsonValue.Create(-1), JsonValue.Create(1.5), JsonValue.Create(""), JsonValue.Create("x"), new JsonArray(), new JsonObject()];
        return others[_random.Next(others.Length)];
    }

    private byte[] Flipped(byte[] bytes)
    {
        var flipped = (byte[])bytes.Clone();
        flipped[_random.Next(flipped.Length)] ^= (byte)(1 << _random.Next(8));
        return flipped;
    }
}
