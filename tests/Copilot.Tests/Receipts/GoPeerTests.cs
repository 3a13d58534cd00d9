using System.Text;
using Copilot.Core.Receipts;
using Copilot.Tests.Support;
using Xunit;

namespace Copilot.Tests.Receipts;

/// <summary>Notes and proofs against the Go packages that the formats come from, both ways.</summary>
public sealed class GoPeerTests(GoPeer go) : IClassFixture<GoPeer>
{
    private static readonly string[] TextPieces = ["\n", "\n\n", "a", "— ", "— name AAAAAAA=\n", "ü", "\U0001F600", "\u0085", "\u2028", "\ufffd", "\u007f", " ", "+", "=", "0"];

    private static readonly string[] NamePieces = ["a", "copilot.local/", "01k0samp1e", "-", "=", "/", "ü", "\U0001F600", "—", ".", ":", "é"];

    private readonly Random _random = new(20261129);

    [Fact]
    public async Task SignedNote_SignedByEither_IsOpenedByTheOther()
    {
        var count = TestCounts.Pick(reduced: 300, full: 5000);
        var theirs = await go.Ask(Enumerable.Range(0, count).Select(i => new GoPeer.Question("key") { Name = Name(), Seed = i }));
        var notes = theirs.Select(key => (Ours: new NoteSigner(Name(), Bytes(32)), Theirs: NoteSigner.Of(key.Skey!), key.Vkey, Text: Text())).ToList();

        // Their key's text is read here, and their key signs the same bytes in both; so does ours.
        Assert.All(notes, n => Assert.Equal(n.Vkey, n.Theirs.Key.ToString()));
        Assert.All(notes, n => Assert.True(NoteKey.TryParse(n.Vkey!, out var key, out _) && key!.Equals(n.Theirs.Key)));
        var signed = await go.Ask(notes.SelectMany(n => new[] { Sign(n.Text, n.Theirs), Sign(n.Text, n.Ours), Sign(n.Text, n.Ours, n.Theirs) }));
        var opened = await go.Ask(notes.SelectMany(n => new[] { Open(n.Ours.Sign(n.Text).Format(), n.Ours.Key), Open(n.Ours.Sign(n.Text).Format(), n.Theirs.Key) }));

        for (var i = 0; i < count; i++)
        {
            var (ours, their, _, text) = notes[i];
            Assert.Equal(their.Sign(text).Format(), Utf8(signed[3 * i].Note!));
            Assert.Equal(ours.Sign(text).Format(), Utf8(signed[(3 * i) + 1].Note!));
            // A note with both signatures, as a cosigned one has.
            var both = Utf8(signed[(3 * i) + 2].Note!);
            Assert.True(SignedNote.TryParse(both, out var note, out var fault), fault);
            Assert.Equal((both, text), (note!.Format(), note.Text));
            Assert.True(note.IsSignedBy(ours.Key, SampleLog.Verify) && note.IsSignedBy(their.Key, SampleLog.Verify));

            Assert.Null(opened[2 * i].Fault);
            Assert.Equal(text, Utf8(opened[2 * i].Text!));
            Assert.Equal([$"{ours.Key.Name}+{ours.Key.Id:x8}"], opened[2 * i].Keys!);
            Assert.NotNull(opened[(2 * i) + 1].Fault);
        }
        TestReport.Line($"Go peer, signed notes: {count} of ours opened there, {2 * count} of theirs here; the same bytes for the same key and text");
    }

    [Fact]
    public async Task SignedNote_Altered_IsRefusedByBoth()
    {
        var count = TestCounts.Pick(reduced: 3000, full: 100_000);
        var altered = Enumerable.Range(0, count).Select(_ =>
        {
            var signer = new NoteSigner(Name(), Bytes(32));
            return (signer.Key, Note: Altered(Encoding.UTF8.GetBytes(signer.Sign(Text()).Format())));
        }).ToList();

        var answers = await go.Ask(altered.Select(a => new GoPeer.Question("open") { Note = a.Note, Vkey = a.Key.ToString() }));

        var stricter = 0;
        foreach (var ((key, bytes), answer) in altered.Zip(answers))
        {
            Assert.False(SignedNote.TryParse(bytes, out var note, out _) && note!.IsSignedBy(key, SampleLog.Verify), Convert.ToBase64String(bytes));
            if (answer.Fault is not null) continue;
            // Go ignores bits behind the last byte of base64 and a second signature of a key; neither is in a note as it was written.
            Assert.True(IsOtherwiseWritten(bytes), $"held by Go: {Convert.ToBase64String(bytes)}");
            stricter++;
        }
        TestReport.Line($"Go peer, altered notes: {count}, refused here {count}, there {count - stricter} (it takes stray bits of base64 and a signature that is there twice)");
    }

