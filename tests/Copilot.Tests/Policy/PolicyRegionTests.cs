using Copilot.Core.Actions;
using Copilot.Core.Incidents;
using Copilot.Core.Policy;
using Copilot.Core.Policy.Regions;
using Copilot.Tests.Support;
using CsCheck;
using Xunit;

namespace Copilot.Tests.Policy;

/// <summary>Regions are compared with deciding single facts, one after the other.</summary>
public sealed class PolicyRegionTests
{
    [Fact]
    public void Findings_MoreRegionsThanCanBeListed_AreFoundAllTheSame()
    {
        // Two chained labels a rule: few nodes, and ways through them without number.
        var rules = Enumerable.Range(0, 30).Select(i => $"{{ id: r{i}, when: {{ kind: k8s.scale, target: {{ labels: {{ l{i}: w, l{i + 1}: z }} }} }}, then: prohibit }}");

        var findings = PolicyFindings.Of(Policies.Of(["{ id: open, when: { kind: k8s.scale, environment: dev }, then: allow }", .. rules]), _ => 1);

        Assert.Contains(findings, f => f.What == "telemetry.read is declared, and nothing ever opens it");
        Assert.DoesNotContain(findings, f => f.What.StartsWith("k8s.scale", StringComparison.Ordinal));
    }

    [Fact]
    public void Findings_RuleThatClosesWhereItsConditionsAreUnknown_IsNoneToTakeAway()
    {
        var policy = Policies.Of("{ id: open, when: { kind: k8s.scale }, then: allow }", "{ id: shut, when: { environment: { in: prod, not: prod } }, then: prohibit }");

        Assert.DoesNotContain(PolicyFindings.Of(policy, _ => 1), f => f.What.Contains("shut", StringComparison.Ordinal));
        Assert.Contains(PolicyFindings.Of(Policies.Of("{ id: all, when: { environment: dev }, then: allow }"), _ => 1), f => f.What.StartsWith("all opens every kind", StringComparison.Ordinal));
    }

    [Fact]
    public void IsAboutNothing_ConditionsThatExcludeEachOther_ProveNothing()
    {
        IReadOnlyList<PolicyCondition> none = [new EffectCondition(ActionEffect.Read, 1), new EffectCondition(ActionEffect.Write, 1)];
        var policy = Policies.Of("{ id: open, when: { kind: k8s.scale }, then: allow }");

        var result = PolicyTesting.Run(policy, new("f", [], [new PolicyInvariant.Never("n", 1, none, PolicyEffect.Allow)]));

        Assert.Equal((0, 1), (result.Passed, result.Failed));
        Assert.Equal("no facts meet its conditions, so that it says nothing", result.Invariants[0].Unproven);
    }

    [Fact]
    public void Words_ManyKinds_AreAllNamed()
    {
        var region = PolicyAnalysis.Outcomes(Policies.Shipping("default.yaml")).Regions(o => o.Effect == PolicyEffect.RequireApproval).First();

        Assert.All(region.Bounds[0].Classes.SelectMany(c => c.Names), n => Assert.Contains(n, region.Words));
    }

    [Fact]
    public void Outcomes_AnyPolicy_HoldForEveryFacts() => PolicyPropertyTests.Document.Sample(
        policy =>
        {
            var map = PolicyAnalysis.Outcomes(policy);
            var regions = map.Regions(_ => true).ToList();
            foreach (var region in regions.Take(200)) Assert.Equal(region.Answer, PolicyEvaluation.Decide(policy, region.Example).Outcome);
            foreach (var facts in Sampled(25)) Assert.Equal(PolicyEvaluation.Decide(policy, facts).Outcome, Assert.Single(regions, r => Holds(r, facts, policy)).Answer);
        }, iter: TestCounts.Pick(200, 10_000));

    [Fact]
    public void Compare_AnyTwoPolicies_FindsEveryDifference() => Gen.Select(PolicyPropertyTests.Document, PolicyPropertyTests.Document, Gen.Int[0, 5]).Sample(
        (before, other, change) =>
        {
            // Mostly alike, as versions of a policy are.
            var after = before with { Rules = [.. before.Rules.Take(before.Rules.Count - 1), .. other.Rules.Take(1)], Vocabulary = Changed(before.Vocabulary, change) };
            var map = PolicyAnalysis.Compare(before, after);
            var regions = map.Regions(_ => true).ToList();
            foreach (var region in regions.Where(r => r.Answer != PolicyChange.None).Take(200)) Assert.Equal(region.Answer, Change(region.Example));
            foreach (var facts in Sampled(25))
            {
                var found = Change(facts);
                Assert.Equal(found.Direction == ChangeDirection.Same ? PolicyChange.None : found, Assert.Single(regions, r => Holds(r, facts, before, after)).Answer);
            }

            PolicyChange Change(PolicyFacts facts) => new(PolicyEvaluation.Decide(before, facts).Outcome, PolicyEvaluation.Decide(after, facts).Outcome);
        }, iter: TestCounts.Pick(200, 10_000));

