using Copilot.Core.Actions;
using Copilot.Core.Incidents;
using Copilot.Core.Policy;
using Copilot.Storage.Policies;
using Copilot.Tests.Support;
using CsCheck;
using Xunit;
using ActorKind = Copilot.Core.Receipts.ActorKind;

namespace Copilot.Tests.Policy;

/// <summary>What must hold for any policy and any facts.</summary>
public sealed class PolicyPropertyTests
{
    private static readonly ActionKind[] Kinds = [ActionKind.TelemetryRead, ActionKind.Scale, ActionKind.RolloutUndo, ActionKind.Delete];
    private static readonly string[] Environments = ["prod", "dev"];
    private static readonly DateTimeOffset Start = new(2026, 11, 25, 0, 0, 0, TimeSpan.Zero);

    private static readonly PolicyVocabulary Vocabulary = new(
        Kinds, Environments, PolicyVocabulary.UsualSeverities, [new("a", "group/a"), new("b", "group/b")],
        [new("freeze", "UTC", [new TimeWindow(Start.AddHours(2), Start.AddHours(5))])], []);

    private static readonly Gen<PolicyCondition> Condition = Gen.OneOf<PolicyCondition>(
        Gen.Bool.Select(b => (PolicyCondition)new EffectCondition(b ? ActionEffect.Write : ActionEffect.Read, 1)),
        Gen.Bool.Select(b => (PolicyCondition)new ReversibleCondition(b, 1)),
        Texts(PolicyFact.Kind, null, [.. Kinds.Select(k => k.Name)]),
        Texts(PolicyFact.Environment, null, Environments),
        Texts(PolicyFact.Severity, null, "sev1", "sev2"),
        Texts(PolicyFact.TargetNamespace, null, "shop", "shop-eu", "shop*", "*"),
        Texts(PolicyFact.TargetLabels, "tier", "web", "data", "*a*"),
        Texts(PolicyFact.Requester, null, "human", "agent"),
        Gen.Select(Gen.Int[0, 4], Gen.Int[0, 4]).Select(r => (PolicyCondition)new RangeCondition(PolicyFact.Replicas, Math.Min(r.Item1, r.Item2), Math.Max(r.Item1, r.Item2), 1)),
        Gen.Int[0, 10].Select(c => (PolicyCondition)new RangeCondition(PolicyFact.Confidence, c / 10m, null, 1)),
        Texts(PolicyFact.ReadSource, null, "logs", "metrics"),
        Gen.Int[0, 4].Select(r => (PolicyCondition)new RangeCondition(PolicyFact.ReadRows, null, r, 1)),
        Gen.Bool.Select(b => (PolicyCondition)new FlagCondition(PolicyFact.Loosens, b, 1)),
        Gen.Const((PolicyCondition)new ClosedCondition("freeze", 1)));

    private static readonly Gen<PolicyRequirements> Requirements =
        from all in Gen.Select(OneOf("a", "b"), Gen.Int[1, 3], Condition.Array[0, 2]).Select(r => new RoleRequirement(r.Item1, r.Item2, r.Item3, 1)).Array[0, 3]
        from decide in Gen.Int[0, 3]
        from execute in Gen.Int[0, 3]
        from flag in Gen.Int[0, 5]
        select new PolicyRequirements(all, decide == 0 ? null : TimeSpan.FromMinutes(decide), execute == 0 ? null : TimeSpan.FromMinutes(execute), flag == 0);

    private static readonly Gen<PolicyThen> Closing = Gen.OneOf<PolicyThen>(
        Requirements.Select(r => (PolicyThen)new PolicyThen.AlsoRequire(r)),
        Gen.Bool.Select(b => (PolicyThen)new PolicyThen.Prohibit(b, null)));

    private static readonly Gen<PolicyThen> Opening = Gen.OneOf<PolicyThen>(
        Gen.Const((PolicyThen)new PolicyThen.Allow()), Requirements.Select(r => (PolicyThen)new PolicyThen.RequireApproval(r)));

