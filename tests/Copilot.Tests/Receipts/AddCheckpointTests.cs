using System.Text;
using Copilot.Core.Receipts;
using CsCheck;
using Xunit;

namespace Copilot.Tests.Receipts;

public sealed class AddCheckpointTests
{
    private static readonly TestTree Log = new("copilot.example/log", 3, Enumerable.Range(0, 20).Select(TestTree.Leaf));

    private static bool Read(string body, out AddCheckpoint? request, out string fault) => AddCheckpoint.TryParse(Encoding.UTF8.GetBytes(body), out request, out fault);

    [Theory]
    [InlineData(0, 0)]
    [InlineData(0, 7)]
    [InlineData(7, 7)]
    [InlineData(7, 20)]
    public void TryParse_WhatFormatWrites_IsTheSame(int old, int size)
    {
        var body = Log.Request(old, size).Format();

        Assert.True(Read(body, out var request, out var fault), fault);
        Assert.Equal(body, request!.Format());
        Assert.Equal((old, size, Log.Root(size)), (request.OldSize, request.Head.Size, request.Head.Root));
        Assert.StartsWith($"old {old}\n", body);
    }

    /// <summary>The body in the specification, and what became of its parts.</summary>
    [Fact]
    public void TryParse_ExampleOfTheSpecification_IsRead()
    {
        const string body = "old 20852014\nPlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=\njrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=\n5+pKlUdi2LeF/BcMHBn+Ku6yhPGNCswZZD1X/6QgPd8=\n/6WVhPs2CwSsb5rYBH5cjHV/wSmA79abXAwhXw3Kj/0=\n\n"
            + "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
            + "\u2014 example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
            + "\u2014 example.com/behind-the-sofa opLqBQsREYCgu6xQkYQwJr9fo45a62DN9EdmHXnZdXNqlcVGlCum2Wks+49/V6267UEjw6QUXTS5Rovnzv++qbSzm9Q=\n";

        Assert.True(Read(body, out var request, out var fault), fault);
        Assert.Equal(body, request!.Format());
        Assert.Equal((20852014, 4, 2, "example.com/behind-the-sofa", 20852163), (request.OldSize, request.Proof.Count, request.Note.Signatures.Count, request.Head.Origin, request.Head.Size));
    }

    [Theory]
    [InlineData("more\nlines\n")]
    [InlineData("one\n")]
    public void TryParse_CheckpointOfAnotherLogWithMoreLines_IsRead(string more)
    {
        var foreign = new AddCheckpoint(0, [], Log.Checkpoint(5, more), new("", 0, ""));

        Assert.True(Read(foreign.Format(), out var request, out var fault), fault);
        Assert.Equal(foreign.Format(), request!.Format());
    }

    [Fact]
    public void TryParse_NameThatIsNoneOfOurs_IsRead()
    {
        Assert.True(Read(new AddCheckpoint(0, [], Log.Signed($"a log + more\n5\n{Convert.ToBase64String(new byte[32])}\n"), new("", 0, "")).Format(), out var request, out var fault), fault);
        Assert.Equal("a log + more", request!.Head.Origin);
    }

    /// <summary>A signature that withstands quantum computers is longer, and witnesses must not mind it.</summary>
    [Fact]
    public void TryParse_LongSignaturesOfOthers_AreKept()
    {
        var note = Log.Checkpoint(5);
        var many = note with { Signatures = [.. note.Signatures, .. Enumerable.Range(0, 15).Select(i => new NoteSignature("other", (uint)i, new byte[5000]))] };
        var request = Log.Request(0, 5) with { Note = many };

        Assert.True(Read(request.Format(), out var read, out var fault), fault);
        Assert.Equal(16, read!.Note.Signatures.Count);
    }

    [Fact]
    public void TryParse_ProofLines_SixtyThreeAtMost()
    {
        AddCheckpoint With(int lines) => Log.Request(0, 5) with { Proof = [.. Enumerable.Repeat((ReadOnlyMemory<byte>)new byte[32], lines)] };

        Assert.True(Read(With(63).Format(), out _, out var fault), fault);
        Assert.False(Read(With(64).Format(), out _, out fault));
        Assert.Contains("more than 63", fault);
    }

    [Theory]
    [InlineData("old 5\n", "")]
    [InlineData("old 5\n", "old 5 \n")]
    [InlineData("old 5\n", "old  5\n")]
    [InlineData("old 5\n", "old 05\n")]
    [InlineData("old 5\n", "old -5\n")]
    [InlineData("old 5\n", "old +5\n")]
    [InlineData("old 5\n", "old 9223372036854775808\n")]
    [InlineData("old 5\n", "Old 5\n")]
    [InlineData("old 5\n", "old 5\r\n")]
    [InlineData("old 5\n", "old 5\nAAAA\n")]
    [InlineData("old 5\n", "old 5\nERERERERERERERERERERERERERERERERERERERERERF=\n")]
    [InlineData("old 5\n", "old 5\n ERERERERERERERERERERERERERERERERERERERERERE=\n")]
    [InlineData("old 5\n", "old 5\n\n")]
    [InlineData("=\n\ncopilot", "=\ncopilot")]
    [InlineData("\n9\n", "\n09\n")]
    [InlineData("\n9\n", "\n")]
    [InlineData("\n9\n", "\n9\n\n")]
    [InlineData("copilot.example/log\n9", "\n9")]
    [InlineData("\n\n\u2014", "\n\u2014")]
    [InlineData("\u2014", "-")]
    public void TryParse_FaultyBody_IsRefused(string part, string instead)
    {
        var body = Log.Request(5, 9).Format();
        Assert.True(Read(body, out _, out var fault), fault);
        Assert.Contains(part, body);

        var at = body.IndexOf(part, StringComparison.Ordinal);
        Assert.False(Read(body[..at] + instead + body[(at + part.Length)..], out var request, out fault));
        Assert.Null(request);
        Assert.NotEmpty(fault);
    }

    [Fact]
    public void TryParse_TooLongOrCutOff_IsRefused()
    {
        var body = Encoding.UTF8.GetBytes(Log.Request(5, 9).Format());
        for (var length = 0; length < body.Length; length++) Assert.False(AddCheckpoint.TryParse(body.AsSpan(0, length), out _, out _));
        Assert.False(AddCheckpoint.TryParse(new byte[AddCheckpoint.MostBytes + 1], out _, out var fault));
        Assert.Contains("longer than", fault);
    }

    [Fact]
    public void TryParse_Garbage_NeverThrowsAndReadsOnlyWhatFormatWrites()
    {
        string[] known = ["old ", "5", "\n", "\n\n", "\u2014 ", "a ", "AAAAAAA=", "ERERERERERERERERERERERERERERERERERERERERERE=", "\r", "\0", Log.Checkpoint(5).Format()];
        Gen.OneOf(Gen.Int[0, known.Length - 1].Select(i => known[i]), Gen.String[0, 5]).Array[0, 12].Select(string.Concat).Sample(text =>
        {
            if (Read(text, out var request, out _)) Assert.Equal(text, request!.Format());
        }, iter: 20_000);
        Gen.Byte.Array[0, 300].Sample(bytes => Assert.False(AddCheckpoint.TryParse(bytes, out _, out _)), iter: 5000);
    }
}
