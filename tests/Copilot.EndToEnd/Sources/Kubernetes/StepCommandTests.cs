using System.Text.Json.Nodes;
using Copilot.Core.Actions;
using Copilot.Core.Approvals;
using Copilot.Core.Approvals.World;
using Copilot.EndToEnd.StandIns.Kubernetes;
using Copilot.Sources.Kubernetes;
using Xunit;

namespace Copilot.EndToEnd.Sources.Kubernetes;

/// <summary>The commands that people are told to run, by the real kubectl: there, seen by the probes, and back.</summary>
public sealed class StepCommandTests
{
    private static readonly CancellationToken Cancellation = TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("deployments.apps", "Deployment")]
    [InlineData("statefulsets.apps", "StatefulSet")]
    [InlineData("daemonsets.apps", "DaemonSet")]
    public async Task RolloutUndo_ThereAndBack(string resource, string kind)
    {
        const string Image = "spec.template.spec.containers[main].image";
        await using var cluster = await SmallCluster.Start(Manifests.Workload(kind, "main", "shop/web:1", 2, kind == "StatefulSet" ? new() { ["serviceName"] = "main" } : null));
        var plan = await cluster.BadRollout(resource, kind);
        var approved = await World(cluster, plan);
        await Probed(cluster, plan, ProbeReading.Fails, ProbeReading.Fails);
        var command = cluster.Command(plan);

        await cluster.Must(command.Does);
        Assert.Equal("shop/web:1", cluster.Field(resource, "main", Image));
        // A StatefulSet leaves a pod that never became ready where it is; kubectl says so of the real one as well.
        if (kind == "StatefulSet") await cluster.Must("kubectl delete pod main-1 --wait=false");
        await cluster.Rolled(resource, "main", "shop/web:1");
        await Probed(cluster, plan, ProbeReading.Holds, ProbeReading.Holds);

        await cluster.Must(command.Back!);
        Assert.Equal("shop/web:missing", cluster.Field(resource, "main", Image));
        Assert.Empty(WorldState.Unrestored(approved, await World(cluster, plan)));
    }

    [Fact]
    public async Task RolloutRestart_ReplacesThePods()
    {
        await using var cluster = await SmallCluster.Start(Manifests.Workload("Deployment", "main", "shop/web:1", 2));
        await cluster.Rolled("deployments.apps", "main", "shop/web:1");
        var plan = SmallCluster.Plan(ActionKind.RolloutRestart, cluster.Target("deployments.apps", "Deployment", "main"));

        await cluster.Must(cluster.Command(plan).Does);

        Assert.Equal("2", cluster.Field("deployments.apps", "main", "metadata.generation"));
        Assert.Null(cluster.Command(plan).Back);
    }

    [Fact]
    public async Task Scale_ThereAndBack_AndNotOverSomebodyElse()
    {
        await using var cluster = await SmallCluster.Start(Manifests.Workload("Deployment", "main", "shop/web:1", 0));
        var plan = SmallCluster.Plan(ActionKind.Scale, cluster.Target("deployments.apps", "Deployment", "main"), new() { ["replicas"] = "3" }, [new("spec.replicas", "exact", "0")], new() { ["replicas"] = "0" }, "workload-ready", "object-as-before");
        var approved = await World(cluster, plan);
        Assert.Empty(approved.Unmet);
        var command = cluster.Command(plan);

        await cluster.Must(command.Does);
        Assert.Equal("3", cluster.Field("deployments.apps", "main", "spec.replicas"));
        await cluster.Rolled("deployments.apps", "main", "shop/web:1");
        await cluster.Server.Until(() => cluster.Field("deployments.apps", "main", "status.availableReplicas") == "3", Cancellation);
        await Probed(cluster, plan, ProbeReading.Holds, ProbeReading.Holds);
        await cluster.Must(command.Back!);
        Assert.Equal("0", cluster.Field("deployments.apps", "main", "spec.replicas"));
        Assert.Empty(WorldState.Unrestored(approved, await World(cluster, plan)));

        await cluster.Must("kubectl scale deployment/main --replicas=1");
        await Refused(cluster, command.Does, "Expected replicas to be 0, was 1");
        Assert.Equal("1", cluster.Field("deployments.apps", "main", "spec.replicas"));
    }

    [Fact]
    public async Task NodeUncordon_ThereAndBack()
    {
        await using var cluster = await SmallCluster.Start();
        await cluster.Must("kubectl cordon node-1");
        var plan = SmallCluster.Plan(ActionKind.NodeUncordon, cluster.Target("nodes", "Node", "node-1", ""), [], [new("spec.unschedulable", "exact", "true")], [], "node-schedulable");
        var approved = await World(cluster, plan);
        Assert.Empty(approved.Unmet);
        await Probed(cluster, plan, ProbeReading.Fails);
        var command = cluster.Command(plan);

        await cluster.Must(command.Does);
        await Probed(cluster, plan, ProbeReading.Holds);
        await cluster.Must(command.Back!);

        Assert.Equal("true", cluster.Field("nodes", "node-1", "spec.unschedulable", ""));
        Assert.Empty(WorldState.Unrestored(approved, await World(cluster, plan)));
    }

    /// <summary>No custom kinds are served here: an annotation is one on whatever object.</summary>
    [Fact]
    public async Task ChaosPause_ThereAndBack_AndNotOverAnotherValue()
    {
        await using var cluster = await SmallCluster.Start(Manifests.ConfigMap("conf"));
        const string Pause = "metadata.annotations[experiment.chaos-mesh.org/pause]";
        var plan = SmallCluster.Plan(ActionKind.ChaosPause, cluster.Target("configmaps", "ConfigMap", "conf"), [], [new(Pause, "absent", "")], [], "experiment-paused");
        await cluster.Must("kubectl annotate configmap/conf other=1");
        var approved = await World(cluster, plan);
        var command = cluster.Command(plan);
        await Probed(cluster, plan, ProbeReading.Fails);

        await cluster.Must(command.Does);
        await Probed(cluster, plan, ProbeReading.Holds);
        await cluster.Must(command.Back!);
        Assert.Empty(WorldState.Unrestored(approved, await World(cluster, plan)));

        await cluster.Must("kubectl annotate configmap/conf experiment.chaos-mesh.org/pause=false");
        await Refused(cluster, command.Does, "--overwrite is false");
    }

    public static TheoryData<string, JsonObject, string, string[]> Reverts => new()
    {
        { "configmaps", Manifests.ConfigMap("main", "it's \"old\"\n$(reboot)\n"), "kubectl patch configmap/main -p '{\"data\":{\"value\":\"new\"}}'", ["data.value"] },
        { "configmaps", Manifests.ConfigMap("main"), "kubectl patch configmap/main -p '{\"data\":{\"value\":null,\"more\":\"x\"}}'", ["data.value", "data.more"] },
        { "configmaps", Manifests.ConfigMap("main", "{\"pool\": {\"size\": 20},\n \"b\": 1}\n"), "kubectl patch configmap/main -p '{\"data\":{\"value\":\"{\\\"pool\\\": {\\\"size\\\": 2}}\"}}'", ["data.value.pool.size", "data.value.b"] },
        { "services", Json("""{"apiVersion":"v1","kind":"Service","metadata":{"name":"main","namespace":"default"},"spec":{"selector":{"app":"web"},"ports":[{"name":"http","port":80,"targetPort":8080}]}}"""),
            "kubectl patch service/main --type=json -p '[{\"op\":\"replace\",\"path\":\"/spec/ports/0/targetPort\",\"value\":9999},{\"op\":\"replace\",\"path\":\"/spec/selector\",\"value\":{\"app\":\"wbe\"}}]'", ["spec.ports[http].targetPort", "spec.selector.app"] },
        { "networkpolicies.networking.k8s.io", Json("""{"apiVersion":"networking.k8s.io/v1","kind":"NetworkPolicy","metadata":{"name":"main","namespace":"default"},"spec":{"podSelector":{},"policyTypes":["Ingress"],"ingress":[{"ports":[{"port":80}]}]}}"""),
            "kubectl patch networkpolicy/main --type=json -p '[{\"op\":\"remove\",\"path\":\"/spec/ingress\"}]'", ["spec.ingress[0].ports[80].port"] },
        { "resourcequotas", Json("""{"apiVersion":"v1","kind":"ResourceQuota","metadata":{"name":"main","namespace":"default"},"spec":{"hard":{"limits.memory":"4Gi","pods":"9"}}}"""),
            "kubectl patch resourcequota/main -p '{\"spec\":{\"hard\":{\"limits.memory\":\"1Mi\"}}}'", ["spec.hard[limits.memory]"] },
        { "horizontalpodautoscalers.autoscaling", Json("""{"apiVersion":"autoscaling/v2","kind":"HorizontalPodAutoscaler","metadata":{"name":"main","namespace":"default"},"spec":{"scaleTargetRef":{"apiVersion":"apps/v1","kind":"Deployment","name":"web"},"minReplicas":2,"maxReplicas":9}}"""),
            "kubectl patch hpa/main -p '{\"spec\":{\"maxReplicas\":2}}'", ["spec.maxReplicas"] },
        { "deployments.apps", Workload("Deployment"), "kubectl set env deployment/main MODE- NEW=1 && kubectl set resources deployment/main --limits=memory=8Mi && kubectl set image deployment/main main=shop/web:9",
            [
                "spec.template.spec.containers[main].env[MODE].name", "spec.template.spec.containers[main].env[MODE].value", "spec.template.spec.containers[main].env[NEW].name", "spec.template.spec.containers[main].env[NEW].value",
                "spec.template.spec.containers[main].resources.limits.memory", "spec.template.spec.containers[main].image",
            ] },
        { "statefulsets.apps", Workload("StatefulSet"), "kubectl set env statefulset/main MODE=broken", ["spec.template.spec.containers[main].env[MODE].value"] },
        { "daemonsets.apps", Workload("DaemonSet"), "kubectl set env daemonset/main MODE=broken", ["spec.template.spec.containers[main].env[MODE].value"] },
    };

    [Theory]
    [MemberData(nameof(Reverts))]
    public async Task ObjectRevert_ThereAndBack_AndNotOverSomebodyElse(string resource, JsonObject manifest, string change, string[] fields)
    {
        await using var cluster = await SmallCluster.Start(manifest);
        var before = cluster.Record(resource, "main");
        await cluster.Must(change);
        var after = cluster.Record(resource, "main");
        var plan = SmallCluster.Revert(cluster.Target(resource, manifest["kind"]!.ToString(), "main"), before, after, fields);
        var approved = await World(cluster, plan);
        Assert.Empty(approved.Unmet);
        await Probed(cluster, plan, ProbeReading.Fails);
        var command = cluster.Command(plan);
        Assert.True(command is { Exact: true, BackExact: true }, command.Does);

        await cluster.Must(command.Does);
        Assert.All(fields, f => Assert.Equal(Value(cluster, before, f), cluster.Field(resource, "main", f)));
        await Probed(cluster, plan, ProbeReading.Holds);
        // Twice is refused: it is no longer what it was.
        await Refused(cluster, command.Does, "The request is invalid");
        await cluster.Must(command.Back!);
        Assert.All(fields, f => Assert.Equal(Value(cluster, after, f), cluster.Field(resource, "main", f)));
        Assert.Empty(WorldState.Unrestored(approved, await World(cluster, plan)));

        // The same name is not the same object.
        var kind = manifest["kind"]!.ToString().ToLowerInvariant();
        await cluster.Must($"kubectl get {kind}/main -o json > again.json && kubectl delete {kind}/main --cascade=orphan && kubectl create -f again.json");
        await Refused(cluster, command.Does, "The request is invalid");
        Assert.All(fields, f => Assert.Equal(Value(cluster, after, f), cluster.Field(resource, "main", f)));
    }

    [Fact]
    public async Task FeatureFlagSet_ThereAndBack_AndNotOverSomebodyElse()
    {
        const string Path = "data.value.flags.slow.defaultVariant";
        static string Text(string variant) => $"{{\"flags\": {{\"slow\": {{\"state\": \"ENABLED\", \"variants\": {{\"on\": true, \"off\": false}},\n  \"defaultVariant\": \"{variant}\"}}}}}}\n";
        await using var cluster = await SmallCluster.Start(Manifests.ConfigMap("conf", Text("on")));
        var after = cluster.Record("configmaps", "conf");
        var plan = SmallCluster.Plan(ActionKind.FeatureFlagSet, cluster.Target("configmaps", "ConfigMap", "conf"), new() { ["path"] = Path, ["variant"] = "off" }, [new(Path, "as-recorded", after)], new() { ["path"] = Path, ["variant"] = "on" }, "object-as-before");
        var approved = await World(cluster, plan);
        Assert.Empty(approved.Unmet);
        await Probed(cluster, plan, ProbeReading.Fails);
        var command = cluster.Command(plan);

        await cluster.Must(command.Does);
        Assert.Equal(Text("off"), cluster.Field("configmaps", "conf", "data.value"));
        await Probed(cluster, plan, ProbeReading.Holds);
        await cluster.Must(command.Back!);
        Assert.Equal(Text("on"), cluster.Field("configmaps", "conf", "data.value"));
        Assert.Empty(WorldState.Unrestored(approved, await World(cluster, plan)));

        await cluster.Must("kubectl patch configmap/conf -p '{\"data\":{\"value\":\"{}\"}}'");
        await Refused(cluster, command.Does, "The request is invalid");
        Assert.Equal("{}", cluster.Field("configmaps", "conf", "data.value"));
    }

    [Theory]
    [InlineData("symptoms-gone")]
    [InlineData("alerts-resolved")]
    [InlineData("moon-full")]
    public async Task Probe_ThatNoClusterAnswers_IsNotObserved(string check)
    {
        await using var cluster = await SmallCluster.Start(Manifests.ConfigMap("conf"));

        await Probed(cluster, SmallCluster.Plan(ActionKind.RolloutRestart, cluster.Target("configmaps", "ConfigMap", "conf"), probes: check), ProbeReading.NotObserved);
    }

    [Fact]
    public async Task Probe_NobodyListensOrRecordMissing_IsNotObserved()
    {
        await using var cluster = await SmallCluster.Start(Manifests.ConfigMap("conf"));
        var plan = SmallCluster.Revert(cluster.Target("configmaps", "ConfigMap", "conf"), "gone", "gone", "data.value");
        await Probed(cluster, plan, ProbeReading.NotObserved);
        await cluster.Stop();
        await Probed(cluster, plan, ProbeReading.NotObserved);
    }

    [Fact]
    public async Task Probe_ObjectGone_Fails()
    {
        await using var cluster = await SmallCluster.Start(Manifests.ConfigMap("conf"));

        await Probed(cluster, SmallCluster.Plan(ActionKind.RolloutRestart, new("", "u", "Deployment", "default", "none"), probes: ["workload-ready"]), ProbeReading.Fails);
    }

    private static async Task Refused(SmallCluster cluster, string command, string said)
    {
        var (code, _, error) = await cluster.Bash(command);
        Assert.NotEqual(0, code);
        Assert.Contains(said, error);
    }

    private static async Task Probed(SmallCluster cluster, Plan plan, params string[] outcomes)
    {
        var readings = await cluster.Probes(plan);
        Assert.True(outcomes.SequenceEqual(readings.Select(r => r.Outcome)), string.Join("; ", readings.Select(r => $"{r.Check} {r.Outcome}: {r.Says}")));
    }

    private static async Task<WorldState> World(SmallCluster cluster, Plan plan) => await cluster.World(plan) is WorldReading.Seen seen ? seen.State : throw new InvalidOperationException("The cluster was not seen.");

    private static string? Value(SmallCluster cluster, string address, string field) => ObjectField.Find((JsonObject)cluster.Recorded(address)!, field)?.Value;

    private static JsonObject Json(string text) => (JsonObject)JsonNode.Parse(text)!;

    private static JsonObject Workload(string kind)
    {
        var workload = Manifests.Workload(kind, "main", "shop/web:1", 1, kind == "StatefulSet" ? new() { ["serviceName"] = "main" } : null);
        workload["spec"]!["template"]!["spec"]!["containers"]![0]!["env"] = new JsonArray(new JsonObject { ["name"] = "MODE", ["value"] = "live" }, new JsonObject { ["name"] = "LEVEL", ["value"] = "info" });
        return workload;
    }
}
