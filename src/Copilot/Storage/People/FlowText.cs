namespace Copilot.Storage.People;

/// <summary>Finds the end of a list or map in brackets, in YAML that a strict reader has accepted already.</summary>
internal static class FlowText
{
    /// <param name="open">Where its bracket opens.</param>
    /// <returns>Where it closes, and the last sign before that is neither white space nor of a comment; null when it does not close.</returns>
    public static (int Close, int Last)? End(string text, int open)
    {
        var (depth, last, isPlain) = (0, open, false);
        for (var at = open + 1; at < text.Length; at++)
        {
            var sign = text[at];
            if (sign == '#' && IsBlank(text[at - 1])) at = text.IndexOf('\n', at) is var end and >= 0 ? end : text.Length;
            else if (!IsBlank(sign))
            {
                // A quote inside of a plain text is a letter like others, and so is a colon with something behind it.
                if (IsMark(sign) || (sign == ':' && (!isPlain || at + 1 == text.Length || IsBlank(text[at + 1]) || IsMark(text[at + 1])))) isPlain = false;
                else if (!isPlain && sign is '"' or '\'') at = QuoteEnd(text, at);
                else isPlain = true;
                if (sign is ']' or '}' && depth-- == 0) return (at, last);
                if (sign is '[' or '{') depth++;
                last = at;
            }
        }
        return null;
    }

    private static bool IsBlank(char sign) => sign is ' ' or '\n' or '\r';

    private static bool IsMark(char sign) => sign is ',' or '[' or ']' or '{' or '}';

    private static int QuoteEnd(string text, int at)
    {
        var quote = text[at++];
        for (; at < text.Length && (text[at] != quote || IsDoubled(text, at)); at++)
        {
            if (quote == '\'' ? text[at] == '\'' : text[at] == '\\') at++;
        }
        return at;
    }

    private static bool IsDoubled(string text, int at) => text[at] == '\'' && at + 1 < text.Length && text[at + 1] == '\'';
}
