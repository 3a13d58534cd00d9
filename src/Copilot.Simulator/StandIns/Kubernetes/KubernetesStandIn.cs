using System.Text.Json.Nodes;
using Copilot.Simulator.StandIns.Kubernetes.Api;
using Copilot.Simulator.StandIns.Kubernetes.Controllers;
using Copilot.Simulator.StandIns.Kubernetes.Patching;
using Copilot.Simulator.StandIns.Kubernetes.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Copilot.Simulator.StandIns.Kubernetes;

/// <summary>
/// A Kubernetes API server (1.32) with its controllers, scheduler and kubelets in memory, for kubectl and client libraries, over plain HTTP on loopback.
/// docs/stand-ins.md says what it does and what it does not.
/// </summary>
public sealed class KubernetesStandIn : IAsyncDisposable
{
    /// <summary>Of the meter that counts requests to all stand-in clusters of this process (<c>standin.kubernetes.requests</c>, by <c>user</c> and <c>method</c>).</summary>
    public const string MeterName = "Copilot.StandIns";

    private readonly StandInServer _server;
    private readonly ObjectWrites _writes;
    private readonly PodLogs _logs;
    private readonly ControlPlane? _controllers;
    private readonly CancellationTokenSource _stopping;
    private readonly KubernetesStandInOptions _options;
    private readonly StrongBox _metrics;

    private KubernetesStandIn(StandInServer server, ObjectWrites writes, PodLogs logs, ControlPlane? controllers, CancellationTokenSource stopping, KubernetesStandInOptions options, StrongBox metrics) =>
        (_server, _writes, _logs, _controllers, _stopping, _options, _metrics) = (server, writes, logs, controllers, stopping, options, metrics);

    public Uri Address => _server.Address;

    /// <summary>What was asked and what was answered.</summary>
    public WireLog Wire => _server.Wire;

    /// <summary>What goes wrong on purpose.</summary>
    public InjectedFaults Faults => _server.Faults;

    /// <summary>Whether <c>kubectl top</c> finds a metrics server.</summary>
    public MetricsServer Metrics
    {
        get => _metrics.Value;
        set => _metrics.Value = value;
    }

    public static async Task<KubernetesStandIn> Start(KubernetesStandInOptions? options = null, CancellationToken cancellation = default)
    {
        options ??= new();
        var (store, logs, metrics) = (new ObjectStore(), new PodLogs(), new StrongBox { Value = options.Metrics });
        var writes = new ObjectWrites(store, options.Clock, new Random(options.RandomSeed));
        var controllers = options.Controllers ? new ControlPlane(writes, logs, options) : null;
        Seeding.Seeder.Fill(options.Seed, writes, logs, controllers);
        var stopping = new CancellationTokenSource();
        var router = new ApiRouter(writes, logs, new AccessControl(options.Tokens), () => metrics.Value, options.Clock, stopping.Token);
        var server = await StandInServer.Start("kubernetes", routes => routes.Map("/{**path}", (RequestDelegate)router.Handle), ApiRouter.Error, options.Port, cancellation);
        controllers?.Start();
        return new(server, writes, logs, controllers, stopping, options, metrics);
    }

    /// <summary>Forgets the history, so that watches and page tokens from before get 410.</summary>
    public void Compact() => _writes.Store.Compact();

    /// <summary>So many of the next updates of existing objects find that somebody was faster: 409.</summary>
    public void ForceConflicts(int times) => _writes.ForceConflicts(times);

    /// <summary>Copies of all objects of a resource.</summary>
    /// <param name="resource">The plural with its group, such as <c>deployments.apps</c>.</param>
    /// <param name="ns">Null for all namespaces.</param>
    public IReadOnlyList<JsonObject> List(string resource, string? ns = null) => [.. _writes.Store.List(KindOf(resource), ns).Select(o => o.Clone())];

    /// <summary>A copy of an object as it is stored; null when there is none.</summary>
    /// <param name="resource">The plural with its group, such as <c>deployments.apps</c>.</param>
    /// <param name="ns">Empty for what has no namespace.</param>
    public JsonObject? Read(string resource, string ns, string name) => _writes.Store.Get(KindOf(resource), ns, name)?.Clone();

