using System.Text;
using Copilot.Core.Actions;
using Copilot.Core.Policy;
using Copilot.Core.Receipts;
using Copilot.Engine.Yaml;
using Copilot.Storage.Policies;
using Copilot.Tests.Policy;
using Copilot.Tests.Support;
using CsCheck;
using Xunit;

namespace Copilot.Tests.Storage;

public sealed class PolicyLoaderTests
{
    private const string Approval = "{ require_approval: { all: [ { role: oncall, count: 1 } ], decide_within: 30m, execute_within: 10m } }";

    /// <summary>The example of the language, and what it says of four actions.</summary>
    [Fact]
    public void Load_ExampleOfTheLanguage_DecidesAsWritten()
    {
        var document = PolicyLoader.Load(Policies.Design).Document;
        PolicyDecision Decide(PolicyFacts facts) => PolicyEvaluation.Decide(document, facts);
        var frozen = Policies.Rollback with { Now = new DateTimeOffset(2026, 11, 28, 0, 0, 0, TimeSpan.Zero) };

        Assert.Equal(PolicyEffect.Allow, Decide(new() { Kind = ActionKind.TelemetryRead, Environment = "prod" }).Effect);
        Assert.Equal("1 sre-lead, 1 sre-oncall, 00:30:00, 00:10:00, False", Words(Decide(Policies.Rollback)));
        Assert.Equal("1 sre-oncall, 00:30:00, 00:10:00, False", Words(Decide(Policies.Rollback with { Severity = "sev1" })));
        Assert.Equal("2 sre-lead, 1 sre-oncall, 00:30:00, 00:10:00, True", Words(Decide(frozen)));
        Assert.Equal("2 sre-lead, 1 sre-oncall, 00:30:00, 00:10:00, True", Words(Decide(Policies.Rollback with { Now = null })));
        Assert.Equal(PolicyEffect.Prohibit, Decide(Policies.Rollback with { Target = Policies.Rollback.Target with { Labels = new Dictionary<string, string> { ["tier"] = "data" } } }).Effect);
        Assert.Equal((PolicyEffect.Prohibit, true), Decide(Policies.Rollback with { Kind = ActionKind.Delete }) is var gone ? (gone.Effect, gone.Outcome.Absolute) : default);
        Assert.Equal([17, 20, 32, 35], document.Rules.Select(r => r.Line));
        Assert.All(document.Rules, r => Assert.Contains($"- id: {r.Id}", File.ReadLines(Policies.Design).ElementAt(r.Line - 1)));
    }

    [Theory]
    [InlineData("telemetry.read", "prod", null, "Allow")]
    [InlineData("k8s.scale", "dev", "0.5", "1 sre-oncall, 00:30:00, 00:10:00, False")]
    [InlineData("k8s.scale", "prod", "0.5", "2 sre-oncall, 00:30:00, 00:10:00, False")]
    [InlineData("k8s.scale", null, "0.5", "2 sre-oncall, 00:30:00, 00:10:00, False")]
    [InlineData("k8s.scale", "production", "0.5", "2 sre-oncall, 00:30:00, 00:10:00, False")]
    [InlineData("k8s.scale", "dev", "0.49", "Prohibit")]
    [InlineData("k8s.scale", "dev", null, "Prohibit")]
    [InlineData("k8s.delete", "dev", "1", "Prohibit absolutely")]
    [InlineData(null, "dev", "1", "Prohibit absolutely")]
    public void Load_DefaultPolicy_DecidesAsACarefulTeam(string? kind, string? environment, string? confidence, string expected) =>
        Assert.Equal(expected, Words(PolicyEvaluation.Decide(Policies.Shipping("default.yaml"), new() { Kind = kind is null ? null : ActionKind.Find(kind), Environment = environment, Evidence = new(confidence is null ? null : decimal.Parse(confidence)) })));

