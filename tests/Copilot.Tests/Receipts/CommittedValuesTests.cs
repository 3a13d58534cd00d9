using System.Text;
using Copilot.Core.Receipts;
using Copilot.Tests.Support;
using Xunit;

namespace Copilot.Tests.Receipts;

public sealed class CommittedValuesTests
{
    private static readonly SampleLog Log = SampleLog.Whole();

    /// <summary>Those that nothing removed.</summary>
    private static readonly byte[][] Lines = [.. Log.Openings.Where(o => o.Pointer is not ("/body/note" or "/body/arguments")).Select(o => o.ToBytes())];

    private static ReceiptVerification Verify(IEnumerable<byte[]>? openings, bool whole = false, ReplayPolicy? replay = null) => ReceiptVerifier.Verify(new(Log.Lines.Select(l => (ReadOnlyMemory<byte>)l))
    {
        Checkpoint = Log.Rotation(),
        Key = Log.Key,
        Verify = SampleLog.Verify,
        Rotations = [Log.Rotation()],
        Openings = openings?.Select(o => (ReadOnlyMemory<byte>)o),
        OpeningsAreWhole = whole,
        Replay = replay ?? SampleLog.Replay,
    });

    private static ReceiptCheck Check(ReceiptVerification report, string name = "openings") => report.Checks.Single(c => c.Name == name);

    [Fact]
    public void Verify_AllValuesThatAreLeft_HoldsAndTellsWhatWasRemoved()
    {
        var report = Verify(Lines, whole: true);
        Assert.Equal([], report.Checks.Where(c => c.Outcome == CheckOutcome.Failed).Select(c => c.Says));
        Assert.Contains($"{Lines.Length} of {Lines.Length + 2} values are here", Check(report).Says);
        Assert.Contains("2 were removed", Check(report).Says);
        Assert.Contains("by os:alice: asked for", Check(report).Says);
        Assert.Contains("1 of 2 decisions were decided again", Check(report, "policy").Says);
    }

    [Fact]
    public void Verify_SomeValues_HoldsAndCountsTheOthers()
    {
        Assert.Contains($"{Lines.Length - 1} were not handed out", Check(Verify(Lines.Take(1))).Says);
        Assert.Equal(CheckOutcome.NotChecked, Check(Verify(null)).Outcome);
        Assert.Equal(CheckOutcome.Failed, Check(Verify(Lines.Take(1), whole: true)).Outcome);
    }

    /// <summary>Every bit of the short ones; of the long one each that stands near an end of a part, and some between.</summary>
    [Fact]
    public void Verify_AnyBitOfAnOpeningFlipped_IsReported()
    {
        var flipped = 0;
        for (var line = 0; line < Lines.Length; line++)
        {
            var bits = Lines[line].Length * 8;
            for (var bit = 0; bit < bits; bit += bits < 8000 || bit < 2000 || bit > bits - 2000 ? 1 : TestCounts.Pick(reduced: 4001, full: 97))
            {
                var lines = Lines.Select(l => l.ToArray()).ToArray();
                lines[line][bit / 8] ^= (byte)(1 << bit % 8);
                Assert.True(Check(Verify(lines)).Outcome == CheckOutcome.Failed, $"line {line}, bit {bit}");
                flipped++;
            }
        }
        Assert.True(flipped > 1000);
    }

    [Fact]
    public void Verify_OpeningMovedDoubledOrOfAnotherLog_IsReported()
    {
        var openings = Log.Openings.ToList();
        var policy = openings.First(o => o.Pointer == "/body/policy");
        foreach (var other in openings.Where(o => o != policy))
            Assert.Equal(CheckOutcome.Failed, Check(Verify([(policy with { Receipt = other.Receipt, Pointer = other.Pointer }).ToBytes()])).Outcome);
        Assert.Contains("two values", Check(Verify([policy.ToBytes(), policy.ToBytes()])).Says);
        Assert.Contains("nothing here commits", Check(Verify([(policy with { Pointer = "/body/other" }).ToBytes()])).Says);
        // The same value and salt in a log of another name give another hash.
        Assert.NotEqual(FieldCommitment.Of(Log.Log, policy.Receipt, policy.Pointer, policy.Salt.Span, policy.Value.Span), FieldCommitment.Of("other", policy.Receipt, policy.Pointer, policy.Salt.Span, policy.Value.Span));
    }

