using System.Globalization;
using System.Text.Json.Nodes;
using Copilot.Simulator.StandIns.Kubernetes.Api;
using Copilot.Simulator.StandIns.Kubernetes.Storage;

namespace Copilot.Simulator.StandIns.Kubernetes.Printing;

/// <summary>Rows of everything that is no workload.</summary>
internal static class ClusterRows
{
    private const string None = "<none>";

    public static JsonNode?[] Service(JsonObject o, DateTimeOffset now)
    {
        var type = o.Text("spec", "type");
        var ports = o.Items("spec", "ports").Select(p => $"{p.Int("port")}{(p.Int("nodePort") > 0 ? $":{p.Int("nodePort")}" : "")}/{p.Text("protocol")}");
        return
        [
            o.Name(), type, OrNone(o.Text("spec", "clusterIP")), External(o, type), OrNone(string.Join(',', ports)), Age(o, now),
            OrNone(string.Join(',', o.Texts("spec", "selector").OrderBy(l => l.Key, StringComparer.Ordinal).Select(l => $"{l.Key}={l.Value}"))),
        ];
    }

    public static JsonNode?[] Endpoints(JsonObject o, DateTimeOffset now)
    {
        List<string> all = [];
        foreach (var subset in o.Items("subsets"))
        {
            var addresses = subset.Items("addresses").Select(a => a.Text("ip")).ToList();
            var ports = subset.Items("ports").Select(p => p.Int("port")).ToList();
            if (ports.Count == 0) all.AddRange(addresses);
            else all.AddRange(ports.SelectMany(p => addresses.Select(a => string.Create(CultureInfo.InvariantCulture, $"{a}:{p}"))));
        }
        return [o.Name(), Few(all, " + ", " more..."), Age(o, now)];
    }

    public static JsonNode?[] Slice(JsonObject o, DateTimeOffset now)
    {
        var ports = o.Items("ports").Select(p => p.Number("port")?.ToString(CultureInfo.InvariantCulture) ?? "*").ToList();
        var endpoints = o.Items("endpoints").SelectMany(e => (e["addresses"] as JsonArray ?? []).Select(a => a.Text())).ToList();
        return [o.Name(), o.Text("addressType"), ports.Count == 0 ? "<unset>" : Few(ports, " + ", " more..."), endpoints.Count == 0 ? "<unset>" : Few(endpoints, " + ", " more..."), Age(o, now)];
    }

    public static JsonNode?[] Ingress(JsonObject o, DateTimeOffset now)
    {
        var hosts = o.Items("spec", "rules").Select(r => r.Text("host")).Where(h => h.Length > 0).ToList();
        var addresses = o.Items("status", "loadBalancer", "ingress").Select(i => i.Text("ip") is { Length: > 0 } ip ? ip : i.Text("hostname"));
        return
        [
            o.Name(), OrNone(o.Text("spec", "ingressClassName")), hosts.Count == 0 ? "*" : Few(hosts, " + ", " more..."), string.Join(',', addresses), o.Items("spec", "tls").Any() ? "80, 443" : "80", Age(o, now),
        ];
    }

    public static JsonNode?[] IngressClass(JsonObject o, DateTimeOffset now)
    {
        var parameters = o.At("spec", "parameters");
        return [o.Name(), o.Text("spec", "controller"), parameters is null ? None : $"{parameters.Text("kind")}{(parameters.Text("apiGroup") is { Length: > 0 } g ? "." + g : "")}/{parameters.Text("name")}", Age(o, now)];
    }

    public static JsonNode?[] Policy(JsonObject o, DateTimeOffset now) => [o.Name(), OrNone(Selectors.Write(o.At("spec", "podSelector"))), Age(o, now)];

    public static JsonNode?[] Node(JsonObject o, DateTimeOffset now)
    {
        const string Role = "node-role.kubernetes.io/";
        var status = o.Condition("Ready") is { } ready ? ready.Text("status") == "True" ? "Ready" : "NotReady" : "Unknown";
        if (o.True("spec", "unschedulable")) status += ",SchedulingDisabled";
        var roles = o.Texts("metadata", "labels").Select(l => l.Key.StartsWith(Role, StringComparison.Ordinal) ? l.Key[Role.Length..] : l.Key == "kubernetes.io/role" ? l.Value : "").Where(r => r.Length > 0).Order(StringComparer.Ordinal);
        string Address(string type) => OrNone(o.Items("status", "addresses").FirstOrDefault(a => a.Text("type") == type).Text("address"));
        return
        [
            o.Name(), status, OrNone(string.Join(',', roles)), Age(o, now), o.Text("status", "nodeInfo", "kubeletVersion"), Address("InternalIP"), Address("ExternalIP"),
            OrUnknown(o.Text("status", "nodeInfo", "osImage")), OrUnknown(o.Text("status", "nodeInfo", "kernelVersion")), OrUnknown(o.Text("status", "nodeInfo", "containerRuntimeVersion")),
        ];
    }

    public static JsonNode?[] Namespace(JsonObject o, DateTimeOffset now) => [o.Name(), o.Text("status", "phase"), Age(o, now)];

    public static JsonNode?[] Event(JsonObject o, DateTimeOffset now)
    {
        var first = o.Time("firstTimestamp") ?? o.Time("eventTime");
        var last = o.Time("series", "lastObservedTime") ?? o.Time("lastTimestamp") ?? first;
        var count = o.Number("series", "count") ?? o.Number("count") ?? 1;
        var regarding = o.At("involvedObject");
        var source = o.Text("source", "component") is { Length: > 0 } component ? component : o.Text("reportingComponent");
        if (o.Text("source", "host") is { Length: > 0 } host) source += ", " + host;
        return
        [
            last is null ? Duration.Unknown : Duration.Write(now - last.Value), o.Text("type"), o.Text("reason"), $"{regarding.Text("kind").ToLowerInvariant()}/{regarding.Text("name")}", regarding.Text("fieldPath"),
            source, o.Text("message").Trim(), first is null ? Duration.Unknown : Duration.Write(now - first.Value), Math.Max(1, count), o.Name(),
        ];
    }

