using Copilot.Core.Signals;

namespace Copilot.Core.Analysis.Analyzers;

/// <summary>Changed Deployments, StatefulSets, DaemonSets and CronJobs: what changed in them decides the mechanism.</summary>
public static class WorkloadChangeAnalyzer
{
    public static IEnumerable<Finding> Find(AnalysisContext context)
    {
        foreach (var change in ChangeSelection.Relevant(context).Where(c => c.Entity.Kind is "Deployment" or "StatefulSet" or "DaemonSet" or "Rollout"))
        {
            var (mechanism, fields) = Classify(change);
            var components = context.Map.ComponentsOf(change.Entity);
            var reach = Reach.Of(components, [change.Entity]) with { Named = Naming.NamedCallees(context.Map, components, fields) };
            var (prior, support) = Judge(context, change, mechanism, fields);
            var what = change.Kind switch
            {
                ChangeKind.Created => "was created",
                ChangeKind.Deleted => "was deleted",
                _ => string.Join("; ", fields.Take(3).Select(ChangeText.Describe)),
            };
            yield return new(
                mechanism == Mechanism.Restart ? FindingCode.WorkloadRestarted : FindingCode.WorkloadChanged, change.Entity, mechanism, change.At, change.Uncertainty, prior, reach,
                ChangeText.Cite(change, $"{change.Entity.Kind} {change.Entity.Name}: {what} ({ChangeText.Who(change)})"), support,
                $"{change.Entity.Kind} {change.Entity.Name}: {what}, by {change.Actor.Name} at {change.At:HH:mm:ss}",
                $"The trouble of {context.Suffering(components) ?? change.Entity.Name} began before {change.At:HH:mm:ss}, or stays when the change is taken back.");
        }
    }

    private static (Mechanism Mechanism, IReadOnlyList<FieldChange> Fields) Classify(ObjectChange change)
    {
        if (change.Kind == ChangeKind.Deleted) return (Mechanism.ScaledToZero, []);
        if (change.Kind == ChangeKind.Created) return (Mechanism.Unknown, []);
        (Mechanism Mechanism, IReadOnlyList<FieldChange> Fields)? mild = null;
        // The first class that any field falls into; a forced restart often goes with another change.
        foreach (var (mechanism, matches) in Classes)
        {
            var fields = change.Fields.Where(f => matches(f)).ToList();
            if (fields.Count == 0) continue;
            // What seldom breaks anything must not hide what was changed with it.
            if (MildChange.Is(fields)) mild ??= (mechanism, fields);
            else if (mild is null || mechanism is not (Mechanism.Restart or Mechanism.Autoscaler)) return (mechanism, fields);
        }
        return mild ?? (Mechanism.Unknown, change.Fields);
    }

    private static readonly (Mechanism Mechanism, Func<FieldChange, bool> Matches)[] Classes =
    [
        (Mechanism.ScaledToZero, f => f.Path == "spec.replicas" && f.New == "0"),
        (Mechanism.InitContainer, f => Template(f, "initContainers")),
        (Mechanism.BadImage, f => Template(f, ".image") && f.Path.EndsWith(".image", StringComparison.Ordinal)),
        (Mechanism.BadCommand, f => Template(f, ".command") || Template(f, ".args")),
        (Mechanism.Probe, f => Template(f, "Probe")),
        (Mechanism.EnvironmentVariable, f => Template(f, ".env")),
        (Mechanism.ResourceLimits, f => Template(f, ".resources.")),
        (Mechanism.Storage, f => Template(f, ".volume") || f.Path.Contains("volumeClaimTemplates", StringComparison.Ordinal)),
        (Mechanism.Dns, f => Template(f, "dnsPolicy") || Template(f, "dnsConfig") || Template(f, "hostAliases")),
        (Mechanism.Scheduling, f => Template(f, "nodeSelector") || Template(f, "affinity") || Template(f, "tolerations") || Template(f, "nodeName") || Template(f, "topologySpread")
            || Template(f, "schedulerName") || Template(f, "priorityClass")),
        (Mechanism.Admission, f => Template(f, "serviceAccount") || Template(f, "securityContext") || Template(f, "imagePullSecrets")),
        (Mechanism.ServiceRouting, f => Template(f, "metadata.labels") || Template(f, ".ports")),
        (Mechanism.Autoscaler, f => f.Path == "spec.replicas"),
        (Mechanism.Restart, f => Template(f, "restartedAt")),
    ];

    private static bool Template(FieldChange field, string part) => field.Path.StartsWith("spec.template.", StringComparison.Ordinal) && field.Path.Contains(part, StringComparison.Ordinal);

    private static (Prior Prior, IReadOnlyList<Support> Support) Judge(AnalysisContext context, ObjectChange change, Mechanism mechanism, IReadOnlyList<FieldChange> fields)
    {
        if (mechanism == Mechanism.Unknown && (change.Kind == ChangeKind.Created || fields.All(f => f.Path.StartsWith("metadata.", StringComparison.Ordinal))))
            return (change.Kind == ChangeKind.Created ? Prior.ByProduct : Prior.Harmless, []);
        var prior = mechanism switch
        {
            Mechanism.Restart => Prior.ByProduct,
            Mechanism.Autoscaler => Prior.ByProduct, // more or fewer replicas, but some
            _ when MildChange.Is(fields) => Prior.ByProduct,
            _ when change.Actor.Class == ActorClass.Controller => Prior.Controller,
            _ => Prior.Change,
        };
        var support = new List<Support>();
        support.AddRange(ValueSupport.InTexts(context, fields, context.Map.ComponentsOf(change.Entity)));
        if (mechanism is not (Mechanism.Restart or Mechanism.Autoscaler)) support.AddRange(PodSupport(context, change, fields));
        return (prior, support);
    }

    /// <summary>Pods of the changed template that fail in a way that names the changed value speak for the change; healthy ones against it.</summary>
    private static IEnumerable<Support> PodSupport(AnalysisContext context, ObjectChange change, IReadOnlyList<FieldChange> fields)
    {
        var events = Unavailability.EventsOf(change.Entity, context.Map, context.Signals).Where(e => e.Last >= change.At - TimeSpan.FromSeconds(30)).ToList();
        var naming = events.FirstOrDefault(e => fields.Any(f => f.New is { Length: > 2 } value && e.Message.Contains(value, StringComparison.Ordinal)));
        if (naming is not null)
        {
            var quote = SymptomDetector.Quote(ValueSupport.Hide(fields, naming.Message));
            yield return new(4, $"an event names the new value: {quote}", [new(naming.Address, naming.Last, $"{naming.Regarding.Kind} {naming.Regarding.Name}: {naming.Reason}: {quote}", [naming.Regarding, change.Entity])]);
        }
        else if (events.Count > 0)
            yield return new(1.5, $"its pods report {events[0].Reason}: {SymptomDetector.Quote(events[0].Message)}", [new(events[0].Address, events[0].Last, $"{events[0].Regarding.Kind} {events[0].Regarding.Name}: {events[0].Reason}: {SymptomDetector.Quote(events[0].Message)}", [events[0].Regarding, change.Entity])]);
    }
}
