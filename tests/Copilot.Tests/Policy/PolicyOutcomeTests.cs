using Copilot.Core.Policy;
using CsCheck;
using Xunit;

namespace Copilot.Tests.Policy;

/// <summary>Outcomes in words, and which of two is the stricter.</summary>
public sealed class PolicyOutcomeTests
{
    private static readonly PolicyOutcome Allowed = new(PolicyEffect.Allow, false, [], null, null, false);
    private static readonly PolicyOutcome Prohibited = Allowed with { Effect = PolicyEffect.Prohibit };
    private static readonly PolicyOutcome Approved = new(PolicyEffect.RequireApproval, false, [new("lead", "group/leads", 1), new("oncall", "group/oncall", 2)], TimeSpan.FromMinutes(30), TimeSpan.FromMinutes(10), false);

    private static readonly Gen<PolicyOutcome> Any =
        from effect in Gen.Int[0, 3]
        from roles in Gen.Int[0, 3].Array[2]
        from decide in Gen.Int[0, 2]
        from execute in Gen.Int[0, 2]
        from flag in Gen.Bool
        select new PolicyOutcome(
            (PolicyEffect)Math.Min(effect, 2), effect == 3, effect != 1 ? [] : [.. roles.Select((count, i) => new ApprovalRequirement($"r{i}", $"g{i}", count)).Where(r => r.Count > 0)],
            effect != 1 || decide == 0 ? null : TimeSpan.FromMinutes(decide), effect > 1 || execute == 0 ? null : TimeSpan.FromMinutes(execute), effect == 1 && flag);

    [Fact]
    public void Words_EachOutcome_SaysWhatMustBeMet()
    {
        Assert.Equal("allowed", Allowed.Words);
        Assert.Equal("allowed: execute within 10m", (Allowed with { ExecuteWithin = TimeSpan.FromMinutes(10) }).Words);
        Assert.Equal("approval required: 1 lead (group/leads), 2 oncall (group/oncall), 3 distinct people, decide within 30m, execute within 10m", Approved.Words);
        Assert.Equal("approval required: 2 oncall (group/oncall), 2 distinct people, break-glass only", new PolicyOutcome(PolicyEffect.RequireApproval, false, [new("oncall", "group/oncall", 2)], null, null, true).Words);
        Assert.Equal("approval required: 1 lead (group/leads)", new PolicyOutcome(PolicyEffect.RequireApproval, false, [new("lead", "group/leads", 1)], null, null, false).Words);
        Assert.Equal("prohibited", Prohibited.Words);
        Assert.Equal("prohibited absolutely", (Prohibited with { Absolute = true }).Words);
        Assert.Equal("prohibited absolutely", PolicyOutcome.Refused.Words);
    }

    /// <summary>When nothing can be decided: not even by breaking glass, and nobody is asked to.</summary>
    [Fact]
    public void Refused_IsAbsolute() =>
        Assert.Equal((PolicyEffect.Prohibit, true, false, 0), (PolicyOutcome.Refused.Effect, PolicyOutcome.Refused.Absolute, PolicyOutcome.Refused.BreakGlassOnly, PolicyOutcome.Refused.Requirements.Count));

    /// <summary>A plan of several steps is as closed as the most closed of them, in each respect on its own.</summary>
    [Fact]
    public void Join_Steps_IsTheStrictestOfEach()
    {
        var other = new PolicyOutcome(PolicyEffect.RequireApproval, false, [new("oncall", "group/oncall", 1), new("auditor", "group/audit", 3)], TimeSpan.FromMinutes(20), TimeSpan.FromMinutes(15), true);
        var joined = PolicyOutcome.Join([Allowed, Approved, other]);

        Assert.Equal((PolicyEffect.RequireApproval, false, TimeSpan.FromMinutes(20), TimeSpan.FromMinutes(10), true), (joined.Effect, joined.Absolute, joined.DecideWithin!.Value, joined.ExecuteWithin!.Value, joined.BreakGlassOnly));
        Assert.Equal([new("auditor", "group/audit", 3), new("lead", "group/leads", 1), new ApprovalRequirement("oncall", "group/oncall", 2)], joined.Requirements);
        Assert.False(PolicyOutcome.Join([Approved]).BreakGlassOnly);
        var closed = PolicyOutcome.Join([Approved, Prohibited with { Absolute = true }]);
        Assert.Equal((PolicyEffect.Prohibit, true), (closed.Effect, closed.Absolute));
        Assert.False(PolicyOutcome.Join([Approved, Prohibited]).Absolute);
        Assert.Equal(PolicyEffect.Allow, PolicyOutcome.Join([Allowed]).Effect);
    }

