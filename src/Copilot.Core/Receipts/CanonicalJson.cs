using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Copilot.Core.Receipts;

/// <summary>
/// Canonical JSON (RFC 8785): one text for one value, so that a hash stands for the value. Two things are refused beyond the RFC: integers that a double
/// cannot tell apart (beyond 2^53), and nesting deeper than <see cref="MaxDepth"/>.
/// </summary>
public static class CanonicalJson
{
    public const int MaxDepth = 64;

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private static readonly SearchValues<char> Escaped = SearchValues.Create([.. Enumerable.Range(0, 0x20).Select(c => (char)c), '"', '\\']);

    internal static readonly JsonReaderOptions Strict = new() { MaxDepth = MaxDepth };

    /// <exception cref="ArgumentException">The value has no canonical form: a lone surrogate, a number that is not finite or is too large an integer, too deep.</exception>
    public static byte[] Serialize(JsonNode? node)
    {
        var output = new ArrayBufferWriter<byte>(512);
        Write(output, node, 0);
        return output.WrittenSpan.ToArray();
    }

    /// <summary>Whether the bytes are JSON and exactly what <see cref="Serialize"/> writes for the value they state.</summary>
    public static bool IsCanonical(ReadOnlySpan<byte> utf8) => CanonicalForm.Fault(utf8) is null;

    /// <summary>Reads any JSON text of one value strictly. Never throws.</summary>
    /// <param name="fault">What is wrong and at which byte; empty when it was read.</param>
    public static bool TryParse(ReadOnlySpan<byte> utf8, out JsonNode? value, out string fault)
    {
        (value, fault) = (null, "");
        if (!System.Text.Unicode.Utf8.IsValid(utf8))
        {
            fault = "not valid UTF-8";
            return false;
        }
        var reader = new Utf8JsonReader(utf8, Strict);
        try
        {
            reader.Read();
            value = Read(ref reader);
            reader.Read();
            return true;
        }
        catch (Exception e) when (e is JsonException or FormatException)
        {
            (value, fault) = (null, e is FormatException ? $"{e.Message} at byte {reader.TokenStartIndex}" : $"no JSON of one value at byte {reader.BytesConsumed}");
            return false;
        }
    }