    public static JsonNode?[] ConfigMap(JsonObject o, DateTimeOffset now) => [o.Name(), Count(o["data"]) + Count(o["binaryData"]), Age(o, now)];

    public static JsonNode?[] Secret(JsonObject o, DateTimeOffset now) => [o.Name(), o.Text("type"), Count(o["data"]), Age(o, now)];

    public static JsonNode?[] ServiceAccount(JsonObject o, DateTimeOffset now) => [o.Name(), o.Items("secrets").Count(), Age(o, now)];

    public static JsonNode?[] Quota(JsonObject o, DateTimeOffset now)
    {
        string Join(Func<string, bool> wanted) => string.Join(", ", (o.At("status", "hard") as JsonObject ?? []).Where(h => wanted(h.Key)).OrderBy(h => h.Key, StringComparer.Ordinal)
            .Select(h => $"{h.Key}: {o.At("status", "used", h.Key)?.ToString() ?? "0"}/{h.Value}"));
        return [o.Name(), Age(o, now), Join(h => !h.StartsWith("limits", StringComparison.Ordinal)), Join(h => h.StartsWith("limits", StringComparison.Ordinal))];
    }

    public static JsonNode?[] Claim(JsonObject o, DateTimeOffset now) =>
    [
        o.Name(), o.IsDeleting() ? "Terminating" : o.Text("status", "phase"), o.Text("spec", "volumeName"), o.Text("status", "capacity", "storage"), Modes(o.At("status", "accessModes")), o.Text("spec", "storageClassName"),
        OrUnset(o.Text("spec", "volumeAttributesClassName")), Age(o, now), o.Text("spec", "volumeMode") is { Length: > 0 } mode ? mode : "<unset>",
    ];

    public static JsonNode?[] Volume(JsonObject o, DateTimeOffset now) =>
    [
        o.Name(), o.Text("spec", "capacity", "storage"), Modes(o.At("spec", "accessModes")), o.Text("spec", "persistentVolumeReclaimPolicy"), o.IsDeleting() ? "Terminating" : o.Text("status", "phase"),
        o.At("spec", "claimRef") is { } claim ? $"{claim.Text("namespace")}/{claim.Text("name")}" : "", o.Text("spec", "storageClassName"), OrUnset(o.Text("spec", "volumeAttributesClassName")),
        o.Text("status", "reason"), Age(o, now), o.Text("spec", "volumeMode") is { Length: > 0 } mode ? mode : "<unset>",
    ];

    public static JsonNode?[] StorageClass(JsonObject o, DateTimeOffset now) =>
    [
        o.Text("metadata", "annotations", "storageclass.kubernetes.io/is-default-class") == "true" ? o.Name() + " (default)" : o.Name(), o.Text("provisioner"),
        o.Text("reclaimPolicy") is { Length: > 0 } policy ? policy : "Delete", o.Text("volumeBindingMode") is { Length: > 0 } mode ? mode : "Immediate", o.True("allowVolumeExpansion"), Age(o, now),
    ];

    public static JsonNode?[] Lease(JsonObject o, DateTimeOffset now) => [o.Name(), o.Text("spec", "holderIdentity"), Age(o, now)];

    public static JsonNode?[] Priority(JsonObject o, DateTimeOffset now) =>
        [o.Name(), o["value"]?.DeepClone(), o.True("globalDefault"), Age(o, now), o.Text("preemptionPolicy") is { Length: > 0 } policy ? policy : "PreemptLowerPriority"];

    public static JsonNode?[] Binding(JsonObject o, DateTimeOffset now) => [o.Name(), $"{o.Text("roleRef", "kind")}/{o.Text("roleRef", "name")}", Age(o, now)];

    private static string External(JsonObject o, string type)
    {
        if (type == "ExternalName") return o.Text("spec", "externalName");
        var addresses = (o.At("spec", "externalIPs") as JsonArray ?? []).Select(i => i.Text())
            .Concat(o.Items("status", "loadBalancer", "ingress").Select(i => i.Text("ip") is { Length: > 0 } ip ? ip : i.Text("hostname")));
        var joined = string.Join(',', addresses);
        return joined.Length > 0 ? joined : type == "LoadBalancer" ? "<pending>" : None;
    }

    private static string Few(List<string> all, string plus, string more) =>
        all.Count == 0 ? None : all.Count <= 3 ? string.Join(',', all) : $"{string.Join(',', all.Take(3))}{plus}{all.Count - 3}{more}";

    private static string Modes(JsonNode? modes) => string.Join(',', (modes as JsonArray ?? []).Select(m => m.Text() switch
    {
        "ReadWriteOnce" => "RWO",
        "ReadOnlyMany" => "ROX",
        "ReadWriteMany" => "RWX",
        "ReadWriteOncePod" => "RWOP",
        var other => other,
    }));

    private static int Count(JsonNode? map) => (map as JsonObject)?.Count ?? 0;

    private static string Age(JsonObject o, DateTimeOffset now) => WorkloadRows.Age(o, now);

    private static string OrNone(string text) => text.Length == 0 ? None : text;

    private static string OrUnset(string text) => text.Length == 0 ? "<unset>" : text;

    private static string OrUnknown(string text) => text.Length == 0 ? Duration.Unknown : text;
}
