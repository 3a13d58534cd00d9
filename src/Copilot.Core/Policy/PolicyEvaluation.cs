namespace Copilot.Core.Policy;

/// <summary>Decides. Total: whatever goes wrong is a prohibition.</summary>
public static class PolicyEvaluation
{
    /// <summary>A budget of steps and not of time, so that a slow machine decides the same.</summary>
    public const int MaxConditions = 100_000;

    public static PolicyDecision Decide(PolicyDocument policy, PolicyFacts facts)
    {
        var identity = new PolicyIdentity(policy.Name, policy.Version, policy.File, policy.Digest);
        try
        {
            // Every condition is asked once and none is skipped, so the count does not hang on the order of rules or on the facts.
            return policy.Rules.Sum(Conditions) > MaxConditions
                ? PolicyDecision.Refused(identity, $"the policy asks more than {MaxConditions} conditions; split it or take rules out", facts)
                : Decide(policy, identity, facts);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            return PolicyDecision.Refused(identity, $"the policy could not be evaluated ({e.GetType().Name}); this is a defect", facts);
        }
    }

    /// <summary>What is decided, without the words for it; for policies that ask no more than <see cref="MaxConditions"/>.</summary>
    public static PolicyOutcome Outcome(PolicyDocument policy, PolicyFacts facts) => Judgement.Of(policy, facts).Outcome;

    private static PolicyDecision Decide(PolicyDocument policy, PolicyIdentity identity, PolicyFacts facts)
    {
        var (known, judged, applied, opened, join, outcome) = Judgement.Of(policy, facts);
        var explanation = new PolicyExplanation(policy, known, judged, applied, join, outcome.Effect);
        return new(
            identity,
            outcome,
            explanation.Reason(),
            [.. applied.Where(j => opened || j.Truth == Truth.True || !j.Rule.Then.Opens).Select(j => new MatchedRule(j.Rule.Id, policy.File, j.Rule.Line, j.Rule.Then.Verb, j.Truth))],
            explanation.NearMisses(),
            join.Steps,
            explanation.WouldChange(),
            explanation.FactsUsed(),
            facts with { Calendars = known.Calendars });
    }

    /// <param name="Opened">Whether a rule opened the action, whatever closes it again.</param>
    private sealed record Judgement(KnownFacts Known, List<JudgedRule> Judged, List<JudgedRule> Applied, bool Opened, RequirementJoin Join, PolicyOutcome Outcome)
    {
        public static Judgement Of(PolicyDocument policy, PolicyFacts facts)
        {
            var known = new KnownFacts(policy, facts);
            var judged = policy.Rules.Select(r => JudgedRule.Of(r, known)).ToList();
            var applied = judged.FindAll(j => j.Applies);
            applied.Sort(JudgedRule.ByPlace);
            var prohibitions = applied.Select(j => j.Rule.Then).OfType<PolicyThen.Prohibit>().ToList();
            // Without a declared kind nothing says what the action does: rules that do not ask for it must not open it.
            var opened = known.Kind is not null && applied.Exists(j => j.Opened);
            // What is prohibited needs no requirements, nor the words for them.
            var join = RequirementJoin.Of(opened && prohibitions.Count == 0 ? applied : [], known);
            var effect = prohibitions.Count > 0 || !opened ? PolicyEffect.Prohibit : join.IsMet ? PolicyEffect.Allow : PolicyEffect.RequireApproval;
            return new(known, judged, applied, opened, join, new(
                effect,
                prohibitions.Exists(p => p.Absolute),
                // A role that is not declared has no group, and so nobody in it.
                [.. join.Roles.Select(r => new ApprovalRequirement(r.Key, policy.Vocabulary.Roles.FirstOrDefault(v => v.Name == r.Key)?.Group ?? "", r.Value))],
                effect == PolicyEffect.RequireApproval ? join.DecideWithin ?? PolicyRequirements.UsualDecideWithin : null,
                join.ExecuteWithin ?? (effect == PolicyEffect.RequireApproval ? PolicyRequirements.UsualExecuteWithin : null),
                effect == PolicyEffect.RequireApproval && join.BreakGlassOnly));
        }
    }

    private static int Conditions(PolicyRule rule) => rule.When.Count + (Requirements(rule.Then)?.All.Sum(r => r.Unless.Count) ?? 0);

    internal static PolicyRequirements? Requirements(PolicyThen then) => then switch
    {
        PolicyThen.RequireApproval require => require.Requirements,
        PolicyThen.AlsoRequire also => also.Requirements,
        _ => null,
    };
}

/// <summary>A rule and whether its conditions hold.</summary>
/// <param name="Failing">How many of them do not definitely hold.</param>
/// <param name="KindFails">Whether one about the kind is among those.</param>
internal readonly record struct JudgedRule(PolicyRule Rule, Truth Truth, int Failing, bool KindFails)
{
    public bool Opened => Truth == Truth.True && Rule.Then.Opens;

    /// <summary>
    /// What the rule says counts. Approvals that may be required are required, although the rule opens nothing then: else forgetting a fact would take the
    /// requirements of one rule away and leave what another one opened (docs/decisions/0005).
    /// </summary>
    public bool Applies => Truth == Truth.True || (Truth == Truth.Unknown && Rule.Then is not PolicyThen.Allow);

    public static JudgedRule Of(PolicyRule rule, KnownFacts known)
    {
        var (all, failing, kindFails) = (Truth.True, 0, false);
        for (var i = 0; i < rule.When.Count; i++)
        {
            var condition = rule.When[i];
            var truth = known.Holds(condition);
            if (truth < all) all = truth;
            if (truth == Truth.True) continue;
            failing++;
            kindFails |= condition.Fact == PolicyFact.Kind;
        }
        return new(rule, all, failing, kindFails);
    }

    /// <summary>The order of the file, whatever that of the list.</summary>
    public static int ByPlace(JudgedRule a, JudgedRule b) => a.Rule.Line != b.Rule.Line ? a.Rule.Line.CompareTo(b.Rule.Line) : string.CompareOrdinal(a.Rule.Id, b.Rule.Id);

    /// <summary>Those that lack least first.</summary>
    public static int ByFailing(JudgedRule a, JudgedRule b) => a.Failing != b.Failing ? a.Failing.CompareTo(b.Failing) : ByPlace(a, b);
}
