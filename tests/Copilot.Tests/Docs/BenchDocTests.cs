using System.Text;
using System.Text.RegularExpressions;
using Copilot.Bench.Cases;
using Copilot.Tests.Support;
using Copilot.UseCases;
using Xunit;

namespace Copilot.Tests.Docs;

/// <summary>What docs/bench.md shows is what the bench takes.</summary>
public sealed partial class BenchDocTests
{
    private static readonly string Text = File.ReadAllText(Path.Combine(TestData.RepositoryRoot, "docs", "bench.md"));

    [Fact]
    public void Case_OfTheDocument_IsRead() => Assert.Equal("application-error", CaseFile.Parse("bench.md", Encoding.UTF8.GetBytes(Block().Match(Text).Groups[1].Value)).Truth.Causes.Single().Mechanism);

    [Fact]
    public void Engines_AllNamed() => Assert.All(BenchEngines.Names, n => Assert.Contains($"`{n}`", Text));

    [GeneratedRegex("```yaml\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Block();
}
