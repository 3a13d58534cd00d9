using System.Text.Json.Nodes;
using Copilot.Configuration;
using Copilot.Core.Actions;
using Copilot.Core.Approvals;
using Copilot.Core.Receipts;
using Copilot.EndToEnd.Executing;
using Copilot.EndToEnd.StandIns.Kubernetes;
using Copilot.Simulator.StandIns.Kubernetes;
using Copilot.Sources.Kubernetes;
using Xunit;

namespace Copilot.EndToEnd.Sources.Kubernetes;

/// <summary>A cluster with one of each that plans are about, the real kubectl of somebody who may change it, and what the copilot sees of it with the rights of a reader.</summary>
internal sealed class SmallCluster : IAsyncDisposable
{
    private static readonly CancellationToken Cancellation = TestContext.Current.CancellationToken;

    private readonly Dictionary<string, JsonNode?> _recorded = [];
    private bool _stopped;

    private SmallCluster(KubernetesStandIn server, Kubectl kubectl) => (Server, Kubectl) = (server, kubectl);

    public KubernetesStandIn Server { get; }

    public Kubectl Kubectl { get; }

    /// <summary>That of somebody who may do what executors do, and no more.</summary>
    public string ExecutorsKubeconfig => Path.Combine(Kubectl.Home, "executor");

    public KubernetesOptions Options => new() { Kubeconfig = Path.Combine(Kubectl.Home, "reader") };

    public static async Task<SmallCluster> Start(params IReadOnlyList<JsonObject> manifests)
    {
        var server = await KubernetesStandIn.Start(new() { Speed = 50, Seed = KubernetesSeed.Of(manifests), Tokens = new Dictionary<string, KubernetesAccount> { ["r"] = KubernetesAccount.Reader("copilot"), ["e"] = ExecutorAccount.Of() } }, Cancellation);
        var cluster = new SmallCluster(server, await Kubectl.For(server));
        await server.WriteKubeconfig(cluster.Options.Kubeconfig, "r", cancellation: Cancellation);
        await server.WriteKubeconfig(cluster.ExecutorsKubeconfig, "e", cancellation: Cancellation);
        return cluster;
    }

    /// <summary>Runs it as bash would be told to.</summary>
    public async Task<(int Code, string Output, string Error)> Bash(string command)
    {
        Kubectl.Write("step.sh", command);
        return await Kubectl.Bash("step.sh");
    }

    public async Task Must(string command)
    {
        var (code, output, error) = await Bash(command);
        Assert.True(code == 0, $"{command}\n{output}{error}");
    }

    /// <summary>Keeps the object as it is now as a record, and names it.</summary>
    public string Record(string resource, string name, string ns = "default")
    {
        var address = $"k8s_objects_raw.tsv#{_recorded.Count + 1}";
        _recorded[address] = Object(resource, name, ns);
        return address;
    }

    public JsonNode? Recorded(string address) => _recorded.GetValueOrDefault(address);

    public JsonObject Object(string resource, string name, string ns = "default") => Server.Read(resource, ns, name) ?? throw new InvalidOperationException($"There is no {resource} {name}.");

    public ActionTarget Target(string resource, string kind, string name, string ns = "default") => new("", Object(resource, name, ns)["metadata"]!["uid"]!.ToString(), kind, ns, name);

    public string? Field(string resource, string name, string path, string ns = "default") => ObjectField.Find(Object(resource, name, ns), path)?.Value;

    public Task<WorldReading> World(Plan plan) => new ClusterWorld(Options, TimeProvider.System).Read(plan, Recorded, Cancellation);

    public Task<IReadOnlyList<ProbeReading>> Probes(Plan plan) => new ClusterProbes(Options, TimeProvider.System).Read(plan, Recorded, Cancellation);

    /// <summary>The command of a plan's first step.</summary>
    public HandoffCommand Command(Plan plan) => StepCommands.Of(plan, Recorded)[0];

    public static Plan Plan(ActionKind kind, ActionTarget target, Dictionary<string, string>? parameters = null, IReadOnlyList<WorldRead>? preconditions = null, Dictionary<string, string>? back = null, params IReadOnlyList<string> probes) => new(
        "01JTESTJTESTJTESTJTESTJTES", ReceiptActor.Copilot, null, "book", target.ToString(), [new(kind, target, parameters ?? [], [new("uid", "exact", target.Uid), .. preconditions ?? []], "all is well again", "key")],
        back is null ? [] : [new("key", "put it back", back)], [.. probes.Select(p => new VerifyProbe(p, target.ToString(), "so", TimeSpan.Zero))], [], new("low", 1, 1, Reversible: true));

    /// <summary>Fields of what is recorded as <paramref name="after"/> back to what is recorded as <paramref name="before"/>.</summary>
    public static Plan Revert(ActionTarget target, string before, string after, params string[] fields)
    {
        var list = new JsonArray([.. fields.Select(f => (JsonNode)f)]).ToJsonString();
        return Plan(ActionKind.ObjectRevert, target, new() { ["fields"] = list, ["to_record"] = before, ["to_digest"] = "sha256:1" }, [.. fields.Select(f => new WorldRead(f, "as-recorded", after))],
            new() { ["fields"] = list, ["to_record"] = after, ["to_digest"] = "sha256:2" }, "object-as-before");
    }

    /// <summary>An image that cannot be had, and the way back to the revision before.</summary>
    public async Task<Plan> BadRollout(string resource, string kind)
    {
        await Rolled(resource, "main", "shop/web:1");
        await Kubectl.Run($"set image {kind.ToLowerInvariant()}/main main=shop/web:missing");
        await Server.Settled(Cancellation);
        await Server.Until(() => Revisions(resource).Contains("2"), Cancellation);
        var after = Record(resource, "main");
        return Plan(ActionKind.RolloutUndo, Target(resource, kind, "main"), new() { ["revision"] = "1" }, [new("rollout.revisions", "contains", "1"), new("spec.template.spec.containers[main].image", "as-recorded", after)],
            new() { ["revision"] = "2" }, "workload-ready", "object-as-before");
    }

    /// <summary>Waits for the template to be what all pods are.</summary>
    public Task Rolled(string resource, string name, string image) => Server.Until(
        () => Server.List("pods", "default").Where(p => p["metadata"]!["labels"]?["app"]?.ToString() == name).ToList() is { Count: > 0 } pods && pods.TrueForAll(p => p["spec"]!["containers"]![0]!["image"]!.ToString() == image && IsReady(p))
            && Object(resource, name)["status"]?["observedGeneration"]?.ToString() == Object(resource, name)["metadata"]!["generation"]!.ToString(), Cancellation);

    /// <summary>Nobody listens any more.</summary>
    public async Task Stop()
    {
        if (_stopped) return;
        _stopped = true;
        await Server.DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        Kubectl.Dispose();
        await Stop();
    }

    private IEnumerable<string> Revisions(string resource) => resource == "deployments.apps"
        ? Server.List("replicasets.apps", "default").Select(r => r["metadata"]!["annotations"]?["deployment.kubernetes.io/revision"]?.ToString() ?? "")
        : Server.List("controllerrevisions.apps", "default").Select(r => r["revision"]!.ToString());

    private static bool IsReady(JsonObject pod) => (pod["status"]?["conditions"] as JsonArray)?.Any(c => c!["type"]!.ToString() == "Ready" && c["status"]!.ToString() == "True") == true;
}
