using System.Diagnostics;
using Copilot.Core.Actions;
using Xunit;

namespace Copilot.Tests.Actions;

public sealed class ShellWordTests
{
    private static readonly string[] Hostile =
    [
        "web", "", " ", "a b", "'", "''", "it's", "\"", "$(reboot)", "`reboot`", "${HOME}", "a;reboot", "a&&b", "a|b", ">f", "*", "~", "~root", "#x", "!!", "\\", "\\'", "a\\", "--all", "-n", "=cat", "a=b", "line\nreboot\n", "\r", "\t",
        "\u001b[201~reboot\n", "\u0007", "x\u202Eexe.txt", "\u200B", "\u00AD", "ünïcode", "日本", "🙂", "\u2028", "a\u0001f", "'\n'", "{a,b}", "%s", "\u009b2J", "[{\"op\":\"test\",\"value\":\"it's\"}]", "$'x'", "\\x41",
    ];

    /// <summary>What bash makes of it is what it was, whatever it is.</summary>
    [Fact]
    public void Of_Anything_IsOneWordToBash()
    {
        using var bash = Process.Start(new ProcessStartInfo("bash", ["-c", $"printf '%s\\0' {string.Join(' ', Hostile.Select(ShellWord.Of))}"]) { RedirectStandardOutput = true, UseShellExecute = false })!;

        var said = bash.StandardOutput.ReadToEnd();

        Assert.Equal(Hostile, said.Split('\0')[..^1]);
    }

    [Fact]
    public void Of_WhatATerminalObeysOrHides_IsSpeltOut() =>
        Assert.All(Hostile.Select(ShellWord.Of), w => Assert.DoesNotContain(w, c => char.IsControl(c) || c is '\u202E' or '\u200B' or '\u00AD' or '\u2028'));

    [Theory]
    [InlineData("web-1.shop", "web-1.shop")]
    [InlineData("a b", "'a b'")]
    [InlineData("it's", @"'it'\''s'")]
    [InlineData("a\nb", @"$'a\x0ab'")]
    [InlineData("", "''")]
    public void Of_Word_IsReadable(string word, string shown) => Assert.Equal(shown, ShellWord.Of(word));

    [Theory]
    [InlineData("web", true)]
    [InlineData("a.b-c9", true)]
    [InlineData("", false)]
    [InlineData("-n", false)]
    [InlineData(".", false)]
    [InlineData("..", false)]
    [InlineData("a/b", false)]
    [InlineData("a b", false)]
    [InlineData("a;b", false)]
    [InlineData("wéb", false)]
    public void IsName_IsWhatAnObjectCanBeCalled(string name, bool expected) => Assert.Equal(expected, ShellWord.IsName(name));
}
