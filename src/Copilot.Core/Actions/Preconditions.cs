using Copilot.Core.Diagnoses;

namespace Copilot.Core.Actions;

/// <summary>Decides the preconditions of runbooks by what is known of a cause.</summary>
public static class Preconditions
{
    private static readonly Dictionary<RunbookPrecondition, (string Unmet, Func<AffectedObject, bool> Holds)> Known = new()
    {
        [RunbookPrecondition.ChangeRecorded] = ("no change of it is recorded", o => o.Change is not null),
        [RunbookPrecondition.EarlierStateRecorded] = ("the object as it was is not recorded", o => o.Change?.Before is not null),
        [RunbookPrecondition.NotCreated] = ("it did not exist before the incident, and nothing is ever deleted", o => o.Change?.Kind != "created"),
        [RunbookPrecondition.TargetIsWorkload] = ("it is no Deployment, StatefulSet or DaemonSet", o => StepBuilder.IsWorkload(o.Entity)),
        [RunbookPrecondition.TargetIsRevertible] = ("it is none of the objects that may be put back", o => StepBuilder.IsRevertible(o.Entity)),
        [RunbookPrecondition.EarlierReplicasKnown] = ("no earlier number of replicas is recorded", o => o.Change?.Fields.Any(f => f.Path == "spec.replicas" && int.TryParse(f.Before, out var before) && before > 0) == true),
        [RunbookPrecondition.NodeCordoned] = ("the node takes pods, or is not well", o => o.Unschedulable == true),
        [RunbookPrecondition.ChaosRunning] = ("no experiment is running", o => o.ExperimentRuns == true),
        [RunbookPrecondition.FlagVariantKnown] = ("the variant before is not recorded", o => o.Change?.Fields.Any(f => f.Before is { Length: > 0 }) == true),
        [RunbookPrecondition.NotADatastore] = ("it keeps data", o => !o.IsDatastore),
    };

    /// <summary>What keeps the precondition from holding, in words; null when it holds. One that code does not know never holds.</summary>
    public static string? Unmet(RunbookPrecondition precondition, AffectedObject cause) =>
        !Known.TryGetValue(precondition, out var known) ? $"the precondition {precondition.Name} cannot be decided" : known.Holds(cause) ? null : known.Unmet;
}
