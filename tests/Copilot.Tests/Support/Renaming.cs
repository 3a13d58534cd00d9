using System.Text.RegularExpressions;

namespace Copilot.Tests.Support;

/// <summary>Replaces the names of all workloads, ConfigMaps and namespaces of a snapshot, everywhere and consistently.</summary>
internal sealed partial class Renaming
{
    private readonly Dictionary<string, string> _names;
    private readonly Regex _pattern;

    private static readonly HashSet<string> Words = ["events", "queue", "cache", "kafka", "rabbitmq", "web", "edge", "entry", "portal", "collector"];

    private Renaming(Dictionary<string, string> names, bool wholeWords = false)
    {
        _names = names;
        // The longest first, so that "cart-cache" is not taken for "cart".
        var any = string.Join('|', names.Keys.OrderByDescending(n => n.Length).Select(Regex.Escape));
        _pattern = new Regex(wholeWords ? $"(?<![A-Za-z0-9])(?:{any})(?![A-Za-z0-9])" : any, RegexOptions.Compiled);
    }

    public static Renaming Of(string directory)
    {
        var objects = File.ReadAllText(Path.Combine(directory, "k8s_objects_raw.tsv"));
        var names = new HashSet<string>();
        foreach (Match match in Deployment().Matches(objects)) names.Add(match.Groups[1].Value);
        var order = names.Order(StringComparer.Ordinal).ToList();
        return new(order.Select((name, i) => (name, i)).ToDictionary(n => n.name, n => $"q{(char)('a' + (n.i * 7 % 26))}{(char)('a' + (n.i / 4 % 26))}zx{(char)('a' + (n.i % 26))}"));
    }

    /// <summary>Of every service, the application's namespace and every flag, where the name is no word that the format itself uses.</summary>
    public static Renaming OfEverything(string directory)
    {
        var objects = File.ReadAllText(Path.Combine(directory, "k8s_objects_raw.tsv"));
        var traces = File.ReadAllText(Path.Combine(directory, "otel_traces_raw.tsv"));
        var names = Workload().Matches(objects).Select(m => m.Groups[1].Value)
            .Append(NamespaceName().Matches(traces).CountBy(m => m.Groups[1].Value).MaxBy(c => c.Value).Key)
            .Concat(FlagKey().Matches(traces).Select(m => m.Groups[1].Value))
            .Distinct().Where(n => !Words.Contains(n)).Order(StringComparer.Ordinal).ToList();
        return new(names.Select((name, i) => (name, i)).ToDictionary(n => n.name, n => $"zq{(char)('a' + (n.i / 26))}{(char)('a' + (n.i % 26))}x"), wholeWords: true);
    }

    public IReadOnlyDictionary<string, string> Names => _names;

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

    [GeneratedRegex(@"""""kind"""":""""(?:Deployment|StatefulSet)"""",""""metadata"""":\{.{0,4000}?""""name"""":""""([a-z0-9-]+)"""",""""namespace""""", RegexOptions.Singleline)]
    private static partial Regex Workload();

    [GeneratedRegex(@"'k8s\.namespace\.name': '([a-z0-9-]+)'")]
    private static partial Regex NamespaceName();

    [GeneratedRegex(@"'feature_flag\.key': '([A-Za-z0-9-]+)'")]
    private static partial Regex FlagKey();
}
