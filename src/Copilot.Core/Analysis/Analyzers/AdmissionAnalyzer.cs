using System.Text.RegularExpressions;
using Copilot.Core.Evidence;
using Copilot.Core.Signals;

namespace Copilot.Core.Analysis.Analyzers;

/// <summary>Pods that are never made: quotas, limit ranges, pod security, ending namespaces and accounts that refuse them, by the refusal's text. Webhooks: <see cref="WebhookAnalyzer"/>.</summary>
public static partial class AdmissionAnalyzer
{
    public static IEnumerable<Finding> Find(AnalysisContext context)
    {
        foreach (var group in Refusals.Find(context).Select(r => (Refusal: r, Cause: CauseOf(context, r))).Where(r => r.Cause is not null).GroupBy(r => r.Cause!.Value.Entity))
        {
            var (entity, mechanism, code) = group.First().Cause!.Value;
            var refusals = group.Select(r => r.Refusal).ToList();
            var workloads = refusals.Select(r => r.Workload).OfType<EntityRef>().Distinct().ToList();
            var components = workloads.SelectMany(context.Map.ComponentsOf).Distinct().ToList();
            // Fewer pods than wanted have more to do each.
            var burdened = workloads.Where(w => context.Map.Workload(w) is { Ready: > 0 }).SelectMany(context.Map.ComponentsOf).Distinct().ToList();
            var change = context.Signals.Changes.LastOrDefault(c => c.Entity == entity);
            var quota = context.Signals.Cluster.Quotas.FirstOrDefault(q => q.Header.Entity == entity);
            var evidence = refusals.Take(3).Select(r => r.Evidence with { About = [entity, .. r.Evidence.About, .. workloads] }).ToList();
            if (change is not null) evidence.Add(new(change.Evidence, change.At, $"{entity.Kind} {entity.Name} {change.Kind.ToString().ToLowerInvariant()} ({ChangeText.Who(change)})", entity));
            else if (quota is not null) evidence.Add(new(quota.Header.Address, quota.Header.LastSeen, $"ResourceQuota {entity.Name}: {string.Join(", ", quota.Resources.Select(r => $"{r.Key} {r.Value.Used} of {r.Value.Hard}"))}", entity));
            var says = $"{entity.Kind} {entity.Name} refuses new pods of {string.Join(", ", workloads.Select(w => w.Name).DefaultIfEmpty("a workload"))}"
                + (change is null ? "" : $"; it was {change.Kind.ToString().ToLowerInvariant()} by {change.Actor.Name} at {change.At:HH:mm:ss}");
            yield return new(
                code, entity, mechanism, change?.At ?? refusals[0].At, TimeSpan.Zero, Prior.StatedByCluster, new(components, components, [], [], workloads, []) { Flooded = burdened }, evidence,
                [new(4, $"the refusal names it: {SymptomDetector.Quote(refusals[0].Message)}")], says, "Pods are made while the limit stands unchanged.");
        }
    }

    private static (EntityRef Entity, Mechanism Mechanism, FindingCode Code)? CauseOf(AnalysisContext context, Refusal refusal)
    {
        var (ns, text) = (refusal.Regarding.Namespace, refusal.Message);
        if (QuotaName().Match(text) is { Success: true } quota) return (new(ns, "ResourceQuota", quota.Groups[1].Value), Mechanism.Quota, FindingCode.QuotaExceeded);
        if (text.Contains("violates PodSecurity", StringComparison.Ordinal)) return (EntityRef.ClusterScoped("Namespace", ns), Mechanism.Admission, FindingCode.AdmissionDenied);
        if (text.Contains("because it is being terminated", StringComparison.Ordinal)) return (EntityRef.ClusterScoped("Namespace", ns), Mechanism.Admission, FindingCode.AdmissionDenied);
        if (LimitRange().IsMatch(text)) return (LimitRangeOf(context, ns), Mechanism.Quota, FindingCode.QuotaExceeded);
        if (ServiceAccount().Match(text) is { Success: true } account) return (new(ns, "ServiceAccount", account.Groups[1].Value), Mechanism.Admission, FindingCode.ReferenceMissing);
        if (PriorityClass().Match(text) is { Success: true } priority) return ClassOf(context, refusal, priority.Groups[1].Value);
        return null;
    }

    /// <summary>The class that somebody took away, else the workload that asks for one that never was.</summary>
    private static (EntityRef, Mechanism, FindingCode)? ClassOf(AnalysisContext context, Refusal refusal, string name)
    {
        var priority = EntityRef.ClusterScoped("PriorityClass", name);
        var gone = context.Signals.Changes.Any(c => c.Entity == priority && c.Kind == ChangeKind.Deleted);
        return (gone ? priority : refusal.Workload ?? refusal.Regarding, Mechanism.Scheduling, FindingCode.ReferenceMissing);
    }

    /// <summary>The message does not name it, and a namespace seldom has more than one.</summary>
    private static EntityRef LimitRangeOf(AnalysisContext context, string ns) =>
        context.Signals.Cluster.Configs.Select(c => c.Entity).Where(e => e.Kind == "LimitRange" && e.Namespace == ns).ToList() is [var only] ? only : new(ns, "LimitRange", "*");

    internal static EntityRef? TopWorkload(AnalysisContext context, EntityRef follower)
    {
        var at = follower;
        for (var hops = 0; hops < 3 && context.Map.Workload(at)?.Header.Owner is { } owner; hops++) at = owner;
        if (context.Map.Workload(at) is not null && at.Kind != "ReplicaSet") return at;
        return context.Map.WorkloadOfPod(follower);
    }

    [GeneratedRegex(@"(?:exceeded|failed) quota: ([a-z0-9][a-z0-9.-]*)", RegexOptions.NonBacktracking)]
    private static partial Regex QuotaName();

    [GeneratedRegex(@"(minimum|maximum) [a-z./-]+ usage per (Container|Pod)|max limit to request ratio per (Container|Pod)", RegexOptions.NonBacktracking)]
    private static partial Regex LimitRange();

    [GeneratedRegex(@"serviceaccount ""([^""]+)"" not found", RegexOptions.NonBacktracking)]
    private static partial Regex ServiceAccount();

    [GeneratedRegex(@"no PriorityClass with name ([a-z0-9.-]+) was found", RegexOptions.NonBacktracking)]
    private static partial Regex PriorityClass();
}
