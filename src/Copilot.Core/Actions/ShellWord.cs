using System.Globalization;
using System.Text;

namespace Copilot.Core.Actions;

/// <summary>Words of a bash command that mean nothing but themselves. Names and values come from evidence, and whoever copies a command must not run what they say.</summary>
public static class ShellWord
{
    /// <summary>
    /// One word. Nothing within single quotes means anything (POSIX, Shell Command Language, 2.2.2); characters that a terminal would obey, or that hide or reorder what is read, are spelt
    /// out byte by byte in <c>$'…'</c>.
    /// </summary>
    public static string Of(string word)
    {
        if (word.EnumerateRunes().Any(IsUnseen)) return Spelt(word);
        return word.Length > 0 && word[0] is not ('-' or '=') && word.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_' or '/' or ':' or '=') ? word : $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'";
    }

    /// <summary>Reads <see cref="Of"/> back; null for any other text.</summary>
    internal static string? Read(string written)
    {
        var word = new StringBuilder();
        if (written.StartsWith("$'", StringComparison.Ordinal) && written.EndsWith('\'') && written.Length > 2)
        {
            var bytes = new List<byte>();
            for (var i = 2; i < written.Length - 1; i++)
            {
                if (written[i] != '\\') bytes.AddRange(Encoding.UTF8.GetBytes(char.IsHighSurrogate(written[i]) && i + 1 < written.Length ? written.Substring(i++, 2) : written[i].ToString()));
                else if (written.AsSpan(i) is ['\\', 'x', var high, var low, ..] && byte.TryParse([high, low], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var spelt))
                {
                    bytes.Add(spelt);
                    i += 3;
                }
                else bytes.Add((byte)written[++i]);
            }
            word.Append(Encoding.UTF8.GetString([.. bytes]));
        }
        else if (written is ['\'', .., '\'']) word.Append(written[1..^1].Replace("'\\''", "'", StringComparison.Ordinal));
        else word.Append(written);
        return Of(word.ToString()) == written ? word.ToString() : null;
    }

    /// <summary>Whether an object of a cluster can be called so. Such a name needs no quotes and is never taken for an option.</summary>
    public static bool IsName(string name) => name.Length is > 0 and <= 253 && char.IsAsciiLetterOrDigit(name[0]) && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.');

    private static string Spelt(string word)
    {
        var text = new StringBuilder("$'");
        Span<byte> bytes = stackalloc byte[4];
        foreach (var rune in word.EnumerateRunes())
        {
            if (rune.Value is '\'' or '\\') text.Append('\\').Append((char)rune.Value);
            else if (!IsUnseen(rune)) text.Append(rune.ToString());
            else
            {
                foreach (var part in bytes[..rune.EncodeToUtf8(bytes)]) text.Append(CultureInfo.InvariantCulture, $"\\x{part:x2}");
            }
        }
        return text.Append('\'').ToString();
    }

    private static bool IsUnseen(Rune rune) => Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
        or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned or UnicodeCategory.Surrogate;
}
