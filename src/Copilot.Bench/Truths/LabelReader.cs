using System.Diagnostics.CodeAnalysis;
using Copilot.Engine.Yaml;

namespace Copilot.Bench.Truths;

/// <summary>Typed values of a label. The first fault ends it, since what follows would be guesswork about a file that another program wrote.</summary>
/// <param name="file">The name that faults are reported under.</param>
internal sealed class LabelReader(string file)
{
    /// <summary>Values looked at, aliases each time: a small file can stand for very many.</summary>
    public const int MaxVisits = 200_000;

    private int _visits;

    public YamlMap Map(YamlValue value, string name)
    {
        Visit(value);
        return value as YamlMap ?? throw Fault(value, $"{name} is no map", "Write key: value.");
    }

    /// <summary>Empty for what is missing.</summary>
    public IEnumerable<YamlValue> List(YamlValue? value, string name)
    {
        if (IsMissing(value)) yield break;
        foreach (var item in (value as YamlList ?? throw Fault(value, $"{name} is no list", "Write a line with a dash for each item.")).Items)
        {
            Visit(item);
            yield return item;
        }
    }

    /// <summary>Null for what is missing.</summary>
    public string? Text(YamlValue? value, string name)
    {
        if (IsMissing(value)) return null;
        Visit(value);
        return (value as YamlScalar ?? throw Fault(value, $"{name} is no text", "Write one text.")).Text;
    }

    /// <summary>Empty for what is missing; one text is a list of one, which is how it is written now and then.</summary>
    public IReadOnlyList<string> Texts(YamlValue? value, string name) =>
        value is YamlScalar ? Text(value, name) is { Length: > 0 } single ? [single] : []
        : [.. List(value, name).Select(v => Text(v, name)).Where(t => !string.IsNullOrEmpty(t)).Select(t => t!)];

    /// <summary>False for what is missing. In the words of YAML 1.1, which the programs that write labels use.</summary>
    public bool Flag(YamlValue? value, string name) => Text(value, name)?.ToLowerInvariant() switch
    {
        null or "false" or "no" or "off" or "0" => false,
        "true" or "yes" or "on" or "1" => true,
        _ => throw Fault(value!, $"{name} is neither true nor false", "Write true, or take the key away."),
    };

    /// <summary>The value of a key, its own before one that is merged in by <c>&lt;&lt;</c>; null when there is none.</summary>
    public YamlValue? Find(YamlMap map, string key)
    {
        Visit(map);
        if (map.Entries.FirstOrDefault(e => e.Key.Text == key)?.Value is { } own) return own;
        return map.Entries.FirstOrDefault(e => e.Key is { Quoted: false, Text: "<<" })?.Value switch
        {
            YamlMap merged => Find(merged, key),
            YamlList several => several.Items.OfType<YamlMap>().Select(m => Find(m, key)).FirstOrDefault(v => v is not null),
            _ => null,
        };
    }

    public FileFaultException Fault(YamlValue at, string what, string remedy) => new(StrictYaml.Words(file, at.Line, what, remedy));

    private void Visit(YamlValue at)
    {
        if (++_visits > MaxVisits) throw Fault(at, $"more than {MaxVisits} values, aliases counted each time", "Write the label without aliases.");
    }

    private static bool IsMissing([NotNullWhen(false)] YamlValue? value) => value is null or YamlScalar { Quoted: false, Text: "" or "~" or "null" or "Null" or "NULL" };
}
