using Copilot.Core.Evidence;

namespace Copilot.Core.Diagnoses;

/// <summary>What is known of the object at fault and its surroundings: all that a remedy may be made of, and nothing that was not recorded.</summary>
/// <param name="Factor">The name of the contributing factor.</param>
/// <param name="Uid">Empty when the object itself was not recorded.</param>
/// <param name="Replicas">Wanted replicas at the last observation; null where the kind has none.</param>
/// <param name="Unschedulable">Of a node: whether it takes no pods; null for other kinds.</param>
/// <param name="Change">The recorded change that the factor rests on; null when it rests on none.</param>
/// <param name="ExperimentRuns">Of a fault-injection experiment or its schedule: whether no end was recorded, or it comes again and again; null for other kinds.</param>
/// <param name="Touched">Workloads whose pods are replaced or behave differently when the object is put back.</param>
/// <param name="RestartedWith">Workloads that read the object and were restarted just after the change: they take it in at start only.</param>
/// <param name="IsDatastore">Whether it keeps data: a StatefulSet, a workload with claims, or something that speaks a database's protocol.</param>
public sealed record AffectedObject(
    string Factor,
    EntityRef Entity,
    string Uid,
    int? Replicas,
    bool? Unschedulable,
    RecordedChange? Change,
    bool? ExperimentRuns,
    IReadOnlyList<TouchedWorkload> Touched,
    IReadOnlyList<TouchedWorkload> RestartedWith,
    bool IsDatastore);

/// <param name="Replicas">Wanted replicas; null when not recorded.</param>
public sealed record TouchedWorkload(EntityRef Entity, string Uid, int? Replicas);

/// <summary>A recorded change, for the way back.</summary>
/// <param name="Kind"><c>created</c>, <c>modified</c> or <c>deleted</c>.</param>
/// <param name="By">The field manager.</param>
/// <param name="Fields">The changed values; a value whose name or form is a secret's is null in both.</param>
/// <param name="After">The record that shows it.</param>
/// <param name="Before">The record of the object as it was; null when there is none.</param>
public sealed record RecordedChange(string Kind, DateTimeOffset At, string By, IReadOnlyList<ChangedField> Fields, RecordAddress After, RecordAddress? Before, string? RevisionBefore, string? RevisionAfter)
{
    /// <summary>When a later change put all of it back; null while it stands.</summary>
    public DateTimeOffset? PutBackAt { get; init; }
}

/// <param name="Secret">The values look like a secret's and are left out.</param>
public sealed record ChangedField(string Path, string? Before, string? After, bool Secret);
