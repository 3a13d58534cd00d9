namespace Copilot.Core.Policy.Regions;

/// <summary>
/// Goes through all facts there can be, one fact after the other, and splits only where that can still change what one of the policies decides. What it splits by are the
/// conditions of the policies; what is decided is left to <see cref="PolicyEvaluation"/>.
/// </summary>
internal sealed class RegionWalk<T> where T : notnull
{
    private readonly IReadOnlyList<RuleStates> _policies;
    private readonly IReadOnlyList<FactDimension> _facts;
    private readonly Func<IReadOnlyList<PolicyFacts>, T> _answer;
    private readonly T? _outside;
    private readonly (int Fact, int[] Classes)? _pin;
    private readonly StepBudget _budget;
    private readonly RegionMap<T> _map;
    private readonly Dictionary<string, int> _done = new(StringComparer.Ordinal);

    private RegionWalk(IReadOnlyList<FactDimension> facts, IReadOnlyList<RuleStates> policies, Func<IReadOnlyList<PolicyFacts>, T> answer, T? outside, (int, int[])? pin, StepBudget budget) =>
        (_facts, _policies, _answer, _outside, _pin, _budget, _map) = (facts, policies, answer, outside, pin, budget, new(facts));

    /// <param name="answer">Gets facts of the region for each policy, and says what is to be known of it.</param>
    /// <param name="outside">The answer where the first policy's states are not of interest.</param>
    /// <param name="pin">A fact whose class is given for each policy, and not split; null for none.</param>
    /// <param name="budget">Null for the usual one.</param>
    /// <exception cref="PolicyTooLargeException"/>
    public static RegionMap<T> Over(IReadOnlyList<FactDimension> facts, IReadOnlyList<RuleStates> policies, Func<IReadOnlyList<PolicyFacts>, T> answer, T? outside = default, (int Fact, int[] Classes)? pin = null, StepBudget? budget = null)
    {
        var walk = new RegionWalk<T>(facts, policies, answer, outside, pin, budget ?? new());
        var bare = new PolicyFacts();
        walk._map.Root = walk.From(0, [.. policies.Select(p => p.Start())], [.. policies.Select(_ => bare)]);
        return walk._map;
    }

    private int From(int fact, string[] states, PolicyFacts[] reached)
    {
        if (states[0] == RuleStates.Outside) return _map.Leaf(_outside!);
        while (fact < _facts.Count && !IsAsked(fact, states)) fact++;
        if (fact == _facts.Count) return _map.Leaf(_answer(reached));
        var key = $"{fact} {string.Join(' ', states)}";
        if (_done.TryGetValue(key, out var done)) return done;
        _budget.Take();
        var next = Enumerable.Range(0, _facts[fact].Classes.Count).Select(c => (int[])[.. states.Select(_ => c)]);
        if (_pin is { } pin && pin.Fact == fact) next = [pin.Classes];
        var children = next.Select(classes => From(
            // Where labels are not known there is none to ask for.
            !_facts[fact].Classes[classes[0]].IsKnown && _facts[fact].IsOfAllLabels ? AfterLabels(fact) : fact + 1,
            [.. states.Select((s, p) => _policies[p].After(s, fact, classes[p]))],
            [.. reached.Select((f, p) => _facts[fact].Classes[classes[p]].Apply(f))])).ToArray();
        return _done[key] = _map.Node(fact, children);
    }

    private bool IsAsked(int fact, string[] states)
    {
        for (var p = 0; p < states.Length; p++) if (_policies[p].IsAsked(states[p], fact)) return true;
        return false;
    }

    private int AfterLabels(int fact)
    {
        do fact++;
        while (fact < _facts.Count && _facts[fact].Label is not null);
        return fact;
    }
}
