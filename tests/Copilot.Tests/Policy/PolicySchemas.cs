using System.Text.Json.Nodes;
using Copilot.Core.Actions;
using Copilot.Core.Policy;
using Copilot.Core.Receipts;
using Copilot.Storage.Policies;
using static Copilot.Tests.Support.SchemaWords;

namespace Copilot.Tests.Policy;

/// <summary>
/// The JSON Schemas with which editors complete policies and their tests, drawn from the tables of the code. They say what can be said of a file by itself;
/// whether a name is declared, and all else, says <c>copilot policy check</c>.
/// </summary>
internal static class PolicySchemas
{
    private const string Duration = "^[1-9][0-9]{0,8}[smh]$";
    private const string Moment = "^[0-9]{4}-[0-9]{2}-[0-9]{2}T.+(Z|[+-][0-9]{2}:[0-9]{2})$";

    private static readonly string[] Requesters = [.. Enum.GetNames<ActorKind>().Select(n => n.ToLowerInvariant())];

    private static readonly PolicyFact[] Numbers =
        [PolicyFact.Services, PolicyFact.Replicas, PolicyFact.Confidence, PolicyFact.IndependentSources, PolicyFact.Freshest, PolicyFact.ReadRows, PolicyFact.ReadRange, PolicyFact.ReadSize];

    public static JsonObject Policy() => Root("Policy", "What the copilot may do by itself, what needs people, and what is prohibited (docs/policy-language.md).", Closed(
        ["policy", "name", "version", "default", "vocabulary", "rules"],
        ("policy", OneOf(["v1"], "The version of the language.")),
        ("name", Text(Name, "What decisions call the policy.")),
        ("version", Whole(1, "Counted up with every change.")),
        ("default", OneOf(["prohibit"], "What no rule opens is prohibited.")),
        ("vocabulary", Vocabulary()),
        ("rules", List(Rule(), "In any order: all that match count.", 0))));

    public static JsonObject Tests() => Root("Tests of a policy", "Facts, and what the policy beside is to say of them (docs/policy-language.md).", Closed(
        ["tests", "policy"],
        [("tests", OneOf(["v1"], "The version of the form.")),
        ("policy", Text("^[^/]+[.]ya?ml$", "The policy that the file stands beside: NAME.yaml for NAME.tests.yaml.")),
        .. Given(),
        ("cases", List(Case(), "What is decided, and how.", 0)),
        ("invariants", List(Invariant(), "What must hold whatever the facts.", 0))]));

    private static JsonObject Root(string title, string description, JsonObject schema)
    {
        var root = Support.SchemaWords.Root(title, description, schema);
        root["$defs"] = new JsonObject { ["conditions"] = Conditions() };
        return root;
    }

    private static JsonObject Vocabulary() => Say("The closed world of the policy: rules may use only what is declared here.", Closed(
        ["kinds", "environments"],
        ("kinds", Say("The kinds of action that it speaks of, as the table of kinds has them.", Closed([], [.. ActionKind.All.Select(k => (k.Name, Kind(k)))]))),
        ("environments", List(Text(Name), "One that is not declared counts as unknown.", 0)),
        ("severities", List(Text(Name), $"Without it {string.Join(", ", PolicyVocabulary.UsualSeverities)}.", 0)),
        ("roles", Map(Text("^group/[A-Za-z0-9][A-Za-z0-9._-]{0,62}$"), "The group whose members hold the role, by its name.")),
        ("calendars", Map(Closed(
            ["tz", "closed"],
            ("tz", Text("^(UTC|[A-Z][A-Za-z_]+(/[A-Za-z0-9_+-]+){1,2})$", "An IANA time zone, such as Europe/Berlin.")),
            ("closed", List(Text("^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}/[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}$"), "Local times, FROM/TO; the end is open again.", 0))), "Times at which other rules hold.")),
        ("stated_by_model", List(OneOf(PolicyFactNames.All), "Facts that nothing but a model tells: no rule may open on them.", 0))));

