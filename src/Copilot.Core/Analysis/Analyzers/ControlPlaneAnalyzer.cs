using Copilot.Core.Evidence;

namespace Copilot.Core.Analysis.Analyzers;

/// <summary>
/// Schedulers and controller managers that do not run, by what they leave undone: pods that nobody says anything about, replicas that nobody makes. Their
/// pods are static ones with the labels <c>tier=control-plane</c> and <c>component</c> (kubeadm; Kubernetes documentation, "Create static Pods"). Which workload
/// needs them first is chance: it waits, and started nothing.
/// </summary>
public static class ControlPlaneAnalyzer
{
    // What one of them does takes seconds.
    private static readonly TimeSpan Prompt = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Gone = TimeSpan.FromMinutes(2);

    private const string Scheduler = "kube-scheduler";
    private const string ControllerManager = "kube-controller-manager";

    public static IEnumerable<Finding> Find(AnalysisContext context)
    {
        var pods = context.Signals.Cluster.Pods;
        if (pods.Count == 0) yield break;
        var now = pods.Max(p => p.Header.LastSeen);
        foreach (var component in pods.Where(p => p.Header.Labels.GetValueOrDefault("tier") == "control-plane").GroupBy(p => p.Header.Labels.GetValueOrDefault("component", "")).Where(g => g.Key.Length > 0))
        {
            var here = component.Where(p => now - p.Header.LastSeen <= Gone).ToList();
            if (here.Exists(p => p.IsReady && !p.Containers.Any(Unavailability.IsFailing))) continue;
            var down = here.Concat(component).OrderBy(p => p.Header.Entity).First();
            var since = here.Count == 0 ? down.Header.LastSeen : down.Conditions.FirstOrDefault(c => c is { Type: "Ready", Status: "False" })?.Since;
            var state = here.Count == 0 ? "is gone" : Unavailability.State(down);
            foreach (var finding in Of(context, component.Key, down.Header.Entity, since, state, [new(down.Header.Address, since, $"pod {down.Header.Entity.Name} {state}", down.Header.Entity)])) yield return finding;
        }
        foreach (var finding in Missing(context, now)) yield return finding;
    }

    /// <summary>One that runs on no node at all although others of the control plane do: the kubelet would name its pod after the node.</summary>
    private static IEnumerable<Finding> Missing(AnalysisContext context, DateTimeOffset now)
    {
        var plane = context.Signals.Cluster.Pods.Where(p => p.Header.Labels.GetValueOrDefault("tier") == "control-plane" && p.Node.Length > 0).OrderBy(p => p.Header.Entity).ToList();
        if (plane.Count == 0) yield break;
        // kubeadm makes all of them on each node: one alone says nothing of the others.
        if (plane.Select(p => p.Header.Labels.GetValueOrDefault("component", "")).Distinct().Count() < 2) yield break;
        foreach (var name in (string[])[Scheduler, ControllerManager])
        {
            if (plane.Exists(p => p.Header.Labels.GetValueOrDefault("component") == name)) continue;
            var at = plane[0];
            var entity = at.Header.Entity with { Name = $"{name}-{at.Node}" };
            foreach (var finding in Of(context, name, entity, null, "is not there", [])) yield return finding;
        }
    }

    private static IEnumerable<Finding> Of(AnalysisContext context, string component, EntityRef entity, DateTimeOffset? since, string state, IReadOnlyList<Citation> evidence)
    {
        var (waiting, what) = component switch
        {
            Scheduler => (Unscheduled(context), "wait, and no scheduler has said anything about them"),
            ControllerManager => (Unmade(context), "are missing, and nobody tries to make them"),
            _ => ([], ""),
        };
        if (waiting.Count == 0 && evidence.Count == 0) yield break;
        var workloads = waiting.Select(w => w.Workload).Distinct().ToList();
        var components = workloads.SelectMany(context.Map.ComponentsOf).Distinct().ToList();
        var says = $"{component} {state}" + (waiting.Count == 0 ? "" : $", and pods of {string.Join(", ", workloads.Take(3).Select(w => w.Name))} {what}");
        yield return new(
            FindingCode.ControlPlaneDown, entity, Mechanism.ControlPlane, since, TimeSpan.FromMinutes(2), Prior.StatedByCluster,
            new(components, components, [], [], [.. workloads, entity], []),
            [.. evidence, .. waiting.Take(2).Select(w => w.Evidence with { About = [.. w.Evidence.About, entity] })],
            waiting.Count == 0 ? [] : [new(4, $"pods of {workloads.Count} workload{(workloads.Count == 1 ? "" : "s")} {what}")], says, $"Pods are placed and made while {component} does not run.");
    }

    /// <summary>Pods without a node and without a word from a scheduler, neither a condition nor an event.</summary>
    private static List<(EntityRef Workload, Citation Evidence)> Unscheduled(AnalysisContext context)
    {
        var told = context.Signals.Events.Where(e => e.Reason is "FailedScheduling" or "Scheduled").Select(e => e.Regarding).ToHashSet();
        return
        [
            .. from p in context.Signals.Cluster.Pods
               where p.Phase == "Pending" && p.Node.Length == 0 && p.Conditions.All(c => c.Type != "PodScheduled") && !told.Contains(p.Header.Entity)
                   && p.Header.Created is { } created && p.Header.LastSeen - created >= Prompt
               orderby p.Header.Created
               let workload = p.Workload ?? p.Header.Entity
               select (workload, new Citation(p.Header.Address, p.Header.LastSeen, $"pod {p.Header.Entity.Name} pending, with no word from a scheduler", [p.Header.Entity, workload])),
        ];
    }

    /// <summary>Workloads with fewer pods than they want and no refusal that says why.</summary>
    private static List<(EntityRef Workload, Citation Evidence)> Unmade(AnalysisContext context)
    {
        var refused = Refusals.Find(context).Select(r => r.Workload).OfType<EntityRef>().ToHashSet();
        return
        [
            .. from w in context.Signals.Cluster.Workloads
               where w.Header.Owner is null && w is { Desired: > 0, Existing: { } existing } && existing < w.Desired && !refused.Contains(w.Header.Entity)
               let says = $"{w.Header.Entity.Kind} {w.Header.Entity.Name} has {w.Existing} of {w.Desired} pods, and no refusal says why"
               select (w.Header.Entity, new Citation(w.Header.Address, w.Header.LastSeen, says, w.Header.Entity)),
        ];
    }
}
