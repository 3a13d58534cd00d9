using System.Text.Json;
using System.Text.Json.Nodes;
using Copilot.Configuration;
using Copilot.Core.Actions;
using Copilot.Core.Approvals;
using Copilot.Core.Diagnoses;
using Copilot.Core.Evidence;
using Copilot.Core.Incidents;
using Copilot.Core.Policy;
using Copilot.Core.Receipts;
using Copilot.Engine.Investigations;
using Copilot.Sources.Kubernetes;
using Copilot.Storage;
using Microsoft.EntityFrameworkCore;

namespace Copilot.UseCases;

/// <summary>
/// Makes what people are asked out of a plan that an investigation proposed: has policy decide it as of now, looks at the world that it rests on, and writes the text that everybody is
/// shown. Nothing is asked about a world that nobody could look at.
/// </summary>
internal sealed class ApprovalAsker(CopilotStore store, IncidentBook incidents, RulesSource rules, PolicyBook policies, PeopleSource people, ApprovalWorld world, ExecutorBook executors, ApprovalOptions options, Recording recording)
{
    /// <param name="number">Which of the plans, from 1; null where there is one.</param>
    /// <param name="by">Who asks.</param>
    /// <returns>What is asked, and the cause that the plan takes away.</returns>
    public async Task<(ApprovalAsk Ask, string Cause)> Compose(string named, int? number, ReceiptActor by, CancellationToken cancellation)
    {
        var incident = incidents.RequireOpen(named);
        if (incidents.Details(incident.Id).Investigations is not [.., var last]) throw new BadInputException($"No investigation of incident {incident.Id} was finished, so nothing is proposed.");
        var (plan, facts) = Proposed(incident, last, number);
        var rulebook = rules.Load(new(incident.Id, Stated(incident.Severity), Stated(incident.Environment)));
        var reads = recording.Begin(incident.Id, by: by);
        var decisions = facts.ConvertAll(f => PolicyEvaluation.Decide(rulebook.Policy, AsOf(f, rulebook.Now)));
        reads.Append([.. decisions.Select((d, step) => ReadGate.Record(
            reads.Draft(ReceiptType.PolicyDecided, plan.Steps[step].Target.ToString(), new() { ["plan"] = plan.Digest, ["step"] = step, ["effect"] = d.EffectName }, []), d, rulebook))]);
        var outcome = PolicyOutcome.Join([.. decisions.Select(d => d.Outcome)]);

        var (seen, recorded) = await world.Read(incident, plan, reads, rulebook, cancellation);
        if (seen is not WorldReading.Seen { State: var state }) throw new BadInputException($"The world that the plan rests on could not be looked at: {((WorldReading.NotSeen)seen).Why} Nobody is asked about what may have changed.");
        if (state.Unmet is [var unmet, ..]) throw new BadInputException($"The plan no longer fits: {unmet}. Investigate the incident again for one that does.");

        var directory = people.Load();
        var commands = StepCommands.Of(plan, recorded, world.Context);
        var (executor, tried) = await Try(plan, commands, reads, rulebook, cancellation);
        string[] applied = [.. decisions.SelectMany(d => d.Matched).Select(m => $"{m.Id} ({m.File} line {m.Line})").Distinct()];
        var factor = DiagnosisJson.Read(last.Diagnosis).ContributingFactors.FirstOrDefault(f => f.Name == plan.Cause);
        var text = Presentation.Text(plan, commands, state.Lines, outcome, applied, incident.Name, factor?.Reasoning ?? "",
            $"cluster {(rulebook.Cluster.Length > 0 ? rulebook.Cluster : "not named")}, environment {rulebook.Environment ?? "unknown"}, severity {rulebook.Severity ?? "unknown"}", tried);
        return (new ApprovalAsk(
            incident.Id, plan.Requester, by,
            [.. new[] { plan.Requester, plan.OnBehalfOf, by }.Select(a => ApprovalPeople.PersonOf(directory, a)).OfType<string>().Distinct()],
            plan.ToJson(), plan.Digest, state.ToJson(), state.Digest, commands, text, Presentation.DigestOf(text, plan.Digest),
            rulebook.Policy.Digest, [.. decisions.SelectMany(d => d.Matched).Select(m => m.Id).Distinct()], facts.ConvertAll(f => f.ToMap()), directory.Digest,
            outcome.EffectName, outcome.Absolute, outcome.Requirements, (long)(outcome.DecideWithin ?? PolicyRequirements.UsualDecideWithin).TotalSeconds,
            (long)(outcome.ExecuteWithin ?? PolicyRequirements.UsualExecuteWithin).TotalSeconds, outcome.BreakGlassOnly,
            rulebook.Environment is { } environment && options.LowAssuranceIn.Contains(environment), rulebook.Severity, rulebook.Environment, executor), plan.Cause);
    }