    /// <summary>Somebody changes an object, as with <c>kubectl patch --type=merge</c> (RFC 7396).</summary>
    public void Change(string resource, string ns, string name, JsonObject patch)
    {
        lock (_writes.Store.Gate)
        {
            var found = _writes.Store.Get(KindOf(resource), ns, name) ?? throw new ArgumentException($"There is no {resource} {ns}/{name}.", nameof(name));
            _writes.Update(KindOf(resource), MergePatch.Apply(found, patch)!.AsObject(), new("kubectl"));
        }
    }

    /// <summary>Somebody goes back to a revision, as with <c>kubectl rollout undo</c>: the template of its ReplicaSet is the Deployment's again.</summary>
    public void RollBack(string ns, string deployment, string revision)
    {
        lock (_writes.Store.Gate)
        {
            var found = Read("deployments.apps", ns, deployment) ?? throw new ArgumentException($"There is no Deployment {ns}/{deployment}.", nameof(deployment));
            var template = List("replicasets.apps", ns).FirstOrDefault(s => s.Text("metadata", "annotations", "deployment.kubernetes.io/revision") == revision && s.Items("metadata", "ownerReferences").Any(o => o.Text("uid") == found.Uid()))?["spec"]?["template"]?.DeepClone()
                ?? throw new ArgumentException($"Deployment {ns}/{deployment} has no revision {revision}.", nameof(revision));
            ((template["metadata"] as JsonObject)?["labels"] as JsonObject)?.Remove("pod-template-hash");
            found["spec"]!["template"] = template;
            _writes.Update(KindOf("deployments.apps"), found, new("kubectl"));
        }
    }

    /// <summary>A container writes a line.</summary>
    public void AppendLog(string ns, string pod, string container, string line)
    {
        var found = _writes.Store.Get(ResourceKinds.Pods, ns, pod) ?? throw new ArgumentException($"There is no pod {ns}/{pod}.", nameof(pod));
        if (found.Items("spec", "containers").All(c => c.Text("name") != container)) throw new ArgumentException($"Pod {ns}/{pod} has no container {container}.", nameof(container));
        _logs.Append(found.Uid(), container, _options.Clock.GetUtcNow(), line);
    }

    /// <summary>Waits until the controllers have nothing left to do now; what kubelets do later, such as a restart, is not waited for.</summary>
    public Task Settled(CancellationToken cancellation = default) => _controllers?.Settled(cancellation) ?? Task.CompletedTask;

    /// <summary>Waits for something to be so; it is looked at after every change.</summary>
    public async Task Until(Func<bool> wanted, CancellationToken cancellation = default)
    {
        while (true)
        {
            var next = _writes.Store.NextChange;
            if (wanted()) return;
            await next.WaitAsync(cancellation);
        }
    }

    /// <summary>Writes a kubeconfig for this server. As kubectl sends no token over plain HTTP, the address says whose right to use: <c>/as/TOKEN</c>.</summary>
    /// <param name="path">The file.</param>
    /// <param name="token">Whose right to use; null for the administrator's.</param>
    /// <param name="ns">The namespace of the context.</param>
    public async Task WriteKubeconfig(string path, string? token = null, string ns = "default", CancellationToken cancellation = default)
    {
        var server = Address.ToString().TrimEnd('/') + (token is null ? "" : $"/as/{token}");
        var user = token is null ? "{}" : $"{{token: \"{token}\"}}";
        await File.WriteAllTextAsync(path, $"""
            apiVersion: v1
            kind: Config
            clusters:
            - name: stand-in
              cluster: {"{"}server: "{server}"{"}"}
            users:
            - name: user
              user: {user}
            contexts:
            - name: stand-in
              context: {"{"}cluster: stand-in, user: user, namespace: "{ns}"{"}"}
            current-context: stand-in

            """, cancellation);
    }

    private static ResourceKind KindOf(string resource) =>
        ResourceKinds.All.FirstOrDefault(k => k.GroupResource == resource && k.Stored == k) ?? throw new ArgumentException($"\"{resource}\" is not served. Name it as in deployments.apps or pods.", nameof(resource));

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        if (_controllers is not null) await _controllers.DisposeAsync();
        await _server.DisposeAsync();
        _stopping.Dispose();
    }

    private sealed class StrongBox
    {
        public volatile MetricsServer Value;
    }
}
