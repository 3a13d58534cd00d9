using System.Text;
using Copilot.Core.Policy;
using Copilot.Storage.Policies;
using Xunit;

namespace Copilot.Tests.Policy;

public sealed class PolicyTestingTests
{
    private static readonly PolicyDocument Policy = Policies.Of(
        "{ id: reads, when: { kind: { effect: read } }, then: allow }",
        "{ id: open, when: { kind: k8s.scale, environment: prod, evidence: { confidence: { min: 0.8 } } }, then: { require_approval: { all: [ { role: oncall, count: 1 }, { role: lead, count: 1, unless: { severity: sev1, requester: human } } ], decide_within: 30m, execute_within: 10m } } }",
        "{ id: freeze, when: { kind: { effect: write }, calendar: { closed: freeze } }, then: { also_require: { all: [ { role: lead, count: 2 } ], break_glass_only: true } } }");

    [Fact]
    public void Run_ShippedTests_PassAndCoverTheirPolicies()
    {
        foreach (var file in Policies.All)
        {
            var policy = PolicyLoader.Load(file).Document;
            var result = PolicyTesting.Run(policy, PolicyTestsFile.Load(PolicyTestsFile.Of(file)!, policy));
            Assert.Equal([], result.Cases.SelectMany(c => c.Differences.Select(d => $"{c.Case.Name}: {d}")));
            Assert.Equal([], result.Coverage.Conditions.Where(c => !c.Covered).Select(c => $"{c.Rule}: {c.Asks}"));
            Assert.True(result.Passed > 15 && result.Failed == 0);
        }
    }

    /// <summary>Every key of an expectation, met and not met.</summary>
    [Theory]
    [InlineData("effect: require_approval", null)]
    [InlineData("effect: allow", "effect: allow, require_approval")]
    [InlineData("absolute: false", null)]
    [InlineData("absolute: true", "absolute: true, false")]
    [InlineData("approvals: { lead: 1, oncall: 1 }", null)]
    [InlineData("approvals: { oncall: 1 }", "approvals: 1 oncall, 1 lead, 1 oncall")]
    [InlineData("approvals: { oncall: 2, lead: 1 }", "approvals: 1 lead, 2 oncall, 1 lead, 1 oncall")]
    [InlineData("approvals: {}", "approvals: nobody, 1 lead, 1 oncall")]
    [InlineData("decide_within: 1800s", null)]
    [InlineData("decide_within: 31m", "decide_within: 31m, 30m")]
    [InlineData("execute_within: 10m", null)]
    [InlineData("execute_within: 9m", "execute_within: 9m, 10m")]
    [InlineData("break_glass_only: false", null)]
    [InlineData("break_glass_only: true", "break_glass_only: true, false")]
    [InlineData("rules: [open]", null)]
    [InlineData("rules: [freeze, open]", "rules: freeze, open, open")]
    [InlineData("rules: []", "rules: none, open")]
    [InlineData("because: required by open", null)]
    [InlineData("because: Required", "because: Required, approval required by open")]
    public void Run_Expectation_IsComparedWithTheDecision(string expect, string? difference)
    {
        var key = expect.StartsWith("effect", StringComparison.Ordinal) ? expect : $"effect: require_approval, {expect}";
        var result = Run($"- {{ name: c, facts: {{ kind: k8s.scale, environment: prod, evidence: {{ confidence: 0.8 }}, severity: sev2 }}, now: \"2026-11-25T10:00:00Z\", expect: {{ {key} }} }}");

        Assert.Equal(difference is null ? [] : [difference], Assert.Single(result.Cases).Differences.Select(d => $"{d.What}: {d.Expected}, {d.Got}"));
        Assert.Equal(difference is null ? (1, 0) : (0, 1), (result.Passed, result.Failed));
    }

    [Fact]
    public void Run_TimeOfAProhibition_IsNoLimit() =>
        Assert.Equal("no limit", Assert.Single(Assert.Single(Run("- { name: c, expect: { effect: prohibit, decide_within: 1h } }").Cases).Differences).Got);

    /// <summary>A condition counts once it held, and once its rule failed for it alone.</summary>
    [Theory]
    [InlineData("{ kind: k8s.scale, environment: prod, evidence: { confidence: 0.8 } }", "+kind +environment +confidence", true)]
    [InlineData("{ kind: k8s.scale, environment: prod, evidence: { confidence: 0.7 } }", "+kind +environment -confidence", false)]
    [InlineData("{ kind: k8s.scale, environment: prod }", "+kind +environment -confidence", false)]
    [InlineData("{ kind: k8s.scale, environment: dev, evidence: { confidence: 0.7 } }", "+kind", false)]
    [InlineData("{}", "", false)]
    public void Coverage_OfARuleThatOpens_IsWhatWasSeen(string facts, string seen, bool held)
    {
        var coverage = Run($"- {{ name: c, facts: {facts}, expect: prohibit }}").Coverage;

        Assert.Equal(seen, Seen(coverage, "open", 3));
        Assert.Equal(held, coverage.Rules.Single(r => r.Id == "open").Held);
    }

