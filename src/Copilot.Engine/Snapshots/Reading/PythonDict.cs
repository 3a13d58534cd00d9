using System.Text;

namespace Copilot.Engine.Snapshots.Reading;

/// <summary>
/// Scans the text of a flat Python dictionary or list of strings (<c>repr</c>), or of a flat JSON object, without evaluating it. Anything
/// that is not a quoted string is taken as bare text up to the next comma or bracket.
/// </summary>
internal static class PythonDict
{
    /// <summary>The value of a key; false when the key is not there. Escapes are resolved.</summary>
    public static bool TryGet(ReadOnlySpan<byte> dict, ReadOnlySpan<byte> key, out string value)
    {
        // Find the quoted key first: parsing only starts where it can succeed.
        var from = 0;
        while (true)
        {
            var at = dict[from..].IndexOf(key);
            value = "";
            if (at < 0) return false;
            at += from;
            var end = at + key.Length;
            if (at > 0 && end < dict.Length && dict[at - 1] is (byte)'\'' or (byte)'"' && dict[end] == dict[at - 1])
            {
                var rest = dict[(end + 1)..].TrimStart((byte)' ');
                if (rest.Length > 0 && rest[0] == (byte)':')
                {
                    value = ReadValue(rest[1..].TrimStart((byte)' '), out _);
                    return true;
                }
            }
            from = at + 1;
        }
    }

    /// <summary>All pairs of a flat dictionary. Stops quietly where the text stops making sense.</summary>
    public static Dictionary<string, string> Parse(ReadOnlySpan<byte> dict)
    {
        var result = new Dictionary<string, string>();
        var rest = dict.Trim(" {}"u8);
        while (rest.Length > 0)
        {
            var key = ReadValue(rest, out var used);
            rest = rest[used..].TrimStart((byte)' ');
            if (rest.Length == 0 || rest[0] != (byte)':') break;
            rest = rest[1..].TrimStart((byte)' ');
            result[key] = ReadValue(rest, out used);
            rest = rest[used..].TrimStart(" ,"u8);
        }
        return result;
    }

    private static string ReadValue(ReadOnlySpan<byte> text, out int used)
    {
        used = 0;
        if (text.Length == 0) return "";
        if (text[0] is not ((byte)'\'' or (byte)'"'))
        {
            used = text.IndexOfAny(",}]:"u8);
            if (used < 0) used = text.Length;
            return Encoding.UTF8.GetString(text[..used].Trim((byte)' '));
        }
        var quote = text[0];
        var end = 1;
        var escaped = false;
        while (end < text.Length && text[end] != quote)
        {
            if (text[end] == (byte)'\\')
            {
                escaped = true;
                end++;
            }
            end++;
        }
        used = Math.Min(end + 1, text.Length);
        var inner = text[1..Math.Min(end, text.Length)];
        var value = Encoding.UTF8.GetString(inner);
        return escaped ? Unescape(value) : value;
    }

    private static string Unescape(string value)
    {
        var text = new StringBuilder(value.Length);
        for (var i = 0; i < value.Length; i++)
        {
            if (value[i] != '\\' || i + 1 == value.Length)
            {
                text.Append(value[i]);
                continue;
            }
            var code = value[++i];
            var digits = code switch { 'x' => 2, 'u' => 4, 'U' => 8, _ => 0 };
            if (digits > 0 && i + digits < value.Length
                && uint.TryParse(value.AsSpan(i + 1, digits), System.Globalization.NumberStyles.HexNumber, null, out var rune) && Rune.IsValid(rune))
            {
                text.Append(new Rune(rune).ToString());
                i += digits;
                continue;
            }
            text.Append(code switch { 'n' => '\n', 't' => '\t', 'r' => '\r', '0' => '\0', _ => code });
        }
        return text.ToString();
    }
}
