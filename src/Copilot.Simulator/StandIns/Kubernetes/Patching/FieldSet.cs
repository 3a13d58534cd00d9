using System.Text.Json;
using System.Text.Json.Nodes;
using Copilot.Simulator.StandIns.Kubernetes.Storage;

namespace Copilot.Simulator.StandIns.Kubernetes.Patching;

/// <summary>
/// The fields of an object as <c>managedFields</c> names them. A path is its fieldsV1 segments (<c>f:name</c>, <c>k:{…}</c>, <c>v:…</c>), joined by a line end, which no segment holds.
/// </summary>
internal static class FieldSet
{
    public const char Joint = '\n';

    private static readonly HashSet<string> Identity =
        ["name", "namespace", "uid", "resourceVersion", "generation", "creationTimestamp", "managedFields", "deletionTimestamp", "deletionGracePeriodSeconds", "selfLink", "generateName"];

    // Structs that every object of their kind has, said or not: nobody makes them, so nobody owns them besides what they hold.
    private static readonly HashSet<string> Present = ["spec", "status", "template", "strategy", "updateStrategy", "resources", "containers", "jobTemplate", "metadata", "loadBalancer"];

    /// <summary>Every owned field with its value. Of an element of a list also the element itself, with no value; of a map that holds fields only those, unless asked for.</summary>
    /// <param name="body">The object.</param>
    /// <param name="withMaps">Whether maps that hold fields are fields too, as an update (and not an apply) owns those that it makes.</param>
    public static SortedDictionary<string, JsonNode?> Of(JsonObject body, bool withMaps)
    {
        var fields = new SortedDictionary<string, JsonNode?>(StringComparer.Ordinal);
        foreach (var (name, value) in body)
        {
            if (name is "apiVersion" or "kind") continue;
            if (name == "metadata" && value is JsonObject meta)
            {
                foreach (var (member, inner) in meta)
                    if (!Identity.Contains(member)) Walk($"f:metadata{Joint}f:{member}", "metadata", member, inner, withMaps, fields);
                continue;
            }
            if (value is not null) Walk($"f:{name}", "", name, value, withMaps, fields);
        }
        return fields;
    }

    private static void Walk(string path, string holder, string field, JsonNode? value, bool withMaps, SortedDictionary<string, JsonNode?> fields)
    {
        switch (value)
        {
            // Templates carry it empty, because the type has it.
            case null when field == "creationTimestamp":
                break;
            case JsonObject { Count: > 0 } map when !ListSchema.IsAtomicMap(field):
                if (withMaps && !Present.Contains(field)) fields[path] = null;
                foreach (var (name, inner) in map) Walk($"{path}{Joint}f:{name}", field, name, inner, withMaps, fields);
                break;
            case JsonArray { Count: > 0 } list when ListSchema.Of(holder, field) is { IsGranular: true } schema:
                if (withMaps && !Present.Contains(field)) fields[path] = null;
                foreach (var item in list)
                {
                    var element = path + Joint + Segment(schema, item);
                    fields[element] = null;
                    if (item is not JsonObject map || schema.IsSet) continue;
                    foreach (var (name, inner) in map) Walk($"{element}{Joint}f:{name}", field, name, inner, withMaps, fields);
                }
                break;
            default:
                fields[path] = value;
                break;
        }
    }

    public static string Segment(ListSchema schema, JsonNode? item)
    {
        if (schema.IsSet) return $"v:{item.Canonical()}";
        var keys = new JsonObject();
        foreach (var key in schema.MapKeys.Order(StringComparer.Ordinal))
        {
            if (item.At(key) is { } value) keys[key] = value.DeepClone();
            else if (key == "protocol") keys[key] = "TCP";
        }
        return $"k:{keys.ToJsonString()}";
    }

    /// <summary>The paths as the nested maps of fieldsV1. What is a field and holds fields has the member ".".</summary>
    public static JsonObject ToFieldsV1(IEnumerable<string> paths)
    {
        var root = new JsonObject();
        foreach (var path in paths.Order(StringComparer.Ordinal))
        {
            var at = root;
            foreach (var segment in path.Split(Joint)) at = at.Ensure(segment);
            at["."] = new JsonObject();
        }
        Tidy(root);
        return root;
    }

    public static SortedSet<string> FromFieldsV1(JsonObject fields)
    {
        var paths = new SortedSet<string>(StringComparer.Ordinal);
        Collect(fields, "", paths);
        return paths;
    }

    /// <summary>As a person reads it: <c>.spec.template.spec.containers[name="web"].image</c>.</summary>
    public static string Readable(string path) => string.Concat(path.Split(Joint).Select(s => s[..2] switch
    {
        "f:" => $".{s[2..]}",
        "k:" => $"[{string.Join(',', Parsed(s[2..]).Select(p => $"{p.Key}={p.Value?.ToJsonString()}"))}]",
        _ => $"[={s[2..]}]",
    }));

    private static JsonObject Parsed(string json)
    {
        try
        {
            return JsonNode.Parse(json) as JsonObject ?? [];
        }
        catch (JsonException)
        {
            return [];
        }
    }

    private static void Collect(JsonObject fields, string prefix, SortedSet<string> paths)
    {
        foreach (var (name, value) in fields)
        {
            if (name == ".")
            {
                if (prefix.Length > 0) paths.Add(prefix);
                continue;
            }
            if (name.Length < 2 || name[1] != ':' || value is not JsonObject inner) continue;
            var path = prefix.Length == 0 ? name : prefix + Joint + name;
            if (inner.Count == 0) paths.Add(path);
            else Collect(inner, path, paths);
        }
    }

    /// <summary>A field that holds no fields is written without ".".</summary>
    private static void Tidy(JsonObject node)
    {
        foreach (var (_, value) in node.ToList())
        {
            if (value is not JsonObject inner) continue;
            if (inner.Count == 1 && inner.ContainsKey(".")) inner.Clear();
            else Tidy(inner);
        }
    }
}
