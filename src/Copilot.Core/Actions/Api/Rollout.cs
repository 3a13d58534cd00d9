using System.Text.Json.Nodes;

namespace Copilot.Core.Actions.Api;

/// <summary>A revision that a workload can go back to.</summary>
/// <param name="Number">As <c>kubectl rollout history</c> shows it.</param>
/// <param name="Template">The pod template of that revision, as the workload would hold it.</param>
public sealed record RolloutRevision(string Number, JsonObject? Template);

/// <summary>The history of a rollout: of a Deployment its ReplicaSets, of a StatefulSet or DaemonSet its ControllerRevisions.</summary>
public static class Rollout
{
    private const string Annotation = "deployment.kubernetes.io/revision";
    private const string TemplateHash = "pod-template-hash";

    /// <summary>The kind of the objects that hold it.</summary>
    public static string HistoryKind(string kind) => kind == "Deployment" ? "ReplicaSet" : "ControllerRevision";

    /// <summary>The revisions of one workload, the oldest first.</summary>
    /// <param name="history">Objects of <see cref="HistoryKind"/> in its namespace, its own and others'.</param>
    public static IReadOnlyList<RolloutRevision> Of(string kind, JsonObject workload, IEnumerable<JsonObject> history)
    {
        var uid = ApiAnswer.Text(workload["metadata"] as JsonObject, "uid");
        var owned = history.Where(o => ((o["metadata"] as JsonObject)?["ownerReferences"] as JsonArray)?.OfType<JsonObject>().Any(r => ApiAnswer.Text(r, "uid") == uid && r["controller"]?.ToJsonString() == "true") == true);
        return [.. owned.Select(o => kind == "Deployment" ? OfReplicaSet(o) : OfControllerRevision(o)).OfType<RolloutRevision>().DistinctBy(r => r.Number).OrderBy(r => r.Number.Length).ThenBy(r => r.Number, StringComparer.Ordinal)];
    }

    private static RolloutRevision? OfReplicaSet(JsonObject set)
    {
        if (ApiAnswer.Text((set["metadata"] as JsonObject)?["annotations"] as JsonObject, Annotation) is not { } number) return null;
        var template = (set["spec"] as JsonObject)?["template"]?.DeepClone() as JsonObject;
        // The controller's own label, which the Deployment does not have.
        ((template?["metadata"] as JsonObject)?["labels"] as JsonObject)?.Remove(TemplateHash);
        return new(number, template);
    }

    private static RolloutRevision? OfControllerRevision(JsonObject revision)
    {
        if (revision["revision"]?.ToJsonString() is not { } number) return null;
        var template = ((revision["data"] as JsonObject)?["spec"] as JsonObject)?["template"]?.DeepClone() as JsonObject;
        // It is kept as a strategic merge patch.
        template?.Remove("$patch");
        return new(number, template);
    }
}
