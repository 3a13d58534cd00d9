namespace Copilot.Core.Policy;

/// <summary>
/// The least upper bound of the requirements of several rules: the union of roles with the largest count of each, the shortest times, flags that any rule
/// sets. It is commutative, associative and idempotent, which is why the order of rules does not matter.
/// </summary>
internal sealed class RequirementJoin
{
    private readonly List<string> _steps = [];
    private int _silent;
    private readonly List<(PolicyRule Rule, RoleRequirement Requirement)> _standing = [];

    public SortedDictionary<string, int> Roles { get; } = new(StringComparer.Ordinal);

    public TimeSpan? DecideWithin { get; private set; }

    public TimeSpan? ExecuteWithin { get; private set; }

    public bool BreakGlassOnly { get; private set; }

    /// <summary>Rules that added something, in words; of those that ask for no more than rules before them, the number.</summary>
    public IReadOnlyList<string> Steps => _silent == 0 ? _steps : [.. _steps, $"{_silent} more {(_silent == 1 ? "rule asks" : "rules ask")} for no more than that"];

    /// <summary>Nobody is asked: nothing was required, or all of it fell away.</summary>
    public bool IsMet => Roles.Count == 0 && !BreakGlassOnly;

    /// <param name="applied">In an order that does not hang on the order of rules, for the sake of the words.</param>
    public static RequirementJoin Of(IEnumerable<JudgedRule> applied, KnownFacts known)
    {
        var join = new RequirementJoin();
        foreach (var judged in applied)
            if (PolicyEvaluation.Requirements(judged.Rule.Then) is { } requirements) join.Add(judged.Rule, judged.Truth, requirements, known);
        return join;
    }

    /// <summary>Requirements that could fall away and without which fewer people would be asked.</summary>
    public IEnumerable<(PolicyRule Rule, RoleRequirement Requirement)> Waivable() => _standing
        .GroupBy(s => s.Requirement.Role, StringComparer.Ordinal)
        .Select(role => role.Where(s => s.Requirement.Count == Roles[role.Key]).Take(2).ToList())
        .Where(largest => largest is [{ Requirement.Unless.Count: > 0 }])
        .Select(largest => largest[0]);

    private void Add(PolicyRule rule, Truth truth, PolicyRequirements requirements, KnownFacts known)
    {
        var (before, waived) = ((DecideWithin, ExecuteWithin, BreakGlassOnly), new List<RoleRequirement>());
        var raised = false;
        foreach (var requirement in requirements.All)
        {
            if (requirement.Unless.Count > 0 && known.Holds(requirement.Unless) == Truth.True)
            {
                waived.Add(requirement);
                continue;
            }
            _standing.Add((rule, requirement));
            if (requirement.Count <= Roles.GetValueOrDefault(requirement.Role)) continue;
            raised = true;
            Roles[requirement.Role] = requirement.Count;
        }
        DecideWithin = Shortest(DecideWithin, requirements.DecideWithin);
        ExecuteWithin = Shortest(ExecuteWithin, requirements.ExecuteWithin);
        BreakGlassOnly |= requirements.BreakGlassOnly;
        if (raised || waived.Count > 0 || before != (DecideWithin, ExecuteWithin, BreakGlassOnly)) _steps.Add(Step(rule, truth, requirements, waived));
        else _silent++;
    }

    private static string Step(PolicyRule rule, Truth truth, PolicyRequirements requirements, List<RoleRequirement> waived)
    {
        var parts = requirements.All.Select(r => waived.Contains(r) ? $"no {r.Role}, because of {PolicyWords.All(r.Unless)}" : $"{r.Count} {r.Role}").ToList();
        if (requirements.DecideWithin is { } decide) parts.Add($"decide within {PolicyWords.Time(decide)}");
        if (requirements.ExecuteWithin is { } execute) parts.Add($"execute within {PolicyWords.Time(execute)}");
        if (requirements.BreakGlassOnly) parts.Add("break-glass only");
        return $"{rule.Id}{(truth == Truth.Unknown ? " (applies because it is unknown whether it holds)" : "")}: {string.Join(", ", parts)}";
    }

    private static TimeSpan? Shortest(TimeSpan? a, TimeSpan? b) => b is null || a < b ? a : b;
}
