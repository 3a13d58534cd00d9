namespace Copilot.Engine.Yaml;

/// <summary>What a YAML file says, with the place it says it, both counted from 1.</summary>
public abstract record YamlValue(int Line, int Column);

/// <summary>A map. Its keys are distinct texts, in the order of the file.</summary>
public sealed record YamlMap(IReadOnlyList<YamlEntry> Entries, int Line, int Column) : YamlValue(Line, Column);

public sealed record YamlEntry(YamlScalar Key, YamlValue Value);

public sealed record YamlList(IReadOnlyList<YamlValue> Items, int Line, int Column) : YamlValue(Line, Column);

/// <param name="Quoted">Written in quotes or as a block, so that it is a text and nothing else.</param>
public sealed record YamlScalar(string Text, bool Quoted, int Line, int Column) : YamlValue(Line, Column)
{
    private static readonly HashSet<string> Words = new(StringComparer.OrdinalIgnoreCase) { "yes", "no", "on", "off", "y", "n", "true", "false", "null", "~", "" };

    /// <summary>Unquoted, and some YAML reader would take it for a boolean or for nothing.</summary>
    public bool Ambiguous => !Quoted && Words.Contains(Text);
}
