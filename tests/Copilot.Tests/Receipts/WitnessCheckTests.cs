using System.Text;
using Copilot.Core.Receipts;
using NSec.Cryptography;
using Xunit;

namespace Copilot.Tests.Receipts;

public sealed class WitnessCheckTests
{
    private static readonly TestTree Log = new("copilot.example/log", 3, Enumerable.Range(0, 10).Select(TestTree.Leaf));

    private static WitnessKey Key(byte secret)
    {
        using var key = TestTree.KeyOf(secret);
        return new($"witness.example/w{secret}", key.PublicKey.Export(KeyBlobFormat.RawPublicKey));
    }

    /// <summary>A checkpoint that these witnesses cosigned, each an hour after the other.</summary>
    private static byte[] Cosigned(params byte[] secrets)
    {
        var note = Log.Checkpoint(10);
        foreach (var secret in secrets)
        {
            using var key = TestTree.KeyOf(secret);
            note = note with { Signatures = [.. note.Signatures, Key(secret).Cosign(note.Text, DateTimeOffset.UnixEpoch.AddHours(secret), m => SignatureAlgorithm.Ed25519.Sign(key, m))] };
        }
        return Encoding.UTF8.GetBytes(note.Format());
    }

    private static ReceiptCheck Check(byte[]? checkpoint, int needed, params byte[] keys) => WitnessCheck.Of(checkpoint, [.. keys.Select(Key)], needed, SampleLog.Verify);

    [Theory]
    [InlineData(1, CheckOutcome.Held)]
    [InlineData(2, CheckOutcome.Held)]
    [InlineData(3, CheckOutcome.Failed)]
    public void Of_TwoOfThreeCosigned_HoldsUpToTwo(int needed, CheckOutcome outcome)
    {
        var check = Check(Cosigned(5, 7, 9), needed, 5, 6, 7);

        Assert.Equal(("witnesses", outcome), (check.Name, check.Outcome));
        Assert.Contains("2 of 3 witnesses cosigned the checkpoint of 10 receipts, between 1970-01-01 05:00:00 UTC and 1970-01-01 07:00:00 UTC", check.Says);
    }

    [Fact]
    public void Of_OneKeyGivenTwice_CountsOnce() => Assert.Equal(CheckOutcome.Failed, Check(Cosigned(5), 2, 5, 5).Outcome);

    [Fact]
    public void Of_NoKeys_IsNotChecked() => Assert.Equal(CheckOutcome.NotChecked, Check(Cosigned(5), 1).Outcome);

    [Fact]
    public void Of_NoOrUnreadableCheckpoint_Fails()
    {
        Assert.Equal(CheckOutcome.Failed, Check(null, 1, 5).Outcome);
        Assert.Equal(CheckOutcome.Failed, Check([1, 2, 3], 1, 5).Outcome);
    }

    /// <summary>A cosignature moved to another checkpoint, and every bit of one.</summary>
    [Fact]
    public void Of_AlteredCosignature_Fails()
    {
        var note = Encoding.UTF8.GetString(Cosigned(5));
        Assert.Equal(CheckOutcome.Held, Check(Encoding.UTF8.GetBytes(note), 1, 5).Outcome);
        Assert.Equal(CheckOutcome.Failed, Check(Encoding.UTF8.GetBytes(Log.Checkpoint(9).Format() + note[note.LastIndexOf('\u2014')..]), 1, 5).Outcome);
        var bytes = Encoding.UTF8.GetBytes(note);
        for (var bit = 8 * Encoding.UTF8.GetByteCount(note[..note.LastIndexOf('\u2014')]); bit < bytes.Length * 8; bit++)
        {
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.Equal(CheckOutcome.Failed, Check(bytes, 1, 5).Outcome);
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
        }
    }
}
