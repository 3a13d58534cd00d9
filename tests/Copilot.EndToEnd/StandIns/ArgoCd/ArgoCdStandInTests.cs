using System.Text.Json.Nodes;
using Copilot.Simulator.StandIns;
using Copilot.Simulator.StandIns.ArgoCd;
using Copilot.Tests.Support;
using Xunit;

namespace Copilot.EndToEnd.StandIns.ArgoCd;

public sealed class ArgoCdStandInTests : IAsyncLifetime
{
    private readonly SimulatedSnapshot _snapshot;
    private readonly List<JsonNode> _objects;
    private readonly string _name;

    private StandInServer _server = null!;
    private StandInClient _client = null!;

    public ArgoCdStandInTests(SimulatedSnapshot snapshot)
    {
        _snapshot = snapshot;
        // Of each object the last row; what the last pull of its kind did not write any more is gone.
        var rows = snapshot.Rows("k8s_objects_raw.tsv").Select(r => (Time: SimulatedSnapshot.Nanoseconds(r["Timestamp"]), Body: JsonNode.Parse(r["Body"])!)).ToList();
        var pulls = rows.GroupBy(r => Kind(r.Body)).ToDictionary(g => g.Key, g => g.Max(r => r.Time));
        _objects = [.. rows.GroupBy(r => (Kind(r.Body), Namespace(r.Body), Name(r.Body))).Select(g => g.MaxBy(r => r.Time)).Where(r => r.Time > pulls[Kind(r.Body)] - 60_000_000_000).Select(r => r.Body)];
        _name = _objects.Where(o => Kind(o) == "Deployment" && !Namespace(o).StartsWith("kube-", StringComparison.Ordinal)).GroupBy(Namespace).MaxBy(g => g.Count())!.Key;
    }

    private IEnumerable<JsonNode> Mine => _objects.Where(o => Namespace(o) == _name);

    private string App => $"/api/v1/applications/{_name}";

