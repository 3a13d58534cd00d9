using Copilot.Core.Actions;
using Copilot.Core.Policy;
using Copilot.Storage.Policies;
using Xunit;

namespace Copilot.Tests.Policy;

public sealed class PolicyEvaluationTests
{
    private const string Opener = "{ id: open, when: { kind: k8s.scale }, then: allow }";
    private const string Reviewed = "{ id: reviewed, when: { kind: k8s.scale }, then: { require_approval: { all: [ { role: oncall, count: 1 } ], decide_within: 30m, execute_within: 10m } } }";

    private static readonly PolicyFacts Scale = new() { Kind = ActionKind.Scale };

    /// <summary>What each verb does when its condition is true, unknown and false, beside a rule that allows.</summary>
    [Theory]
    [InlineData("allow", "prod", PolicyEffect.Allow)]
    [InlineData("allow", null, PolicyEffect.Prohibit)]
    [InlineData("allow", "dev", PolicyEffect.Prohibit)]
    [InlineData("{ require_approval: { all: [ { role: lead, count: 1 } ], decide_within: 1h, execute_within: 1h } }", "prod", PolicyEffect.RequireApproval)]
    [InlineData("{ require_approval: { all: [ { role: lead, count: 1 } ], decide_within: 1h, execute_within: 1h } }", null, PolicyEffect.Prohibit)]
    [InlineData("{ require_approval: { all: [ { role: lead, count: 1 } ], decide_within: 1h, execute_within: 1h } }", "dev", PolicyEffect.Prohibit)]
    [InlineData("{ also_require: { all: [ { role: lead, count: 1 } ] } }", "prod", PolicyEffect.Prohibit)]
    [InlineData("{ also_require: { all: [ { role: lead, count: 1 } ] } }", null, PolicyEffect.Prohibit)]
    [InlineData("prohibit", "prod", PolicyEffect.Prohibit)]
    [InlineData("prohibit", "dev", PolicyEffect.Prohibit)]
    public void Decide_OneRule_OpensOnlyWhenTrue(string then, string? environment, PolicyEffect expected) =>
        Assert.Equal(expected, Policies.Decide(Scale with { Environment = environment }, $"{{ id: r, when: {{ environment: prod }}, then: {then} }}").Effect);

    [Theory]
    [InlineData("{ require_approval: { all: [ { role: lead, count: 1 } ], decide_within: 1h, execute_within: 1h } }", "prod", PolicyEffect.RequireApproval)]
    [InlineData("{ require_approval: { all: [ { role: lead, count: 1 } ], decide_within: 1h, execute_within: 1h } }", null, PolicyEffect.RequireApproval)]
    [InlineData("{ require_approval: { all: [ { role: lead, count: 1 } ], decide_within: 1h, execute_within: 1h } }", "dev", PolicyEffect.Allow)]
    [InlineData("{ also_require: { all: [ { role: lead, count: 1 } ] } }", "prod", PolicyEffect.RequireApproval)]
    [InlineData("{ also_require: { all: [ { role: lead, count: 1 } ] } }", null, PolicyEffect.RequireApproval)]
    [InlineData("{ also_require: { all: [ { role: lead, count: 1 } ] } }", "dev", PolicyEffect.Allow)]
    [InlineData("prohibit", "prod", PolicyEffect.Prohibit)]
    [InlineData("prohibit", null, PolicyEffect.Prohibit)]
    [InlineData("prohibit", "dev", PolicyEffect.Allow)]
    public void Decide_RuleBesideAllow_ClosesWhenTrueOrUnknown(string then, string? environment, PolicyEffect expected) =>
        Assert.Equal(expected, Policies.Decide(Scale with { Environment = environment }, Opener, $"{{ id: r, when: {{ environment: prod }}, then: {then} }}").Effect);

