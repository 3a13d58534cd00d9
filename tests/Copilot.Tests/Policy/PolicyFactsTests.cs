using Copilot.Core.Actions;
using Copilot.Core.Policy;
using Copilot.Core.Receipts;
using Copilot.Storage.Policies;
using Xunit;

namespace Copilot.Tests.Policy;

/// <summary>Facts as receipts hold them, and what of them a decision relied on.</summary>
public sealed class PolicyFactsTests
{
    private static readonly PolicyFacts All = new()
    {
        Kind = ActionKind.Scale,
        Environment = "prod",
        Severity = "sev1",
        Cluster = "eu-1",
        Target = new("shop", "Deployment", "cart", new Dictionary<string, string> { ["tier"] = "web", ["app/x"] = "" }),
        BlastRadius = new(1, 3),
        Evidence = new(0.90m, 2, 60),
        Requester = ActorKind.Service,
        Read = new("logs", "t", 10, 20, 30),
        Loosens = false,
        Now = new DateTimeOffset(2026, 11, 25, 12, 0, 0, 500, TimeSpan.FromHours(2)),
        Calendars = new Dictionary<string, bool> { ["freeze"] = true, ["gate"] = false },
        StatedByModel = [PolicyFact.Severity, PolicyFact.Kind, PolicyFact.Severity],
    };

    private static readonly string[] Entries =
    [
        "blast_radius.replicas=3", "blast_radius.services=1", "calendar.freeze=closed", "calendar.gate=open", "change.loosens=no", "cluster=eu-1", "environment=prod", "evidence.confidence=0.9",
        "evidence.freshest_s=60", "evidence.independent_sources=2", "kind=k8s.scale", "now=2026-11-25T10:00:00.5Z", "read.mebibytes=30", "read.range_s=20", "read.rows=10", "read.source=logs",
        "read.tenant=t", "requester=service", "severity=sev1", "stated_by_model=kind severity", "target.kind=Deployment", "target.labels=2", "target.labels.app/x=", "target.labels.tier=web",
        "target.name=cart", "target.namespace=shop",
    ];

    [Fact]
    public void ToMap_EveryFact_HasItsEntryInOrder() => Assert.Equal(Entries, All.ToMap().Select(e => $"{e.Key}={e.Value}"));

    [Fact]
    public void FromMap_EveryFact_IsReadBack()
    {
        var read = PolicyFacts.FromMap(All.ToMap());

        Assert.Equal(Entries, read.ToMap().Select(e => $"{e.Key}={e.Value}"));
        Assert.Equal((All.Kind, All.Requester, All.Loosens, All.Now, All.Read), (read.Kind, read.Requester, read.Loosens, read.Now, read.Read));
        Assert.Equal(TimeSpan.Zero, read.Now!.Value.Offset);
        Assert.Equal((All.BlastRadius, All.Evidence), (read.BlastRadius, read.Evidence));
    }

    [Fact]
    public void FromMap_NothingKnown_KnowsNothing()
    {
        Assert.Empty(new PolicyFacts().ToMap());
        Assert.Equal((null, null, 0), (PolicyFacts.FromMap(new Dictionary<string, string>()).Target.Labels, PolicyFacts.FromMap(new Dictionary<string, string>()).Now, PolicyFacts.FromMap(new Dictionary<string, string>()).StatedByModel.Count));
        // No labels at all are known to be none.
        Assert.Equal("0", (new PolicyFacts { Target = new(Labels: new Dictionary<string, string>()) }).ToMap()["target.labels"]);
    }

    [Theory]
    [InlineData("read.rows", "1.5", "read.rows cannot be 1.5.")]
    [InlineData("read.rows", " 1", "read.rows cannot be  1.")]
    [InlineData("evidence.confidence", "0,9", "evidence.confidence cannot be 0,9.")]
    [InlineData("read.source", "rumours", "read.source cannot be rumours.")]
    [InlineData("change.loosens", "perhaps", "change.loosens cannot be perhaps.")]
    [InlineData("now", "2026-11-25T10:00:00+01:00", "now cannot be 2026-11-25T10:00:00+01:00.")]
    [InlineData("targetlabels.tier", "web", "targetlabels.tier is no fact.")]
    public void FromMap_OtherForm_IsRefused(string key, string value, string words) =>
        Assert.Equal(words, Assert.Throws<FormatException>(() => PolicyFacts.FromMap(new Dictionary<string, string> { [key] = value })).Message);

