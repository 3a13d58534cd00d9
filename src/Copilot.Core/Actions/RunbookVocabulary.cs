namespace Copilot.Core.Actions;

/// <summary>Something that must hold before a step of a runbook is proposed. Whether it does is decided by code.</summary>
/// <param name="Concerns">The kinds of action it stands before; a step of another kind does not ask for it.</param>
public sealed record RunbookPrecondition(string Name, string Meaning, IReadOnlyList<ActionKind> Concerns)
{
    public static readonly RunbookPrecondition ChangeRecorded = new("change-recorded", "the cause is a recorded modification of the target", [ActionKind.RolloutUndo, ActionKind.ObjectRevert, ActionKind.FeatureFlagSet, ActionKind.ArgoCdSync, ActionKind.Scale]);
    public static readonly RunbookPrecondition EarlierStateRecorded = new("earlier-state-recorded", "the object as it was before the change is in the snapshot", [ActionKind.RolloutUndo, ActionKind.ObjectRevert]);
    public static readonly RunbookPrecondition NotCreated = new("not-created", "the object existed before the incident", [ActionKind.RolloutUndo, ActionKind.ObjectRevert, ActionKind.FeatureFlagSet, ActionKind.ArgoCdSync]);
    public static readonly RunbookPrecondition TargetIsWorkload = new("target-is-workload", "the target is a Deployment, StatefulSet or DaemonSet", [ActionKind.RolloutUndo, ActionKind.RolloutRestart, ActionKind.Scale]);
    public static readonly RunbookPrecondition TargetIsRevertible = new("target-is-revertible", "the target is a ConfigMap, Service, NetworkPolicy, HorizontalPodAutoscaler, ResourceQuota or a workload", [ActionKind.ObjectRevert]);
    public static readonly RunbookPrecondition EarlierReplicasKnown = new("earlier-replicas-known", "the number of replicas before the change is recorded and above zero", [ActionKind.Scale]);
    public static readonly RunbookPrecondition NodeCordoned = new("node-cordoned", "the target is a node that is cordoned and otherwise healthy", [ActionKind.NodeUncordon]);
    public static readonly RunbookPrecondition ChaosRunning = new("chaos-running", "the target is a chaos experiment or schedule that was applied and has not ended", [ActionKind.ChaosPause]);
    public static readonly RunbookPrecondition FlagVariantKnown = new("flag-variant-known", "the flag and the variant it had before the change are recorded", [ActionKind.FeatureFlagSet]);
    public static readonly RunbookPrecondition NotADatastore = new("not-a-datastore", "the target keeps no data: it is no StatefulSet with claims and no known datastore", [ActionKind.RolloutUndo, ActionKind.RolloutRestart, ActionKind.Scale, ActionKind.ObjectRevert]);

    public static IReadOnlyList<RunbookPrecondition> All { get; } =
        [ChangeRecorded, EarlierStateRecorded, NotCreated, TargetIsWorkload, TargetIsRevertible, EarlierReplicasKnown, NodeCordoned, ChaosRunning, FlagVariantKnown, NotADatastore];
}

/// <summary>Something to look at after a step, to see whether it helped.</summary>
public sealed record RunbookVerification(string Name, string Meaning)
{
    public static readonly RunbookVerification WorkloadReady = new("workload-ready", "the workload has as many ready and updated replicas as it wants");
    public static readonly RunbookVerification SymptomsGone = new("symptoms-gone", "what began the incident (errors, latency, unready pods) is back where it was before the onset");
    public static readonly RunbookVerification AlertsResolved = new("alerts-resolved", "the alerts of the incident no longer fire");
    public static readonly RunbookVerification ObjectAsBefore = new("object-as-before", "the fields that the step touches equal those of the earlier state, and nobody has changed them again");
    public static readonly RunbookVerification NodeSchedulable = new("node-schedulable", "the node is ready and takes pods; holds by itself where the step touches no node");
    public static readonly RunbookVerification ExperimentPaused = new("experiment-paused", "the experiment is paused and its targets are recovered");

    public static IReadOnlyList<RunbookVerification> All { get; } = [WorkloadReady, SymptomsGone, AlertsResolved, ObjectAsBefore, NodeSchedulable, ExperimentPaused];
}

/// <summary>The closed word lists of runbooks.</summary>
public static class RunbookVocabulary
{
    /// <summary>The headings that the body of a runbook must have.</summary>
    public static IReadOnlyList<string> Sections { get; } = ["What it looks like", "Check first", "Do", "If it gets worse", "Afterwards"];

    public static RunbookPrecondition? Precondition(string name) => RunbookPrecondition.All.FirstOrDefault(p => p.Name == name);

    public static RunbookVerification? Verification(string name) => RunbookVerification.All.FirstOrDefault(v => v.Name == name);
}
