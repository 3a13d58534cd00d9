using System.Text.Json.Nodes;
using Copilot.Simulator.StandIns.Kubernetes.Api;
using Copilot.Simulator.StandIns.Kubernetes.Storage;

namespace Copilot.Simulator.StandIns.Kubernetes.Controllers;

/// <summary>What a Deployment says of its rollout.</summary>
internal sealed class DeploymentStatus(ControlContext context)
{
    // When a rollout last came further, to the moment: conditions are dated to the second.
    private readonly Dictionary<string, DateTimeOffset> _progress = [];

    public static bool IsComplete(JsonObject deployment, List<JsonObject> sets, JsonObject newest)
    {
        var wanted = deployment.Int("spec", "replicas");
        return newest.Int("status", "replicas") == wanted && sets.Sum(s => s.Int("status", "replicas")) == wanted && newest.Int("status", "availableReplicas") == wanted
            && newest.Int("status", "observedGeneration") >= newest.Int("metadata", "generation");
    }

    public void Write(JsonObject deployment, List<JsonObject> sets, JsonObject? newest)
    {
        context.Change(ResourceKinds.Deployments, deployment, after =>
        {
            var before = Counts(deployment["status"]);
            Count(after, sets, newest);
            after.Ensure("status")["observedGeneration"] = deployment.Int("metadata", "generation");
            Available(after, sets);
            if (deployment.Number("spec", "progressDeadlineSeconds") is { } deadline) Progressing(after, sets, newest, before != Counts(after["status"]), deadline);
            Failure(after, newest);
        }, "status");
    }

    /// <summary>Of a recorded one only the numbers, and only when its pods are not those of the recording any more.</summary>
    public void WriteRecorded(JsonObject deployment, List<JsonObject> sets, JsonObject? newest)
    {
        var pods = sets.SelectMany(context.PodsOf).Where(ControlContext.IsActive).ToList();
        if (pods.TrueForAll(context.Recorded.IsRecorded) && pods.Count == deployment.Int("status", "replicas")) return;
        if (sets.Count == 0) return;
        context.Change(ResourceKinds.Deployments, deployment, after =>
        {
            Count(after, sets, newest);
            Available(after, sets);
        }, "status");
    }

    private static void Count(JsonObject after, List<JsonObject> sets, JsonObject? newest)
    {
        var status = after.Ensure("status");
        var total = sets.Sum(s => s.Int("status", "replicas"));
        var available = sets.Sum(s => s.Int("status", "availableReplicas"));
        Set(status, "replicas", total);
        Set(status, "updatedReplicas", newest.Int("status", "replicas"));
        Set(status, "readyReplicas", sets.Sum(s => s.Int("status", "readyReplicas")));
        Set(status, "availableReplicas", available);
        Set(status, "unavailableReplicas", Math.Max(0, Math.Max(total, sets.Sum(s => s.Int("spec", "replicas"))) - available));
    }

    private void Available(JsonObject after, List<JsonObject> sets)
    {
        var least = after.Int("spec", "replicas") - DeploymentController.MaxUnavailable(after);
        if (sets.Sum(s => s.Int("status", "availableReplicas")) >= least) context.SetCondition(after, "Available", "True", "MinimumReplicasAvailable", "Deployment has minimum availability.", touched: true);
        else context.SetCondition(after, "Available", "False", "MinimumReplicasUnavailable", "Deployment does not have minimum availability.", touched: true);
    }

    private void Progressing(JsonObject after, List<JsonObject> sets, JsonObject? newest, bool moved, int deadline)
    {
        var known = after.Condition("Progressing");
        var reason = known.Text("reason");
        if (after.True("spec", "paused"))
        {
            if (reason != "DeploymentPaused") context.SetCondition(after, "Progressing", "Unknown", "DeploymentPaused", "Deployment is paused", touched: true);
            return;
        }
        var name = newest is null ? "" : newest.Name();
        var isNew = newest is not null && !known.Text("message").Contains($"\"{name}\"", StringComparison.Ordinal);
        if (newest is not null && IsComplete(after, sets, newest))
        {
            context.SetCondition(after, "Progressing", "True", "NewReplicaSetAvailable", $"ReplicaSet \"{name}\" has successfully progressed.", touched: true);
            _progress.Remove(after.Uid());
            return;
        }
        if (reason == "NewReplicaSetAvailable" && !isNew && newest is not null && newest.Text("metadata", "annotations", "deployment.kubernetes.io/revision") == after.Text("metadata", "annotations", DeploymentController.Revision) && !moved) return;
        if (reason == "NewReplicaSetAvailable" && !isNew) return;
        if (isNew || moved || reason is "DeploymentPaused" or "" || !_progress.ContainsKey(after.Uid()))
        {
            if (!isNew && !moved && reason == "ProgressDeadlineExceeded") return;
            _progress[after.Uid()] = context.Now;
            context.SetCondition(after, "Progressing", "True", isNew ? "NewReplicaSetCreated" : "ReplicaSetUpdated",
                newest is null ? $"Deployment \"{after.Name()}\" is progressing." : isNew ? $"Created new replica set \"{name}\"" : $"ReplicaSet \"{name}\" is progressing.", touched: true);
        }
        if (reason != "ProgressDeadlineExceeded" && context.IsDue(_progress[after.Uid()], TimeSpan.FromSeconds(deadline)))
            context.SetCondition(after, "Progressing", "False", "ProgressDeadlineExceeded", newest is null ? $"Deployment \"{after.Name()}\" has timed out progressing." : $"ReplicaSet \"{name}\" has timed out progressing.", touched: true);
    }

    private void Failure(JsonObject after, JsonObject? newest)
    {
        if (newest?.Condition("ReplicaFailure") is { } failure)
        {
            context.SetCondition(after, "ReplicaFailure", "True", failure.Text("reason"), failure.Text("message"), touched: true);
            return;
        }
        if (after.At("status", "conditions") is JsonArray conditions && conditions.OfType<JsonObject>().FirstOrDefault(c => c.Text("type") == "ReplicaFailure") is { } old) conditions.Remove(old);
    }

    private static (int, int, int, int) Counts(JsonNode? status) => (status.Int("replicas"), status.Int("updatedReplicas"), status.Int("readyReplicas"), status.Int("availableReplicas"));

    private static void Set(JsonObject status, string name, int value)
    {
        if (value == 0) status.Remove(name);
        else status[name] = value;
    }
}
