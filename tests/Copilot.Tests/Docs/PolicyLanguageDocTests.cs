using System.Text;
using System.Text.RegularExpressions;
using Copilot.Core.Policy;
using Copilot.Engine.Yaml;
using Copilot.Storage.Policies;
using Copilot.Tests.Support;
using Xunit;

namespace Copilot.Tests.Docs;

/// <summary>What the documentation shows can be copied: each example loads, and is refused once it is damaged.</summary>
public sealed partial class PolicyLanguageDocTests
{
    private static readonly string[] Examples = [.. Block().Matches(File.ReadAllText(Path.Combine(TestData.RepositoryRoot, "docs", "policy-language.md"))).Select(m => m.Groups[1].Value)];

    private static readonly string Whole = Examples.Single(e => e.StartsWith("policy: v1", StringComparison.Ordinal));

    [Fact]
    public void Example_WholePolicy_LoadsAndDecides() =>
        Assert.Equal(PolicyEffect.RequireApproval, PolicyEvaluation.Decide(Load(Whole), Facts() with { Evidence = new(0.8m) }).Effect);

    [Fact]
    public void Example_EachRule_LoadsInThatPolicy()
    {
        var rules = Examples.Where(e => e.StartsWith("- id: ", StringComparison.Ordinal)).ToList();

        Assert.Equal(["rollback-prod", "freeze", "asked-by-the-copilot", "control-plane", "logs-in-pieces", "change-of-the-copilot", "loosening", "stop"], rules.Select(r => Load(Whole + r).Rules[^1].Id));
        Assert.All(rules, r => Assert.Throws<FileFaultException>(() => Load(Whole + r.Replace("when:", "wehn:"))));
    }

    [Fact]
    public void Example_Facts_Load() => Assert.Equal("eu-1", Facts().Cluster);

    /// <summary>They pass, they cover the whole example, and they notice a policy that opens more.</summary>
    [Fact]
    public void Example_Tests_PassAndCoverThePolicy()
    {
        var tests = Encoding.UTF8.GetBytes(Examples.Single(e => e.StartsWith("tests: v1", StringComparison.Ordinal)));
        PolicyTestResult Run(string policy) => PolicyLoader.Parse("example.yaml", Encoding.UTF8.GetBytes(policy)).Document is var document ? PolicyTesting.Run(document, PolicyTestsFile.Parse("example.tests.yaml", tests, document)) : null!;
        var result = Run(Whole);

        Assert.Equal((6, 0), (result.Passed, result.Failed));
        Assert.All(result.Coverage.Rules, r => Assert.True(r.Held, r.Id));
        Assert.All(result.Coverage.Conditions, c => Assert.True(c.Covered, $"{c.Rule}: {c.Asks}"));
        Assert.Equal(1, Run(Whole.Replace("min: 0.8", "min: 0.7")).Failed);
    }

    [Fact]
    public void Example_Invariants_HoldAndAreNoticedWhereTheyDoNot()
    {
        var invariants = Examples.Single(e => e.StartsWith("invariants:", StringComparison.Ordinal));
        PolicyTestResult Run(string policy) => PolicyLoader.Parse("example.yaml", Encoding.UTF8.GetBytes(policy)).Document is var document ? PolicyTesting.Run(document, PolicyTestsFile.Parse("example.tests.yaml", Encoding.UTF8.GetBytes($"tests: v1\npolicy: example.yaml\n{invariants}"), document)) : null!;

        Assert.Equal((3, 0), (Run(Whole).Passed, Run(Whole).Failed));
        Assert.Equal("nothing is written by itself", Assert.Single(Run($"{Whole}- id: open\n  when: {{ kind: k8s.scale, environment: dev }}\n  then: allow\n").Invariants, i => !i.Holds).Invariant.Name);
    }

    [Fact]
    public void Example_Acknowledgement_Loads() => Assert.Equal("alice", Assert.Single(AcknowledgedFile.Parse("f", Encoding.UTF8.GetBytes(Examples.Single(e => e.StartsWith("acknowledged: v1", StringComparison.Ordinal))))).By);

    [Fact]
    public void Example_EveryBlock_IsOneOfThese() => Assert.All(Examples, e => Assert.Matches("^(policy: v1|- id: |kind: |tests: v1|invariants:|acknowledged: v1)", e));

    private static PolicyFacts Facts() => PolicyFactsFile.Parse("facts", Encoding.UTF8.GetBytes(Examples.Single(e => e.StartsWith("kind: ", StringComparison.Ordinal))));

    private static PolicyDocument Load(string text) => PolicyLoader.Parse("docs", Encoding.UTF8.GetBytes(text)).Document;

    [GeneratedRegex("```yaml\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Block();
}
