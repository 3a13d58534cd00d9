using Copilot.Core.Actions;

namespace Copilot.Core.Policy.Regions;

/// <summary>Something in a policy that has no effect, which its author hardly meant.</summary>
/// <param name="What">Without a full stop.</param>
public sealed record PolicyFinding(int Line, string What, string Remedy);

/// <summary>Finds by going through all facts there can be: rules that hold for none, rules that change no decision, and kinds that nothing ever opens.</summary>
public static class PolicyFindings
{
    /// <summary>Each rule is tried against all others; with many the time goes with their square.</summary>
    public const int MostRules = 200;

    /// <param name="lineOf">Where the vocabulary declares a kind.</param>
    /// <exception cref="PolicyTooLargeException"/>
    public static IReadOnlyList<PolicyFinding> Of(PolicyDocument policy, Func<ActionKind, int> lineOf)
    {
        var findings = new List<PolicyFinding>();
        var tried = policy.Rules.Count <= MostRules ? policy.Rules : throw new PolicyTooLargeException($"it has {policy.Rules.Count} rules, and more than {MostRules} are not tried one by one");
        foreach (var rule in tried)
        {
            if (!PolicyAnalysis.Within(policy with { Rules = [] }, rule.When, _ => true).Any())
                findings.Add(new(rule.Line, $"no facts make {rule.Id} hold: its conditions exclude each other", "Mend the conditions, or take the rule away."));
            else if (PolicyAnalysis.Compare(policy, policy with { Rules = [.. policy.Rules.Where(r => r != rule)] }).Answers.All(a => a == PolicyChange.None))
                findings.Add(Idle(policy, rule));
        }
        findings.AddRange(NeverOpen(policy, lineOf));
        return findings;
    }

    private static PolicyFinding Idle(PolicyDocument policy, PolicyRule rule)
    {
        var regions = PolicyAnalysis.Within(policy, rule.When, _ => true).ToList();
        if (!rule.Then.Opens || regions.Exists(r => r.Answer.Effect != PolicyEffect.Prohibit))
            return new(rule.Line, $"{rule.Id} changes no decision: other rules say the same or more wherever it applies", "Take it away, or mend its conditions.");
        var by = regions.SelectMany(r => PolicyEvaluation.Decide(policy, r.Example).Matched.Where(m => m.Verb == "prohibit").Select(m => m.Id)).Distinct().Order(StringComparer.Ordinal);
        return new(rule.Line, $"{rule.Id} opens nothing: what it would open is prohibited by {string.Join(" or ", by)}", "Take it away, or leave it out of what is prohibited.");
    }

    private static IEnumerable<PolicyFinding> NeverOpen(PolicyDocument policy, Func<ActionKind, int> lineOf)
    {
        var map = PolicyAnalysis.Outcomes(policy);
        var open = Kinds(map.Regions(o => o.Effect != PolicyEffect.Prohibit));
        // What is prohibited absolutely is meant to be.
        var closed = Kinds(map.Regions(o => o is { Effect: PolicyEffect.Prohibit, Absolute: false }));
        return policy.Vocabulary.Kinds.Where(k => closed.Contains(k.Name) && !open.Contains(k.Name))
            .Select(k => new PolicyFinding(lineOf(k), $"{k.Name} is declared, and nothing ever opens it", "Write the rule that is missing, or take the kind out of the vocabulary: what is not declared is prohibited."));

        HashSet<string> Kinds(IEnumerable<Region<PolicyOutcome>> regions) =>
            [.. regions.SelectMany(r => r.Bounds.FirstOrDefault(b => b.Fact.Fact == PolicyFact.Kind).Classes?.SelectMany(c => c.Names) ?? policy.Vocabulary.Kinds.Select(k => k.Name))];
    }
}
