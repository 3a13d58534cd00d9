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
        var tests = kept ? "not run: the version is one that is kept here" : Tests(request.Policy, candidate);
        var rulebook = rules.Load(IncidentScope.Unknown);
        var inForce = rulebook.Policy;
        if (policies.InForce() is not null && inForce.Digest == candidate.Digest) throw new BadInputException($"{candidate.Name} version {candidate.Version} is in force already.");
        RefuseWeak(candidate);

        var (by, directory) = (Recording.Person, people.Load());
        // Whoever is nobody here could agree to what they asked for themselves.
        if (ApprovalPeople.PersonOf(directory, by) is not { } person) throw new BadInputException($"The directory of people knows nobody by {by.Id}, and who asks for a policy does not agree to it as well. Link the account with \"copilot identity link PERSON {by.Id}\".");
        var plan = PolicyActivation.PlanOf(by, candidate, inForce.Digest);
        var (loosens, changes) = Compared(inForce, candidate);
        RefuseLockOut(candidate, Facts(candidate, null, by, rulebook), rulebook);
        var decision = PolicyEvaluation.Decide(inForce, Facts(candidate, loosens, by, rulebook));
        Record(plan, decision, by, rulebook);
        var outcome = decision.Outcome;
        if (outcome.BreakGlassOnly) throw new BadInputException($"The policy in force, {inForce.File}, opens it by break-glass only at this time, and break-glass is for steps in an incident. Ask when that is over.");
        if (outcome.Effect != PolicyEffect.Prohibit && !PolicyActivation.AsksEnough(outcome))
            throw new BadInputException($"The policy in force, {inForce.File}, asks fewer than {PolicyActivation.LeastPeople} people for {ActionKind.PolicyActivate.Name} ({outcome.Words}), and so many have to agree. Have it ask them.");

        var world = PolicyActivation.WorldOf(inForce.Digest);
        string[] matched = [.. decision.Matched.Select(m => m.Id).Distinct()];
        var text = PolicyActivation.Text(plan, candidate, inForce, Redaction.Apply(PlainText.Clean(request.Reason)), changes, tests, outcome, [.. decision.Matched.Select(m => $"{m.Id} ({m.File} line {m.Line})").Distinct()]);
        var ask = new ApprovalAsk(
            null, by, null, [person], plan.ToJson(), plan.Digest, world.ToJson(), world.Digest,
            PolicyActivation.Commands(inForce.Digest), text, Presentation.DigestOf(text, plan.Digest), inForce.Digest, matched, [decision.Facts.ToMap()], directory.Digest,
            outcome.EffectName, outcome.Absolute, outcome.Requirements, (long)(outcome.DecideWithin ?? PolicyRequirements.UsualDecideWithin).TotalSeconds,
            // In no environment is the user of the operating system known well enough to change what is asked of everybody.
            (long)(outcome.ExecuteWithin ?? PolicyRequirements.UsualExecuteWithin).TotalSeconds, outcome.BreakGlassOnly, LowAssurance: false, rulebook.Severity, rulebook.Environment);
        var (made, isNew) = book.Ask(ask, plan.Cause, db => PolicyBook.Keep(db, inForce, candidate));
        return Task.FromResult(new AskedApproval(made, isNew));
    }

    private static PolicyDocument Load(string file) =>
        Directory.Exists(file) ? throw new BadInputException($"{PlainText.Clean(file)} is a directory. Name the policy in it that is to decide.") : PolicyLoader.Load(file).Document;

    /// <summary>Of the very text that people are asked about, whatever becomes of the file.</summary>
    private static string Tests(string file, PolicyDocument candidate)
    {
        if (PolicyTestsFile.Of(file) is not { } tests) return "none stand beside it";
        var result = PolicyTesting.Run(candidate, PolicyTestsFile.Load(tests, candidate));
        return result.Failed == 0 ? $"all {result.Passed} in {tests} hold"
            : throw new BadInputException($"{result.Failed} of {result.Passed + result.Failed} tests in {tests} fail. \"copilot policy test {PlainText.Clean(file)}\" shows them; nobody is asked for a file that does not do what it should.");
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

    /// <summary>On what is known here, and not only somewhere among all facts there can be.</summary>
    private static void RefuseLockOut(PolicyDocument candidate, PolicyFacts here, InvestigationRules rulebook)
    {
        if (rulebook.Environment is { } environment && !candidate.Vocabulary.Environments.Contains(environment))
            throw new BadInputException($"{candidate.File} declares no environment {environment}, which the settings name. Declare it: with this policy in force nothing could be investigated.");
        if (PolicyEvaluation.Outcome(candidate, here) is { } next && (next.Effect == PolicyEffect.Prohibit || next.BreakGlassOnly))
            throw new BadInputException($"{candidate.File}: with it in force no other policy could take its place here (environment {rulebook.Environment ?? "unknown"}, cluster {(rulebook.Cluster.Length > 0 ? rulebook.Cluster : "not named")}): {next.Words}. Add a rule that asks two people for {ActionKind.PolicyActivate.Name} there.");
    }

    private static PolicyFacts Facts(PolicyDocument candidate, bool? loosens, ReceiptActor by, InvestigationRules rulebook) => new()
    {
        Kind = ActionKind.PolicyActivate,
        Environment = rulebook.Environment,
        Cluster = rulebook.Cluster.Length > 0 ? rulebook.Cluster : null,
        Target = new(Kind: "Policy", Name: candidate.Name),
        Requester = by.Kind,
        Loosens = loosens,
        Now = rulebook.Now,
    };

    private void Record(Plan plan, PolicyDecision decision, ReceiptActor by, InvestigationRules rulebook)
    {
        var reads = recording.Begin(PolicyActivation.Stream, by: by);
        reads.Append([ReadGate.Record(reads.Draft(ReceiptType.PolicyDecided, plan.Steps[0].Target.ToString(), new() { ["plan"] = plan.Digest, ["step"] = 0, ["effect"] = decision.EffectName }, []), decision, rulebook)]);
    }
}

/// <summary>Which policy decides, and which ones did.</summary>
internal sealed record ShowActivePolicy : IRequest<ActivePolicy>;

/// <param name="InForce">Null where the file of the settings decides, as nobody put a policy in force yet.</param>
/// <param name="OfSettings">Null when that file cannot be used.</param>
/// <param name="Fault">Why not.</param>
/// <param name="File">Its path.</param>
/// <param name="IsNamed">Whether the settings name it; else it is the shipped one.</param>
internal sealed record ActivePolicy(PolicyInForce? InForce, PolicyDocument? OfSettings, string? Fault, string File, bool IsNamed, IReadOnlyList<ActivatedPolicy> Before);

internal sealed class ShowActivePolicyHandler(PolicyBook policies) : IRequestHandler<ShowActivePolicy, ActivePolicy>
{
    public Task<ActivePolicy> Handle(ShowActivePolicy request, CancellationToken cancellationToken)
    {
        var (inForce, activations) = (policies.InForce(), policies.Activations());
        try
        {
            return Task.FromResult(new ActivePolicy(inForce, policies.OfSettings(), null, policies.FileOfSettings, policies.IsNamed, [.. activations.Skip(1)]));
        }
        catch (FileFaultException e) when (inForce is not null)
        {
            return Task.FromResult(new ActivePolicy(inForce, null, e.Message, policies.FileOfSettings, policies.IsNamed, [.. activations.Skip(1)]));
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
