namespace Copilot.Core.Policy;

/// <summary>What of a policy a set of cases reaches.</summary>
public sealed record PolicyCoverage(IReadOnlyList<RuleCoverage> Rules, IReadOnlyList<ConditionCoverage> Conditions)
{
    public int RulesCovered => Rules.Count(r => r.Held);

    public int ConditionsCovered => Conditions.Count(c => c.Covered);
}

/// <param name="Held">Whether all its conditions were true in some case.</param>
public sealed record RuleCoverage(string Id, int Line, bool Held);

/// <summary>
/// A condition of a rule's <c>when</c> or <c>unless</c>. It is covered when it was seen true, and seen to be all that a rule failed for: else a case could not
/// tell the policy from one without the condition (as modified condition/decision coverage does; Chilenski and Miller, 1994).
/// </summary>
/// <param name="Asks">In words.</param>
/// <param name="Held">Whether it was true in some case.</param>
/// <param name="Decided">Whether in some case the rule did not apply, or the requirement stayed, because of this condition alone.</param>
public sealed record ConditionCoverage(string Rule, int Line, string Asks, bool Held, bool Decided)
{
    public bool Covered => Held && Decided;
}

/// <summary>Sees facts one after another and remembers what they reached.</summary>
internal sealed class PolicyCoverageCount(PolicyDocument policy)
{
    private readonly List<Group> _groups = [.. policy.Rules.SelectMany(Groups)];

    public void See(KnownFacts known)
    {
        foreach (var group in _groups) group.See(known);
    }

    public PolicyCoverage Result() => new(
        [.. _groups.Where(g => g.IsWhen).Select(g => new RuleCoverage(g.Rule.Id, g.Rule.Line, g.AllHeld))],
        [.. _groups.SelectMany(g => g.Conditions.Select((c, i) => new ConditionCoverage(g.Rule.Id, c.Line, PolicyWords.Needs(c), g.Held[i], g.Decided[i])))]);

    private static IEnumerable<Group> Groups(PolicyRule rule) =>
        (PolicyEvaluation.Requirements(rule.Then)?.All ?? []).Where(r => r.Unless.Count > 0).Select(r => new Group(rule, r.Unless, IsWhen: false)).Prepend(new Group(rule, rule.When, IsWhen: true));

    /// <summary>Conditions that must hold together.</summary>
    private sealed record Group(PolicyRule Rule, IReadOnlyList<PolicyCondition> Conditions, bool IsWhen)
    {
        public bool AllHeld { get; private set; }

        public bool[] Held { get; } = new bool[Conditions.Count];

        public bool[] Decided { get; } = new bool[Conditions.Count];

        public void See(KnownFacts known)
        {
            var (failed, failures) = (0, 0);
            var all = true;
            for (var i = 0; i < Conditions.Count; i++)
            {
                var truth = known.Holds(Conditions[i]);
                Held[i] |= truth == Truth.True;
                all &= truth == Truth.True;
                // A rule that closes applies when unknown as well: only what is false takes it away.
                if (truth == Truth.True || (truth == Truth.Unknown && IsWhen && !Rule.Then.Opens)) continue;
                (failed, failures) = (i, failures + 1);
            }
            AllHeld |= all;
            if (failures == 1) Decided[failed] = true;
        }
    }
}
