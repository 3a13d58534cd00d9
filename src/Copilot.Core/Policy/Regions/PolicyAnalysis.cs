namespace Copilot.Core.Policy.Regions;

/// <summary>
/// What holds of a policy for all facts there can be. Nothing is sampled: every fact is parted at the constants of the policy, and all combinations that matter are gone through.
/// All of it throws <see cref="PolicyTooLargeException"/> where those are too many.
/// </summary>
public static class PolicyAnalysis
{
    /// <summary>What it decides, everywhere.</summary>
    public static RegionMap<PolicyOutcome> Outcomes(PolicyDocument policy)
    {
        var facts = FactPartition.Of([(policy, RuleStates.Conditions(policy))]);
        return RegionWalk<PolicyOutcome>.Over(facts, [new(policy, [], facts)], reached => PolicyEvaluation.Outcome(policy, reached[0]));
    }

    /// <summary>Where another policy decides otherwise. What both decide alike is <see cref="PolicyChange.None"/>.</summary>
    public static RegionMap<PolicyChange> Compare(PolicyDocument before, PolicyDocument after)
    {
        var facts = FactPartition.Of([(before, RuleStates.Conditions(before)), (after, RuleStates.Conditions(after))]);
        return RegionWalk<PolicyChange>.Over(facts, [new(before, [], facts), new(after, [], facts)], reached => Change(PolicyEvaluation.Outcome(before, reached[0]), PolicyEvaluation.Outcome(after, reached[1])));
    }

    /// <summary>What it decides where some conditions definitely hold; null for everything else.</summary>
    public static IEnumerable<Region<PolicyOutcome>> Within(PolicyDocument policy, IReadOnlyList<PolicyCondition> conditions, Func<PolicyOutcome, bool> wanted)
    {
        var facts = FactPartition.Of([(policy, [.. RuleStates.Conditions(policy), .. conditions])]);
        var map = RegionWalk<Answer>.Over(facts, [new(policy, conditions, facts)], reached => new(PolicyEvaluation.Outcome(policy, reached[0])), new Answer(null));
        return map.Regions(a => a.Outcome is { } outcome && wanted(outcome)).Select(r => new Region<PolicyOutcome>(r.Answer.Outcome!, r.Bounds));
    }

    /// <summary>Where a higher value of a number is decided more strictly than a lower one, everything else being as it is: the lower and the higher, each with facts.</summary>
    public static IEnumerable<(PolicyChange Change, PolicyFacts Lower, PolicyFacts Higher)> NotMonotone(PolicyDocument policy, PolicyFact number)
    {
        var facts = FactPartition.Of([(policy, RuleStates.Conditions(policy))]);
        var place = facts.ToList().FindIndex(f => f.Fact == number);
        if (place < 0) yield break;
        // From the lowest to the highest; what is not known is less than anything.
        var classes = facts[place].Classes.Select((c, i) => (Class: c, Place: i, Value: Value(c))).OrderBy(c => c.Value ?? decimal.MinValue).ToList();
        for (var i = 1; i < classes.Count; i++)
        {
            RuleStates states = new(policy, [], facts);
            var map = RegionWalk<PolicyChange>.Over(facts, [states, states], reached => Change(PolicyEvaluation.Outcome(policy, reached[0]), PolicyEvaluation.Outcome(policy, reached[1])),
                pin: (place, [classes[i - 1].Place, classes[i].Place]));
            foreach (var region in map.Regions(c => !c.Before.IsAtLeastAsStrictAs(c.After))) yield return (region.Answer, classes[i - 1].Class.Apply(region.Example), classes[i].Class.Apply(region.Example));
        }

        decimal? Value(FactClass c) => decimal.TryParse(PolicyFactsMap.Text(c.Apply(new()), number), System.Globalization.CultureInfo.InvariantCulture, out var value) ? value : null;
    }

    private static PolicyChange Change(PolicyOutcome before, PolicyOutcome after) => before.Equals(after) ? PolicyChange.None : new(before, after);

    private sealed record Answer(PolicyOutcome? Outcome);
}
