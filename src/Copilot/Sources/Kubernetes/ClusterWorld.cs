using System.Text.Json.Nodes;
using Copilot.Configuration;
using Copilot.Core.Actions;
using Copilot.Core.Approvals.World;

namespace Copilot.Sources.Kubernetes;

/// <summary>What came of looking at the world.</summary>
internal abstract record WorldReading
{
    private WorldReading()
    {
    }

    public sealed record Seen(WorldState State) : WorldReading;

    /// <param name="Why">In a sentence.</param>
    public sealed record NotSeen(string Why) : WorldReading;
}

/// <summary>Looks at what a plan rests on.</summary>
internal sealed class ClusterWorld(KubernetesOptions options, TimeProvider time)
{
    /// <summary>Whether a cluster is connected at all.</summary>
    public bool IsConnected => options.Kubeconfig.Length > 0;

    /// <param name="recorded">The object in a record of the evidence, by its address.</param>
    public async Task<WorldReading> Read(Plan plan, Func<string, JsonNode?> recorded, CancellationToken cancellation)
    {
        try
        {
            using var cluster = ClusterReader.Open(options, time);
            var found = new Dictionary<ActionTarget, FoundObject>();
            foreach (var step in plan.Steps.DistinctBy(s => s.Target))
            {
                var needsRevisions = plan.Steps.Any(s => s.Target == step.Target && s.Preconditions.Any(p => p.Read == "rollout.revisions"));
                var root = await cluster.Get(step.Target, cancellation);
                found[step.Target] = new(root, root is not null && needsRevisions ? await Revisions(cluster, step.Target, root, cancellation) : []);
            }
            return new WorldReading.Seen(WorldState.Of(plan, t => found[t], recorded));
        }
        catch (NotSeenException e)
        {
            return new WorldReading.NotSeen(e.Message);
        }
    }

    /// <summary>The revisions that a rollout can go back to: of a Deployment its ReplicaSets, of the others their ControllerRevisions.</summary>
    private static async Task<IReadOnlyList<string>> Revisions(ClusterReader cluster, ActionTarget target, JsonObject root, CancellationToken cancellation)
    {
        var uid = (root["metadata"] as JsonObject)?["uid"]?.GetValue<string>();
        var deployment = target.Kind == "Deployment";
        var owned = (await cluster.List(deployment ? "ReplicaSet" : "ControllerRevision", target.Namespace, cancellation))
            .Where(o => ((o["metadata"] as JsonObject)?["ownerReferences"] as JsonArray)?.OfType<JsonObject>().Any(r => r["uid"]?.GetValue<string>() == uid) == true);
        return [.. owned.Select(o => deployment ? ((o["metadata"] as JsonObject)?["annotations"] as JsonObject)?["deployment.kubernetes.io/revision"]?.GetValue<string>() : o["revision"]?.ToJsonString()).OfType<string>().OrderBy(r => r.Length).ThenBy(r => r, StringComparer.Ordinal)];
    }
}
