using Copilot.Core.Signals;

namespace Copilot.Core.Analysis;

/// <summary>
/// Services whose selector misses the workload that it was meant for, as the objects alone show it. Only where no traffic was recorded: traffic tells better
/// whether anybody minds.
/// </summary>
public static class Unrouted
{
    public static IReadOnlyList<Symptom> Find(SignalSet signals, ServiceMap map)
    {
        if (signals.Services.Count > 0) return [];
        var routed = signals.Cluster.Services.SelectMany(map.Selected).ToHashSet();
        var found = new List<Symptom>();
        foreach (var service in signals.Cluster.Services.Where(s => s.Selector.Count > 0 && s.ReadyAddresses is null or 0 && !HasPods(signals, map, s)))
        {
            // A Service that selects nothing is often meant so: charts bring some for what a cluster may not have. It takes a workload that misses its Service.
            var missed = signals.Cluster.Workloads.FirstOrDefault(w => w.Header.Owner is null && w.Desired is > 0 && !routed.Contains(w.Header.Entity) && IsMeant(service, w));
            if (missed is null) continue;
            var (entity, workload) = (service.Header.Entity, missed.Header.Entity);
            var says = $"Service {entity.Name} selects {Labels(service.Selector)} and no pod; {workload.Kind} {workload.Name} has {Labels(missed.PodLabels)}";
            found.Add(new(SymptomKind.Unrouted, entity.Name, "", entity, null, 0, says,
                [new(service.Header.Address, service.Header.LastSeen, says, [entity]), new(missed.Header.Address, missed.Header.LastSeen, says, [workload, entity])]));
        }
        return [.. found.Select(f => f with { Weight = 1.0 / found.Count })];
    }

    private static bool HasPods(SignalSet signals, ServiceMap map, KubeService service) =>
        map.Selected(service).Any()
        || signals.Cluster.Pods.Any(p => p.Header.Entity.Namespace == service.Header.Entity.Namespace && service.Selector.All(s => p.Header.Labels.GetValueOrDefault(s.Key) == s.Value));

    private static bool IsMeant(KubeService service, Workload workload) =>
        workload.Header.Entity.Namespace == service.Header.Entity.Namespace
        && (workload.Header.Entity.Name == service.Header.Entity.Name || service.Selector.Any(s => workload.PodLabels.GetValueOrDefault(s.Key) == s.Value));

    private static string Labels(IReadOnlyDictionary<string, string> labels) => string.Join(",", labels.OrderBy(l => l.Key, StringComparer.Ordinal).Select(l => $"{l.Key}={l.Value}"));
}
