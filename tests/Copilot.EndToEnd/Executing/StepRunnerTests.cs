using System.Text.Json.Nodes;
using Copilot.Core.Actions;
using Copilot.Core.Approvals;
using Copilot.EndToEnd.Sources.Kubernetes;
using Copilot.EndToEnd.StandIns.Kubernetes;
using Copilot.Executor;
using Copilot.Simulator.StandIns;
using Xunit;

namespace Copilot.EndToEnd.Executing;

/// <summary>Each kind of step, there and back, on the stand-in cluster with the rights that the executor's manifests give; and every way in which an answer can be missing.</summary>
public sealed class StepRunnerTests
{
    private const string Image = "spec.template.spec.containers[main].image";

    private static readonly CancellationToken Cancellation = TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("deployments.apps", "Deployment")]
    [InlineData("statefulsets.apps", "StatefulSet")]
    [InlineData("daemonsets.apps", "DaemonSet")]
    public async Task RolloutUndo_ThereAndBack(string resource, string kind)
    {
        await using var cluster = await SmallCluster.Start(Manifests.Workload(kind, "main", "shop/web:1", 2, kind == "StatefulSet" ? new() { ["serviceName"] = "main" } : null));
        using var plan = await ApprovedPlan.Of(cluster, await cluster.BadRollout(resource, kind));

        var tried = await plan.Try();
        Assert.Equal((StepReport.Applied, $"{Image}: shop/web:missing -> shop/web:1"), (tried.Outcome, tried.Says));
        Assert.Equal("shop/web:missing", cluster.Field(resource, "main", Image));

        var done = await plan.Do();
        Assert.Equal((StepReport.Applied, $"{Image}: shop/web:missing -> shop/web:1"), (done.Outcome, done.Says));
        Assert.Equal("shop/web:1", (await cluster.Kubectl.Run($"get {kind.ToLowerInvariant()}/main -o jsonpath={{.spec.template.spec.containers[0].image}}")).Output);
        // The revision has another number by then.
        await cluster.Server.Settled(Cancellation);
        // A StatefulSet does not replace a pod that never became ready (kubernetes.io, "Forced rollback"): whether there is one yet is a matter of time.
        if (kind != "StatefulSet") await Verified(cluster, plan);
        Assert.Equal(StepReport.TookEffect, (await plan.Find()).Outcome);
        var generation = cluster.Field(resource, "main", "metadata.generation");
        Assert.Contains("the object shows that it was taken", (await plan.Do()).Says, StringComparison.Ordinal);
        Assert.Equal(generation, cluster.Field(resource, "main", "metadata.generation"));

        Assert.Equal(StepReport.Applied, (await plan.Do(back: true)).Outcome);
        Assert.Equal("shop/web:missing", cluster.Field(resource, "main", Image));
        await Verified(cluster, plan, ProbeReading.Fails);
        OnlyItsOwn(cluster);
    }

    [Fact]
    public async Task RolloutRestart_Once()
    {
        await using var cluster = await SmallCluster.Start(Manifests.Workload("Deployment", "main", "shop/web:1", 2));
        using var plan = await ApprovedPlan.Of(cluster, SmallCluster.Plan(ActionKind.RolloutRestart, cluster.Target("deployments.apps", "Deployment", "main"), null, null, null, "workload-ready"));

        Assert.Equal(StepReport.DidNot, (await plan.Find()).Outcome);
        Assert.Equal(StepReport.Applied, (await plan.Do()).Outcome);
        Assert.Equal(StepReport.Applied, (await plan.Do()).Outcome);

        Assert.Equal("2", cluster.Field("deployments.apps", "main", "metadata.generation"));
        Assert.Contains("kubectl.kubernetes.io/restartedAt", (await cluster.Kubectl.Run("get deployment/main -o jsonpath={.spec.template.metadata.annotations}")).Output, StringComparison.Ordinal);
        Assert.Equal(StepReport.TookEffect, (await plan.Find()).Outcome);
        await Verified(cluster, plan);
    }

    [Fact]
    public async Task Scale_ThereAndBack()
    {
        await using var cluster = await SmallCluster.Start(Manifests.Workload("Deployment", "main", "shop/web:1", 0));
        using var plan = await ApprovedPlan.Of(cluster, Scale(cluster));

        Assert.Equal("spec.replicas: 0 -> 3", (await plan.Do()).Says);
        Assert.Equal("3", (await cluster.Kubectl.Run("get deployment/main -o jsonpath={.spec.replicas}")).Output);
        await Verified(cluster, plan);
        Assert.Equal("spec.replicas: 3 -> 0", (await plan.Do(back: true)).Says);
        Assert.Equal("0", cluster.Field("deployments.apps", "main", "spec.replicas"));
    }

    [Fact]
    public async Task NodeUncordon_ThereAndBack()
    {
        await using var cluster = await SmallCluster.Start();
        await cluster.Must("kubectl cordon node-1");
        using var plan = await ApprovedPlan.Of(cluster, SmallCluster.Plan(ActionKind.NodeUncordon, cluster.Target("nodes", "Node", "node-1", ""), [], [new("spec.unschedulable", "exact", "true")], [], "node-schedulable"));

        Assert.Equal(StepReport.Applied, (await plan.Do()).Outcome);
        await Verified(cluster, plan);
        Assert.DoesNotContain("SchedulingDisabled", (await cluster.Kubectl.Run("get node node-1")).Output, StringComparison.Ordinal);
        Assert.Equal(StepReport.Applied, (await plan.Do(back: true)).Outcome);
        Assert.Contains("SchedulingDisabled", (await cluster.Kubectl.Run("get node node-1")).Output, StringComparison.Ordinal);
        await Verified(cluster, plan, ProbeReading.Fails);
    }

    /// <summary>No custom kinds are served here: an annotation is one on whatever object.</summary>
    [Fact]
    public async Task ChaosPause_ThereAndBack()
    {
        const string pause = "metadata.annotations[experiment.chaos-mesh.org/pause]";
        await using var cluster = await SmallCluster.Start(Manifests.ConfigMap("conf"));
        using var plan = await ApprovedPlan.Of(cluster, SmallCluster.Plan(ActionKind.ChaosPause, cluster.Target("configmaps", "ConfigMap", "conf"), [], [new(pause, "absent", "")], [], "experiment-paused"));

        Assert.Equal(StepReport.Applied, (await plan.Do()).Outcome);
        Assert.Equal("true", cluster.Field("configmaps", "conf", pause));
        Assert.Contains("\"experiment.chaos-mesh.org/pause\":\"true\"", (await cluster.Kubectl.Run("get configmap/conf -o jsonpath={.metadata.annotations}")).Output, StringComparison.Ordinal);
        await Verified(cluster, plan);
        Assert.Equal(StepReport.Applied, (await plan.Do(back: true)).Outcome);
        Assert.Null(cluster.Field("configmaps", "conf", pause));
        await Verified(cluster, plan, ProbeReading.Fails);
    }

    [Fact]
    public async Task FeatureFlagSet_ThereAndBack()
    {
        await using var cluster = await SmallCluster.Start(Manifests.ConfigMap("flags", "{\"cart\": {\"on\": \"off\"}}"));
        var before = cluster.Record("configmaps", "flags");
        await cluster.Must("kubectl patch configmap/flags -p '{\"data\":{\"value\":\"{\\\"cart\\\": {\\\"on\\\": \\\"broken\\\"}}\"}}'");
        var after = cluster.Record("configmaps", "flags");
        Assert.NotEqual(before, after);
        using var plan = await ApprovedPlan.Of(cluster, SmallCluster.Plan(
            ActionKind.FeatureFlagSet, cluster.Target("configmaps", "ConfigMap", "flags"), new() { ["path"] = "data.value.cart.on", ["variant"] = "off" }, [new("data.value.cart.on", "as-recorded", after)],
            new() { ["path"] = "data.value.cart.on", ["variant"] = "broken" }, "object-as-before"));

        Assert.Equal(StepReport.Applied, (await plan.Do()).Outcome);
        Assert.Equal("off", cluster.Field("configmaps", "flags", "data.value.cart.on"));
        Assert.Equal("{\"cart\": {\"on\": \"off\"}}", (await cluster.Kubectl.Run("get configmap/flags -o jsonpath={.data.value}")).Output.Replace("\":\"", "\": \"", StringComparison.Ordinal).Replace("\":{", "\": {", StringComparison.Ordinal));
        await Verified(cluster, plan);
        Assert.Equal(StepReport.TookEffect, (await plan.Find()).Outcome);
        Assert.Equal(StepReport.Applied, (await plan.Do(back: true)).Outcome);
        Assert.Equal("broken", cluster.Field("configmaps", "flags", "data.value.cart.on"));
        await Verified(cluster, plan, ProbeReading.Fails);
    }

    [Theory]
    [MemberData(nameof(StepCommandTests.Reverts), MemberType = typeof(StepCommandTests))]
    public async Task ObjectRevert_ThereAndBack(string resource, JsonObject manifest, string change, string[] fields)
    {
        await using var cluster = await SmallCluster.Start(manifest);
        var before = cluster.Record(resource, "main");
        await cluster.Must(change);
        var after = cluster.Record(resource, "main");
        using var plan = await ApprovedPlan.Of(cluster, SmallCluster.Revert(cluster.Target(resource, manifest["kind"]!.ToString(), "main"), before, after, fields));

        Assert.Equal(StepReport.DidNot, (await plan.Find()).Outcome);
        var done = await plan.Do();
        Assert.True(done.Outcome == StepReport.Applied, done.Says);
        var shown = JsonNode.Parse((await cluster.Kubectl.Run($"get {resource} main -o json")).Output)!.AsObject();
        foreach (var field in fields) Assert.Equal(ObjectField.Find(cluster.Recorded(before)!.AsObject(), field)?.Value, ObjectField.Find(shown, field)?.Value);
        await Verified(cluster, plan);
        Assert.Equal(StepReport.TookEffect, (await plan.Find()).Outcome);
        Assert.Equal(StepReport.Applied, (await plan.Do(back: true)).Outcome);
        foreach (var field in fields) Assert.Equal(ObjectField.Find(cluster.Recorded(after)!.AsObject(), field)?.Value, cluster.Field(resource, "main", field));
        await Verified(cluster, plan, ProbeReading.Fails);
    }

    /// <summary>Whatever becomes of the call that changes something, it takes effect once or not at all, and what is said of it is so.</summary>
    public static TheoryData<string, InjectedFault, int, string, int> Faults => new()
    {
        { "409", new InjectedFault.Status(409), 2, StepReport.Applied, 1 },
        { "409 for ever", new InjectedFault.Status(409), 100, StepReport.Refused, 0 },
        { "429", new InjectedFault.Status(429, 1), 1, StepReport.Applied, 1 },
        { "429 for ever", new InjectedFault.Status(429), 100, StepReport.Refused, 0 },
        { "403", new InjectedFault.Status(403), 1, StepReport.Refused, 0 },
        { "404", new InjectedFault.Status(404), 1, StepReport.Refused, 0 },
        { "410", new InjectedFault.Status(410), 1, StepReport.Refused, 0 },
        { "413", new InjectedFault.Status(413), 1, StepReport.Refused, 0 },
        { "500", new InjectedFault.Status(500), 1, StepReport.Applied, 1 },
        { "503 for ever", new InjectedFault.Status(503), 100, StepReport.Unknown, 0 },
        { "cut before", new InjectedFault.CutBefore(), 1, StepReport.Applied, 1 },
        { "cut before for ever", new InjectedFault.CutBefore(), 100, StepReport.Unknown, 0 },
        { "cut after", new InjectedFault.CutAfter(), 1, StepReport.Applied, 1 },
        { "cut after, then before", new InjectedFault.CutAfter(), 100, StepReport.Applied, 1 },
        { "no answer", new InjectedFault.Hang(), 1, StepReport.Applied, 1 },
        { "late", new InjectedFault.Latency(TimeSpan.FromSeconds(2)), 1, StepReport.Applied, 1 },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task Do_FaultOfTheCallThatChanges_TakesEffectAtMostOnce(string name, InjectedFault fault, int times, string outcome, int effects)
    {
        await using var cluster = await SmallCluster.Start(Manifests.Workload("Deployment", "main", "shop/web:1", 0));
        using var plan = await ApprovedPlan.Of(cluster, Scale(cluster));
        cluster.Server.Faults.Add(fault, times, (method, _) => method == "PATCH");

        var done = await plan.Do();

        Assert.True(outcome == done.Outcome, $"{name}: {done.Outcome}, {done.Says}");
        Assert.Equal($"{1 + effects}", cluster.Field("deployments.apps", "main", "metadata.generation"));
        // Afterwards the object tells it all.
        cluster.Server.Faults.Clear();
        Assert.Equal(effects == 1 ? StepReport.TookEffect : StepReport.DidNot, (await plan.Find()).Outcome);
    }

    [Theory]
    [InlineData(403, StepReport.Refused)]
    [InlineData(500, StepReport.Refused)]
    [InlineData(0, StepReport.Refused)]
    public async Task Do_ObjectCannotBeLookedAt_SendsNothing(int status, string outcome)
    {
        await using var cluster = await SmallCluster.Start(Manifests.Workload("Deployment", "main", "shop/web:1", 0));
        using var plan = await ApprovedPlan.Of(cluster, Scale(cluster));
        cluster.Server.Faults.Add(status == 0 ? new InjectedFault.CutBefore() : new InjectedFault.Status(status), 100);

        Assert.Equal(outcome, (await plan.Do()).Outcome);

        Assert.DoesNotContain(cluster.Server.Wire.Entries, e => e.Method == "PATCH");
    }

    [Theory]
    [InlineData("kubectl scale deployment/main --replicas=2", "metadata.generation was 1, and is 2")]
    [InlineData("kubectl get deployment/main -o json > d.json && kubectl delete deployment/main && kubectl create -f d.json", "was deleted and made again")]
    [InlineData("kubectl delete deployment/main", "is gone")]
    public async Task Do_WorldIsAnother_SendsNothing(string command, string said)
    {
        await using var cluster = await SmallCluster.Start(Manifests.Workload("Deployment", "main", "shop/web:1", 0));
        using var plan = await ApprovedPlan.Of(cluster, Scale(cluster));
        await cluster.Must(command);
        var before = cluster.Server.Wire.Entries.Count(e => e.Method == "PATCH");

        var done = await plan.Do();

        Assert.Equal(StepReport.Drifted, done.Outcome);
        Assert.Contains(said, done.Says, StringComparison.Ordinal);
        Assert.Equal(before, cluster.Server.Wire.Entries.Count(e => e.Method == "PATCH"));
    }

    /// <summary>Statuses and labels are written all the time: what was read is read again, and that is all.</summary>
    [Fact]
    public async Task Do_SomebodyWritesInBetween_ReadsAgain()
    {
        await using var cluster = await SmallCluster.Start(Manifests.Workload("Deployment", "main", "shop/web:1", 0));
        using var plan = await ApprovedPlan.Of(cluster, Scale(cluster));
        cluster.Server.ForceConflicts(3);

        Assert.Equal(StepReport.Applied, (await plan.Do()).Outcome);

        Assert.Equal("2", cluster.Field("deployments.apps", "main", "metadata.generation"));
        Assert.Equal(4, cluster.Server.Wire.Entries.Count(e => e.Method == "PATCH"));
    }

    [Fact]
    public async Task Try_SomebodyWritesInBetween_TriesAgain_AndChangesNothing()
    {
        await using var cluster = await SmallCluster.Start(Manifests.Workload("Deployment", "main", "shop/web:1", 0));
        using var plan = await ApprovedPlan.Of(cluster, Scale(cluster));
        cluster.Server.Faults.Add(new InjectedFault.Status(409), 3, (method, _) => method == "PATCH");

        Assert.Equal((StepReport.Applied, "spec.replicas: 0 -> 3"), ((await plan.Try()).Outcome, (await plan.Try()).Says));

        Assert.Equal("1", cluster.Field("deployments.apps", "main", "metadata.generation"));
    }

    /// <summary>The answer is lost, and the process with it; the next one looks before it sends.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Do_AfterACrash_TakesEffectOnce(bool taken)
    {
        await using var cluster = await SmallCluster.Start(Manifests.Workload("Deployment", "main", "shop/web:1", 0));
        using var plan = await ApprovedPlan.Of(cluster, Scale(cluster));
        cluster.Server.Faults.Add(taken ? new InjectedFault.CutAfter() : new InjectedFault.CutBefore(), 1, (method, _) => method == "PATCH");
        // Nothing can be looked at after the call, as if the process were gone.
        cluster.Server.Faults.Add(new InjectedFault.Status(500), 1000, (method, _) => method == "GET" && cluster.Server.Wire.Entries.Any(e => e.Method == "PATCH"));
        Assert.Equal(StepReport.Unknown, (await plan.Do()).Outcome);
        cluster.Server.Faults.Clear();
        plan.Restart();

        var done = await plan.Do();

        Assert.Equal(StepReport.Applied, done.Outcome);
        Assert.Equal("2", cluster.Field("deployments.apps", "main", "metadata.generation"));
    }

    /// <summary>It was carried out and signed, and the process ended before the host heard of it: it is still this executor's doing, and can be taken back.</summary>
    [Fact]
    public async Task Do_AfterACrashBeforeTheHostHeard_IsItsOwnDoing()
    {
        await using var cluster = await SmallCluster.Start(Manifests.Workload("Deployment", "main", "shop/web:1", 0));
        using var plan = await ApprovedPlan.Of(cluster, Scale(cluster));
        Assert.Equal(StepReport.Applied, (await plan.Do()).Outcome);
        plan.Journal.Say(plan.Request.Id, plan.Request.Execution!.Fence, 0, [1]);
        plan.Restart();

        Assert.Equal(StepReport.Applied, (await plan.Do()).Outcome);
        Assert.Equal("2", cluster.Field("deployments.apps", "main", "metadata.generation"));
    }

    /// <summary>What was on its way when the process ended is not sent over what somebody else did since.</summary>
    [Fact]
    public async Task Do_AfterACrashAndAnotherChange_SaysThatItDoesNotKnow()
    {
        await using var cluster = await SmallCluster.Start(Manifests.Workload("Deployment", "main", "shop/web:1", 0));
        using var plan = await ApprovedPlan.Of(cluster, Scale(cluster));
        plan.Journal.Intend(new(plan.Request.Id, plan.Request.Grant!.Id, plan.Request.Execution!.Fence, 0, false, "1"));
        await cluster.Must("kubectl scale deployment/main --replicas=7");
        plan.Restart();

        Assert.Equal(StepReport.Unknown, (await plan.Do()).Outcome);
        Assert.Equal("7", cluster.Field("deployments.apps", "main", "spec.replicas"));
        Assert.Equal(StepReport.Unknown, (await plan.Find()).Outcome);
    }

    /// <summary>The manifests are what kubectl takes, and hold nothing but reading and patching.</summary>
    [Fact]
    public async Task Manifests_AreAppliedByKubectl()
    {
        await using var cluster = await SmallCluster.Start();
        var manifests = Rights.Manifests("default", []);
        cluster.Kubectl.Write("rights.yaml", manifests);

        await cluster.Must("kubectl apply -f rights.yaml");

        var rules = cluster.Server.Read("roles.rbac.authorization.k8s.io", "default", "copilot-executor")!["rules"]!.AsArray().Concat(cluster.Server.Read("clusterroles.rbac.authorization.k8s.io", "", "copilot-executor")!["rules"]!.AsArray()).ToList();
        Assert.Equal(["get", "list", "patch"], rules.SelectMany(r => r!["verbs"]!.AsArray().Select(v => (string)v!)).Distinct().Order(StringComparer.Ordinal));
        Assert.DoesNotContain(rules.SelectMany(r => r!["resources"]!.AsArray().Select(v => (string)v!)), r => r is "secrets" or "*" or "pods/exec");
        Assert.Equal("apps", Assert.Single(Rights.Of([ActionKind.Scale]).Select(r => r.Group).Distinct()));
        Assert.Throws<ExecutorException>(() => Rights.Manifests("default", ["k8s.delete"]));
        Assert.Throws<ExecutorException>(() => Rights.Manifests("a b", []));
    }

    private static Plan Scale(SmallCluster cluster) =>
        SmallCluster.Plan(ActionKind.Scale, cluster.Target("deployments.apps", "Deployment", "main"), new() { ["replicas"] = "3" }, [new("spec.replicas", "exact", "0")], new() { ["replicas"] = "0" }, "workload-ready");

    /// <summary>The probes of the plan, as the copilot sees them with rights to read, come to this in a while.</summary>
    private static async Task Verified(SmallCluster cluster, ApprovedPlan plan, string outcome = ProbeReading.Holds)
    {
        IReadOnlyList<ProbeReading> readings = [];
        for (var late = DateTimeOffset.UtcNow.AddSeconds(30); DateTimeOffset.UtcNow < late; await Task.Delay(100, Cancellation))
            if ((readings = await cluster.Probes(plan.Plan)).All(r => r.Outcome == outcome)) break;
        Assert.NotEmpty(readings);
        Assert.All(readings, r => Assert.True(r.Outcome == outcome, r.ToString()));
    }

    private static void OnlyItsOwn(SmallCluster cluster) =>
        Assert.All(cluster.Server.Wire.Entries.Where(e => e.Target.Contains("fieldManager=copilot-executor", StringComparison.Ordinal)), e => Assert.Equal("PATCH", e.Method));
}
