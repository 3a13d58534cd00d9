using Copilot.Core.Receipts;
using Copilot.Tests.Support;
using Xunit;

namespace Copilot.Tests.Receipts;

/// <summary>One incident of a log, handed out without the others.</summary>
public sealed class ExcerptTests
{
    private static readonly SampleLog Log = SampleLog.Whole();
    private static readonly SealedReceipt[] Kept = [.. Log.Receipts.Where(r => r.Stream is "log" or "incident-1")];
    private static readonly IReadOnlyList<ReadOnlyMemory<byte>>[] Paths = [.. Kept.Select(r => MerkleTree.Path(r.Seq, Log.Receipts.Count, Log.Receipts.Select(l => Convert.FromHexString(l.Leaf))))];

    private static ReceiptVerification Verify(IEnumerable<byte[]> lines, IReadOnlyList<IReadOnlyList<ReadOnlyMemory<byte>>> paths, params TreeHead[] expected) => ReceiptVerifier.Verify(new(lines.Select(l => (ReadOnlyMemory<byte>)l))
    {
        Checkpoint = Log.Rotation(),
        Key = Log.Next,
        Verify = SampleLog.Verify,
        Paths = paths,
        Expected = expected,
    });

    private static IEnumerable<byte[]> Lines => Kept.Select(r => r.Bytes.ToArray());

    private static IEnumerable<string> Failed(ReceiptVerification report) => report.Checks.Where(c => c.Outcome == CheckOutcome.Failed).Select(c => c.Name);

    [Fact]
    public void Verify_OneStreamWithItsPaths_HoldsAndSaysWhatItCannotKnow()
    {
        Assert.True(Kept.Length < Log.Receipts.Count);
        var report = Verify(Lines, Paths, Log.Head(Log.Receipts.Count), Log.Head(3));
        Assert.Empty(Failed(report));
        Assert.Equal(["head", "excerpt", "openings", "policy"], report.Checks.Where(c => c.Outcome == CheckOutcome.NotChecked).Select(c => c.Name));
        Assert.Equal((Log.Receipts.Count, Log.Head(Log.Receipts.Count).Root), (report.Receipts, report.Root));
    }

    [Fact]
    public void Verify_AnyBitOfAReceiptOrPathFlipped_IsReported()
    {
        var bits = Kept.SelectMany((receipt, at) => Enumerable.Range(0, receipt.Bytes.Length * 8).Select(bit => (At: at, Bit: bit, InPath: false)))
            .Concat(Paths.SelectMany((path, at) => Enumerable.Range(0, path.Count * 256).Select(bit => (At: at, Bit: bit, InPath: true)))).ToList();
        var tried = TestCounts.Pick(reduced: 2000, full: bits.Count);
        for (var i = 0; i < tried; i++)
        {
            var (at, bit, inPath) = bits[(int)((long)i * bits.Count / tried)];
            if (inPath)
            {
                var path = Paths[at].Select(h => h.ToArray()).ToList();
                path[bit / 256][bit % 256 / 8] ^= (byte)(1 << bit % 8);
                Assert.Contains("inclusion", Failed(Verify(Lines, [.. Paths[..at], path.ConvertAll(h => (ReadOnlyMemory<byte>)h), .. Paths[(at + 1)..]])));
                continue;
            }
            var lines = Lines.ToArray();
            lines[at][bit / 8] ^= (byte)(1 << bit % 8);
            Assert.True(Failed(Verify(lines, Paths)).Any(), $"receipt {at}, bit {bit}");
        }
    }

    [Fact]
    public void Verify_ReceiptLeftOut_IsReportedUnlessItIsTheLastOfItsStream()
    {
        for (var at = 0; at < Kept.Length; at++)
        {
            var report = Verify(Lines.Where((_, i) => i != at), [.. Paths[..at], .. Paths[(at + 1)..]]);
            var isLast = !Kept[(at + 1)..].Any(r => r.Stream == Kept[at].Stream);
            Assert.True(isLast || Failed(report).Any(), $"{at}");
        }
        Assert.Contains("inclusion", Failed(Verify(Lines.Take(3), Paths)));
        Assert.Contains("inclusion", Failed(Verify(Lines, Paths[..3])));
        Assert.Contains("sequence", Failed(Verify(Lines.Reverse(), [.. Paths.Reverse()])));
    }

    [Fact]
    public void Verify_OtherHeadOfThatSize_IsReported() => Assert.Contains("head", Failed(Verify(Lines, Paths, SampleLog.Full(2).Head(5) with { Size = Log.Receipts.Count })));
}
