using System.Text.RegularExpressions;

namespace Copilot.Tests.Support;

/// <summary>Replaces the names of all workloads, ConfigMaps and namespaces of a snapshot, everywhere and consistently.</summary>
internal sealed partial class Renaming
{
    private readonly Dictionary<string, string> _names;
    private readonly Regex _pattern;

    private Renaming(Dictionary<string, string> names)
    {
        _names = names;
        // The longest first, so that "cart-cache" is not taken for "cart".
        _pattern = new Regex(string.Join('|', names.Keys.OrderByDescending(n => n.Length).Select(Regex.Escape)));
    }

    public static Renaming Of(string directory)
    {
        var objects = File.ReadAllText(Path.Combine(directory, "k8s_objects_raw.tsv"));
        var names = new HashSet<string>();
        foreach (Match match in Deployment().Matches(objects)) names.Add(match.Groups[1].Value);
        var order = names.Order(StringComparer.Ordinal).ToList();
        return new(order.Select((name, i) => (name, i)).ToDictionary(n => n.name, n => $"q{(char)('a' + (n.i * 7 % 26))}{(char)('a' + (n.i / 4 % 26))}zx{(char)('a' + (n.i % 26))}"));
    }

    public string Apply(string text) => _pattern.Replace(text, m => _names[m.Value]);

    public void Copy(string from, string to)
    {
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(to, Apply(Path.GetRelativePath(from, file)));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.WriteAllText(target, Apply(File.ReadAllText(file)));
        }
    }

    [GeneratedRegex(@"""""kind"""":""""Deployment"""",""""metadata"""":\{.{0,4000}?""""name"""":""""([a-z0-9-]+)"""",""""namespace""""", RegexOptions.Singleline)]
    private static partial Regex Deployment();
}
