using System.Text.Json.Nodes;
using Copilot.Core.Actions;
using Copilot.Core.Approvals;
using Copilot.Core.Approvals.World;
using Copilot.Core.Evidence;
using Copilot.Core.Incidents;
using Copilot.Core.Policy;
using Copilot.Engine.Investigations;
using Copilot.Engine.Snapshots;
using Copilot.Sources.Kubernetes;

namespace Copilot.UseCases;

/// <summary>Looks at the cluster for a plan, as policy lets it and with a receipt before and after.</summary>
internal sealed class ApprovalWorld(ClusterWorld cluster, ClusterProbes probes, SnapshotSource snapshots)
{
    private const string NotConnected = "No cluster is connected. Set Copilot:Kubernetes:Kubeconfig to a kubeconfig that may read.";

    /// <summary>Which context of a kubeconfig names the cluster; empty for the current one.</summary>
    public string Context => cluster.Context;

    /// <summary>What the plan rests on in the world, and the recorded objects that it names, by their addresses.</summary>
    public async Task<(WorldReading Seen, Func<string, JsonNode?> Recorded)> Read(Incident incident, Plan plan, RecordedReads reads, InvestigationRules rules, CancellationToken cancellation)
    {
        if (!cluster.IsConnected) return (new WorldReading.NotSeen(NotConnected, []), _ => null);
        var recorded = Recorded(incident, plan, reads, cancellation);
        var (decision, gate) = Ask(plan, rules);
        if (decision.Effect != PolicyEffect.Allow) return (new WorldReading.NotSeen($"The policy {decision.Policy.Name} does not let it be read ({decision.Reason}).", []), recorded);
        var seen = await Task.Run(() => reads.Look("kubernetes.world", plan.Cause, d => gate.Record(d, decision), Asked(plan), () => cluster.Read(plan, recorded, cancellation).GetAwaiter().GetResult(), seen => seen switch
        {
            WorldReading.Seen found => ("ok", found.State.ToJson()),
            WorldReading.NotSeen none => ("unavailable", new JsonObject { ["why"] = none.Why }),
            _ => throw new System.Diagnostics.UnreachableException(),
        }), cancellation);
        return (seen, recorded);
    }

    /// <summary>The world now beside the one that was approved.</summary>
    /// <param name="compare"><see cref="WorldState.Differences"/>, or <see cref="WorldState.Unrestored"/> after the way back.</param>
    public async Task<WorldCheck> Check(ApprovalRequest request, Func<WorldState, WorldState, IReadOnlyList<string>> compare, Incident incident, RecordedReads reads, InvestigationRules rules, CancellationToken cancellation)
    {
        try
        {
            return (await Read(incident, PlanReader.Read(request.Ask.Plan), reads, rules, cancellation)).Seen switch
            {
                WorldReading.Seen { State: var now } => compare(WorldState.FromJson(request.Ask.World), now) is { Count: > 0 } differences ? new WorldCheck.Differs(differences) : new WorldCheck.Same(),
                WorldReading.NotSeen none => new WorldCheck.NotSeen(none.Why),
                _ => throw new System.Diagnostics.UnreachableException(),
            };
        }
        catch (BadInputException e)
        {
            // Without the evidence that the plan names nobody can tell.
            return new WorldCheck.NotSeen(e.Message);
        }
    }

    /// <summary>What the probes of the plan show now.</summary>
    public async Task<IReadOnlyList<ProbeReading>> Probe(Incident incident, Plan plan, RecordedReads reads, InvestigationRules rules, CancellationToken cancellation)
    {
        if (!cluster.IsConnected) return Unseen(NotConnected);
        Func<string, JsonNode?> recorded;
        try
        {
            recorded = Recorded(incident, plan, reads, cancellation);
        }
        catch (BadInputException e)
        {
            return Unseen(e.Message);
        }
        var (decision, gate) = Ask(plan, rules);
        if (decision.Effect != PolicyEffect.Allow) return Unseen($"The policy {decision.Policy.Name} does not let it be read ({decision.Reason}).");
        return await Task.Run(() => reads.Look("kubernetes.probes", plan.Cause, d => gate.Record(d, decision), Asked(plan), () => probes.Read(plan, recorded, cancellation).GetAwaiter().GetResult(), readings =>
            (readings.Any(r => r.Outcome == ProbeReading.NotObserved) ? "partial" : "ok", new JsonArray([.. readings.Select(r => (JsonNode)new JsonObject { ["check"] = r.Check, ["subject"] = r.Subject, ["outcome"] = r.Outcome, ["says"] = r.Says })]))), cancellation);

        IReadOnlyList<ProbeReading> Unseen(string why) => [.. plan.Verify.Select(v => new ProbeReading(v.Check, v.Subject, ProbeReading.NotObserved, why))];
    }

