using System.Text.Json;
using Copilot.Simulator.StandIns.Traces;

namespace Copilot.Simulator.StandIns.Jaeger;

/// <summary>What both versions read alike, and Jaeger's words for what they cannot read.</summary>
internal static class JaegerText
{
    private const int MostDigits = 32;
    private static readonly HashSet<string> Booleans = ["1", "t", "T", "TRUE", "true", "True", "0", "f", "F", "FALSE", "false", "False"];

    public static RefusedRequestException Bad(string message) => new(400, message);

    public static RefusedRequestException Unparsed(string parameter, string error) => Bad($"unable to parse param '{parameter}': {error}");

    /// <summary>Null when it is one.</summary>
    public static string? NoBoolean(string text) => Booleans.Contains(text) ? null : $"strconv.ParseBool: parsing {GoText.Quoted(text)}: invalid syntax";

    /// <summary>Multiplied, and kept within what fits.</summary>
    public static long Scaled(long number, long unit) => (long)Math.Clamp((decimal)number * unit, -long.MaxValue / 2, long.MaxValue / 2);

    /// <summary>32 digits of up to 32.</summary>
    public static string TraceId(string text, string before)
    {
        if (text.Length > MostDigits) throw Bad($"{before}TraceID cannot be longer than 32 hex characters: {text}");
        // Jaeger reads the upper and the lower half apart, and names the one that it could not read.
        foreach (var half in text.Length > 16 ? (string[])[text[..^16], text[^16..]] : [text])
            if (half.Length == 0 || !half.All(char.IsAsciiHexDigit)) throw Bad($"{before}strconv.ParseUint: parsing {GoText.Quoted(half)}: invalid syntax");
        return TraceIds.Trace(text)!;
    }

    /// <param name="pairs">Each <c>key:value</c>.</param>
    /// <param name="objects">Each a JSON object of texts.</param>
    public static Dictionary<string, string> Tags(IEnumerable<string> pairs, IEnumerable<string> objects)
    {
        Dictionary<string, string> tags = [];
        foreach (var pair in pairs)
        {
            var colon = pair.IndexOf(':', StringComparison.Ordinal);
            if (colon < 0) throw Bad($"malformed 'tag' parameter, expecting key:value, received: {pair}");
            tags[pair[..colon]] = pair[(colon + 1)..];
        }
        foreach (var text in objects)
            if (Read(text, tags) is { } error) throw Bad($"malformed 'tags' parameter, cannot unmarshal JSON: {error}");
        return tags;
    }

    /// <summary>What is wrong with it; null when it is an object of texts.</summary>
    public static string? Read(string json, Dictionary<string, string> into)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            if (document.RootElement.ValueKind == JsonValueKind.Null) return null;
            if (document.RootElement.ValueKind != JsonValueKind.Object) return $"json: cannot unmarshal {Name(document.RootElement)} into Go value of type map[string]string";
            foreach (var member in document.RootElement.EnumerateObject())
            {
                if (member.Value.ValueKind is not (JsonValueKind.String or JsonValueKind.Null)) return $"json: cannot unmarshal {Name(member.Value)} into Go value of type string";
                into[member.Name] = member.Value.GetString() ?? "";
            }
            return null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return json.TrimStart() is [var first, ..] && !"{[\"-tfn0123456789".Contains(first, StringComparison.Ordinal)
                ? $"invalid character '{first}' looking for beginning of value"
                : "unexpected end of JSON input";
        }
    }

    private static string Name(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.True or JsonValueKind.False => "bool",
        var kind => kind.ToString().ToLowerInvariant(),
    };
}
