using System.Text.Json.Nodes;

namespace Copilot.Tests.Support;

/// <summary>JSON Schema for the files that people write by hand, in the words in which their readers check them.</summary>
internal static class SchemaWords
{
    /// <summary>What names look like everywhere.</summary>
    public const string Name = "^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$";

    private const string Draft = "https://json-schema.org/draft/2020-12/schema";

    public static JsonObject Root(string title, string description, JsonObject schema)
    {
        var root = new JsonObject { ["$schema"] = Draft, ["title"] = title, ["description"] = description };
        foreach (var (key, value) in schema) root[key] = value!.DeepClone();
        return root;
    }

    public static JsonObject Closed(string[] required, params (string Name, JsonObject Schema)[] properties) => Closed(required, 0, properties);

    public static JsonObject Closed(string[] required, int least, params (string Name, JsonObject Schema)[] properties)
    {
        var schema = new JsonObject { ["type"] = "object", ["additionalProperties"] = false };
        if (required.Length > 0) schema["required"] = Strings(required);
        if (least > 0) schema["minProperties"] = least;
        schema["properties"] = new JsonObject(properties.Select(p => KeyValuePair.Create(p.Name, (JsonNode?)p.Schema)));
        return schema;
    }

    public static JsonObject Map(JsonObject value, string says, int least = 0)
    {
        var schema = Say(says, new JsonObject { ["type"] = "object", ["additionalProperties"] = value });
        if (least > 0) schema["minProperties"] = least;
        return schema;
    }

    public static JsonObject List(JsonObject item, string? says, int least = 1) => Say(says, least == 0 ? new() { ["type"] = "array", ["items"] = item } : new() { ["type"] = "array", ["minItems"] = least, ["items"] = item });

    public static JsonObject Text(string pattern, string? says = null) => Say(says, new() { ["type"] = pattern == Name ? TextOrNumber : "string", ["pattern"] = pattern });

    public static JsonObject Any(string? says = null) => Say(says, new() { ["type"] = TextOrNumber, ["minLength"] = 1 });

    /// <summary>A name may look like a number: YAML has no way to tell.</summary>
    private static JsonArray TextOrNumber => ["string", "number"];

    public static JsonObject OneOf(IEnumerable<string> words, string? says = null) => Say(says, new() { ["enum"] = Strings(words) });

    public static JsonObject Flag(string says) => Say(says, new() { ["type"] = "boolean" });

    public static JsonObject Whole(int min, string? says = null, int max = int.MaxValue) => Say(says, new() { ["type"] = "integer", ["minimum"] = min, ["maximum"] = max });

    public static JsonObject Either(params JsonObject[] schemas) => new() { ["oneOf"] = new JsonArray([.. schemas]) };

    public static JsonArray Strings(IEnumerable<string> words) => [.. words.Select(w => JsonValue.Create(w))];

    public static JsonObject Say(string? says, JsonObject schema)
    {
        if (says is not null) schema.Insert(0, "description", says);
        return schema;
    }
}