    /// <summary>Every kind has its rule in production, every limit counts, and what is unknown closes.</summary>
    [Fact]
    public void Load_ProductionPolicy_OpensEachKindOnlyWithinItsLimits()
    {
        var policy = Policies.Shipping("production.yaml");
        var facts = Policies.Rollback with { Requester = ActorKind.Human };
        foreach (var kind in ActionKind.All.Where(k => k is { Effect: ActionEffect.Write, Reversible: true }))
        {
            var asked = facts with { Kind = kind, Target = kind == ActionKind.NodeUncordon ? facts.Target with { Kind = "Node" } : facts.Target };
            Assert.Equal((kind, PolicyEffect.RequireApproval), (kind, PolicyEvaluation.Decide(policy, asked).Effect));
            foreach (var worse in new[]
            {
                asked with { Evidence = asked.Evidence with { Confidence = 0.79m } }, asked with { Evidence = asked.Evidence with { IndependentSources = 1 } },
                asked with { Evidence = new() }, asked with { Environment = null }, asked with { Environment = "production" },
            })
                Assert.Equal((kind, PolicyEffect.Prohibit), (kind, PolicyEvaluation.Decide(policy, worse).Effect));
            Assert.True(PolicyEvaluation.Decide(policy, asked with { Now = new DateTimeOffset(2026, 11, 28, 0, 0, 0, TimeSpan.Zero) }).Outcome.BreakGlassOnly);
        }
        Assert.Contains("data-tier", PolicyEvaluation.Decide(policy, facts with { Target = facts.Target with { Labels = null } }).Matched.Select(m => m.Id));
        Assert.True(PolicyEvaluation.Decide(policy, facts with { Target = facts.Target with { Namespace = "kube-system" } }).Outcome.Absolute);
        Assert.Equal(PolicyEffect.Prohibit, PolicyEvaluation.Decide(policy, facts with { Kind = ActionKind.AlertSilence, Requester = ActorKind.Agent }).Effect);
        Assert.Equal("1 sre-oncall, 01:00:00, 00:30:00, False", Words(PolicyEvaluation.Decide(policy, new() { Kind = ActionKind.AlertSilence, Environment = "dev", Evidence = new(0.5m) })));
    }

    [Fact]
    public void Load_ShippedPolicies_HaveNoWarnings() => Assert.All(Policies.Shipped, p => Assert.Empty(PolicyLoader.Load(p).Warnings));

    [Theory]
    [InlineData("policy: v1", "policy: v2", "policy is v2")]
    [InlineData("policy: v1\n", "", "a policy has no policy")]
    [InlineData("default: prohibit", "default: allow", "default is allow. Did you mean prohibit?")]
    [InlineData("version: 3", "version: 0", "version is no whole number")]
    [InlineData("name: test", "name: a b", "name a b is no name")]
    [InlineData("name: test", "nmae: test", "nmae is no key of a policy. Did you mean name?")]
    [InlineData("k8s.scale: {", "k8s.scael: {", "an action kind is k8s.scael. Did you mean k8s.scale?")]
    [InlineData("k8s.delete: { effect: write", "k8s.delete: { effect: read", "k8s.delete does not read")]
    [InlineData("effect: write, reversible: no", "effect: write, reversible: yes", "k8s.delete is irreversible")]
    [InlineData("effect: write, reversible: no", "effect: write", "the kind k8s.delete has no reversible")]
    [InlineData("effect: write, reversible: no", "effect: write, reversible: false", "reversible is neither yes nor no")]
    [InlineData("group/oncall", "oncall", "oncall is no group")]
    [InlineData("[prod, dev]", "[prod, prod]", "prod is declared twice")]
    [InlineData("[prod, dev]", "[prod, no]", "environment is no, which YAML may read as a boolean")]
    [InlineData("Europe/Berlin", "Europe/Berln", "the time zone Europe/Berln is not known here")]
    [InlineData("Europe/Berlin", "../../etc/passwd", "the time zone ../../etc/passwd is not known here")]
    [InlineData("Europe/Berlin", "localtime", "the time zone localtime is not known here")]
    [InlineData("2026-12-01T12:00", "2026-11-26T12:00", "ends before it begins")]
    [InlineData("2026-12-01T12:00", "2026-12-01", "is no interval")]
    [InlineData("2026-11-27T00:00", "2026-03-29T02:30", "no clock in Europe/Berlin shows 2026-03-29T02:30")]
    [InlineData("[cluster]", "[mood]", "fact is mood")]
    public void Load_FaultInTheHead_IsRefusedWithLineAndRemedy(string right, string wrong, string words)
    {
        var text = Policies.Head.Replace(right, wrong) + "- { id: r, when: { kind: k8s.rollout.undo }, then: prohibit }\n";
        Assert.NotEqual(Policies.Head, text);
        Refused(text, words);
    }