    [Theory]
    [InlineData("blast_radius.replicas", "-1")]
    [InlineData("evidence.confidence", "-0.5")]
    public void FromMap_NegativeNumber_IsReadAndOpensNothing(string key, string value)
    {
        var facts = PolicyFacts.FromMap(new Dictionary<string, string> { ["kind"] = "k8s.scale", [key] = value });
        var decision = Policies.Decide(facts, "{ id: r, when: { kind: k8s.scale, blast_radius: { replicas: { max: 9 } } }, then: allow }", "{ id: s, when: { kind: k8s.scale, evidence: { confidence: { max: 1 } } }, then: allow }");

        Assert.Equal(PolicyEffect.Prohibit, decision.Effect);
        Assert.Equal($"unknown ({value}: no such value exists)", decision.FactsUsed[key]);
    }

    [Fact]
    public void WriteFacts_Facts_AreOneLineOfJson() =>
        Assert.Equal("""{"kind":"k8s.scale","target.labels":"1","target.labels.tier":"wéb<>"}""", PolicyDecisionJson.WriteFacts(new() { Kind = ActionKind.Scale, Target = new(Labels: new Dictionary<string, string> { ["tier"] = "wéb<>" }) }));

    /// <summary>The ends of what can be: 0 and, of a confidence, 1.</summary>
    [Theory]
    [InlineData("0")]
    [InlineData("1")]
    public void Decide_ConfidenceAtAnEnd_IsKnown(string confidence) =>
        Assert.Equal(confidence, Policies.Decide(PolicyFacts.FromMap(new Dictionary<string, string> { ["evidence.confidence"] = confidence }), "{ id: r, when: { kind: k8s.scale, evidence: { confidence: { min: 0 } } }, then: allow }").FactsUsed["evidence.confidence"]);

    /// <summary>Several labels and calendars are asked for each on its own; what a model says is shown, and that it does not count.</summary>
    [Fact]
    public void Decide_FactsUsed_AreThoseThatAnyRuleAsksFor()
    {
        const string rules = """
            - { id: a, when: { kind: k8s.scale, target: { labels: { tier: web, team: shop } }, severity: sev1 }, then: allow }
            - { id: b, when: { calendar: { closed: freeze }, environment: prod }, then: prohibit }
            - { id: c, when: { calendar: { closed: gate }, target: { labels: { tier: data } } }, then: { also_require: { all: [ { role: lead, count: 1, unless: { requester: human } } ] } } }
            """;
        var head = Policies.Head.Replace("calendars: { ", "calendars: { gate: { tz: UTC, closed: [\"2026-01-01T00:00/2026-01-02T00:00\"] }, ", StringComparison.Ordinal);
        var policy = PolicyLoader.Parse("test.yaml", System.Text.Encoding.UTF8.GetBytes(head + rules + "\n")).Document;

        var used = Used(new() { Kind = ActionKind.Scale, Severity = "sev1", Environment = "moon", Requester = ActorKind.Human, Target = new(Labels: new Dictionary<string, string> { ["tier"] = "web" }), Calendars = new Dictionary<string, bool> { ["gate"] = true }, StatedByModel = [PolicyFact.Severity] });
        Assert.Equal(
            ["calendar.freeze=unknown", "calendar.gate=closed", "environment=unknown (moon: not declared by the policy)", "kind=k8s.scale", "requester=human", "severity=unknown (sev1: only a model says so)", "target.labels.team=none", "target.labels.tier=web"], used);
        Assert.Contains("target.labels.team=unknown", Used(new()));
        Assert.Contains("calendar.freeze=open", Used(new() { Now = DateTimeOffset.UnixEpoch }));

        IEnumerable<string> Used(PolicyFacts facts) => PolicyEvaluation.Decide(policy, facts).FactsUsed.Select(f => $"{f.Key}={f.Value}");
    }
}
