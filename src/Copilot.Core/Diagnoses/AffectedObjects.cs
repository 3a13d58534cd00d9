using Copilot.Core.Analysis;
using Copilot.Core.Evidence;
using Copilot.Core.Signals;

namespace Copilot.Core.Diagnoses;

/// <summary>Gathers from the signals what a remedy for each cause needs.</summary>
public static class AffectedObjects
{
    // A restart that goes with a change follows within moments; later ones have reasons of their own.
    private static readonly TimeSpan RestartFollows = TimeSpan.FromMinutes(3);

    // Databases, caches and queues by the words in their images and names (the last path element of the image).
    private static readonly string[] Stores =
        ["postgres", "mysql", "mariadb", "mongo", "redis", "valkey", "memcached", "cassandra", "elasticsearch", "opensearch", "kafka", "rabbitmq", "nats", "etcd", "clickhouse", "cockroach", "zookeeper", "minio", "influxdb"];

    public static IReadOnlyList<AffectedObject> Of(SignalSet signals, AnalysisResult analysis) => [.. analysis.Causes.Select(c => Of(signals, analysis.Map, c))];

    private static AffectedObject Of(SignalSet signals, ServiceMap map, Cause cause)
    {
        var finding = cause.Hypothesis.Finding;
        var entity = finding.Entity;
        var workload = map.Workload(entity);
        var change = ChangeOf(signals, finding);
        return new(
            entity.ToString(), entity, signals.Cluster.HeaderOf(entity)?.Uid ?? "", workload?.Desired,
            signals.Cluster.Nodes.FirstOrDefault(n => n.Header.Entity == entity)?.Unschedulable, change is null ? null : Recorded(change, signals), Runs(signals, entity),
            [.. Touched(map, finding).Distinct().Order().Select(Describe)], change is null ? [] : [.. RestartedWith(signals, map, cause, change).Order().Select(Describe)], workload is not null && IsStore(workload));

        TouchedWorkload Describe(EntityRef touched) => new(touched, signals.Cluster.HeaderOf(touched)?.Uid ?? "", map.Workload(touched)?.Desired);
    }

    /// <summary>The change that the finding tells of: of the same object, cited by it or of its time.</summary>
    private static ObjectChange? ChangeOf(SignalSet signals, Finding finding) =>
        signals.Changes.LastOrDefault(c => c.Entity == finding.Entity && finding.Evidence.Any(e => e.Address == c.Evidence) && c.At == finding.At)
        ?? signals.Changes.LastOrDefault(c => c.Entity == finding.Entity && (c.At == finding.At || finding.Evidence.Any(e => e.Address == c.Evidence)));

    private static RecordedChange Recorded(ObjectChange change, SignalSet signals) => new(
        change.Kind.ToString().ToLowerInvariant(), change.At, change.Actor.Name, [.. change.Fields.Where(IsSubstance).Select(Field)], change.Evidence,
        change.Before is { } before && (before != change.Evidence || change.Kind == ChangeKind.Deleted) ? before : null, change.RevisionBefore, change.RevisionAfter)
    {
        PutBackAt = PutBackAt(change, signals),
    };

    private static DateTimeOffset? PutBackAt(ObjectChange change, SignalSet signals)
    {
        var later = signals.Changes.Where(c => c.Entity == change.Entity && c.At > change.At).ToList();
        var last = change.Fields.Where(IsSubstance).Select(f => later.LastOrDefault(c => c.Fields.Any(l => l.Path == f.Path)) is { } c && c.Fields.First(l => l.Path == f.Path).New == f.Old ? c.At : (DateTimeOffset?)null).ToList();
        return last.Count > 0 && last.TrueForAll(at => at is not null) ? last.Max() : null;
    }

    /// <summary>Labels and notes of the object itself act on nothing; the time of a restart is no setting.</summary>
    private static bool IsSubstance(FieldChange field) =>
        !field.Path.StartsWith("metadata.", StringComparison.Ordinal) && !field.Path.EndsWith("[kubectl.kubernetes.io/restartedAt]", StringComparison.Ordinal);

    private static ChangedField Field(FieldChange field)
    {
        var secret = Redaction.IsSecretName(field.Path) || IsSecret(field.Path, field.Old) || IsSecret(field.Path, field.New);
        return new(PlainText.Clean(field.Path), secret ? null : field.Old, secret ? null : field.New, secret);
    }

    private static bool IsSecret(string path, string? value) =>
        value is not null && (value.Contains(Redaction.Mask, StringComparison.Ordinal) || Redaction.Apply(value) != value || Redaction.Apply($"{path}: {value}").Contains(Redaction.Mask, StringComparison.Ordinal));

    private static bool? Runs(SignalSet signals, EntityRef entity)
    {
        var runs = signals.Chaos.Where(c => (c.Schedule ?? c.Experiment) == entity).ToList();
        // A workflow has no pause, nor has a schedule of workflows (Chaos Mesh: the annotation is of single experiments and their schedules).
        return runs.Count == 0 ? null : !runs.Exists(r => r.Experiment.Kind == "Workflow") && (entity.Kind == "Schedule" || runs.Exists(r => r.To is null));
    }

    private static IEnumerable<EntityRef> Touched(ServiceMap map, Finding finding) => finding.Entity.Kind switch
    {
        "Deployment" or "StatefulSet" or "DaemonSet" => [finding.Entity],
        "ConfigMap" or "Secret" => map.Readers(finding.Entity),
        _ => finding.Reach.Inside.Concat(finding.Reach.Into).Select(map.WorkloadOf).OfType<EntityRef>().Concat(finding.Reach.Pods),
    };

    private static List<EntityRef> RestartedWith(SignalSet signals, ServiceMap map, Cause cause, ObjectChange change)
    {
        var finding = cause.Hypothesis.Finding;
        if (finding.Entity.Kind is not ("ConfigMap" or "Secret")) return [];
        var takers = map.Readers(finding.Entity).Concat(finding.Reach.Inside.Select(map.WorkloadOf).OfType<EntityRef>()).ToHashSet();
        var restarted = signals.Changes.Where(c => takers.Contains(c.Entity) && c.At >= change.At && c.At - change.At < RestartFollows
            && c.Fields.Any(f => f.Path.Contains("restartedAt", StringComparison.Ordinal) || f.Path == "spec.replicas")).Select(c => c.Entity).Distinct().ToList();
        // Others may have been restarted at the same time for reasons of their own.
        var suffering = cause.Explains.SelectMany(s => new[] { s.Component, s.Caller }).Select(map.WorkloadOf).OfType<EntityRef>().ToHashSet();
        return restarted.Exists(suffering.Contains) ? restarted.FindAll(suffering.Contains) : restarted;
    }

    private static bool IsStore(Workload workload) =>
        workload.Header.Entity.Kind == "StatefulSet" || workload.Reads.Any(r => r.Kind == "PersistentVolumeClaim")
        || workload.Containers.Any(c => !c.Init && Stores.Any(s => c.Image[(c.Image.LastIndexOf('/') + 1)..].Contains(s, StringComparison.OrdinalIgnoreCase)));
}
