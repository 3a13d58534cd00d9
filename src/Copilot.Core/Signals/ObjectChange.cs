using Copilot.Core.Evidence;

namespace Copilot.Core.Signals;

public enum ChangeKind
{
    Created,
    Modified,
    Deleted,
}

/// <summary>One changed value of an object; null where it was or became absent.</summary>
/// <param name="Path">
/// The field's path, such as <c>spec.template.spec.containers[app].env[PORT].value</c>. List elements are named by their
/// <c>name</c>, <c>key</c> or <c>type</c> where they have one, else by position. A document inside a string (JSON, YAML or properties in a
/// ConfigMap) continues the path: <c>data[app.properties].db.pool.max</c>.
/// </param>
public sealed record FieldChange(string Path, string? Old, string? New);

/// <summary>An object that changed between two observations, dated and attributed by <c>metadata.managedFields</c> where that covers the change.</summary>
/// <param name="At">Best estimate of the time of the change.</param>
/// <param name="Uncertainty">How far the true time may lie before <paramref name="At"/>; zero when a field manager's entry dates it.</param>
/// <param name="Fields">The changed values, status and bookkeeping left out; empty for Created and Deleted.</param>
/// <param name="Evidence">The observation after the change (before it, for Deleted).</param>
/// <param name="Before">The observation before the change, where there is one.</param>
public sealed record ObjectChange(
    EntityRef Entity,
    ChangeKind Kind,
    DateTimeOffset At,
    TimeSpan Uncertainty,
    Actor Actor,
    IReadOnlyList<FieldChange> Fields,
    RecordAddress Evidence,
    RecordAddress? Before)
{
    /// <summary>The rollout revision of a workload before the change, as its controller counts; null where it is not recorded.</summary>
    public string? RevisionBefore { get; init; }

    /// <summary>The rollout revision at the observation after the change.</summary>
    public string? RevisionAfter { get; init; }
}
