using System.Text.Json.Nodes;
using Copilot.Core.Actions;
using Copilot.Core.Evidence;
using Copilot.Core.Policy;
using Copilot.Core.Receipts;

namespace Copilot.Engine.Investigations;

/// <summary>Has policy decide which sources an investigation may read. Nobody is asked on the way: what is not allowed by itself is not read, and the diagnosis says so.</summary>
public sealed class ReadGate(InvestigationRules rules)
{
    // What is closed by the policy that decides, another one may know by the same name and mean other times.
    private static readonly Dictionary<string, bool> NoCalendars = [];

    /// <summary>A draft with what policy decided, on which facts, and the policy itself, so that it can be decided again; and what a policy that is tried out would have decided.</summary>
    public static ReceiptDraft Record(ReceiptDraft draft, PolicyDecision decision, InvestigationRules rules)
    {
        var facts = new JsonObject();
        foreach (var (name, value) in decision.Facts.ToMap()) facts[name] = value;
        draft.Body["facts"] = facts;
        if (rules.Shadow is { } shadow) draft.Body["shadow"] = new JsonObject { ["digest"] = shadow.Digest, ["effect"] = PolicyEvaluation.Decide(shadow, decision.Facts with { Calendars = NoCalendars }).EffectName };
        return draft with
        {
            Policy = new(decision.Policy.Digest, decision.EffectName, [.. decision.Matched.Select(m => m.Id)]),
            Committed = rules.Policy.Text.Length == 0 ? draft.Committed : [.. draft.Committed, new("/body/policy", rules.Policy.Text)],
        };
    }

    /// <inheritdoc cref="Record(ReceiptDraft, PolicyDecision, InvestigationRules)"/>
    public ReceiptDraft Record(ReceiptDraft draft, PolicyDecision decision) => Record(draft, decision, rules);

    /// <param name="bytes">What reading the source goes through.</param>
    /// <param name="ns">The namespace that is read; null when it is not known beforehand.</param>
    public PolicyDecision Decide(EvidenceSource source, long bytes, string? ns = null) => PolicyEvaluation.Decide(rules.Policy, new()
    {
        Kind = ActionKind.TelemetryRead,
        Environment = rules.Environment,
        Severity = rules.Severity,
        Cluster = rules.Cluster.Length > 0 ? rules.Cluster : null,
        Requester = ActorKind.Agent,
        Target = new(ns),
        // Which namespaces and how many records a recording holds is not known before it is read.
        Read = new(PolicyRead.NameOf(source), Mebibytes: (int)Math.Min(int.MaxValue, (bytes + (1 << 20) - 1) >> 20)),
        Now = rules.Now,
    });

    /// <summary>What the diagnosis says of a source that was not read.</summary>
    public static EvidenceGap Closed(EvidenceSource source, PolicyDecision decision) => new(
        source, GapKind.LeftOut, PolicyRead.NameOf(source), 1, $"the policy {decision.Policy.Name} does not let it be read ({decision.Reason})",
        $"If it should be, open it in {decision.Policy.File}; \"copilot policy explain\" shows what is missing.");
}