    [Fact]
    public async Task InclusionPath_EveryLeaf_IsGosAndHoldsThere()
    {
        var trees = new RandomTrees(_random);
        var (leaves, roots) = (trees.Leaves, trees.Roots);
        var asked = Sizes().SelectMany(size => Enumerable.Range(0, size).Select(index => (Size: size, Index: index))).ToList();
        var proofs = asked.Select(a => MerkleTree.Path(a.Index, a.Size, leaves.Take(a.Size)).Select(h => h.ToArray()).ToArray()).ToList();

        var answers = await go.Ask(asked.Zip(proofs).SelectMany(a => new GoPeer.Question[]
        {
            new("root") { Size = a.First.Size },
            new("prove_record") { Size = a.First.Size, Index = a.First.Index },
            new("check_record") { Size = a.First.Size, Index = a.First.Index, Root = roots[a.First.Size], Leaf = leaves[a.First.Index], Proof = a.Second },
        }).Prepend(new("records") { Records = trees.Records }));

        for (var i = 0; i < asked.Count; i++)
        {
            var (size, index) = asked[i];
            Assert.Equal(roots[size], answers[1 + (3 * i)].Root);
            Assert.Equal(proofs[i].Select(Convert.ToHexStringLower), answers[2 + (3 * i)].ProofHex);
            Assert.Null(answers[3 + (3 * i)].Fault);
            Assert.Equal(roots[size], MerkleTree.RootOfPath(leaves[index], index, size, Memory(answers[2 + (3 * i)].Proof ?? [])));
        }
        TestReport.Line($"Go peer, inclusion: {asked.Count} leaves of {asked.Select(a => a.Size).Distinct().Count()} trees, the same roots and paths, each held by both");
    }

    [Fact]
    public async Task InclusionPath_Altered_IsRefusedByBoth()
    {
        var trees = new RandomTrees(_random);
        var altered = Enumerable.Range(0, TestCounts.Pick(reduced: 3000, full: 100_000)).Select(_ => trees.Altered(trees.Proof())).ToList();

        var answers = await go.Ask(altered.Select(a => new GoPeer.Question("check_record") { Size = a.Size, Index = a.Index, Root = a.Root, Leaf = MerkleTree.LeafHash(a.Record), Proof = a.Path }));

        var held = 0;
        foreach (var (proof, answer) in altered.Zip(answers))
        {
            Assert.True(proof.Holds == answer.Fault is null, $"ours {proof.Holds}, Go {answer.Fault ?? "held"}: {proof.What} of leaf {proof.Index} of {proof.Size}");
            Assert.True(!proof.Holds || proof.What == Alteration.Size, $"held: {proof.What}");
            if (proof.Holds) held++;
        }
        // A path says by its length and its turns in what sizes it can stand, not in which it does: the signed checkpoint binds size and root.
        TestReport.Line($"Go peer, altered inclusion proofs: {altered.Count}, refused by both {altered.Count - held}, held by both {held} (another size in which the path has the same turns)");
    }

    [Fact]
    public async Task ConsistencyPath_EveryTwoSizes_IsGosAndHoldsThere()
    {
        var trees = new RandomTrees(_random);
        var roots = trees.Roots;
        var asked = Sizes().SelectMany(larger => Enumerable.Range(1, larger).Select(smaller => (Smaller: smaller, Larger: larger))).ToList();
        var proofs = asked.ConvertAll(a => MerkleTree.ConsistencyPath(a.Smaller, a.Larger, trees.Leaves.Take(a.Larger)).Select(h => h.ToArray()).ToArray());

        var answers = await go.Ask(asked.Zip(proofs).SelectMany(a => new GoPeer.Question[]
        {
            new("prove_tree") { Size = a.First.Larger, Old = a.First.Smaller },
            new("check_tree") { Size = a.First.Larger, Root = roots[a.First.Larger], Old = a.First.Smaller, OldRoot = roots[a.First.Smaller], Proof = a.Second },
        }).Prepend(new("records") { Records = trees.Records }));

        for (var i = 0; i < asked.Count; i++)
        {
            var (smaller, larger) = asked[i];
            Assert.Equal(proofs[i].Select(Convert.ToHexStringLower), answers[1 + (2 * i)].ProofHex);
            Assert.Null(answers[2 + (2 * i)].Fault);
            Assert.True(MerkleTree.IsConsistent(smaller, roots[smaller], larger, roots[larger], Memory(answers[1 + (2 * i)].Proof ?? [])));
        }
        TestReport.Line($"Go peer, consistency: {asked.Count} pairs of sizes, the same paths, each held by both");
    }

