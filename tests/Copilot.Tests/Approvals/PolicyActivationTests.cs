using Copilot.Core.Approvals;
using Copilot.Core.Approvals.World;
using Copilot.Core.Policy;
using Copilot.Core.Policy.Regions;
using Copilot.Storage.Policies;
using Copilot.Tests.Policy;
using Xunit;

namespace Copilot.Tests.Approvals;

/// <summary>Another policy as something that people agree to, without a database.</summary>
public sealed class PolicyActivationTests
{
    private static readonly PolicyDocument Default = Policies.Shipping("default.yaml");

    [Fact]
    public void Enact_Ready_IsDoneInOneMoment()
    {
        var moved = Assert.IsType<ApprovalResult.Moved>(Enact(Ready()));

        Assert.Equal(["Taken HandedOff", "Reported Verifying", "Observed Succeeded"], moved.Events.Select(e => $"{e.Happening} {e.To}"));
        Assert.Equal((moved.Request.Grant!.Id, "ann"), (Assert.IsType<ApprovalEvent.Taken>(moved.Events[0]).Grant, moved.Request.HandedTo!.Person));
        Assert.Equal($"policy default version {Default.Version} decides from now on", moved.Request.Because);
        Assert.True(moved.Request.State.IsFinal());
    }

    [Fact]
    public void Enact_WhatNoLongerStands_DoesNot()
    {
        var ready = Ready();
        Asked.Refused(RefusalCode.WrongState, Enact(Asked.Of(Asked.Activation(Default, Asked.Hash('c')))));
        Asked.Refused(RefusalCode.WrongState, Enact(Asked.Moved(Enact(ready))));
        Asked.Refused(RefusalCode.WeakIdentity, PolicyActivation.Enact(ready, Asked.Weak("ann"), Asked.Start.AddSeconds(120), Asked.Now(ready), new WorldCheck.Same()));
        Asked.Refused(RefusalCode.NotSeen, Enact(ready, world: new WorldCheck.NotSeen("gone")));
        Asked.Refused(RefusalCode.NotSeen, Enact(ready, Asked.WithoutPolicy(ready)));
        Assert.Equal("drifted", Asked.Word(Enact(ready, world: new WorldCheck.Differs(["another one is in force"]))));
        Assert.Equal("revoked", Asked.Word(Enact(ready, Asked.Now(ready, null, "bob"))));
        Assert.Equal("revoked", Asked.Word(Enact(ready, Asked.Now(ready, PolicyOutcome.Refused))));
    }

    /// <summary>Whoever has to be woken for it may go past people for a step, and never for what is asked of people.</summary>
    [Fact]
    public void BreakGlass_OfAPolicy_IsNotGraveEnough() =>
        Asked.Refused(RefusalCode.NotGraveEnough, Asked.BreakGlass(Asked.Of(Asked.Activation(Default, Asked.Hash('c')) with { Severity = "sev1" })));

    [Fact]
    public void World_AnotherPolicyInForce_Differs()
    {
        Assert.Empty(WorldState.Differences(PolicyActivation.WorldOf(Asked.Hash('c')), PolicyActivation.WorldOf(Asked.Hash('c'))));
        Assert.Equal([$"copilot policy-in-force was {Asked.Hash('c')}, and is {Asked.Hash('d')}"], WorldState.Differences(PolicyActivation.WorldOf(Asked.Hash('c')), PolicyActivation.WorldOf(Asked.Hash('d'))));
    }

    [Fact]
    public void Fault_ShippedPolicies_CanBeReplacedByTwo() => Assert.All(["default.yaml", "production.yaml"], name => Assert.Null(PolicySuccession.Fault(Policies.Shipping(name), PolicyActivation.AsksEnough)));

    [Theory]
    [InlineData("{ role: sre-oncall, count: 2 } ]\n      decide_within: 24h", "{ role: sre-oncall, count: 1 } ]\n      decide_within: 24h", "too few people agree (approval required: 1 sre-oncall")]
    [InlineData("  when: { kind: { effect: configure } }\n  then:\n    require_approval:", "  when: { kind: { effect: configure }, requester: agent }\n  then:\n    require_approval:", "no other policy could take its place")]
    [InlineData("      execute_within: 1h", "      execute_within: 1h\n      break_glass_only: true", "no other policy could take its place")]
    [InlineData("- id: irreversible", "- id: alone\n  when: { kind: copilot.policy.activate, cluster: small }\n  then: allow\n\n- id: irreversible", null)]
    [InlineData("  then:\n    require_approval:\n      all: [ { role: sre-oncall, count: 2 } ]\n      decide_within: 24h\n      execute_within: 1h", "  then: allow", "too few people agree (allowed; ")]
    public void Fault_Altered_IsTold(string from, string to, string? fault)
    {
        Assert.Contains(from, Default.Text);
        var altered = PolicyLoader.Parse("altered.yaml", System.Text.Encoding.UTF8.GetBytes(Default.Text.Replace(from, to, StringComparison.Ordinal))).Document;

        var found = PolicySuccession.Fault(altered, PolicyActivation.AsksEnough);

        if (fault is null) Assert.Null(found);
        else Assert.Contains(fault, found);
    }

    private static ApprovalRequest Ready() => Asked.Approved(Asked.Of(Asked.Activation(Default, Asked.Hash('c'))), "ann", "bob");

    private static ApprovalResult Enact(ApprovalRequest request, Standing? standing = null, WorldCheck? world = null) =>
        PolicyActivation.Enact(request, Asked.Strong("ann"), Asked.Start.AddSeconds(120), standing ?? Asked.Now(request), world ?? new WorldCheck.Same());
}
