namespace Copilot.Core.Policy.Regions;

/// <summary>Facts on which an invariant does not hold.</summary>
/// <param name="Says">What is decided on them, in words.</param>
public sealed record PolicyCounterexample(PolicyFacts Facts, string Says);

/// <summary>Proves what is to hold of a policy for all facts there can be.</summary>
public static class InvariantProof
{
    /// <summary>Whether it is about any facts at all: of none everything holds.</summary>
    /// <exception cref="PolicyTooLargeException"/>
    public static bool IsAboutNothing(PolicyDocument policy, PolicyInvariant invariant) =>
        (invariant switch { PolicyInvariant.Never never => never.ForAll, PolicyInvariant.AtLeast least => least.ForAll, _ => null }) is { } forAll && !PolicyAnalysis.Within(policy, forAll, _ => true).Any();

    /// <returns>Null when the invariant holds.</returns>
    /// <exception cref="PolicyTooLargeException">Neither a proof nor a counterexample is found.</exception>
    public static PolicyCounterexample? Refute(PolicyDocument policy, PolicyInvariant invariant) => invariant switch
    {
        PolicyInvariant.Never never => Outcome(PolicyAnalysis.Within(policy, never.ForAll, o => o.Effect == never.Effect)),
        PolicyInvariant.AtLeast least => Outcome(PolicyAnalysis.Within(policy, least.ForAll, o => !IsAtLeast(o, least))),
        PolicyInvariant.Monotone monotone => PolicyAnalysis.NotMonotone(policy, monotone.Fact, monotone.Fact is PolicyFact.Confidence or PolicyFact.IndependentSources)
            .Select(f => new PolicyCounterexample(f.Better, $"{PolicyEvaluation.Outcome(policy, f.Better).Words}; with {PolicyFactNames.Words(monotone.Fact)} {PolicyFactsMap.Text(f.Worse, monotone.Fact) ?? "unknown"} it is {PolicyEvaluation.Outcome(policy, f.Worse).Words}"))
            .FirstOrDefault(),
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    private static PolicyCounterexample? Outcome(IEnumerable<Region<PolicyOutcome>> regions) => regions.Select(r => new PolicyCounterexample(r.Example, r.Answer.Words)).FirstOrDefault();

    private static bool IsAtLeast(PolicyOutcome outcome, PolicyInvariant.AtLeast least) =>
        (outcome.Absolute || !least.Absolute) && (outcome.Effect > least.Effect || (outcome.Effect == least.Effect && least.Approvals.All(a => outcome.Requirements.Any(r => r.Role == a.Key && r.Count >= a.Value))));
}
