using System.Text.Json.Nodes;
using Copilot.Core.Evidence;

namespace Copilot.Core.Actions;

/// <summary>What a change makes of an object, in lines for people. Secrets are not shown, nor what an API server counts for itself.</summary>
public static class ChangePreview
{
    private const int MostLines = 40;
    private const int LongestValue = 120;

    private static readonly string[] Own = ["metadata.managedFields", "metadata.resourceVersion", "metadata.generation", "metadata.creationTimestamp", "status"];

    // Lists whose elements have a name in the API.
    private static readonly string[] Keys = ["name", "key", "type"];

    /// <returns>At most 40 lines of the form <c>path: before -> after</c>; none when nothing changes.</returns>
    public static IReadOnlyList<string> Lines(JsonObject before, JsonObject after)
    {
        var lines = new List<string>();
        Walk("", before, after, lines);
        return lines.Count <= MostLines ? lines : [.. lines.Take(MostLines - 1), $"and {lines.Count - MostLines + 1} more"];
    }

    private static void Walk(string path, JsonNode? before, JsonNode? after, List<string> lines)
    {
        if (Own.Contains(path) || JsonNode.DeepEquals(before, after)) return;
        switch (before, after)
        {
            case (JsonObject a, JsonObject b):
                foreach (var name in a.Select(m => m.Key).Union(b.Select(m => m.Key)).Order(StringComparer.Ordinal)) Walk(Below(path, name), a[name], b[name], lines);
                break;
            case (JsonArray a, JsonArray b) when Named(a) is { } inA && Named(b) is { } inB:
                foreach (var name in inA.Keys.Union(inB.Keys)) Walk($"{path}[{name}]", inA.GetValueOrDefault(name), inB.GetValueOrDefault(name), lines);
                break;
            default:
                lines.Add(PlainText.Clean($"{path}: {Shown(path, before)} -> {Shown(path, after)}"));
                break;
        }
    }

    private static string Below(string path, string name) => path.Length == 0 ? name : name.Contains('.') || name.Contains('/') ? $"{path}[{name}]" : $"{path}.{name}";

    private static Dictionary<string, JsonNode>? Named(JsonArray list)
    {
        var named = new Dictionary<string, JsonNode>(StringComparer.Ordinal);
        foreach (var item in list)
        {
            if (item is not JsonObject map || Array.Find(Keys, k => map[k] is JsonValue) is not { } key || !named.TryAdd(ObjectField.Text(map[key])!, map)) return null;
        }
        return named;
    }

    private static string Shown(string path, JsonNode? value)
    {
        if (value is null) return "(none)";
        var text = ObjectField.Text(value)!;
        // Masked before it is cut: half a secret has no form to know it by.
        if (Redaction.IsSecretName(path) || Redaction.Apply($"{path}: {text}") != $"{path}: {text}") return "(a secret)";
        var clean = PlainText.Clean(text);
        return clean.Length <= LongestValue ? clean : clean[..LongestValue] + "…";
    }
}
