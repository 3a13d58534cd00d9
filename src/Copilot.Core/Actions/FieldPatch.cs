using System.Text.Json.Nodes;

namespace Copilot.Core.Actions;

/// <summary>What has to be done to an object so that named fields of it are those of another version, and everything else stays.</summary>
internal static class FieldPatch
{
    /// <param name="Pointer">Where (RFC 6901).</param>
    /// <param name="Now">Null when there is nothing yet.</param>
    /// <param name="Then">Null when there is to be nothing.</param>
    public sealed record Change(string Pointer, JsonNode? Now, JsonNode? Then);

    /// <summary>
    /// The smallest changes that do it. A text is one thing, whichever setting in it is named. A list that gains or loses elements is one thing as well: by then the positions in it mean
    /// something else.
    /// </summary>
    public static IReadOnlyList<Change> Between(JsonObject now, JsonObject then, IReadOnlyList<string> fields)
    {
        var changes = fields.Select(f => At(now, then, f)).Where(c => !JsonNode.DeepEquals(c.Now, c.Then)).DistinctBy(c => c.Pointer).ToList();
        return changes.FindAll(c => !changes.Exists(o => c.Pointer.StartsWith(o.Pointer + "/", StringComparison.Ordinal)));
    }

    /// <summary>As a JSON patch (RFC 6902) that does nothing unless the object is still the one of that uid and the places still hold what they held.</summary>
    public static JsonArray Operations(string uid, IReadOnlyList<Change> changes)
    {
        var operations = new JsonArray();
        if (uid.Length > 0) operations.Add(Operation("test", "/metadata/uid", uid));
        foreach (var (pointer, now, then) in changes)
        {
            // That there is nothing is tested as null (evanphx/json-patch, with which API servers patch).
            operations.Add(Operation("test", pointer, now?.DeepClone()));
            operations.Add(then is null ? new JsonObject { ["op"] = "remove", ["path"] = pointer } : Operation(now is null ? "add" : "replace", pointer, then.DeepClone()));
        }
        return operations;
    }

    private static Change At(JsonNode now, JsonNode then, string field)
    {
        var pointer = "";
        foreach (var step in ObjectField.Steps(field))
        {
            switch (now, then)
            {
                case (JsonObject a, JsonObject b):
                    pointer += ObjectField.Escaped(step);
                    if (a[step] is not { } inA || b[step] is not { } inB) return new(pointer, a[step], b[step]);
                    (now, then) = (inA, inB);
                    break;
                case (JsonArray a, JsonArray b) when (ObjectField.IndexOf(a, step), ObjectField.IndexOf(b, step)) is var (i, j) && i >= 0 && j >= 0 && a[i] is { } elementA && b[j] is { } elementB:
                    pointer += ObjectField.Escaped(i.ToString(System.Globalization.CultureInfo.InvariantCulture));
                    (now, then) = (elementA, elementB);
                    break;
                default:
                    return new(pointer, now, then);
            }
        }
        return new(pointer, now, then);
    }

    private static JsonObject Operation(string op, string path, JsonNode? value) => new() { ["op"] = op, ["path"] = path, ["value"] = value };
}
