using System.Text.RegularExpressions;
using Copilot.Core.Evidence;
using Copilot.Core.Signals;

namespace Copilot.Core.Analysis.Analyzers;

/// <summary>Pods that are never made: quotas, limit ranges and admission that refuse them, by the text of FailedCreate events.</summary>
public static partial class AdmissionAnalyzer
{
    public static IEnumerable<Finding> Find(AnalysisContext context)
    {
        var refusals = context.Signals.Events.Where(e => e.Reason == "FailedCreate" && e.Last >= context.Since);
        foreach (var group in refusals.Select(e => (Event: e, Cause: CauseOf(context, e))).Where(r => r.Cause is not null).GroupBy(r => r.Cause!.Value.Entity))
        {
            var (entity, mechanism, code) = group.First().Cause!.Value;
            var events = group.Select(r => r.Event).OrderBy(e => e.First).ToList();
            var workloads = events.Select(e => TopWorkload(context, e.Regarding)).OfType<EntityRef>().Distinct().ToList();
            var components = workloads.SelectMany(context.Map.ComponentsOf).Distinct().ToList();
            var change = context.Signals.Changes.LastOrDefault(c => c.Entity == entity);
            var quota = context.Signals.Cluster.Quotas.FirstOrDefault(q => q.Header.Entity == entity);
            var evidence = events.Take(3).Select(e => new Citation(e.Address, e.Last, $"{e.Regarding.Kind} {e.Regarding.Name}: FailedCreate: {SymptomDetector.Quote(e.Message)}", [entity, e.Regarding, .. workloads])).ToList();
            if (change is not null) evidence.Add(new(change.Evidence, change.At, $"{entity.Kind} {entity.Name} {change.Kind.ToString().ToLowerInvariant()} ({ChangeText.Who(change)})", entity));
            else if (quota is not null) evidence.Add(new(quota.Header.Address, quota.Header.LastSeen, $"ResourceQuota {entity.Name}: {string.Join(", ", quota.Resources.Select(r => $"{r.Key} {r.Value.Used} of {r.Value.Hard}"))}", entity));
            var says = $"{entity.Kind} {entity.Name} refuses new pods of {string.Join(", ", workloads.Select(w => w.Name).DefaultIfEmpty("a workload"))}"
                + (change is null ? "" : $"; it was {change.Kind.ToString().ToLowerInvariant()} by {change.Actor.Name} at {change.At:HH:mm:ss}");
            yield return new(
                code, entity, mechanism, change?.At ?? events[0].First, TimeSpan.Zero, Prior.StatedByCluster, new(components, components, [], [], workloads, []), evidence,
                [new(4, $"the refusal names it: {SymptomDetector.Quote(events[0].Message)}")], says, "Pods are made while the limit stands unchanged.");
        }
    }

    private static (EntityRef Entity, Mechanism Mechanism, FindingCode Code)? CauseOf(AnalysisContext context, KubeEvent e)
    {
        var ns = e.Regarding.Namespace;
        if (QuotaName().Match(e.Message) is { Success: true } quota) return (new(ns, "ResourceQuota", quota.Groups[1].Value), Mechanism.Quota, FindingCode.QuotaExceeded);
        if (e.Message.Contains("violates PodSecurity", StringComparison.Ordinal)) return (EntityRef.ClusterScoped("Namespace", ns), Mechanism.Admission, FindingCode.AdmissionDenied);
        if (LimitRange().IsMatch(e.Message)) return (LimitRangeOf(context, ns), Mechanism.Quota, FindingCode.QuotaExceeded);
        if (Webhook().Match(e.Message) is { Success: true } webhook) return (EntityRef.ClusterScoped("ValidatingWebhookConfiguration", webhook.Groups[1].Value), Mechanism.Admission, FindingCode.AdmissionDenied);
        if (ServiceAccount().Match(e.Message) is { Success: true } account) return (new(ns, "ServiceAccount", account.Groups[1].Value), Mechanism.Admission, FindingCode.ReferenceMissing);
        return null;
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

    [GeneratedRegex(@"(minimum|maximum) (cpu|memory) usage per (Container|Pod)", RegexOptions.NonBacktracking)]
    private static partial Regex LimitRange();

    [GeneratedRegex(@"webhook ""([^""]+)""", RegexOptions.NonBacktracking)]
    private static partial Regex Webhook();

    [GeneratedRegex(@"serviceaccount ""([^""]+)"" not found", RegexOptions.NonBacktracking)]
    private static partial Regex ServiceAccount();
}
