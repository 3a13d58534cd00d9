using System.Text;
using Copilot.Core.Policy;
using Copilot.Engine.Yaml;
using Copilot.Storage.Policies;
using Copilot.Tests.Policy;
using Xunit;

namespace Copilot.Tests.Storage;

public sealed class PolicyTestsFileTests
{
    private const string Head = "tests: v1\npolicy: test.yaml\n";

    private static readonly PolicyDocument Policy = Policies.Of("{ id: open, when: { kind: k8s.scale }, then: allow }", "{ id: stop, when: { environment: prod }, then: prohibit }");

    /// <summary>Facts of the file, the case and the variant, the nearest of which counts.</summary>
    [Fact]
    public void Parse_FactsOfSeveralLevels_TheNearestCounts()
    {
        var suite = Parse(Head + """
            now: 2026-11-25T11:00:00+01:00
            facts: { environment: prod, target: { namespace: shop, labels: { tier: web, app: cart } }, evidence: { confidence: 0.9 } }
            unknown: [severity]
            cases:
            - name: a
              facts: { kind: k8s.scale, evidence: { independent_sources: 2 }, severity: sev1 }
              expect: allow
              variants:
              - { facts: { target: { labels: { tier: data } } }, unknown: [environment], expect: prohibit }
              - { name: none, facts: { target: { labels: {} } }, expect: prohibit }
              - { unknown: [target.labels, now], expect: prohibit }
              - { now: "2026-11-26T10:00:00Z", expect: { effect: require_approval } }
            - { name: b, now: "2026-11-27T10:00:00Z", unknown: [evidence.confidence], expect: prohibit }

            """);

        Assert.Equal(
            [
                "7 a: allow environment=prod evidence.confidence=0.9 evidence.independent_sources=2 kind=k8s.scale now=2026-11-25T10:00:00Z severity=sev1 target.labels=2 target.labels.app=cart target.labels.tier=web target.namespace=shop",
                "11 a: environment unknown, target.labels 1, target.labels.app unknown, target.labels.tier data: prohibit evidence.confidence=0.9 evidence.independent_sources=2 kind=k8s.scale now=2026-11-25T10:00:00Z severity=sev1 target.labels=1 target.labels.tier=data target.namespace=shop",
                "12 a: none: prohibit environment=prod evidence.confidence=0.9 evidence.independent_sources=2 kind=k8s.scale now=2026-11-25T10:00:00Z severity=sev1 target.labels=0 target.namespace=shop",
                "13 a: now unknown, target.labels unknown, target.labels.app unknown, target.labels.tier unknown: prohibit environment=prod evidence.confidence=0.9 evidence.independent_sources=2 kind=k8s.scale severity=sev1 target.namespace=shop",
                "14 a: now 2026-11-26T10:00:00Z: require_approval environment=prod evidence.confidence=0.9 evidence.independent_sources=2 kind=k8s.scale now=2026-11-26T10:00:00Z severity=sev1 target.labels=2 target.labels.app=cart target.labels.tier=web target.namespace=shop",
                "15 b: prohibit environment=prod now=2026-11-27T10:00:00Z target.labels=2 target.labels.app=cart target.labels.tier=web target.namespace=shop",
            ],
            suite.Cases.Select(c => $"{c.Line} {c.Name}: {PolicyOutcome.NameOf(c.Expect.Effect)} {string.Join(' ', c.Facts.ToMap().Select(f => $"{f.Key}={f.Value}"))}"));
    }

    [Fact]
    public void Parse_FlatFactsOfADecision_AreFactsOfACase() =>
        Assert.Equal("shop", Parse(Head + "cases:\n- { name: a, facts: { kind: k8s.scale, target.namespace: shop, calendar.freeze: closed }, expect: allow }\n").Cases[0].Facts.Target.Namespace);

    [Fact]
    public void Parse_Invariants_AreTyped()
    {
        var invariants = Parse(Head + """
            invariants:
            - { name: never in prod, forall: { environment: prod }, never: allow }
            - { name: two at least, forall: { kind: { effect: write }, environment: { not: dev } }, at_least: require_approval, approvals: { oncall: 2 } }
            - { name: never at all, forall: {}, at_least: prohibit }
            - { name: more is better, monotone: evidence.confidence }

            """).Invariants;

        var never = Assert.IsType<PolicyInvariant.Never>(invariants[0]);
        Assert.Equal(("never in prod", 4, PolicyEffect.Allow, "environment prod"), (never.Name, never.Line, never.Effect, PolicyWords.All(never.ForAll)));
        var least = Assert.IsType<PolicyInvariant.AtLeast>(invariants[1]);
        Assert.Equal((PolicyEffect.RequireApproval, 2, 2), (least.Effect, least.ForAll.Count, least.Approvals["oncall"]));
        Assert.Equal((PolicyEffect.Prohibit, 0, 0), Assert.IsType<PolicyInvariant.AtLeast>(invariants[2]) is var all ? (all.Effect, all.ForAll.Count, all.Approvals.Count) : default);
        Assert.Equal(PolicyFact.Confidence, Assert.IsType<PolicyInvariant.Monotone>(invariants[3]).Fact);
    }

