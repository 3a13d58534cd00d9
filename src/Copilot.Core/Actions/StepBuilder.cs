using System.Text.Json;
using System.Text.Json.Nodes;
using Copilot.Core.Diagnoses;
using Copilot.Core.Evidence;

namespace Copilot.Core.Actions;

/// <summary>A step with its way back, or why the kind does not fit the cause.</summary>
public abstract record BuiltStep
{
    private BuiltStep()
    {
    }

    /// <param name="Back">Null for kinds that leave nothing to take back.</param>
    public sealed record Fits(PlanStep Step, RollbackStep? Back) : BuiltStep;

    /// <param name="Because">What is missing, in words that go on from "k8s.scale: ".</param>
    public sealed record DoesNotFit(string Because) : BuiltStep;
}

/// <summary>Fills in one action kind for one cause: target, parameters, what must still be so, and the way back. Only from what was recorded.</summary>
/// <param name="incident">The incident's id, for idempotency keys.</param>
/// <param name="cluster">The cluster's name as configured; empty when unknown.</param>
/// <param name="digestOf">The digest of a record that was opened in this investigation; null for any other.</param>
public sealed class StepBuilder(string incident, string cluster, Func<RecordAddress, string?> digestOf)
{
    private const int LongestVariant = 64;
    private const int LongestValue = 200;

    private static readonly string[] Revertible = ["ConfigMap", "Service", "NetworkPolicy", "HorizontalPodAutoscaler", "ResourceQuota", "Deployment", "StatefulSet", "DaemonSet"];

    private static readonly string[] Rolling = ["Deployment", "StatefulSet", "DaemonSet"];

    public static bool IsWorkload(EntityRef entity) => Rolling.Contains(entity.Kind);

    public static bool IsRevertible(EntityRef entity) => Revertible.Contains(entity.Kind);

    public BuiltStep Build(ActionKind kind, AffectedObject cause)
    {
        if (cause.Change?.PutBackAt is { } at && kind != ActionKind.RolloutRestart) return new BuiltStep.DoesNotFit($"a later change at {at:HH:mm:ss} already put it back");
        if (kind == ActionKind.RolloutUndo) return Undo(cause);
        if (kind == ActionKind.RolloutRestart) return IsWorkload(cause.Entity) ? Restart(cause.Entity, cause.Uid) : new BuiltStep.DoesNotFit($"a {cause.Entity.Kind} has no rollout");
        if (kind == ActionKind.Scale) return ScaleBack(cause);
        if (kind == ActionKind.ObjectRevert) return Revert(cause);
        if (kind == ActionKind.NodeUncordon) return Uncordon(cause);
        if (kind == ActionKind.ChaosPause) return Pause(cause);
        if (kind == ActionKind.FeatureFlagSet) return SetFlag(cause);
        if (kind == ActionKind.ArgoCdSync) return new BuiltStep.DoesNotFit("no earlier revision of an application is recorded");
        return new BuiltStep.DoesNotFit("it is no remedy");
    }

    /// <summary>A rolling restart of a workload that takes its settings in at start only.</summary>
    public BuiltStep.Fits Restart(EntityRef workload, string uid) =>
        Make(ActionKind.RolloutRestart, workload, uid, [], UidStands(uid), $"The pods of {workload.Kind} {workload.Name} are replaced one after another", back: null);

    private BuiltStep Undo(AffectedObject cause)
    {
        if (!IsWorkload(cause.Entity)) return new BuiltStep.DoesNotFit($"a {cause.Entity.Kind} has no rollout");
        if (Modified(cause, out var change) is { } fault) return fault;
        if (change.RevisionBefore is not { } before) return new BuiltStep.DoesNotFit("the revision before the change is not recorded");
        if (change.Fields.FirstOrDefault(f => !f.Path.StartsWith("spec.template.", StringComparison.Ordinal)) is { } other) return new BuiltStep.DoesNotFit($"an undo leaves {other.Path} as it is");
        var after = change.RevisionAfter is { } revision && revision != before ? revision : null;
        Dictionary<string, string>? back = after is null ? null : new() { ["revision"] = after };
        return Make(ActionKind.RolloutUndo, cause.Entity, cause.Uid, new() { ["revision"] = before }, [.. UidStands(cause.Uid), new("rollout.revisions", "contains", before), .. FieldsStand(change)],
            $"Revision {before} runs again: {Values(change)}", (after is null ? "undo to the revision that runs before the step" : $"undo to revision {after}", back ?? []));
    }

    private BuiltStep ScaleBack(AffectedObject cause)
    {
        if (Modified(cause, out var change) is { } fault) return fault;
        if (change.Fields.FirstOrDefault(f => f.Path == "spec.replicas") is not { Before: { Length: > 0 } before, After: { } after } || !int.TryParse(before, out _)) return new BuiltStep.DoesNotFit("no earlier number of replicas is recorded");
        if (cause.Replicas?.ToString() != after) return new BuiltStep.DoesNotFit($"it has {cause.Replicas?.ToString() ?? "an unknown number of"} replicas now, and the change set {after}");
        return Make(ActionKind.Scale, cause.Entity, cause.Uid, new() { ["replicas"] = before }, [.. UidStands(cause.Uid), new("spec.replicas", "exact", after)],
            $"{cause.Entity.Kind} {cause.Entity.Name} has {before} replicas again", ($"scale to {after}", new() { ["replicas"] = after }));
    }

