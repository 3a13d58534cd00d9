using System.Text.Json.Nodes;
using Copilot.Core.Actions;
using Copilot.Core.Approvals;
using Copilot.Core.Approvals.World;
using Copilot.EndToEnd.Sources.Kubernetes;
using Copilot.EndToEnd.StandIns.Kubernetes;
using Xunit;

namespace Copilot.EndToEnd.Executing;

/// <summary>The executor takes nothing on trust: whatever the host gives it is held against the grant.</summary>
public sealed class GrantCheckTests
{
    public static TheoryData<string, Func<ApprovalRequest, ApprovalRequest>> Lies => new()
    {
        { "there is no grant", r => r with { Grant = null } },
        { "not signed", r => r with { Grant = r.Grant! with { NotAfter = r.Grant.NotAfter.AddHours(1) } } },
        { "not signed", r => r with { Grant = r.Grant! with { Signature = Convert.ToBase64String(new byte[64]) } } },
        { "not signed", r => r with { Grant = r.Grant! with { Plan = r.Grant.World } } },
        { "not signed", r => r with { Grant = r.Grant! with { Presented = null } } },
        { "of another request", r => r with { Id = "01K0REQVEST000000000000001" } },
        { "the plan is not", r => Planned(r, p => p["steps"]![0]!["params"]!["replicas"] = "300") },
        { "the plan is not", r => Planned(r, p => p["steps"]![0]!["target"]!["name"] = "other") },
        { "no kind k8s.exec", r => Planned(r, p => p["steps"]![0]!["kind"] = "k8s.exec") },
        { "no plan", r => Planned(r, p => p["more"] = 1) },
        { "the world is not", r => r with { Ask = r.Ask with { World = Changed(r.Ask.World, w => w["facts"]![0]!["observed"] = "another") } } },
        { "the text is not", r => r with { Ask = r.Ask with { Presented = r.Ask.Presented + " " } } },
        { "a command is not", r => r with { Ask = r.Ask with { Commands = [r.Ask.Commands[0] with { Does = "kubectl delete all --all" }] } } },
        { "a command is not", r => r with { Ask = r.Ask with { Commands = [] } } },
        { "a command is not", r => r with { Ask = r.Ask with { Commands = [r.Ask.Commands[0] with { Back = "kubectl" }] } } },
        { "did not agree that this executor", r => r with { Ask = r.Ask with { Executor = "other" } } },
    };

    [Theory]
    [MemberData(nameof(Lies))]
    public async Task Fault_WhatWasNotApproved_IsTold(string said, Func<ApprovalRequest, ApprovalRequest> lie)
    {
        await using var cluster = await SmallCluster.Start(Manifests.Workload("Deployment", "main", "shop/web:1", 0));
        using var plan = await ApprovedPlan.Of(cluster, Scale(cluster));
        Assert.Null(plan.Fault(plan.Request));

        Assert.Contains(said, plan.Fault(lie(plan.Request)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fault_TimeOfTheGrant_IsHeld()
    {
        await using var cluster = await SmallCluster.Start(Manifests.Workload("Deployment", "main", "shop/web:1", 0));
        using var plan = await ApprovedPlan.Of(cluster, Scale(cluster));
        var grant = plan.Request.Grant!;

        Assert.Null(plan.Fault(plan.Request, grant.NotBefore.AddSeconds(-30)));
        Assert.Contains("clock is behind", plan.Fault(plan.Request, grant.NotBefore.AddMinutes(-2)), StringComparison.Ordinal);
        Assert.Null(plan.Fault(plan.Request, grant.NotAfter.AddTicks(-1)));
        Assert.Contains("clock is ahead", plan.Fault(plan.Request, grant.NotAfter), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fault_SameGrantUnderAnotherFence_IsAReplay()
    {
        await using var cluster = await SmallCluster.Start(Manifests.Workload("Deployment", "main", "shop/web:1", 0));
        using var plan = await ApprovedPlan.Of(cluster, Scale(cluster));
        await plan.Do();
        plan.Restart();

        Assert.Null(plan.Fault(plan.Request));
        Assert.Contains("used before", plan.Fault(plan.Request with { Execution = plan.Request.Execution! with { Fence = 99 } }), StringComparison.Ordinal);
    }

    /// <summary>Another host's key, whatever it signs.</summary>
    [Fact]
    public async Task Fault_GrantOfAnotherLog_IsForeign()
    {
        await using var cluster = await SmallCluster.Start(Manifests.Workload("Deployment", "main", "shop/web:1", 0));
        using var plan = await ApprovedPlan.Of(cluster, Scale(cluster));
        using var other = await ApprovedPlan.Of(cluster, Scale(cluster));

        Assert.Contains("not signed", plan.Fault(other.Request), StringComparison.Ordinal);
    }

    /// <summary>A kind that only people carry out, approved as it may be, is not for executors.</summary>
    [Fact]
    public async Task Fault_KindOfPeople_IsNotCarriedOut()
    {
        await using var cluster = await SmallCluster.Start(Manifests.Workload("Deployment", "main", "shop/web:1", 0));
        using var plan = await ApprovedPlan.Of(cluster, Scale(cluster));
        var silence = SmallCluster.Plan(ActionKind.AlertSilence, cluster.Target("deployments.apps", "Deployment", "main"), new() { ["matchers"] = "{a=\"b\"}", ["minutes"] = "5" });

        var request = plan.Claimed(ApprovedPlan.Ask(silence, new WorldState([]), StepCommands.Of(silence, _ => null)), DateTimeOffset.UtcNow);

        Assert.Contains("does not carry out", plan.Fault(request), StringComparison.Ordinal);
    }

    private static Plan Scale(SmallCluster cluster) =>
        SmallCluster.Plan(ActionKind.Scale, cluster.Target("deployments.apps", "Deployment", "main"), new() { ["replicas"] = "3" }, [new("spec.replicas", "exact", "0")], new() { ["replicas"] = "0" });

    private static ApprovalRequest Planned(ApprovalRequest request, Action<JsonObject> change) => request with { Ask = request.Ask with { Plan = Changed(request.Ask.Plan, change) } };

    private static JsonObject Changed(JsonObject json, Action<JsonObject> change)
    {
        var copy = json.DeepClone().AsObject();
        change(copy);
        return copy;
    }
}
