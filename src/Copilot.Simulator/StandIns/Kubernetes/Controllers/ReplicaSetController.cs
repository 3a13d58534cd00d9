using System.Text.Json.Nodes;
using Copilot.Simulator.StandIns.Kubernetes.Api;
using Copilot.Simulator.StandIns.Kubernetes.Storage;

namespace Copilot.Simulator.StandIns.Kubernetes.Controllers;

/// <summary>Keeps as many pods of a ReplicaSet as it wants.</summary>
internal sealed class ReplicaSetController(ControlContext context, PodControl pods)
{
    private const string Component = "replicaset-controller";

    public void Sync()
    {
        foreach (var set in context.Store.List(ResourceKinds.ReplicaSets))
        {
            if (!set.IsDeleting()) Sync(set);
        }
    }

    private void Sync(JsonObject set)
    {
        Adopt(set);
        var active = context.PodsOf(set).Where(ControlContext.IsActive).ToList();
        var wanted = set.Int("spec", "replicas") - context.Recorded.Missing(set);
        string? refused = null;
        for (var i = active.Count; i < wanted && refused is null; i++) refused = pods.Create(ResourceKinds.ReplicaSets, set, set.At("spec", "template"), Component);
        foreach (var pod in Expendable(active).Take(Math.Max(0, active.Count - wanted))) pods.Delete(ResourceKinds.ReplicaSets, set, pod, Component);
        WriteStatus(set, refused);
    }

    /// <summary>Pods that fit and belong to nobody are taken over.</summary>
    private void Adopt(JsonObject set)
    {
        foreach (var pod in context.Store.List(ResourceKinds.Pods, set.Namespace()).Where(p => p.Controller() is null && ControlContext.IsActive(p) && Selectors.Matches(set.At("spec", "selector"), p)))
            context.Change(ResourceKinds.Pods, pod, p => p.Meta().EnsureList("ownerReferences").Add(ControlContext.OwnerReference(ResourceKinds.ReplicaSets, set)));
    }

    /// <summary>The ones that are least use first: without a node, not running, not ready, restarted most, youngest.</summary>
    private static IEnumerable<JsonObject> Expendable(IEnumerable<JsonObject> active) => active
        .OrderBy(p => p.Text("spec", "nodeName").Length > 0).ThenBy(p => p.Text("status", "phase") == "Running").ThenBy(ControlContext.IsReady)
        .ThenByDescending(p => p.Items("status", "containerStatuses").Select(c => c.Int("restartCount")).DefaultIfEmpty(0).Max())
        .ThenByDescending(p => p.Text("metadata", "creationTimestamp"), StringComparer.Ordinal).ThenBy(p => p.Name(), StringComparer.Ordinal);

    private void WriteStatus(JsonObject set, string? refused)
    {
        var active = context.PodsOf(set).Where(ControlContext.IsActive).ToList();
        if (context.Recorded.IsUntouched(set) && active.TrueForAll(context.Recorded.IsRecorded) && active.Count == set.Int("status", "replicas")) return;
        context.Change(ResourceKinds.ReplicaSets, set, after =>
        {
            var status = after.Ensure("status");
            status["replicas"] = active.Count;
            Set(status, "fullyLabeledReplicas", active.Count);
            Set(status, "readyReplicas", active.Count(ControlContext.IsReady));
            Set(status, "availableReplicas", active.Count(p => context.IsAvailable(p, set.Int("spec", "minReadySeconds"))));
            status["observedGeneration"] = set.Int("metadata", "generation");
            if (refused is { Length: > 0 }) context.SetCondition(after, "ReplicaFailure", "True", "FailedCreate", refused);
            else if (refused is null) Drop(status);
        }, "status");
    }

    private static void Drop(JsonObject status)
    {
        if (status["conditions"] is not JsonArray conditions) return;
        foreach (var condition in conditions.OfType<JsonObject>().Where(c => c.Text("type") == "ReplicaFailure").ToList()) conditions.Remove(condition);
        if (conditions.Count == 0) status.Remove("conditions");
    }

    /// <summary>What is none is left out, as the API's types do.</summary>
    private static void Set(JsonObject status, string name, int value)
    {
        if (value == 0) status.Remove(name);
        else status[name] = value;
    }
}