    /// <summary>Every form of condition against a fact that meets it, one that does not and one that is unknown.</summary>
    [Theory]
    [InlineData("kind: k8s.rollout.undo", Truth.True)]
    [InlineData("kind: k8s.scale", Truth.False)]
    [InlineData("kind: { effect: write }", Truth.True)]
    [InlineData("kind: { effect: read }", Truth.False)]
    [InlineData("kind: { reversible: yes }", Truth.True)]
    [InlineData("kind: { reversible: no }", Truth.False)]
    [InlineData("kind: { not: k8s.scale, effect: write }", Truth.True)]
    [InlineData("environment: { not: dev }", Truth.True)]
    [InlineData("environment: { not: [dev, prod] }", Truth.False)]
    [InlineData("severity: sev2", Truth.True)]
    [InlineData("severity: { in: [sev1, sev3] }", Truth.False)]
    [InlineData("requester: agent", Truth.True)]
    [InlineData("requester: { not: agent }", Truth.False)]
    [InlineData("target: { namespace: shop-eu }", Truth.True)]
    [InlineData("target: { namespace: shop- }", Truth.False)]
    [InlineData("target: { namespace: { glob: 'shop-*' } }", Truth.True)]
    [InlineData("target: { namespace: { glob: ['x*', '*-eu'] } }", Truth.True)]
    [InlineData("target: { namespace: { glob: 'hop-*' } }", Truth.False)]
    [InlineData("target: { kind: { in: [Deployment, StatefulSet] }, name: checkout }", Truth.True)]
    [InlineData("target: { kind: Deployment, name: cart }", Truth.False)]
    [InlineData("target: { labels: { tier: web } }", Truth.True)]
    [InlineData("target: { labels: { tier: { not: data } } }", Truth.True)]
    [InlineData("target: { labels: { team: { not: data } } }", Truth.True)]
    [InlineData("target: { labels: { team: shop } }", Truth.False)]
    [InlineData("target: { labels: { team: { glob: '*' } } }", Truth.False)]
    [InlineData("blast_radius: { services: { max: 1 } }", Truth.True)]
    [InlineData("blast_radius: { services: { max: 0 } }", Truth.False)]
    [InlineData("blast_radius: { replicas: { min: 3, max: 3 } }", Truth.True)]
    [InlineData("blast_radius: { replicas: { min: 4 } }", Truth.False)]
    [InlineData("evidence: { confidence: { min: 0.9 } }", Truth.True)]
    [InlineData("evidence: { confidence: { min: 0.91 } }", Truth.False)]
    [InlineData("evidence: { independent_sources: { min: 2 } }", Truth.True)]
    [InlineData("evidence: { freshest_s: { max: 59 } }", Truth.False)]
    [InlineData("evidence: { freshest_s: { max: 60 } }", Truth.True)]
    [InlineData("calendar: { closed: freeze }", Truth.False)]
    public void Decide_EachCondition_IsTrueFalseOrUnknown(string condition, Truth expected)
    {
        var rule = $"{{ id: r, when: {{ {condition} }}, then: prohibit }}";

        Assert.Equal(expected, Applied(Policies.Decide(Policies.Rollback, rule)));
        Assert.Equal(Truth.Unknown, Applied(Policies.Decide(new PolicyFacts(), rule)));
    }

    [Theory]
    [InlineData("2026-11-26T22:59:59Z", Truth.False)]
    [InlineData("2026-11-26T23:00:00Z", Truth.True)]
    [InlineData("2026-12-01T10:59:59Z", Truth.True)]
    [InlineData("2026-12-01T11:00:00Z", Truth.False)]
    [InlineData("2026-11-27T01:30:00+01:00", Truth.True)]
    public void Decide_Calendar_IsClosedFromItsStartToBeforeItsEnd(string now, Truth expected) =>
        Assert.Equal(expected, Applied(Policies.Decide(Scale with { Now = DateTimeOffset.Parse(now) }, "{ id: r, when: { calendar: { closed: freeze } }, then: prohibit }")));

    [Fact]
    public void Decide_FactThatThisInstallationHasFromAModelOnly_LoosensNothing()
    {
        string[] rules = ["{ id: open, when: { kind: k8s.scale }, then: allow }", "{ id: shut, when: { kind: k8s.scale, cluster: { not: test } }, then: prohibit }"];
        var facts = new PolicyFacts { Kind = ActionKind.Scale, Cluster = "test" };
        var measured = Policies.Of(rules) is var policy ? policy with { Vocabulary = policy.Vocabulary with { StatedByModel = [] } } : null!;

        Assert.Equal(PolicyEffect.Allow, PolicyEvaluation.Decide(measured, facts).Effect);
        Assert.Equal(PolicyEffect.Prohibit, PolicyEvaluation.Decide(policy, facts).Effect);
    }