    [Fact]
    public void Compare_AnyRuleThatCloses_IsNeverLooser() => Gen.Select(PolicyPropertyTests.Document, PolicyPropertyTests.Document).Sample(
        (policy, other) =>
        {
            var closing = other.Rules.FirstOrDefault(r => !r.Then.Opens);
            if (closing is null) return;
            var map = PolicyAnalysis.Compare(policy, policy with { Rules = [.. policy.Rules, closing with { Id = "added" }] });
            Assert.DoesNotContain(map.Answers, c => c.Direction == ChangeDirection.Looser);
        }, iter: TestCounts.Pick(300, 10_000));

    [Theory]
    [InlineData("{ id: r, when: { kind: k8s.scale, evidence: { confidence: { min: 0.8 } } }, then: allow }", "{ id: r, when: { kind: k8s.scale, evidence: { confidence: { min: 0.7 } } }, then: allow }", "kind k8s.scale, confidence 0.7 to below 0.8")]
    [InlineData("{ id: r, when: { kind: k8s.scale, blast_radius: { replicas: { max: 5 } } }, then: allow }", "{ id: r, when: { kind: k8s.scale, blast_radius: { replicas: { max: 9 } } }, then: allow }", "kind k8s.scale, replicas above 5 to 9")]
    [InlineData("{ id: r, when: { kind: k8s.scale, target: { namespace: { glob: shop-* } } }, then: allow }", "{ id: r, when: { kind: k8s.scale, target: { namespace: { glob: shop* } } }, then: allow }", "kind k8s.scale, namespace like shop*")]
    [InlineData("{ id: r, when: { kind: k8s.scale, target: { labels: { tier: { not: [data, web] } } } }, then: allow }", "{ id: r, when: { kind: k8s.scale, target: { labels: { tier: { not: data } } } }, then: allow }", "kind k8s.scale, label tier web")]
    [InlineData("{ id: r, when: { kind: k8s.scale, calendar: { closed: freeze } }, then: allow }", "{ id: r, when: { kind: k8s.scale }, then: allow }", "kind k8s.scale, time while no calendar is closed or unknown")]
    [InlineData("{ id: r, when: { kind: k8s.scale, requester: human }, then: allow }", "{ id: r, when: { kind: k8s.scale }, then: allow }", "kind k8s.scale, requester agent or service or unknown")]
    [InlineData("{ id: r, when: { kind: k8s.scale, read: { source: logs } }, then: allow }", "{ id: r, when: { kind: k8s.scale, read: { source: { in: [logs, traces] } } }, then: allow }", "kind k8s.scale, source traces")]
    [InlineData("{ id: r, when: { kind: k8s.scale, change: { loosens: no } }, then: allow }", "{ id: r, when: { kind: k8s.scale }, then: allow }", "kind k8s.scale, loosening yes or unknown")]
    public void Compare_OneConditionLess_IsOneRegionInWords(string before, string after, string words)
    {
        var regions = PolicyAnalysis.Compare(Policies.Of(before), Policies.Of(after)).Regions(c => c != PolicyChange.None).ToList();

        Assert.Equal([words], regions.Select(r => r.Words));
        Assert.Equal(ChangeDirection.Looser, regions[0].Answer.Direction);
    }

    [Fact]
    public void Compare_SameRulesInOtherWords_AreAlike()
    {
        var one = Policies.Of("{ id: r, when: { kind: { effect: write, reversible: yes } }, then: allow }");
        var other = Policies.Of("{ id: a, when: { kind: k8s.scale }, then: allow }", "{ id: b, when: { kind: { in: [k8s.rollout.undo] } }, then: allow }");

        Assert.Equal([PolicyChange.None], PolicyAnalysis.Compare(one, other).Answers);
    }

    [Fact]
    public void Compare_RoleOfAnotherGroup_IsLooser()
    {
        var before = Policies.Of("{ id: r, when: { kind: k8s.scale }, then: { require_approval: { all: [ { role: lead, count: 1 } ], decide_within: 30m, execute_within: 10m } } }");
        var after = before with { Vocabulary = before.Vocabulary with { Roles = [new("oncall", "group/oncall"), new("lead", "group/everybody")] } };

        Assert.Contains(PolicyAnalysis.Compare(before, after).Answers, c => c.Direction == ChangeDirection.Looser);
    }

