using System.Text.Json.Nodes;
using Copilot.Simulator.StandIns.Kubernetes.Storage;

namespace Copilot.Simulator.StandIns.Kubernetes.Patching;

/// <summary>Merges what somebody wants (https://kubernetes.io/docs/reference/using-api/server-side-apply/) into what is there. Ownership is judged before by <see cref="FieldOwnership"/>.</summary>
internal static class ServerSideApply
{
    public static JsonObject Merge(JsonObject live, JsonObject applied) => Map(live, applied, "", top: true);

    /// <summary>Removes the fields of the paths, and what is empty after that only because of it.</summary>
    public static void Prune(JsonObject body, IEnumerable<string> paths)
    {
        foreach (var path in paths.OrderBy(p => p.Length)) Remove(body, "", "", path.Split(FieldSet.Joint), 0);
    }

    private static JsonObject Map(JsonObject? live, JsonObject applied, string field, bool top = false)
    {
        var result = live?.Clone() ?? [];
        foreach (var (name, value) in applied)
        {
            if (top && name is "apiVersion" or "kind" && result.ContainsKey(name)) continue;
            result[name] = value switch
            {
                JsonObject map when !ListSchema.IsAtomicMap(name) => Map(result[name] as JsonObject, map, name),
                JsonArray list when ListSchema.Of(field, name) is { IsGranular: true } schema => List(result[name] as JsonArray, list, schema, name),
                _ => value?.DeepClone(),
            };
        }
        return result;
    }

    /// <summary>Elements that are applied stand in the applied order; the others keep their place among them.</summary>
    private static JsonArray List(JsonArray? live, JsonArray applied, ListSchema schema, string name)
    {
        List<(string Id, JsonNode? Value)> there = [.. (live ?? []).Select(i => (FieldSet.Segment(schema, i), i))];
        var wanted = applied.Select(i => (Id: FieldSet.Segment(schema, i), Value: i)).ToList();
        var ids = wanted.Select(w => w.Id).ToHashSet(StringComparer.Ordinal);
        var result = new JsonArray();
        var next = 0;
        foreach (var (id, value) in there)
        {
            if (!ids.Contains(id))
            {
                result.Add(value?.DeepClone());
                continue;
            }
            while (next < wanted.Count && !result.Any(r => FieldSet.Segment(schema, r) == id)) Add(wanted[next++]);
        }
        while (next < wanted.Count) Add(wanted[next++]);
        return result;

        void Add((string Id, JsonNode? Value) item)
        {
            var known = there.FirstOrDefault(t => t.Id == item.Id).Value;
            result.Add(item.Value is JsonObject map ? Map(known as JsonObject, map, name) : item.Value?.DeepClone());
        }
    }

    private static void Remove(JsonNode? node, string holder, string field, string[] path, int at)
    {
        var segment = path[at];
        var last = at == path.Length - 1;
        if (node is JsonObject map && segment.StartsWith("f:", StringComparison.Ordinal))
        {
            var name = segment[2..];
            if (last) map.Remove(name);
            else Remove(map[name], field, name, path, at + 1);
            if (map[name] is JsonObject { Count: 0 } or JsonArray { Count: 0 } && !last) map.Remove(name);
        }
        else if (node is JsonArray list)
        {
            var schema = ListSchema.Of(holder, field);
            for (var i = list.Count - 1; i >= 0; i--)
            {
                if (FieldSet.Segment(schema, list[i]) != segment) continue;
                if (last) list.RemoveAt(i);
                else Remove(list[i], holder, field, path, at + 1);
            }
        }
    }
}