    [Fact]
    public void Decide_CalendarRecordedOfATimeThatOnlyAModelStates_IsUnknown()
    {
        var facts = new PolicyFacts { Kind = ActionKind.Scale, Calendars = new Dictionary<string, bool> { ["freeze"] = false } };
        string[] rules = ["{ id: open, when: { kind: k8s.scale }, then: allow }", "{ id: shut, when: { calendar: { closed: freeze } }, then: prohibit }"];

        Assert.Equal(PolicyEffect.Allow, Policies.Decide(facts, rules).Effect);
        Assert.Equal(PolicyEffect.Prohibit, Policies.Decide(facts with { StatedByModel = [PolicyFact.Now] }, rules).Effect);
    }

    [Fact]
    public void Decide_ApprovalWithoutTimes_EndsAllTheSame()
    {
        var decision = Policies.Decide(new() { Kind = ActionKind.Scale }, "{ id: open, when: { kind: k8s.scale }, then: allow }", "{ id: ask, when: {}, then: { also_require: { all: [ { role: lead, count: 1 } ] } } }");

        Assert.Equal((PolicyEffect.RequireApproval, TimeSpan.FromMinutes(30), TimeSpan.FromMinutes(10)), (decision.Effect, decision.Outcome.DecideWithin, decision.Outcome.ExecuteWithin));
    }

    [Fact]
    public void Decide_NoKindOrOneThatIsNotDeclared_OpensNothing()
    {
        const string rule = "{ id: r, when: { environment: dev }, then: allow }";
        var facts = new PolicyFacts { Environment = "dev" };

        Assert.Equal(PolicyEffect.Prohibit, Policies.Decide(facts, rule).Effect);
        Assert.Equal(PolicyEffect.Prohibit, Policies.Decide(facts with { Kind = ActionKind.ChaosPause }, rule).Effect);
        Assert.Equal(PolicyEffect.Allow, Policies.Decide(facts with { Kind = ActionKind.Scale }, rule).Effect);
    }

    [Theory]
    [InlineData("production")]
    [InlineData("Prod")]
    [InlineData("")]
    public void Decide_EnvironmentThatIsNotDeclared_CountsAsUnknown(string environment)
    {
        var decision = Policies.Decide(Scale with { Environment = environment }, Opener, "{ id: r, when: { environment: prod }, then: prohibit }");

        Assert.Equal(PolicyEffect.Prohibit, decision.Effect);
        Assert.Equal($"unknown ({environment}: not declared by the policy)", decision.FactsUsed["environment"]);
    }

    [Fact]
    public void Decide_FactThatOnlyAModelStates_CountsAsUnknown()
    {
        const string rule = "{ id: r, when: { kind: k8s.scale, evidence: { confidence: { min: 0.8 } } }, then: allow }";
        var facts = Scale with { Evidence = new(0.9m) };

        Assert.Equal(PolicyEffect.Allow, Policies.Decide(facts, rule).Effect);
        Assert.Equal(PolicyEffect.Prohibit, Policies.Decide(facts with { StatedByModel = [PolicyFact.Confidence] }, rule).Effect);
        Assert.Equal(PolicyEffect.Prohibit, Policies.Decide(Scale with { Environment = "dev", StatedByModel = [PolicyFact.Environment] }, Opener, "{ id: r, when: { environment: prod }, then: prohibit }").Effect);
    }

    [Theory]
    [InlineData(1.01)]
    [InlineData(-0.01)]
    [InlineData(5)]
    public void Decide_ConfidenceThatCannotBe_CountsAsUnknown(double confidence) =>
        Assert.Equal(PolicyEffect.Prohibit, Policies.Decide(Scale with { Evidence = new((decimal)confidence) }, "{ id: r, when: { kind: k8s.scale, evidence: { confidence: { max: 1 } } }, then: allow }", "{ id: s, when: { kind: k8s.scale, evidence: { confidence: { min: 0 } } }, then: allow }").Effect);

