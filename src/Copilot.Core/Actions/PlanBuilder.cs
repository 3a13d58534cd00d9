using Copilot.Core.Diagnoses;
using Copilot.Core.Evidence;
using Copilot.Core.Receipts;

namespace Copilot.Core.Actions;

/// <summary>What came of looking for a remedy for one cause.</summary>
/// <param name="Cause">The contributing factor.</param>
/// <param name="Runbook">The runbook of its mechanism; null when there is none.</param>
public abstract record Proposal(ContributingFactor Cause, Runbook? Runbook)
{
    public sealed record Planned(ContributingFactor Cause, Runbook Book, Plan Plan) : Proposal(Cause, Book);

    /// <param name="Because">Why nothing is proposed, in a sentence without its full stop.</param>
    public sealed record Nothing(ContributingFactor Cause, Runbook? Book, string Because) : Proposal(Cause, Book);
}

/// <summary>For whom and from what plans are made.</summary>
/// <param name="Incident">The incident's id.</param>
/// <param name="Cluster">As configured; empty when unknown.</param>
/// <param name="Opened">The records that were opened in this investigation with their digests and the receipts that say so.</param>
public sealed record PlanContext(string Incident, string Cluster, ReceiptActor Requester, ReceiptActor? OnBehalfOf, IReadOnlyDictionary<RecordAddress, OpenedRecord> Opened);

/// <summary>
/// Matches the causes of a diagnosis with runbooks and fills the first action kind that fits into a plan. Where the diagnosis abstains there is no cause,
/// and so nothing is proposed.
/// </summary>
public static class PlanBuilder
{
    private const int MostProbes = 6;

    public static IReadOnlyList<Proposal> Propose(Diagnosis diagnosis, IReadOnlyList<AffectedObject> causes, RunbookSet runbooks, PlanContext context) =>
        [.. diagnosis.ContributingFactors.Select(f => Propose(diagnosis, f, causes.FirstOrDefault(c => c.Factor == f.Name), runbooks.For(f.Mechanism), context))];

    private static Proposal Propose(Diagnosis diagnosis, ContributingFactor factor, AffectedObject? cause, Runbook? runbook, PlanContext context)
    {
        if (runbook is null) return new Proposal.Nothing(factor, null, $"no runbook serves {factor.Mechanism}");
        if (cause is null) return new Proposal.Nothing(factor, runbook, "nothing is known of the object");
        if (runbook.Actions.Count == 0) return new Proposal.Nothing(factor, runbook, "its runbook knows no reversible step");
        var builder = new StepBuilder(context.Incident, context.Cluster, a => context.Opened.TryGetValue(a, out var record) ? record.Digest : null);
        var refused = new List<string>();
        foreach (var kind in runbook.Actions)
        {
            // Why the kind itself does not fit says more than which precondition is unmet.
            var built = builder.Build(kind, cause);
            if (built is BuiltStep.Fits && runbook.PreconditionsOf(kind).Select(p => Preconditions.Unmet(p, cause)).FirstOrDefault(u => u is not null) is { } unmet) built = new BuiltStep.DoesNotFit(unmet);
            switch (built)
            {
                case BuiltStep.Fits fits:
                    // Who takes the setting in at start only would go on with the bad one.
                    BuiltStep.Fits[] restarts = kind == ActionKind.ObjectRevert || kind == ActionKind.FeatureFlagSet ? [.. cause.RestartedWith.Where(w => StepBuilder.IsWorkload(w.Entity)).Select(w => builder.Restart(w.Entity, w.Uid))] : [];
                    return new Proposal.Planned(factor, runbook, PlanOf(diagnosis, factor, cause, runbook, [fits, .. restarts], context));
                case BuiltStep.DoesNotFit no:
                    refused.Add($"{kind.Name}: {no.Because}");
                    break;
            }
        }
        return new Proposal.Nothing(factor, runbook, string.Join("; ", refused.Distinct()));
    }

    private static Plan PlanOf(Diagnosis diagnosis, ContributingFactor factor, AffectedObject cause, Runbook runbook, IReadOnlyList<BuiltStep.Fits> steps, PlanContext context)
    {
        var touched = cause.Touched.Concat(cause.RestartedWith).DistinctBy(t => t.Entity).ToList();
        int? replicas = touched.TrueForAll(t => t.Replicas is not null) ? touched.Sum(t => t.Replicas!.Value) : null;
        var evidence = factor.Evidence.Select(e => RecordAddress.TryParse(e.Address, out var address) && context.Opened.TryGetValue(address, out var record) ? record.Receipt : null).OfType<string>().Distinct().ToList();
        return new(
            context.Incident, context.Requester, context.OnBehalfOf, runbook.Name, factor.Name, [.. steps.Select(s => s.Step)],
            // The way back goes backwards.
            [.. steps.Reverse().Select(s => s.Back).OfType<RollbackStep>()],
            [.. runbook.Verification.SelectMany(v => Probes(v, diagnosis, cause, touched, runbook.Soak)).Take(MostProbes)], evidence,
            new(runbook.Risk.ToString().ToLowerInvariant(), touched.Count, replicas, steps.All(s => s.Step.Kind.Reversible)));
    }

    private static IEnumerable<VerifyProbe> Probes(RunbookVerification verification, Diagnosis diagnosis, AffectedObject cause, IReadOnlyList<TouchedWorkload> touched, TimeSpan soak)
    {
        var word = verification.Name;
        return word switch
        {
            "workload-ready" => touched.Take(3).Select(t => new VerifyProbe(word, t.Entity.ToString(), "all wanted replicas are ready", soak)),
            "symptoms-gone" => diagnosis.Symptoms.Where(s => s.Kind != "alert").Take(3).Select(s => new VerifyProbe(word, s.Name, $"no longer so: {s.Says}", soak)),
            "alerts-resolved" => [new(word, cause.Entity.Namespace.Length > 0 ? cause.Entity.Namespace : cause.Entity.ToString(), "no alert of the incident fires", soak)],
            "object-as-before" when cause.Change is not null => [new(word, cause.Entity.ToString(), cause.Change.Before is { } before ? $"the named fields are as {before} records them" : "the named fields are as before", TimeSpan.Zero)],
            "node-schedulable" when cause.Entity.Kind == "Node" => [new(word, cause.Entity.ToString(), "spec.unschedulable is not set and the node is ready", soak)],
            "experiment-paused" when cause.ExperimentRuns == true => [new(word, cause.Entity.ToString(), "the pause annotation stands and no new injection is applied", soak)],
            _ => [],
        };
    }
}
