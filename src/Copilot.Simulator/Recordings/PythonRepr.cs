using System.Text;

namespace Copilot.Simulator.Recordings;

/// <summary>Dictionaries and lists of strings as Python prints them, which is how the recorder stores attributes and tags.</summary>
internal static class PythonRepr
{
    public static string Dict(params ReadOnlySpan<(string Key, string Value)> pairs)
    {
        var text = new StringBuilder(64 * pairs.Length + 2).Append('{');
        foreach (var (key, value) in pairs)
        {
            if (text.Length > 1) text.Append(", ");
            Append(text, key);
            text.Append(": ");
            Append(text, value);
        }

        return text.Append('}').ToString();
    }

    public static string List(IEnumerable<string> values)
    {
        var text = new StringBuilder("[");
        foreach (var value in values)
        {
            if (text.Length > 1) text.Append(", ");
            Append(text, value);
        }

        return text.Append(']').ToString();
    }

    private static void Append(StringBuilder text, string value)
    {
        var quote = value.Contains('\'', StringComparison.Ordinal) && !value.Contains('"', StringComparison.Ordinal) ? '"' : '\'';
        text.Append(quote);
        foreach (var c in value)
        {
            switch (c)
            {
                case '\\': text.Append(@"\\"); break;
                case '\n': text.Append(@"\n"); break;
                case '\r': text.Append(@"\r"); break;
                case '\t': text.Append(@"\t"); break;
                default:
                    if (c == quote) text.Append('\\');
                    text.Append(c);
                    break;
            }
        }

        text.Append(quote);
    }
}
