using Copilot.Core.Actions;
using Copilot.Core.Approvals;
using Copilot.Core.Evidence;
using Copilot.Core.Policy;
using Copilot.Core.Policy.Regions;
using Copilot.Core.Receipts;
using Copilot.Engine.Investigations;
using Copilot.Engine.Yaml;
using Copilot.Storage.Policies;
using MediatR;

namespace Copilot.UseCases;

/// <summary>Asks people whether another policy, or another version of it, is to decide.</summary>
/// <param name="Policy">A file, or the digest of a version that is kept.</param>
internal sealed record ActivatePolicy(string Policy, string Reason) : IRequest<AskedApproval>
{
    /// <summary>Without the reason, which may hold anything.</summary>
    public override string ToString() => Policy;
}

internal sealed class ActivatePolicyCheck : IRequestCheck<ActivatePolicy>
{
    public string? Fault(ActivatePolicy request) =>
        string.IsNullOrWhiteSpace(request.Reason) || request.Reason.Length > Voting.LongestReason ? $"Say why in a sentence of at most {Voting.LongestReason} characters: whoever agrees reads it." : null;
}

/// <summary>
/// Has the policy in force decide, and shows what would become looser and what tighter. Nobody is asked for a policy that fails its tests, or that would let the next one in force with fewer
/// than two people, or never.
/// </summary>
internal sealed class ActivatePolicyHandler(PolicyBook policies, RulesSource rules, PeopleSource people, ApprovalBook book, Recording recording) : IRequestHandler<ActivatePolicy, AskedApproval>
{
    private const int MostChanges = 12;
    private const int MostRegions = 6;

    public Task<AskedApproval> Handle(ActivatePolicy request, CancellationToken cancellationToken)
    {
        var kept = request.Policy.StartsWith("sha256:", StringComparison.Ordinal);
        var candidate = kept ? policies.Find(request.Policy) : Load(request.Policy);
        var tests = kept ? "not run: the version is one that is kept here" : Tests(request.Policy);
        var rulebook = rules.Load(IncidentScope.Unknown);
        var inForce = rulebook.Policy;
        if (policies.InForce() is not null && inForce.Digest == candidate.Digest) throw new BadInputException($"{candidate.Name} version {candidate.Version} is in force already.");
        RefuseWeak(candidate);

        var by = Recording.Person;
        var plan = PolicyActivation.PlanOf(by, candidate, inForce.Digest);
        var (loosens, changes) = Compared(inForce, candidate);
        var decision = Decide(plan, candidate, loosens, by, rulebook);
        var outcome = decision.Outcome;
        if (outcome.Effect != PolicyEffect.Prohibit && !PolicyActivation.AsksEnough(outcome))
            throw new BadInputException($"The policy in force, {inForce.File}, asks fewer than {PolicyActivation.LeastPeople} people for {ActionKind.PolicyActivate.Name} ({outcome.Words}), and so many have to agree. Have it ask them.");

        var (world, directory) = (PolicyActivation.WorldOf(inForce.Digest), people.Load());
        string[] matched = [.. decision.Matched.Select(m => m.Id).Distinct()];
        var text = PolicyActivation.Text(plan, candidate, inForce, PlainText.Clean(request.Reason), changes, tests, outcome, [.. decision.Matched.Select(m => $"{m.Id} ({m.File} line {m.Line})").Distinct()]);
        var ask = new ApprovalAsk(
            null, by, null, ApprovalPeople.PersonOf(directory, by) is { } person ? [person] : [], plan.ToJson(), plan.Digest, world.ToJson(), world.Digest,
            PolicyActivation.Commands(inForce.Digest), text, Presentation.DigestOf(text, plan.Digest), inForce.Digest, matched, [decision.Facts.ToMap()], directory.Digest,
            outcome.EffectName, outcome.Absolute, outcome.Requirements, (long)(outcome.DecideWithin ?? PolicyRequirements.UsualDecideWithin).TotalSeconds,
            // In no environment is the user of the operating system known well enough to change what is asked of everybody.
            (long)(outcome.ExecuteWithin ?? PolicyRequirements.UsualExecuteWithin).TotalSeconds, outcome.BreakGlassOnly, LowAssurance: false, rulebook.Severity, rulebook.Environment);
        var (made, isNew) = book.Ask(ask, plan.Cause, db => PolicyBook.Keep(db, inForce, candidate));
        return Task.FromResult(new AskedApproval(made, isNew));
    }

    private static PolicyDocument Load(string file) =>
        Directory.Exists(file) ? throw new BadInputException($"{PlainText.Clean(file)} is a directory. Name the policy in it that is to decide.") : PolicyLoader.Load(file).Document;