    private static JsonNode? Read(ref Utf8JsonReader reader)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                var map = new JsonObject();
                while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
                {
                    var name = Text(ref reader);
                    if (map.ContainsKey(name)) throw new FormatException("a member that is there twice");
                    reader.Read();
                    map.Add(name, Read(ref reader));
                }
                return map;
            case JsonTokenType.StartArray:
                var list = new JsonArray();
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray) list.Add(Read(ref reader));
                return list;
            case JsonTokenType.String:
                return JsonValue.Create(Text(ref reader));
            case JsonTokenType.Number:
                var number = Number(reader.ValueSpan);
                return number is >= -EcmaNumber.LargestInteger and <= EcmaNumber.LargestInteger && number == Math.Truncate(number)
                    ? JsonValue.Create((long)number)
                    : JsonValue.Create(number);
            case JsonTokenType.True or JsonTokenType.False:
                return JsonValue.Create(reader.GetBoolean());
            default:
                return null;
        }
    }

    /// <exception cref="FormatException">A lone surrogate.</exception>
    internal static string Text(ref Utf8JsonReader reader)
    {
        try
        {
            return reader.GetString()!;
        }
        catch (InvalidOperationException e)
        {
            throw new FormatException("half of a surrogate pair", e);
        }
    }

    /// <exception cref="FormatException">Too large for a double, or an integer that a double may not hold exactly.</exception>
    internal static double Number(ReadOnlySpan<byte> literal)
    {
        var number = double.Parse(literal, NumberStyles.Float, CultureInfo.InvariantCulture);
        if (!double.IsFinite(number)) throw new FormatException("a number too large for a double");
        var size = Math.Abs(number);
        var isInteger = literal.IndexOfAny(".eE"u8) < 0;
        // From 1e21 on the canonical form has an exponent and claims no digits it does not hold.
        if (size > EcmaNumber.LargestInteger ? isInteger || size < 1e21 : isInteger && size == EcmaNumber.LargestInteger && !IsExact(literal))
            throw new FormatException("an integer beyond 2^53");
        return number;
    }

    private static bool IsExact(ReadOnlySpan<byte> integer) =>
        long.TryParse(integer, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) && Math.Abs(value) <= EcmaNumber.LargestInteger;

    private static void Write(ArrayBufferWriter<byte> output, JsonNode? node, int depth)
    {
        if (depth >= MaxDepth && node is JsonObject or JsonArray) throw new ArgumentException($"JSON nested deeper than {MaxDepth} has no canonical form here.", nameof(node));
        switch (node)
        {
            case null:
                output.Write("null"u8);
                break;
            case JsonObject map:
                var separator = (byte)'{';
                foreach (var (name, value) in map.OrderBy(m => m.Key, StringComparer.Ordinal))
                {
                    output.Write([separator]);
                    WriteText(output, name);
                    output.Write(":"u8);
                    Write(output, value, depth + 1);
                    separator = (byte)',';
                }
                output.Write(map.Count == 0 ? "{}"u8 : "}"u8);
                break;
            case JsonArray list:
                output.Write("["u8);
                for (var i = 0; i < list.Count; i++)
                {
                    if (i > 0) output.Write(","u8);
                    Write(output, list[i], depth + 1);
                }
                output.Write("]"u8);
                break;
            default:
                WriteValue(output, node);
                break;
        }
    }

    private static void WriteValue(ArrayBufferWriter<byte> output, JsonNode node)
    {
        switch (node.GetValueKind())
        {
            case JsonValueKind.String:
                WriteText(output, node.GetValue<string>());
                break;
            case JsonValueKind.True or JsonValueKind.False:
                output.Write(node.GetValue<bool>() ? "true"u8 : "false"u8);
                break;
            default:
                WriteNumber(output, Encoding.UTF8.GetBytes(Literal(node.AsValue())));
                break;
        }
    }

    // What was read keeps its own digits; what was computed gets them here.
    private static string Literal(JsonValue number) =>
        !number.TryGetValue(out JsonElement _) && number.TryGetValue(out double value) ? EcmaNumber.Format(value) : number.ToJsonString();

    private static void WriteNumber(ArrayBufferWriter<byte> output, ReadOnlySpan<byte> literal)
    {
        try
        {
            output.Write(Encoding.ASCII.GetBytes(EcmaNumber.Format(Number(literal))));
        }
        catch (FormatException e)
        {
            throw new ArgumentException($"No canonical form: {e.Message}.", nameof(literal), e);
        }
    }

    private static void WriteText(ArrayBufferWriter<byte> output, string text)
    {
        output.Write("\""u8);
        var rest = text.AsSpan();
        while (rest.IndexOfAny(Escaped) is var at and >= 0)
        {
            WriteRaw(output, rest[..at]);
            output.Write(Escape(rest[at]));
            rest = rest[(at + 1)..];
        }
        WriteRaw(output, rest);
        output.Write("\""u8);
    }

    private static void WriteRaw(ArrayBufferWriter<byte> output, ReadOnlySpan<char> text)
    {
        try
        {
            Utf8.GetBytes(text, output);
        }
        catch (EncoderFallbackException e)
        {
            throw new ArgumentException("No canonical form: half of a surrogate pair.", nameof(text), e);
        }
    }

    private static ReadOnlySpan<byte> Escape(char c) => c switch
    {
        '\b' => "\\b"u8,
        '\t' => "\\t"u8,
        '\n' => "\\n"u8,
        '\f' => "\\f"u8,
        '\r' => "\\r"u8,
        '"' => "\\\""u8,
        '\\' => "\\\\"u8,
        _ => Encoding.ASCII.GetBytes($"\\u{(int)c:x4}"),
    };
}
