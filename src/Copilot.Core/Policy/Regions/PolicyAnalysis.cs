namespace Copilot.Core.Policy.Regions;

/// <summary>
/// What holds of a policy for all facts there can be. Nothing is sampled: every fact is parted at the constants of the policy, and all combinations that matter are gone through.
/// All of it throws <see cref="PolicyTooLargeException"/> where those are too many.
/// </summary>
public static class PolicyAnalysis
{
    /// <summary>What it decides, everywhere.</summary>
    public static RegionMap<PolicyOutcome> Outcomes(PolicyDocument policy, StepBudget? budget = null)
    {
        var facts = FactPartition.Of([(policy, RuleStates.Conditions(policy))]);
        return RegionWalk<PolicyOutcome>.Over(facts, [new(policy, [], facts)], reached => PolicyEvaluation.Outcome(policy, reached[0]), budget: budget);
    }

    /// <summary>Where another policy decides otherwise. What both decide alike is <see cref="PolicyChange.None"/>.</summary>
    public static RegionMap<PolicyChange> Compare(PolicyDocument before, PolicyDocument after, StepBudget? budget = null)
    {
        var facts = FactPartition.Of([(before, RuleStates.Conditions(before)), (after, RuleStates.Conditions(after))]);
        return RegionWalk<PolicyChange>.Over(facts, [new(before, [], facts), new(after, [], facts)], reached => Change(PolicyEvaluation.Outcome(before, reached[0]), PolicyEvaluation.Outcome(after, reached[1])), budget: budget);
    }

    /// <summary>Where some conditions definitely hold and what it decides is of interest.</summary>
    public static IEnumerable<Region<PolicyOutcome>> Within(PolicyDocument policy, IReadOnlyList<PolicyCondition> conditions, Func<PolicyOutcome, bool> wanted, StepBudget? budget = null)
    {
        var facts = FactPartition.Of([(policy, [.. RuleStates.Conditions(policy), .. conditions])]);
        var map = RegionWalk<Answer>.Over(facts, [new(policy, conditions, facts)], reached => new(PolicyEvaluation.Outcome(policy, reached[0])), new Answer(null), budget: budget);
        return map.Regions(a => a.Outcome is { } outcome && wanted(outcome)).Select(r => new Region<PolicyOutcome>(r.Answer.Outcome!, r.Bounds));
    }

    /// <summary>
    /// Where a better value of a number is decided more strictly than a worse one, everything else being as it is: facts with the worse and with the better one. An unknown value is worse
    /// than any.
    /// </summary>
    /// <param name="moreIsBetter">Else less is.</param>
    public static IEnumerable<(PolicyFacts Worse, PolicyFacts Better)> NotMonotone(PolicyDocument policy, PolicyFact number, bool moreIsBetter)
    {
        var facts = FactPartition.Of([(policy, RuleStates.Conditions(policy))]);
        var place = facts.ToList().FindIndex(f => f.Fact == number);
        if (place < 0) yield break;
        var classes = facts[place].Classes.Select((c, i) => (Class: c, Place: i)).ToList();
        var steps = classes.FindAll(c => c.Class.IsKnown);
        if (!moreIsBetter) steps.Reverse();
        steps.InsertRange(0, classes.Where(c => !c.Class.IsKnown));
        var states = new RuleStates(policy, [], facts);
        foreach (var (worse, better) in steps.Zip(steps.Skip(1)))
        {
            var map = RegionWalk<PolicyChange>.Over(
                facts, [states, states], reached => Change(PolicyEvaluation.Outcome(policy, reached[0]), PolicyEvaluation.Outcome(policy, reached[1])), pin: (place, [worse.Place, better.Place]));
            foreach (var region in map.Regions(c => !c.Before.IsAtLeastAsStrictAs(c.After))) yield return (worse.Class.Apply(region.Example), better.Class.Apply(region.Example));
        }
    }

    private static PolicyChange Change(PolicyOutcome before, PolicyOutcome after) => before.Equals(after) ? PolicyChange.None : new(before, after);

    private sealed record Answer(PolicyOutcome? Outcome);
}
