using System.Text.Json.Nodes;

namespace Copilot.Simulator.Clusters;

/// <summary>
/// Who owns which field of one object, as the API server keeps it: a writer owns what it last changed and
/// loses it when another writer changes it. Paths are fieldsV1 segments joined by a newline (no segment holds one).
/// </summary>
internal sealed class ManagedFields(string apiVersion)
{
    // Fields the API server treats as one value; it lists them without descending.
    private static readonly HashSet<string> Atomic =
        [
            "selector", "podSelector", "subsets", "ingress", "egress", "rules", "containerStatuses", "configMapKeyRef", "nodeSelector", "roleRef",
            "subjects", "tolerations",
        ];

    // Maps that are owned themselves besides what they hold.
    private static readonly HashSet<string> Owned = ["labels", "annotations", "data", "limits", "requests", "hard", "valueFrom", "rollingUpdate"];

    private static readonly HashSet<string> Identity =
        ["name", "namespace", "uid", "resourceVersion", "generation", "creationTimestamp", "managedFields", "deletionTimestamp"];

    private sealed record Entry(string Manager, string? Subresource)
    {
        public long Time { get; set; }

        public SortedSet<string> Paths { get; } = new(StringComparer.Ordinal);
    }

    private readonly List<Entry> _entries = [];

    public void Record(JsonObject? before, JsonObject after, string manager, string? subresource, long at)
    {
        var old = before is null ? [] : Leaves(before);
        var now = Leaves(after);
        var changed = now.Where(p => !old.TryGetValue(p.Key, out var value) || value != p.Value).Select(p => p.Key).ToList();
        foreach (var entry in _entries)
        {
            entry.Paths.ExceptWith(changed);
            entry.Paths.ExceptWith(old.Keys.Where(k => !now.ContainsKey(k)));
        }

        var own = _entries.Find(e => e.Manager == manager && e.Subresource == subresource);
        if (own is null) _entries.Add(own = new Entry(manager, subresource));
        own.Paths.UnionWith(changed);
        own.Time = at;
        _entries.RemoveAll(e => e.Paths.Count == 0 && e != own);
        ((JsonObject)after["metadata"]!)["managedFields"] = ToJson();
    }

    private JsonArray ToJson()
    {
        var array = new JsonArray();
        foreach (var entry in _entries)
        {
            var json = new JsonObject
            {
                ["apiVersion"] = apiVersion,
                ["fieldsType"] = "FieldsV1",
                ["fieldsV1"] = Nest(entry.Paths),
                ["manager"] = entry.Manager,
                ["operation"] = "Update",
                ["time"] = Moment.Iso(entry.Time),
            };
            if (entry.Subresource is not null) json["subresource"] = entry.Subresource;
            array.Add((JsonNode)json);
        }

        return array;
    }

    private static JsonObject Nest(IEnumerable<string> paths)
    {
        var root = new JsonObject();
        foreach (var path in paths)
        {
            var node = root;
            foreach (var segment in path.Split('\n'))
            {
                if (node[segment] is not JsonObject child) node[segment] = child = [];
                node = child;
            }
        }

        return root;
    }

    private static Dictionary<string, string> Leaves(JsonObject body)
    {
        var leaves = new Dictionary<string, string>();
        foreach (var (key, value) in body)
            if (key is not ("apiVersion" or "kind") && value is not null) Descend(leaves, "f:" + key, key, value, key == "metadata");
        return leaves;
    }

    private static void Descend(Dictionary<string, string> leaves, string path, string field, JsonNode node, bool metadata)
    {
        if (node is JsonObject { Count: > 0 } map && !Atomic.Contains(field))
        {
            if (Owned.Contains(field)) leaves[path + "\n."] = "";
            foreach (var (key, value) in map)
                if (value is not null && !(metadata && Identity.Contains(key))) Descend(leaves, $"{path}\nf:{key}", key, value, metadata: false);
        }
        else if (node is JsonArray { Count: > 0 } list && KeyOf(field, list[0]!) is { } keys)
        {
            leaves[path + "\n."] = "";
            foreach (var item in list)
            {
                var itemKey = new JsonObject(keys.Where(k => item![k] is not null)
                    .Select(k => KeyValuePair.Create(k, (JsonNode?)item![k]!.DeepClone())));
                var itemPath = $"{path}\nk:{CanonicalJson.Text(itemKey)}";
                leaves[itemPath + "\n."] = "";
                Descend(leaves, itemPath, "", item!, metadata: false);
            }
        }
        else
        {
            leaves[path] = CanonicalJson.Text(node);
        }
    }

    private static string[]? KeyOf(string field, JsonNode first) => field switch
    {
        "containers" or "env" or "volumes" => ["name"],
        "ports" => first["containerPort"] is null ? ["port", "protocol"] : ["containerPort", "protocol"],
        "conditions" => ["type"],
        "volumeMounts" => ["mountPath"],
        "ownerReferences" => ["uid"],
        _ => null,
    };
}
