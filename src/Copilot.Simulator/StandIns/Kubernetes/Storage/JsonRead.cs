using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Copilot.Simulator.StandIns.Kubernetes.Storage;

/// <summary>Reads JSON that anybody may have sent: what is missing or of another type reads as nothing.</summary>
internal static class JsonRead
{
    public static JsonNode? At(this JsonNode? node, params ReadOnlySpan<string> path)
    {
        foreach (var name in path)
        {
            if (node is not JsonObject map || !map.TryGetPropertyValue(name, out node)) return null;
        }
        return node;
    }

    public static string Text(this JsonNode? node, params ReadOnlySpan<string> path) => node.At(path) is JsonValue value && value.TryGetValue(out string? text) ? text : "";

    public static int? Number(this JsonNode? node, params ReadOnlySpan<string> path) =>
        node.At(path) is JsonValue value && value.GetValueKind() == JsonValueKind.Number && int.TryParse(value.ToJsonString(), CultureInfo.InvariantCulture, out var number) ? number : null;

    public static int Int(this JsonNode? node, params ReadOnlySpan<string> path) => node.Number(path) ?? 0;

    public static bool True(this JsonNode? node, params ReadOnlySpan<string> path) => node.At(path) is JsonValue value && value.GetValueKind() == JsonValueKind.True;

    public static DateTimeOffset? Time(this JsonNode? node, params ReadOnlySpan<string> path) =>
        DateTimeOffset.TryParse(node.Text(path), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time) ? time : null;

    /// <summary>The objects of a list.</summary>
    public static IEnumerable<JsonObject> Items(this JsonNode? node, params ReadOnlySpan<string> path) => node.At(path) is JsonArray list ? list.OfType<JsonObject>() : [];

    /// <summary>The texts of a map such as labels.</summary>
    public static IEnumerable<KeyValuePair<string, string>> Texts(this JsonNode? node, params ReadOnlySpan<string> path) =>
        node.At(path) is JsonObject map ? map.Select(p => KeyValuePair.Create(p.Key, p.Value.Text())) : [];

    public static JsonObject Ensure(this JsonObject map, string name)
    {
        if (map[name] is JsonObject known) return known;
        var made = new JsonObject();
        map[name] = made;
        return made;
    }

    public static JsonArray EnsureList(this JsonObject map, string name)
    {
        if (map[name] is JsonArray known) return known;
        var made = new JsonArray();
        map[name] = made;
        return made;
    }

    /// <summary>Parsed JSON is unfolded at its first reading, which two threads must not do at once; after this it is only read.</summary>
    public static void Unfold(this JsonNode? node)
    {
        if (node is JsonObject map)
        {
            foreach (var (_, value) in map) value.Unfold();
        }
        else if (node is JsonArray list)
        {
            foreach (var item in list) item.Unfold();
        }
    }

    public static JsonObject Clone(this JsonObject map) => (JsonObject)map.DeepClone();

    public static string Stamp(this DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    public static string MicroStamp(this DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);

    /// <summary>Sorted members, so that equal content is equal text.</summary>
    public static string Canonical(this JsonNode? node) => node switch
    {
        null => "null",
        JsonObject map => "{" + string.Join(',', map.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => JsonSerializer.Serialize(p.Key) + ":" + p.Value.Canonical())) + "}",
        JsonArray list => "[" + string.Join(',', list.Select(i => i.Canonical())) + "]",
        _ => node.ToJsonString(),
    };

    public static bool Same(JsonNode? a, JsonNode? b) => JsonNode.DeepEquals(a, b);

    public static string Uid(this JsonObject body) => body.Text("metadata", "uid");

    public static string Name(this JsonObject body) => body.Text("metadata", "name");

    public static string Namespace(this JsonObject body) => body.Text("metadata", "namespace");

    public static JsonObject Meta(this JsonObject body) => body.Ensure("metadata");

    public static bool IsDeleting(this JsonObject body) => body.At("metadata", "deletionTimestamp") is not null;

    /// <summary>The owner that manages it.</summary>
    public static JsonObject? Controller(this JsonObject body) => body.Items("metadata", "ownerReferences").FirstOrDefault(o => o.True("controller"));

    public static JsonObject? Condition(this JsonObject body, string type) => body.Items("status", "conditions").FirstOrDefault(c => c.Text("type") == type);
}
