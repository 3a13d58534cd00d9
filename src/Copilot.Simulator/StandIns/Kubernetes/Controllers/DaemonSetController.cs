using System.Text.Json.Nodes;
using Copilot.Simulator.StandIns.Kubernetes.Api;
using Copilot.Simulator.StandIns.Kubernetes.Storage;

namespace Copilot.Simulator.StandIns.Kubernetes.Controllers;

/// <summary>Runs one pod of a DaemonSet on each node that it fits, and updates them some at a time.</summary>
internal sealed class DaemonSetController(ControlContext context, PodControl pods, RevisionHistory history)
{
    private const string Component = "daemonset-controller";

    public void Sync()
    {
        foreach (var set in context.Store.List(ResourceKinds.DaemonSets))
        {
            if (set.IsDeleting()) continue;
            var all = context.PodsOf(set);
            if (context.Recorded.IsUntouched(set) && all.TrueForAll(context.Recorded.IsRecorded) && -all.Count(ControlContext.IsActive) == context.Recorded.Missing(set)) continue;
            Sync(set);
        }
    }

    private void Sync(JsonObject set)
    {
        var revision = history.Current(ResourceKinds.DaemonSets, set);
        var hash = RevisionHistory.HashOf(set, revision);
        var nodes = context.Store.List(ResourceKinds.Nodes).Where(n => Scheduler.Fits(set.At("spec", "template", "spec"), n, ignoreUnschedulable: true)).ToList();
        var byNode = context.PodsOf(set).GroupBy(p => p.Text("spec", "nodeName")).ToDictionary(g => g.Key, g => g.ToList(), StringComparer.Ordinal);
        foreach (var node in nodes)
        {
            var there = byNode.GetValueOrDefault(node.Name(), []);
            foreach (var failed in there.Where(p => p.Text("status", "phase") is "Failed" or "Succeeded" && !p.IsDeleting())) pods.Delete(ResourceKinds.DaemonSets, set, failed, Component);
            if (there.Count == 0 && Create(set, node, hash) is not null) break;
        }
        foreach (var (node, there) in byNode.Where(b => !nodes.Exists(n => n.Name() == b.Key)))
            foreach (var pod in there.Where(p => !p.IsDeleting())) pods.Delete(ResourceKinds.DaemonSets, set, pod, Component);
        Roll(set, hash, nodes.Count);
        WriteStatus(set, hash, nodes);
    }

    private string? Create(JsonObject set, JsonObject node, string hash) => pods.Create(ResourceKinds.DaemonSets, set, set.At("spec", "template"), Component, null, pod =>
    {
        var labels = pod.Meta().Ensure("labels");
        labels[RevisionHistory.Label] = hash;
        labels["pod-template-generation"] = $"{set.Int("metadata", "generation")}";
        pod.Ensure("spec")["nodeName"] = node.Name();
    });

    private void Roll(JsonObject set, string hash, int wanted)
    {
        if (set.Text("spec", "updateStrategy", "type") == "OnDelete") return;
        var all = context.PodsOf(set);
        var most = Math.Max(1, DeploymentController.IntOrShare(set.At("spec", "updateStrategy", "rollingUpdate", "maxUnavailable"), wanted, up: true));
        var missing = wanted - all.Count(p => !p.IsDeleting() && ControlContext.IsReady(p));
        var old = all.Where(p => !p.IsDeleting() && p.Text("metadata", "labels", RevisionHistory.Label) != hash).ToList();
        // Those that serve nobody cost nothing.
        foreach (var pod in old.Where(p => !ControlContext.IsReady(p))) pods.Delete(ResourceKinds.DaemonSets, set, pod, Component);
        foreach (var pod in old.Where(ControlContext.IsReady).Take(Math.Max(0, most - missing))) pods.Delete(ResourceKinds.DaemonSets, set, pod, Component);
    }

    private void WriteStatus(JsonObject set, string hash, List<JsonObject> nodes)
    {
        var live = context.PodsOf(set).Where(p => !p.IsDeleting()).ToList();
        var available = live.Count(p => context.IsAvailable(p, set.Int("spec", "minReadySeconds")));
        context.Change(ResourceKinds.DaemonSets, set, after =>
        {
            var status = after.Ensure("status");
            status["currentNumberScheduled"] = live.Select(p => p.Text("spec", "nodeName")).Distinct().Count();
            status["desiredNumberScheduled"] = nodes.Count;
            status["numberMisscheduled"] = 0;
            status["numberReady"] = live.Count(ControlContext.IsReady);
            Set(status, "numberAvailable", available);
            Set(status, "numberUnavailable", nodes.Count - available);
            Set(status, "updatedNumberScheduled", live.Count(p => p.Text("metadata", "labels", RevisionHistory.Label) == hash));
            status["observedGeneration"] = set.Int("metadata", "generation");
        }, "status");
        history.CleanUp(set, [.. live.Select(p => p.Text("metadata", "labels", RevisionHistory.Label)), hash]);
    }

    private static void Set(JsonObject status, string name, int value)
    {
        if (value <= 0) status.Remove(name);
        else status[name] = value;
    }
}
