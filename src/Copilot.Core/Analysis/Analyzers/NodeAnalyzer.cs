using Copilot.Core.Evidence;
using Copilot.Core.Signals;

namespace Copilot.Core.Analysis.Analyzers;

/// <summary>Nodes that are not ready, under pressure, or closed: they reach all pods on them.</summary>
public static class NodeAnalyzer
{
    // Only these are known to be bad when they are not as they should be; clusters define others.
    private static readonly string[] Pressures = ["MemoryPressure", "DiskPressure", "PIDPressure", "NetworkUnavailable"];

    // The node controller waits so long for a node's lease before it says that nothing is known of it (kube-controller-manager, --node-monitor-grace-period).
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(50);

    /// <summary>The condition that is not as it should be; null where all are.</summary>
    internal static Condition? Bad(Node node) => node.Conditions.FirstOrDefault(c => (c.Type == "Ready" && c.Status != "True") || (Pressures.Contains(c.Type) && c.Status == "True"));

    public static IEnumerable<Finding> Find(AnalysisContext context)
    {
        foreach (var node in context.Signals.Cluster.Nodes)
        {
            var bad = Bad(node);
            var cordon = context.Signals.Changes.LastOrDefault(c => c.Entity == node.Header.Entity && c.Fields.Any(f => f.Path == "spec.unschedulable" || f.Path.StartsWith("spec.taints", StringComparison.Ordinal)));
            if (bad is null && cordon is null && !node.Unschedulable) continue;
            var pods = context.Signals.Cluster.Pods.Where(p => p.Node == node.Header.Entity.Name).ToList();
            // A closed node hurts those that cannot be placed, not those that run on it.
            var waiting = context.Signals.Cluster.Pods.Where(p => p.Conditions.Any(c => c is { Type: "PodScheduled", Status: "False" } && (c.Message.Contains("unschedulable", StringComparison.Ordinal) || c.Message.Contains("taint", StringComparison.Ordinal)))).ToList();
            var workloads = (bad is null ? waiting : [.. pods, .. waiting]).Select(p => p.Workload).OfType<EntityRef>().Distinct().ToList();
            var components = workloads.SelectMany(context.Map.ComponentsOf).Distinct().ToList();
            var says = bad is not null ? $"node {node.Header.Entity.Name}: {bad.Type} is {bad.Status} ({bad.Reason})" : $"node {node.Header.Entity.Name} was closed for new pods" + (cordon is null ? "" : $" by {cordon.Actor.Name} at {cordon.At:HH:mm:ss}");
            yield return new(
                FindingCode.NodeUnhealthy, node.Header.Entity, bad is null ? Mechanism.Scheduling : Mechanism.Node, cordon?.At ?? bad?.Since, cordon?.Uncertainty ?? (bad?.Status == "Unknown" ? Grace : TimeSpan.Zero),
                bad is not null ? Prior.StatedByCluster : Prior.Change, Reach.Of(components, workloads) with { Sources = [], OutOf = bad is null ? [] : components, Stated = bad?.Type == "Ready" ? [node.Header.Entity] : [] },
                [new(cordon?.Evidence ?? node.Header.Address, cordon?.At ?? bad?.Since, says, node.Header.Entity)],
                bad is null ? [] : [new(1, "the cluster itself reports it")], says, "Pods on other nodes have the same trouble.");
        }
    }
}
