using System.Text;
using System.Text.Json;

namespace Copilot.Core.Receipts;

/// <summary>
/// Tells in one pass, without building the value, whether bytes are canonical JSON. The tests hold it against reading and writing anew.
/// </summary>
internal static class CanonicalForm
{
    /// <summary>What keeps the bytes from being canonical JSON and at which byte; null when nothing does.</summary>
    public static string? Fault(ReadOnlySpan<byte> utf8)
    {
        if (!System.Text.Unicode.Utf8.IsValid(utf8)) return "not valid UTF-8";
        var reader = new Utf8JsonReader(utf8, CanonicalJson.Strict);
        try
        {
            return Fault(utf8, ref reader) is { } fault ? $"{fault} at byte {reader.TokenStartIndex}" : null;
        }
        catch (JsonException)
        {
            return $"no JSON of one value at byte {reader.BytesConsumed}";
        }
    }

    private static string? Fault(ReadOnlySpan<byte> utf8, ref Utf8JsonReader reader)
    {
        // Where the last member's name of each open object begins, and its length.
        Span<(int Start, int Length)> names = stackalloc (int, int)[CanonicalJson.MaxDepth + 1];
        var (end, last) = (0, JsonTokenType.None);
        while (reader.Read())
        {
            var start = (int)reader.TokenStartIndex;
            if (start != end + Separator(last, reader.TokenType)) return "white space";
            var isText = reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName;
            if (isText && reader.ValueIsEscaped && !IsMinimal(reader.ValueSpan)) return "an escape that is not the canonical one";
            switch (reader.TokenType)
            {
                case JsonTokenType.StartObject:
                    names[reader.CurrentDepth + 1] = default;
                    break;
                case JsonTokenType.PropertyName:
                    ref var name = ref names[reader.CurrentDepth];
                    if (name.Start > 0 && !IsAscending(utf8.Slice(name.Start, name.Length), reader.ValueSpan)) return "a member out of order or there twice";
                    name = (start + 1, reader.ValueSpan.Length);
                    break;
                case JsonTokenType.Number when NumberFault(reader.ValueSpan) is { } fault:
                    return fault;
            }
            end = start + reader.ValueSpan.Length + (isText ? 2 : 0);
            last = reader.TokenType;
        }
        return end == utf8.Length ? null : "white space";
    }

    /// <summary>How many bytes stand between two tokens: a comma or a colon, or nothing.</summary>
    private static int Separator(JsonTokenType last, JsonTokenType next) => (last, next) switch
    {
        (JsonTokenType.None or JsonTokenType.StartObject or JsonTokenType.StartArray, _) => 0,
        (_, JsonTokenType.EndObject or JsonTokenType.EndArray) => 0,
        _ => 1,
    };

    /// <summary>Escapes that JSON demands, in their short form where there is one; so no surrogate is ever written as an escape.</summary>
    private static bool IsMinimal(ReadOnlySpan<byte> text)
    {
        while (text.IndexOf((byte)'\\') is var at and >= 0)
        {
            text = text[(at + 1)..];
            if (text[0] is not (byte)'u')
            {
                if (text[0] is (byte)'/') return false;
                text = text[1..];
                continue;
            }
            var isControl = text[1..].StartsWith("00"u8) && text[3] is (byte)'0' or (byte)'1' && text[4] is (>= (byte)'0' and <= (byte)'9') or (>= (byte)'a' and <= (byte)'f');
            var hasShortForm = text[3] is (byte)'0' && text[4] is (byte)'8' or (byte)'9' or (byte)'a' or (byte)'c' or (byte)'d';
            if (!isControl || hasShortForm) return false;
            text = text[5..];
        }
        return true;
    }

    /// <summary>By UTF-16 code units, as RFC 8785 demands; that is not the order of the UTF-8 bytes.</summary>
    private static bool IsAscending(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second) => IsPlain(first) && IsPlain(second)
        ? first.SequenceCompareTo(second) < 0
        : string.CompareOrdinal(Unescape(first), Unescape(second)) < 0;

    private static bool IsPlain(ReadOnlySpan<byte> name) => Ascii.IsValid(name) && !name.Contains((byte)'\\');

    private static string Unescape(ReadOnlySpan<byte> name)
    {
        var reader = new Utf8JsonReader([(byte)'"', .. name, (byte)'"']);
        reader.Read();
        return reader.GetString()!;
    }

    private static string? NumberFault(ReadOnlySpan<byte> literal)
    {
        if (IsSmallInteger(literal)) return null;
        try
        {
            return EcmaNumber.Format(CanonicalJson.Number(literal)) == Encoding.ASCII.GetString(literal) ? null : "a number that is not in its shortest form";
        }
        catch (FormatException e)
        {
            return e.Message;
        }
    }

    private static bool IsSmallInteger(ReadOnlySpan<byte> literal)
    {
        if (literal[0] is (byte)'-') return literal[1] != (byte)'0' && IsSmallInteger(literal[1..]);
        return literal.Length <= 15 && literal.IndexOfAnyExceptInRange((byte)'0', (byte)'9') < 0;
    }
}