    [Fact]
    public void Decide_SeveralRequirements_AreJoined()
    {
        var decision = Policies.Decide(
            Scale,
            "{ id: a, when: { kind: k8s.scale }, then: { require_approval: { all: [ { role: oncall, count: 2 } ], decide_within: 30m, execute_within: 10m } } }",
            "{ id: b, when: { kind: k8s.scale }, then: { require_approval: { all: [ { role: oncall, count: 1 }, { role: lead, count: 1 } ], decide_within: 1h, execute_within: 5m } } }",
            "{ id: c, when: { kind: k8s.scale }, then: { also_require: { break_glass_only: true } } }",
            Opener);

        Assert.Equal(PolicyEffect.RequireApproval, decision.Effect);
        Assert.Equal([new ApprovalRequirement("lead", "group/leads", 1), new ApprovalRequirement("oncall", "group/oncall", 2)], decision.Outcome.Requirements);
        Assert.Equal((TimeSpan.FromMinutes(30), TimeSpan.FromMinutes(5), true), (decision.Outcome.DecideWithin!.Value, decision.Outcome.ExecuteWithin!.Value, decision.Outcome.BreakGlassOnly));
        Assert.Equal(["a: 2 oncall, decide within 30m, execute within 10m", "b: 1 oncall, 1 lead, decide within 1h, execute within 5m", "c: break-glass only"], decision.Join);
        Assert.Equal(["a", "b", "c", "open"], decision.Matched.Select(m => m.Id));
    }

    [Theory]
    [InlineData("sev1", false)]
    [InlineData("sev2", true)]
    [InlineData(null, true)]
    [InlineData("sev0", true)]
    public void Decide_Unless_WaivesOnlyWhenItDefinitelyHolds(string? severity, bool stays)
    {
        var decision = Policies.Decide(Scale with { Severity = severity }, Reviewed, "{ id: also, when: { kind: k8s.scale }, then: { also_require: { all: [ { role: lead, count: 1, unless: { severity: { in: [sev1] } } } ] } } }");

        Assert.Equal(stays, decision.Outcome.Requirements.Any(r => r.Role == "lead"));
        Assert.Equal(stays, decision.WouldChange.Any(w => w.StartsWith("also would not need lead with severity sev1", StringComparison.Ordinal)));
        Assert.Contains(decision.Outcome.Requirements, r => r.Role == "oncall");
    }

    [Fact]
    public void Decide_AllowAndARequirementThatFellAway_IsAllowed()
    {
        const string also = "{ id: also, when: { kind: k8s.scale }, then: { also_require: { all: [ { role: lead, count: 1, unless: { severity: sev1 } } ] } } }";

        Assert.Equal(PolicyEffect.Allow, Policies.Decide(Scale with { Severity = "sev1" }, Opener, also).Effect);
        Assert.Equal(PolicyEffect.RequireApproval, Policies.Decide(Scale with { Severity = "sev2" }, Opener, also).Effect);
        Assert.Equal(PolicyEffect.Prohibit, Policies.Decide(Scale with { Severity = "sev1" }, also).Effect);
    }

    [Fact]
    public void Decide_AbsoluteProhibition_IsToldFromAnOrdinaryOne()
    {
        var ordinary = Policies.Decide(Scale, Opener, "{ id: p, when: { kind: k8s.scale }, then: { prohibit: { because: 'a reason' } } }");
        var absolute = Policies.Decide(Scale, Opener, "{ id: p, when: { kind: k8s.scale }, then: { prohibit: { absolute: true } } }");

        Assert.Equal((PolicyEffect.Prohibit, false, "prohibited by p: a reason"), (ordinary.Effect, ordinary.Outcome.Absolute, ordinary.Reason));
        Assert.Equal((PolicyEffect.Prohibit, true, "prohibited by p, absolutely"), (absolute.Effect, absolute.Outcome.Absolute, absolute.Reason));
        Assert.Equal(["nothing: an absolute prohibition holds"], absolute.WouldChange);
        Assert.False(Policies.Decide(Scale).Outcome.Absolute);
    }

    [Fact]
    public void Decide_TooManyConditions_IsProhibitedWhateverTheRulesSay()
    {
        var document = Policies.Of(Opener);
        var rule = document.Rules[0];
        PolicyRule Wide(int conditions) => rule with { Id = "wide", When = [.. Enumerable.Repeat(rule.When[0], conditions)] };

        Assert.Equal(PolicyEffect.Allow, PolicyEvaluation.Decide(document with { Rules = [rule, Wide(PolicyEvaluation.MaxConditions - 1)] }, Scale).Effect);
        var decision = PolicyEvaluation.Decide(document with { Rules = [rule, Wide(PolicyEvaluation.MaxConditions)] }, Scale);
        Assert.Equal((PolicyEffect.Prohibit, true), (decision.Effect, decision.Outcome.Absolute));
        Assert.Contains("100000 conditions", decision.Reason);
    }