    /// <summary>Has an executor try the steps without effect, where there is one. People agree to that it carries them out, and are shown what it found.</summary>
    /// <returns>The executor, null where a person carries it out; and lines for people.</returns>
    private async Task<(string? Executor, IReadOnlyList<string> Lines)> Try(Plan plan, IReadOnlyList<HandoffCommand> commands, RecordedReads reads, InvestigationRules rulebook, CancellationToken cancellation)
    {
        if (!StepPatch.CanBeSent(plan, commands) || executors.There() is not { } executor) return (null, ["Executor   none: a person carries it out"]);
        var answer = await ApprovalWorld.Try(executor, plan, commands, executors, reads, rulebook, cancellation);
        if (answer is null) return (null, [$"Executor   {executor} did not answer, so a person carries it out"]);
        if (answer.FindIndex(s => s.Outcome != StepReport.Applied) is var refused and >= 0) throw new BadInputException($"The cluster would not take step {refused + 1} as it is: {answer[refused].Says} Nobody is asked about what cannot be done. Investigate the incident again.");
        return (executor, [$"Executor   {executor} carries it out, once, as soon as it is approved, and takes it back when the probes fail", .. answer.SelectMany((s, i) => s.Says.Split('\n').Select(l => $"Dry run {i + 1}  {l}"))]);
    }

    /// <summary>What the policy of this moment says to what was asked; null when it cannot be read.</summary>
    public PolicyNow? PolicyNow(ApprovalAsk ask, DateTimeOffset now)
    {
        try
        {
            var policy = policies.Current();
            return new(policy.Digest, PolicyOutcome.Join([.. ask.Facts.Select(f => PolicyEvaluation.Outcome(policy, AsOf(PolicyFacts.FromMap(f), now)))]));
        }
        catch (Exception e) when (e is Engine.Yaml.FileFaultException or FormatException)
        {
            return null;
        }
    }

    /// <summary>The same facts at another time: a freeze may have begun, and evidence is as old as it was when it was weighed.</summary>
    private static PolicyFacts AsOf(PolicyFacts facts, DateTimeOffset now) => facts with { Now = now, Calendars = new Dictionary<string, bool>() };

    private (Plan Plan, List<PolicyFacts> Facts) Proposed(Incident incident, FinishedInvestigation last, int? number)
    {
        var plans = store.Read(db => db.Investigations.Where(i => i.Run == last.Run).Select(i => i.Plans).Single()) is var text ? JsonNode.Parse(text)!.AsArray().Select(p => PlanReader.Read(p!.AsObject())).ToList() : [];
        if (plans.Count == 0) throw new BadInputException($"The last investigation of incident {incident.Id} proposes nothing. \"copilot incidents show {incident.Id}\" says why.");
        if (number is null && plans.Count > 1) throw new BadInputException($"{plans.Count} plans are proposed. Say which one with --plan: {string.Join(", ", plans.Select((p, i) => $"{i + 1} for {PlainText.Clean(p.Cause)}"))}.");
        if (number is < 1 || number > plans.Count) throw new BadInputException($"There is no plan {number}: {plans.Count} {(plans.Count == 1 ? "is" : "are")} proposed, counted from 1.");
        var plan = plans[(number ?? 1) - 1];
        var decided = ReceiptTypes.Name(ReceiptType.PolicyDecided);
        var facts = store.Read(db => db.Receipts.AsNoTracking().Where(r => r.Stream == incident.Id && r.Seq >= last.FirstSeq && r.Seq <= last.LastSeq && r.Type == decided).OrderBy(r => r.Seq).Select(r => r.Bytes).ToList())
            .Select(bytes => FactsOf(bytes, plan.Digest)).OfType<PolicyFacts>().ToList();
        return facts.Count == plan.Steps.Count ? (plan, facts) : throw new BadInputException($"What policy decided on the plan is not in the receipts of run {last.Run}. Investigate the incident again.");
    }

    private static PolicyFacts? FactsOf(byte[] receipt, string plan)
    {
        using var json = JsonDocument.Parse(receipt);
        var body = json.RootElement.GetProperty("body");
        return body.GetProperty("plan").GetString() == plan ? PolicyFacts.FromMap(body.GetProperty("facts").EnumerateObject().ToDictionary(f => f.Name, f => f.Value.GetString()!, StringComparer.Ordinal)) : null;
    }

    private static string? Stated(string word) => word == IncidentBook.Unknown ? null : word;
}