    [Fact]
    public void Witnesses_AnyNamesAndPatterns_AreOneForEachWayToMatch() => Gen.Select(PolicyPropertyTests.OneOf("a", "ab", "b/a", "").Array[0, 3], PolicyPropertyTests.OneOf("*", "a*", "*a", "a*b", "*/*", "**", "b*/a", "a").Array[0, 4]).Sample(
        (names, patterns) =>
        {
            var witnesses = TextClasses.Witnesses(names, patterns);
            Assert.Equal(witnesses.Count, witnesses.Select(Way).Distinct().Count());
            // Every text of up to four letters matches in a way that is known.
            var known = witnesses.Select(Way).ToHashSet();
            foreach (var text in Texts(4)) Assert.Contains(Way(text), known);

            string Way(string text) => string.Concat(names.Select(n => n == text ? '1' : '0').Concat(patterns.Select(p => Glob.IsMatch(p, text) ? '1' : '0')));
        }, iter: TestCounts.Pick(500, 20_000));

    [Fact]
    public void Compare_MoreRegionsThanCanBeGoneThrough_IsSaid()
    {
        // Each rule hangs on facts of its own, and all of them on each other by their requirements.
        var rules = Enumerable.Range(0, 40).Select(i => $"{{ id: r{i}, when: {{ kind: k8s.scale, target: {{ labels: {{ l{i}: yes{i} }} }} }}, then: {{ require_approval: {{ all: [ {{ role: oncall, count: {1 + (i % 20)} }} ], decide_within: {i + 1}m, execute_within: {i + 1}m }} }} }}");

        Assert.Contains("400000 steps", Assert.Throws<PolicyTooLargeException>(() => PolicyAnalysis.Outcomes(Policies.Of([.. rules]))).Message);
    }

    [Fact]
    public void Findings_RulesWithoutEffect_AreNamed()
    {
        var policy = Policies.Of(
            "{ id: open, when: { kind: k8s.scale }, then: allow }",
            "{ id: never, when: { kind: { effect: read, in: [k8s.scale] } }, then: allow }",
            "{ id: again, when: { kind: k8s.scale, environment: prod }, then: allow }",
            "{ id: shadowed, when: { kind: k8s.rollout.undo }, then: allow }",
            "{ id: shut, when: { kind: k8s.rollout.undo }, then: prohibit }",
            "{ id: gone, when: { kind: { reversible: no } }, then: { prohibit: { absolute: true } } }");

        var findings = PolicyFindings.Of(policy, _ => 7);

        Assert.Equal(
        [
            "no facts make never hold: its conditions exclude each other",
            "again changes no decision: other rules say the same or more wherever it applies",
            "shadowed opens nothing: what it would open is prohibited by shut",
            "telemetry.read is declared, and nothing ever opens it",
            "k8s.rollout.undo is declared, and nothing ever opens it",
        ], findings.Select(f => f.What));
    }

    [Fact]
    public void Findings_ShippedPolicies_HaveNone() => Assert.All(Policies.Shipped, f => Assert.Empty(PolicyFindings.Of(Copilot.Storage.Policies.PolicyLoader.Load(f).Document, _ => 1)));

    [Theory]
    [InlineData("evidence.confidence", "{ id: r, when: { kind: k8s.scale, evidence: { confidence: { max: 0.5 } } }, then: allow }", false)]
    [InlineData("evidence.confidence", "{ id: r, when: { kind: k8s.scale, evidence: { confidence: { min: 0.5 } } }, then: allow }", true)]
    [InlineData("evidence.confidence", "{ id: r, when: { kind: k8s.scale }, then: allow }", true)]
    [InlineData("blast_radius.replicas", "{ id: r, when: { kind: k8s.scale, blast_radius: { replicas: { max: 5 } } }, then: allow }", true)]
    [InlineData("blast_radius.replicas", "{ id: r, when: { kind: k8s.scale, blast_radius: { replicas: { min: 5 } } }, then: allow }", false)]
    [InlineData("blast_radius.replicas", "{ id: r, when: { kind: k8s.scale, blast_radius: { replicas: { min: 2, max: 5 } } }, then: allow }", false)]
    public void Refute_Monotone_FindsWhereBetterIsStricter(string fact, string rule, bool holds)
    {
        var policy = Policies.Of(rule);

        var example = InvariantProof.Refute(policy, new PolicyInvariant.Monotone("m", 1, PolicyFactNames.Find(fact)!.Value));

        Assert.Equal(holds, example is null);
        if (example is not null) Assert.Equal(PolicyEffect.Prohibit, PolicyEvaluation.Decide(policy, example.Facts).Effect);
    }

