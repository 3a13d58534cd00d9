using System.Text;
using Copilot.Core.Receipts;
using Copilot.Tests.Support;
using Xunit;

namespace Copilot.Tests.Receipts;

/// <summary>
/// Every reader of what comes from outside, on good texts that were altered again and again: pieces of one put into another, bits flipped, pieces cut out or written twice.
/// None throws, and what is read is written as it was read: a text has one form.
/// </summary>
public sealed class ReaderFuzzTests
{
    private const int MostAlterations = 6;

    private static readonly string[] Pieces = ["\n", "\n\n", "\r\n", "\0", " ", "+", "=", "==", "\u2014 ", "extra ", "index ", "0", "-1", "9223372036854775808", "\"", "\\", "\\ud800", "\\u0000", "{", "}", "[", "]", ",", ":", "1e400", "null", "\ufeff", "\u2028", "\ufffd"];

    private readonly Random _random = new(20261129);

    [Fact]
    public void Readers_AlteredTexts_NeverThrowAndReadOnlyWhatTheyWrite()
    {
        var log = SampleLog.Whole();
        var good = Good(log);
        var count = TestCounts.Pick(reduced: 12_000, full: 3_000_000);
        var read = new SortedDictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < count; i++)
        {
            var text = Altered(good);
            foreach (var reader in Readers.Where(r => r.Reads(text))) read[reader.Name] = read.GetValueOrDefault(reader.Name) + 1;
            NeverVerifies(log, text);
        }
        TestReport.Line($"fuzzing of readers: {count} altered texts; read and written again as they were: {string.Join(", ", read.Select(r => $"{r.Key} {r.Value}"))}");
        // A fuzzer whose texts are all refused at the first byte tests little.
        Assert.All(Readers, r => Assert.True(read.GetValueOrDefault(r.Name) > 0, $"{r.Name}: no altered text is read"));
    }

    private static readonly (string Name, Func<byte[], bool> Reads)[] Readers =
    [
        ("canonical JSON", bytes =>
        {
            var isCanonical = CanonicalJson.IsCanonical(bytes);
            var isRead = CanonicalJson.TryParse(bytes, out var value, out var fault);
            Assert.True(isRead == (fault.Length == 0));
            Assert.Equal(isCanonical, isRead && CanonicalJson.Serialize(value).AsSpan().SequenceEqual(bytes));
            return isCanonical;
        }),
        ("note", bytes => SignedNote.TryParse(bytes, out var note, out _) && Same(note!.Format(), bytes)),
        ("checkpoint", bytes => Checkpoint.TryParse(Encoding.UTF8.GetString(bytes), out var checkpoint, out _) && Same(checkpoint!.Text, bytes)),
        ("key", bytes => NoteKey.TryParse(Encoding.UTF8.GetString(bytes), out var key, out _) && Same(key!.ToString(), bytes)),
        ("proof", bytes => InclusionProof.TryParse(Encoding.UTF8.GetString(bytes), out var proof, out _) && Same(proof!.Format(), bytes)),
        ("opening", bytes => Opening.TryRead(bytes, out var opening, out _) && Same(Encoding.UTF8.GetString(opening!.ToBytes()), bytes)),
        ("manifest", bytes => BundleManifest.TryParse(bytes, out var manifest, out _) && Same(Encoding.UTF8.GetString(manifest!.ToBytes()), bytes)),
        ("tree", bytes => CompactRange.FromBytes(bytes) is { } range && Same(Convert.ToHexString(range.ToBytes()), Encoding.UTF8.GetBytes(Convert.ToHexString(bytes)))),
    ];

    private static bool Same(string written, byte[] bytes)
    {
        Assert.Equal(Encoding.UTF8.GetString(bytes), written);
        return true;
    }

    /// <summary>As a line of the log, as its checkpoint, as an opening and as the checkpoint over a change of the key: nowhere does it throw.</summary>
    private static void NeverVerifies(SampleLog log, byte[] text)
    {
        var report = ReceiptVerifier.Verify(new([text, log.Lines[1]]) { Checkpoint = text, Key = log.Key, Verify = SampleLog.Verify, Rotations = [text], Openings = [text], Replay = SampleLog.Replay });
        Assert.Contains(report.Checks, c => c.Outcome == CheckOutcome.Failed);
    }

    private static List<byte[]> Good(SampleLog log)
    {
        var proof = new InclusionProof(log.Lines[3], 3, MerkleTree.Path(3, log.Lines.Length, log.Receipts.Select(r => Convert.FromHexString(r.Leaf))), Encoding.UTF8.GetString(log.Checkpoint(log.Lines.Length)));
        var range = new CompactRange();
        foreach (var receipt in log.Receipts) range.Append(receipt.Leaf);
        var files = new Dictionary<string, string> { [BundleManifest.ReceiptsFile] = new('0', 64), [BundleManifest.CheckpointFile] = new('1', 64) };
        List<string> texts =
        [
            proof.Format(), log.Key.ToString(), log.Next.ToString(), new Checkpoint(log.Log, 5, new('a', 64)).Text, Encoding.UTF8.GetString(log.Checkpoint(4)), Encoding.UTF8.GetString(log.Rotation()),
            Encoding.UTF8.GetString(new BundleManifest(log.Log, 5, new('a', 64), log.Key.ToString(), files).ToBytes()),
            """{"":[],"a":{"b":[null,true,false,-1,1.5,1e+21,1e-7,9007199254740992]},"é":"\u0000\u001f\"\\","😀":"","דּ":{}}""",
        ];
        texts.AddRange(log.Openings.Where(o => o.Value.Length < 1000).Select(o => Encoding.UTF8.GetString(o.ToBytes())));
        texts.AddRange(log.Lines.Select(Encoding.UTF8.GetString));
        return [.. texts.Select(Encoding.UTF8.GetBytes), range.ToBytes()];
    }

    private byte[] Altered(List<byte[]> good)
    {
        var text = good[_random.Next(good.Count)];
        for (var i = _random.Next(MostAlterations); i > 0; i--)
        {
            var (at, end) = (_random.Next(text.Length + 1), _random.Next(text.Length + 1));
            if (at > end) (at, end) = (end, at);
            var other = good[_random.Next(good.Count)];
            var from = _random.Next(other.Length);
            text = _random.Next(7) switch
            {
                0 when text.Length > 0 => Flipped(text),
                1 => [.. text[..at], .. text[Math.Min(text.Length, at + _random.Next(1, 5))..]],
                2 => [.. text[..at], .. Encoding.UTF8.GetBytes(Pieces[_random.Next(Pieces.Length)]), .. text[at..]],
                3 => [.. text[..end], .. text[at..Math.Min(end, at + 200)], .. text[end..]],
                4 => [.. text[..at], .. other[from..Math.Min(other.Length, from + _random.Next(100))], .. text[end..]],
                5 => text[..at],
                // A digit of hex, of base64 or of a number: what is read again as another value.
                _ => [.. text[..at], (byte)"0123456789abcdefABCXYZ+/"[_random.Next(24)], .. text[Math.Min(text.Length, at + 1)..]],
            };
        }
        return text;
    }

    private byte[] Flipped(byte[] text)
    {
        var flipped = (byte[])text.Clone();
        flipped[_random.Next(text.Length)] ^= (byte)(1 << _random.Next(8));
        return flipped;
    }
}
