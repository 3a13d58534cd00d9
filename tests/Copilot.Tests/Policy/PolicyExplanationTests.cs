using Copilot.Core.Actions;
using Copilot.Core.Policy;
using Copilot.Core.Receipts;
using Xunit;

namespace Copilot.Tests.Policy;

/// <summary>Why a decision is what it is, and what would make it looser: what the author of a policy works with.</summary>
public sealed class PolicyExplanationTests
{
    private const string Opener = "{ id: open, when: { kind: k8s.scale }, then: allow }";
    private const string Reviewed = "{ id: reviewed, when: { kind: k8s.scale }, then: { require_approval: { all: [ { role: oncall, count: 1 } ], decide_within: 30m, execute_within: 10m } } }";

    private static readonly PolicyFacts Scale = new() { Kind = ActionKind.Scale };

    [Fact]
    public void Reason_EachOutcome_NamesTheRulesItComesFrom()
    {
        Assert.Equal("allowed by open, wide", Policies.Decide(Scale, Opener, "{ id: wide, when: { kind: { effect: write } }, then: allow }", "{ id: met, when: {}, then: { also_require: { all: [ { role: lead, count: 1, unless: { kind: k8s.scale } } ] } } }").Reason);
        Assert.Equal("approval required by open, reviewed", Policies.Decide(Scale, Opener, Reviewed).Reason);
        Assert.Equal("approval required by open, ask", Policies.Decide(Scale, Opener, "{ id: ask, when: { environment: prod }, then: { also_require: { all: [ { role: lead, count: 1 } ] } } }").Reason);
        Assert.Equal("prohibited: no rule opens it", Policies.Decide(Scale, "{ id: other, when: { kind: k8s.delete }, then: allow }").Reason);
        Assert.Equal("prohibited: the kind of the action is unknown or not declared by the policy", Policies.Decide(new(), Opener).Reason);
        Assert.Equal("prohibited by p (unknown whether it holds, so it applies): late, q, absolutely", Policies.Decide(Scale, Opener, "{ id: p, when: { environment: prod }, then: { prohibit: { because: late } } }", "{ id: q, when: {}, then: { prohibit: { absolute: true } } }").Reason);
    }

    /// <summary>A rule that does not open is not said to have been met where nothing is open; one that closes is.</summary>
    [Fact]
    public void Matched_NothingOpens_LeavesOutApprovalsThatAreOnlyPossible()
    {
        const string perhaps = "{ id: perhaps, when: { environment: prod }, then: { require_approval: { all: [ { role: lead, count: 1 } ], decide_within: 1h, execute_within: 1h } } }";
        const string adds = "{ id: adds, when: { environment: prod }, then: { also_require: { all: [ { role: lead, count: 1 } ] } } }";

        Assert.Equal([("adds", "also_require", Truth.Unknown)], Policies.Decide(Scale, perhaps, adds).Matched.Select(m => (m.Id, m.Verb, m.Truth)));
        Assert.Equal([("open", "allow", Truth.True), ("perhaps", "require_approval", Truth.Unknown), ("adds", "also_require", Truth.Unknown)], Policies.Decide(Scale, Opener, perhaps, adds).Matched.Select(m => (m.Id, m.Verb, m.Truth)));
    }

    /// <summary>Five at most, those that lack least first, then in the order of the file.</summary>
    [Fact]
    public void NearMisses_MoreThanFive_AreTheNearest()
    {
        string[] far = [.. Enumerable.Range(0, 4).Select(i => $"{{ id: far{i}, when: {{ kind: k8s.scale, environment: prod, severity: sev1 }}, then: allow }}")];
        string[] near = [.. Enumerable.Range(0, 3).Select(i => $"{{ id: near{i}, when: {{ kind: k8s.scale, environment: prod }}, then: allow }}")];
        const string other = "{ id: other, when: { kind: k8s.delete }, then: allow }";

        var decision = Policies.Decide(Scale with { Environment = "dev", Severity = "sev2" }, [.. far, other, .. near]);

        Assert.Equal(["near0", "near1", "near2", "far0", "far1"], decision.NearMisses.Select(m => m.Split(':')[0]));
        Assert.Equal("near0: needs environment prod, has dev", decision.NearMisses[0]);
        Assert.Equal("far0: needs environment prod, has dev; needs severity sev1, has sev2", decision.NearMisses[3]);
        Assert.Equal("near0 would allow it with environment prod", decision.WouldChange[0]);
    }

    /// <summary>A label and a calendar of one name are two facts, and each verb is told by its own name.</summary>
    [Fact]
    public void Decide_LabelNamedAsACalendar_UsesBoth()
    {
        var decision = Policies.Decide(Scale, "{ id: label, when: { kind: k8s.scale, target: { labels: { freeze: yes } } }, then: prohibit }".Replace("yes", "\"yes\"", StringComparison.Ordinal), "{ id: calendar, when: { kind: k8s.scale, calendar: { closed: freeze } }, then: prohibit }");

        Assert.Equal(["calendar.freeze", "target.labels.freeze"], decision.FactsUsed.Keys.Where(k => k.EndsWith("freeze", StringComparison.Ordinal)).Order());
        Assert.All(decision.Matched, m => Assert.Equal("prohibit", m.Verb));
        Assert.Equal(2, decision.Matched.Count);
    }

