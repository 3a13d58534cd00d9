namespace Copilot.Configuration;

/// <summary>Guesses what somebody meant to type.</summary>
internal static class Words
{
    public static string Nearest(string word, IEnumerable<string> known) => known.MinBy(k => Distance(word.ToLowerInvariant(), k.ToLowerInvariant())) ?? "";

    /// <summary>Edits from one word to the other (V. I. Levenshtein, 1966).</summary>
    private static int Distance(string from, string to)
    {
        var row = Enumerable.Range(0, to.Length + 1).ToArray();
        for (var i = 1; i <= from.Length; i++)
        {
            var diagonal = row[0]++;
            for (var j = 1; j <= to.Length; j++)
            {
                var replaced = diagonal + (from[i - 1] == to[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replaced, Math.Min(row[j], row[j - 1]) + 1);
            }
        }
        return row[^1];
    }
}
