using Copilot.Core.Policy;
using Copilot.Engine.Yaml;

namespace Copilot.Storage.Policies;

/// <summary>Reads the tests of a policy (docs/policy-language.md, "Tests").</summary>
internal sealed class PolicyTestsReader(YamlReader reader, string file, PolicyDocument policy)
{
    private static readonly SortedDictionary<string, string> NoFacts = new(StringComparer.Ordinal);
    public static readonly string[] Effects = [.. Enum.GetValues<PolicyEffect>().Select(PolicyOutcome.NameOf)];

    /// <summary>Facts of which there can be more.</summary>
    public static readonly string[] Numbers = [.. new[] { PolicyFact.Confidence, PolicyFact.IndependentSources, PolicyFact.Freshest, PolicyFact.Services, PolicyFact.Replicas, PolicyFact.ReadRows, PolicyFact.ReadRange, PolicyFact.ReadSize }.Select(PolicyFactNames.Name)];

    private readonly ConditionReader _conditions = new(reader, policy.Vocabulary);
    private readonly Dictionary<string, int> _names = new(StringComparer.Ordinal);

    /// <param name="policyName">What the file that the tests stand beside is called.</param>
    public PolicyTestSuite Read(YamlValue document, string policyName)
    {
        var root = reader.Map(document, "the tests", "tests", "policy", "now", "facts", "unknown", "cases", "invariants");
        reader.OneOf(root?.Need("tests"), "tests", "v1");
        reader.OneOf(root?.Need("policy"), "policy", policyName);
        var facts = root is null ? NoFacts : Facts(root, NoFacts);
        var cases = reader.List(root?.Find("cases"), "cases").SelectMany(c => Case(c, facts)).ToList();
        var invariants = reader.List(root?.Find("invariants"), "invariants").Select(Invariant).OfType<PolicyInvariant>().ToList();
        if (root is not null && cases.Count + invariants.Count == 0 && !reader.Faulty) reader.Fault(document, "there is no case", "List at least one under cases:.");
        return new(file, cases, invariants);
    }

    /// <summary>A case, and one for each of its variants.</summary>
    private IEnumerable<PolicyTestCase> Case(YamlValue item, SortedDictionary<string, string> defaults)
    {
        if (reader.Map(item, "a case", "name", "facts", "unknown", "now", "expect", "variants") is not { } fields) return [];
        var name = Name(reader.Text(fields.Need("name"), "name"), item);
        var facts = Facts(fields, defaults);
        var cases = new List<PolicyTestCase?> { Made(name, item, facts, fields) };
        foreach (var variant in reader.List(fields.Find("variants"), "variants"))
        {
            if (reader.Map(variant, "a variant", "name", "facts", "unknown", "now", "expect") is not { } own) continue;
            var changed = Facts(own, facts);
            var words = Words(facts, changed);
            if (words.Length == 0 && !reader.Faulty) reader.Fault(variant, "a variant has the facts of its case", "Say in facts:, unknown: or now: what is different.");
            var said = reader.Text(own.Find("name"), "name") ?? words;
            cases.Add(Made(name is null ? null : Name($"{name}: {said}", variant), variant, changed, own));
        }
        return cases.OfType<PolicyTestCase>();
    }

    private string? Name(string? name, YamlValue at)
    {
        if (name is not null && !_names.TryAdd(name, at.Line)) reader.Fault(at, $"a second case {name}, the first is in line {_names[name]}", "Give it another name.");
        return name;
    }

    private PolicyTestCase? Made(string? name, YamlValue item, SortedDictionary<string, string> facts, YamlFields fields) =>
        Expect(fields.Need("expect")) is { } expect && name is not null ? new(name, item.Line, PolicyFacts.FromMap(facts), expect) : null;

    /// <summary>The facts that hold around it, with those given in their place and without those that are to be unknown.</summary>
    private SortedDictionary<string, string> Facts(YamlFields fields, SortedDictionary<string, string> around)
    {
        var facts = new SortedDictionary<string, string>(around, StringComparer.Ordinal);
        if (fields.Find("facts") is { } value)
        {
            var given = PolicyFactsFile.Read(reader, value).ToMap();
            if (given.ContainsKey(Labels)) Forget(facts, Labels);
            foreach (var (fact, text) in given) facts[fact] = text;
        }
        if (reader.Moment(fields.Find("now"), "now") is { } now)
        {
            Forget(facts, Now);
            facts[Now] = new PolicyFacts { Now = now }.ToMap().Values.Single();
        }
        foreach (var item in reader.List(fields.Find("unknown"), "unknown"))
            if (reader.OneOf(item, "a fact", PolicyFactNames.All) is { } unknown) Forget(facts, unknown);
        return facts;
    }

    private static string Labels => PolicyFactNames.Name(PolicyFact.TargetLabels);