    [Fact]
    public void Join_NoSteps_IsRefused() => Assert.Same(PolicyOutcome.Refused, PolicyOutcome.Join([]));

    /// <summary>No step loses anything by being joined.</summary>
    [Fact]
    public void Join_AnySteps_IsAtLeastAsStrictAsEach() => Any.Array[1, 4].Sample(steps =>
    {
        var joined = PolicyOutcome.Join(steps);
        Assert.All(steps, s => Assert.True(joined.IsAtLeastAsStrictAs(s) || joined.Effect == PolicyEffect.Prohibit));
    });

    [Fact]
    public void EffectName_EachEffect_IsAsFilesWriteIt() => Assert.Equal(["allow", "require_approval", "prohibit"], new[] { Allowed, Approved, Prohibited }.Select(o => o.EffectName));

    /// <summary>Each pair differs in one thing.</summary>
    public static TheoryData<PolicyOutcome, PolicyOutcome> Tightened => new()
    {
        { Approved, Allowed },
        { Prohibited, Approved },
        { Prohibited with { Absolute = true }, Prohibited },
        { Prohibited, Allowed with { ExecuteWithin = TimeSpan.FromMinutes(5) } },
        { Approved, Allowed with { ExecuteWithin = TimeSpan.FromMinutes(10) } },
        { Approved, Approved with { DecideWithin = TimeSpan.FromMinutes(31) } },
        { Approved, Approved with { DecideWithin = null } },
        { Approved, Approved with { ExecuteWithin = TimeSpan.FromMinutes(11) } },
        { Approved, Approved with { ExecuteWithin = null } },
        { Approved, Approved with { Requirements = [new("lead", "group/leads", 1), new("oncall", "group/oncall", 1)] } },
        { Approved, Approved with { Requirements = [new("oncall", "group/oncall", 2)] } },
        { Approved with { BreakGlassOnly = true }, Approved },
    };

    [Theory]
    [MemberData(nameof(Tightened))]
    public void IsAtLeastAsStrictAs_OneThingTightened_HoldsOneWayOnly(PolicyOutcome tight, PolicyOutcome loose)
    {
        Assert.True(tight.IsAtLeastAsStrictAs(loose));
        Assert.False(loose.IsAtLeastAsStrictAs(tight));
        Assert.NotEqual(tight, loose);
    }

    /// <summary>Other people, or one thing tighter and one looser: neither keeps everybody out whom the other keeps out.</summary>
    [Fact]
    public void IsAtLeastAsStrictAs_OtherDemands_HoldsNeitherWay()
    {
        AssertNeither(Approved, Approved with { Requirements = [new("security", "group/security", 5)] });
        AssertNeither(Approved, Approved with { Requirements = [new("lead", "group/others", 1), new("oncall", "group/oncall", 2)] });
        AssertNeither(Approved, Approved with { DecideWithin = TimeSpan.FromMinutes(1), ExecuteWithin = TimeSpan.FromHours(1) });
        AssertNeither(Approved, Allowed with { ExecuteWithin = TimeSpan.FromMinutes(5) });

        static void AssertNeither(PolicyOutcome one, PolicyOutcome other)
        {
            Assert.False(one.IsAtLeastAsStrictAs(other));
            Assert.False(other.IsAtLeastAsStrictAs(one));
        }
    }

    [Fact]
    public void IsAtLeastAsStrictAs_AnyOutcomes_IsAPartialOrder() => Gen.Select(Any, Any, Any).Sample((a, b, c) =>
    {
        Assert.True(a.IsAtLeastAsStrictAs(a) && PolicyOutcome.Refused.IsAtLeastAsStrictAs(a));
        if (a.IsAtLeastAsStrictAs(b) && b.IsAtLeastAsStrictAs(c)) Assert.True(a.IsAtLeastAsStrictAs(c));
        Assert.Equal(a.IsAtLeastAsStrictAs(b) && b.IsAtLeastAsStrictAs(a), a.Equals(b));
        if (a.Equals(b)) Assert.Equal(a.GetHashCode(), b.GetHashCode());
        Assert.False(a.Equals(null));
    });

    [Fact]
    public void Equals_RequirementsInAnotherList_IsTheSameOutcome()
    {
        var same = Approved with { Requirements = [.. Approved.Requirements] };

        Assert.Equal(Approved, same);
        Assert.Equal(Approved.GetHashCode(), same.GetHashCode());
    }
}
