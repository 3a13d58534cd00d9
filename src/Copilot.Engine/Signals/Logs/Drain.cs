using System.Buffers;
using System.IO.Hashing;
using System.Runtime.InteropServices;
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
    private static readonly SearchValues<char> Spaces = SearchValues.Create(" \t\n\r");
    private static readonly HashSet<string> Levels = new(StringComparer.OrdinalIgnoreCase) { "TRACE", "DEBUG", "INFO", "NOTICE", "WARN", "WARNING", "ERROR", "CRITICAL", "FATAL", "SEVERE" };

    private readonly Dictionary<(int Length, string First, string Level, string Site), List<Cluster>> _leaves = [];
    private readonly Dictionary<ulong, int> _known = []; // by a hash of the masked line
    private readonly List<Cluster> _clusters = [];
    private char[] _masked = new char[1024];

    public int Count => _clusters.Count;

    public string Template(int id) => string.Join(' ', _clusters[id].Tokens);

    /// <summary>The place in the code that writes its lines; empty where they do not tell.</summary>
    public string SiteOf(int id) => Array.Find(_clusters[id].Tokens, t => IsSite(t)) ?? "";

    /// <summary>The number of the template that the line belongs to; -1 when there are too many templates already.</summary>
    public int Add(ReadOnlySpan<char> line)
    {
        // Most lines differ from one seen before in nothing but numbers: those make no strings.
        var masked = Mask(line);
        var hash = XxHash3.HashToUInt64(MemoryMarshal.AsBytes(masked));
        if (_known.TryGetValue(hash, out var id)) return id;
        id = Assign(masked.Length == 0 ? [] : masked.ToString().Split(' ', MaxTokens));
        if (id >= 0 && _known.Count < MaxClusters * 10) _known[hash] = id;
        return id;
    }

    private int Assign(string[] tokens)
    {
        // Lines of two levels, or from two places in the code, are not the same however much they look alike.
        var key = (tokens.Length, tokens.Length > 0 ? tokens[0] : "", LevelOf(tokens), Array.Find(tokens, t => IsSite(t)) ?? "");
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
        return best.Id;
    }

    /// <summary>
    /// The words of the line, a space between them, with everything that carries a number replaced: identifiers, addresses, times and sizes vary. What comes
    /// behind so many words is one word.
    /// </summary>
    private ReadOnlySpan<char> Mask(ReadOnlySpan<char> line)
    {
        // A word of one sign becomes a wildcard of three, and words have spaces between them.
        if (_masked.Length < 2 * line.Length + Wildcard.Length) _masked = new char[2 * line.Length + Wildcard.Length];
        var length = 0;
        for (var count = 1; ; count++)
        {
            var start = line.IndexOfAnyExcept(Spaces);
            if (start < 0) return _masked.AsSpan(0, length);
            line = line[start..];
            var end = count == MaxTokens ? line.Length : line.IndexOfAny(Spaces);
            var token = end < 0 ? line : line[..end];
            line = line[token.Length..];
            if (token.ContainsAnyInRange('0', '9') && !IsSite(token)) token = Wildcard;
            if (length > 0) _masked[length++] = ' ';
            token.CopyTo(_masked.AsSpan(length));
            length += token.Length;
        }
    }

    private static string LevelOf(string[] tokens) =>
        tokens.Take(LevelWithin).Select(t => t.Trim('[', ']', ':', '|', ',', '(', ')')).FirstOrDefault(Levels.Contains) ?? "";

    /// <summary>A place in the code, as loggers write it: <c>o.s.OrderService#142</c>, <c>main.go:77</c>. Its number does not vary.</summary>
    private static bool IsSite(ReadOnlySpan<char> token)
    {
        // Times, addresses and fields have such signs as well, and far more often.
        var mark = token.IndexOfAny('#', ':');
        return mark > 0 && mark + 1 < token.Length && char.IsDigit(token[mark + 1]) && (token[mark] == '#' || char.IsAsciiLetter(token[mark - 1])) && Site().IsMatch(token);
    }

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
