namespace Copilot.Core.Policy;

/// <summary>Says in words why a decision is what it is and what would make it looser.</summary>
internal sealed class PolicyExplanation(PolicyDocument policy, KnownFacts known, List<JudgedRule> judged, List<JudgedRule> applied, RequirementJoin join, PolicyEffect effect)
{
    /// <summary>More would be read by nobody, and thousands of rules must not cost thousands of sentences.</summary>
    private const int MaxNearMisses = 5;

    private readonly List<JudgedRule> _prohibitions = applied.FindAll(j => j.Rule.Then is PolicyThen.Prohibit);
    private readonly List<JudgedRule> _missed = Missed(known, judged, effect);

    public string Reason()
    {
        if (_prohibitions.Count > 0) return $"prohibited by {string.Join(", ", _prohibitions.Select(Prohibition))}";
        if (effect == PolicyEffect.Prohibit) return known.Kind is null ? "prohibited: the kind of the action is unknown or not declared by the policy" : "prohibited: no rule opens it";
        var ids = applied.Where(j => j.Opened || effect == PolicyEffect.RequireApproval).Select(j => j.Rule.Id);
        return $"{(effect == PolicyEffect.Allow ? "allowed" : "approval required")} by {string.Join(", ", ids)}";
    }

    public IReadOnlyList<string> NearMisses() => [.. _missed.Select(m => $"{m.Rule.Id}: {Lacks(m)}")];

    public IReadOnlyList<string> WouldChange()
    {
        if (_prohibitions.Exists(j => j.Rule.Then is PolicyThen.Prohibit { Absolute: true } && j.Truth == Truth.True)) return ["nothing: an absolute prohibition holds"];
        var closed = applied.Where(j => !j.Opened && j.Rule.When.Count > 0 && (effect == PolicyEffect.Prohibit ? j.Rule.Then is PolicyThen.Prohibit : PolicyEvaluation.Requirements(j.Rule.Then) is not null))
            .Select(j => $"{j.Rule.Id} would not apply with {string.Join(" or ", Changeable(j).Select(c => $"{PolicyWords.Not(c)} (now {known.Has(c)})"))}");
        var waivable = effect == PolicyEffect.RequireApproval
            ? join.Waivable().Select(w => $"{w.Rule.Id} would not need {w.Requirement.Role} with {string.Join(" and ", w.Requirement.Unless.Select(c => $"{PolicyWords.Needs(c)} (now {known.Has(c)})"))}")
            : [];
        var missed = _prohibitions.Count > 0 ? [] : _missed.Select(m =>
            $"{m.Rule.Id} would {(m.Rule.Then is PolicyThen.Allow ? "allow it" : "open it for approval")} with {string.Join(" and ", Failing(m).Select(PolicyWords.Needs))}");
        return effect == PolicyEffect.Allow ? [] : [.. closed, .. waivable, .. missed];
    }

    public SortedDictionary<string, string> FactsUsed()
    {
        var used = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var condition in Asked())
        {
            var name = condition switch
            {
                TextCondition { TextFact: PolicyFact.TargetLabels } label => $"{PolicyFactNames.Name(label.TextFact)}.{label.Label}",
                ClosedCondition closed => $"calendar.{closed.Calendar}",
                _ => PolicyFactNames.Name(condition.Fact),
            };
            used.TryAdd(name, known.Has(condition));
        }
        return used;
    }

    /// <summary>One condition for each thing asked, so that names and values are made once, whatever the number of rules.</summary>
    private List<PolicyCondition> Asked()
    {
        var asked = new List<PolicyCondition>();
        var (facts, parts) = (new bool[PolicyFactNames.All.Count], new HashSet<string>(StringComparer.Ordinal));
        foreach (var rule in policy.Rules)
        {
            Add(rule.When);
            if (PolicyEvaluation.Requirements(rule.Then) is { } requirements) foreach (var requirement in requirements.All) Add(requirement.Unless);
        }
        return asked;

        void Add(IReadOnlyList<PolicyCondition> conditions)
        {
            for (var i = 0; i < conditions.Count; i++)
            {
                var condition = conditions[i];
                // Labels and calendars are several facts of one name; no label begins with a space.
                var isNew = condition switch
                {
                    TextCondition { Label: { } label } => parts.Add(label),
                    ClosedCondition closed => parts.Add(" " + closed.Calendar),
                    _ => !facts[(int)condition.Fact],
                };
                facts[(int)condition.Fact] = true;
                if (isNew) asked.Add(condition);
            }
        }
    }

    /// <summary>What could be found out, else what could be otherwise. Another kind is another action, so it is named only where there is nothing else.</summary>
    private IReadOnlyList<PolicyCondition> Changeable(JudgedRule judged)
    {
        var conditions = judged.Truth == Truth.Unknown ? [.. judged.Rule.When.Where(c => known.Holds(c) == Truth.Unknown)] : judged.Rule.When;
        return conditions.Where(c => c.Fact != PolicyFact.Kind).ToList() is { Count: > 0 } others ? others : conditions;
    }

    private static string Prohibition(JudgedRule judged)
    {
        var prohibit = (PolicyThen.Prohibit)judged.Rule.Then;
        return $"{judged.Rule.Id}{(prohibit.Absolute ? ", absolutely" : "")}{(judged.Truth == Truth.Unknown ? " (unknown whether it holds, so it applies)" : "")}{(prohibit.Because is { } because ? $": {because}" : "")}";
    }

    /// <summary>Rules for this kind that would have made the answer looser, those that lack least first.</summary>
    private static List<JudgedRule> Missed(KnownFacts known, List<JudgedRule> judged, PolicyEffect effect)
    {
        if (effect == PolicyEffect.Allow || known.Kind is null) return [];
        var missed = new List<JudgedRule>(MaxNearMisses + 1);
        foreach (var rule in judged)
        {
            if (rule.Opened || rule.KindFails || !(effect == PolicyEffect.Prohibit ? rule.Rule.Then.Opens : rule.Rule.Then is PolicyThen.Allow)) continue;
            if (missed.Count == MaxNearMisses && JudgedRule.ByFailing(rule, missed[^1]) > 0) continue;
            missed.Add(rule);
            missed.Sort(JudgedRule.ByFailing);
            if (missed.Count > MaxNearMisses) missed.RemoveAt(MaxNearMisses);
        }
        return missed;
    }

    private IEnumerable<PolicyCondition> Failing(JudgedRule judged) => judged.Rule.When.Where(c => known.Holds(c) != Truth.True);

    private string Lacks(JudgedRule missed) => string.Join("; ", Failing(missed).Select(c => $"needs {PolicyWords.Needs(c)}, has {known.Has(c)}"));
}
