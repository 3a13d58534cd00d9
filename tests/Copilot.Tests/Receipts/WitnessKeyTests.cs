using Copilot.Core.Receipts;
using NSec.Cryptography;
using Xunit;

namespace Copilot.Tests.Receipts;

public sealed class WitnessKeyTests
{
    /// <summary>Key and line made with OpenSSL from the private key 0x07 x 32, by the words of the specification.</summary>
    private const string Known = "witness.example/w1+aa4a09d1+BOpKbGPinFIKvvVQexMuxfmVR3auvr57kkIe6mkURtIs";

    private const string Text = "copilot.example/log\n5\nERERERERERERERERERERERERERERERERERERERERERE=\n";
    private const string Line = "\u2014 witness.example/w1 qkoJ0QAAAABqsTuAINWylnZvXNnaHoISRdfZGloTG3Jj2cW7tMrlo0daIpICvTnroXu3xY7VDd/ZhoY/pwHOGqqN/EPqA6jLV9/LBg==\n";

    private static readonly DateTimeOffset At = DateTimeOffset.FromUnixTimeSeconds(1790000000);

    private static WitnessKey Key => WitnessKey.TryParse(Known, out var key, out var fault) ? key! : throw new InvalidOperationException(fault);

    [Fact]
    public void Cosign_KnownKeyTextAndTime_IsTheKnownLine()
    {
        using var secret = TestTree.KeyOf(7);
        var key = new WitnessKey("witness.example/w1", secret.PublicKey.Export(KeyBlobFormat.RawPublicKey));

        Assert.Equal(Known, key.ToString());
        Assert.Equal(Key, key);
        Assert.Equal(Line, SignedNote.Line(key.Cosign(Text, At.AddMilliseconds(999), m => SignatureAlgorithm.Ed25519.Sign(secret, m))));
    }

    [Fact]
    public void CosignedAt_KnownLine_IsItsTimeAndNoOtherTextHolds()
    {
        Assert.True(SignedNote.TryParse($"{Text}\n{Line}", out var note, out var fault), fault);

        Assert.Equal(At, Key.CosignedAt(note!, SampleLog.Verify));
        Assert.Null(Key.CosignedAt(note! with { Text = Text.Replace('5', '6') }, SampleLog.Verify));
        Assert.Null(Key.CosignedAt(note! with { Text = Text + "more\n" }, SampleLog.Verify));
        Assert.Null(new WitnessKey("witness.example/w2", Key.PublicKey.Span).CosignedAt(note!, SampleLog.Verify));
    }

    [Fact]
    public void CosignedAt_AnyBitOfTheSignatureFlipped_IsNull()
    {
        Assert.True(SignedNote.TryParse($"{Text}\n{Line}", out var note, out _));
        var signature = note!.Signatures[0];
        for (var bit = 0; bit < signature.Signature.Length * 8; bit++)
        {
            var bytes = signature.Signature.ToArray();
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.Null(Key.CosignedAt(note with { Signatures = [signature with { Signature = bytes }] }, SampleLog.Verify));
        }
        Assert.Null(Key.CosignedAt(note with { Signatures = [signature with { Signature = signature.Signature[..^1] }] }, SampleLog.Verify));
    }

    /// <summary>A log's signature without a time is no cosignature, though its key were the same.</summary>
    [Fact]
    public void CosignedAt_OrdinarySignature_IsNull()
    {
        using var secret = TestTree.KeyOf(7);
        var log = new TestTree(Key.Name, 7, []);
        var note = log.Signed(Text);

        Assert.Null(Key.CosignedAt(note, SampleLog.Verify));
        Assert.Null(Key.CosignedAt(note with { Signatures = [note.Signatures[0] with { KeyId = Key.Id }] }, SampleLog.Verify));
    }

    [Fact]
    public void Cosign_TimeBefore1970_Throws() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Key.Cosign(Text, DateTimeOffset.UnixEpoch.AddSeconds(-1), _ => new byte[64]));

    [Theory]
    [InlineData("")]
    [InlineData("witness.example/w1+aa4a09d2+BOpKbGPinFIKvvVQexMuxfmVR3auvr57kkIe6mkURtIs")]
    [InlineData("witness.example/w2+aa4a09d1+BOpKbGPinFIKvvVQexMuxfmVR3auvr57kkIe6mkURtIs")]
    [InlineData("witness.example/w1+AA4A09D1+BOpKbGPinFIKvvVQexMuxfmVR3auvr57kkIe6mkURtIs")]
    [InlineData("witness.example/w1+aa4a09d1+BOpKbGPinFIKvvVQexMuxfmVR3auvr57kkIe6mkURtIs\n")]
    [InlineData("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")]
    public void TryParse_FaultyText_IsRefused(string text)
    {
        Assert.False(WitnessKey.TryParse(text, out var key, out var fault));
        Assert.Null(key);
        Assert.NotEmpty(fault);
    }

    [Fact]
    public void TryParse_KeyOfALog_SaysSo()
    {
        Assert.False(WitnessKey.TryParse("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW", out _, out var fault));
        Assert.Contains("a log's, and not of type 4", fault);
        Assert.False(NoteKey.TryParse(Known, out _, out fault));
        Assert.Contains("a witness's, and not of type 1", fault);
    }
}