    // Mostly rules that open, with few conditions: else nearly every decision would be a prohibition.
    internal static readonly Gen<PolicyDocument> Document = Rules(Gen.Frequency((4, Opening), (1, Closing))).Select(rules => new PolicyDocument("p", 1, "p.yaml", "sha256:0", Vocabulary, rules));

    internal static readonly Gen<PolicyFacts> Facts =
        from kind in Maybe(OneOf(Kinds))
        from environment in Maybe(OneOf("prod", "dev", "moon"))
        from severity in Maybe(OneOf("sev1", "sev2"))
        from ns in Maybe(OneOf("shop", "shop-eu", "shop/x"))
        from tier in OneOf<string?>(null, "", "web", "data")
        from replicas in Gen.Int[-1, 4]
        from confidence in Gen.Int[-1, 11]
        from requester in Gen.Int[0, 3]
        from source in Maybe(OneOf("logs", "metrics"))
        from rows in Gen.Int[-1, 4]
        from loosens in OneOf<bool?>(null, true, false)
        from hour in Gen.Int[-1, 8]
        from model in Gen.Int[0, 40]
        select new PolicyFacts
        {
            Kind = kind,
            Environment = environment,
            Severity = severity,
            Target = new(ns, null, null, tier switch { null => null, "" => new Dictionary<string, string>(), _ => new Dictionary<string, string> { ["tier"] = tier, ["x.y/z"] = "" } }),
            BlastRadius = new(null, replicas < 0 ? null : replicas),
            Evidence = new(confidence < 0 ? null : confidence / 10m),
            Requester = requester == 3 ? null : (ActorKind)requester,
            Read = new(source, Rows: rows < 0 ? null : rows),
            Loosens = loosens,
            Now = hour < 0 ? null : Start.AddHours(hour).ToOffset(TimeSpan.FromHours(hour - 3)),
            StatedByModel = model < PolicyFactNames.All.Count ? [(PolicyFact)model] : [],
        };

    [Fact]
    public void Decide_RulesInAnyOrder_IsTheSameByteForByte() =>
        (from document in Document from facts in Facts from order in Gen.Shuffle(document.Rules.ToArray()) select (document, facts, order)).Sample(
            t => Assert.Equal(Json(t.document, t.facts), Json(t.document with { Rules = t.order }, t.facts)), iter: Count);

    [Fact]
    public void Decide_RuleThatClosesAdded_NeverLoosens() =>
        (from document in Document from facts in Facts from added in Rules(Closing) select (document, facts, added)).Sample(
            t => AssertNotLooser(PolicyEvaluation.Decide(t.document, t.facts), PolicyEvaluation.Decide(t.document with { Rules = [.. t.document.Rules, .. t.added] }, t.facts)), iter: Count);

    [Fact]
    public void Decide_FactForgotten_NeverLoosens() =>
        Gen.Select(Document, Facts).Sample((document, facts) =>
        {
            var decision = PolicyEvaluation.Decide(document, facts);
            foreach (var fact in Enum.GetValues<PolicyFact>()) AssertNotLooser(decision, PolicyEvaluation.Decide(document, Policies.Without(facts, fact)));
        }, iter: Count);

    [Fact]
    public void Decide_FactThatBecomesAModelsWord_NeverLoosens() =>
        Gen.Select(Document, Facts).Sample((document, facts) =>
        {
            var decision = PolicyEvaluation.Decide(document, facts);
            foreach (var fact in Enum.GetValues<PolicyFact>()) AssertNotLooser(decision, PolicyEvaluation.Decide(document, facts with { StatedByModel = [.. facts.StatedByModel, fact] }));
        }, iter: Count);

    [Fact]
    public void Decide_FactsFromAReceipt_ReplaysByteForByte() =>
        Gen.Select(Document, Facts).Sample((document, facts) =>
        {
            var decision = PolicyEvaluation.Decide(document, facts);
            var receipt = decision.Facts.ToMap();
            Assert.Equal(receipt, PolicyFacts.FromMap(receipt).ToMap());
            Assert.Equal(PolicyDecisionJson.Write(decision), Json(document, PolicyFacts.FromMap(receipt)));
        }, iter: Count);

