using System.Text.Json.Nodes;
using Copilot.Core.Actions;
using Copilot.Core.Diagnoses;
using Copilot.Core.Evidence;
using Copilot.Core.Policy;
using Copilot.Core.Receipts;
using Copilot.Core.Signals;
using Copilot.Engine.Snapshots;

namespace Copilot.Engine.Investigations;

/// <summary>A plan with what policy decided on each of its steps.</summary>
public sealed record DecidedPlan(Proposal.Planned Proposal, IReadOnlyList<PolicyDecision> Decisions)
{
    public Plan Plan => Proposal.Plan;

    /// <summary>A plan is as free as its strictest step.</summary>
    public PolicyDecision Strictest => Decisions.MaxBy(d => (d.Effect, d.Outcome.Absolute))!;
}

/// <summary>Has every step of every plan decided by policy, on facts from evidence and settings, and records plan and decision.</summary>
internal static class PolicyGate
{
    public static IReadOnlyList<DecidedPlan> Decide(
        IReadOnlyList<Proposal> proposals, Snapshot snapshot, SignalSet signals, InvestigationRules rules, RecordedReads reads, ReceiptRef claim)
    {
        var planned = proposals.OfType<Proposal.Planned>().ToList();
        if (planned.Count == 0) return [];
        var plans = reads.Append([.. planned.Select(p => PlanReceipt(reads, p.Plan, claim))]);
        var decided = planned.ConvertAll(p => new DecidedPlan(p, [.. p.Plan.Steps.Select(s => PolicyEvaluation.Decide(rules.Policy, FactsOf(s, p, snapshot, signals, rules)))]));
        reads.Append([.. decided.SelectMany((d, i) => d.Decisions.Select((decision, step) => DecisionReceipt(reads, d.Plan, step, decision, plans[i], rules)))]);
        return decided;
    }

    private static PolicyFacts FactsOf(PlanStep step, Proposal.Planned proposal, Snapshot snapshot, SignalSet signals, InvestigationRules rules)
    {
        var age = rules.Now - signals.Window.To;
        return new()
        {
            Kind = step.Kind,
            Environment = rules.Environment,
            Severity = rules.Severity,
            Cluster = rules.Cluster.Length > 0 ? rules.Cluster : null,
            // Of an object that was not recorded no label is known.
            Target = new(step.Target.Namespace, step.Target.Kind, step.Target.Name, signals.Cluster.HeaderOf(new(step.Target.Namespace, step.Target.Kind, step.Target.Name))?.Labels),
            BlastRadius = new(proposal.Plan.Risk.Services, proposal.Plan.Risk.Replicas),
            Evidence = new((decimal)proposal.Cause.Confidence, Sources(proposal.Cause, snapshot), signals.Window == default ? null : (int)Math.Clamp(Math.Floor(age.TotalSeconds), -1, int.MaxValue)),
            Requester = ActorKind.Agent,
            Now = rules.Now,
        };
    }

    /// <summary>How many kinds of sources bear the factor out.</summary>
    private static int Sources(ContributingFactor factor, Snapshot snapshot)
    {
        var sources = snapshot.Files.ToDictionary(f => f.Path, f => f.Source);
        return factor.Evidence.Select(e => RecordAddress.TryParse(e.Address, out var address) && sources.TryGetValue(address.File, out var source) ? source : (EvidenceSource?)null).OfType<EvidenceSource>().Distinct().Count();
    }

    private static ReceiptDraft PlanReceipt(RecordedReads reads, Plan plan, ReceiptRef claim) => reads.Draft(ReceiptType.PlanProposed, plan.Cause, new JsonObject
    {
        ["plan"] = plan.Digest,
        ["runbook"] = plan.Runbook,
        ["steps"] = new JsonArray([.. plan.Steps.Select(s => (JsonNode)new JsonObject { ["kind"] = s.Kind.Name, ["target"] = s.Target.ToString(), ["reversible"] = s.Kind.Reversible })]),
    }, [new("claim", claim.Id, claim.Leaf)]);

    private static ReceiptDraft DecisionReceipt(RecordedReads reads, Plan plan, int step, PolicyDecision decision, ReceiptRef proposed, InvestigationRules rules)
    {
        var body = new JsonObject { ["plan"] = plan.Digest, ["step"] = step, ["effect"] = decision.EffectName };
        return ReadGate.Record(reads.Draft(ReceiptType.PolicyDecided, plan.Steps[step].Target.ToString(), body, [new("plan", proposed.Id, proposed.Leaf)]), decision, rules);
    }
}
