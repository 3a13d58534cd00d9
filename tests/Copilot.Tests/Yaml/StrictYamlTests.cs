using System.Text;
using Copilot.Engine.Yaml;
using Copilot.Tests.Support;
using CsCheck;
using Xunit;

namespace Copilot.Tests.Yaml;

public sealed class StrictYamlTests
{
    [Fact]
    public void Parse_MapsListsScalars_KeepOrderPlaceAndQuotes()
    {
        var map = Assert.IsType<YamlMap>(StrictYaml.Parse("f", "b: 'x'\na:\n- 1\n- {c: \"y\"}\n"));

        Assert.Equal(["b", "a"], map.Entries.Select(e => e.Key.Text));
        Assert.Equal(new YamlScalar("x", true, 1, 4), map.Entries[0].Value);
        var list = Assert.IsType<YamlList>(map.Entries[1].Value);
        Assert.Equal(new YamlScalar("1", false, 3, 3), list.Items[0]);
        var inner = Assert.IsType<YamlMap>(list.Items[1]);
        Assert.Equal((4, 3), (inner.Line, inner.Column));
        Assert.True(Assert.IsType<YamlScalar>(inner.Entries[0].Value).Quoted);
    }

    [Theory]
    [InlineData("", 1, "the file is empty")]
    [InlineData("# only a remark\n", 1, "the file is empty")]
    [InlineData("a: 1\nb: 'x\n", 2, "unexpected end")]
    [InlineData("a: 1\nb: c: d\n", 2, "invalid mapping")]
    [InlineData("a: 1\nb: 2\na: 3\n", 3, "the key a for the second time, first in line 1")]
    [InlineData("a: 1\n'a': 3\n", 2, "the key a for the second time")]
    [InlineData("a: 1\nb: &x 2\n", 2, "an anchor")]
    [InlineData("a: 1\n&x b: 2\n", 2, "an anchor")]
    [InlineData("a: 1\nb: *x\n", 2, "an alias")]
    [InlineData("a: 1\nb: !!str 2\n", 2, "a tag")]
    [InlineData("a: 1\nb: ! 2\n", 2, "a tag")]
    [InlineData("a: 1\nb: !!map {}\n", 2, "a tag")]
    [InlineData("a: 1\n<<: {b: 1}\n", 2, "a merge key")]
    [InlineData("a: 1\n---\nb: 1\n", 2, "a second document")]
    [InlineData("a: 1\n...\nb: 1\n", 3, "a second document")]
    [InlineData("%YAML 1.1\n---\na: 1\n", 1, "a directive")]
    [InlineData("a: 1\nb:\t2\n", 2, "a tab")]
    [InlineData("a: 1\n? [b]\n: 2\n", 2, "a key that is no text")]
    [InlineData("a: 1\non: 2\n", 2, "the key on")]
    [InlineData("{a: 1, : 2}", 1, "an empty key")]
    [InlineData("a: 1\nb: \"\\UFFFFFFFF\"\n", 2, "no YAML from here on")]
    [InlineData("a: 1\nb: x\u202Ey\n", 2, "U+202E")]
    [InlineData("a: 1\nb: x\u0085y\n", 2, "U+0085")]
    [InlineData("a: 1\nb: x\0y\n", 2, "U+0000")]
    public void Parse_WhatReadsDifferentlyElsewhere_IsRefusedWithItsLine(string text, int line, string words)
    {
        var fault = Assert.Throws<FileFaultException>(() => StrictYaml.Parse("p.yaml", text));

        Assert.StartsWith($"p.yaml:{line}: ", fault.Message, StringComparison.Ordinal);
        Assert.Contains(words, fault.Message);
        Assert.EndsWith(".", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_TooLongDeepOrRich_IsRefused()
    {
        Assert.Contains("longer than 1 MiB", Refusal($"a: {new string('x', StrictYaml.MaxBytes)}"));
        Assert.Contains("longer than 1 MiB", Refusal($"a: {new string('é', (StrictYaml.MaxBytes / 2) + 1)}"));
        Assert.Contains("more than 32 levels", Refusal(new string('[', 40) + new string(']', 40)));
        Assert.Contains("more than 32 levels", Refusal(new string('[', 1_000_000)));
        Assert.Contains("more than 20000 values", Refusal(string.Concat(Enumerable.Repeat("- 1\n", 20_000))));
        StrictYaml.Parse("f", new string('[', 33) + new string(']', 33));
        StrictYaml.Parse("f", string.Concat(Enumerable.Repeat("- 1\n", 19_999)));
    }

    [Fact]
    public void Parse_BytesThatAreNoText_AreRefusedWithTheirLine() =>
        Assert.StartsWith("p.yaml:2: the bytes are no UTF-8", Assert.Throws<FileFaultException>(() => StrictYaml.Parse("p.yaml", (byte[])[.. "a: 1\nb: "u8, 0xC3, 0x28])).Message, StringComparison.Ordinal);

    [Fact]
    public void Parse_MarkOfByteOrderAndWindowsLines_AreRead()
    {
        var map = Assert.IsType<YamlMap>(StrictYaml.Parse("f", "\uFEFFa: 1\r\nb: 2\r\n"));
        Assert.Equal(new YamlScalar("2", false, 2, 4), map.Entries[1].Value);
    }

    [Fact]
    public void ReadBytes_NoFileOrAFolder_IsRefusedWithItsName()
    {
        using var folder = new TempFolder();
        Assert.Contains("none.yaml cannot be read", Assert.Throws<FileFaultException>(() => StrictYaml.ReadBytes(folder.Combine("none.yaml"))).Message);
        Assert.Contains(folder.FullName, Assert.Throws<FileFaultException>(() => StrictYaml.ReadBytes(folder.FullName)).Message);
        Assert.Contains("longer than 1 MiB", Assert.Throws<FileFaultException>(() => StrictYaml.ReadBytes(folder.Write("long.yaml", new byte[StrictYaml.MaxBytes + 1]))).Message);
    }

    [Fact]
    public void Parse_AnyGarbage_ThrowsNothingButStorageFaults() =>
        Gen.OneOf(
            Gen.Byte.Array[0, 300],
            Gen.Char["ab:-?[]{}#&*!|>'\"%@`\\ \n\nux0\t"].Array[0, 200].Select(c => Encoding.UTF8.GetBytes(c)),
            Gen.Int.Array[0, 80].Select(c => Encoding.UTF8.GetBytes(string.Concat(c.Select(r => Rune.IsValid(r & 0x1FFFF) ? new Rune(r & 0x1FFFF).ToString() : "\\")))))
        .Sample(bytes =>
        {
            try
            {
                Assert.NotNull(StrictYaml.Parse("f", bytes));
            }
            catch (FileFaultException e)
            {
                Assert.Matches("^f:[0-9]+: ", e.Message);
            }
        }, iter: TestCounts.Pick(3_000, 200_000));

    private static string Refusal(string text) => Assert.Throws<FileFaultException>(() => StrictYaml.Parse("f", text)).Message;
}
