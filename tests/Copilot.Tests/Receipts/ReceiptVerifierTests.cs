using System.Text;
using Copilot.Core.Receipts;
using Copilot.Tests.Support;
using CsCheck;
using Xunit;

namespace Copilot.Tests.Receipts;

public sealed class ReceiptVerifierTests
{
    private static CheckOutcome Outcome(ReceiptVerification report, string name) => report.Checks.Single(c => c.Name == name).Outcome;

    private static IEnumerable<string> Failed(ReceiptVerification report) => report.Checks.Where(c => c.Outcome == CheckOutcome.Failed).Select(c => c.Name);

    [Fact]
    public void Verify_WholeLog_HoldsInEveryCheck()
    {
        var log = SampleLog.Full();
        var report = log.Verify(log.Lines, log.Checkpoint(14), log.Head(14), log.Head(5), log.Head(0));
        Assert.All(report.Checks, c => Assert.True(c.Outcome == (c.Name == "policy" ? CheckOutcome.NotChecked : CheckOutcome.Held), $"{c.Name}: {c.Says}"));
        Assert.Equal(
            ["form", "opening", "sequence", "ids", "chain", "refs", "results", "root", "signature", "head", "head", "head", "unsigned", "truncation", "keys", "openings", "policy", "approval"],
            report.Checks.Select(c => c.Name));
        Assert.Contains("1 of 2 tool calls", report.Checks.Single(c => c.Name == "results").Says);
        Assert.Equal((14, SampleLog.Name, log.Head(14).Root, log.Key.ToString()), (report.Receipts, report.Log, report.Root, report.Key));
    }

    [Fact]
    public void Verify_NothingToCompareWith_SaysSo()
    {
        var log = SampleLog.Full();
        var report = ReceiptVerifier.Verify(new(log.Lines.Select(l => (ReadOnlyMemory<byte>)l)));
        Assert.True(report.Held);
        Assert.Equal(["root", "signature", "unsigned", "truncation", "policy"], report.Checks.Where(c => c.Outcome == CheckOutcome.NotChecked).Select(c => c.Name));
        Assert.Contains("14 receipts from 0", report.Checks.Single(c => c.Name == "unsigned").Says);
    }

    [Fact]
    public void Verify_OlderCheckpoint_SaysWhatItDoesNotCover()
    {
        var log = SampleLog.Full();
        var report = log.Verify(log.Lines, log.Checkpoint(7));
        Assert.True(report.Held);
        Assert.Equal(7, report.Checks.Single(c => c.Name == "unsigned").Seq);
        Assert.Equal(CheckOutcome.NotChecked, Outcome(report, "truncation"));
        // Replayed with the log cut to it, only a head kept elsewhere tells.
        Assert.True(log.Verify(log.Lines.Take(7), log.Checkpoint(7)).Held);
        Assert.Equal(["head", "truncation"], Failed(log.Verify(log.Lines.Take(7), log.Checkpoint(7), log.Head(14))));
    }

    /// <summary>Every bit of every receipt: the checkpoint's root alone finds it, and form or chain tell where.</summary>
    [Fact]
    public void Verify_AnyBitOfAReceiptFlipped_IsReported()
    {
        var log = SampleLog.Full();
        var (lines, checkpoint) = (log.Lines, log.Checkpoint(14));
        var bits = lines.SelectMany((line, seq) => Enumerable.Range(0, line.Length * 8).Select(bit => (Seq: seq, Bit: bit))).ToList();
        var tried = TestCounts.Pick(reduced: 2001, full: bits.Count);
        for (var i = 0; i < tried; i++)
        {
            var (seq, bit) = bits[(int)((long)i * bits.Count / tried)];
            lines[seq][bit / 8] ^= (byte)(1 << bit % 8);
            var report = log.Verify(lines, checkpoint);
            lines[seq][bit / 8] ^= (byte)(1 << bit % 8);
            Assert.True(Outcome(report, "root") == CheckOutcome.Failed, $"receipt {seq}, bit {bit}");
        }
        Assert.True(log.Verify(lines, checkpoint).Held);
    }

    /// <summary>Without any signature the chain still finds it, unless the receipt is the last of its stream and of no reference.</summary>
    [Fact]
    public void Verify_BitOfAChainedReceiptFlippedWithoutCheckpoint_IsReported()
    {
        var log = SampleLog.Full();
        var lines = log.Lines;
        var tried = TestCounts.Pick(reduced: 1000, full: lines[3].Length * 8);
        for (var i = 0; i < tried; i++)
        {
            var bit = (int)((long)i * lines[3].Length * 8 / tried);
            lines[3][bit / 8] ^= (byte)(1 << bit % 8);
            Assert.False(log.Verify(lines).Held, $"bit {bit}");
            lines[3][bit / 8] ^= (byte)(1 << bit % 8);
        }
    }