    /// <summary>Rules of time zones change; what was decided does not.</summary>
    [Fact]
    public void Decide_CalendarChangedSince_ReplaysAsItWas()
    {
        var document = Policies.Of("{ id: open, when: { kind: k8s.scale }, then: allow }", "{ id: freeze, when: { calendar: { closed: freeze } }, then: prohibit }");
        var decision = PolicyEvaluation.Decide(document, new() { Kind = ActionKind.Scale, Now = new DateTimeOffset(2026, 11, 26, 22, 30, 0, TimeSpan.Zero) });
        var moved = document with { Vocabulary = document.Vocabulary with { Calendars = [document.Vocabulary.Calendars[0] with { Closed = [new(Start, Start.AddDays(30))] }] } };

        Assert.Equal(PolicyEffect.Allow, decision.Effect);
        Assert.Equal("open", decision.Facts.ToMap()["calendar.freeze"]);
        Assert.Equal(PolicyDecisionJson.Write(decision), Json(moved, PolicyFacts.FromMap(decision.Facts.ToMap())));
    }

    /// <summary>The properties would hold of an engine that prohibits everything; this one does not.</summary>
    [Fact]
    public void Generated_Policies_ReachEveryEffect()
    {
        var seen = new Dictionary<PolicyEffect, int>();
        Gen.Select(Document, Facts).Sample((document, facts) =>
        {
            var effect = PolicyEvaluation.Decide(document, facts).Effect;
            lock (seen) seen[effect] = seen.GetValueOrDefault(effect) + 1;
        }, iter: 2_000);
        Assert.All(Enum.GetValues<PolicyEffect>(), e => Assert.True(seen.GetValueOrDefault(e) > 100, $"{e}: {seen.GetValueOrDefault(e)} of 2000"));
    }

    [Fact]
    public void AssertNotLooser_Looser_IsRed()
    {
        var allow = Policies.Decide(new() { Kind = ActionKind.Scale }, "{ id: r, when: { kind: k8s.scale }, then: allow }");
        var one = With(allow, o => o with { Effect = PolicyEffect.RequireApproval, Requirements = [new("a", "group/a", 1)], ExecuteWithin = TimeSpan.FromMinutes(5) });

        AssertNotLooser(allow, one);
        foreach (var (tight, loose) in new[] { (one, allow), (one, With(one, o => o with { ExecuteWithin = null })), (one, With(one, o => o with { Requirements = [new("b", "group/b", 3)] })), (With(one, o => o with { BreakGlassOnly = true }), one) })
        {
            Assert.ThrowsAny<Xunit.Sdk.XunitException>(() => AssertNotLooser(tight, loose));
            Assert.False(loose.Outcome.IsAtLeastAsStrictAs(tight.Outcome));
        }

        static PolicyDecision With(PolicyDecision decision, Func<PolicyOutcome, PolicyOutcome> change) => decision with { Outcome = change(decision.Outcome) };
    }

    [Theory]
    [InlineData("confidence", "0.9", "confidence is no fact")]
    [InlineData("evidence.confidence", "high", "evidence.confidence cannot be high")]
    [InlineData("kind", "k8s.explode", "kind cannot be k8s.explode")]
    [InlineData("requester", "robot", "requester cannot be robot")]
    [InlineData("now", "yesterday", "now cannot be yesterday")]
    [InlineData("target.labels.tier", "web", "target.labels is missing")]
    [InlineData("target.labels", "2", "target.labels cannot be 2")]
    [InlineData("calendar.freeze", "maybe", "calendar.freeze cannot be maybe")]
    [InlineData("stated_by_model", "mood", "stated_by_model cannot be mood")]
    public void FromMap_EntryThatNoReceiptHas_IsRefused(string key, string value, string words) =>
        Assert.Contains(words, Assert.Throws<FormatException>(() => PolicyFacts.FromMap(new Dictionary<string, string> { [key] = value })).Message);

