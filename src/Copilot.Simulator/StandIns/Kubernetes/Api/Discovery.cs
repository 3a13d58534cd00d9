using System.Text.Json.Nodes;

namespace Copilot.Simulator.StandIns.Kubernetes.Api;

/// <summary>What the server serves, in its own words: discovery in both forms, the version, and OpenAPI.</summary>
internal static class Discovery
{
    public const string Aggregated = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

    private static readonly string[] WritingParameters = ["dryRun", "fieldManager", "fieldValidation", "pretty"];

    public static JsonObject Version() => new()
    {
        ["major"] = "1",
        ["minor"] = "32",
        ["gitVersion"] = "v1.32.4",
        ["gitCommit"] = "59526cd4867447956156ae3a602fcbac10a2c335",
        ["gitTreeState"] = "clean",
        ["buildDate"] = "2025-04-22T15:59:08Z",
        ["goVersion"] = "go1.23.6",
        ["compiler"] = "gc",
        ["platform"] = "linux/amd64",
    };

    public static JsonObject CoreVersions(string address) => new()
    {
        ["kind"] = "APIVersions",
        ["versions"] = new JsonArray("v1"),
        ["serverAddressByClientCIDRs"] = new JsonArray(new JsonObject { ["clientCIDR"] = "0.0.0.0/0", ["serverAddress"] = address }),
    };

    public static JsonObject Groups(IReadOnlyList<ResourceKind> kinds) => new()
    {
        ["kind"] = "APIGroupList",
        ["apiVersion"] = "v1",
        ["groups"] = new JsonArray([.. kinds.Where(k => k.Group.Length > 0).Select(k => k.Group).Distinct().Select(g => Group(kinds, g)!)]),
    };

    public static JsonObject? Group(IReadOnlyList<ResourceKind> kinds, string group)
    {
        var versions = kinds.Where(k => k.Group == group && group.Length > 0).Select(k => k.Version).Distinct().ToList();
        if (versions.Count == 0) return null;
        JsonObject Version(string v) => new() { ["groupVersion"] = $"{group}/{v}", ["version"] = v };
        return new() { ["kind"] = "APIGroup", ["apiVersion"] = "v1", ["name"] = group, ["versions"] = new JsonArray([.. versions.Select(Version)]), ["preferredVersion"] = Version(versions[0]) };
    }

    public static JsonObject? Resources(IReadOnlyList<ResourceKind> kinds, string group, string version)
    {
        var served = kinds.Where(k => k.Group == group && k.Version == version).ToList();
        if (served.Count == 0) return null;
        var resources = new JsonArray();
        foreach (var kind in served.OrderBy(k => k.Plural, StringComparer.Ordinal))
        {
            var resource = new JsonObject { ["name"] = kind.Plural, ["singularName"] = kind.Singular, ["namespaced"] = kind.Namespaced, ["kind"] = kind.Kind, ["verbs"] = Texts(kind.Verbs) };
            if (kind.ShortNames.Length > 0) resource["shortNames"] = Texts(kind.ShortNames);
            if (kind.InAll) resource["categories"] = new JsonArray("all");
            resources.Add(resource);
            foreach (var sub in kind.Subresources)
            {
                var (subKind, verbs) = Subresource(kind, sub);
                var row = new JsonObject { ["name"] = $"{kind.Plural}/{sub}", ["singularName"] = "", ["namespaced"] = kind.Namespaced, ["kind"] = subKind, ["verbs"] = Texts(verbs) };
                if (sub == "scale") (row["group"], row["version"]) = ("autoscaling", "v1");
                if (sub == "eviction") (row["group"], row["version"]) = ("policy", "v1");
                resources.Add(row);
            }
        }
        return new() { ["kind"] = "APIResourceList", ["apiVersion"] = "v1", ["groupVersion"] = served[0].GroupVersion, ["resources"] = resources };
    }

