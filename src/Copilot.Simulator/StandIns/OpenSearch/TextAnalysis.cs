namespace Copilot.Simulator.StandIns.OpenSearch;

/// <summary>What the standard analyzer makes of a text: words by the rules of Unicode (UAX 29), in lower case.</summary>
internal static class TextAnalysis
{
    private const int LongestToken = 255;

    public static List<string> Tokens(string text)
    {
        List<string> tokens = [];
        for (var i = 0; i < text.Length;)
        {
            if (!IsWord(text[i]))
            {
                i++;
                continue;
            }
            var from = i;
            while (i < text.Length && (IsWord(text[i]) || Joins(text, i))) i++;
            for (; from < i; from += LongestToken) tokens.Add(text[from..Math.Min(i, from + LongestToken)].ToLowerInvariant());
        }
        return tokens;
    }

    public static bool HasPhrase(List<string> tokens, List<string> phrase)
    {
        for (var i = 0; i + phrase.Count <= tokens.Count; i++)
        {
            var k = 0;
            while (k < phrase.Count && tokens[i + k] == phrase[k]) k++;
            if (k == phrase.Count) return phrase.Count > 0;
        }
        return false;
    }

    /// <summary><c>*</c> is any text, <c>?</c> one character, a backslash takes the next as it is.</summary>
    public static bool Wildcard(string pattern, string text, bool ignoreCase)
    {
        var (p, t, star, mark) = (0, 0, -1, 0);
        while (t < text.Length)
        {
            var escaped = p < pattern.Length && pattern[p] == '\\' && p + 1 < pattern.Length;
            if (!escaped && p < pattern.Length && pattern[p] == '*')
            {
                (star, mark) = (p++, t);
                continue;
            }
            if (p < pattern.Length && ((!escaped && pattern[p] == '?') || Same(pattern[escaped ? p + 1 : p], text[t], ignoreCase)))
            {
                p += escaped ? 2 : 1;
                t++;
                continue;
            }
            if (star < 0) return false;
            (p, t) = (star + 1, ++mark);
        }
        while (p < pattern.Length && pattern[p] == '*') p++;
        return p == pattern.Length;
    }

    private static bool Same(char a, char b, bool ignoreCase) => a == b || (ignoreCase && char.ToLowerInvariant(a) == char.ToLowerInvariant(b));

    private static bool IsWord(char c) => char.IsLetterOrDigit(c) || c == '_' || char.IsSurrogate(c);

    /// <summary>A full stop, an apostrophe or a colon inside a word, a comma inside a number.</summary>
    private static bool Joins(string text, int i)
    {
        if (i == 0 || i + 1 >= text.Length) return false;
        var (before, after) = (text[i - 1], text[i + 1]);
        var (letters, digits) = (char.IsLetter(before) && char.IsLetter(after), char.IsAsciiDigit(before) && char.IsAsciiDigit(after));
        return text[i] switch
        {
            '.' or '\'' => letters || digits,
            ':' => letters,
            ',' or ';' => digits,
            _ => false,
        };
    }
}
