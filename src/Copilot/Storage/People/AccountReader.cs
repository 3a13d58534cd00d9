using Copilot.Core.Approvals.People;
using Copilot.Core.Receipts;
using Copilot.Engine.Yaml;

namespace Copilot.Storage.People;

/// <summary>Reads identities and keys. Each belongs to one: two votes by one person must never pass for two people.</summary>
internal sealed class AccountReader(YamlReader reader)
{
    // What differs in upper and lower case alone looks like one account to whoever reads the file.
    private readonly Dictionary<string, (string Owner, string Text, int Line)> _identities = new(StringComparer.OrdinalIgnoreCase);

    private readonly List<(string Owner, NoteKey Key, int Line)> _keys = [];

    public List<string> Identities(string owner, YamlValue? value)
    {
        var identities = new List<string>();
        foreach (var item in reader.List(value, $"identities of {owner}"))
        {
            if (reader.Text(item, "an identity") is not { } text) continue;
            if (!LinkedIdentity.Is(text)) reader.Fault(item, $"{text} is no identity", $"Write it like {LinkedIdentity.Forms}.");
            else if (_identities.TryAdd(text, (owner, text, item.Line))) identities.Add(text);
            else
            {
                var first = _identities[text];
                reader.Fault(item, $"{text} is an identity of {first.Owner} already{(first.Text == text ? "" : $", as {first.Text}")}, in line {first.Line}", "An account is one person or one service: keep one of the two.");
            }
        }
        return identities;
    }

    public List<NoteKey> Keys(string person, YamlValue? value)
    {
        var keys = new List<NoteKey>();
        foreach (var item in reader.List(value, $"keys of {person}"))
        {
            if (reader.Text(item, "a key") is not { } text) continue;
            if (!NoteKey.TryParse(text, out var key, out var fault)) reader.Fault(item, $"{text} is no key of a person ({fault})", $"Put it in as copilot identity enrol {person} prints it.");
            else if (key!.Name != person) reader.Fault(item, $"the key is of {key.Name} by its name and stands with {person}", "Put it to the person that it names.");
            else if (_keys.Find(k => k.Key.PublicKey.Span.SequenceEqual(key.PublicKey.Span)) is { Key: not null } same)
                reader.Fault(item, $"the key is one of {same.Owner} already, in line {same.Line}", "A key is one person's: keep one of the two, and have the other enrol a key of their own.");
            // The id has 32 bits only, and signatures name keys by it.
            else if (_keys.Find(k => k.Key.Id == key.Id) is { Key: not null } alike)
                reader.Fault(item, $"another key, of {alike.Owner} in line {alike.Line}, has the same id {key.Id:x8}", "Enrol another key.");
            else
            {
                _keys.Add((person, key, item.Line));
                keys.Add(key);
            }
        }
        return keys;
    }
}