    [Fact]
    public void Refute_NeverAndAtLeast_FindFactsThatBreakThem()
    {
        var policy = Policies.Of(
            "{ id: open, when: { kind: k8s.scale, environment: dev }, then: allow }",
            "{ id: ask, when: { kind: k8s.scale, environment: prod }, then: { require_approval: { all: [ { role: oncall, count: 1 } ], decide_within: 30m, execute_within: 10m } } }");
        IReadOnlyList<PolicyCondition> scale = [new TextCondition(PolicyFact.Kind, null, TextTest.In, ["k8s.scale"], 1)];
        IReadOnlyList<PolicyCondition> prod = [.. scale, new TextCondition(PolicyFact.Environment, null, TextTest.In, ["prod"], 1)];

        Assert.Equal("dev", InvariantProof.Refute(policy, new PolicyInvariant.Never("n", 1, scale, PolicyEffect.Allow))!.Facts.Environment);
        Assert.Null(InvariantProof.Refute(policy, new PolicyInvariant.Never("n", 1, prod, PolicyEffect.Allow)));
        Assert.Equal("dev", InvariantProof.Refute(policy, new PolicyInvariant.AtLeast("n", 1, scale, PolicyEffect.RequireApproval, new Dictionary<string, int>()))!.Facts.Environment);
        Assert.Null(InvariantProof.Refute(policy, new PolicyInvariant.AtLeast("n", 1, prod, PolicyEffect.RequireApproval, new Dictionary<string, int> { ["oncall"] = 1 })));
        Assert.Equal("prod", InvariantProof.Refute(policy, new PolicyInvariant.AtLeast("n", 1, prod, PolicyEffect.RequireApproval, new Dictionary<string, int> { ["oncall"] = 2 }))!.Facts.Environment);
    }

    /// <summary>A vocabulary that another version of a policy may have.</summary>
    private static PolicyVocabulary Changed(PolicyVocabulary before, int change) => change switch
    {
        0 => before with { Environments = ["prod", "moon"] },
        1 => before with { Kinds = [.. before.Kinds.Skip(1)] },
        2 => before with { Calendars = [.. before.Calendars.Select(c => c with { Closed = [.. c.Closed.Select(w => new TimeWindow(w.From.AddHours(1), w.To.AddHours(2)))] })] },
        3 => before with { Roles = [.. before.Roles.Select(r => r with { Group = r.Group + "-all" })] },
        4 => before with { StatedByModel = [PolicyFact.Severity] },
        _ => before,
    };

    /// <summary>Whether facts are in a region: no condition can tell them from one of the classes that bound it.</summary>
    private static bool Holds(Region<PolicyOutcome> region, PolicyFacts facts, PolicyDocument policy) => region.Bounds.All(b => b.Classes.Any(c => AreAlike(b.Fact, c, facts, policy)));

    private static bool Holds(Region<PolicyChange> region, PolicyFacts facts, PolicyDocument before, PolicyDocument after) =>
        region.Bounds.All(b => b.Classes.Any(c => AreAlike(b.Fact, c, facts, before) && AreAlike(b.Fact, c, facts, after)));

    private static bool AreAlike(FactDimension fact, FactClass of, PolicyFacts facts, PolicyDocument policy)
    {
        if (fact.IsOfAllLabels) return of.IsKnown == (new KnownFacts(policy, facts).Labels is not null);
        var bare = new PolicyFacts { Target = new(Labels: fact.Label is null ? null : new Dictionary<string, string>()) };
        var (one, other) = (new KnownFacts(policy, of.Apply(bare)), new KnownFacts(policy, facts));
        return (fact.Fact != PolicyFact.Kind || one.Kind is null == other.Kind is null)
            && RuleStates.Conditions(policy).Where(c => c.Fact == fact.Fact && (c as TextCondition)?.Label == fact.Label).All(c => one.Holds(c) == other.Holds(c));
    }

    private static IEnumerable<string> Texts(int length) => length == 0 ? [""] : Texts(length - 1).SelectMany(t => t.Length == length - 1 ? new[] { t, t + "a", t + "b", t + "/", t + "z" } : [t]);

    private static List<PolicyFacts> Sampled(int count)
    {
        var facts = new List<PolicyFacts>();
        PolicyPropertyTests.Facts.Sample(f => { lock (facts) facts.Add(f); }, iter: count, threads: 1);
        return facts;
    }
}
