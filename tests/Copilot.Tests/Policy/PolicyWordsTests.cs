using Copilot.Core.Actions;
using Copilot.Core.Policy;
using Xunit;

namespace Copilot.Tests.Policy;

/// <summary>What people read of conditions and outcomes.</summary>
public sealed class PolicyWordsTests
{
    [Theory]
    [InlineData("kind: { effect: read }", "a kind that reads", "not a kind that reads")]
    [InlineData("kind: { effect: write }", "a kind that writes", "not a kind that writes")]
    [InlineData("kind: { reversible: yes }", "a reversible kind", "an irreversible kind")]
    [InlineData("kind: { reversible: no }", "an irreversible kind", "a reversible kind")]
    [InlineData("kind: k8s.scale", "kind k8s.scale", "kind other than k8s.scale")]
    [InlineData("environment: { in: [prod, dev] }", "environment prod or dev", "environment other than prod or dev")]
    [InlineData("environment: { not: prod }", "environment other than prod", "environment prod")]
    [InlineData("target: { name: { glob: ['a*', '*b'] } }", "name like a* or *b", "name not like a* or *b")]
    [InlineData("target: { labels: { tier: web } }", "label tier web", "label tier other than web")]
    [InlineData("target: { labels: { tier: { glob: 'w*' } } }", "label tier like w*", "label tier not like w*")]
    [InlineData("evidence: { confidence: { min: 0.80 } }", "confidence 0.8 or more", "confidence below 0.8")]
    [InlineData("blast_radius: { services: { max: 1 } }", "services at most 1", "services above 1")]
    [InlineData("blast_radius: { replicas: { min: 1, max: 3 } }", "replicas from 1 to 3", "not replicas from 1 to 3")]
    [InlineData("calendar: { closed: freeze }", "calendar freeze closed", "calendar freeze open")]
    public void Needs_EachFormOfCondition_AndItsOpposite(string when, string needs, string not)
    {
        var condition = Policies.Of($"{{ id: r, when: {{ {when} }}, then: prohibit }}").Rules[0].When[0];

        Assert.Equal((needs, not), (PolicyWords.Needs(condition), PolicyWords.Not(condition)));
    }

    [Theory]
    [InlineData(true, "loosening yes", "loosening no")]
    [InlineData(false, "loosening no", "loosening yes")]
    public void Needs_Flag_AndItsOpposite(bool value, string needs, string not)
    {
        var condition = new FlagCondition(PolicyFact.Loosens, value, 1);

        Assert.Equal((needs, not), (PolicyWords.Needs(condition), PolicyWords.Not(condition)));
    }

    [Fact]
    public void Needs_KindThatChangesTheCopilot_SaysSo() => Assert.Equal("a kind that changes the copilot", PolicyWords.Needs(new EffectCondition(ActionEffect.Configure, 1)));

    [Fact]
    public void All_Conditions_AreJoinedByAnd() =>
        Assert.Equal("kind k8s.scale and environment prod", PolicyWords.All(Policies.Of("{ id: r, when: { kind: k8s.scale, environment: prod }, then: allow }").Rules[0].When));

    [Theory]
    [InlineData(30, "30s")]
    [InlineData(60, "1m")]
    [InlineData(90, "90s")]
    [InlineData(1800, "30m")]
    [InlineData(3600, "1h")]
    [InlineData(5400, "90m")]
    [InlineData(172_800, "48h")]
    public void Time_OfSeconds_IsInTheLargestUnitThatFits(int seconds, string words) => Assert.Equal(words, PolicyWords.Time(TimeSpan.FromSeconds(seconds)));
}
