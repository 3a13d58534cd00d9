using Copilot.Core.Actions;
using Copilot.Core.Diagnoses;
using Copilot.Core.Evidence;
using Copilot.Core.Policy;

namespace Copilot.Engine.Investigations;

/// <summary>Puts what is proposed, how it was decided and whom to call into the diagnosis, in words.</summary>
internal static class Proposals
{
    public static Diagnosis Attach(Diagnosis diagnosis, IReadOnlyList<Proposal> proposals, IReadOnlyList<DecidedPlan> plans, string escalateTo) => diagnosis with
    {
        ProposedActions = [.. plans.Select(Describe)],
        NotProposed = [.. proposals.OfType<Proposal.Nothing>().Select(n => new NotProposed(n.Cause.Name, n.Runbook?.Name, PlainText.Clean(n.Because)))],
        EscalateTo = escalateTo,
    };

    private static ProposedAction Describe(DecidedPlan decided)
    {
        var plan = decided.Plan;
        return new(
            plan.Cause, plan.Runbook, plan.Digest, decided.Strictest.EffectName, Requires(decided), [.. plan.Steps.Zip(decided.Decisions, Describe)],
            [.. plan.Rollback.Select(r => PlainText.Clean(Back(plan, r)))], [.. plan.Verify.Select(v => PlainText.Clean(v.Soak > TimeSpan.Zero ? $"{v.Subject}: {v.Expect}, for {PolicyWords.Time(v.Soak)}" : $"{v.Subject}: {v.Expect}"))],
            new(plan.Risk.Level, plan.Risk.Services, plan.Risk.Replicas, plan.Risk.Reversible));
    }

    private static ProposedStep Describe(PlanStep step, PolicyDecision decision) => new(
        step.Kind.Name, step.Target.ToString(), step.Params.ToDictionary(p => p.Key, p => PlainText.Clean(p.Value)), step.ExpectedEffect, decision.EffectName,
        [.. decision.Matched.Select(m => $"{m.Id} ({m.File}:{m.Line}{(m.Truth == Truth.Unknown ? ", as something is unknown" : "")})")],
        [.. decision.Matched.Count == 0 ? [decision.Reason] : Array.Empty<string>(), .. decision.NearMisses.Select(n => $"near miss: {n}"), .. decision.Join, .. decision.WouldChange.Select(w => $"would change it: {w}")]);

    private static string Back(Plan plan, RollbackStep back) => plan.Steps.FirstOrDefault(s => s.IdempotencyKey == back.Reverses) is { } step ? $"{step.Target}: {back.Does}" : back.Does;

    /// <summary>What must happen before any of the plan may be carried out: for each role the most that a step asks for, and the shortest times.</summary>
    private static string Requires(DecidedPlan decided)
    {
        if (decided.Strictest.Effect == PolicyEffect.Prohibit) return decided.Strictest.Outcome.Absolute ? "nothing gets past it" : "";
        var people = decided.Decisions.SelectMany(d => d.Outcome.Requirements).GroupBy(r => r.Role, StringComparer.Ordinal).OrderBy(g => g.Key, StringComparer.Ordinal).Select(g => $"{g.Max(r => r.Count)} of {g.Key}").ToList();
        var breakGlass = decided.Decisions.Any(d => d.Outcome.BreakGlassOnly);
        if (people.Count == 0) return breakGlass ? "by break-glass only" : "";
        var decide = decided.Decisions.Min(d => d.Outcome.DecideWithin);
        var execute = decided.Decisions.Min(d => d.Outcome.ExecuteWithin);
        return $"by {string.Join(" and ", people)}{(decide is { } by ? $" within {PolicyWords.Time(by)}" : "")}{(execute is { } within ? $", then carried out within {PolicyWords.Time(within)}" : "")}"
            + (breakGlass ? ", by break-glass only" : "");
    }
}
