using System.Text.Json.Nodes;
using Copilot.Simulator.StandIns.Kubernetes;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Copilot.EndToEnd.StandIns.Kubernetes;

/// <summary>What the real kubectl prints. Time stands still unless a test moves it, so that nothing changes between two commands.</summary>
public sealed class KubectlTests
{
    private static readonly CancellationToken Cancellation = TestContext.Current.CancellationToken;

    [Fact]
    public async Task Get_AllKindsAndForms()
    {
        var clock = Now();
        await using var server = await KubernetesStandIn.Start(new() { Clock = clock }, Cancellation);
        using var kubectl = await Kubectl.For(server);
        kubectl.Write("web.yaml", Manifests.Web() + "\n---\n" + Manifests.Service);
        await kubectl.Run("apply -f web.yaml");
        await Pass(server, clock, 4);
        foreach (var command in new[]
        {
            "version", "get all", "get pods -o wide", "get deploy,rs,svc -o wide", "get nodes -o wide", "get ns", "get endpoints,endpointslices", "get pods -l app=web,pod-template-hash -o name", "get pods -l app!=web",
            "get pods --field-selector spec.nodeName=node-1,status.phase=Running -o custom-columns=PHASE:.status.phase", "get deploy web -o yaml", "get svc web -o json", "get secrets", "get pod nothing", "get gadgets",
            "api-resources --api-group=apps", "api-versions", "top node", "top pod --containers", "auth whoami", "auth can-i delete pods", "get --raw /readyz",
        }) await kubectl.Run(command);
        kubectl.Check("get.txt");
    }

    [Fact]
    public async Task Describe_FailedRollout()
    {
        var clock = Now();
        await using var server = await KubernetesStandIn.Start(new() { Clock = clock }, Cancellation);
        using var kubectl = await Kubectl.For(server);
        kubectl.Write("web.yaml", Manifests.Web() + "\n---\n" + Manifests.Service);
        await kubectl.Run("apply -f web.yaml");
        await Pass(server, clock, 4);
        await kubectl.Run("set image deployment/web web=nginx:1.28-missing");
        await Pass(server, clock, 6);
        var broken = server.List("pods").Single(p => p["status"]!["phase"]!.ToString() == "Pending")["metadata"]!["name"]!.ToString();
        foreach (var command in new[]
        {
            "get pods", "get rs", "describe deployment web", $"describe pod {broken}", "describe service web", "describe node node-1", $"logs {broken}", "logs deployment/web --tail=1", "logs deployment/web --previous",
            "logs deployment/web --since=1s", "logs deployment/web -c other", "rollout status deployment/web --watch=false", "rollout history deployment/web", "rollout history deployment/web --revision=2", "events --types=Warning",
            "get events --field-selector reason=ScalingReplicaSet", "get events -o wide --field-selector type=Warning,reason=BackOff",
        }) await kubectl.Run(command);
        kubectl.Check("describe.txt");
    }

    [Fact]
    public async Task Logs_CrashingContainer()
    {
        var clock = Now();
        await using var server = await KubernetesStandIn.Start(new() { Clock = clock, Seed = KubernetesSeed.Of([Manifests.Workload("Deployment", "web", "shop/web:crash", 1)]) }, Cancellation);
        using var kubectl = await Kubectl.For(server);
        await Pass(server, clock, 9);
        var pod = server.List("pods").Single()["metadata"]!["name"]!.ToString();
        foreach (var command in new[] { "get pods", $"logs {pod}", $"logs {pod} --previous --timestamps", $"describe pod {pod}", "get events --field-selector type=Warning" }) await kubectl.Run(command);
        kubectl.Check("crash.txt");
    }