    [Fact]
    public void Decide_DefectInTheEvaluation_IsProhibited()
    {
        var document = Policies.Of(Opener);
        foreach (var broken in new[] { null!, document.Rules[0] with { When = [null!] }, document.Rules[0] with { When = null! }, document.Rules[0] with { Then = null! } })
        {
            var decision = PolicyEvaluation.Decide(document with { Rules = [broken, .. document.Rules] }, Scale);
            Assert.Equal((PolicyEffect.Prohibit, true), (decision.Effect, decision.Outcome.Absolute));
            Assert.Contains("could not be evaluated", decision.Reason);
        }
    }

    /// <summary>What is prohibited asks nobody and has no time; what is allowed has one only where a rule gives it.</summary>
    [Fact]
    public void Decide_NobodyIsAsked_NoRequirementsAndNoTimes()
    {
        const string also = "{ id: also, when: { kind: k8s.scale }, then: { also_require: { all: [ { role: lead, count: 1 } ], decide_within: 1h, execute_within: 5m } } }";
        foreach (var rules in (string[][])[[also], [Opener, also, "{ id: p, when: { kind: k8s.scale }, then: prohibit }"], [also, "{ id: p, when: { environment: prod }, then: prohibit }"]])
        {
            var decision = Policies.Decide(Scale, rules);
            Assert.Equal((PolicyEffect.Prohibit, null, null), (decision.Effect, decision.Outcome.DecideWithin, decision.Outcome.ExecuteWithin));
            Assert.Empty(decision.Outcome.Requirements);
            Assert.Empty(decision.Join);
        }
        var waived = also.Replace("count: 1", "count: 1, unless: { kind: k8s.scale }", StringComparison.Ordinal);
        Assert.Equal((PolicyEffect.Allow, null, null), Policies.Decide(Scale, Opener) is var allowed ? (allowed.Effect, allowed.Outcome.DecideWithin, allowed.Outcome.ExecuteWithin) : default);
        Assert.Equal((PolicyEffect.Allow, null, TimeSpan.FromMinutes(5)), Policies.Decide(Scale, Opener, waived) is var hurried ? (hurried.Effect, hurried.Outcome.DecideWithin, hurried.Outcome.ExecuteWithin) : default);
    }

    /// <summary>Labels are taken from the target and not from what a model says of it.</summary>
    [Fact]
    public void Decide_LabelsThatOnlyAModelStates_CountAsUnknown()
    {
        const string rule = "{ id: r, when: { kind: k8s.scale, target: { labels: { tier: web } } }, then: allow }";
        var facts = Scale with { Target = new(Labels: new Dictionary<string, string> { ["tier"] = "web" }) };

        Assert.Equal(PolicyEffect.Allow, Policies.Decide(facts, rule).Effect);
        Assert.Equal(PolicyEffect.Prohibit, Policies.Decide(facts with { StatedByModel = [PolicyFact.TargetLabels] }, rule).Effect);
    }

    /// <summary>How much is read is a limit only where it is known, and no reading is smaller than nothing.</summary>
    [Theory]
    [InlineData("rows", 100, true)]
    [InlineData("rows", 101, false)]
    [InlineData("rows", -1, false)]
    [InlineData("range_s", 100, true)]
    [InlineData("range_s", 101, false)]
    [InlineData("range_s", -1, false)]
    [InlineData("mebibytes", 100, true)]
    [InlineData("mebibytes", 101, false)]
    [InlineData("mebibytes", -1, false)]
    public void Decide_LimitOfAReading_HoldsForWhatCanBe(string limit, int value, bool allowed)
    {
        var rule = $"{{ id: r, when: {{ kind: telemetry.read, read: {{ {limit}: {{ max: 100 }} }} }}, then: allow }}";
        var facts = PolicyFacts.FromMap(new Dictionary<string, string> { ["kind"] = "telemetry.read", [$"read.{limit}"] = $"{value}" });

        Assert.Equal(allowed ? PolicyEffect.Allow : PolicyEffect.Prohibit, Policies.Decide(facts, rule).Effect);
        Assert.Equal(PolicyEffect.Prohibit, Policies.Decide(new() { Kind = facts.Kind }, rule).Effect);
    }