    /// <summary>Beside an approval only what would allow is nearer; beside what is allowed there is nothing.</summary>
    [Fact]
    public void NearMisses_OfAnApproval_AreRulesThatAllow()
    {
        const string free = "{ id: free, when: { kind: k8s.scale, environment: dev }, then: allow }";
        const string asked = "{ id: asked, when: { kind: k8s.scale, environment: dev }, then: { require_approval: { all: [ { role: lead, count: 1 } ], decide_within: 1h, execute_within: 1h } } }";

        Assert.Equal(["free: needs environment dev, has prod"], Policies.Decide(Scale with { Environment = "prod" }, Reviewed, free, asked).NearMisses);
        Assert.Equal(["free would allow it with environment dev"], Policies.Decide(Scale with { Environment = "prod" }, "{ id: only, when: {}, then: { require_approval: { all: [ { role: oncall, count: 1 } ], decide_within: 30m, execute_within: 10m } } }".Replace("{}", "{ kind: k8s.scale }", StringComparison.Ordinal), free).WouldChange);
        Assert.Empty(Policies.Decide(Scale with { Environment = "prod" }, Opener, free).NearMisses);
        Assert.Empty(Policies.Decide(new() { Environment = "prod" }, free).NearMisses);
    }

    [Fact]
    public void WouldChange_RuleThatCloses_SaysWhatWouldTakeItAway()
    {
        // Where something else can be otherwise, the kind is not named.
        Assert.Equal(
            ["shut would not apply with environment other than prod (now prod) or severity other than sev1 (now sev1)"],
            Policies.Decide(Scale with { Environment = "prod", Severity = "sev1" }, Opener, "{ id: shut, when: { kind: k8s.scale, environment: prod, severity: sev1 }, then: prohibit }").WouldChange);
        Assert.Equal(["shut would not apply with kind other than k8s.scale (now k8s.scale)"], Policies.Decide(Scale, Opener, "{ id: shut, when: { kind: k8s.scale }, then: prohibit }").WouldChange);
        // Of what is unknown whether it holds, what is unknown.
        Assert.Equal(["shut would not apply with severity other than sev1 (now unknown)"], Policies.Decide(Scale with { Environment = "prod" }, Opener, "{ id: shut, when: { environment: prod, severity: sev1 }, then: prohibit }").WouldChange);
        // Without conditions it always applies.
        Assert.Empty(Policies.Decide(Scale, Opener, "{ id: shut, when: {}, then: prohibit }").WouldChange);
        // An absolute prohibition of which it is unknown whether it holds can still be found not to.
        Assert.Equal(["shut would not apply with environment other than prod (now unknown)"], Policies.Decide(Scale, Opener, "{ id: shut, when: { environment: prod }, then: { prohibit: { absolute: true } } }").WouldChange);
        // Nothing that opens helps against a prohibition, and a requirement is not what keeps it shut.
        Assert.Equal(
            ["shut would not apply with environment other than prod (now prod)"],
            Policies.Decide(Scale with { Environment = "prod", Severity = "sev2" }, "{ id: near, when: { kind: k8s.scale, severity: sev1 }, then: allow }", "{ id: shut, when: { environment: prod }, then: prohibit }", "{ id: ask, when: { environment: prod }, then: { also_require: { all: [ { role: lead, count: 1 } ] } } }").WouldChange);
    }

    [Fact]
    public void WouldChange_Requirement_SaysWhatWouldTakeItAway()
    {
        const string ask = "{ id: ask, when: { environment: prod }, then: { also_require: { all: [ { role: lead, count: 2, unless: { severity: sev1, requester: human } } ] } } }";

        Assert.Equal(
            ["ask would not apply with environment other than prod (now prod)", "ask would not need lead with severity sev1 (now unknown) and requester human (now agent)"],
            Policies.Decide(Scale with { Environment = "prod", Requester = ActorKind.Agent }, Opener, ask).WouldChange);
        Assert.Empty(Policies.Decide(Scale with { Environment = "dev" }, Opener, ask).WouldChange);
        Assert.Empty(Policies.Decide(Scale with { Environment = "prod", Severity = "sev1", Requester = ActorKind.Human }, Opener, ask).WouldChange);
        // Where another rule asks as many of the role, the one falling away changes nothing.
        Assert.DoesNotContain(Policies.Decide(Scale with { Environment = "prod" }, Opener, ask, "{ id: same, when: { kind: k8s.scale }, then: { also_require: { all: [ { role: lead, count: 2 } ] } } }").WouldChange, w => w.Contains("would not need", StringComparison.Ordinal));
        Assert.Contains(Policies.Decide(Scale with { Environment = "prod" }, Opener, ask, "{ id: less, when: { kind: k8s.scale }, then: { also_require: { all: [ { role: lead, count: 1 } ] } } }").WouldChange, w => w.StartsWith("ask would not need lead", StringComparison.Ordinal));
    }

