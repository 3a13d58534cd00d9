using System.Text.Json.Nodes;
using Copilot.Simulator.StandIns.Kubernetes;
using k8s;
using k8s.Autorest;
using k8s.Models;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Copilot.EndToEnd.StandIns.Kubernetes;

/// <summary>Rollouts step by step, and what holds them up.</summary>
public sealed class ControllerTests
{
    private static readonly CancellationToken Cancellation = TestContext.Current.CancellationToken;

    private readonly FakeTimeProvider _clock = KubectlTests.Now();

    [Fact]
    public async Task Rollout_EveryStep_StaysWithinSurgeAndUnavailability()
    {
        var bounds = new JsonObject { ["strategy"] = new JsonObject { ["rollingUpdate"] = new JsonObject { ["maxSurge"] = 1, ["maxUnavailable"] = 1 } } };
        await using var server = await Start(Manifests.Workload("Deployment", "web", "nginx:1", 4, bounds));
        await KubectlTests.Pass(server, _clock, 4);
        using var client = Client(server);
        await client.PatchNamespacedDeploymentAsync(Image("nginx:2"), "web", "default", cancellationToken: Cancellation);

        for (var second = 0; second < 20; second++)
        {
            await KubectlTests.Pass(server, _clock, 1);
            var live = server.List("pods").Where(p => p["metadata"]!["deletionTimestamp"] is null).ToList();
            Assert.InRange(live.Count, 3, 5);
            Assert.True(live.Count(KubectlTests.IsReady) >= 3, $"only {live.Count(KubectlTests.IsReady)} ready in second {second}");
        }
        Assert.Equal(["nginx:2"], server.List("pods").Select(p => p["spec"]!["containers"]![0]!["image"]!.ToString()).Distinct());
    }

    [Fact]
    public async Task Log_Options_ChooseLinesAndBytesOrAreRefused()
    {
        await using var server = await Start(Manifests.Workload("Deployment", "web", "nginx:1", 1));
        await KubectlTests.Pass(server, _clock, 4);
        using var client = Client(server);
        var (pod, begun) = (server.List("pods").Single()["metadata"]!["name"]!.ToString(), _clock.GetUtcNow());
        foreach (var line in (string[])["one", "zwö", "three"])
        {
            server.AppendLog("default", pod, "main", line);
            _clock.Advance(TimeSpan.FromSeconds(10));
        }

        Assert.Equal("zwö\nthree\n", await Log($"sinceTime={Uri.EscapeDataString(begun.AddSeconds(10).ToString("o"))}"));
        Assert.Equal("three\n", await Log("sinceSeconds=10"));
        Assert.Equal("zwö\n", await Log("sinceSeconds=20&limitBytes=5"));
        Assert.Equal("three\n", await Log("tailLines=1"));
        Assert.Contains("is invalid: limitBytes: Invalid value: 0: must be greater than 0", await Log("limitBytes=0", 422));
        Assert.Contains("is invalid: : Forbidden: at most one of `sinceTime` or `sinceSeconds`", await Log($"sinceSeconds=1&sinceTime={begun:yyyy-MM-dd'T'HH:mm:ss'Z'}", 422));

        async Task<string> Log(string options, int status = 200)
        {
            using var answer = await client.HttpClient.GetAsync(new Uri(server.Address, $"/api/v1/namespaces/default/pods/{pod}/log?{options}"), Cancellation);
            Assert.Equal(status, (int)answer.StatusCode);
            return await answer.Content.ReadAsStringAsync(Cancellation);
        }
    }

    [Fact]
    public async Task Rollout_DeadlinePasses_SaysSoAndKeepsTheOldPods()
    {
        await using var server = await Start(Manifests.Workload("Deployment", "web", "nginx:1", 3, new() { ["progressDeadlineSeconds"] = 60 }));
        await KubectlTests.Pass(server, _clock, 4);
        using var client = Client(server);
        await client.PatchNamespacedDeploymentAsync(Image("nginx:missing"), "web", "default", cancellationToken: Cancellation);
        await KubectlTests.Pass(server, _clock, 59);
        Assert.Equal("ReplicaSetUpdated", Progressing(server));

        await KubectlTests.Pass(server, _clock, 4);

        Assert.Equal("ProgressDeadlineExceeded", Progressing(server));
        Assert.Equal(3, server.List("pods").Count(KubectlTests.IsReady));
    }