    [Fact]
    public void Verify_AnyBitOfTheCheckpointFlipped_IsReported()
    {
        var log = SampleLog.Full();
        var checkpoint = log.Checkpoint(14);
        for (var bit = 0; bit < checkpoint.Length * 8; bit++)
        {
            checkpoint[bit / 8] ^= (byte)(1 << bit % 8);
            Assert.True(Outcome(log.Verify(log.Lines, checkpoint), "signature") == CheckOutcome.Failed, $"bit {bit}");
            checkpoint[bit / 8] ^= (byte)(1 << bit % 8);
        }
    }

    [Fact]
    public void Verify_AnyReceiptRemoved_IsReportedAtItsPlace()
    {
        var log = SampleLog.Full();
        for (var seq = 0; seq < 10; seq++)
        {
            var report = log.Verify(log.Lines.Where((_, i) => i != seq));
            Assert.True(report.Checks.Single(c => c.Name == "sequence") is { Outcome: CheckOutcome.Failed } check && check.Seq == seq, $"{seq}");
            Assert.Contains("root", Failed(log.Verify(log.Lines.Where((_, i) => i != seq), log.Checkpoint(14))));
        }
    }

    [Fact]
    public void Verify_AnyPairSwappedOrReversed_IsReported()
    {
        var log = SampleLog.Full();
        for (var a = 0; a < 14; a++)
        {
            for (var b = a + 1; b < 14; b++)
            {
                var lines = log.Lines;
                (lines[a], lines[b]) = (lines[b], lines[a]);
                Assert.Contains("sequence", Failed(log.Verify(lines)));
                Assert.Contains("root", Failed(log.Verify(lines, log.Checkpoint(14))));
                Assert.Contains("head", Failed(log.Verify(lines, null, log.Head(14))));
            }
        }
        Assert.Contains("sequence", Failed(log.Verify(log.Lines.Reverse())));
    }

    [Fact]
    public void Verify_CutToAnyLength_IsReportedAgainstAKeptHead()
    {
        var log = SampleLog.Full();
        for (var length = 0; length < 14; length++)
        {
            var report = log.Verify(log.Lines.Take(length), length == 0 ? null : log.Checkpoint(length), log.Head(14));
            Assert.Contains("head", Failed(report));
            Assert.Contains("truncation", Failed(report));
            Assert.Contains("root", Failed(log.Verify(log.Lines.Take(length), log.Checkpoint(14))));
        }
    }

    [Fact]
    public void Verify_ReceiptRepeatedOrAdded_IsReported()
    {
        var log = SampleLog.Full();
        for (var seq = 0; seq < 14; seq++) Assert.Contains("sequence", Failed(log.Verify([.. log.Lines.Take(seq + 1), log.Lines[seq], .. log.Lines.Skip(seq + 1)])));
        Assert.Contains("form", Failed(log.Verify([.. log.Lines, []])));
        Assert.Contains("form", Failed(log.Verify([.. log.Lines, "{}"u8.ToArray()])));
    }

    [Fact]
    public void Verify_TwoLogsMixed_IsReported()
    {
        var (log, other) = (SampleLog.Full(), SampleLog.Full(2, "copilot.local/other"));
        for (var seq = 0; seq < 14; seq++)
        {
            var lines = log.Lines;
            lines[seq] = other.Lines[seq];
            Assert.Contains("form", Failed(log.Verify(lines)));
        }
        Assert.Contains("opening", Failed(log.Verify(other.Lines)));
        Assert.Contains("root", Failed(log.Verify(log.Lines, other.Checkpoint(14))));
        Assert.Contains("signature", Failed(log.Verify(log.Lines, other.Checkpoint(14))));
    }

    /// <summary>The name, the ids and the times are the same; only what was recorded differs.</summary>
    [Fact]
    public void Verify_ForkOfTheSameLog_IsReported()
    {
        var (log, fork) = (new SampleLog().Open(), new SampleLog().Open());
        log.Result("reads", "call-1", log.Intent("reads", "call-1"));
        fork.Result("reads", "call-x", fork.Intent("reads", "call-x"));
        Assert.Equal(["head"], Failed(log.Verify(fork.Lines, fork.Checkpoint(3), log.Head(3))));
        Assert.Equal(["root"], Failed(log.Verify(fork.Lines, log.Checkpoint(3))));
    }

