using System.Text.Json;

namespace Copilot.Engine.Signals.Objects;

/// <summary>Walks JSON of unknown shape: a missing or differently typed member is simply absent.</summary>
internal static class Json
{
    public static JsonElement Get(this JsonElement element, params ReadOnlySpan<string> path)
    {
        foreach (var name in path)
        {
            if (element.ValueKind != JsonValueKind.Object || !element.TryGetProperty(name, out element)) return default;
        }
        return element;
    }

    public static string Text(this JsonElement element, params ReadOnlySpan<string> path)
    {
        var value = element.Get(path);
        return value.ValueKind switch
        {
            JsonValueKind.String => value.GetString() ?? "",
            JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => value.GetRawText(),
            _ => "",
        };
    }

    public static int? Int(this JsonElement element, params ReadOnlySpan<string> path)
    {
        var value = element.Get(path);
        return value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) ? number : null;
    }

    public static bool Bool(this JsonElement element, params ReadOnlySpan<string> path) => element.Get(path).ValueKind == JsonValueKind.True;

    public static DateTimeOffset? Time(this JsonElement element, params ReadOnlySpan<string> path) =>
        Snapshots.Reading.TimeText.TryParse(element.Text(path), out DateTimeOffset at) ? at : null;

    public static IEnumerable<JsonElement> Items(this JsonElement element, params ReadOnlySpan<string> path)
    {
        var value = element.Get(path);
        return value.ValueKind == JsonValueKind.Array ? value.EnumerateArray() : [];
    }

    public static IEnumerable<JsonProperty> Members(this JsonElement element, params ReadOnlySpan<string> path)
    {
        var value = element.Get(path);
        return value.ValueKind == JsonValueKind.Object ? value.EnumerateObject() : [];
    }

    public static IReadOnlyDictionary<string, string> Map(this JsonElement element, params ReadOnlySpan<string> path)
    {
        var result = new Dictionary<string, string>();
        foreach (var member in element.Members(path)) result[member.Name] = member.Value.ValueKind == JsonValueKind.String ? member.Value.GetString()! : member.Value.GetRawText();
        return result;
    }
}
