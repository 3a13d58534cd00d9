using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Copilot.Core.Actions;

/// <summary>Changes one value in a text of JSON and leaves its spaces, comments and order as somebody wrote them.</summary>
internal static class JsonText
{
    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The text with another value at the place; null when it is no JSON, has no such place, or the value is of another kind than the one that stands there.</summary>
    public static string? With(string text, IReadOnlyList<string> steps, string value)
    {
        try
        {
            var bytes = Encoding.UTF8.GetBytes(text);
            var reader = new Utf8JsonReader(bytes, new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip });
            if (Positions(text, steps) is not { } path || !reader.Read()) return null;
            foreach (var step in path)
            {
                if (!Enter(ref reader, step)) return null;
            }
            if (Written(reader.TokenType, value) is not { } written) return null;
            return Encoding.UTF8.GetString([.. bytes.AsSpan(0, (int)reader.TokenStartIndex), .. Encoding.UTF8.GetBytes(written), .. bytes.AsSpan((int)reader.BytesConsumed)]);
        }
        catch (Exception e) when (e is JsonException or ArgumentException or InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>The steps with positions for the keys of list elements.</summary>
    private static List<string>? Positions(string text, IReadOnlyList<string> steps)
    {
        var node = ObjectField.Document(text);
        var path = new List<string>();
        foreach (var step in steps)
        {
            var (next, at) = ObjectField.Next(node, step);
            if (next is null || at is null) return null;
            path.Add(at);
            node = next;
        }
        return path;
    }

    private static bool Enter(ref Utf8JsonReader reader, string step)
    {
        if (reader.TokenType == JsonTokenType.StartArray)
        {
            for (var left = int.Parse(step, CultureInfo.InvariantCulture); reader.Read(); left--)
            {
                if (left == 0) return true;
                reader.Skip();
            }
        }
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var found = reader.ValueTextEquals(step);
            reader.Read();
            if (found) return true;
            reader.Skip();
        }
        return false;
    }

    private static string? Written(JsonTokenType there, string value) => there switch
    {
        JsonTokenType.String => JsonSerializer.Serialize(value, Plain),
        JsonTokenType.Number => JsonNode.Parse(value)?.GetValueKind() == JsonValueKind.Number ? value : null,
        JsonTokenType.True or JsonTokenType.False => value is "true" or "false" ? value : null,
        _ => null,
    };
}