    [Fact]
    public void Join_RulesThatAddNothing_AreCounted()
    {
        const string less = "{ id: less, when: { kind: k8s.scale }, then: { also_require: { all: [ { role: oncall, count: 1 } ], decide_within: 1h } } }";
        var again = less.Replace("less", "again", StringComparison.Ordinal);
        const string faster = "{ id: faster, when: { kind: k8s.scale }, then: { also_require: { decide_within: 5m, execute_within: 5m } } }";
        const string waived = "{ id: waived, when: { kind: k8s.scale }, then: { also_require: { all: [ { role: lead, count: 1, unless: { severity: sev1, environment: prod } } ] } } }";
        const string perhaps = "{ id: perhaps, when: { cluster: eu }, then: { also_require: { all: [ { role: lead, count: 1 } ] } } }";

        Assert.Equal(["reviewed: 1 oncall, decide within 30m, execute within 10m", "1 more rule asks for no more than that"], Policies.Decide(Scale, Reviewed, less).Join);
        Assert.Equal(["reviewed: 1 oncall, decide within 30m, execute within 10m", "2 more rules ask for no more than that"], Policies.Decide(Scale, Reviewed, less, again).Join);
        Assert.Equal(["reviewed: 1 oncall, decide within 30m, execute within 10m", "faster: decide within 5m, execute within 5m"], Policies.Decide(Scale, Reviewed, faster).Join);
        Assert.Equal("waived: no lead, because of environment prod and severity sev1", Policies.Decide(Scale with { Severity = "sev1", Environment = "prod" }, Reviewed, waived).Join[1]);
        Assert.Equal("perhaps (applies because it is unknown whether it holds): 1 lead", Policies.Decide(Scale, Reviewed, perhaps).Join[1]);
        // What is prohibited joins nothing.
        Assert.Empty(Policies.Decide(Scale, Reviewed, "{ id: shut, when: {}, then: prohibit }").Join);
        Assert.Empty(Policies.Decide(Scale, less).Join);
    }

    [Fact]
    public void Write_Decision_IsThisJson()
    {
        var decision = Policies.Decide(
            Scale with { Environment = "prod" }, Reviewed, "{ id: free, when: { kind: k8s.scale, environment: dev }, then: allow }",
            "{ id: ask, when: { severity: sev1 }, then: { also_require: { all: [ { role: lead, count: 2, unless: { requester: human } } ], break_glass_only: true } } }");

        Assert.Equal($$"""
            {
              "effect": "require_approval",
              "absolute": false,
              "reason": "approval required by reviewed, ask",
              "policy": {
                "name": "test",
                "version": 3,
                "file": "test.yaml",
                "digest": "{{decision.Policy.Digest}}"
              },
              "requirements": [
                {
                  "role": "lead",
                  "group": "group/leads",
                  "count": 2
                },
                {
                  "role": "oncall",
                  "group": "group/oncall",
                  "count": 1
                }
              ],
              "decide_within_s": 1800,
              "execute_within_s": 600,
              "break_glass_only": true,
              "matched": [
                {
                  "id": "reviewed",
                  "file": "test.yaml",
                  "line": 16,
                  "verb": "require_approval",
                  "truth": "true"
                },
                {
                  "id": "ask",
                  "file": "test.yaml",
                  "line": 18,
                  "verb": "also_require",
                  "truth": "unknown"
                }
              ],
              "near_misses": [
                "free: needs environment dev, has prod"
              ],
              "join": [
                "reviewed: 1 oncall, decide within 30m, execute within 10m",
                "ask (applies because it is unknown whether it holds): 2 lead, break-glass only"
              ],
              "would_change": [
                "ask would not apply with severity other than sev1 (now unknown)",
                "ask would not need lead with requester human (now unknown)",
                "free would allow it with environment dev"
              ],
              "facts_used": {
                "environment": "prod",
                "kind": "k8s.scale",
                "requester": "unknown",
                "severity": "unknown"
              },
              "facts": {
                "environment": "prod",
                "kind": "k8s.scale"
              }
            }

            """, PolicyDecisionJson.Write(decision));
        Assert.Contains("\"decide_within_s\": null,\n  \"execute_within_s\": null,", PolicyDecisionJson.Write(Policies.Decide(Scale)));
    }

    [Fact]
    public void Unavailable_NoPolicy_IsProhibitedAbsolutelyAndSaysWhy()
    {
        var decision = PolicyDecision.Unavailable("p.yaml", "it is gone; restore it", Scale);

        Assert.Equal(("none", 0, "p.yaml", "none"), (decision.Policy.Name, decision.Policy.Version, decision.Policy.File, decision.Policy.Digest));
        Assert.Equal(("prohibited absolutely: it is gone; restore it", true, "prohibit"), (decision.Reason, decision.Outcome.Absolute, decision.EffectName));
        Assert.Equal(["kind=k8s.scale"], decision.Facts.ToMap().Select(f => $"{f.Key}={f.Value}"));
        Assert.Equal(0, decision.Matched.Count + decision.NearMisses.Count + decision.Join.Count + decision.WouldChange.Count + decision.FactsUsed.Count);
    }
}
