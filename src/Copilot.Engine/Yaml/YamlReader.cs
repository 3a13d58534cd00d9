using System.Globalization;
using System.Text.RegularExpressions;

namespace Copilot.Engine.Yaml;

/// <summary>
/// Reads typed values and collects what is wrong with all of them, so that a person mends a file in one go. An accessor that finds fault returns null;
/// one that is given null returns null and finds nothing, because the fault is told already. <see cref="ThrowIfFaulty"/> comes before anything is used.
/// </summary>
/// <param name="file">The name that faults are reported under.</param>
public sealed partial class YamlReader(string file)
{
    private readonly List<(int Line, string Words)> _faults = [];

    public bool Faulty => _faults.Count > 0;

    /// <summary>In the order of the file.</summary>
    public IReadOnlyList<string> Faults => [.. _faults.OrderBy(f => f.Line).Select(f => f.Words).Distinct()];

    public void Fault(YamlValue at, string what, string remedy) => Fault(at.Line, what, remedy);

    public void Fault(int line, string what, string remedy) => _faults.Add((line, StrictYaml.Words(file, line, what, remedy)));

    public void ThrowIfFaulty()
    {
        if (Faulty) throw new FileFaultException(Faults);
    }

    /// <summary>A map with a closed set of keys.</summary>
    /// <param name="name">What the value is, in words, such as "a rule".</param>
    public YamlFields? Map(YamlValue? value, string name, params IReadOnlyList<string> known)
    {
        if (value is null) return null;
        if (value is not YamlMap map)
        {
            Fault(value, $"{name} is no map", $"Write key: value, with the keys {string.Join(", ", known)}.");
            return null;
        }
        foreach (var (key, _) in map.Entries.Where(e => !known.Contains(e.Key.Text)))
            Fault(key, $"{key.Text} is no key of {name}", known.Count == 0 ? "Take it out." : $"Did you mean {Nearest(key.Text, known)}? Known are {string.Join(", ", known)}.");
        return new YamlFields(this, map, name);
    }

    /// <summary>A map whose keys are free, in the order of the file.</summary>
    public IReadOnlyList<YamlEntry> Entries(YamlValue? value, string name)
    {
        if (value is null) return [];
        if (value is YamlMap map) return map.Entries;
        Fault(value, $"{name} is no map", "Write key: value.");
        return [];
    }

    public IReadOnlyList<YamlValue> List(YamlValue? value, string name)
    {
        if (value is null) return [];
        if (value is YamlList list) return list.Items;
        Fault(value, $"{name} is no list", "Write [a, b], or a line with a dash for each item.");
        return [];
    }

    /// <summary>A text that is not empty and that no YAML reader takes for anything else.</summary>
    public string? Text(YamlValue? value, string name)
    {
        if (value is null) return null;
        if (value is not YamlScalar scalar) Fault(value, $"{name} is no text", "Write one text.");
        else if (scalar.Text.Length == 0) Fault(value, $"{name} is empty", "Write it out, or take the key away.");
        else if (scalar.Ambiguous) Fault(value, $"{name} is {scalar.Text}, which YAML may read as a boolean or as nothing", "Put it in quotes.");
        else return scalar.Text;
        return null;
    }

    /// <summary>Letters, digits and the signs in between, so that a name reads the same in a file, a receipt and a message.</summary>
    public string? Identifier(YamlValue? value, string name)
    {
        if (Text(value, name) is not { } text) return null;
        if (NameForm().IsMatch(text)) return text;
        Fault(value!, $"{name} {text} is no name", "Use letters, digits, dots, dashes and underscores, at most 63, beginning with a letter or digit.");
        return null;
    }

    public string? OneOf(YamlValue? value, string name, params IReadOnlyList<string> known)
    {
        if (Text(value, name) is not { } text) return null;
        if (known.Contains(text)) return text;
        Fault(value!, $"{name} is {text}", known.Count == 0 ? "None are declared." : $"Did you mean {Nearest(text, known)}? Known are {string.Join(", ", known)}.");
        return null;
    }

    public int? Integer(YamlValue? value, string name, int min = 0, int max = int.MaxValue)
    {
        if (value is null) return null;
        if (Plain(value) is { } text && WholeNumber().IsMatch(text) && int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max) return number;
        Fault(value, $"{name} is no whole number", max == int.MaxValue ? $"Write a number from {min}, in digits and without quotes." : $"Write a number from {min} to {max}, in digits and without quotes.");
        return null;
    }