    private static string Tests(string file)
    {
        var tested = TestPoliciesHandler.Test(file, named: true);
        if (tested.Faults.Count > 0) throw new FileFaultException(tested.Faults);
        if (tested.TestsFile is null) return "none stand beside it";
        if (tested.Result!.Failed > 0) throw new BadInputException($"{tested.Result.Failed} of {tested.Result.Passed + tested.Result.Failed} tests in {tested.TestsFile} fail. \"copilot policy test {PlainText.Clean(file)}\" shows them; nobody is asked for a policy that does not do what it should.");
        return $"all {tested.Result.Passed} in {tested.TestsFile} hold";
    }

    private static void RefuseWeak(PolicyDocument candidate)
    {
        try
        {
            if (PolicySuccession.Fault(candidate, PolicyActivation.AsksEnough) is { } fault) throw new BadInputException($"{candidate.File}: {fault}");
        }
        catch (PolicyTooLargeException e)
        {
            throw new BadInputException($"{candidate.File}: {e.Message}, so nobody can tell whether it could be replaced by less than {PolicyActivation.LeastPeople} people. Split the policy, or ask for fewer facts in it.");
        }
    }

    /// <summary>Whether something is looser, null when nobody can tell; and the differences in lines.</summary>
    private static (bool? Loosens, IReadOnlyList<string> Lines) Compared(PolicyDocument before, PolicyDocument after)
    {
        try
        {
            var differences = PolicyDifferences.Between(before, after);
            var groups = differences.Grouped(MostRegions);
            return (differences.IsLooser,
            [
                $"Differs    {differences.Words}",
                .. groups.Take(MostChanges).SelectMany(g => new[] { $"{(g.Change.Direction == ChangeDirection.Looser ? "Looser " : "Tighter")}    {g.Change.Before.Words}  ->  {g.Change.After.Words}" }
                    .Concat(g.Regions.Select(r => $"             {r.Words}")).Concat(g.More > 0 ? [$"             and {g.More} more regions"] : [])),
                .. groups.Count > MostChanges ? [$"           and {groups.Count - MostChanges} more changes, which copilot policy diff lists"] : Array.Empty<string>(),
            ]);
        }
        catch (PolicyTooLargeException e)
        {
            return (null, [$"Differs    nobody can tell: {e.Message}"]);
        }
    }

    private PolicyDecision Decide(Plan plan, PolicyDocument candidate, bool? loosens, ReceiptActor by, InvestigationRules rulebook)
    {
        var decision = PolicyEvaluation.Decide(rulebook.Policy, new()
        {
            Kind = ActionKind.PolicyActivate,
            Environment = rulebook.Environment,
            Cluster = rulebook.Cluster.Length > 0 ? rulebook.Cluster : null,
            Target = new(Kind: "Policy", Name: candidate.Name),
            Requester = by.Kind,
            Loosens = loosens,
            Now = rulebook.Now,
        });
        var reads = recording.Begin(PolicyActivation.Stream, by: by);
        reads.Append([ReadGate.Record(reads.Draft(ReceiptType.PolicyDecided, plan.Steps[0].Target.ToString(), new() { ["plan"] = plan.Digest, ["step"] = 0, ["effect"] = decision.EffectName }, []), decision, rulebook)]);
        return decision;
    }
}

/// <summary>Which policy decides, and which ones did.</summary>
internal sealed record ShowActivePolicy : IRequest<ActivePolicy>;

/// <param name="InForce">Null where the file of the settings decides, as nobody put a policy in force yet.</param>
/// <param name="OfSettings">Null when that file cannot be used.</param>
/// <param name="Fault">Why not.</param>
internal sealed record ActivePolicy(PolicyInForce? InForce, PolicyDocument? OfSettings, string? Fault, IReadOnlyList<ActivatedPolicy> Before);

internal sealed class ShowActivePolicyHandler(PolicyBook policies) : IRequestHandler<ShowActivePolicy, ActivePolicy>
{
    public Task<ActivePolicy> Handle(ShowActivePolicy request, CancellationToken cancellationToken)
    {
        var (inForce, activations) = (policies.InForce(), policies.Activations());
        try
        {
            return Task.FromResult(new ActivePolicy(inForce, policies.OfSettings(), null, [.. activations.Skip(1)]));
        }
        catch (FileFaultException e) when (inForce is not null)
        {
            return Task.FromResult(new ActivePolicy(inForce, null, e.Message, [.. activations.Skip(1)]));
        }
    }
}

/// <summary>The text of a version of a policy that is kept.</summary>
/// <param name="Digest">Null for the one that decides.</param>
internal sealed record ShowPolicyText(string? Digest) : IRequest<string>;

internal sealed class ShowPolicyTextHandler(PolicyBook policies) : IRequestHandler<ShowPolicyText, string>
{
    public Task<string> Handle(ShowPolicyText request, CancellationToken cancellationToken) => Task.FromResult((request.Digest is { } digest ? policies.Find(digest) : policies.Current()).Text);
}
