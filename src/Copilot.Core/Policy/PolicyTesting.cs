using Copilot.Core.Policy.Regions;

namespace Copilot.Core.Policy;

/// <summary>Runs the cases of a suite, sees what of the policy they reach, and proves its invariants.</summary>
public static class PolicyTesting
{
    public static PolicyTestResult Run(PolicyDocument policy, PolicyTestSuite suite)
    {
        var coverage = new PolicyCoverageCount(policy);
        var cases = new List<PolicyCaseResult>();
        foreach (var test in suite.Cases)
        {
            coverage.See(new KnownFacts(policy, test.Facts));
            var decision = PolicyEvaluation.Decide(policy, test.Facts);
            cases.Add(new(test, decision, [.. Differences(test.Expect, decision)]));
        }
        return new(suite, cases, [.. suite.Invariants.Select(i => Prove(policy, i))], coverage.Result());
    }

    private static PolicyInvariantResult Prove(PolicyDocument policy, PolicyInvariant invariant)
    {
        try
        {
            return InvariantProof.IsAboutNothing(policy, invariant) ? new(invariant, null, "no facts meet its conditions, so that it says nothing") : new(invariant, InvariantProof.Refute(policy, invariant), null);
        }
        catch (PolicyTooLargeException e)
        {
            return new(invariant, null, e.Message);
        }
    }

    private static IEnumerable<PolicyDifference> Differences(PolicyExpectation expect, PolicyDecision got)
    {
        if (expect.Effect != got.Effect) yield return new("effect", PolicyOutcome.NameOf(expect.Effect), got.EffectName);
        if (expect.Absolute is { } absolute && absolute != got.Outcome.Absolute) yield return new("absolute", Word(absolute), Word(got.Outcome.Absolute));
        if (expect.Approvals is { } approvals && People(approvals) is var wanted && People(got.Outcome.Requirements.ToDictionary(r => r.Role, r => r.Count)) is var asked && wanted != asked) yield return new("approvals", wanted, asked);
        if (expect.DecideWithin is { } decide && decide != got.Outcome.DecideWithin) yield return new("decide_within", PolicyWords.Time(decide), Time(got.Outcome.DecideWithin));
        if (expect.ExecuteWithin is { } execute && execute != got.Outcome.ExecuteWithin) yield return new("execute_within", PolicyWords.Time(execute), Time(got.Outcome.ExecuteWithin));
        if (expect.BreakGlassOnly is { } flag && flag != got.Outcome.BreakGlassOnly) yield return new("break_glass_only", Word(flag), Word(got.Outcome.BreakGlassOnly));
        if (expect.Rules is { } rules && Ids(rules) is var ids && Ids(got.Matched.Select(m => m.Id)) is var matched && ids != matched) yield return new("rules", ids, matched);
        if (expect.Because is { } because && !got.Reason.Contains(because, StringComparison.Ordinal)) yield return new("because", because, got.Reason);
    }

    private static string People(IReadOnlyDictionary<string, int> approvals) =>
        approvals.Count == 0 ? "nobody" : string.Join(", ", approvals.OrderBy(a => a.Key, StringComparer.Ordinal).Select(a => $"{a.Value} {a.Key}"));

    private static string Ids(IEnumerable<string> ids) => string.Join(", ", ids.Order(StringComparer.Ordinal)) is { Length: > 0 } some ? some : "none";

    private static string Time(TimeSpan? time) => time is { } some ? PolicyWords.Time(some) : "no limit";

    private static string Word(bool value) => value ? "true" : "false";
}

/// <param name="Coverage">What the cases together reach.</param>
public sealed record PolicyTestResult(PolicyTestSuite Suite, IReadOnlyList<PolicyCaseResult> Cases, IReadOnlyList<PolicyInvariantResult> Invariants, PolicyCoverage Coverage)
{
    public int Failed => Cases.Count(c => !c.Passed) + Invariants.Count(i => !i.Holds);

    public int Passed => Cases.Count + Invariants.Count - Failed;
}

/// <param name="Counterexample">Null when there is none.</param>
/// <param name="Unproven">Why it could not be found out; null when it could.</param>
public sealed record PolicyInvariantResult(PolicyInvariant Invariant, PolicyCounterexample? Counterexample, string? Unproven)
{
    public bool Holds => Counterexample is null && Unproven is null;
}

/// <param name="Differences">None when the case passed.</param>
public sealed record PolicyCaseResult(PolicyTestCase Case, PolicyDecision Decision, IReadOnlyList<PolicyDifference> Differences)
{
    public bool Passed => Differences.Count == 0;
}

/// <summary>What of a decision is not as expected.</summary>
/// <param name="What">The key of the expectation.</param>
public sealed record PolicyDifference(string What, string Expected, string Got);