    [Fact]
    public async Task Rollouts_OfAllKinds()
    {
        await using var server = await KubernetesStandIn.Start(new() { Speed = 50, Seed = KubernetesSeed.Of([Manifests.Workload("StatefulSet", "db", "pg:16", 2, new() { ["serviceName"] = "db" }), Manifests.Workload("DaemonSet", "agent", "agent:1", 0)]) }, Cancellation);
        using var kubectl = await Kubectl.For(server);
        kubectl.Write("web.yaml", Manifests.Web());
        await kubectl.Run("apply -f web.yaml");
        await server.Until(() => server.List("pods").Count(IsReady) == 7, Cancellation);
        foreach (var kind in new[] { "deployment/web web=nginx:1.28", "statefulset/db main=pg:17", "daemonset/agent main=agent:2" })
        {
            var target = kind.Split(' ')[0];
            await kubectl.Run($"annotate {target} kubernetes.io/change-cause=second");
            await kubectl.Run($"set image {kind}");
            await Done(server);
            await kubectl.Run($"rollout status {target}");
            await kubectl.Run($"rollout history {target}");
            await kubectl.Run($"rollout undo {target}");
            await Done(server);
            await kubectl.Run($"rollout status {target}");
            await kubectl.Run($"rollout history {target}");
            await kubectl.Run($"get {target} -o jsonpath={{.spec.template.spec.containers[0].image}}{{\"\\n\"}}");
        }
        await kubectl.Run("rollout undo deployment/web --to-revision=9");
        await kubectl.Run("rollout pause deployment/web");
        await kubectl.Run("rollout status deployment/web");
        await kubectl.Run("rollout resume deployment/web");
        await kubectl.Run("rollout restart deployment/web");
        await Done(server);
        await kubectl.Run("wait --for=condition=Available deployment/web --timeout=30s");
        await kubectl.Run("scale deployment/web --replicas=5 --current-replicas=3");
        await Done(server);
        await kubectl.Run("scale deployment/web --replicas=1 --current-replicas=3");
        await kubectl.Run("get deployments,statefulsets,daemonsets");
        kubectl.Check("rollouts.txt");
    }

    [Fact]
    public async Task Apply_DiffPatchDelete()
    {
        var clock = Now();
        await using var server = await KubernetesStandIn.Start(new() { Clock = clock }, Cancellation);
        using var kubectl = await Kubectl.For(server);
        kubectl.Write("web.yaml", Manifests.Web());
        kubectl.Write("next.yaml", Manifests.Web("nginx:1.28"));
        kubectl.Write("typo.yaml", Manifests.Web().Replace("replicas:", "replcias:", StringComparison.Ordinal));
        foreach (var command in new[]
        {
            "create -f web.yaml --dry-run=server", "get deployments", "apply -f web.yaml", "apply -f web.yaml", "diff -f next.yaml", "apply -f next.yaml --dry-run=server", "apply -f next.yaml", "apply -f typo.yaml",
            "create -f web.yaml", "apply --server-side -f web.yaml --field-manager=ci", "apply --server-side -f web.yaml --field-manager=ci --force-conflicts",
            "patch deployment web -p {\"spec\":{\"template\":{\"spec\":{\"containers\":[{\"name\":\"web\",\"env\":[{\"name\":\"MODE\",\"$patch\":\"delete\"},{\"name\":\"LEVEL\",\"value\":\"2\"}]}]}}}}",
            "patch deployment web --type=merge -p {\"spec\":{\"replicas\":2}}", "patch deployment web --type=json -p [{\"op\":\"test\",\"path\":\"/spec/replicas\",\"value\":9}]",
            "patch deployment web --type=json -p [{\"op\":\"replace\",\"path\":\"/spec/replicas\",\"value\":4}]", "patch deployment web -p {\"spec\":{\"selector\":{\"matchLabels\":{\"app\":\"other\"}}}}",
            "label deployment web team=shop", "label deployment web team=cart", "label deployment web team-", "set env deployment/web MODE=slow", "get deployment web -o yaml --show-managed-fields",
            "delete deployment web", "get deployments,rs", "delete deployment web", "create namespace shop", "create configmap settings -n shop --from-literal=a=b", "create secret generic key -n shop --from-literal=a=b",
            "get configmaps,secrets -n shop", "delete namespace shop", "get configmaps -n shop", "create job once --image=busybox:1.36", "run one --image=nginx:1.27", "delete pod one --force --grace-period=0",
        })
        {
            await kubectl.Run(command);
            await server.Settled(Cancellation);
        }
        kubectl.Check("apply.txt");
    }

    [Fact]
    public async Task Reader_MayReadAndNothingElse()
    {
        await using var server = await KubernetesStandIn.Start(new() { Clock = Now(), Seed = KubernetesSeed.Of([Manifests.Workload("Deployment", "web", "nginx:1.27", 1)]), Tokens = new Dictionary<string, KubernetesAccount> { ["r"] = KubernetesAccount.Reader("viewer") } }, Cancellation);
        using var kubectl = await Kubectl.For(server, "r");
        foreach (var command in new[]
        {
            "auth whoami", "auth can-i list pods -A", "auth can-i delete pods", "auth can-i get pods --subresource=log", "auth can-i --list", "get nodes -o name", "get secrets", "get secrets -A", "create configmap a --from-literal=b=c", "delete node node-1",
            "scale deployment web --replicas=2", "patch node node-1 -p {\"spec\":{\"unschedulable\":true}}",
        }) await kubectl.Run(command);
        using var stranger = await Kubectl.For(server, "unknown");
        await stranger.Run("get pods");
        kubectl.Check("reader.txt");
        stranger.Check("stranger.txt");
    }

