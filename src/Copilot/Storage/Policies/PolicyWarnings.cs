using Copilot.Core.Actions;
using Copilot.Core.Policy;
using Copilot.Engine.Yaml;

namespace Copilot.Storage.Policies;

/// <summary>
/// What a policy may have and hardly wants. Environments and severities are left out: declaring one is of use without any rule that names it, because what
/// is not declared counts as unknown.
/// </summary>
internal static class PolicyWarnings
{
    /// <param name="line">Where a key of a section of the vocabulary stands.</param>
    public static IReadOnlyList<string> Of(PolicyDocument policy, Func<string, string, int> line)
    {
        var (vocabulary, rules) = (policy.Vocabulary, policy.Rules);
        var requirements = rules.Select(r => r.Then switch { PolicyThen.RequireApproval v => v.Requirements, PolicyThen.AlsoRequire v => v.Requirements, _ => null }).OfType<PolicyRequirements>().SelectMany(r => r.All).ToList();
        var calendars = rules.SelectMany(r => r.When).Concat(requirements.SelectMany(r => r.Unless)).OfType<ClosedCondition>().Select(c => c.Calendar).ToHashSet();
        var roles = requirements.Select(r => r.Role).ToHashSet();
        var warnings = new List<(int Line, string Words)>();
        foreach (var kind in vocabulary.Kinds.Where(k => !rules.Any(r => Reaches(r, k)))) Unused("kinds", kind.Name, "the kind");
        foreach (var role in vocabulary.Roles.Where(r => !roles.Contains(r.Name))) Unused("roles", role.Name, "the role");
        foreach (var calendar in vocabulary.Calendars.Where(c => !calendars.Contains(c.Name))) Unused("calendars", calendar.Name, "the calendar");
        foreach (var kind in vocabulary.Kinds.Where(k => !k.Reversible && !rules.Any(r => r.Then is PolicyThen.Prohibit { Absolute: true } && r.When.All(c => c.Fact == PolicyFact.Kind) && Reaches(r, k))))
            Warn("kinds", kind.Name, $"{kind.Name} is irreversible, and no rule prohibits it absolutely", "Add a rule with when: { kind: { reversible: no } } and then: { prohibit: { absolute: true } }.");
        return [.. warnings.OrderBy(w => w.Line).Select(w => w.Words)];

        void Unused(string section, string name, string what) => Warn(section, name, $"no rule uses {what} {name}", "Take it out of the vocabulary, or write the rule that is missing.");

        void Warn(string section, string name, string what, string remedy) => warnings.Add((line(section, name), StrictYaml.Words(policy.File, line(section, name), what, remedy)));
    }

    private static bool Reaches(PolicyRule rule, ActionKind kind) => rule.When.All(c => c switch
    {
        EffectCondition effect => effect.Effect == kind.Effect,
        ReversibleCondition reversible => reversible.Reversible == kind.Reversible,
        TextCondition { TextFact: PolicyFact.Kind } text => text.Texts.Contains(kind.Name) == (text.Test == TextTest.In),
        _ => true,
    });
}
