using System.Text.RegularExpressions;
using Copilot.Core.Approvals.People;
using Copilot.Engine.Yaml;

namespace Copilot.Storage.People;

/// <summary>Reads <c>people</c>.</summary>
internal sealed partial class PersonReader(YamlReader reader, GroupReader groups, AccountReader accounts)
{
    public const int LongestName = 120;

    /// <summary>It is a name for a file as well, on every system.</summary>
    public const string IdPattern = "^[a-z][a-z0-9._-]{0,62}$";

    /// <summary>They stand for somebody else, or for none, wherever a person is named.</summary>
    private static readonly string[] Reserved = ["nobody", "unknown", "none", "copilot"];

    private readonly Dictionary<string, string> _names = new(StringComparer.OrdinalIgnoreCase);

    public List<Person> Read(YamlValue? value)
    {
        if (value is YamlMap { Entries.Count: 0 }) reader.Fault(value, "people names nobody", "Add a person, or name no directory in the settings.");
        return [.. reader.Entries(value, "people").Select(One)];
    }

    private Person One(YamlEntry entry)
    {
        var (key, said) = entry;
        var id = key.Text;
        if (!IdForm().IsMatch(id) || id.EndsWith('\n')) reader.Fault(key, $"{id} is no id of a person", "Use small letters, digits, dots, dashes and underscores, at most 63, beginning with a letter.");
        else if (Reserved.Contains(id)) reader.Fault(key, $"{id} is no id of a person, as it has a meaning of its own", "Choose another one.");
        var fields = reader.Map(said, $"the person {id}", "name", "groups", "identities", "keys", "disabled");
        return new(
            id,
            Name(fields?.Need("name")) ?? "",
            groups.Of(id, fields?.Find("groups")),
            accounts.Identities(id, fields?.Find("identities")),
            accounts.Keys(id, fields?.Find("keys")),
            reader.Boolean(fields?.Find("disabled"), "disabled") ?? false);
    }

    /// <summary>What others see of somebody who votes: it must not pass for another person's.</summary>
    private string? Name(YamlValue? value)
    {
        if (reader.Text(value, "name") is not { } name) return null;
        if (name.Length > LongestName || name.Trim() != name || name.Any(char.IsControl)) reader.Fault(value!, "the name is no line of text", $"Write one line without spaces around it, at most {LongestName} characters.");
        else if (MixedWord().Match(name) is { Success: true } mixed) reader.Fault(value!, $"{mixed.Value} in the name {name} mixes letters of several alphabets", "Write each word in one.");
        else if (!_names.TryAdd(name, name)) reader.Fault(value!, $"two people are called {name}", "Add what tells them apart, such as a place in brackets.");
        return name;
    }

    [GeneratedRegex(IdPattern, RegexOptions.NonBacktracking)]
    private static partial Regex IdForm();

    // The letters that pass for Latin ones.
    [GeneratedRegex(@"\p{L}*([A-Za-z]\p{L}*[\p{IsGreek}\p{IsCyrillic}]|[\p{IsGreek}\p{IsCyrillic}]\p{L}*[A-Za-z])\p{L}*", RegexOptions.NonBacktracking)]
    private static partial Regex MixedWord();
}