    private static JsonObject Kind(ActionKind kind)
    {
        var effect = ("effect", OneOf([kind.EffectName]));
        var reversible = ("reversible", OneOf([kind.Reversible ? "yes" : "no"]));
        return Say($"{char.ToUpperInvariant(kind.Does[0])}{kind.Does[1..]}.", Closed(kind.Effect == ActionEffect.Read ? ["effect"] : ["effect", "reversible"], effect, reversible));
    }

    private static JsonObject Rule() => Closed(
        ["id", "when", "then"],
        ("id", Text(Name, "Unique in the policy.")),
        ("when", Conditions("All must hold; {} always does.")),
        ("then", Either(
            OneOf(["allow", "prohibit"]),
            Only("require_approval", "Opens, with requirements.", Requirements("all", "decide_within", "execute_within")),
            Only("also_require", "Opens nothing, adds to what is open.", Requirements()),
            Only("prohibit", "Closes.", Closed([], ("absolute", Flag("Not even break-glass gets past it.")), ("because", Any("Told with the decision.")))))));

    private static JsonObject Requirements(params string[] required) => Closed(
        required,
        1,
        ("all", List(Closed(
            ["role", "count"],
            ("role", Text(Name, "A declared role.")),
            ("count", Whole(1, "Distinct people.", RuleReader.MaxPeople)),
            ("unless", Conditions("When all hold, the requirement falls away."))), "All of them are asked.", 0)),
        ("decide_within", Text(Duration, "From the request, such as 30m.")),
        ("execute_within", Text(Duration, "From the last approval, such as 10m.")),
        ("break_glass_only", Flag("Only with break-glass.")));

    private static JsonObject Conditions() => Closed([], [.. ByName(Enum.GetValues<PolicyFact>().Where(f => f != PolicyFact.Now), Condition, least: 1), ("calendar", Closed(["closed"], ("closed", Text(Name, "A declared calendar."))))]);

    /// <summary>The facts that stand alone, and a map for each group of others, such as <c>evidence</c>.</summary>
    private static IEnumerable<(string, JsonObject)> ByName(IEnumerable<PolicyFact> facts, Func<PolicyFact, JsonObject> form, int least) =>
        facts.Select(f => (Fact: f, Parts: PolicyFactNames.Name(f).Split('.'))).GroupBy(f => f.Parts[0])
            .Select(g => (g.Key, g.First().Parts.Length == 1 ? form(g.First().Fact) : Closed([], least, [.. g.Select(f => (f.Parts[1], form(f.Fact)))])));

    private static JsonObject Condition(PolicyFact fact) => fact switch
    {
        PolicyFact.Kind => Either(OneOf(Kinds), Closed([], 1, [.. Tests(OneOf(Kinds), glob: false), ("effect", OneOf(VocabularyReader.Effects)), ("reversible", OneOf(["yes", "no"]))])),
        PolicyFact.Environment or PolicyFact.Severity => Matches(Text(Name), glob: false),
        PolicyFact.Requester => Matches(OneOf(Requesters), glob: false),
        PolicyFact.ReadSource => Matches(OneOf(PolicyRead.Sources), glob: false),
        PolicyFact.Loosens => OneOf(["yes", "no"]),
        PolicyFact.TargetLabels => Map(Matches(Any(), glob: true), "By key; a label that the target does not have is none of the values.", 1),
        _ when Numbers.Contains(fact) => Say($"{PolicyFactNames.Words(fact)}, both ends included.", Closed([], 1, ("min", Number(fact)), ("max", Number(fact)))),
        _ => Matches(Any(), glob: true),
    };

    private static JsonObject Matches(JsonObject text, bool glob) => Either(text, Closed([], 1, [.. Tests(text, glob)]));

    private static IEnumerable<(string, JsonObject)> Tests(JsonObject text, bool glob)
    {
        yield return ("in", Say("One of them.", Several(text)));
        yield return ("not", Say("None of them.", Several(text)));
        if (glob) yield return ("glob", Say("Like one of them; a star stands for anything but a slash.", Several(Any())));
    }