    [Fact]
    public void Verify_DecisionThatComesOutOtherwise_IsReported()
    {
        Assert.Equal(CheckOutcome.Held, Check(Verify(Lines), "policy").Outcome);
        Assert.Contains("says deny by default, and its policy says allow by default", Fault(new(null, SampleLog.Digest, "allow", ["default"])));
        Assert.Contains("by other", Fault(new(null, SampleLog.Digest, "deny", ["other"])));
        Assert.Contains("another digest", Fault(new(null, "sha256:0", "deny", ["default"])));
        Assert.Contains("cannot be decided again: no such fact", Fault(new("no such fact", "", "", [])));

        static string Fault(ReplayedDecision again)
        {
            var check = Check(Verify(Lines, replay: (_, _) => again), "policy");
            Assert.Equal(CheckOutcome.Failed, check.Outcome);
            return check.Says;
        }
    }

    /// <summary>What was decided on a fact that is masked now cannot be decided again, and is no fault.</summary>
    [Theory]
    [InlineData("/body/facts/note")]
    [InlineData("/body/policy")]
    public void Verify_DecisionOnWhatIsMasked_IsNotDecidedAgain(string masked)
    {
        var log = new SampleLog().Open();
        log.Add(new(ReceiptType.PolicyDecided, "incident-1", "s", SampleLog.Body($$"""{"plan":"{{SampleLog.Digest}}","step":0,"facts":{"note":"x"},"effect":"deny"}"""))
        {
            Policy = new(SampleLog.Digest, "deny", ["default"]),
            Committed = [new("/body/policy", SampleLog.PolicyText)],
            Masked = [new(masked, ["token"])],
        });
        var report = ReceiptVerifier.Verify(new(log.Lines.Select(l => (ReadOnlyMemory<byte>)l)) { Openings = log.Openings.Select(o => (ReadOnlyMemory<byte>)o.ToBytes()), Replay = (_, _) => new("not to be asked", "", "", []) });
        Assert.Equal(CheckOutcome.NotChecked, Check(report, "policy").Outcome);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("{\"pointer\":\"/body/note\",\"receipt\":\"01KJMMA2G00000000000000000\",\"salt\":\"00\",\"value\":1}")]
    [InlineData("{ \"pointer\":\"/body/note\"}")]
    [InlineData("\u0000")]
    public void TryRead_AnythingElse_IsRefused(string line)
    {
        Assert.False(Opening.TryRead(Encoding.UTF8.GetBytes(line), out _, out var fault));
        Assert.NotEqual("", fault);
        Assert.Equal(CheckOutcome.Failed, Check(Verify([Encoding.UTF8.GetBytes(line)])).Outcome);
    }

    /// <summary>
    /// Computed apart, in Python: <c>sha256(b"copilot-receipt/1/field\0" + b"log\0id\0/body/note\0" + bytes(range(32)) + b'"a"')</c>, and for the long one, of 'b' between quotes,
    /// <c>sha256(b"copilot-receipt/1/chunks\0" + b"log\0id\0/body/note\0" + bytes(range(32)) + struct.pack(">q", 100002) + node(leaf(v[:65536]), leaf(v[65536:])))</c>.
    /// </summary>
    [Theory]
    [InlineData("a", 1, "ea5d1a6f008f3d2c88f6cdd49ebe99a9156740f8906b5d25e0bf9c42c1ce87d1")]
    [InlineData("b", 100_000, "952ef4e515fbdae7e54ce5946239198960ababce2eee561900579748b8eb6abc")]
    public void Of_KnownValues_GiveKnownHashes(string letter, int times, string expected)
    {
        var value = Encoding.UTF8.GetBytes($"\"{string.Concat(Enumerable.Repeat(letter, times))}\"");
        Assert.Equal(expected, Convert.ToHexStringLower(FieldCommitment.Of("log", "id", "/body/note", [.. Enumerable.Range(0, 32).Select(i => (byte)i)], value)));
    }

    [Fact]
    public void Chunks_OfAnyLength_GiveTheValueAgain()
    {
        foreach (var length in new[] { 0, 1, FieldCommitment.ChunkBytes - 1, FieldCommitment.ChunkBytes, FieldCommitment.ChunkBytes + 1, (3 * FieldCommitment.ChunkBytes) + 5 })
        {
            var value = Enumerable.Range(0, length).Select(i => (byte)(i % 251)).ToArray();
            var chunks = FieldCommitment.Chunks(value).ToList();
            Assert.Equal(value, chunks.SelectMany(c => c.ToArray()));
            Assert.All(chunks, c => Assert.InRange(c.Length, length == 0 ? 0 : 1, FieldCommitment.ChunkBytes));
        }
    }
}
