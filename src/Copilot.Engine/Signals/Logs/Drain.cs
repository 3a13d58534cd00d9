using System.Text.RegularExpressions;

namespace Copilot.Engine.Signals.Logs;

/// <summary>
/// The Drain log template miner: a tree of fixed depth by length and first word, whose leaves hold clusters of similar lines.
/// P. He, J. Zhu, Z. Zheng, M. Lyu: "Drain: An Online Log Parsing Approach with Fixed Depth Tree", ICWS 2017.
/// </summary>
internal sealed partial class Drain
{
    public const string Wildcard = "<*>";
    private const double Similar = 0.5; // the paper's similarity threshold for most systems
    private const int MaxTokens = 80;
    private const int MaxClusters = 2000;

    // Where a level stands among the first words, it tells apart what the rest may not.
    private const int LevelWithin = 6;
    private static readonly HashSet<string> Levels = new(StringComparer.OrdinalIgnoreCase) { "TRACE", "DEBUG", "INFO", "NOTICE", "WARN", "WARNING", "ERROR", "CRITICAL", "FATAL", "SEVERE" };

    private readonly Dictionary<(int Length, string First, string Level, string Site), List<Cluster>> _leaves = [];
    private readonly Dictionary<string, int> _known = [];
    private readonly List<Cluster> _clusters = [];

    public int Count => _clusters.Count;

    public string Template(int id) => string.Join(' ', _clusters[id].Tokens);

    /// <summary>The place in the code that writes its lines; empty where they do not tell.</summary>
    public string SiteOf(int id) => Array.Find(_clusters[id].Tokens, IsSite) ?? "";

    /// <summary>The number of the template that the line belongs to; -1 when there are too many templates already.</summary>
    public int Add(string line)
    {
        var tokens = Mask(line);
        var masked = string.Join(' ', tokens);
        if (_known.TryGetValue(masked, out var id)) return id;

        // Lines of two levels, or from two places in the code, are not the same however much they look alike.
        var key = (tokens.Length, tokens.Length > 0 ? tokens[0] : "", LevelOf(tokens), Array.Find(tokens, IsSite) ?? "");
        if (!_leaves.TryGetValue(key, out var leaf)) _leaves[key] = leaf = [];
        Cluster? best = null;
        var bestScore = 0.0;
        foreach (var cluster in leaf)
        {
            var score = Similarity(cluster.Tokens, tokens);
            if (score > bestScore) (best, bestScore) = (cluster, score);
        }
        if (best is null || bestScore < Similar)
        {
            if (_clusters.Count >= MaxClusters) return -1;
            best = new(_clusters.Count, tokens);
            _clusters.Add(best);
            leaf.Add(best);
        }
        else
        {
            for (var i = 0; i < tokens.Length; i++)
                if (best.Tokens[i] != tokens[i]) best.Tokens[i] = Wildcard;
        }
        if (_known.Count < MaxClusters * 10) _known[masked] = best.Id;
        return best.Id;
    }

    /// <summary>Words of the line with everything that carries a number replaced: identifiers, addresses, times and sizes vary.</summary>
    private static string[] Mask(string line)
    {
        var tokens = line.Split([' ', '\t', '\n', '\r'], MaxTokens, StringSplitOptions.RemoveEmptyEntries);
        for (var i = 0; i < tokens.Length; i++)
            if (tokens[i].AsSpan().ContainsAnyInRange('0', '9') && !IsSite(tokens[i])) tokens[i] = Wildcard;
        return tokens;
    }

    private static string LevelOf(string[] tokens) =>
        tokens.Take(LevelWithin).Select(t => t.Trim('[', ']', ':', '|', ',', '(', ')')).FirstOrDefault(Levels.Contains) ?? "";

    /// <summary>A place in the code, as loggers write it: <c>o.s.OrderService#142</c>, <c>main.go:77</c>. Its number does not vary.</summary>
    private static bool IsSite(string token) => token.AsSpan().ContainsAny('#', ':') && Site().IsMatch(token);

    [GeneratedRegex(@"^[\[(]?([A-Za-z_$][\w$.]*#\d+|[\w$./-]+\.(go|py|js|ts|java|kt|scala|rb|cs|rs|php|c|cc|cpp|h|ex|exs):\d+)[\]),:]*$", RegexOptions.NonBacktracking)]
    private static partial Regex Site();

    /// <summary>The share of the template's own words that the line has: what varies in both is no likeness.</summary>
    private static double Similarity(string[] template, string[] tokens)
    {
        var (same, constant) = (0, 0);
        for (var i = 0; i < tokens.Length; i++)
        {
            if (template[i] == Wildcard) continue;
            constant++;
            if (template[i] == tokens[i]) same++;
        }
        return constant == 0 ? 1 : (double)same / constant;
    }

    private sealed record Cluster(int Id, string[] Tokens);
}