    private static JsonObject Several(JsonObject text) => Either((JsonObject)text.DeepClone(), List((JsonObject)text.DeepClone(), null));

    private static (string, JsonObject)[] Given() =>
    [
        ("facts", GivenFacts()),
        ("unknown", List(OneOf(PolicyFactNames.All), "Facts that nobody states.", 0)),
        ("now", Text(Moment, "The time of the decision.")),
    ];

    private static JsonObject GivenFacts()
    {
        var schema = Say("What is known; what is left out is as around it, else unknown.", Closed([], [.. ByName(Enum.GetValues<PolicyFact>(), Value, least: 0), ("stated_by_model", Either(List(OneOf(PolicyFactNames.All), "They count as unknown.", 0), Text(".")))]));
        // Flat, as decisions record them.
        schema["patternProperties"] = new JsonObject { ["^[a-z_]+[.]"] = new JsonObject { ["type"] = new JsonArray("string", "number") } };
        return schema;
    }

    private static JsonObject Value(PolicyFact fact) => fact switch
    {
        PolicyFact.Kind => OneOf(Kinds),
        PolicyFact.Requester => OneOf(Requesters),
        PolicyFact.ReadSource => OneOf(PolicyRead.Sources),
        PolicyFact.Loosens => OneOf(["yes", "no"]),
        PolicyFact.Now => Text(Moment),
        PolicyFact.TargetLabels => Map(Any(), "All that the target has."),
        _ when Numbers.Contains(fact) => Number(fact),
        _ => Any(),
    };

    private static JsonObject Case()
    {
        var variant = Closed(["expect"], [("name", Any("Without it, what is different.")), .. Given(), ("expect", Expect())]);
        return Closed(["name", "expect"], [("name", Any("Unique in the file.")), .. Given(), ("expect", Expect()), ("variants", List(variant, "The same facts but for those that are named.", 0))]);
    }

    private static JsonObject Expect() => Either(OneOf(PolicyTestsReader.Effects), Closed(
        ["effect"],
        ("effect", OneOf(PolicyTestsReader.Effects)),
        ("absolute", Flag("Prohibited beyond break-glass.")),
        ("approvals", People("All roles that are asked; {} is nobody.")),
        ("decide_within", Text(Duration)),
        ("execute_within", Text(Duration)),
        ("break_glass_only", Flag("Only with break-glass.")),
        ("rules", List(Text(Name), "The ids of all rules that bear on it, in any order.", 0)),
        ("because", Any("A part of the reason."))));

    private static JsonObject Invariant() => Either(
        Closed(["name", "forall", "never"], ("name", Any()), ("forall", Conditions("Of all facts on which these hold.")), ("never", OneOf(["allow", "require_approval", "prohibit"], "No decision has this effect."))),
        Closed(["name", "forall", "at_least"], ("name", Any()), ("forall", Conditions("Of all facts on which these hold.")), ("at_least", OneOf(["require_approval", "prohibit"], "Every decision has this effect or a tighter one.")), ("approvals", People("At least these people.")), ("absolute", Flag("Prohibited for break-glass as well."))),
        Closed(["name", "monotone"], ("name", Any()), ("monotone", OneOf(PolicyTestsReader.Numbers, "A better value of it never tightens a decision."))));

    private static JsonObject People(string says) => Map(Whole(1, null, RuleReader.MaxPeople), says);

    private static string[] Kinds => [.. ActionKind.All.Select(k => k.Name)];

    private static JsonObject Conditions(string says) => Say(says, new() { ["$ref"] = "#/$defs/conditions" });

    private static JsonObject Only(string verb, string says, JsonObject schema) => Closed([verb], (verb, Say(says, schema)));

    private static JsonObject Number(PolicyFact fact) => fact == PolicyFact.Confidence ? new() { ["type"] = "number", ["minimum"] = 0, ["maximum"] = 1 } : Whole(0);
}