    [Theory]
    [InlineData("{ id: r, when: { kind: k8s.explode }, then: allow }", "kind is k8s.explode")]
    [InlineData("{ id: r, when: { kind: chaos.pause }, then: allow }", "kind is chaos.pause")]
    [InlineData("{ id: r, when: { kind: { effect: delete } }, then: allow }", "effect is delete")]
    [InlineData("{ id: r, when: { environment: staging }, then: allow }", "environment is staging")]
    [InlineData("{ id: r, when: { environment: { glob: 'p*' } }, then: allow }", "glob is no key of environment")]
    [InlineData("{ id: r, when: { severity: sev9 }, then: allow }", "severity is sev9")]
    [InlineData("{ id: r, when: { requester: robot }, then: allow }", "requester is robot")]
    [InlineData("{ id: r, when: { weather: nice }, then: allow }", "weather is no key of when")]
    [InlineData("{ id: r, when: { target: { namespace: 'shop-*' } }, then: allow }", "a star has no meaning there. Write { glob: \"shop-*\" }")]
    [InlineData("{ id: r, when: { target: { namespace: { like: x } } }, then: allow }", "like is no key of target.namespace")]
    [InlineData("{ id: r, when: { target: { namespace: { in: [] } } }, then: allow }", "is an empty list")]
    [InlineData("{ id: r, when: { target: { namespace: {} } }, then: allow }", "asks for nothing")]
    [InlineData("{ id: r, when: { kind: k8s.scale, target: { labels: {} } }, then: allow }", "labels asks for nothing")]
    [InlineData("{ id: r, when: { kind: k8s.scale, target: {} }, then: allow }", "target asks for nothing")]
    [InlineData("{ id: r, when: { kind: {} }, then: allow }", "kind asks for nothing")]
    [InlineData("{ id: r, when: { evidence: { confidence: { min: 80 } } }, then: allow }", "evidence.confidence min is no number from 0 to 1")]
    [InlineData("{ id: r, when: { evidence: { confidence: { min: .nan } } }, then: allow }", "evidence.confidence min is no number")]
    [InlineData("{ id: r, when: { evidence: { confidence: {} } }, then: allow }", "evidence.confidence asks for nothing")]
    [InlineData("{ id: r, when: { blast_radius: { services: { min: 3, max: 2 } } }, then: allow }", "a min above its max")]
    [InlineData("{ id: r, when: { blast_radius: { services: 1 } }, then: allow }", "blast_radius.services is no map")]
    [InlineData("{ id: r, when: { calendar: { closed: holidays } }, then: prohibit }", "the calendar is holidays")]
    [InlineData("{ id: r, when: {}, then: allow }", "r opens everything")]
    [InlineData("{ id: r, then: allow }", "a rule has no when")]
    [InlineData("{ when: { kind: k8s.scale }, then: allow }", "a rule has no id")]
    [InlineData("{ id: r, when: { kind: k8s.scale } }", "a rule has no then")]
    [InlineData("{ id: r, when: { kind: k8s.scale }, then: permit }", "then is permit")]
    [InlineData("{ id: r, when: { kind: k8s.scale }, then: also_require }", "then is also_require")]
    [InlineData("{ id: r, when: { kind: k8s.scale }, then: {} }", "then has 0 verbs")]
    [InlineData("{ id: r, when: { kind: k8s.scale }, then: { prohibit: {}, also_require: {} } }", "then has 2 verbs")]
    [InlineData("{ id: r, when: { kind: k8s.scale }, then: { prohibit: { absolute: yes } } }", "absolute is neither true nor false")]
    [InlineData("{ id: r, when: { kind: k8s.scale }, then: { also_require: {} } }", "also_require adds nothing")]
    [InlineData("{ id: r, when: { kind: k8s.scale }, then: { require_approval: { all: [], decide_within: 1h, execute_within: 1h } } }", "nobody may be left to ask")]
    [InlineData("{ id: r, when: { kind: k8s.scale }, then: { require_approval: { all: [ { role: lead, count: 1, unless: { severity: sev1 } } ], decide_within: 1h, execute_within: 1h } } }", "nobody may be left to ask")]
    [InlineData("{ id: r, when: { kind: k8s.scale }, then: { require_approval: { all: [ { role: oncall, count: 1 } ], decide_within: 1h } } }", "require_approval has no execute_within")]
    [InlineData("{ id: r, when: { kind: k8s.scale }, then: { require_approval: { all: [ { role: boss, count: 1 } ], decide_within: 1h, execute_within: 1h } } }", "the role is boss")]
    [InlineData("{ id: r, when: { kind: k8s.scale }, then: { require_approval: { all: [ { role: oncall, count: 0 } ], decide_within: 1h, execute_within: 1h } } }", "count is no whole number")]
    [InlineData("{ id: r, when: { kind: k8s.scale }, then: { also_require: { all: [ { role: oncall, count: 1, unless: {} } ] } } }", "unless says nothing")]
    [InlineData("{ id: r, when: { kind: k8s.scale, cluster: eu }, then: allow }", "r opens on cluster, which is stated by a model alone")]
    [InlineData("{ id: r, when: { kind: k8s.scale }, then: { also_require: { all: [ { role: oncall, count: 1, unless: { cluster: eu } } ] } } }", "a requirement falls away on cluster, which is stated by a model alone")]
    public void Load_FaultInARule_IsRefusedWithLineAndRemedy(string rule, string words) => Refused($"{Policies.Head}- {rule}\n", words, Policies.Head.Count(c => c == '\n') + 1);

