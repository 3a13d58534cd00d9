using Copilot.Cli;
using Xunit;

namespace Copilot.Tests.Cli;

public sealed class MarkdownTextTests
{
    [Theory]
    [InlineData("# Title", "Title\n=====\n")]
    [InlineData("## Sub `x` **y**", "Sub `x` y\n---------\n")]
    [InlineData("a **bold** and *soft*, *two words*.", "a bold and soft, two words.\n")]
    [InlineData("2 * 3 is `a * b` and `**`", "2 * 3 is `a * b` and `**`\n")]
    [InlineData("`whole line`", "    whole line\n")]
    [InlineData("`one` and `two`", "`one` and `two`\n")]
    [InlineData("```\nkubectl *x*\n  # deep\n\nend\n```\nafter", "    kubectl *x*\n      # deep\n\n    end\nafter\n")]
    [InlineData("  - nested", "  - nested\n")]
    [InlineData("a\u001b[31mred\u202E", "a [31mred\n")]
    [InlineData("", "\n")]
    [InlineData("#", "\n\n")]
    [InlineData("*", "*\n")]
    public void Plain_Markdown_KeepsStructureAndDropsMarks(string markdown, string expected) => Assert.Equal(expected.TrimEnd('\n') + '\n', MarkdownText.Plain(markdown));
}
