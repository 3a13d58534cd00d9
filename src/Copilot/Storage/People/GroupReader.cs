using Copilot.Engine.Yaml;

namespace Copilot.Storage.People;

/// <summary>Reads <c>groups</c>, and who belongs to them.</summary>
internal sealed class GroupReader
{
    private readonly YamlReader _reader;
    private readonly List<(string Name, YamlValue At)> _declared = [];
    private readonly HashSet<string> _peopled = [];

    public GroupReader(YamlReader reader, YamlValue? value)
    {
        _reader = reader;
        foreach (var item in reader.List(value, "groups"))
        {
            if (reader.Identifier(item, "group") is not { } name) continue;
            if (_declared.Find(d => d.Name.Equals(name, StringComparison.OrdinalIgnoreCase)) is { Name: { } first })
                reader.Fault(item, first == name ? $"the group {name} is declared twice" : $"the groups {first} and {name} differ in nothing but upper and lower case", "Keep one of the two.");
            _declared.Add((name, item));
        }
    }

    public IReadOnlyList<string> Names => [.. _declared.Select(d => d.Name)];

    /// <summary>The groups of one person.</summary>
    public List<string> Of(string person, YamlValue? value)
    {
        var groups = new List<string>();
        foreach (var item in _reader.List(value, $"groups of {person}"))
        {
            if (_reader.Identifier(item, "group") is not { } name) continue;
            if (!Names.Contains(name)) _reader.Fault(item, $"{person} is in the group {name}, which is not declared", _declared.Count == 0 ? $"Write groups: [{name}] at the top of the file." : $"Did you mean {YamlReader.Nearest(name, Names)}? Else add {name} to groups: at the top of the file.");
            else if (groups.Contains(name)) _reader.Fault(item, $"{person} is in the group {name} twice", "Keep one of the two.");
            groups.Add(name);
        }
        _peopled.UnionWith(groups);
        return groups;
    }

    /// <summary>A group that nobody is in is most likely a misspelt one, and what asks it for a yes would wait in vain.</summary>
    public void RefuseDeserted()
    {
        foreach (var (name, at) in _declared.Where(d => !_peopled.Contains(d.Name)))
            _reader.Fault(at, $"nobody is in the group {name}", "Add it to the groups of a person, or take it out.");
    }
}
