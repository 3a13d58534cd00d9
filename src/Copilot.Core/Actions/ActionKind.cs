namespace Copilot.Core.Actions;

/// <summary>What an action does.</summary>
public enum ActionEffect
{
    /// <summary>Reads the watched system.</summary>
    Read,

    /// <summary>Changes the watched system.</summary>
    Write,

    /// <summary>Changes the copilot itself and nothing of what it watches.</summary>
    Configure,
}

/// <summary>One kind of action. The set is closed: policy, runbooks and executor know these and no others.</summary>
/// <param name="Name">The wire name, such as <c>k8s.rollout.undo</c>.</param>
/// <param name="Reversible">Whether it can be taken back, or leaves nothing to take back.</param>
/// <param name="Does">What it does, in words.</param>
/// <param name="ReversedBy">What takes it back, in words; null where there is nothing to take back or no way to.</param>
/// <param name="Parameters">The names of all its parameters; each is required and a text.</param>
public sealed record ActionKind(string Name, ActionEffect Effect, bool Reversible, string Does, string? ReversedBy, IReadOnlyList<string> Parameters)
{
    public static readonly ActionKind TelemetryRead = new("telemetry.read", ActionEffect.Read, true, "any read of a source", null, []);
    public static readonly ActionKind RolloutUndo = new("k8s.rollout.undo", ActionEffect.Write, true, "Deployment, StatefulSet or DaemonSet back to an earlier revision", "undo to the revision before", ["revision"]);
    public static readonly ActionKind RolloutRestart = new("k8s.rollout.restart", ActionEffect.Write, true, "rolling restart", null, []);
    public static readonly ActionKind Scale = new("k8s.scale", ActionEffect.Write, true, "replicas to a number", "the number before", ["replicas"]);
    public static readonly ActionKind ObjectRevert = new("k8s.object.revert", ActionEffect.Write, true, "named fields of an object back to what was recorded before", "the spec before", ["fields", "to_record", "to_digest"]);
    public static readonly ActionKind NodeUncordon = new("k8s.node.uncordon", ActionEffect.Write, true, "node schedulable again", "cordon", []);
    public static readonly ActionKind ChaosPause = new("chaos.pause", ActionEffect.Write, true, "pause annotation on a chaos experiment or schedule", "remove it", []);
    public static readonly ActionKind FeatureFlagSet = new("feature-flag.set", ActionEffect.Write, true, "a flag's variant in its ConfigMap", "the variant before", ["path", "variant"]);
    public static readonly ActionKind ArgoCdSync = new("argocd.sync", ActionEffect.Write, true, "application to an earlier revision", "the revision before", ["application", "revision"]);
    public static readonly ActionKind AlertSilence = new("alert.silence", ActionEffect.Write, true, "time-limited silence", "expire it", ["matchers", "minutes"]);
    public static readonly ActionKind Delete = new("k8s.delete", ActionEffect.Write, false, "deletes an object: always prohibited", null, []);

    public static readonly ActionKind PolicyActivate = new("copilot.policy.activate", ActionEffect.Configure, true, "another policy, or another version of it, decides from now on", "activate the policy before", ["digest", "replaces"]);
    public static readonly ActionKind ToolAdd = new("copilot.tool.add", ActionEffect.Configure, true, "a tool that the copilot may call", "take it away", ["tool", "schema_digest"]);
    public static readonly ActionKind SourceAdd = new("copilot.source.add", ActionEffect.Configure, true, "a source that the copilot may read", "take it away", ["source", "address"]);
    public static readonly ActionKind PermissionWiden = new("copilot.permission.widen", ActionEffect.Configure, true, "somebody, or the copilot, may do more than before", "take it back", ["principal", "permission"]);

    /// <summary>The kinds that may be proposed, in the order of the documentation.</summary>
    public static IReadOnlyList<ActionKind> All { get; } =
        [TelemetryRead, RolloutUndo, RolloutRestart, Scale, ObjectRevert, NodeUncordon, ChaosPause, FeatureFlagSet, ArgoCdSync, AlertSilence, Delete, PolicyActivate, ToolAdd, SourceAdd, PermissionWiden];

    /// <summary>The effect as policies write it.</summary>
    public string EffectName => Effect.ToString().ToLowerInvariant();

    /// <summary>The kind by its wire name; null when there is none.</summary>
    public static ActionKind? Find(string name) => All.FirstOrDefault(k => k.Name == name);
}