    [Fact]
    public void Verify_ResultsThatDoNotFitTheirIntent_AreReported()
    {
        Assert.Equal(["results"], Failed(Of(l => l.Result("reads", "call-1"))));
        Assert.Equal(["results"], Failed(Of(l => l.Result("reads", "call-2", l.Intent("reads", "call-1")))));
        Assert.Equal(["results"], Failed(Of(l => l.Result("incident-1", "call-1", l.Intent("reads", "call-1")))));
        Assert.Equal(["results"], Failed(Of(l => l.Result("reads", "call-1", l.Receipts[0].Ref))));
        Assert.Equal(["results"], Failed(Of(l =>
        {
            var intent = l.Intent("reads", "call-1");
            l.Result("reads", "call-1", intent);
            l.Result("reads", "call-1", intent);
        })));
        Assert.Empty(Failed(Of(l => l.Result("reads", "call-1", l.Intent("reads", "call-1")))));

        static ReceiptVerification Of(Action<SampleLog> add)
        {
            var log = new SampleLog().Open();
            add(log);
            return log.Verify(log.Lines);
        }
    }

    [Fact]
    public void Verify_ReferencesThatDoNotResolve_AreReported()
    {
        var log = new SampleLog().Open();
        var intent = log.Intent("reads", "call-1");
        log.Result("reads", "call-1", intent with { Leaf = new string('0', 64) });
        Assert.Equal(["refs"], Failed(log.Verify(log.Lines)));
        log.Result("reads", "call-1", intent with { Id = Ulid.Create(DateTimeOffset.UnixEpoch, new byte[10]) });
        Assert.Equal(["refs", "results"], Failed(log.Verify(log.Lines)));
    }

    [Fact]
    public void Verify_IdThatIsThereTwice_IsReported()
    {
        var log = new SampleLog().Open();
        log.Intent("reads", "call-1");
        var twin = log.Receipts[1];
        var text = Encoding.UTF8.GetString(twin.Bytes)
            .Replace("\"stream_seq\":0", "\"stream_seq\":1").Replace("\"seq\":1", "\"seq\":2").Replace("\"prev\":null", $"\"prev\":\"{twin.Leaf}\"");
        Assert.Equal(["ids"], Failed(log.Verify([.. log.Lines, Encoding.UTF8.GetBytes(text)])));
    }

    [Fact]
    public void Verify_LogThatDoesNotOpen_IsReported()
    {
        Assert.Equal(["opening"], Failed(new SampleLog().Verify([])));
        var log = new SampleLog();
        log.Intent("reads", "call-1");
        Assert.Equal(["opening"], Failed(log.Verify(log.Lines)));
        var twice = new SampleLog().Open().Open();
        Assert.Equal(["sequence"], Failed(twice.Verify(twice.Lines)));
    }

    [Fact]
    public void Verify_HeadThatIsNone_Fails()
    {
        var log = SampleLog.Full();
        Assert.Contains("head", Failed(log.Verify(log.Lines, null, new TreeHead(-1, log.Head(1).Root, "x"))));
        Assert.Contains("head", Failed(log.Verify(log.Lines, null, new TreeHead(1, "xyz", "x"))));
        Assert.Contains("head", Failed(log.Verify(log.Lines, null, log.Head(14) with { Size = 10 })));
    }

    /// <summary>What comes from the file is shown in printable ASCII only.</summary>
    [Fact]
    public void Verify_HostileNames_AreNotShownAsTheyStand()
    {
        var log = new SampleLog().Open();
        var hostile = new SampleLog(2, "copilot.local/\u202eevil");
        hostile.Intent("reads", "\u001b[31m");
        var says = string.Concat(log.Verify([.. log.Lines, .. hostile.Lines]).Checks.Select(c => c.Says));
        Assert.DoesNotContain('\u202e', says);
        Assert.Contains("evil", says);
    }

    [Fact]
    public void Verify_Garbage_NeverThrowsAndNeverHolds()
    {
        var log = SampleLog.Full();
        var mutated = Gen.Select(Gen.Int[0, 10], Gen.Int[0, 400], Gen.Byte.Array[0, 20]).Select((seq, at, bytes) =>
        {
            var line = log.Lines[seq];
            at = Math.Min(at, line.Length);
            return (byte[])[.. line[..at], .. bytes, .. line[at..].Skip(bytes.Length / 2)];
        });
        Gen.OneOf(Gen.Byte.Array[0, 200], mutated).Array[1, 5].Sample(garbage =>
        {
            byte[][] lines = [.. log.Lines, .. garbage];
            if (garbage.Any(g => !log.Lines.Any(l => l.AsSpan().SequenceEqual(g)))) Assert.False(log.Verify(lines, garbage[0], log.Head(14)).Held);
        }, iter: TestCounts.Pick(reduced: 3000, full: 50_000));
    }
}
