using System.Diagnostics;
using System.Text.Json.Nodes;
using Copilot.Core.Actions;
using Copilot.Core.Approvals.World;
using Copilot.EndToEnd.StandIns.Kubernetes;
using Copilot.Simulator.StandIns;
using Copilot.Sources.Kubernetes;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Copilot.EndToEnd.Sources.Kubernetes;

/// <summary>What the copilot sees of a cluster that changes under an approved plan.</summary>
public sealed class ClusterWorldTests
{
    private static readonly CancellationToken Cancellation = TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("deployments.apps", "Deployment")]
    [InlineData("statefulsets.apps", "StatefulSet")]
    [InlineData("daemonsets.apps", "DaemonSet")]
    public async Task Read_BadRollout_HoldsAndNamesTheRevisions(string resource, string kind)
    {
        await using var cluster = await SmallCluster.Start(Workload(kind));
        var plan = await cluster.BadRollout(resource, kind);

        var state = Seen(await cluster.World(plan));

        Assert.Empty(state.Unmet);
        Assert.Contains($"default/{kind}/main rollout.revisions is 1 2", state.Lines);
        Assert.Contains($"default/{kind}/main spec.template.spec.containers[main].image is shop/web:missing", state.Lines);
        OnlyReads(cluster);
    }

    /// <summary>What pods do, what a status says and what is written on an object changes nothing of what was approved.</summary>
    [Fact]
    public async Task Differences_CrashLoopStatusAndLabels_AreNone()
    {
        await using var cluster = await SmallCluster.Start(Manifests.Workload("Deployment", "main", "shop/web:crash", 2));
        var plan = SmallCluster.Plan(ActionKind.RolloutRestart, cluster.Target("deployments.apps", "Deployment", "main"));
        var approved = Seen(await cluster.World(plan));
        var version = cluster.Field("deployments.apps", "main", "metadata.resourceVersion");
        await cluster.Server.Until(() => cluster.Server.List("pods").Any(p => p["status"]?["containerStatuses"]?[0]?["restartCount"]?.GetValue<int>() > 1), Cancellation);
        await cluster.Must("kubectl label deployment/main a=b && kubectl annotate deployment/main c=d");

        Assert.NotEqual(version, cluster.Field("deployments.apps", "main", "metadata.resourceVersion"));
        Assert.Empty(WorldState.Differences(approved, Seen(await cluster.World(plan))));
    }

    [Theory]
    [InlineData("kubectl set image deployment/main main=shop/web:3", "metadata.generation was 2, and is 3")]
    [InlineData("kubectl set image deployment/main main=shop/web:3", "image was shop/web:missing, and is shop/web:3")]
    [InlineData("kubectl scale deployment/main --replicas=5", "metadata.generation was 2, and is 3")]
    [InlineData("kubectl scale deployment/main --replicas=5 && kubectl scale deployment/main --replicas=2", "metadata.generation was 2, and is 4")]
    [InlineData("kubectl get deployment/main -o json > d.json && kubectl delete deployment/main && kubectl create -f d.json", "was deleted and made again")]
    [InlineData("kubectl delete deployment/main --cascade=orphan", "default/Deployment/main is gone")]
    [InlineData("kubectl delete $(kubectl get rs -o name | while read r; do kubectl get $r -o jsonpath='{.metadata.annotations}' | grep -q '\"deployment.kubernetes.io/revision\":\"1\"' && echo $r; done)", "1 is no longer among them")]
    public async Task Differences_EachKindOfDrift_IsTold(string command, string said)
    {
        await using var cluster = await SmallCluster.Start(Manifests.Workload("Deployment", "main", "shop/web:1", 2));
        var plan = await cluster.BadRollout("deployments.apps", "Deployment");
        var approved = Seen(await cluster.World(plan));
        Assert.Empty(approved.Unmet);

        await cluster.Must(command);

        Assert.Contains(WorldState.Differences(approved, Seen(await cluster.World(plan))), d => d.Contains(said, StringComparison.Ordinal));
    }

    /// <summary>Without a generation there are the fields that the step touches.</summary>
    [Theory]
    [InlineData("kubectl patch configmap/conf -p '{\"data\":{\"value\":\"9\"}}'", "default/ConfigMap/conf data.value was 2, and is 9")]
    [InlineData("kubectl patch configmap/conf -p '{\"data\":{\"other\":\"9\"}}'", null)]
    public async Task Differences_ConfigMap_AreThoseOfTheTouchedFields(string command, string? said)
    {
        await using var cluster = await SmallCluster.Start(Manifests.ConfigMap("conf"));
        var before = cluster.Record("configmaps", "conf");
        await cluster.Must("kubectl patch configmap/conf -p '{\"data\":{\"value\":\"2\"}}'");
        var plan = SmallCluster.Revert(cluster.Target("configmaps", "ConfigMap", "conf"), before, cluster.Record("configmaps", "conf"), "data.value");
        var approved = Seen(await cluster.World(plan));

        await cluster.Must(command);

        Assert.Equal(said is null ? [] : [said], WorldState.Differences(approved, Seen(await cluster.World(plan))));
    }

    /// <summary>That nobody could look is no absence.</summary>
    [Theory]
    [InlineData(401, "are not accepted")]
    [InlineData(403, "may not read")]
    [InlineData(404, "answers")]
    [InlineData(410, "too old")]
    [InlineData(429, "too much to do")]
    [InlineData(500, "trouble")]
    [InlineData(503, "trouble")]
    public async Task Read_ErrorThatStays_IsNotSeen(int status, string said)
    {
        await using var cluster = await SmallCluster.Start(Manifests.ConfigMap("conf"));
        var plan = Configured(cluster);
        cluster.Server.Faults.Add(new InjectedFault.Status(status), times: 100);

        var none = Assert.IsType<WorldReading.NotSeen>(await cluster.World(plan));

        Assert.Contains(said, none.Why);
        // Once more and once more only where it may help.
        Assert.Equal(status is 429 or >= 500 ? 3 : 1, none.Calls.Count);
        Assert.All(none.Calls, c => Assert.Equal(("GET", status), (c.Method, c.Status)));
    }

    [Theory]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(0)]
    public async Task Read_ErrorThatPasses_IsSeen(int status)
    {
        await using var cluster = await SmallCluster.Start(Manifests.ConfigMap("conf"));
        cluster.Server.Faults.Add(status == 0 ? new InjectedFault.CutBefore() : new InjectedFault.Status(status, RetryAfterSeconds: 1), times: 1);

        var seen = Assert.IsType<WorldReading.Seen>(await cluster.World(Configured(cluster)));

        Assert.Empty(seen.State.Unmet);
        Assert.Equal([status, 200], seen.Calls.Select(c => c.Status));
        if (status != 0) Assert.InRange(cluster.Server.Wire.Count, 2, 2);
    }

    [Fact]
    public async Task Read_ConnectionThatBreaks_IsNotSeen()
    {
        await using var cluster = await SmallCluster.Start(Manifests.ConfigMap("conf"));
        cluster.Server.Faults.Add(new InjectedFault.CutAfter(), times: 100);

        Assert.Contains("cannot be reached", Assert.IsType<WorldReading.NotSeen>(await cluster.World(Configured(cluster))).Why);
    }

    /// <summary>A server that wants to be left alone for longer than anybody waits is not waited for.</summary>
    [Fact]
    public async Task Read_LongRetryAfter_IsNotSeenAtOnce()
    {
        await using var cluster = await SmallCluster.Start(Manifests.ConfigMap("conf"));
        cluster.Server.Faults.Add(new InjectedFault.Status(429, RetryAfterSeconds: 60), times: 100);
        var clock = Stopwatch.StartNew();

        Assert.Single(Assert.IsType<WorldReading.NotSeen>(await cluster.World(Configured(cluster))).Calls);
        Assert.InRange(clock.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(5));
    }

    [Fact]
    public async Task Read_ServerThatHangs_IsNotSeenAfterTenSeconds()
    {
        await using var cluster = await SmallCluster.Start(Manifests.ConfigMap("conf"));
        cluster.Server.Faults.Add(new InjectedFault.Hang(), times: 100);
        var time = new FakeTimeProvider();
        var reading = new ClusterWorld(cluster.Options, time).Read(Configured(cluster), cluster.Recorded, Cancellation);
        while (cluster.Server.Wire.Count == 0 && !reading.IsCompleted)
        {
            await Task.Delay(20, Cancellation);
            time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Contains("did not answer within 10 s", Assert.IsType<WorldReading.NotSeen>(await reading).Why);
    }

    [Fact]
    public async Task Read_NobodyListens_IsNotSeen()
    {
        await using var cluster = await SmallCluster.Start(Manifests.ConfigMap("conf"));
        var plan = Configured(cluster);
        await cluster.Stop();

        Assert.Contains("cannot be reached", Assert.IsType<WorldReading.NotSeen>(await cluster.World(plan)).Why);
    }

    [Fact]
    public async Task Read_CallerGivesUp_Throws()
    {
        await using var cluster = await SmallCluster.Start(Manifests.ConfigMap("conf"));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => new ClusterWorld(cluster.Options, TimeProvider.System).Read(Configured(cluster), cluster.Recorded, new(canceled: true)));
    }

    /// <summary>A custom kind that is not served, a name that would be another path, an object that is not the one: nothing was seen of it.</summary>
    [Theory]
    [InlineData("Schedule", "loss")]
    [InlineData("ConfigMap", "..")]
    [InlineData("ConfigMap", "")]
    [InlineData("ConfigMap", "a/b")]
    [InlineData("ConfigMap", "a%2Fb")]
    public async Task Read_WhatCannotBeAsked_IsNotSeen(string kind, string name)
    {
        await using var cluster = await SmallCluster.Start(Manifests.ConfigMap("conf"));

        Assert.IsType<WorldReading.NotSeen>(await cluster.World(SmallCluster.Plan(ActionKind.ChaosPause, new("", "u", kind, "default", name))));
    }

    [Fact]
    public async Task Read_NoSuchObject_IsSeenAsAbsent()
    {
        await using var cluster = await SmallCluster.Start(Manifests.ConfigMap("conf"));

        var state = Seen(await cluster.World(SmallCluster.Plan(ActionKind.ChaosPause, new("", "u-1", "ConfigMap", "default", "other"))));

        Assert.Equal(["default/ConfigMap/other uid is not there, and the plan takes u-1 for granted"], state.Unmet);
    }

    [Theory]
    [InlineData(null, "no kubeconfig")]
    [InlineData("", "cannot be used")]
    [InlineData("{{{", "cannot be used")]
    [InlineData("a: b", "cannot be used")]
    [InlineData("apiVersion: v1\nkind: Config\ncurrent-context: x\n", "cannot be used")]
    [InlineData("apiVersion: v1\nkind: Config\ncurrent-context: c\ncontexts: [{name: c, context: {cluster: nowhere, user: u}}]\nclusters: []\nusers: []\n", "cannot be used")]
    [InlineData("apiVersion: v1\nkind: Config\ncurrent-context: c\ncontexts: [{name: c, context: {cluster: k, user: u}}]\nclusters: [{name: k, cluster: {server: 'not an address'}}]\nusers: [{name: u, user: {}}]\n", "cannot be used")]
    [InlineData("apiVersion: v1\nkind: Config\ncurrent-context: c\ncontexts: [{name: c, context: {cluster: k, user: u}}]\nclusters: [{name: k, cluster: {server: 'https://127.0.0.1:1', certificate-authority-data: '!!'}}]\nusers: [{name: u, user: {}}]\n", "cannot be used")]
    [InlineData("apiVersion: v1\nkind: Config\ncurrent-context: c\ncontexts: [{name: c, context: {cluster: k, user: u}}]\nclusters: [{name: k, cluster: {server: 'https://127.0.0.1:1'}}]\nusers: [{name: u, user: {client-certificate-data: aGVsbG8=, client-key-data: aGVsbG8=}}]\n", "cannot be used")]
    [InlineData("apiVersion: v1\nkind: Config\ncurrent-context: c\ncontexts: [{name: c, context: {cluster: k, user: u}}]\nclusters: [{name: k, cluster: {server: 'https://127.0.0.1:1'}}]\nusers: [{name: u, user: {exec: {apiVersion: client.authentication.k8s.io/v1, command: /nonexistent, interactiveMode: Never}}}]\n", "cannot be used")]
    public async Task Read_BrokenKubeconfig_SaysSo(string? text, string said)
    {
        var folder = Directory.CreateTempSubdirectory("copilot-kubeconfig-");
        var file = Path.Combine(folder.FullName, "config");
        if (text is not null) await File.WriteAllTextAsync(file, text, Cancellation);

        var none = Assert.IsType<WorldReading.NotSeen>(await new ClusterWorld(new() { Kubeconfig = file }, TimeProvider.System).Read(SmallCluster.Plan(ActionKind.RolloutRestart, new("", "u", "Deployment", "default", "x")), _ => null, Cancellation));

        Assert.Contains(said, none.Why);
        Assert.Contains(file, none.Why);
        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Read_NamedContext_IsTheOneThatIsAsked()
    {
        await using var cluster = await SmallCluster.Start(Manifests.ConfigMap("conf"));

        Assert.IsType<WorldReading.Seen>(await new ClusterWorld(new() { Kubeconfig = cluster.Options.Kubeconfig, Context = "stand-in" }, TimeProvider.System).Read(Configured(cluster), cluster.Recorded, Cancellation));
        Assert.Contains("cannot be used", Assert.IsType<WorldReading.NotSeen>(await new ClusterWorld(new() { Kubeconfig = cluster.Options.Kubeconfig, Context = "other" }, TimeProvider.System).Read(Configured(cluster), cluster.Recorded, Cancellation)).Why);
    }

    /// <summary>More revisions than fit a page are all looked through.</summary>
    [Fact]
    public async Task Read_ManyRevisions_FollowsThePages()
    {
        await using var cluster = await SmallCluster.Start(Workload("StatefulSet"));
        var plan = await cluster.BadRollout("statefulsets.apps", "StatefulSet");
        var others = new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "List",
            ["items"] = new JsonArray([.. Enumerable.Range(0, 510).Select(i => (JsonNode)new JsonObject
        {
            ["apiVersion"] = "apps/v1", ["kind"] = "ControllerRevision", ["metadata"] = new JsonObject { ["name"] = $"a-{i}", ["namespace"] = "default", ["labels"] = new JsonObject { ["app"] = "other" } }, ["revision"] = i + 100,
        })])
        };
        cluster.Kubectl.Write("others.json", others.ToJsonString());
        await cluster.Must("kubectl create --validate=false -f others.json > /dev/null");

        var seen = Assert.IsType<WorldReading.Seen>(await cluster.World(plan));

        Assert.Contains("default/StatefulSet/main rollout.revisions is 1 2", seen.State.Lines);
        Assert.Equal(2, seen.Calls.Count(c => c.Path.Contains("controllerrevisions", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Http_AnyOtherMethodThanReading_IsRefused()
    {
        using var client = new HttpMessageInvoker(new ReadOnlyHttp { InnerHandler = new SocketsHttpHandler() });
        foreach (var method in new[] { "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "CONNECT" })
            await Assert.ThrowsAsync<InvalidOperationException>(() => client.SendAsync(new(new HttpMethod(method), "http://127.0.0.1:1/x"), Cancellation));
        await Assert.ThrowsAsync<HttpRequestException>(() => client.SendAsync(new(HttpMethod.Head, "http://127.0.0.1:1/x"), Cancellation));
    }

    private static Plan Configured(SmallCluster cluster) => SmallCluster.Plan(ActionKind.ObjectRevert, cluster.Target("configmaps", "ConfigMap", "conf"));

    private static JsonObject Workload(string kind) => Manifests.Workload(kind, "main", "shop/web:1", 2, kind == "StatefulSet" ? new() { ["serviceName"] = "main" } : null);

    private static WorldState Seen(WorldReading reading) => reading is WorldReading.Seen seen ? seen.State : throw new InvalidOperationException(((WorldReading.NotSeen)reading).Why);

    /// <summary>Whatever the copilot sent was a reading.</summary>
    private static void OnlyReads(SmallCluster cluster)
    {
        var sent = cluster.Server.Wire.Entries.Where(e => e.Target.Contains("/as/r/", StringComparison.Ordinal) || !e.Agent.StartsWith("kubectl", StringComparison.Ordinal)).ToList();
        Assert.NotEmpty(sent);
        Assert.All(sent, e => Assert.Equal("GET", e.Method));
    }
}
