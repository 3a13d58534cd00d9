using Copilot.Core.Summaries;
using Xunit;

namespace Copilot.Tests.Summaries;

public sealed class MarkdownWriterTests
{
    [Theory]
    [InlineData("spec.containers[app].image a -> b", "- spec.containers[app].image a -> b\n")] // what is harmless stays readable
    [InlineData("see [here](https://evil.example)", "- see [here\\](https:\\//evil.example)\n")]
    [InlineData("<img src=x>", "- \\<img src=x>\n")]
    [InlineData("*bold* _soft_ a_b", "- \\*bold\\* \\_soft\\_ a_b\n")]
    [InlineData("# title", "- \\# title\n")]
    [InlineData("[x]: http", "- \\[x\\]: http\n")]
    [InlineData("call @everyone", "- call \\@everyone\n")]
    [InlineData("two\nlines\u001b[31m", "- two lines [31m\n")]
    [InlineData("token: ghp_abcdefghijklmnopqrstuvwxyz0123", "- token: «redacted»\n")]
    public void Point_WordsFromEvidence_StayText(string words, string expected) => Assert.Equal(expected, new MarkdownWriter().Point(words).ToString());

    [Fact]
    public void Point_Code_CannotEndItself() => Assert.Equal("- x `a'b`\n", new MarkdownWriter().Point("x", "a`b").ToString());
}
