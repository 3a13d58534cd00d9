using System.Text.RegularExpressions;
using Copilot.Core.Actions;
using Copilot.Core.Policy;
using Copilot.Engine.Yaml;

namespace Copilot.Storage.Policies;

/// <summary>Reads <c>vocabulary</c>: the closed world of a policy, which must agree with the closed table of action kinds.</summary>
internal sealed partial class VocabularyReader(YamlReader reader)
{
    private static readonly string[] Reserved = ["unknown", "none", "another"];

    internal static readonly string[] Effects = ["read", "write", "configure"];

    /// <summary>What can be read of it. With faults it is incomplete, and only good for finding further ones.</summary>
    public PolicyVocabulary Read(YamlValue? value)
    {
        var fields = reader.Map(value, "the vocabulary", "kinds", "environments", "severities", "roles", "calendars", "stated_by_model");
        return new(
            Kinds(fields?.Need("kinds")),
            Names(fields?.Need("environments"), "environment"),
            fields?.Find("severities") is { } severities ? Names(severities, "severity") : PolicyVocabulary.UsualSeverities,
            [.. reader.Entries(fields?.Find("roles"), "roles").Select(Role).OfType<PolicyRole>()],
            [.. reader.Entries(fields?.Find("calendars"), "calendars").Select(e => new CalendarReader(reader).Read(e)).OfType<PolicyCalendar>()],
            [.. Names(fields?.Find("stated_by_model"), "fact", PolicyFactNames.All).Select(n => PolicyFactNames.Find(n)).OfType<PolicyFact>()]);
    }

    private List<ActionKind> Kinds(YamlValue? value)
    {
        var kinds = new List<ActionKind>();
        foreach (var (key, said) in reader.Entries(value, "kinds"))
        {
            var fields = reader.Map(said, $"the kind {key.Text}", "effect", "reversible");
            var effect = reader.OneOf(fields?.Need("effect"), "effect", Effects);
            if (reader.OneOf(key, "an action kind", [.. ActionKind.All.Select(k => k.Name)]) is not { } name) continue;
            var kind = ActionKind.Find(name)!;
            var reversible = reader.YesNo(kind.Effect != ActionEffect.Read ? fields?.Need("reversible") : fields?.Find("reversible"), "reversible");
            if (effect is not null && effect != kind.EffectName) reader.Fault(fields!.Find("effect")!, $"{name} does not {effect}", $"Write effect: {kind.EffectName}.");
            if (reversible is { } said2 && said2 != kind.Reversible) reader.Fault(fields!.Find("reversible")!, $"{name} is {(kind.Reversible ? "reversible" : "irreversible")}", $"Write reversible: {(kind.Reversible ? "yes" : "no")}.");
            kinds.Add(kind);
        }
        return kinds;
    }

    private List<string> Names(YamlValue? value, string what, IReadOnlyList<string>? known = null)
    {
        var names = new List<string>();
        foreach (var item in reader.List(value, $"the list of {what} names"))
        {
            if ((known is null ? reader.Identifier(item, what) : reader.OneOf(item, what, known)) is not { } name) continue;
            if (Reserved.Contains(name)) reader.Fault(item, $"{name} is no name for {what}", "It stands for what is not known. Name it otherwise.");
            if (names.Contains(name)) reader.Fault(item, $"{name} is declared twice", "Keep one of the two.");
            names.Add(name);
        }
        return names;
    }

    private PolicyRole? Role(YamlEntry entry)
    {
        var name = reader.Identifier(entry.Key, "role");
        if (reader.Text(entry.Value, "a role") is not { } group || name is null) return null;
        if (GroupForm().IsMatch(group)) return new(name, group);
        reader.Fault(entry.Value, $"{group} is no group", "Write group/ and its name, such as group/sre-oncall.");
        return null;
    }

    [GeneratedRegex(@"^group/[A-Za-z0-9][A-Za-z0-9._-]{0,62}\z", RegexOptions.NonBacktracking)]
    private static partial Regex GroupForm();
}
