using Copilot.Core.Signals;

namespace Copilot.Core.Analysis.Analyzers;

/// <summary>
/// NetworkPolicies, judged by what they admit and not by their names: policies add up, so a call is blocked when some policy isolates the pod and
/// none admits the call (Kubernetes documentation, "Network Policies").
/// </summary>
public static class NetworkPolicyAnalyzer
{
    public static IEnumerable<Finding> Find(AnalysisContext context)
    {
        var changes = ChangeSelection.Relevant(context).Where(c => c.Entity.Kind == "NetworkPolicy").ToLookup(c => c.Entity);
        foreach (var policy in context.Signals.Cluster.NetworkPolicies)
        {
            var entity = policy.Header.Entity;
            var blocked = Blocked(context, policy);
            var change = changes[entity].LastOrDefault();
            var action = change is null ? "stands" : change.Kind == ChangeKind.Created ? "was created" : $"was changed: {string.Join("; ", change.Fields.Take(2).Select(ChangeText.Describe))}";
            var effect = blocked.Count == 0 ? "it blocks no call that was seen" : $"it does not admit calls {string.Join(", ", blocked.Take(3).Select(b => $"from {b.Caller} to {b.Callee}"))}";
            var says = $"NetworkPolicy {entity.Name} {action}{(change is null ? "" : $" by {change.Actor.Name} at {change.At:HH:mm:ss}")}; {effect}";
            yield return new(
                FindingCode.PolicyBlocks, entity, Mechanism.NetworkPolicy, change?.At, change?.Uncertainty ?? TimeSpan.Zero,
                blocked.Count == 0 ? Prior.Harmless : change is null ? Prior.ByProduct : Prior.StatedByCluster,
                new([], [.. blocked.Where(b => b.Into).Select(b => b.Callee).Distinct()], [.. blocked.Where(b => !b.Into).Select(b => b.Caller).Distinct()], [.. blocked.Where(b => !b.Into).Select(b => b.Callee).Distinct()], [], []),
                [new(policy.Header.Address, change?.At, says, entity)], [], says, "The calls that it blocks fail in the same way after it is removed.");
        }
    }

    private static List<(string Caller, string Callee, bool Into)> Blocked(AnalysisContext context, NetworkPolicy policy)
    {
        var all = context.Signals.Cluster.NetworkPolicies.Where(p => p.Header.Entity.Namespace == policy.Header.Entity.Namespace).ToList();
        var blocked = new List<(string, string, bool)>();
        foreach (var call in context.Signals.Calls)
        {
            if (context.Map.WorkloadOf(call.Callee) is not { } calleeRef || context.Map.WorkloadOf(call.Caller) is not { } callerRef) continue;
            var (callee, caller) = (context.Map.Workload(calleeRef), context.Map.Workload(callerRef));
            if (callee is null || caller is null) continue;
            if (policy.IsolatesIngress && Selects(policy, callee) && !all.Exists(p => p.IsolatesIngress && Selects(p, callee) && Admits(p.Ingress, caller, callee, context)))
                blocked.Add((call.Caller, call.Callee, true));
            if (policy.IsolatesEgress && Selects(policy, caller) && !all.Exists(p => p.IsolatesEgress && Selects(p, caller) && Admits(p.Egress, callee, callee, context)))
                blocked.Add((call.Caller, call.Callee, false));
        }
        return blocked;
    }

    private static bool Selects(NetworkPolicy policy, Workload workload) => policy.Header.Entity.Namespace == workload.Header.Entity.Namespace && policy.Pods.Matches(workload.PodLabels);

    private static bool Admits(IReadOnlyList<PolicyRule> rules, Workload peer, Workload callee, AnalysisContext context) => rules.Any(rule =>
        (rule.Peers.Count == 0 || rule.Peers.Any(p => IsPeer(p, peer, callee, context)))
        && (rule.Ports.Count == 0 || rule.Ports.Any(p => callee.Containers.SelectMany(c => c.Ports).Any(o => p.Number is { } number ? o.Number == number : o.Name == p.Name) || callee.Containers.All(c => c.Ports.Count == 0))));

    private static bool IsPeer(PolicyPeer rule, Workload peer, Workload callee, AnalysisContext context)
    {
        if (rule.Pods is null && rule.Namespaces is null) return true; // an address block: which pods it holds is not known, so nothing is concluded
        var ns = context.Signals.Cluster.Namespaces.FirstOrDefault(n => n.Entity.Name == peer.Header.Entity.Namespace)?.Labels ?? new Dictionary<string, string>();
        var rightNamespace = rule.Namespaces?.Matches(ns) ?? peer.Header.Entity.Namespace == callee.Header.Entity.Namespace;
        return rightNamespace && (rule.Pods?.Matches(peer.PodLabels) ?? true);
    }
}
