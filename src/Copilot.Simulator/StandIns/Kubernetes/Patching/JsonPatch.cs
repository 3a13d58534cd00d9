using System.Globalization;
using System.Text.Json.Nodes;
using Copilot.Simulator.StandIns.Kubernetes.Storage;

namespace Copilot.Simulator.StandIns.Kubernetes.Patching;

/// <summary>Why a patch cannot be applied.</summary>
internal sealed class PatchFault(string message, bool isMalformed = false) : Exception(message)
{
    /// <summary>Whether it is no patch at all, whatever the document.</summary>
    public bool IsMalformed => isMalformed;
}

/// <summary>RFC 6902, with pointers of RFC 6901. All operations or none: the document given is not changed.</summary>
internal static class JsonPatch
{
    /// <summary>As the real server: more than this is refused.</summary>
    public const int MostOperations = 10_000;

    /// <exception cref="PatchFault">It cannot be applied.</exception>
    public static JsonNode? Apply(JsonNode? document, JsonNode? patch)
    {
        if (patch is not JsonArray operations) throw new PatchFault("a JSON patch is a list of operations", isMalformed: true);
        if (operations.Count > MostOperations) throw new PatchFault($"The allowed maximum operations in a JSON patch is {MostOperations}, got {operations.Count}", isMalformed: true);
        var root = document?.DeepClone();
        foreach (var operation in operations) root = Apply(root, operation as JsonObject ?? throw new PatchFault("an operation is an object", isMalformed: true));
        return root;
    }

    private static JsonNode? Apply(JsonNode? root, JsonObject operation)
    {
        var op = operation.Text("op");
        var path = Pointer(operation, "path");
        switch (op)
        {
            case "add":
                return Add(root, path, Value(operation));
            case "remove":
                Find(root, path, op);
                return Remove(root, path);
            case "replace":
                Find(root, path, op);
                return path.Length == 0 ? Value(operation) : Put(root, path, Value(operation), insert: false);
            case "move":
                var from = Pointer(operation, "from");
                if (path.Length > from.Length && path.AsSpan(0, from.Length).SequenceEqual(from)) throw new PatchFault("move operation: a value cannot be moved into itself");
                var moved = Find(root, from, op)?.DeepClone();
                return Add(Remove(root, from), path, moved);
            case "copy":
                return Add(root, path, Find(root, Pointer(operation, "from"), op)?.DeepClone());
            case "test":
                // To the library of the real server a member that is not there is null.
                var holder = path.Length == 0 ? null : Find(root, path[..^1], op);
                if (!JsonRead.Same(holder is JsonObject map ? map[path[^1]] : Find(root, path, op), Value(operation))) throw new PatchFault($"testing value {operation.Text("path")} failed: test failed");
                return root;
            default:
                throw new PatchFault($"Unexpected kind: {op}", isMalformed: true);
        }
    }

    private static JsonNode? Value(JsonObject operation) =>
        operation.TryGetPropertyValue("value", out var value) ? value?.DeepClone() : throw new PatchFault($"{operation.Text("op")} operation misses its value", isMalformed: true);

    private static string[] Pointer(JsonObject operation, string member)
    {
        if (operation[member] is not JsonValue value || !value.TryGetValue(out string? text)) throw new PatchFault($"{operation.Text("op")} operation misses its {member}", isMalformed: true);
        if (text.Length == 0) return [];
        if (text[0] != '/') throw new PatchFault($"{member} \"{text}\" is no JSON pointer: it must begin with a slash", isMalformed: true);
        return Answers.PointerSteps(text);
    }

    private static JsonNode? Add(JsonNode? root, string[] path, JsonNode? value) => path.Length == 0 ? value : Put(root, path, value, insert: true);

    private static JsonNode? Put(JsonNode? root, string[] path, JsonNode? value, bool insert)
    {
        switch (Find(root, path[..^1], insert ? "add" : "replace"))
        {
            case JsonObject map:
                map[path[^1]] = value;
                break;
            case JsonArray list when insert:
                list.Insert(path[^1] == "-" ? list.Count : Index(path[^1], list.Count + 1), value);
                break;
            case JsonArray list:
                list[Index(path[^1], list.Count)] = value;
                break;
            default:
                throw Missing(insert ? "add" : "replace", path);
        }
        return root;
    }

    private static JsonNode? Remove(JsonNode? root, string[] path)
    {
        if (path.Length == 0) return null;
        var holder = Find(root, path[..^1], "remove");
        if (holder is JsonObject map) map.Remove(path[^1]);
        else if (holder is JsonArray list) list.RemoveAt(Index(path[^1], list.Count));
        return root;
    }

    private static JsonNode? Find(JsonNode? node, string[] path, string op)
    {
        foreach (var step in path)
        {
            node = node switch
            {
                JsonObject map when map.TryGetPropertyValue(step, out var value) => value,
                JsonArray list => list[Index(step, list.Count)],
                _ => throw Missing(op, path),
            };
        }
        return node;
    }

    private static int Index(string text, int count) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var index) && (text == "0" || text[0] != '0') && index < count
            ? index : throw new PatchFault($"Unable to access invalid index: {text}: invalid index referenced");

    private static PatchFault Missing(string op, string[] path) => new($"{op} operation does not apply: doc is missing path: \"/{string.Join('/', path)}\": missing value");
}