    /// <summary>What is unknown does not take a rule away that closes.</summary>
    [Theory]
    [InlineData("{ kind: k8s.scale, now: \"2026-11-28T00:00:00Z\" }", "+a +calendar")]
    [InlineData("{ kind: k8s.scale, now: \"2026-11-25T00:00:00Z\" }", "+a -calendar")]
    [InlineData("{ kind: k8s.scale }", "+a")]
    [InlineData("{ kind: telemetry.read }", "-a")]
    [InlineData("{ kind: telemetry.read, now: \"2026-11-25T00:00:00Z\" }", "")]
    public void Coverage_OfARuleThatCloses_CountsOnlyWhatIsFalse(string facts, string seen) => Assert.Equal(seen, Seen(Run($"- {{ name: c, facts: {facts}, expect: prohibit }}").Coverage, "freeze", 2));

    [Theory]
    [InlineData("{ severity: sev1, requester: human }", "+severity +requester")]
    [InlineData("{ severity: sev1, requester: agent }", "+severity -requester")]
    [InlineData("{ severity: sev1 }", "+severity -requester")]
    [InlineData("{ severity: sev2, requester: human }", "-severity +requester")]
    public void Coverage_OfAnUnless_IsWhatWasSeen(string facts, string seen) => Assert.Equal(seen, Seen(Run($"- {{ name: c, facts: {facts}, expect: prohibit }}").Coverage, "open", 2, skip: 3));

    /// <summary>One that holds, one with facts that break it, and one that is about no facts at all, beside a case that holds and one that does not.</summary>
    [Fact]
    public void Run_Invariants_CountBesideCases()
    {
        var result = Run(
            "- { name: right, facts: { kind: telemetry.read }, expect: allow }", "- { name: wrong, facts: { kind: telemetry.read }, expect: prohibit }",
            "invariants:", "- { name: holds, forall: { kind: { effect: write } }, never: allow }", "- { name: broken, forall: { kind: { effect: read } }, never: allow }",
            "- { name: nothing, forall: { kind: { in: [k8s.scale] }, environment: prod, target: { kind: A, name: { glob: \"a*\" } }, severity: sev1, requester: human, cluster: x }, never: allow }");

        Assert.Equal(["True", "False", "False"], result.Invariants.Select(i => $"{i.Holds}"));
        Assert.Equal((false, "no facts meet its conditions, so that it says nothing"), (result.Invariants[1].Counterexample is null, result.Invariants[2].Unproven));
        Assert.Equal((2, 3), (result.Passed, result.Failed));
    }

    [Fact]
    public void Coverage_OfTwoCasesOfOneRule_Stays()
    {
        const string read = "facts: { kind: telemetry.read }, expect: allow }";
        Assert.True(Run($"- {{ name: a, {read}", $"- {{ name: b, {read}").Coverage.Rules.Single(r => r.Id == "reads").Held);
    }

    [Fact]
    public void Coverage_OfSeveralCases_AddsUp()
    {
        var coverage = Run("- { name: a, facts: { kind: telemetry.read }, expect: allow }", "- { name: b, facts: { kind: k8s.scale }, expect: prohibit }").Coverage;

        Assert.Equal((1, 3), (coverage.RulesCovered, coverage.Rules.Count));
        // That of reads; "writes" of the freeze held with the second case and was false with the first, while the calendar was unknown.
        Assert.Equal((2, 8), (coverage.ConditionsCovered, coverage.Conditions.Count));
        Assert.Equal([16, 17, 18], coverage.Rules.Select(r => r.Line));
    }

    private static string Seen(PolicyCoverage coverage, string rule, int take, int skip = 0) => string.Join(' ', coverage.Conditions.Where(c => c.Rule == rule).Skip(skip).Take(take)
        .SelectMany(c => new[] { c.Held ? $"+{c.Asks.Split(' ')[0]}" : "", c.Decided ? $"-{c.Asks.Split(' ')[0]}" : "" }).Where(w => w.Length > 0));

    private static PolicyTestResult Run(params string[] cases) =>
        PolicyTesting.Run(Policy, PolicyTestsFile.Parse("test.tests.yaml", Encoding.UTF8.GetBytes($"tests: v1\npolicy: test.yaml\ncases:\n{string.Join('\n', cases)}\n"), Policy));
}