    [Fact]
    public void Load_SeveralFaults_AreToldTogether()
    {
        var text = Policies.Head.Replace("version: 3", "version: three") + "- { id: r, when: { kind: k8s.explode }, then: allow }\n- { id: r2, when: { environment: staging }, then: permit }\n";
        var faults = Assert.Throws<FileFaultException>(() => Parse(text)).Faults;
        Assert.Equal(["test.yaml:3:", "test.yaml:16:", "test.yaml:17:", "test.yaml:17:"], faults.Select(f => f[..(f.IndexOf(' '))]));
    }

    [Fact]
    public void Load_SecondRuleOfOneName_IsRefused() =>
        Refused($"{Policies.Head}- {{ id: r, when: {{ kind: k8s.scale }}, then: allow }}\n- {{ id: r, when: {{ kind: k8s.rollout.undo }}, then: {Approval} }}\n", "a second rule r, the first is in line 16");

    [Fact]
    public void Load_UnusedVocabulary_IsAWarningWithItsLine()
    {
        var warnings = Parse($"{Policies.Head}- {{ id: r, when: {{ kind: k8s.scale }}, then: {Approval} }}\n").Warnings;

        Assert.Equal(
            [
                "test.yaml:7: no rule uses the kind telemetry.read. Take it out of the vocabulary, or write the rule that is missing.",
                "test.yaml:9: no rule uses the kind k8s.rollout.undo. Take it out of the vocabulary, or write the rule that is missing.",
                "test.yaml:10: no rule uses the kind k8s.delete. Take it out of the vocabulary, or write the rule that is missing.",
                "test.yaml:10: k8s.delete is irreversible, and no rule prohibits it absolutely. Add a rule with when: { kind: { reversible: no } } and then: { prohibit: { absolute: true } }.",
                "test.yaml:12: no rule uses the role lead. Take it out of the vocabulary, or write the rule that is missing.",
                "test.yaml:13: no rule uses the calendar freeze. Take it out of the vocabulary, or write the rule that is missing.",
            ],
            warnings);
    }

    /// <summary>The clocks go back on 2026-10-25: 02:30 is shown twice, and the interval takes in both.</summary>
    [Fact]
    public void Load_HourThatComesTwice_IsClosedBothTimes()
    {
        var closed = Parse(Policies.Head.Replace("2026-11-27T00:00/2026-12-01T12:00", "2026-10-25T02:15/2026-10-25T02:30") + "- { id: r, when: { calendar: { closed: freeze } }, then: prohibit }\n").Document.Vocabulary.Calendars[0].Closed[0];
        Assert.Equal(("2026-10-25 00:15Z", "2026-10-25 01:30Z"), ($"{closed.From:yyyy-MM-dd HH:mm}Z", $"{closed.To:yyyy-MM-dd HH:mm}Z"));
        Assert.Equal(TimeSpan.Zero, closed.From.Offset);
    }

