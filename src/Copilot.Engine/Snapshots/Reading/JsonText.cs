using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace Copilot.Engine.Snapshots.Reading;

/// <summary>Parses one JSON value of foreign origin into a document whose strings can all be read.</summary>
/// <remarks>The parser takes strings with bytes that are no UTF-8 and with halves of surrogate pairs, and throws only when somebody reads them.</remarks>
internal static class JsonText
{
    private const int MaxDepth = 128;

    /// <summary>What is no Unicode in a string becomes U+FFFD. What stands behind the value is not looked at.</summary>
    /// <exception cref="JsonException">It is no JSON.</exception>
    public static JsonDocument Parse(ReadOnlySpan<byte> json)
    {
        if (!Utf8.IsValid(json)) json = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(json));
        if (json.IndexOf("\\ud"u8) >= 0 || json.IndexOf("\\uD"u8) >= 0) json = PairSurrogates(json.ToArray());
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = MaxDepth });
        return JsonDocument.ParseValue(ref reader);
    }

    private static byte[] PairSurrogates(byte[] json)
    {
        for (var i = 0; i + 1 < json.Length; i++)
        {
            if (json[i] != (byte)'\\') continue;
            var half = Surrogate(json, i);
            if (half == Half.High && Surrogate(json, i + 6) == Half.Low) i += 11;
            else if (half != Half.None) "fffd"u8.CopyTo(json.AsSpan(i + 2));
            else i++; // whatever is escaped
        }
        return json;
    }

    private enum Half
    {
        None,
        High,
        Low,
    }

    private static Half Surrogate(byte[] json, int at)
    {
        if (at + 6 > json.Length || json[at] != (byte)'\\' || json[at + 1] != (byte)'u' || (json[at + 2] | 0x20) != 'd') return Half.None;
        return (char)(json[at + 3] | 0x20) switch
        {
            '8' or '9' or 'a' or 'b' => Half.High,
            >= 'c' and <= 'f' => Half.Low,
            _ => Half.None,
        };
    }
}
