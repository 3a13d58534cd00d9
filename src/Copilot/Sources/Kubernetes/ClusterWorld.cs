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

    /// <param name="Calls">What was asked for it.</param>
    public sealed record Seen(WorldState State, IReadOnlyList<ClusterCall> Calls) : WorldReading;

    /// <param name="Why">In a sentence.</param>
    public sealed record NotSeen(string Why, IReadOnlyList<ClusterCall> Calls) : WorldReading;
}

/// <summary>Looks at what a plan rests on.</summary>
internal sealed class ClusterWorld(KubernetesOptions options, TimeProvider time)
{
    /// <summary>Whether a cluster is connected at all.</summary>
    public bool IsConnected => options.Kubeconfig.Length > 0;

    /// <summary>Which context of the kubeconfig names the cluster; empty for the current one.</summary>
    public string Context => options.Context;

    /// <param name="recorded">The object in a record of the evidence, by its address.</param>
    public async Task<WorldReading> Read(Plan plan, Func<string, JsonNode?> recorded, CancellationToken cancellation)
    {
        ClusterReader cluster;
        try
        {
            cluster = ClusterReader.Open(options, time);
        }
        catch (NotSeenException e)
        {
            return new WorldReading.NotSeen(e.Message, []);
        }
        using (cluster)
        {
            try
            {
                var found = new Dictionary<ActionTarget, FoundObject>();
                foreach (var target in plan.Steps.Select(s => s.Target).Distinct())
                {
                    var needsRevisions = plan.Steps.Any(s => s.Target == target && s.Preconditions.Any(p => p.Read == "rollout.revisions"));
                    var root = await cluster.Get(target, cancellation);
                    found[target] = new(root, root is not null && needsRevisions ? await Revisions(cluster, target, root, cancellation) : []);
                }
                return new WorldReading.Seen(WorldState.Of(plan, t => found[t], recorded), cluster.Calls);
            }
            catch (NotSeenException e)
            {
                return new WorldReading.NotSeen(e.Message, cluster.Calls);
            }
        }
    }

    /// <summary>The revisions that a rollout can go back to: of a Deployment its ReplicaSets, of the others their ControllerRevisions.</summary>
    private static async Task<IReadOnlyList<string>> Revisions(ClusterReader cluster, ActionTarget target, JsonObject root, CancellationToken cancellation)
    {
        var uid = ApiAnswer.Text(root["metadata"] as JsonObject, "uid");
        var deployment = target.Kind == "Deployment";
        var owned = (await cluster.List(deployment ? "ReplicaSet" : "ControllerRevision", target.Namespace, cancellation))
            .Where(o => ((o["metadata"] as JsonObject)?["ownerReferences"] as JsonArray)?.OfType<JsonObject>().Any(r => ApiAnswer.Text(r, "uid") == uid && r["controller"]?.ToJsonString() == "true") == true);
        return [.. owned.Select(o => deployment ? ApiAnswer.Text((o["metadata"] as JsonObject)?["annotations"] as JsonObject, "deployment.kubernetes.io/revision") : o["revision"]?.ToJsonString()).OfType<string>()
            .Distinct().OrderBy(r => r.Length).ThenBy(r => r, StringComparer.Ordinal)];
    }
}