    [Fact]
    public async Task Rollout_Back_UsesTheOldSetWithTheNextRevision()
    {
        await using var server = await Start(Manifests.Workload("Deployment", "web", "nginx:1", 2));
        await KubectlTests.Pass(server, _clock, 4);
        var first = server.List("replicasets.apps").Single()["metadata"]!["name"]!.ToString();
        using var client = Client(server);
        foreach (var image in new[] { "nginx:2", "nginx:1" })
        {
            await client.PatchNamespacedDeploymentAsync(Image(image), "web", "default", cancellationToken: Cancellation);
            await KubectlTests.Pass(server, _clock, 15);
        }

        var back = server.Read("replicasets.apps", "default", first)!;
        Assert.Equal(("3", "1", "2"), (Note(back, "revision"), Note(back, "revision-history"), back["status"]!["readyReplicas"]!.ToString()));
        Assert.Equal(2, server.List("replicasets.apps").Count);
        Assert.Equal("3", Note(server.Read("deployments.apps", "default", "web")!, "revision"));
    }

    [Fact]
    public async Task History_BeyondTheLimit_IsForgotten()
    {
        await using var server = await Start(Manifests.Workload("Deployment", "web", "nginx:1", 1, new() { ["revisionHistoryLimit"] = 1 }));
        using var client = Client(server);
        await KubectlTests.Pass(server, _clock, 4);
        foreach (var image in new[] { "nginx:2", "nginx:3" })
        {
            await client.PatchNamespacedDeploymentAsync(Image(image), "web", "default", cancellationToken: Cancellation);
            await KubectlTests.Pass(server, _clock, 10);
        }

        Assert.Equal(["2", "3"], server.List("replicasets.apps").Select(s => Note(s, "revision")).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task StatefulSet_BrokenUpdate_StopsAtTheLastPod()
    {
        await using var server = await Start(Manifests.Workload("StatefulSet", "db", "pg:1", 3));
        await KubectlTests.Pass(server, _clock, 10);
        using var client = Client(server);
        await client.PatchNamespacedStatefulSetAsync(Image("pg:missing"), "db", "default", cancellationToken: Cancellation);
        await KubectlTests.Pass(server, _clock, 20);

        Assert.Equal(["db-0", "db-1"], server.List("pods").Where(KubectlTests.IsReady).Select(p => p["metadata"]!["name"]!.ToString()));
        Assert.Equal("pg:missing", server.Read("pods", "default", "db-2")!["spec"]!["containers"]![0]!["image"]!.ToString());
    }

    [Fact]
    public async Task Pod_FitsNowhere_SaysWhy()
    {
        var pod = Manifests.Workload("Deployment", "web", "nginx:1", 1);
        pod["spec"]!["template"]!["spec"]!["containers"]![0]!["resources"] = new JsonObject { ["requests"] = new JsonObject { ["cpu"] = "64" } };
        await using var server = await Start(pod);
        await server.Settled(Cancellation);

        Assert.Equal("0/2 nodes are available: 2 Insufficient cpu. preemption: 0/2 nodes are available: 2 No preemption victims found for incoming pod.",
            server.List("events").Single(e => e["reason"]!.ToString() == "FailedScheduling")["message"]!.ToString());
    }

    [Fact]
    public async Task Pods_BeyondTheQuota_AreRefusedAndTheReasonReachesTheDeployment()
    {
        var quota = new JsonObject { ["apiVersion"] = "v1", ["kind"] = "ResourceQuota", ["metadata"] = new JsonObject { ["name"] = "few", ["namespace"] = "default" }, ["spec"] = new JsonObject { ["hard"] = new JsonObject { ["pods"] = "2" } } };
        await using var server = await Start(quota, Manifests.Workload("Deployment", "web", "nginx:1", 3));
        await KubectlTests.Pass(server, _clock, 4);

        Assert.Equal(2, server.List("pods").Count);
        var failure = server.Read("deployments.apps", "default", "web")!["status"]!["conditions"]!.AsArray().Single(c => c!["type"]!.ToString() == "ReplicaFailure")!;
        Assert.EndsWith("is forbidden: exceeded quota: few, requested: pods=1, used: pods=2, limited: pods=2", failure["message"]!.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Delete_EachPropagation_LeavesWhatItSays()
    {
        await using var server = await Start(Manifests.Workload("Deployment", "a", "nginx:1", 1), Manifests.Workload("Deployment", "b", "nginx:1", 1));
        await KubectlTests.Pass(server, _clock, 4);
        using var client = Client(server);

        await client.DeleteNamespacedDeploymentAsync("a", "default", propagationPolicy: "Orphan", cancellationToken: Cancellation);
        await client.DeleteNamespacedDeploymentAsync("b", "default", propagationPolicy: "Foreground", cancellationToken: Cancellation);
        await server.Settled(Cancellation);
        Assert.NotNull(server.Read("deployments.apps", "default", "b"));
        await KubectlTests.Pass(server, _clock, 4);

        Assert.Empty(server.List("deployments.apps"));
        var orphan = server.List("replicasets.apps").Single();
        Assert.StartsWith("a-", orphan["metadata"]!["name"]!.ToString(), StringComparison.Ordinal);
        Assert.Equal([orphan["metadata"]!["uid"]!.ToString()], server.List("pods").Select(p => p["metadata"]!["ownerReferences"]![0]!["uid"]!.ToString()));
    }

    [Fact]
    public async Task Eviction_BudgetForbids_Is429WithTheCause()
    {
        var budget = new JsonObject { ["apiVersion"] = "policy/v1", ["kind"] = "PodDisruptionBudget", ["metadata"] = new JsonObject { ["name"] = "web", ["namespace"] = "default" }, ["spec"] = new JsonObject { ["minAvailable"] = 1, ["selector"] = new JsonObject() } };
        await using var server = await Start(Manifests.Workload("Deployment", "web", "nginx:1", 1), budget);
        await KubectlTests.Pass(server, _clock, 4);
        using var client = Client(server);
        var pod = server.List("pods").Single()["metadata"]!["name"]!.ToString();

        var refused = await Assert.ThrowsAsync<HttpOperationException>(() => client.CreateNamespacedPodEvictionAsync(new() { ApiVersion = "policy/v1", Kind = "Eviction", Metadata = new() { Name = pod } }, pod, "default", cancellationToken: Cancellation));

        var status = KubernetesJson.Deserialize<V1Status>(refused.Response.Content);
        Assert.Equal((429, "DisruptionBudget", "The disruption budget web needs 1 healthy pods and has 1 currently"), (status.Code, status.Details.Causes[0].Reason, status.Details.Causes[0].Message));
    }

    private Task<KubernetesStandIn> Start(params JsonObject[] manifests) => KubernetesStandIn.Start(new() { Clock = _clock, Seed = KubernetesSeed.Of(manifests) }, Cancellation);

    private static k8s.Kubernetes Client(KubernetesStandIn server) => new(new KubernetesClientConfiguration { Host = server.Address.ToString() });

    private static V1Patch Image(string image) => new(
        new JsonObject { ["spec"] = new JsonObject { ["template"] = new JsonObject { ["spec"] = new JsonObject { ["containers"] = new JsonArray(new JsonObject { ["name"] = "main", ["image"] = image }) } } } }.ToJsonString(), V1Patch.PatchType.StrategicMergePatch);

    private static string Note(JsonObject body, string name) => body["metadata"]!["annotations"]!["deployment.kubernetes.io/" + name]!.ToString();

    private static string Progressing(KubernetesStandIn server) => server.Read("deployments.apps", "default", "web")!["status"]!["conditions"]!.AsArray().Single(c => c!["type"]!.ToString() == "Progressing")!["reason"]!.ToString();
}
