using Copilot.Core.Evidence;
using Copilot.Core.Signals;

namespace Copilot.Core.Analysis.Analyzers;

/// <summary>Changes of other objects that act on workloads: autoscalers, quotas, limit ranges, claims, certificates, priority classes, webhooks, namespaces.</summary>
public static class OtherChangeAnalyzer
{
    private static readonly HashSet<string> HandledElsewhere =
        ["Deployment", "StatefulSet", "DaemonSet", "Rollout", "ConfigMap", "Secret", "Service", "Ingress", "NetworkPolicy", "Node", "Job", "CronJob", "ServiceAccount", "ReplicaSet"];

    /// <summary>Workloads whose pods had to give way to pods of a higher priority.</summary>
    private static List<EntityRef> Preempted(AnalysisContext context) =>
        [.. context.Signals.Events.Where(e => e.Reason == "Preempted" && e.Last >= context.Since).Select(e => AdmissionAnalyzer.TopWorkload(context, e.Regarding)).OfType<EntityRef>().Distinct()];

    public static IEnumerable<Finding> Find(AnalysisContext context)
    {
        foreach (var change in ChangeSelection.Relevant(context).Where(c => !HandledElsewhere.Contains(c.Entity.Kind)))
        {
            var mechanism = change.Entity.Kind switch
            {
                "HorizontalPodAutoscaler" => Mechanism.Autoscaler,
                "ResourceQuota" or "LimitRange" => Mechanism.Quota,
                "PersistentVolumeClaim" or "StorageClass" => Mechanism.Storage,
                "PodDisruptionBudget" or "PriorityClass" => Mechanism.Scheduling,
                "ValidatingWebhookConfiguration" or "MutatingWebhookConfiguration" => Mechanism.Admission,
                "Certificate" => Mechanism.Credential,
                _ => Mechanism.Unknown,
            };
            var target = context.Signals.Cluster.Others.FirstOrDefault(o => o.Header.Entity == change.Entity)?.Target;
            var workloads = target?.Kind == "Secret" ? context.Map.Readers(target).ToList() : target is not null ? [target] : mechanism == Mechanism.Storage ? context.Map.Readers(change.Entity).ToList()
                : change.Entity.Kind == "PriorityClass" ? Preempted(context) : [];
            var components = workloads.SelectMany(context.Map.ComponentsOf).Distinct().ToList();
            var harmless = change.Kind == ChangeKind.Modified && change.Fields.All(f => f.Path.StartsWith("metadata.", StringComparison.Ordinal));
            var what = change.Kind == ChangeKind.Modified ? string.Join("; ", change.Fields.Take(3).Select(ChangeText.Describe)) : $"was {change.Kind.ToString().ToLowerInvariant()}";
            yield return new(
                FindingCode.OtherChanged, change.Entity, mechanism, change.At, change.Uncertainty, harmless ? Prior.Harmless : MildChange.Is(change.Fields) ? Prior.ByProduct : change.Actor.Class == ActorClass.Controller ? Prior.Controller : Prior.Change,
                Reach.Of(components, workloads) with { Sources = [] }, ChangeText.Cite(change, $"{change.Entity.Kind} {change.Entity.Name}: {what} ({ChangeText.Who(change)})"), [],
                $"{change.Entity.Kind} {change.Entity.Name}: {what}, by {change.Actor.Name} at {change.At:HH:mm:ss}", "The trouble stays when the change is taken back.");
        }
    }
}