    /// <summary>Plain decimal notation only: no exponent, no hexadecimal, no separator, nothing that is not a number.</summary>
    public decimal? Decimal(YamlValue? value, string name, decimal min, decimal max)
    {
        if (value is null) return null;
        if (Plain(value) is { } text && DecimalNumber().IsMatch(text) && decimal.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max) return number;
        Fault(value, $"{name} is no number from {min} to {max}", "Write it like 0.8, without quotes.");
        return null;
    }

    /// <summary><c>true</c> or <c>false</c>, written so.</summary>
    public bool? Boolean(YamlValue? value, string name) => Literal(value, name, "true", "false");

    /// <summary><c>yes</c> or <c>no</c>, written so.</summary>
    public bool? YesNo(YamlValue? value, string name) => Literal(value, name, "yes", "no");

    /// <summary>A whole number of seconds, minutes or hours, such as <c>90s</c>, <c>30m</c>, <c>2h</c>; at least one second, at most 366 days.</summary>
    public TimeSpan? Duration(YamlValue? value, string name)
    {
        if (value is null) return null;
        if (Plain(value) is { } text && Time().Match(text) is { Success: true } match)
        {
            var seconds = long.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture) * match.Groups[2].Value switch { "s" => 1, "m" => 60, _ => 3600 };
            if (seconds is >= 1 and <= 366 * 86_400) return TimeSpan.FromSeconds(seconds);
        }
        Fault(value, $"{name} is no duration", "Write a whole number and a unit, such as 90s, 30m or 2h.");
        return null;
    }

    /// <summary>A moment in ISO 8601 with its distance from UTC.</summary>
    public DateTimeOffset? Moment(YamlValue? value, string name)
    {
        if (Text(value, name) is not { } text) return null;
        if (MomentOf(text) is { } time) return time;
        Fault(value!, $"{name} is {text}, which is no moment", "Write it like 2026-11-27T09:30:00Z.");
        return null;
    }

    /// <summary>A moment in ISO 8601 with its distance from UTC; null when it is none.</summary>
    public static DateTimeOffset? MomentOf(string text) =>
        text.Length > 10 && (text.EndsWith('Z') || text.LastIndexOfAny(['+', '-']) > 10)
        && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.None, out var time) ? time.ToUniversalTime() : null;

    /// <summary>The known word with the fewest edits between.</summary>
    public static string Nearest(string word, IReadOnlyList<string> known) => known.MinBy(k => Distance(word, k))!;

    private bool? Literal(YamlValue? value, string name, string yes, string no)
    {
        if (value is null) return null;
        if (Plain(value) is { } text && (text == yes || text == no)) return text == yes;
        Fault(value, $"{name} is neither {yes} nor {no}", $"Write {yes} or {no}, without quotes.");
        return null;
    }

    private static string? Plain(YamlValue value) => value is YamlScalar { Quoted: false } scalar ? scalar.Text : null;

    // Levenshtein with one row; what comes from a file is cut, since nobody mistypes a name of hundreds of letters.
    private static int Distance(string from, string to)
    {
        if (from.Length > 64) from = from[..64];
        var row = Enumerable.Range(0, to.Length + 1).ToArray();
        for (var i = 1; i <= from.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= to.Length; j++)
                (diagonal, row[j]) = (row[j], Math.Min(Math.Min(row[j], row[j - 1]) + 1, diagonal + (from[i - 1] == to[j - 1] ? 0 : 1)));
        }
        return row[^1];
    }

    // The end is \z: $ would let a line break follow.
    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9._-]{0,62}\z", RegexOptions.NonBacktracking)]
    private static partial Regex NameForm();

    [GeneratedRegex(@"^(0|-?[1-9][0-9]{0,9})\z", RegexOptions.NonBacktracking)]
    private static partial Regex WholeNumber();

    [GeneratedRegex(@"^-?(0|[1-9][0-9]{0,11})([.][0-9]{1,9})?\z", RegexOptions.NonBacktracking)]
    private static partial Regex DecimalNumber();

    [GeneratedRegex(@"^([1-9][0-9]{0,8})([smh])\z", RegexOptions.NonBacktracking)]
    private static partial Regex Time();
}

/// <summary>The values of a map by their keys.</summary>
public sealed class YamlFields(YamlReader reader, YamlMap map, string name)
{
    public YamlMap Map => map;

    public YamlValue? Find(string key) => map.Entries.FirstOrDefault(e => e.Key.Text == key)?.Value;

    /// <summary>Null and a fault when the key is not there.</summary>
    public YamlValue? Need(string key)
    {
        var value = Find(key);
        if (value is null) reader.Fault(map, $"{name} has no {key}", $"Add {key}: to it.");
        return value;
    }
}
