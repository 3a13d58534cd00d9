using Copilot.Core.Actions;

namespace Copilot.Core.Policy.Regions;

/// <summary>Something in a policy that has no effect, which its author hardly meant.</summary>
/// <param name="What">Without a full stop.</param>
public sealed record PolicyFinding(int Line, string What, string Remedy);

/// <summary>
/// Finds by going through all facts there can be: rules that open nothing or change no decision, rules that open whatever the kind, and kinds that nothing ever opens.
/// </summary>
public static class PolicyFindings
{
    private const int MostExamples = 20;

    /// <param name="lineOf">Where the vocabulary declares a kind.</param>
    /// <exception cref="PolicyTooLargeException"/>
    public static IReadOnlyList<PolicyFinding> Of(PolicyDocument policy, Func<ActionKind, int> lineOf)
    {
        // For all of it together: each rule is tried against all others.
        var budget = new StepBudget();
        return [.. policy.Rules.Select(r => Idle(policy, r, budget)).OfType<PolicyFinding>(), .. policy.Rules.Select(Everything).OfType<PolicyFinding>(), .. NeverOpen(policy, lineOf, budget)];
    }

    private static PolicyFinding? Idle(PolicyDocument policy, PolicyRule rule, StepBudget budget)
    {
        // A rule that closes applies as well where its conditions are unknown, which those that exclude each other can be.
        if (rule.Then.Opens && !PolicyAnalysis.Within(policy with { Rules = [] }, rule.When, _ => true, budget).Any())
            return new(rule.Line, $"no facts make {rule.Id} hold: its conditions exclude each other", "Mend the conditions, or take the rule away.");
        if (PolicyAnalysis.Compare(policy, policy with { Rules = [.. policy.Rules.Where(r => r != rule)] }, budget).Answers.Any(a => a != PolicyChange.None)) return null;
        if (!rule.Then.Opens || PolicyAnalysis.Within(policy, rule.When, o => o.Effect != PolicyEffect.Prohibit, budget).Any())
            return new(rule.Line, $"{rule.Id} changes no decision: other rules say the same or more wherever it applies", "Take it away, alone and not with others that are told the same, or mend its conditions.");
        var by = PolicyAnalysis.Within(policy, rule.When, _ => true, budget).Take(MostExamples).SelectMany(r => PolicyEvaluation.Decide(policy, r.Example).Matched.Where(m => m.Verb == "prohibit").Select(m => m.Id)).Distinct().Order(StringComparer.Ordinal);
        return new(rule.Line, $"{rule.Id} opens nothing: what it would open is prohibited by {string.Join(" or ", by)}", "Take it away, or leave it out of what is prohibited.");
    }

    private static PolicyFinding? Everything(PolicyRule rule) => rule.Then.Opens && rule.When.All(c => c.Fact != PolicyFact.Kind)
        ? new(rule.Line, $"{rule.Id} opens every kind: reads, writes, and changes of the copilot itself", "Say in when: which kinds are meant.")
        : null;

    private static IEnumerable<PolicyFinding> NeverOpen(PolicyDocument policy, Func<ActionKind, int> lineOf, StepBudget budget)
    {
        var map = PolicyAnalysis.Outcomes(policy, budget);
        var open = Names(map.Kinds(o => o.Effect != PolicyEffect.Prohibit));
        // What is prohibited absolutely is meant to be.
        var closed = Names(map.Kinds(o => o is { Effect: PolicyEffect.Prohibit, Absolute: false }));
        return policy.Vocabulary.Kinds.Where(k => closed.Contains(k.Name) && !open.Contains(k.Name))
            .Select(k => new PolicyFinding(lineOf(k), $"{k.Name} is declared, and nothing ever opens it", "Write the rule that is missing, or take the kind out of the vocabulary: what is not declared is prohibited."));

        static HashSet<string> Names(IEnumerable<FactClass> classes) => [.. classes.SelectMany(c => c.Names)];
    }
}