    [Fact]
    public async Task Drain_BudgetForbids_TellsWhich()
    {
        await using var server = await KubernetesStandIn.Start(new() { Speed = 50, Seed = KubernetesSeed.Of([Manifests.Workload("Deployment", "web", "nginx:1.27", 2), Budget(2)]) }, Cancellation);
        using var kubectl = await Kubectl.For(server);
        await server.Until(() => server.List("pods").Count(IsReady) == 2 && server.List("poddisruptionbudgets.policy").Single()["status"]?["currentHealthy"]?.ToString() == "2", Cancellation);
        await kubectl.Run("get pdb");
        await kubectl.Run("drain node-1 --timeout=2s");
        await kubectl.Run("get nodes");
        await kubectl.Run("patch pdb web --type=merge -p {\"spec\":{\"minAvailable\":1}}");
        await kubectl.Run("drain node-1 --timeout=20s");
        await kubectl.Run("uncordon node-1");
        kubectl.Check("drain.txt");
    }

    [Fact]
    public async Task Top_MetricsServerAbsentOrDown_SaysSo()
    {
        await using var server = await KubernetesStandIn.Start(new() { Clock = Now(), Metrics = MetricsServer.Absent }, Cancellation);
        using var kubectl = await Kubectl.For(server);
        await kubectl.Run("top node");
        server.Metrics = MetricsServer.Down;
        await kubectl.Run("get --raw /apis/metrics.k8s.io/v1beta1/nodes");
        kubectl.Check("no-metrics.txt");
    }

    internal static bool IsReady(JsonObject pod) => pod["status"]?["conditions"]?.AsArray().Any(c => c!["type"]!.ToString() == "Ready" && c["status"]!.ToString() == "True") == true && pod["metadata"]!["deletionTimestamp"] is null;

    /// <summary>A clock that begins a minute ago, since kubectl tells some ages by its own.</summary>
    internal static FakeTimeProvider Now() => new(DateTimeOffset.FromUnixTimeSeconds(DateTimeOffset.UtcNow.ToUnixTimeSeconds() - 60));

    /// <summary>Lets seconds pass, one after the other, each with all that is due in it.</summary>
    internal static async Task Pass(KubernetesStandIn server, FakeTimeProvider clock, int seconds)
    {
        await server.Settled(Cancellation);
        for (var i = 0; i < seconds; i++)
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            await server.Settled(Cancellation);
        }
    }

    /// <summary>Waits until everything is rolled out.</summary>
    private static async Task Done(KubernetesStandIn server)
    {
        await server.Settled(Cancellation);
        await server.Until(() => server.List("deployments.apps").All(d => Of(d, "updatedReplicas") == Wanted(d) && Of(d, "replicas") == Wanted(d) && Of(d, "availableReplicas") == Wanted(d) && IsSeen(d))
            && server.List("statefulsets.apps").All(s => Of(s, "updatedReplicas") == Wanted(s) && Of(s, "readyReplicas") == Wanted(s) && Of(s, "currentReplicas") == Wanted(s) && IsSeen(s))
            && server.List("daemonsets.apps").All(s => Of(s, "updatedNumberScheduled") == 2 && Of(s, "numberReady") == 2 && Of(s, "numberAvailable") == 2 && IsSeen(s)), Cancellation);
        await server.Settled(Cancellation);
    }

    private static int Of(JsonObject workload, string count) => (int?)workload["status"]?[count] ?? 0;

    private static int Wanted(JsonObject workload) => (int)workload["spec"]!["replicas"]!;

    private static bool IsSeen(JsonObject workload) => Of(workload, "observedGeneration") == (int)workload["metadata"]!["generation"]!;

    private static JsonObject Budget(int least) => new()
    {
        ["apiVersion"] = "policy/v1",
        ["kind"] = "PodDisruptionBudget",
        ["metadata"] = new JsonObject { ["name"] = "web", ["namespace"] = "default" },
        ["spec"] = new JsonObject { ["minAvailable"] = least, ["selector"] = new JsonObject { ["matchLabels"] = new JsonObject { ["app"] = "web" } } },
    };
}