    public async ValueTask InitializeAsync()
    {
        _server = await ArgoCdStandIn.Start(_snapshot.Telemetry, cancellation: TestContext.Current.CancellationToken);
        _client = new(_server);
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task List_IsOneForEachNamespaceThatDeploysSomething()
    {
        var list = await _client.Json("/api/v1/applications");

        string[] ignored = ["Endpoints", "EndpointSlice", "Node", "Namespace", "Event"];
        var expected = _objects.Where(o => Namespace(o).Length > 0 && !Namespace(o).StartsWith("kube-", StringComparison.Ordinal) && o["metadata"]!["ownerReferences"] is null && !ignored.Contains(Kind(o)))
            .Where(o => (Kind(o), Name(o)) is not ("ConfigMap", "kube-root-ca.crt") and not ("ServiceAccount", "default")).Select(Namespace).Distinct().Order(StringComparer.Ordinal);
        Assert.Equal(expected, list["items"]!.AsArray().Select(a => (string)a!["metadata"]!["name"]!));
        Assert.Single((await _client.Json($"/api/v1/applications?name={_name}"))["items"]!.AsArray());
        Assert.Null((await _client.Json("/api/v1/applications?projects=other"))["items"]);
        Assert.Null((await _client.Json("/api/v1/applications?repo=https://elsewhere"))["items"]);
        Assert.Null((await _client.Json("/api/v1/applications?selector=team%3Da"))["items"]);
        Assert.Null((await _client.Json("/api/v1/applications?appNamespace=other"))["items"]);
        Assert.NotNull((await _client.Json("/api/v1/applications?projects=default&selector=team!%3Da"))["items"]);
    }

    [Fact]
    public async Task List_Fields_LeaveWhatIsNamed()
    {
        var some = await _client.Json("/api/v1/applications?fields=items.metadata.name,items.status.sync.status");
        var without = await _client.Json("/api/v1/applications?fields=-items.spec,items.status.history");

        Assert.All(some["items"]!.AsArray(), a => Assert.Equal($$$$"""{"metadata":{"name":"{{{{a!["metadata"]!["name"]}}}}"},"status":{"sync":{"status":"Synced"}}}""", a.ToJsonString()));
        Assert.All(without["items"]!.AsArray(), a => Assert.True(a!["spec"] is null && a["status"]!["history"] is null && a["status"]!["health"] is not null));
    }

    [Fact]
    public async Task Get_StatusIsWhatTheObjectsSay()
    {
        var app = await _client.Json(App);

        var stuck = Mine.Where(o => Kind(o) == "Deployment" && ((int?)o["status"]!["availableReplicas"] ?? 0) < (int)o["spec"]!["replicas"]!).Select(Name).ToList();
        Assert.NotEmpty(stuck);
        Assert.Equal("Progressing", (string)app["status"]!["health"]!["status"]!);
        Assert.Equal(stuck, app["status"]!["resources"]!.AsArray().Where(r => (string?)r!["health"]?["status"] == "Progressing").Select(r => (string)r!["name"]!));
        Assert.Equal(("Synced", "default", _name, "argocd"), ((string)app["status"]!["sync"]!["status"]!, (string)app["spec"]!["project"]!, (string)app["spec"]!["destination"]!["namespace"]!, (string)app["metadata"]!["namespace"]!));
        Assert.Equal(Mine.Where(o => Kind(o) == "Pod").SelectMany(o => o["spec"]!["containers"]!.AsArray()).Select(c => (string)c!["image"]!).Distinct().Order(StringComparer.Ordinal), app["status"]!["summary"]!["images"]!.AsArray().Select(i => (string)i!));
        Assert.DoesNotContain(app["status"]!["resources"]!.AsArray(), r => (string)r!["kind"]! is "Pod" or "ReplicaSet" or "Endpoints");
    }

    [Fact]
    public async Task Get_History_IsOneLineForEachRollout()
    {
        var app = await _client.Json(App);
        var history = app["status"]!["history"]!.AsArray();

        var made = Mine.Where(o => Kind(o) == "ReplicaSet").Select(o => DateTimeOffset.Parse((string)o["metadata"]!["creationTimestamp"]!)).Order().ToList();
        var rollouts = made.Where((t, i) => i == 0 || t - made[i - 1] > TimeSpan.FromMinutes(1)).ToList();
        Assert.True(rollouts.Count > 1);
        Assert.Equal(rollouts, history.Select(h => DateTimeOffset.Parse((string)h!["deployStartedAt"]!)));
        Assert.Equal(Enumerable.Range(0, rollouts.Count).Select(i => (long)i), history.Select(h => (long)h!["id"]!));
        Assert.All(history, h => Assert.Matches("^[0-9a-f]{40}$", (string)h!["revision"]!));
        Assert.Equal(rollouts.Count, history.Select(h => (string)h!["revision"]!).Distinct().Count());
        Assert.Equal((string)history[^1]!["revision"]!, (string)app["status"]!["sync"]!["revision"]!);
        Assert.Equal(("Succeeded", (string)history[^1]!["revision"]!), ((string)app["status"]!["operationState"]!["phase"]!, (string)app["status"]!["operationState"]!["syncResult"]!["revision"]!));
        var last = Mine.Where(o => Kind(o) == "ReplicaSet").MaxBy(o => DateTimeOffset.Parse((string)o["metadata"]!["creationTimestamp"]!))!;
        var metadata = await _client.Json($"{App}/revisions/{history[^1]!["revision"]}/metadata");
        Assert.Equal($"pod templates changed: Deployment/{last["metadata"]!["ownerReferences"]![0]!["name"]}", (string)metadata["message"]!);
        Assert.Equal((string)history[^1]!["deployedAt"]!, (string)metadata["date"]!);
    }

    [Fact]
    public async Task Get_OfAnotherServer_HasTheSameRevisions()
    {
        await using var server = await ArgoCdStandIn.Start(_snapshot.Telemetry, cancellation: TestContext.Current.CancellationToken);
        using var other = new StandInClient(server);

        Assert.Equal((await _client.Get(App)).Body, (await other.Get(App)).Body);
    }

    [Fact]
    public async Task ResourceTree_HangsPodsBelowReplicaSetsBelowDeployments()
    {
        var tree = await _client.Json($"{App}/resource-tree");
        var nodes = tree["nodes"]!.AsArray().ToDictionary(n => (string)n!["uid"]!, n => n!);

        foreach (var pod in Mine.Where(o => Kind(o) == "Pod" && (string?)o["metadata"]!["ownerReferences"]?[0]?["kind"] == "ReplicaSet"))
        {
            var set = nodes[(string)nodes[Uid(pod)]["parentRefs"]![0]!["uid"]!];
            var deployment = nodes[(string)set["parentRefs"]![0]!["uid"]!];
            Assert.Equal((string)pod["metadata"]!["ownerReferences"]![0]!["name"]!, (string)set["name"]!);
            Assert.Equal(("Deployment", true), ((string)deployment["kind"]!, deployment["parentRefs"] is null));
        }
        var broken = Mine.Single(o => Kind(o) == "Pod" && (string?)o["status"]!["containerStatuses"]?[0]?["state"]?["waiting"]?["reason"] is "ErrImagePull" or "ImagePullBackOff");
        Assert.Equal("Degraded", (string)nodes[Uid(broken)]["health"]!["status"]!);
        Assert.Equal(Mine.Count(o => Kind(o) == "Pod"), nodes.Values.Count(n => (string)n["kind"]! == "Pod"));
        Assert.Equal(Mine.Where(o => Kind(o) == "Pod").Select(o => (string)o["spec"]!["nodeName"]!).Distinct().Order(StringComparer.Ordinal), tree["hosts"]!.AsArray().Select(h => (string)h!["name"]!));
    }

    [Fact]
    public async Task ManagedResourcesAndManifests_HoldTheObjects()
    {
        var managed = (await _client.Json($"{App}/managed-resources?kind=Deployment"))["items"]!.AsArray();
        var manifests = (await _client.Json($"{App}/manifests"))["manifests"]!.AsArray().Select(m => JsonNode.Parse((string)m!)!).ToList();

        Assert.Equal(Mine.Where(o => Kind(o) == "Deployment").Select(Name).Order(StringComparer.Ordinal), managed.Select(m => (string)m!["name"]!).Order(StringComparer.Ordinal));
        Assert.All(managed, m => Assert.True(JsonNode.DeepEquals(Mine.Single(o => Kind(o) == "Deployment" && Name(o) == (string)m!["name"]!), JsonNode.Parse((string)m!["liveState"]!))));
        Assert.All(manifests, m => Assert.True(m["status"] is null && m["metadata"]!["uid"] is null && m["metadata"]!["managedFields"] is null));
        Assert.Contains(manifests, m => Kind(m) == "Service");
    }

    [Fact]
    public async Task Events_AreThoseOfTheObject()
    {
        var broken = Mine.Single(o => Kind(o) == "Pod" && (string?)o["status"]!["containerStatuses"]?[0]?["state"]?["waiting"]?["reason"] is "ErrImagePull" or "ImagePullBackOff");
        var path = $"{App}/events?resourceName={Name(broken)}&resourceNamespace={_name}&resourceUID={Uid(broken)}";

        var events = (await _client.Json(path))["items"]!.AsArray();
        var none = await _client.Json($"{App}/events");
        var unknown = await _client.Get($"{App}/events?resourceName=nothing&resourceNamespace={_name}&resourceUID=1");

        var expected = _snapshot.Rows("k8s_events_raw.tsv").Select(r => JsonNode.Parse(r["Body"])!["object"]!).Where(e => (string)e["apiVersion"]! == "v1" && (string?)e["involvedObject"]!["uid"] == Uid(broken)).Select(Name).Distinct();
        Assert.NotEmpty(events);
        Assert.Equal(expected.Order(StringComparer.Ordinal), events.Select(e => Name(e!)).Order(StringComparer.Ordinal));
        Assert.Empty(none["items"]!.AsArray());
        Assert.Equal((400, $$"""{"error":"nothing not found as part of application {{_name}}","code":3,"message":"nothing not found as part of application {{_name}}"}"""), (unknown.Status, unknown.Body));
    }

    [Fact]
    public async Task Logs_AreTheRecordedLinesOfThePodsAndThenTheLast()
    {
        var rows = _snapshot.Rows("otel_logs_raw.tsv");
        var pod = rows.GroupBy(r => SimulatedSnapshot.Attribute(r, "ResourceAttributes", "k8s.pod.name")).Where(g => Mine.Any(o => Kind(o) == "Pod" && Name(o) == g.Key)).MaxBy(g => g.Count())!;
        var lines = pod.OrderBy(r => SimulatedSnapshot.Nanoseconds(r["Timestamp"])).ToList();
        var word = lines[0]["Body"].Split(' ')[0];

        var all = await Logs($"podName={pod.Key}");
        var tail = await Logs($"podName={pod.Key}&tailLines=3");
        var filtered = await Logs($"podName={pod.Key}&filter={Uri.EscapeDataString(word)}");
        var without = await Logs($"podName={pod.Key}&filter={Uri.EscapeDataString("!" + word)}");

        Assert.Equal(lines.Select(r => r["Body"]), all.Select(l => (string)l["content"]!));
        Assert.Equal(lines.TakeLast(3).Select(r => r["Body"]), tail.Select(l => (string)l["content"]!));
        Assert.All(all, l => Assert.Equal(pod.Key, (string)l["podName"]!));
        Assert.Equal(SimulatedSnapshot.Nanoseconds(lines[0]["Timestamp"]), SimulatedSnapshot.Nanoseconds(((string)all[0]["timeStamp"]!).TrimEnd('Z').Replace('T', ' ')));
        Assert.Equal(lines.Count(r => r["Body"].Contains(word, StringComparison.Ordinal)), filtered.Count);
        Assert.Equal(lines.Count, filtered.Count + without.Count);
        Assert.Empty((await _client.Get($"{App}/logs?podName=nothing")).Body);
    }

    [Fact]
    public async Task Settings_SayWhatThereIs()
    {
        Assert.StartsWith("v2.14", (string)(await _client.Json("/api/version"))["Version"]!, StringComparison.Ordinal);
        Assert.Equal("default", (string)(await _client.Json("/api/v1/projects"))["items"]![0]!["metadata"]!["name"]!);
        Assert.Equal("in-cluster", (string)(await _client.Json("/api/v1/clusters"))["items"]![0]!["name"]!);
        Assert.Equal("""{"canSync":true}""", (await _client.Json($"{App}/syncwindows")).ToJsonString());
        Assert.Equal("{}", (await _client.Json("/api/v1/session/userinfo")).ToJsonString());
    }

    [Fact]
    public async Task Get_Refresh_LeavesItsMarkOnTheObject()
    {
        Assert.Null((await _client.Json(App))["metadata"]!["annotations"]);

        await _client.Json($"{App}?refresh=hard");

        Assert.Equal("hard", (string)(await _client.Json(App))["metadata"]!["annotations"]!["argocd.argoproj.io/refresh"]!);
        Assert.Contains(_server.Wire.Entries, e => e.Target.Contains("refresh=hard", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Start_LabelsAndRecordedApplications_NameTheApplications()
    {
        using var folder = new TempFolder();
        static string Row(string resource, string body) => $"2025-12-15 17:00:00\t\"{body.Replace("\"", "\"\"", StringComparison.Ordinal)}\"\t{{'k8s.resource.name': '{resource}'}}\n";
        static string Map(string name, string metadata) => $$$"""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"{{{name}}}","namespace":"n"{{{metadata}}} } }""";
        var maps = Row("configmaps", Map("a", "")) + Row("configmaps", Map("b", ""","labels":{"app.kubernetes.io/part-of":"shop","app.kubernetes.io/instance":"i"}"""))
            + Row("configmaps", Map("c", ""","labels":{"app.kubernetes.io/instance":"i"}""")) + Row("configmaps", Map("d", ""","annotations":{"argocd.argoproj.io/tracking-id":"tracked:/ConfigMap:n/d"},"labels":{"app.kubernetes.io/part-of":"shop"}"""))
            + Row("secrets", """{"apiVersion":"v1","kind":"Secret","metadata":{"name":"s","namespace":"n","labels":{"app.kubernetes.io/part-of":"shop"},"annotations":{"kubectl.kubernetes.io/last-applied-configuration":"c2VjcmV0"}},"data":{"password":"c2VjcmV0"}}""");
        const string application = """{"apiVersion":"argoproj.io/v1alpha1","kind":"Application","metadata":{"name":"own","namespace":"argocd"},"spec":{"project":"p","destination":{"namespace":"n"}},"status":{"sync":{"status":"OutOfSync"},"resources":[{"kind":"ConfigMap","namespace":"n","name":"a"}]}}""";
        folder.Write("k8s_objects_raw.tsv", "Timestamp\tBody\tLogAttributes\n" + maps);
        await using var derived = await ArgoCdStandIn.Start(RecordedTelemetry.Read(SimulatedSnapshot.Open(folder.FullName)), cancellation: TestContext.Current.CancellationToken);
        using var client = new StandInClient(derived);
        folder.Write("k8s_objects_raw.tsv", "Timestamp\tBody\tLogAttributes\n" + maps + Row("applications", application));
        await using var recorded = await ArgoCdStandIn.Start(RecordedTelemetry.Read(SimulatedSnapshot.Open(folder.FullName)), cancellation: TestContext.Current.CancellationToken);
        using var other = new StandInClient(recorded);

        Assert.Equal(["i", "n", "shop", "tracked"], (await client.Json("/api/v1/applications"))["items"]!.AsArray().Select(a => (string)a!["metadata"]!["name"]!));
        var (_, _, secrets, _) = await client.Get("/api/v1/applications/shop/managed-resources?kind=Secret");
        Assert.Contains("++++++++", secrets, StringComparison.Ordinal);
        Assert.DoesNotContain("c2VjcmV0", secrets + (await client.Get("/api/v1/applications/shop/manifests")).Body, StringComparison.Ordinal);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(application), Assert.Single((await other.Json("/api/v1/applications"))["items"]!.AsArray())));
        Assert.Equal(["a"], (await other.Json("/api/v1/applications/own/resource-tree"))["nodes"]!.AsArray().Select(n => (string)n!["name"]!));
        Assert.Equal(4, (await other.Json("/api/v1/applications/own/resource-tree"))["orphanedNodes"]!.AsArray().Count);
    }