    /// <summary>What a model says does not count, whatever else is wrong with it.</summary>
    [Fact]
    public void Decide_TwoDoubts_TheModelComesFirst()
    {
        var decision = Policies.Decide(Scale with { Environment = "moon", Evidence = new(5m), StatedByModel = [PolicyFact.Environment, PolicyFact.Confidence] }, "{ id: r, when: { kind: k8s.scale, environment: prod, evidence: { confidence: { min: 0.5 } } }, then: allow }");

        Assert.Equal(("unknown (moon: only a model says so)", "unknown (5: only a model says so)"), (decision.FactsUsed["environment"], decision.FactsUsed["evidence.confidence"]));
    }

    [Fact]
    public void Decide_ConditionsOfWaivers_CountAsWell()
    {
        var document = Policies.Of(Opener, "{ id: also, when: {}, then: { also_require: { all: [ { role: lead, count: 1, unless: { severity: sev1 } } ] } } }");
        var rule = document.Rules[1];
        var (also, condition) = ((PolicyThen.AlsoRequire)rule.Then, ((PolicyThen.AlsoRequire)rule.Then).Requirements.All[0].Unless[0]);
        PolicyDocument Waiving(int conditions) => document with { Rules = [document.Rules[0], rule with { Then = also with { Requirements = also.Requirements with { All = [also.Requirements.All[0] with { Unless = [.. Enumerable.Repeat(condition, conditions)] }] } } }] };

        Assert.Equal(PolicyEffect.RequireApproval, PolicyEvaluation.Decide(Waiving(PolicyEvaluation.MaxConditions - 1), Scale).Effect);
        Assert.Contains("100000 conditions", PolicyEvaluation.Decide(Waiving(PolicyEvaluation.MaxConditions), Scale).Reason);
    }

    /// <summary>Nobody is in the group of a role that is not declared: asking for one closes.</summary>
    [Fact]
    public void Decide_RoleThatIsNotDeclared_AsksNobodyThatThereIs()
    {
        var document = Policies.Of(Reviewed);
        var outcome = PolicyEvaluation.Outcome(document with { Vocabulary = document.Vocabulary with { Roles = [] } }, Scale);

        Assert.Equal(PolicyEffect.RequireApproval, outcome.Effect);
        Assert.All(outcome.Requirements, r => Assert.Equal("", r.Group));
        Assert.NotEmpty(outcome.Requirements);
    }

    /// <summary>A rule for another kind is no near miss, however many conditions say so.</summary>
    [Fact]
    public void Decide_RuleOfAnotherKindTwice_IsNoNearMiss()
    {
        var decision = Policies.Decide(Scale with { Environment = "dev" }, "{ id: other, when: { kind: { effect: read, reversible: no } }, then: allow }", "{ id: near, when: { kind: k8s.scale, environment: prod }, then: allow }");

        Assert.Equal("near: needs environment prod, has dev", Assert.Single(decision.NearMisses));
    }

    [Fact]
    public void Decide_Rollback_NamesNearMissesAsPeopleSayThem()
    {
        var decision = PolicyEvaluation.Decide(PolicyLoader.Load(Policies.Design).Document, Policies.Rollback with { Evidence = new(0.71m, 1, 60) });

        Assert.Equal(PolicyEffect.Prohibit, decision.Effect);
        Assert.Equal(["rollback-prod: needs confidence 0.8 or more, has 0.71; needs independent sources 2 or more, has 1"], decision.NearMisses);
        Assert.Equal(["rollback-prod would open it for approval with confidence 0.8 or more and independent sources 2 or more"], decision.WouldChange);
        Assert.Equal(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(Policies.Design))), decision.Policy.Digest["sha256:".Length..]);
        Assert.Equal(("production", 7), (decision.Policy.Name, decision.Policy.Version));
    }

    private static Truth Applied(PolicyDecision decision) => decision.Matched is [var matched] ? matched.Truth : Truth.False;
}