    [Theory]
    [InlineData("tests: v2\npolicy: test.yaml\ncases: [ { name: a, expect: allow } ]", 1, "tests is v2. Did you mean v1?")]
    [InlineData("tests: v1\npolicy: other.yaml\ncases: [ { name: a, expect: allow } ]", 2, "policy is other.yaml. Did you mean test.yaml?")]
    [InlineData("tests: v1\npolicy: test.yaml", 1, "there is no case")]
    [InlineData("tests: v1\npolicy: test.yaml\ncases: []", 1, "there is no case")]
    [InlineData("tests: v1\npolicy: test.yaml\ncases: { name: a }", 3, "cases is no list")]
    [InlineData("tests: v1\npolicy: test.yaml\ncaes: []", 3, "caes is no key of the tests. Did you mean cases?")]
    [InlineData("tests: v1\npolicy: test.yaml\nfacts: { kind: k8s.scael }\ncases: [ { name: a, expect: allow } ]", 3, "kind is k8s.scael")]
    [InlineData("tests: v1\npolicy: test.yaml\nnow: noon\ncases: [ { name: a, expect: allow } ]", 3, "now is noon, which is no moment")]
    public void Parse_FaultInTheHead_IsRefusedWithItsLine(string text, int line, string words) => Refused(text, line, words);

    [Theory]
    [InlineData("{ expect: allow }", "a case has no name")]
    [InlineData("{ name: a }", "a case has no expect")]
    [InlineData("{ name: a, expect: allow, fact: {} }", "fact is no key of a case")]
    [InlineData("{ name: a, expect: permit }", "expect is permit")]
    [InlineData("{ name: a, expect: {} }", "expect has no effect")]
    [InlineData("{ name: a, expect: { effect: allow, aprovals: {} } }", "aprovals is no key of expect")]
    [InlineData("{ name: a, expect: { effect: allow, absolute: yes } }", "absolute is neither true nor false")]
    [InlineData("{ name: a, expect: { effect: allow, approvals: { boss: 1 } } }", "the role is boss")]
    [InlineData("{ name: a, expect: { effect: allow, approvals: { oncall: 0 } } }", "count is no whole number")]
    [InlineData("{ name: a, expect: { effect: allow, rules: [opne] } }", "a rule is opne. Did you mean open?")]
    [InlineData("{ name: a, expect: { effect: allow, decide_within: 30 } }", "decide_within is no duration")]
    [InlineData("{ name: a, facts: { environment: no }, expect: allow }", "environment is no, which YAML may read as a boolean")]
    [InlineData("{ name: a, facts: { target.namespace: x, kind: k8s.scael }, expect: allow }", "kind cannot be k8s.scael")]
    [InlineData("{ name: a, unknown: [mood], expect: allow }", "a fact is mood")]
    [InlineData("{ name: a, expect: allow, variants: [ { expect: allow } ] }", "a variant has the facts of its case")]
    [InlineData("{ name: a, expect: allow, variants: [ { unknown: [kind], expect: allow } ] }", "a variant has the facts of its case")]
    [InlineData("{ name: a, expect: allow, variants: [ { facts: { kind: k8s.scale } } ] }", "a variant has no expect")]
    [InlineData("{ name: a, expect: allow, variants: [ { facts: { kind: k8s.scale }, expect: allow, variants: [] } ] }", "variants is no key of a variant")]
    [InlineData("{ name: a, expect: allow, variants: [ { name: b, facts: { kind: k8s.scale }, expect: allow }, { name: b, facts: { severity: sev1 }, expect: allow } ] }", "a second case a: b, the first is in line 4")]
    [InlineData("{ name: a, expect: allow }\n- { name: a, expect: allow }", "a second case a, the first is in line 4", 5)]
    public void Parse_FaultInACase_IsRefusedWithItsLine(string item, string words, int line = 4) => Refused($"{Head}cases:\n- {item}\n", line, words);

    [Theory]
    [InlineData("{ forall: {}, never: allow }", "an invariant has no name")]
    [InlineData("{ name: a, forall: {} }", "an invariant claims 0 things")]
    [InlineData("{ name: a, forall: {}, never: allow, at_least: prohibit }", "an invariant claims 2 things")]
    [InlineData("{ name: a, never: allow }", "an invariant has no forall")]
    [InlineData("{ name: a, forall: { environment: staging }, never: allow }", "environment is staging")]
    [InlineData("{ name: a, forall: {}, at_least: require_approval, absolute: true }", "only what is prohibited can be so absolutely")]
    [InlineData("{ name: a, forall: {}, never: allow, absolute: true }", "absolute does not go with never")]
    [InlineData("{ name: a, forall: {}, at_least: allow }", "at_least is allow, which always holds")]
    [InlineData("{ name: a, forall: {}, never: allow, approvals: { oncall: 1 } }", "approvals does not go with never")]
    [InlineData("{ name: a, forall: {}, monotone: evidence.confidence }", "forall does not go with monotone")]
    [InlineData("{ name: a, monotone: environment }", "monotone is environment")]
    [InlineData("{ name: a, forall: {}, at_least: require_approval, approvals: { boss: 1 } }", "the role is boss")]
    public void Parse_FaultInAnInvariant_IsRefusedWithItsLine(string item, string words) => Refused($"{Head}invariants:\n- {item}\n", 4, words);

    [Fact]
    public void Parse_SeveralFaults_AreToldTogether()
    {
        var faults = Assert.Throws<FileFaultException>(() => Parse("tests: v2\npolicy: test.yaml\ncases:\n- { name: a, expect: permit }\n- { nam: b, expect: allow }\n")).Faults;
        Assert.Equal(["f:1:", "f:4:", "f:5:", "f:5:"], faults.Select(f => f[..f.IndexOf(' ')]));
    }

    private static void Refused(string text, int line, string words)
    {
        var fault = Assert.Single(Assert.Throws<FileFaultException>(() => Parse(text)).Faults, f => f.Contains(words, StringComparison.Ordinal));
        Assert.Matches($@"^f:{line}: .+\. .+[.?)]$", fault);
    }

    private static PolicyTestSuite Parse(string text) => PolicyTestsFile.Parse("f", Encoding.UTF8.GetBytes(text), Policy);
}