    /// <summary>All in one answer (https://kubernetes.io/docs/concepts/overview/kubernetes-api/#aggregated-discovery).</summary>
    public static JsonObject AggregatedGroups(IReadOnlyList<ResourceKind> kinds, bool core) => new()
    {
        ["kind"] = "APIGroupDiscoveryList",
        ["apiVersion"] = "apidiscovery.k8s.io/v2",
        ["metadata"] = new JsonObject(),
        ["items"] = new JsonArray([.. kinds.Where(k => k.Group.Length == 0 == core).GroupBy(k => k.Group).Select(g => new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = g.Key, ["creationTimestamp"] = null },
            ["versions"] = new JsonArray([.. g.GroupBy(k => k.Version).Select(v => new JsonObject
            {
                ["version"] = v.Key,
                ["freshness"] = "Current",
                ["resources"] = new JsonArray([.. v.OrderBy(k => k.Plural, StringComparer.Ordinal).Select(Aggregate)]),
            })]),
        })]),
    };

    public static JsonObject OpenApiPaths(IReadOnlyList<ResourceKind> kinds) => new()
    {
        ["paths"] = new JsonObject(kinds.Select(PathOf).Distinct().Select(p => KeyValuePair.Create<string, JsonNode?>(p, new JsonObject { ["serverRelativeURL"] = $"/openapi/v3/{p}" }))),
    };

    /// <summary>Enough of OpenAPI v3 for clients to see which parameters writing takes. It holds no schemas.</summary>
    public static JsonObject? OpenApi(IReadOnlyList<ResourceKind> kinds, string path)
    {
        var served = kinds.Where(k => PathOf(k) == path).ToList();
        if (served.Count == 0) return null;
        var paths = new JsonObject();
        foreach (var kind in served)
        {
            var collection = $"/{path}/{(kind.Namespaced ? "namespaces/{namespace}/" : "")}{kind.Plural}";
            var one = new JsonObject();
            if (kind.Verbs.Contains("get")) one["get"] = Operation(kind, "get", []);
            if (kind.Verbs.Contains("update")) one["put"] = Operation(kind, "put", WritingParameters);
            if (kind.Verbs.Contains("patch")) one["patch"] = Operation(kind, "patch", [.. WritingParameters, "force"]);
            if (kind.Verbs.Contains("create")) paths[collection] = new JsonObject { ["post"] = Operation(kind, "post", WritingParameters) };
            if (one.Count > 0) paths[collection + "/{name}"] = one;
        }
        return new() { ["openapi"] = "3.0.0", ["info"] = new JsonObject { ["title"] = "Kubernetes", ["version"] = "v1.32.4" }, ["paths"] = paths, ["components"] = new JsonObject { ["schemas"] = new JsonObject() } };
    }

    private static JsonObject Operation(ResourceKind kind, string action, string[] parameters) => new()
    {
        ["operationId"] = $"{action}{kind.Kind}",
        ["parameters"] = new JsonArray([.. parameters.Select(p => new JsonObject { ["name"] = p, ["in"] = "query", ["schema"] = new JsonObject { ["type"] = p == "force" ? "boolean" : "string", ["uniqueItems"] = true } })]),
        ["responses"] = new JsonObject { ["200"] = new JsonObject { ["description"] = "OK" } },
        ["x-kubernetes-action"] = action,
        ["x-kubernetes-group-version-kind"] = Kind(kind.Group, kind.Version, kind.Kind),
    };

    private static JsonObject Aggregate(ResourceKind kind)
    {
        var resource = new JsonObject
        {
            ["resource"] = kind.Plural,
            ["responseKind"] = Kind(kind.Group, kind.Version, kind.Kind),
            ["scope"] = kind.Namespaced ? "Namespaced" : "Cluster",
            ["singularResource"] = kind.Singular,
            ["verbs"] = Texts(kind.Verbs),
        };
        if (kind.ShortNames.Length > 0) resource["shortNames"] = Texts(kind.ShortNames);
        if (kind.InAll) resource["categories"] = new JsonArray("all");
        if (kind.Subresources.Length == 0) return resource;
        resource["subresources"] = new JsonArray([.. kind.Subresources.Select(s =>
        {
            var (subKind, verbs) = Subresource(kind, s);
            var (group, version) = s == "scale" ? ("autoscaling", "v1") : s == "eviction" ? ("policy", "v1") : (kind.Group, kind.Version);
            return new JsonObject { ["subresource"] = s, ["responseKind"] = Kind(group, version, subKind), ["verbs"] = Texts(verbs) };
        })]);
        return resource;
    }

    private static (string Kind, string[] Verbs) Subresource(ResourceKind kind, string name) => name switch
    {
        "scale" => ("Scale", ["get", "patch", "update"]),
        "eviction" => ("Eviction", ["create"]),
        "log" => (kind.Kind, ["get"]),
        "finalize" => (kind.Kind, ["update"]),
        _ => (kind.Kind, ["get", "patch", "update"]),
    };

    private static string PathOf(ResourceKind kind) => kind.Group.Length == 0 ? $"api/{kind.Version}" : $"apis/{kind.GroupVersion}";

    private static JsonObject Kind(string group, string version, string kind) => new() { ["group"] = group, ["version"] = version, ["kind"] = kind };

    private static JsonArray Texts(IEnumerable<string> texts) => new([.. texts.Select(t => (JsonNode)t)]);
}
