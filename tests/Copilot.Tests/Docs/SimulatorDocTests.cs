using System.Text;
using System.Text.RegularExpressions;
using Copilot.Bench.Recipes;
using Copilot.Cli;
using Copilot.Tests.Support;
using Xunit;

namespace Copilot.Tests.Docs;

/// <summary>What docs/simulator.md shows can be typed as it stands.</summary>
public sealed partial class SimulatorDocTests
{
    private static readonly string Doc = File.ReadAllText(Path.Combine(TestData.RepositoryRoot, "docs", "simulator.md")).ReplaceLineEndings("\n");

    [Fact]
    public void Commands_AreUnderstood()
    {
        var root = new CommandLine((_, _) => throw new InvalidOperationException("Nothing is run."), (_, _, _, _) => throw new InvalidOperationException("Nothing is run."), (_, _, _) => throw new InvalidOperationException("Nothing is run."), (_, _, _, _, _, _) => throw new InvalidOperationException("Nothing is run.")).Build();
        var commands = Command().Matches(Doc).Select(m => m.Groups[1].Value).ToList();

        Assert.InRange(commands.Count, 12, int.MaxValue);
        Assert.All(commands, c => Assert.Empty(root.Parse(c.Split('#')[0].Split(' ', StringSplitOptions.RemoveEmptyEntries)).Errors));
    }

    [Fact]
    public void Recipe_IsUsable()
    {
        var yaml = Assert.Single(Yaml().Matches(Doc)).Groups[1].Value;

        Assert.Equal(["friday", "saturday"], RecipeLoader.Parse("docs/simulator.md", Encoding.UTF8.GetBytes(yaml)).Cases.Select(c => c.Id));
    }

    [GeneratedRegex("^copilot (.+)$", RegexOptions.Multiline)]
    private static partial Regex Command();

    [GeneratedRegex("^```yaml\n(.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Yaml();
}