    private static readonly TimeSpan LongestTry = TimeSpan.FromSeconds(20);

    /// <summary>Has an executor try the steps without effect.</summary>
    /// <returns>Outcome and words for each step; null when it did not answer.</returns>
    public static async Task<List<(string Outcome, string Says)>?> Try(string executor, Plan plan, IReadOnlyList<HandoffCommand> commands, ExecutorBook executors, RecordedReads reads, InvestigationRules rules, CancellationToken cancellation)
    {
        var (decision, gate) = Ask(plan, rules);
        if (decision.Effect != PolicyEffect.Allow) return null;
        return await Task.Run(() => reads.Look("kubernetes.dry_run", $"executor:{executor}", d => gate.Record(d, decision), Asked(plan), () => Answer(executors, executors.Try(executor, plan, commands), plan, cancellation), answer =>
            answer is null ? ("unavailable", new JsonObject { ["why"] = "no answer" }) : ("ok", new JsonArray([.. answer.Select(s => (JsonNode)new JsonObject { ["outcome"] = s.Outcome, ["says"] = s.Says })]))), cancellation);
    }

    private static List<(string Outcome, string Says)>? Answer(ExecutorBook executors, string id, Plan plan, CancellationToken cancellation)
    {
        for (var until = DateTimeOffset.UtcNow + LongestTry; DateTimeOffset.UtcNow < until; cancellation.WaitHandle.WaitOne(100))
        {
            cancellation.ThrowIfCancellationRequested();
            if (executors.Answer(id) is not { } answer) continue;
            var steps = (answer["steps"] as JsonArray)?.OfType<JsonObject>().Select(s => (s["outcome"]?.ToString() ?? "", string.Join('\n', (s["says"]?.ToString() ?? "").Split('\n').Select(PlainText.Clean)))).ToList();
            return steps?.Count == plan.Steps.Count ? steps : null;
        }
        return null;
    }

    private static (PolicyDecision Decision, ReadGate Gate) Ask(Plan plan, InvestigationRules rules)
    {
        var gate = new ReadGate(rules);
        // Single objects are asked for; of several namespaces the one that is most closed decides.
        return (plan.Steps.Select(s => s.Target.Namespace).Distinct().Select(ns => gate.Decide(EvidenceSource.Objects, 1, ns)).MaxBy(d => (d.Effect, d.Outcome.Absolute))!, gate);
    }

    private static JsonArray Asked(Plan plan) => [.. plan.Steps.Select(s => (JsonNode)s.Target.ToString()).Distinct()];

    /// <summary>The objects that the plan names by their records; each is held to the digest that the plan states.</summary>
    private Func<string, JsonNode?> Recorded(Incident incident, Plan plan, RecordedReads reads, CancellationToken cancellation)
    {
        var maps = plan.Steps.Select(s => s.Params).Concat(plan.Rollback.Select(r => r.Params)).ToList();
        var digests = maps.Where(m => m.ContainsKey("to_record")).GroupBy(m => m["to_record"]).ToDictionary(g => g.Key, g => g.First()["to_digest"], StringComparer.Ordinal);
        var named = plan.Steps.SelectMany(s => s.Preconditions).Where(p => p.Comparator == "as-recorded").Select(p => p.Expected).Concat(digests.Keys).Distinct().Select(a => RecordAddress.TryParse(a, out var address) ? address : default(RecordAddress?)).OfType<RecordAddress>().ToList();
        if (named.Count == 0) return _ => null;
        if (!Path.Exists(incident.Source)) throw new BadInputException($"The evidence of incident {incident.Id} is no longer at {incident.Source}, and the plan names records in it. Put it back.");
        var snapshot = snapshots.Require(incident.Source, reads, cancellation);
        var found = reads.Records(snapshot, new RecordIndex(snapshot), named, cancellation);
        if (named.FirstOrDefault(a => !found.ContainsKey(a)) is { File.Length: > 0 } missing) throw new BadInputException($"The evidence at {incident.Source} has no record {missing} any more, and the plan rests on it. Investigate it again.");
        if (digests.FirstOrDefault(d => RecordAddress.TryParse(d.Key, out var address) && found[address].Digest != d.Value) is { Key: { } changed }) throw new BadInputException($"The record {changed} is another one than the plan was made from. Investigate the incident again.");
        return address => RecordAddress.TryParse(address, out var parsed) && found.TryGetValue(parsed, out var record) ? RecordedObjects.Of(snapshot, parsed, record.Bytes) : null;
    }
}
