using System.Text.Json.Nodes;
using Copilot.Simulator.StandIns.Kubernetes.Storage;

namespace Copilot.Simulator.StandIns.ArgoCd;

/// <summary>Objects as <c>resource-tree</c>, <c>managed-resources</c> and <c>manifests</c> show them.</summary>
internal static class ResourceTrees
{
    private const string LastApplied = "kubectl.kubernetes.io/last-applied-configuration";

    public static JsonObject Tree(RecordedApplication application, IReadOnlyList<JsonObject> nodes)
    {
        var parents = application.Children.ToLookup(c => c.Child, c => c.Parent);
        var tree = new JsonObject { ["nodes"] = Answers.Array(application.Objects.Select(o => (JsonNode?)Node(o, [.. parents[o]]))) };
        if (application.Orphans.Count > 0) tree["orphanedNodes"] = Answers.Array(application.Orphans.Select(o => (JsonNode?)Node(o, [])));
        var used = application.Objects.Where(o => o.Text("kind") == "Pod").Select(p => p.Text("spec", "nodeName")).Where(n => n.Length > 0).Distinct().Order(StringComparer.Ordinal).ToList();
        if (used.Count > 0)
        {
            tree["hosts"] = Answers.Array(used.Select(name =>
            {
                var host = new JsonObject { ["name"] = name };
                if (nodes.FirstOrDefault(n => n.Name() == name)?.At("status", "nodeInfo") is { } info) host["systemInfo"] = info.DeepClone();
                return (JsonNode?)host;
            }));
        }
        return tree;
    }

    /// <summary>Live and wanted state are the same, as nothing of Git was recorded; values of Secrets are not shown.</summary>
    public static JsonObject Managed(RecordedApplication application, Func<JsonObject, bool> wanted) => new()
    {
        ["items"] = Answers.Array(application.Managed.Where(wanted).Select(o =>
        {
            var item = Reference(o);
            var live = Masked(o).ToJsonString(Answers.Plain);
            (item["targetState"], item["liveState"], item["normalizedLiveState"], item["predictedLiveState"]) = (Manifest(o), live, live, live);
            item["resourceVersion"] = o.Text("metadata", "resourceVersion");
            return (JsonNode?)item;
        })),
    };

    /// <summary>What would stand in Git: without status and without what the cluster adds.</summary>
    public static string Manifest(JsonObject body)
    {
        var manifest = Masked(body);
        manifest.Remove("status");
        foreach (var name in (string[])["creationTimestamp", "generation", "managedFields", "resourceVersion", "selfLink", "uid"]) manifest.Meta().Remove(name);
        return manifest.ToJsonString(Answers.Plain);
    }

    public static JsonObject Reference(JsonObject body)
    {
        var reference = new JsonObject();
        if (ObjectHealth.Group(body) is { Length: > 0 } group) reference["group"] = group;
        (reference["kind"], reference["namespace"], reference["name"]) = (body.Text("kind"), body.Namespace(), body.Name());
        return reference;
    }

    public static string Version(JsonObject body) => body.Text("apiVersion").Split('/')[^1];

    public static IEnumerable<string> Images(JsonObject pod) => pod.Items("spec", "initContainers").Concat(pod.Items("spec", "containers")).Select(c => c.Text("image")).Where(i => i.Length > 0);

    private static JsonObject Node(JsonObject body, IReadOnlyList<JsonObject> parents)
    {
        var node = Reference(body);
        node["version"] = Version(body);
        node["uid"] = body.Uid();
        node["resourceVersion"] = body.Text("metadata", "resourceVersion");
        if (body.Text("metadata", "creationTimestamp") is { Length: > 0 } created) node["createdAt"] = created;
        if (ObjectHealth.Of(body) is { } health) node["health"] = health.Json();
        if (parents.Count > 0)
        {
            node["parentRefs"] = Answers.Array(parents.Select(p =>
            {
                var reference = Reference(p);
                reference["uid"] = p.Uid();
                return (JsonNode?)reference;
            }));
        }
        if (Info(body) is { Count: > 0 } info) node["info"] = Answers.Array(info.Select(i => (JsonNode?)new JsonObject { ["name"] = i.Name, ["value"] = i.Value }));
        if (body.Text("kind") == "Pod")
        {
            node["images"] = Answers.Array(Images(body).Distinct());
            node["networkingInfo"] = new JsonObject { ["labels"] = new JsonObject(body.Texts("metadata", "labels").Select(l => KeyValuePair.Create(l.Key, (JsonNode?)l.Value))) };
        }
        if (body.Text("kind") == "Service" && body.At("spec", "selector") is JsonObject selector) node["networkingInfo"] = new JsonObject { ["targetLabels"] = selector.DeepClone() };
        return node;
    }

    private static List<(string Name, string Value)> Info(JsonObject body)
    {
        switch (body.Text("kind"))
        {
            case "ReplicaSet" when body.Text("metadata", "annotations", "deployment.kubernetes.io/revision") is { Length: > 0 } revision: return [("Revision", $"Rev:{revision}")];
            case "Pod":
                var containers = body.Items("status", "containerStatuses").ToList();
                var reason = containers.Select(c => c.Text("state", "waiting", "reason")).FirstOrDefault(r => r.Length > 0);
                List<(string, string)> info =
                [
                    ("Status Reason", reason ?? body.Text("status", "phase")),
                    ("Node", body.Text("spec", "nodeName")),
                    ("Containers", $"{containers.Count(c => c.True("ready"))}/{body.Items("spec", "containers").Count()}"),
                ];
                if (containers.Sum(c => c.Int("restartCount")) is > 0 and var restarts) info.Add(("Restart Count", $"{restarts}"));
                return info;
            default: return [];
        }
    }

    private static JsonObject Masked(JsonObject body)
    {
        var masked = body.Clone();
        if (body.Text("kind") != "Secret") return masked;
        foreach (var field in (string[])["data", "stringData"])
            if (masked[field] is JsonObject values) foreach (var name in values.Select(v => v.Key).ToList()) values[name] = "++++++++";
        (masked.At("metadata", "annotations") as JsonObject)?.Remove(LastApplied);
        return masked;
    }
}
