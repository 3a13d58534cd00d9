using System.Text.Json.Nodes;
using Copilot.Simulator.StandIns.Kubernetes.Storage;

namespace Copilot.Simulator.StandIns.Kubernetes.Patching;

/// <summary>
/// The API server's own patch: maps are merged, lists of the built-in kinds by their merge key, and directives say what a merge cannot
/// (https://github.com/kubernetes/community/blob/master/contributors/devel/sig-api-machinery/strategic-merge-patch.md). The document given is not changed.
/// </summary>
internal static class StrategicMergePatch
{
    private const string Directive = "$patch";
    private const string RetainKeys = "$retainKeys";
    private const string Order = "$setElementOrder/";
    private const string DeleteFrom = "$deleteFromPrimitiveList/";

    /// <exception cref="PatchFault">It is no such patch.</exception>
    public static JsonObject Apply(JsonObject target, JsonObject patch) => Merge(target, patch, "");

    private static JsonObject Merge(JsonObject? target, JsonObject patch, string field)
    {
        var directive = patch.Text(Directive);
        if (directive == "replace") return Plain(patch);
        if (directive == "delete") return [];
        if (directive.Length > 0 && directive != "merge") throw new PatchFault($"Unknown patch type: {directive}", isMalformed: true);
        var result = target?.Clone() ?? [];
        if (patch[RetainKeys] is JsonArray retained) Retain(result, patch, [.. retained.Select(r => r.Text())]);
        foreach (var (name, value) in patch)
        {
            if (name.StartsWith(DeleteFrom, StringComparison.Ordinal)) DeleteValues(result, name[DeleteFrom.Length..], value as JsonArray ?? []);
            if (name[..Math.Min(1, name.Length)] == "$") continue;
            switch (value)
            {
                case null:
                    result.Remove(name);
                    break;
                case JsonObject map:
                    if (map.Text(Directive) == "delete") result.Remove(name);
                    else result[name] = Merge(result[name] as JsonObject, map, name);
                    break;
                case JsonArray list:
                    result[name] = MergeList(result[name] as JsonArray, list, patch[Order + name] as JsonArray, field, name);
                    break;
                default:
                    result[name] = value.DeepClone();
                    break;
            }
        }
        // An order may come without a change to the list.
        foreach (var (name, order) in patch.Where(p => p.Key.StartsWith(Order, StringComparison.Ordinal)))
        {
            var list = name[Order.Length..];
            if (!patch.ContainsKey(list) && result[list] is JsonArray kept) result[list] = Sorted(kept, order as JsonArray ?? [], ListSchema.Of(field, list));
        }
        return result;
    }

    private static JsonArray MergeList(JsonArray? target, JsonArray patch, JsonArray? order, string holder, string name)
    {
        var schema = ListSchema.Of(holder, name);
        if (!schema.Merges) return Plain(patch);
        if (schema.MergeKey is not { Length: > 0 } key) return MergeValues(target, patch, order, schema);
        if (patch.OfType<JsonObject>().Any(i => i.Text(Directive) == "replace")) return Plain([.. patch.Where(i => i is not JsonObject o || o.Text(Directive) != "replace").Select(i => i?.DeepClone())]);
        var result = (JsonArray)(target?.DeepClone() ?? new JsonArray());
        foreach (var item in patch)
        {
            if (item is not JsonObject change) throw new PatchFault($"map: element of {name} expected, got a scalar", isMalformed: true);
            if (change[key] is not { } id) throw new PatchFault($"map: {change.ToJsonString()} does not contain declared merge key: {key}", isMalformed: true);
            var at = Enumerable.Range(0, result.Count).Where(i => JsonRead.Same(result[i].At(key), id)).DefaultIfEmpty(-1).First();
            if (change.Text(Directive) == "delete")
            {
                if (at >= 0) result.RemoveAt(at);
            }
            else if (at >= 0)
            {
                result[at] = Merge(result[at] as JsonObject, change, name);
            }
            else
            {
                result.Add(Merge(null, change, name));
            }
        }
        return order is null ? result : Sorted(result, order, schema);
    }

    private static JsonArray MergeValues(JsonArray? target, JsonArray patch, JsonArray? order, ListSchema schema)
    {
        var result = (JsonArray)(target?.DeepClone() ?? new JsonArray());
        foreach (var item in patch)
            if (!result.Any(r => JsonRead.Same(r, item))) result.Add(item?.DeepClone());
        return order is null ? result : Sorted(result, order, schema);
    }

    /// <summary>What the order names stands in that order; what it does not name keeps its place before what followed it on the server.</summary>
    private static JsonArray Sorted(JsonArray list, JsonArray order, ListSchema schema)
    {
        JsonNode? Id(JsonNode? item) => schema.MergeKey is { Length: > 0 } key && item is JsonObject map ? map[key] : item;
        var places = order.Select(o => Id(o)).ToList();
        int Place(JsonNode? item) => places.FindIndex(p => JsonRead.Same(p, Id(item)));
        var named = list.Where(i => Place(i) >= 0).OrderBy(Place).ToList();
        List<JsonNode?> result = [];
        var next = 0;
        foreach (var item in list)
        {
            if (Place(item) >= 0)
            {
                // All that the order puts up to here come first.
                while (next < named.Count && Place(named[next]) <= Place(item)) result.Add(named[next++]);
            }
            else
            {
                result.Add(item);
            }
        }
        result.AddRange(named.Skip(next));
        return new([.. result.Select(i => i?.DeepClone())]);
    }

    private static void Retain(JsonObject result, JsonObject patch, HashSet<string> retained)
    {
        if (patch.FirstOrDefault(p => p.Key[..Math.Min(1, p.Key.Length)] != "$" && !retained.Contains(p.Key)).Key is { } stray)
            throw new PatchFault($"$retainKeys list doesn't contain {stray}, which the patch sets", isMalformed: true);
        foreach (var name in result.Select(p => p.Key).Where(k => !retained.Contains(k)).ToList()) result.Remove(name);
    }

    private static void DeleteValues(JsonObject result, string name, JsonArray values)
    {
        if (result[name] is not JsonArray list) return;
        result[name] = new JsonArray([.. list.Where(i => !values.Any(v => JsonRead.Same(v, i))).Select(i => i?.DeepClone())]);
    }

    /// <summary>The content without directives.</summary>
    private static JsonObject Plain(JsonObject patch)
    {
        var result = new JsonObject();
        foreach (var (name, value) in patch)
        {
            if (value is null || name[..Math.Min(1, name.Length)] == "$") continue;
            result[name] = value switch { JsonObject map => Plain(map), JsonArray list => Plain(list), _ => value.DeepClone() };
        }
        return result;
    }

    private static JsonArray Plain(JsonArray list) => new([.. list.Where(i => i is not JsonObject map || map.Text(Directive) != "delete").Select(i => i switch
    {
        JsonObject map => Plain(map),
        JsonArray inner => Plain(inner),
        _ => i?.DeepClone(),
    })]);
}