    [Fact]
    public async Task History_WithoutReplicaSets_FollowsTheTemplatesOfTheDeployment_AndKnowsTheSameAgain()
    {
        using var folder = new TempFolder();
        const string body = """{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web","namespace":"n","uid":"u","creationTimestamp":"2025-12-15T12:00:00Z"},"spec":{"template":{"spec":{"containers":[{"image":"IMAGE"}]}}}}""";
        static string Row(string time, string image) =>
            $"2025-12-15 {time}\t\"{body.Replace("IMAGE", image, StringComparison.Ordinal).Replace("\"", "\"\"", StringComparison.Ordinal)}\"\t{{'k8s.resource.name': 'deployments'}}\n";
        folder.Write("k8s_objects_raw.tsv", "Timestamp\tBody\tLogAttributes\n" + Row("17:00:00", "a:1") + Row("17:05:00", "a:2") + Row("17:10:00", "a:1"));
        await using var server = await ArgoCdStandIn.Start(RecordedTelemetry.Read(SimulatedSnapshot.Open(folder.FullName)), cancellation: TestContext.Current.CancellationToken);
        using var client = new StandInClient(server);

        var history = (await client.Json("/api/v1/applications/n"))["status"]!["history"]!.AsArray();

        Assert.Equal(["2025-12-15T12:00:00Z", "2025-12-15T17:05:00Z", "2025-12-15T17:10:00Z"], history.Select(h => (string)h!["deployedAt"]!));
        Assert.Equal((string)history[0]!["revision"]!, (string)history[2]!["revision"]!);
        Assert.NotEqual((string)history[0]!["revision"]!, (string)history[1]!["revision"]!);
    }

    /// <summary>All lines but the last, which must say that it is the last.</summary>
    private async Task<List<JsonNode>> Logs(string query)
    {
        var (status, _, body, _) = await _client.Get($"{App}/logs?{query}");
        Assert.Equal(200, status);
        var lines = body.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonNode.Parse(l)!["result"]!).ToList();
        Assert.Equal("""{"content":"","timeStamp":null,"last":true,"timeStampStr":"","podName":""}""", lines[^1].ToJsonString());
        return lines[..^1];
    }

    private static string Kind(JsonNode body) => (string)body["kind"]!;

    private static string Name(JsonNode body) => (string)body["metadata"]!["name"]!;

    private static string Uid(JsonNode body) => (string)body["metadata"]!["uid"]!;

    private static string Namespace(JsonNode body) => (string?)body["metadata"]!["namespace"] ?? "";
}