    [Fact]
    public async Task ConsistencyPath_Altered_IsRefusedByBoth()
    {
        var trees = new RandomTrees(_random);
        var altered = Enumerable.Range(0, TestCounts.Pick(reduced: 3000, full: 100_000)).Select(_ => trees.Altered(trees.TreeProof())).ToList();

        var answers = await go.Ask(altered.Select(a => new GoPeer.Question("check_tree") { Size = a.Larger, Root = a.LargerRoot, Old = a.Smaller, OldRoot = a.SmallerRoot, Proof = a.Path }));

        var held = 0;
        foreach (var (proof, answer) in altered.Zip(answers))
        {
            Assert.True(proof.Holds == answer.Fault is null, $"ours {proof.Holds}, Go {answer.Fault ?? "held"}: {proof.What} of {proof.Smaller} and {proof.Larger}");
            Assert.True(!proof.Holds || proof.What == Alteration.Size, $"held: {proof.What}");
            if (proof.Holds) held++;
        }
        TestReport.Line($"Go peer, altered consistency proofs: {altered.Count}, refused by both {altered.Count - held}, held by both {held} (another larger size in which the path has the same turns)");
    }

    private GoPeer.Question Sign(string text, params NoteSigner[] signers) => new("sign") { Text = Encoding.UTF8.GetBytes(text), Skeys = [.. signers.Select(s => s.SecretText)] };

    private static GoPeer.Question Open(string note, NoteKey key) => new("open") { Note = Encoding.UTF8.GetBytes(note), Vkey = key.ToString() };

    private static string Utf8(byte[] bytes) => Encoding.UTF8.GetString(bytes);

    private static ReadOnlyMemory<byte>[] Memory(IEnumerable<byte[]> path) => [.. path.Select(h => (ReadOnlyMemory<byte>)h)];

    private byte[] Bytes(int count)
    {
        var bytes = new byte[count];
        _random.NextBytes(bytes);
        return bytes;
    }

    private string Name() => string.Concat(Enumerable.Range(0, _random.Next(1, 6)).Select(_ => NamePieces[_random.Next(NamePieces.Length)]));

    /// <summary>Lines of all kinds, empty ones too; half of the time those of a checkpoint.</summary>
    private string Text() => _random.Next(2) == 0
        ? new Checkpoint(Name(), _random.NextInt64(), Convert.ToHexStringLower(Bytes(32))).Text
        : string.Concat(Enumerable.Range(0, _random.Next(12)).Select(_ => TextPieces[_random.Next(TextPieces.Length)])) + "\n";

    /// <summary>A byte changed, taken out, put in or written twice, a line twice, or lines in another order.</summary>
    private byte[] Altered(byte[] note)
    {
        byte[] altered;
        do altered = AlteredOrNot(note);
        while (altered.AsSpan().SequenceEqual(note));
        return altered;
    }

    private byte[] AlteredOrNot(byte[] note)
    {
        var at = _random.Next(note.Length);
        var lines = Utf8(note).Split('\n');
        // The last piece is what stands behind the last newline: nothing.
        var line = _random.Next(lines.Length - 1);
        return _random.Next(6) switch
        {
            0 => [.. note[..at], (byte)(note[at] ^ 1 << _random.Next(8)), .. note[(at + 1)..]],
            1 => [.. note[..at], .. note[(at + 1)..]],
            2 => [.. note[..at], (byte)_random.Next(256), .. note[at..]],
            3 => [.. note[..at], note[at], .. note[at..]],
            4 => Encoding.UTF8.GetBytes(string.Join('\n', [.. lines[..line], lines[line], .. lines[line..]])),
            _ => Encoding.UTF8.GetBytes(string.Join('\n', [.. lines[..line], .. lines[line..^1].Reverse(), ""])),
        };
    }

    /// <summary>Whether it becomes a note as this one writes it once the signature's base64 is written anew and lines that are there twice are not.</summary>
    private static bool IsOtherwiseWritten(byte[] note)
    {
        var text = Utf8(note);
        var split = text.LastIndexOf("\n\n", StringComparison.Ordinal) + 2;
        var signatures = text[split..].Split('\n', StringSplitOptions.RemoveEmptyEntries).Distinct().Select(l => l.Split(' ')).ToList();
        var again = text[..split] + string.Concat(signatures.Select(s => $"{s[0]} {s[1]} {Convert.ToBase64String(StrayBits(s[2]))}\n"));
        return again != text && SignedNote.TryParse(again, out _, out _);
    }

    /// <summary>Base64 whose last digit has bits that belong to no byte.</summary>
    private static byte[] StrayBits(string base64)
    {
        const string digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        var last = base64.TrimEnd('=').Length - 1;
        var unused = base64.Length - 1 - last;
        return Convert.FromBase64String(base64[..last] + digits[digits.IndexOf(base64[last]) >> (2 * unused) << (2 * unused)] + base64[(last + 1)..]);
    }

    /// <summary>From 1: Go has another root for an empty tree, 32 zero bytes, than RFC 6962.</summary>
    private IEnumerable<int> Sizes()
    {
        var count = TestCounts.Pick(reduced: 12, full: RandomTrees.Largest);
        return count == RandomTrees.Largest
            ? Enumerable.Range(1, RandomTrees.Largest)
            : Enumerable.Range(0, count).Select(_ => _random.Next(1, RandomTrees.Largest + 1)).Concat([1, 2, 255, 256, 257]).Distinct().Order();
    }
}