    private BuiltStep Revert(AffectedObject cause)
    {
        if (!IsRevertible(cause.Entity)) return new BuiltStep.DoesNotFit($"a {cause.Entity.Kind} is none of the objects that may be put back");
        if (Modified(cause, out var change) is { } fault) return fault;
        if (change.Before is not { } before || digestOf(before) is not { } beforeDigest || digestOf(change.After) is not { } afterDigest) return new BuiltStep.DoesNotFit("the object as it was is not recorded");
        var fields = new JsonArray([.. change.Fields.Select(f => (JsonNode)f.Path)]).ToJsonString(Readable);
        return Make(ActionKind.ObjectRevert, cause.Entity, cause.Uid, Record(before, beforeDigest), [.. UidStands(cause.Uid), .. FieldsStand(change)], $"As recorded before: {Values(change)}",
            ($"the same fields as {change.After} records them", Record(change.After, afterDigest)));

        Dictionary<string, string> Record(RecordAddress address, string digest) => new() { ["fields"] = fields, ["to_record"] = address.ToString(), ["to_digest"] = digest };
    }

    private BuiltStep Uncordon(AffectedObject cause) => cause is { Entity.Kind: "Node", Unschedulable: true }
        ? Make(ActionKind.NodeUncordon, cause.Entity, cause.Uid, [], [.. UidStands(cause.Uid), new("spec.unschedulable", "exact", "true")], $"Node {cause.Entity.Name} takes pods again", ("cordon it again", []))
        : new BuiltStep.DoesNotFit($"{cause.Entity.Kind} {cause.Entity.Name} is not a node that is closed for new pods");

    private BuiltStep Pause(AffectedObject cause) => cause.ExperimentRuns == true
        ? Make(ActionKind.ChaosPause, cause.Entity, cause.Uid, [], [.. UidStands(cause.Uid), new("metadata.annotations[experiment.chaos-mesh.org/pause]", "absent", "")],
            $"{cause.Entity.Kind} {cause.Entity.Name} injects nothing until the annotation is removed", ("remove the pause annotation", []))
        : new BuiltStep.DoesNotFit("no experiment is running");

    private BuiltStep SetFlag(AffectedObject cause)
    {
        if (cause.Entity.Kind != "ConfigMap") return new BuiltStep.DoesNotFit($"a {cause.Entity.Kind} holds no flags");
        if (Modified(cause, out var change) is { } fault) return fault;
        if (change.Fields is not [{ Secret: false, Before: { Length: > 0 and <= LongestVariant } before, After: { Length: > 0 and <= LongestVariant } after } flag]) return new BuiltStep.DoesNotFit("the change is not of one flag with a variant before and after");
        return Make(ActionKind.FeatureFlagSet, cause.Entity, cause.Uid, new() { ["path"] = flag.Path, ["variant"] = before }, [.. UidStands(cause.Uid), .. FieldsStand(change)],
            $"{flag.Path} is {before} again", ($"set it to {after}", new() { ["path"] = flag.Path, ["variant"] = after }));
    }

    private static BuiltStep.DoesNotFit? Modified(AffectedObject cause, out RecordedChange change)
    {
        change = cause.Change!;
        return cause.Change switch
        {
            null => new("no change of it is recorded"),
            { Kind: "created" } => new("it did not exist before, and nothing is ever deleted"),
            { Kind: "deleted" } => new("it was deleted, and making it again could not be taken back without deleting it"),
            { Fields.Count: 0 } => new("the change touched no setting"),
            _ => null,
        };
    }

    private BuiltStep.Fits Make(ActionKind kind, EntityRef entity, string uid, Dictionary<string, string> parameters, List<WorldRead> preconditions, string effect, (string Does, Dictionary<string, string> Params)? back)
    {
        var target = new ActionTarget(cluster, uid, entity.Kind, entity.Namespace, entity.Name);
        var key = Plan.KeyOf(incident, kind, target, parameters);
        return new(new(kind, target, parameters, preconditions, PlainText.Clean(effect), key), back is { } way ? new(key, way.Does, way.Params) : null);
    }

    private static List<WorldRead> UidStands(string uid) => uid.Length > 0 ? [new("uid", "exact", uid)] : [];

    /// <summary>
    /// What the change set must still stand, or somebody has been there since. It is named by its record: a plan is kept for years and holds no values that
    /// nobody has looked through.
    /// </summary>
    private static IEnumerable<WorldRead> FieldsStand(RecordedChange change) => change.Fields.Select(f => new WorldRead(f.Path, "as-recorded", change.After.ToString()));

    private static string Values(RecordedChange change)
    {
        var shown = change.Fields.Take(3).Select(f => f.Secret ? $"{f.Path} (a secret)" : $"{f.Path} {Show(f.After)} -> {Show(f.Before)}");
        return string.Join("; ", shown) + (change.Fields.Count > 3 ? $"; and {change.Fields.Count - 3} more" : "");
    }

    private static string Show(string? value) => value switch
    {
        null => "(none)",
        "" => "\"\"",
        // Masked before it is cut: half a secret has no form to know it by.
        _ => PlainText.Clean(value) is var clean && clean.Length <= LongestValue ? clean : clean[..LongestValue] + "…",
    };

    private static readonly JsonSerializerOptions Readable = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
}