    [Fact]
    public void Load_AnyMutation_LoadsOrThrowsAStorageFault()
    {
        var texts = Policies.All.Select(File.ReadAllText).ToArray();
        var lines = texts.SelectMany(t => t.Split('\n')).ToArray();
        var words = new[] { "", " ", "\n", "  ", ":", "-", "{", "}", "[", "]", "'", "\"", "*", "&a", "!", "<<: ", "no", "yes", "true", "null", ".nan", "1e9", "-1", "99999999999999999999", "\u0000", "é", "kind", "prod", "#" };
        (from which in Gen.Int[0, texts.Length - 1] from edits in Gen.Select(Gen.Int[0, int.MaxValue], Gen.Int[0, 40], Gen.Int[0, words.Length + lines.Length - 1]).Array[1, 4] select (which, edits)).Sample(t =>
        {
            var text = texts[t.which];
            foreach (var (at, remove, insert) in t.edits)
            {
                var start = at % (text.Length + 1);
                text = text[..start] + (insert < words.Length ? words[insert] : lines[insert - words.Length]) + text[Math.Min(text.Length, start + remove)..];
            }
            try
            {
                var decision = PolicyEvaluation.Decide(Parse(text).Document, Policies.Rollback);
                Assert.Equal(PolicyDecisionJson.Write(decision), PolicyDecisionJson.Write(PolicyEvaluation.Decide(Parse(text).Document, PolicyFacts.FromMap(decision.Facts.ToMap()))));
            }
            catch (FileFaultException e)
            {
                Assert.All(e.Faults, f => Assert.Matches(@"^test\.yaml:[0-9]+: .+\.$", f));
            }
        }, iter: TestCounts.Pick(1_000, 50_000));
    }

    [Theory]
    [InlineData("kind: k8s.scale\nenvironment: prod\ntarget: { namespace: shop, labels: { tier: web } }\nevidence: { confidence: 0.8 }\nnow: 2026-11-25T10:00:00Z\nrequester: human\nstated_by_model: [severity]\n")]
    [InlineData("{ \"kind\": \"k8s.scale\", \"environment\": \"prod\", \"target\": { \"namespace\": \"shop\", \"labels\": { \"tier\": \"web\" } }, \"evidence\": { \"confidence\": 0.8 }, \"now\": \"2026-11-25T11:00:00+01:00\", \"requester\": \"human\", \"stated_by_model\": [\"severity\"] }")]
    [InlineData("{ \"kind\": \"k8s.scale\", \"environment\": \"prod\", \"target.namespace\": \"shop\", \"target.labels\": \"1\", \"target.labels.tier\": \"web\", \"evidence.confidence\": \"0.8\", \"now\": \"2026-11-25T10:00:00Z\", \"requester\": \"human\", \"stated_by_model\": \"severity\" }")]
    public void Facts_YamlJsonOrReceipt_AreTheSame(string text) => Assert.Equal(
        "environment=prod evidence.confidence=0.8 kind=k8s.scale now=2026-11-25T10:00:00Z requester=human stated_by_model=severity target.labels=1 target.labels.tier=web target.namespace=shop",
        string.Join(' ', PolicyFactsFile.Parse("f", Encoding.UTF8.GetBytes(text)).ToMap().Select(e => $"{e.Key}={e.Value}")));

    [Theory]
    [InlineData("kind: k8s.explode", "kind is k8s.explode")]
    [InlineData("kidn: k8s.scale", "kidn is no key of the facts. Did you mean kind?")]
    [InlineData("now: yesterday", "now is yesterday, which is no moment")]
    [InlineData("now: 2026-11-25T10:00:00", "which is no moment")]
    [InlineData("evidence: { confidence: 80 }", "confidence is no number from 0 to 1")]
    [InlineData("target.namespace: x\ntarget: { name: y }", "flat facts and nested ones are mixed")]
    [InlineData("target.namspace: x", "target.namspace is no fact")]
    public void Facts_Faulty_AreRefused(string text, string words) =>
        Assert.Contains(words, Assert.Throws<FileFaultException>(() => PolicyFactsFile.Parse("f", Encoding.UTF8.GetBytes(text))).Message);

    private static LoadedPolicy Parse(string text) => PolicyLoader.Parse("test.yaml", Encoding.UTF8.GetBytes(text));

    private static void Refused(string text, string words, int? line = null)
    {
        var faults = Assert.Throws<FileFaultException>(() => Parse(text)).Faults;
        var fault = Assert.Single(faults, f => f.Contains(words, StringComparison.Ordinal));
        Assert.Matches(line is null ? @"^test\.yaml:[0-9]+: .+\. .+[.?)]$" : $@"^test\.yaml:{line}: .+\. .+[.?)]$", fault);
    }

    private static string Words(PolicyDecision d) => d.Effect == PolicyEffect.RequireApproval
        ? $"{string.Join(", ", d.Outcome.Requirements.Select(r => $"{r.Count} {r.Role}"))}, {d.Outcome.DecideWithin}, {d.Outcome.ExecuteWithin}, {d.Outcome.BreakGlassOnly}"
        : $"{d.Effect}{(d.Outcome.Absolute ? " absolutely" : "")}";
}
