namespace Copilot.Core.Policy;

/// <summary>From loose to tight.</summary>
public enum PolicyEffect
{
    Allow,
    RequireApproval,
    Prohibit,
}

/// <summary>So many distinct people in a role must approve. Across roles as well, one person counts once.</summary>
/// <param name="Group">Whose members hold the role.</param>
public sealed record ApprovalRequirement(string Role, string Group, int Count);

/// <summary>A rule that bore on the decision.</summary>
/// <param name="Truth">True, or unknown for a rule that applies when unknown as well; a <c>require_approval</c> then adds its requirements and opens nothing.</param>
public sealed record MatchedRule(string Id, string File, int Line, string Verb, Truth Truth);

/// <summary>Which policy decided.</summary>
/// <param name="Digest">Of the bytes of its file; <c>none</c> when there was none to decide by.</param>
public sealed record PolicyIdentity(string Name, int Version, string File, string Digest);

/// <summary>
/// What a policy says about an action, and why. The same policy and facts give the same decision, byte for byte, whatever the order of the rules.
/// </summary>
/// <param name="Reason">The answer and what it comes from, in one sentence.</param>
/// <param name="NearMisses">Rules that would have opened, with what they need and what is there.</param>
/// <param name="Join">How the requirements came together.</param>
/// <param name="WouldChange">What would make the answer looser.</param>
/// <param name="FactsUsed">Every fact that a rule asks for, by name, with its value or <c>unknown</c>.</param>
/// <param name="Facts">What was decided on, with the state of the calendars, so that it can be replayed.</param>
public sealed record PolicyDecision(
    PolicyIdentity Policy,
    PolicyOutcome Outcome,
    string Reason,
    IReadOnlyList<MatchedRule> Matched,
    IReadOnlyList<string> NearMisses,
    IReadOnlyList<string> Join,
    IReadOnlyList<string> WouldChange,
    IReadOnlyDictionary<string, string> FactsUsed,
    PolicyFacts Facts)
{
    /// <summary>The decision when there is no policy that could be used: prohibited, and nothing gets past it.</summary>
    /// <param name="file">Where the policy should be.</param>
    /// <param name="why">What is wrong and how to mend it, in a sentence.</param>
    public static PolicyDecision Unavailable(string file, string why, PolicyFacts facts) => Refused(new("none", 0, file, "none"), why, facts);

    internal static PolicyDecision Refused(PolicyIdentity policy, string why, PolicyFacts facts) =>
        new(policy, PolicyOutcome.Refused, $"prohibited absolutely: {why}", [], [], [], [], new Dictionary<string, string>(), facts);

    public PolicyEffect Effect => Outcome.Effect;

    /// <inheritdoc cref="PolicyOutcome.EffectName"/>
    public string EffectName => Outcome.EffectName;
}
