using Copilot.Core.Actions;
using Copilot.Core.Receipts;

namespace Copilot.Core.Policy.Regions;

/// <summary>What would become of a policy once it is in force: whether another could take its place, and how it might do so without enough people.</summary>
public static class PolicySuccession
{
    private static readonly IReadOnlyList<PolicyCondition> AskedByAPerson =
    [
        new TextCondition(PolicyFact.Kind, null, TextTest.In, [ActionKind.PolicyActivate.Name], 0),
        new TextCondition(PolicyFact.Requester, null, TextTest.In, [ReceiptTypes.Name(ActorKind.Human)], 0),
    ];

    /// <param name="isEnough">Whether what is decided asks enough people.</param>
    /// <returns>What is wrong with it and how to mend it; null when nothing is.</returns>
    /// <exception cref="PolicyTooLargeException"/>
    public static string? Fault(PolicyDocument policy, Func<PolicyOutcome, bool> isEnough)
    {
        var open = PolicyAnalysis.Within(policy, AskedByAPerson, o => o.Effect != PolicyEffect.Prohibit).ToList();
        // Break-glass is for steps in an incident, and opens no policy.
        if (open.All(r => r.Answer.BreakGlassOnly)) return $"With it in force no other policy could take its place: nothing in it opens {ActionKind.PolicyActivate.Name} to a person. Add a rule that asks two people for it.";
        return open.Find(r => !isEnough(r.Answer)) is { } weak
            ? $"With it in force another policy could take its place where too few people agree ({weak.Answer.Words}; {weak.Words}). Have it ask two people for {ActionKind.PolicyActivate.Name} wherever it opens it."
            : null;
    }
}
