using Copilot.Core.Evidence;
using Copilot.Core.Signals;

namespace Copilot.Core.Analysis.Analyzers;

/// <summary>Services that send traffic nowhere: changed selectors and ports, deleted Services, and mismatches that are visible at any time.</summary>
public static class RoutingAnalyzer
{
    public static IEnumerable<Finding> Find(AnalysisContext context) => Changed(context).Concat(Mismatched(context));

    private static IEnumerable<Finding> Changed(AnalysisContext context)
    {
        foreach (var change in ChangeSelection.Relevant(context).Where(c => c.Entity.Kind is "Service" or "Ingress" && c.Kind != ChangeKind.Created))
        {
            var spec = change.Fields.Where(f => f.Path.StartsWith("spec.", StringComparison.Ordinal)).ToList();
            var service = context.Signals.Cluster.Services.FirstOrDefault(s => s.Header.Entity == change.Entity);
            var into = Behind(context, change.Entity, service);
            var support = new List<Support>();
            if (service is { ReadyAddresses: 0, Endpoints: { } endpoints } && service.Selector.Count > 0)
                support.Add(new(3, $"Service {change.Entity.Name} has no ready address", [new(endpoints, null, $"Endpoints of {change.Entity.Name}: no ready address", change.Entity)]));
            support.AddRange(ValueSupport.InTexts(context, spec, [.. context.Map.Components]));
            var what = change.Kind == ChangeKind.Deleted ? "was deleted" : string.Join("; ", (spec.Count > 0 ? spec : change.Fields).Take(3).Select(ChangeText.Describe));
            yield return new(
                FindingCode.ServiceChanged, change.Entity, Mechanism.ServiceRouting, change.At, change.Uncertainty,
                change.Kind == ChangeKind.Modified && spec.Count == 0 ? Prior.Harmless : Prior.Change, new([], into, [], [], [], []),
                ChangeText.Cite(change, $"{change.Entity.Kind} {change.Entity.Name}: {what} ({ChangeText.Who(change)})"), support,
                $"{change.Entity.Kind} {change.Entity.Name}: {what}, by {change.Actor.Name} at {change.At:HH:mm:ss}",
                "Calls to it succeed although the change stands, or its endpoints are reachable on the port that it now names.");
        }
    }

    /// <summary>Mismatches between a Service and its pods that need no history to be seen.</summary>
    private static IEnumerable<Finding> Mismatched(AnalysisContext context)
    {
        var changed = context.Signals.Changes.Where(c => c.Entity.Kind == "Service" && c.Kind == ChangeKind.Modified && c.Fields.Any(f => f.Path.StartsWith("spec.", StringComparison.Ordinal))).Select(c => c.Entity).ToHashSet();
        foreach (var service in context.Signals.Cluster.Services.Where(s => s.Selector.Count > 0 && !changed.Contains(s.Header.Entity)))
        {
            var entity = service.Header.Entity;
            var pods = context.Signals.Cluster.Pods.Where(p => p.Header.Entity.Namespace == entity.Namespace && service.Selector.All(s => p.Header.Labels.GetValueOrDefault(s.Key) == s.Value)).ToList();
            var workloads = context.Map.Selected(service).ToList();
            string? says = null;
            if (pods.Count == 0 && workloads.Count == 0 && context.Signals.Cluster.Pods.Any(p => p.Header.Entity.Namespace == entity.Namespace))
                says = $"Service {entity.Name} selects {string.Join(", ", service.Selector.Select(s => $"{s.Key}={s.Value}"))}, and no pod has these labels";
            else if (MissingPort(context, service, workloads) is { } port)
                says = $"Service {entity.Name} sends to port {port}, and no container of its pods offers it";
            if (says is null) continue;
            yield return new(
                FindingCode.ServiceWithoutEndpoints, entity, Mechanism.ServiceRouting, null, TimeSpan.Zero, Prior.StatedIndirectly, new([], Behind(context, entity, service), [], [], [], []),
                [new(service.Header.Address, service.Header.LastSeen, says, entity)], [], says, "Calls to it succeed.");
        }
    }

    private static string? MissingPort(AnalysisContext context, KubeService service, List<EntityRef> workloads)
    {
        var containers = workloads.SelectMany(w => context.Map.Workload(w)?.Containers ?? []).Where(c => !c.Init).ToList();
        var offered = containers.SelectMany(c => c.Ports).ToList();
        if (offered.Count == 0) return null; // declaring ports is optional: then nothing can be concluded
        var missing = service.Ports.Select(p => p.Target).FirstOrDefault(t => t.Number is { } number ? offered.TrueForAll(o => o.Number != number) : t.Name.Length > 0 && offered.TrueForAll(o => o.Name != t.Name));
        return missing is null ? null : missing.Number?.ToString() ?? missing.Name;
    }

    private static List<string> Behind(AnalysisContext context, EntityRef entity, KubeService? service) =>
    [
        .. context.Map.Components.Where(c => context.Map.ServiceOf(c)?.Header.Entity == entity || c == entity.Name)
            .Concat(service is null ? [] : context.Map.Selected(service).SelectMany(context.Map.ComponentsOf)).Append(entity.Name).Distinct().Order(StringComparer.Ordinal),
    ];
}