    [Theory]
    [InlineData("shop-*", "shop-eu", true)]
    [InlineData("shop-*", "shop-", true)]
    [InlineData("shop-*", "shop", false)]
    [InlineData("*", "", true)]
    [InlineData("*", "a/b", false)]
    [InlineData("*/*", "a/b", true)]
    [InlineData("a*b*c", "axxbxbxc", true)]
    [InlineData("a*b*c", "ab/c", false)]
    [InlineData("a.c", "abc", false)]
    [InlineData("A*", "abc", false)]
    [InlineData("**", "a/b", false)]
    public void Glob_Star_StandsForAnythingButASlash(string pattern, string text, bool expected) =>
        Assert.Equal(expected ? Truth.True : Truth.False, Policies.Decide(new() { Target = new(Name: text) }, $"{{ id: r, when: {{ target: {{ name: {{ glob: '{pattern}' }} }} }}, then: prohibit }}").Matched is [var m] ? m.Truth : Truth.False);

    [Fact]
    public void Decide_NoFileOrABrokenOne_IsProhibitedAbsolutely()
    {
        using var folder = new TempFolder();
        foreach (var path in new[] { folder.Combine("none.yaml"), folder.Write("broken.yaml", "policy: v1\n"), folder.FullName })
        {
            var decision = PolicyLoader.Decide(path, Policies.Rollback);
            Assert.Equal((PolicyEffect.Prohibit, true, "none"), (decision.Effect, decision.Outcome.Absolute, decision.Policy.Digest));
            Assert.Contains(path, decision.Reason);
        }
    }

    private static int Count => TestCounts.Pick(1_000, 100_000);

    private static string Json(PolicyDocument document, PolicyFacts facts) => PolicyDecisionJson.Write(PolicyEvaluation.Decide(document, facts));

    private static void AssertNotLooser(PolicyDecision before, PolicyDecision after)
    {
        Assert.True(after.Effect >= before.Effect, $"{before.Reason} became {after.Reason}");
        Assert.True(after.Outcome.Absolute || !before.Outcome.Absolute);
        Assert.True(after.Outcome.IsAtLeastAsStrictAs(before.Outcome));
        if (after.Effect != PolicyEffect.RequireApproval || before.Effect != PolicyEffect.RequireApproval) return;
        foreach (var requirement in before.Outcome.Requirements) Assert.Contains(after.Outcome.Requirements, r => r.Role == requirement.Role && r.Count >= requirement.Count);
        Assert.True((after.Outcome.DecideWithin ?? TimeSpan.MaxValue) <= (before.Outcome.DecideWithin ?? TimeSpan.MaxValue));
        Assert.True((after.Outcome.ExecuteWithin ?? TimeSpan.MaxValue) <= (before.Outcome.ExecuteWithin ?? TimeSpan.MaxValue));
        Assert.True(after.Outcome.BreakGlassOnly || !before.Outcome.BreakGlassOnly);
    }

    private static Gen<PolicyCondition> Texts(PolicyFact fact, string? label, params string[] texts) =>
        Gen.Select(OneOf(texts), OneOf(texts), OneOf(Enum.GetValues<TextTest>())).Select(t => (PolicyCondition)new TextCondition(fact, label, t.Item3, [t.Item1, t.Item2], 1));

    private static Gen<PolicyRule[]> Rules(Gen<PolicyThen> then) =>
        Gen.Select(then, Condition.Array[0, 2]).Array[1, 6].Select(rules => rules.Select((r, i) => new PolicyRule($"r{i}{r.Item1.Verb}", 10 + (i % 3), r.Item2, r.Item1)).ToArray());

    internal static Gen<T> OneOf<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);

    private static Gen<T?> Maybe<T>(Gen<T> gen) where T : class => Gen.Select(gen, Gen.Int[0, 4]).Select(t => t.Item2 == 0 ? null : t.Item1);
}