    private static string Now => PolicyFactNames.Name(PolicyFact.Now);

    private static void Forget(SortedDictionary<string, string> facts, string fact)
    {
        // What hangs on it goes with it: single labels, and which calendars are closed at a time.
        var parts = fact == Labels ? Labels + "." : fact == Now ? "calendar." : null;
        foreach (var key in facts.Keys.Where(k => k == fact || (parts is not null && k.StartsWith(parts, StringComparison.Ordinal))).ToList()) facts.Remove(key);
    }

    /// <summary>What of the facts is different, for a variant without a name.</summary>
    private static string Words(SortedDictionary<string, string> before, SortedDictionary<string, string> after) =>
        string.Join(", ", before.Keys.Union(after.Keys).Order(StringComparer.Ordinal).Where(k => before.GetValueOrDefault(k) != after.GetValueOrDefault(k)).Select(k => $"{k} {after.GetValueOrDefault(k) ?? "unknown"}"));

    private PolicyExpectation? Expect(YamlValue? value)
    {
        if (value is YamlScalar) return Effect(value, "expect") is { } alone ? new(alone) : null;
        if (reader.Map(value, "expect", "effect", "absolute", "approvals", "decide_within", "execute_within", "break_glass_only", "rules", "because") is not { } fields) return null;
        return Effect(fields.Need("effect"), "effect") is not { } effect ? null : new(effect)
        {
            Absolute = reader.Boolean(fields.Find("absolute"), "absolute"),
            Approvals = Approvals(fields.Find("approvals")),
            DecideWithin = reader.Duration(fields.Find("decide_within"), "decide_within"),
            ExecuteWithin = reader.Duration(fields.Find("execute_within"), "execute_within"),
            BreakGlassOnly = reader.Boolean(fields.Find("break_glass_only"), "break_glass_only"),
            Rules = fields.Find("rules") is { } rules ? [.. reader.List(rules, "rules").Select(r => reader.OneOf(r, "a rule", [.. policy.Rules.Select(p => p.Id)])).OfType<string>()] : null,
            Because = reader.Text(fields.Find("because"), "because"),
        };
    }

    private PolicyEffect? Effect(YamlValue? value, string name) => reader.OneOf(value, name, Effects) is { } word ? (PolicyEffect)Array.IndexOf(Effects, word) : null;

    private Dictionary<string, int>? Approvals(YamlValue? value)
    {
        if (value is null) return null;
        var approvals = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var (key, said) in reader.Entries(value, "approvals"))
            if (reader.OneOf(key, "the role", [.. policy.Vocabulary.Roles.Select(r => r.Name)]) is { } role && reader.Integer(said, "count", 1, RuleReader.MaxPeople) is { } count) approvals[role] = count;
        return approvals;
    }

    private PolicyInvariant? Invariant(YamlValue item)
    {
        if (reader.Map(item, "an invariant", "name", "forall", "never", "at_least", "approvals", "absolute", "monotone") is not { } fields) return null;
        var name = Name(reader.Text(fields.Need("name"), "name"), item);
        var claims = fields.Map.Entries.Where(e => e.Key.Text is "never" or "at_least" or "monotone").ToList();
        if (claims is not [var (claim, value)])
        {
            reader.Fault(item, $"an invariant claims {claims.Count} things", "Write exactly one of never, at_least and monotone.");
            return null;
        }
        var misplaced = fields.Map.Entries.Where(e => (e.Key.Text == "forall" && claim.Text == "monotone") || (e.Key.Text is "approvals" or "absolute" && claim.Text != "at_least"));
        foreach (var (key, _) in misplaced) reader.Fault(key, $"{key.Text} does not go with {claim.Text}", "Take it out.");
        var approvals = Approvals(fields.Find("approvals")) ?? [];
        if (claim.Text == "monotone") return reader.OneOf(value, "monotone", Numbers) is { } fact && name is not null ? new PolicyInvariant.Monotone(name, item.Line, PolicyFactNames.Find(fact)!.Value) : null;
        var forAll = _conditions.Read(fields.Need("forall"), "forall");
        if (Effect(value, claim.Text) is not { } effect || name is null) return null;
        if (claim.Text == "at_least" && effect == PolicyEffect.Allow) reader.Fault(value, "at_least is allow, which always holds", "Name another effect.");
        var absolute = reader.Boolean(fields.Find("absolute"), "absolute") ?? false;
        if (absolute && effect != PolicyEffect.Prohibit) reader.Fault(value, "only what is prohibited can be so absolutely", "Write at_least: prohibit, or take absolute away.");
        return claim.Text == "never" ? new PolicyInvariant.Never(name, item.Line, forAll, effect) : new PolicyInvariant.AtLeast(name, item.Line, forAll, effect, approvals, absolute);
    }
}
