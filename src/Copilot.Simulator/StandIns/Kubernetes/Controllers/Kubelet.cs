using System.Globalization;
using System.Text.Json.Nodes;
using Copilot.Simulator.StandIns.Kubernetes.Api;
using Copilot.Simulator.StandIns.Kubernetes.Storage;

namespace Copilot.Simulator.StandIns.Kubernetes.Controllers;

/// <summary>
/// Runs pods on their nodes, or fails to: the containers of a pod go through what real ones do, at the pace of the options. Init containers succeed at once. Probes are not
/// carried out: a container with a readiness probe is ready after its initial delay. Pods of a recording are left as they are, and end when they are deleted.
/// </summary>
internal sealed class Kubelet(ControlContext context, PodLogs logs)
{
    private const string Manager = "kubelet";
    private static readonly TimeSpan StopsAfter = TimeSpan.FromSeconds(2);

    private readonly Dictionary<string, PodRun> _runs = [];
    private int _addresses = 10;

    public void Sync()
    {
        var pods = context.Store.List(ResourceKinds.Pods).Where(p => p.Text("spec", "nodeName").Length > 0).ToList();
        foreach (var pod in pods)
        {
            var run = _runs.GetValueOrDefault(pod.Uid()) ?? (_runs[pod.Uid()] = new(context.Now));
            if (pod.IsDeleting()) Stop(pod, run);
            else if (!context.Recorded.IsRecorded(pod)) Advance(pod, run);
        }
        var there = pods.Select(p => p.Uid()).ToHashSet(StringComparer.Ordinal);
        foreach (var gone in _runs.Keys.Where(u => !there.Contains(u)).ToList())
        {
            _runs.Remove(gone);
            logs.Forget(gone);
        }
    }

    private void Stop(JsonObject pod, PodRun run)
    {
        if (run.StoppingSince is null)
        {
            run.StoppingSince = context.Now;
            foreach (var container in pod.Items("status", "containerStatuses").Where(c => c.At("state", "running") is not null))
                context.Record(ResourceKinds.Pods, pod, isWarning: false, "Killing", $"Stopping container {container.Text("name")}", Manager, pod.Text("spec", "nodeName"), $"spec.containers{{{container.Text("name")}}}");
        }
        var grace = TimeSpan.FromSeconds(Math.Max(0, pod.Int("metadata", "deletionGracePeriodSeconds")));
        if (context.Store.Get(ResourceKinds.Nodes, "", pod.Text("spec", "nodeName")) is not null && !context.IsDue(run.StoppingSince.Value, grace < StopsAfter ? grace : StopsAfter)) return;
        // What a finalizer holds stays, without its containers; so does a pod that somebody else waits for.
        if (pod.At("metadata", "finalizers") is not JsonArray { Count: > 0 }) context.Writes.Delete(ResourceKinds.Pods, pod.Namespace(), pod.Name(), new(GraceSeconds: 0, Uid: pod.Uid()));
    }

    private void Advance(JsonObject pod, PodRun run)
    {
        if (pod.Text("status", "phase") is "Succeeded" or "Failed") return;
        if (run.Address.Length == 0 && pod.Text("status", "podIP") is { Length: > 0 } known) run.Address = known;
        if (run.Address.Length == 0) run.Address = NextAddress(pod);
        var blocked = Missing.OfVolumes(context.Store, pod);
        if (blocked is not null) context.Record(ResourceKinds.Pods, pod, isWarning: true, "FailedMount", blocked, Manager, pod.Text("spec", "nodeName"));
        foreach (var container in pod.Items("spec", "containers"))
        {
            var name = container.Text("name");
            if (!run.Containers.TryGetValue(name, out var state) || (state.Image != container.Text("image") && state.Stage != ContainerStage.Creating)) run.Containers[name] = state = new(container.Text("image"), context.Now) { Restarts = state?.Restarts + 1 ?? 0 };
            if (blocked is null) new ContainerLife(context, logs, pod, container, state).Advance();
        }
        context.Change(ResourceKinds.Pods, pod, p => PodStatus.Write(context, p, run), "status", Manager);
    }

    private string NextAddress(JsonObject pod)
    {
        var node = context.Store.Get(ResourceKinds.Nodes, "", pod.Text("spec", "nodeName")).Text("spec", "podCIDR");
        var prefix = node.LastIndexOf('.') is > 0 and var dot ? node[..dot] : "10.244.0";
        return string.Create(CultureInfo.InvariantCulture, $"{prefix}.{_addresses++ % 245 + 2}");
    }
}

/// <summary>A pod as its kubelet sees it.</summary>
internal sealed class PodRun(DateTimeOffset since)
{
    public DateTimeOffset Since => since;

    public DateTimeOffset? StoppingSince { get; set; }

    public string Address { get; set; } = "";

    public Dictionary<string, ContainerState> Containers { get; } = new(StringComparer.Ordinal);
}

internal enum ContainerStage
{
    Creating,
    Misconfigured,
    PullFailed,
    PullBackOff,
    Running,
    CrashBackOff,
    Completed,
    Failed,
}

/// <summary>A container as its kubelet sees it.</summary>
internal sealed class ContainerState(string image, DateTimeOffset since)
{
    public string Image => image;

    public ContainerStage Stage { get; set; }

    public DateTimeOffset Since { get; set; } = since;

    public string Message { get; set; } = "";

    public int Restarts { get; set; }

    public int Failures { get; set; }

    public bool IsReady { get; set; }

    public DateTimeOffset StartedAt { get; set; }

    public string Id { get; set; } = "";

    /// <summary>How it ended the last time.</summary>
    public JsonObject? Ended { get; set; }
}
