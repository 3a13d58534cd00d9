using Copilot.Core.Actions;
using Copilot.Core.Diagnoses;
using Copilot.Core.Evidence;
using Copilot.Core.Incidents;

namespace Copilot.Core.Summaries;

/// <summary>Drafts a change request for each proposed action of a checked diagnosis.</summary>
public static class ChangeRequestComposer
{
    private const int MostSuffering = 3;

    public static ChangeRequests Compose(Diagnosis diagnosis, Incident incident) => new(
        ChangeRequests.SchemaId, diagnosis.Incident, incident.Id, diagnosis.Status, [.. diagnosis.ProposedActions.Select(a => Request(diagnosis, a, incident))], diagnosis.NotProposed,
        diagnosis.ProposedActions.Count > 0 ? "" : Reason(diagnosis), diagnosis.Receipts);

    private static ChangeRequest Request(Diagnosis diagnosis, ProposedAction action, Incident incident)
    {
        // A plan is made of a factor of the same diagnosis.
        var factor = diagnosis.ContributingFactors.First(f => f.Name == action.Cause);
        var first = action.Steps[0];
        return new(
            $"{Does(first)} {first.Target}", action.Cause, factor.Mechanism, factor.Confidence, factor.Reasoning, factor.Evidence, [.. diagnosis.Symptoms.Take(MostSuffering)], diagnosis.Onset?.At,
            [.. action.Steps.Select(s => new ChangeStep(s, Does(s), ByHand(s)))], action.Risk, action.Rollback, action.Verify, action.Decision, action.Requires,
            diagnosis.EscalateTo.Length > 0 ? diagnosis.EscalateTo : Owners.Unknown, incident.Severity, incident.Environment, factor.WouldRefute, action.Runbook, action.Plan);
    }

    private static string Reason(Diagnosis diagnosis) => diagnosis.Status switch
    {
        DiagnosisStatus.NoIncident => "Nothing is wrong, so nothing is to be changed.",
        _ when diagnosis.ContributingFactors.Count == 0 => $"No cause is named, and nothing is changed on a guess. {diagnosis.Summary}",
        _ => "For none of the causes can a step be proposed that can be taken back.",
    };

    private static string Does(ProposedStep step) => step.Kind switch
    {
        "k8s.rollout.undo" => "Undo the rollout of",
        "k8s.rollout.restart" => "Restart",
        "k8s.scale" => "Scale",
        "k8s.object.revert" => "Put fields back in",
        "k8s.node.uncordon" => "Uncordon",
        "chaos.pause" => "Pause",
        "feature-flag.set" => "Set a feature flag back in",
        "argocd.sync" => "Sync to an earlier revision",
        _ => $"{ActionKind.Find(step.Kind)?.Does ?? step.Kind}:",
    };

    /// <summary>Only from names that a shell takes as they are: whoever copies a command must not run what an object's name says.</summary>
    private static string ByHand(ProposedStep step)
    {
        if (!EntityRef.TryParse(step.Target, out var entity) || ActionKind.Find(step.Kind) is not { } kind) return "";
        var target = new ActionTarget("", "", entity.Kind, entity.Namespace, entity.Name);
        // Which fields, the expected effect says.
        return (kind == ActionKind.ObjectRevert || kind == ActionKind.FeatureFlagSet ? StepCommands.Edit(target) : StepCommands.Simple(kind, target, step.Params)) ?? "";
    }
}
