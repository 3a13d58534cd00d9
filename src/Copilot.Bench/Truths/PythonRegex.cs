using System.Collections.Concurrent;
using System.Text.RegularExpressions;

namespace Copilot.Bench.Truths;

/// <summary>
/// A regular expression in the syntax of Python's <c>re</c> (docs.python.org/3/library/re.html), run by .NET. One that is broken, or that takes too long
/// for some text, fits nothing and says why.
/// </summary>
public sealed class PythonRegex
{
    public const int MaxLength = 1000;

    public static readonly TimeSpan Timeout = TimeSpan.FromMilliseconds(100);

    private const int MostKept = 4096;

    private static readonly ConcurrentDictionary<string, PythonRegex> Kept = new(StringComparer.Ordinal);

    private readonly Regex? _anywhere;
    private readonly Regex? _start;
    private readonly Regex? _whole;
    private volatile bool _tooSlow;

    private PythonRegex(string pattern)
    {
        try
        {
            if (pattern.Length > MaxLength) throw new FormatException($"longer than {MaxLength} characters");
            var translated = new PythonRegexTranslation(pattern).Translate();
            (_anywhere, _start, _whole) = (Build(translated), Build($@"\A(?:{translated})"), Build($@"\A(?:{translated})\z"));
        }
        catch (Exception e) when (e is FormatException or ArgumentException)
        {
            (_anywhere, _start, _whole, Broken) = (null, null, null, e.Message.TrimEnd('.'));
        }
    }

    /// <summary>Why it is no regular expression; null when it is one.</summary>
    public string? Broken { get; }

    /// <summary>What is wrong with it as far as is known by now; null when nothing is.</summary>
    public string? Trouble => Broken ?? (_tooSlow ? $"it takes longer than {Timeout.TotalMilliseconds:0} ms for one name" : null);

    public static PythonRegex Of(string pattern)
    {
        if (Kept.TryGetValue(pattern, out var known)) return known;
        if (Kept.Count >= MostKept) Kept.Clear();
        return Kept.GetOrAdd(pattern, static p => new(p));
    }

    /// <summary><c>re.search</c>.</summary>
    public bool Finds(string text) => IsMatch(_anywhere, text);

    /// <summary><c>re.match</c>.</summary>
    public bool Starts(string text) => IsMatch(_start, text);

    /// <summary><c>re.fullmatch</c>.</summary>
    public bool Fits(string text) => IsMatch(_whole, text);

    private bool IsMatch(Regex? regex, string text)
    {
        if (regex is null || _tooSlow) return false;
        // A busy machine can take the time away from an innocent one: it gets a second chance before it is given up for good.
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return regex.IsMatch(text);
            }
            catch (RegexMatchTimeoutException)
            {
                if (attempt < 2) continue;
                _tooSlow = true;
                return false;
            }
        }
    }

    private static Regex Build(string pattern)
    {
        try
        {
            // Takes time in proportion to the text, whatever the pattern.
            return new(pattern, RegexOptions.CultureInvariant | RegexOptions.NonBacktracking);
        }
        catch (NotSupportedException)
        {
            return new(pattern, RegexOptions.CultureInvariant, Timeout);
        }
    }
}
