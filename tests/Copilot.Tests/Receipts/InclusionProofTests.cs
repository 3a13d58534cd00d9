using System.Text;
using Copilot.Core.Receipts;
using Xunit;

namespace Copilot.Tests.Receipts;

public sealed class InclusionProofTests
{
    private static readonly SampleLog Sample = SampleLog.Full();

    [Fact]
    public void Verify_EveryReceiptOfTheLog_Holds()
    {
        for (var i = 0; i < Sample.Lines.Length; i++)
        {
            Assert.True(InclusionProof.TryParse(Proof(i).Format(), out var proof, out var fault), fault);
            var report = ProofVerifier.Verify(proof!, Sample.Key, SampleLog.Verify, [Sample.Head(Sample.Lines.Length)]);

            Assert.Equal(["form", "place", "inclusion", "signature", "head", "log"], report.Checks.Select(c => c.Name));
            Assert.Equal(["log"], report.Checks.Where(c => c.Outcome != CheckOutcome.Held).Select(c => c.Name));
            Assert.Equal((i, Sample.Lines.Length), (report.Receipt!.Seq, report.Checkpoint!.Size));
        }
    }

    /// <summary>A proof is text: each bit of it is flipped.</summary>
    [Fact]
    public void Verify_EverySingleBitFlip_IsNotHeld()
    {
        var whole = Encoding.UTF8.GetBytes(Proof(3).Format());
        var undetected = new List<int>();
        for (var bit = 0; bit < whole.Length * 8; bit++)
        {
            byte[] flipped = [.. whole];
            flipped[bit / 8] ^= (byte)(1 << bit % 8);
            if (InclusionProof.TryParse(Encoding.UTF8.GetString(flipped), out var proof, out _)
                && ProofVerifier.Verify(proof!, Sample.Key, SampleLog.Verify, []).Checks.All(c => c.Outcome != CheckOutcome.Failed)) undetected.Add(bit);
        }
        Assert.Empty(undetected);
    }

    [Fact]
    public void Verify_WhatDoesNotBelongTogether_FailsByName()
    {
        var proof = Proof(3);
        var other = new SampleLog(2, "copilot.local/01K0SAMP1E0000000000000001").Open();

        Assert.Equal(["place", "inclusion"], Failed(proof with { Index = 4 }));
        Assert.Equal(["inclusion"], Failed(proof with { Path = [.. proof.Path.Reverse()] }));
        Assert.Equal(["inclusion"], Failed(proof with { Path = [] }));
        Assert.Equal(["place", "inclusion"], Failed(proof with { Receipt = Sample.Lines[4] }));
        Assert.Equal(["form", "place", "inclusion"], Failed(proof with { Receipt = default }));
        Assert.Equal(["form", "place", "inclusion"], Failed(proof with { Receipt = (byte[])[.. Sample.Lines[3], 32] }));
        Assert.Equal(["inclusion"], Failed(proof with { Checkpoint = Encoding.UTF8.GetString(Sample.Checkpoint(2)) }));
        Assert.Equal(["place", "inclusion", "signature"], Failed(proof with { Checkpoint = Encoding.UTF8.GetString(other.Checkpoint(1)) }));
        Assert.Equal(["inclusion", "signature"], Failed(proof with { Checkpoint = "no checkpoint" }));
        Assert.Equal(["head"], Failed(proof, new TreeHead(Sample.Lines.Length, new string('0', 64), "keeper")));
        Assert.Equal(["signature"], ProofVerifier.Verify(proof, other.Key, SampleLog.Verify, []).Checks.Where(c => c.Outcome == CheckOutcome.Failed).Select(c => c.Name));
        Assert.Equal(["signature", "head", "log"], ProofVerifier.Verify(proof, null, null, [Sample.Head(2)]).Checks.Where(c => c.Outcome == CheckOutcome.NotChecked).Select(c => c.Name));
    }

    [Theory]
    [InlineData("", "no empty line")]
    [InlineData("c2sp.org/tlog-proof@v2\nindex 1\n\n", "first line")]
    [InlineData("c2sp.org/tlog-proof@v1\n\n", "index")]
    [InlineData("c2sp.org/tlog-proof@v1\nindex 01\n\n", "no number")]
    [InlineData("c2sp.org/tlog-proof@v1\nindex -1\n\n", "no number")]
    [InlineData("c2sp.org/tlog-proof@v1\nindex 9223372036854775808\n\n", "no number")]
    [InlineData("c2sp.org/tlog-proof@v1\nextra !\nindex 1\n\n", "base64")]
    [InlineData("c2sp.org/tlog-proof@v1\nextra \nindex 1\n\n", "base64")]
    [InlineData("c2sp.org/tlog-proof@v1\nindex 1\nAAAA\n\n", "hash 1")]
    public void TryParse_OtherForms_AreRefused(string text, string because)
    {
        Assert.False(InclusionProof.TryParse(text, out _, out var fault));
        Assert.Contains(because, fault);
    }

    private static InclusionProof Proof(int index) =>
        new(Sample.Lines[index], index, MerkleTree.Path(index, Sample.Lines.Length, Sample.Receipts.Select(r => Convert.FromHexString(r.Leaf))), Encoding.UTF8.GetString(Sample.Checkpoint(Sample.Lines.Length)));

    private static IEnumerable<string> Failed(InclusionProof proof, params TreeHead[] expected) =>
        ProofVerifier.Verify(proof, Sample.Key, SampleLog.Verify, expected).Checks.Where(c => c.Outcome == CheckOutcome.Failed).Select(c => c.Name);
}
