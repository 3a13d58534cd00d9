using System.Text.Json.Nodes;
using Copilot.Configuration;
using Copilot.Core.Actions;
using Copilot.Core.Actions.Api;
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

    private static async Task<IReadOnlyList<string>> Revisions(ClusterReader cluster, ActionTarget target, JsonObject root, CancellationToken cancellation) =>
        [.. Rollout.Of(target.Kind, root, await cluster.List(Rollout.HistoryKind(target.Kind), target.Namespace, cancellation)).Select(r => r.Number)];
}
