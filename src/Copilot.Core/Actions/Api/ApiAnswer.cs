using System.Text.Json;
using System.Text.Json.Nodes;

namespace Copilot.Core.Actions.Api;

/// <summary>Tells what an answer of a Kubernetes API server says from what only looks like it: a proxy's page, a cut body, another object.</summary>
public static class ApiAnswer
{
    /// <summary>The object of a good answer; null when it is none, or cannot be read as a whole.</summary>
    public static JsonObject? Read(ReadOnlySpan<byte> body)
    {
        try
        {
            var root = JsonNode.Parse(body, documentOptions: new() { AllowDuplicateProperties = false }) as JsonObject;
            return root is not null && IsText(root) ? root : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>Whether it is the object that was asked for.</summary>
    public static bool Is(JsonObject answer, string kind, string ns, string name) =>
        Text(answer, "kind") == kind && answer["metadata"] is JsonObject metadata && Text(metadata, "name") == name && (Text(metadata, "namespace") ?? "") == ns && Text(metadata, "uid") is { Length: > 0 };

    /// <summary>Whether a 404 says that there is no such object. That of a proxy, or of a kind that is not served, says nothing of it.</summary>
    public static bool IsAbsence(ReadOnlySpan<byte> body, string name) =>
        Read(body) is { } status && Text(status, "kind") == "Status" && Text(status, "reason") == "NotFound" && status["details"] is JsonObject details && Text(details, "name") == name;

    /// <summary>A member that is a text; null when it is none.</summary>
    public static string? Text(JsonObject? map, string member) => map?[member] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    /// <summary>A text with half of a surrogate pair can be parsed and not be read.</summary>
    private static bool IsText(JsonNode? node) => node switch
    {
        JsonObject map => map.All(m => IsText(m.Value)),
        JsonArray list => list.All(IsText),
        JsonValue value => value.GetValueKind() != JsonValueKind.String || value.GetValue<string>() is not null,
        _ => true,
    };
}
