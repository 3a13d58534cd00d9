using Copilot.Core.Policy;
using Copilot.Engine.Yaml;

namespace Copilot.Storage.Policies;

/// <summary>Reads <c>rules</c>.</summary>
internal sealed class RuleReader(YamlReader reader, PolicyVocabulary vocabulary)
{
    public const int MaxPeople = 20;

    public static readonly string[] Verbs = ["allow", "require_approval", "also_require", "prohibit"];

    private readonly ConditionReader _conditions = new(reader, vocabulary);

    public IReadOnlyList<PolicyRule> Read(YamlValue? value)
    {
        var rules = new List<PolicyRule>();
        foreach (var item in reader.List(value, "rules"))
        {
            var fields = reader.Map(item, "a rule", "id", "when", "then");
            var id = reader.Identifier(fields?.Need("id"), "the id");
            if (rules.Find(r => r.Id == id) is { } twin) reader.Fault(item, $"a second rule {id}, the first is in line {twin.Line}", "Give it another id.");
            var when = _conditions.Read(fields?.Need("when"), "when");
            if (Then(fields?.Need("then")) is not { } then || id is null) continue;
            if (then.Opens) RefuseOpening(item, id, when);
            rules.Add(new(id, item.Line, when, then));
        }
        return rules;
    }

    private PolicyThen? Then(YamlValue? value)
    {
        if (value is null) return null;
        if (value is YamlScalar) return reader.OneOf(value, "then", "allow", "prohibit") switch { "allow" => new PolicyThen.Allow(), "prohibit" => new PolicyThen.Prohibit(false, null), _ => null };
        var fields = reader.Map(value, "then", Verbs[1..]);
        if (fields is null) return null;
        if (fields.Map.Entries.Count != 1)
        {
            reader.Fault(value, $"then has {fields.Map.Entries.Count} verbs", $"Write exactly one of {string.Join(", ", Verbs)}; other verbs need their own rules.");
            return null;
        }
        if (fields.Find("require_approval") is { } require) return Requirements(require, "require_approval", opens: true) is { } needed ? new PolicyThen.RequireApproval(needed) : null;
        if (fields.Find("also_require") is { } also) return Requirements(also, "also_require", opens: false) is { } added ? new PolicyThen.AlsoRequire(added) : null;
        var prohibit = reader.Map(fields.Find("prohibit"), "prohibit", "absolute", "because");
        return prohibit is null ? null : new PolicyThen.Prohibit(reader.Boolean(prohibit.Find("absolute"), "absolute") ?? false, reader.Text(prohibit.Find("because"), "because"));
    }

    private PolicyRequirements? Requirements(YamlValue value, string verb, bool opens)
    {
        if (reader.Map(value, verb, "all", "decide_within", "execute_within", "break_glass_only") is not { } fields) return null;
        // An approval that never lapses would be used long after what it was given for has changed.
        var decide = reader.Duration(opens ? fields.Need("decide_within") : fields.Find("decide_within"), "decide_within");
        var execute = reader.Duration(opens ? fields.Need("execute_within") : fields.Find("execute_within"), "execute_within");
        var flag = reader.Boolean(fields.Find("break_glass_only"), "break_glass_only") ?? false;
        var list = reader.List(opens ? fields.Need("all") : fields.Find("all"), "all");
        var all = list.Select(Role).OfType<RoleRequirement>().ToList();
        if (opens && all.Count == list.Count && all.TrueForAll(r => r.Unless.Count > 0))
            reader.Fault(value, "nobody may be left to ask", "Name at least one role in all: without unless. To let it run by itself, write a rule with allow.");
        if (fields.Map.Entries.Count == 0) reader.Fault(value, $"{verb} adds nothing", "Name roles in all:, a time, or break_glass_only: true.");
        return new(all, decide, execute, flag);
    }

    private RoleRequirement? Role(YamlValue value)
    {
        var fields = reader.Map(value, "a requirement", "role", "count", "unless");
        var role = reader.OneOf(fields?.Need("role"), "the role", [.. vocabulary.Roles.Select(r => r.Name)]);
        var count = reader.Integer(fields?.Need("count"), "count", 1, MaxPeople);
        var unless = fields?.Find("unless");
        var conditions = _conditions.Read(unless, "unless");
        if (unless is not null && conditions.Count == 0 && !reader.Faulty) reader.Fault(unless, "unless says nothing", "Name a condition, or take it away.");
        RefuseModel(conditions, "a requirement falls away on");
        return role is null || count is null ? null : new(role, count.Value, conditions, value.Line);
    }

    private void RefuseOpening(YamlValue rule, string id, IReadOnlyList<PolicyCondition> when)
    {
        if (when.Count == 0 && !reader.Faulty) reader.Fault(rule, $"{id} opens everything", "Say in when: what it opens.");
        RefuseModel(when, $"{id} opens on");
    }

    /// <summary>What only a model says must loosen nothing.</summary>
    private void RefuseModel(IEnumerable<PolicyCondition> conditions, string what)
    {
        foreach (var condition in conditions.Where(c => vocabulary.StatedByModel.Contains(c.Fact)))
            reader.Fault(condition.Line, $"{what} {PolicyFactNames.Name(condition.Fact)}, which is stated by a model alone", "Ask for another fact, or take it from stated_by_model when it is measured.");
    }
}
