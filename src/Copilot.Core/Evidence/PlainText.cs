using System.Globalization;
using System.Text;

namespace Copilot.Core.Evidence;

/// <summary>Makes text from outside safe to show: secrets redacted, control and direction characters gone, one line.</summary>
public static class PlainText
{
    /// <summary>Escape sequences that a terminal would obey and characters that hide or reorder text become spaces or vanish.</summary>
    public static string Clean(string text)
    {
        var clean = new StringBuilder(text.Length);
        foreach (var rune in Redaction.Apply(text).EnumerateRunes())
        {
            switch (Rune.GetUnicodeCategory(rune))
            {
                case UnicodeCategory.Control or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator:
                    if (clean.Length > 0 && clean[^1] != ' ') clean.Append(' ');
                    break;
                case UnicodeCategory.Format or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned:
                    break;
                default:
                    clean.Append(rune.ToString());
                    break;
            }
        }
        return clean.ToString().Trim();
    }
}
