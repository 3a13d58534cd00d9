using System.Text.RegularExpressions;
using Copilot.Core.Evidence;
using Copilot.Core.Signals;

namespace Copilot.Core.Analysis.Analyzers;

/// <summary>Pods that had to go: for pods of a higher priority, or because their node ran out of a resource.</summary>
public static partial class DisplacementAnalyzer
{
    public static IEnumerable<Finding> Find(AnalysisContext context) => Preempted(context).Concat(Evicted(context));

    /// <summary>The scheduler's event names the pod that takes the room, by its uid or by namespace and name.</summary>
    private static IEnumerable<Finding> Preempted(AnalysisContext context)
    {
        var events = context.Signals.Events.Where(e => e.Reason == "Preempted" && e.Last >= context.Since).Select(e => (Event: e, By: By(context, e.Message))).Where(e => e.By is not null);
        foreach (var group in events.GroupBy(e => e.By!.Workload ?? e.By.Header.Entity))
        {
            var taker = group.Key;
            var victims = group.Select(e => context.Map.WorkloadOfPod(e.Event.Regarding)).OfType<EntityRef>().Where(w => w != taker).Distinct().Order().ToList();
            if (victims.Count == 0) continue;
            var components = victims.SelectMany(context.Map.ComponentsOf).Distinct().ToList();
            var created = context.Map.Workload(taker)?.Header.Created ?? group.First().By!.Header.Created;
            var says = $"pods of {string.Join(", ", victims.Take(4).Select(v => v.Name))} had to give way to {taker.Kind} {taker.Name}, whose pods have a higher priority";
            yield return new(
                FindingCode.GaveWay, taker, Mechanism.Scheduling, created >= context.Since ? created : group.Min(e => e.Event.First), TimeSpan.Zero, Prior.StatedByCluster,
                new(components, components, [], [], victims, []),
                [.. group.OrderBy(e => e.Event.First).Take(3).Select(e => new Citation(e.Event.Address, e.Event.Last, $"{e.Event.Regarding.Kind} {e.Event.Regarding.Name}: Preempted: {SymptomDetector.Quote(e.Event.Message)}", [e.Event.Regarding, taker, .. victims])),
                 new(group.First().By!.Header.Address, created, $"pod {group.First().By!.Header.Entity.Name} takes the room", [group.First().By!.Header.Entity, taker])],
                [new(3, "the scheduler names it")], says, "The pods found no place before it came.");
        }
    }

    private static Pod? By(AnalysisContext context, string message)
    {
        if (Taker().Match(message) is not { Success: true } match) return null;
        var who = match.Groups[1].Value;
        return context.Signals.Cluster.Pods.FirstOrDefault(p => p.Header.Uid == who || $"{p.Header.Entity.Namespace}/{p.Header.Entity.Name}" == who);
    }

    private static IEnumerable<Finding> Evicted(AnalysisContext context)
    {
        var texts = context.Signals.Events.Where(e => e.Reason == "Evicted" && e.Last >= context.Since && e.Message.Contains("low on resource", StringComparison.Ordinal)).ToLookup(e => e.Regarding);
        var pods = context.Signals.Cluster.Pods.Where(p => p.Node.Length > 0 && texts[p.Header.Entity].Any());
        foreach (var node in pods.GroupBy(p => p.Node))
        {
            var entity = EntityRef.ClusterScoped("Node", node.Key);
            var workloads = node.Select(p => p.Workload).OfType<EntityRef>().Distinct().Order().ToList();
            var components = workloads.SelectMany(context.Map.ComponentsOf).Distinct().ToList();
            var events = node.SelectMany(p => texts[p.Header.Entity]).OrderBy(e => e.First).ToList();
            var says = $"node {node.Key} evicted pods of {string.Join(", ", workloads.Take(4).Select(w => w.Name))}: {SymptomDetector.Quote(events[0].Message)}";
            yield return new(
                FindingCode.PodsEvicted, entity, Mechanism.Node, events[0].First, TimeSpan.Zero, Prior.StatedIndirectly, Reach.Of(components, workloads) with { Sources = [] },
                [.. events.Take(3).Select(e => new Citation(e.Address, e.Last, $"{e.Regarding.Kind} {e.Regarding.Name}: Evicted: {SymptomDetector.Quote(e.Message)}", [e.Regarding, entity, .. workloads]))],
                [new(1, "the cluster itself reports it")], says, $"Pods elsewhere have the same trouble, or {node.Key} had room.");
        }
    }

    [GeneratedRegex(@"Preempted by (?:pod )?([a-z0-9./-]+)", RegexOptions.NonBacktracking)]
    private static partial Regex Taker();
}
