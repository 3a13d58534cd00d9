using Copilot.Core.Receipts;
using CsCheck;
using Xunit;

namespace Copilot.Tests.Receipts;

public sealed class SignedNoteTests
{
    /// <summary>Keys and note of the documentation of golang.org/x/mod/sumdb/note, where the format comes from.</summary>
    private const string Neumann = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";

    private const string Enoch = "EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop";

    private const string Known = """
        If you think cryptography is the answer to your problem,
        then you don't know what your problem is.

        — PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=
        — EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33WWd1RvMc+QQ=

        """;

    [Theory]
    [InlineData(Neumann)]
    [InlineData(Enoch)]
    public void IsSignedBy_KnownNote_Holds(string vkey)
    {
        Assert.True(NoteKey.TryParse(vkey, out var key, out _));
        Assert.Equal(vkey, key!.ToString());
        Assert.True(SignedNote.TryParse(Known, out var note, out _));
        Assert.True(note!.IsSignedBy(key, SampleLog.Verify));
        Assert.Equal(Known, note.Format());
        Assert.False((note with { Text = note.Text.Replace("you", "I") }).IsSignedBy(key, SampleLog.Verify));
    }

    [Fact]
    public void IsSignedBy_AnotherKeyOfTheSameName_DoesNotHold()
    {
        var log = SampleLog.Full();
        Assert.True(SignedNote.TryParse(log.Checkpoint(3), out var note, out _));
        Assert.True(note!.IsSignedBy(log.Key, SampleLog.Verify));
        Assert.False(note.IsSignedBy(new SampleLog(2).Key, SampleLog.Verify));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a+b")]
    [InlineData("PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")]
    [InlineData("PeterNeumann+C74F20A3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")]
    [InlineData("PeterNewmann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")]
    [InlineData("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW ")]
    [InlineData("PeterNeumann+c74f20a3+Ahpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")]
    [InlineData("Peter Neumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")]
    public void KeyTryParse_FaultyText_IsRefused(string text)
    {
        Assert.False(NoteKey.TryParse(text, out var key, out var fault));
        Assert.Null(key);
        Assert.NotEmpty(fault);
    }

    [Theory]
    [InlineData("text\n")]
    [InlineData("text\n\n")]
    [InlineData("text\n\n\u2014 a AAAAAAA=")]
    [InlineData("text\n\n- a AAAAAAA=\n")]
    [InlineData("text\n\n\u2014 a AAAAAAB=\n")]
    [InlineData("text\n\n\u2014 a AAAA AAA=\n")]
    [InlineData("text\n\n\u2014 a+b AAAAAAA=\n")]
    [InlineData("text\n\n\u2014  AAAAAAA=\n")]
    [InlineData("text\n\n\u2014 a AAAAAA==\n")]
    [InlineData("text\r\n\n\u2014 a AAAAAAA=\n")]
    [InlineData("text\n\n\u2014 a AAAAAAA=\n\u2014 a AAAAAAA=\n")]
    public void TryParse_FaultyNote_IsRefused(string text)
    {
        Assert.True(SignedNote.TryParse("text\n\n\u2014 a AAAAAAA=\n", out _, out _));
        Assert.False(SignedNote.TryParse(text, out var note, out var fault));
        Assert.Null(note);
        Assert.NotEmpty(fault);
    }

    [Theory]
    [InlineData("log\n5\n")]
    [InlineData("log\n05\nERERERERERERERERERERERERERERERERERERERERERE=\n")]
    [InlineData("log\n+5\nERERERERERERERERERERERERERERERERERERERERERE=\n")]
    [InlineData("log\n-5\nERERERERERERERERERERERERERERERERERERERERERE=\n")]
    [InlineData("log\n9223372036854775808\nERERERERERERERERERERERERERERERERERERERERERE=\n")]
    [InlineData("log\n5\nERERERERERERERERERERERERERERERERERERERERERF=\n")]
    [InlineData("log\n5\nERERERERERERERERERERERERERERERERERERERERE==\n")]
    [InlineData("log\n5\nERERERERERERERERERERERERERERERERERERERERERE=\nmore\n")]
    [InlineData("log\n5\nERERERERERERERERERERERERERERERERERERERERERE=")]
    [InlineData("\n5\nERERERERERERERERERERERERERERERERERERERERERE=\n")]
    public void CheckpointTryParse_FaultyText_IsRefused(string text)
    {
        Assert.True(Checkpoint.TryParse("log\n5\nERERERERERERERERERERERERERERERERERERERERERE=\n", out var good, out _));
        Assert.Equal(new Checkpoint("log", 5, string.Concat(Enumerable.Repeat("11", 32))), good);
        Assert.False(Checkpoint.TryParse(text, out var checkpoint, out var fault));
        Assert.Null(checkpoint);
        Assert.NotEmpty(fault);
    }

    [Fact]
    public void Readers_Garbage_NeverThrowAndReadOnlyWhatTheyWrite()
    {
        string[] known = ["\n", "\n\n", "\u2014 ", "a ", "AAAAAAA=", "5", "+", "\r", "\0", Known, Neumann];
        var piece = Gen.OneOf(Gen.Int[0, known.Length - 1].Select(i => known[i]), Gen.String[0, 5]);
        piece.Array[0, 10].Select(string.Concat).Sample(text =>
        {
            if (SignedNote.TryParse(text, out var note, out _)) Assert.Equal(text, note!.Format());
            if (Checkpoint.TryParse(text, out var checkpoint, out _)) Assert.Equal(text, checkpoint!.Text);
            if (NoteKey.TryParse(text, out var key, out _)) Assert.Equal(text, key!.ToString());
        }, iter: 20_000);
        Gen.Byte.Array[0, 300].Sample(bytes =>
        {
            if (SignedNote.TryParse(bytes, out var note, out _)) Assert.NotEmpty(note!.Signatures);
        }, iter: 5000);
    }
}
