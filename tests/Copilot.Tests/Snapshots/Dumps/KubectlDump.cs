using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Copilot.Tests.Snapshots.Dumps;

/// <summary>
/// Writes what <c>kubectl cluster-info dump --all-namespaces --output-directory</c> writes (kubectl, pkg/cmd/clusterinfo/clusterinfo_dump.go): typed lists whose
/// items have no kind of their own, indented by four, without managed fields, and one logs.txt a pod. A healthy shop to begin with; tests break it.
/// </summary>
internal sealed class KubectlDump
{
    public static readonly DateTimeOffset Now = new(2026, 3, 10, 9, 30, 0, TimeSpan.Zero);
    public static readonly TimeSpan Old = TimeSpan.FromDays(20);

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, IndentSize = 4 };

    private static readonly Dictionary<string, (string Kind, string Api)> Lists = new()
    {
        ["nodes"] = ("NodeList", "v1"),
        ["events"] = ("EventList", "v1"),
        ["replication-controllers"] = ("ReplicationControllerList", "v1"),
        ["services"] = ("ServiceList", "v1"),
        ["daemonsets"] = ("DaemonSetList", "apps/v1"),
        ["deployments"] = ("DeploymentList", "apps/v1"),
        ["replicasets"] = ("ReplicaSetList", "apps/v1"),
        ["pods"] = ("PodList", "v1"),
    };

    private readonly SortedDictionary<string, List<JsonObject>> _files = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, string> _logs = new(StringComparer.Ordinal);
    private int _serial;

    public KubectlDump()
    {
        foreach (var node in (string[])["worker-1", "worker-2", "worker-3"]) Nodes[node] = Node(node);
        foreach (var ns in (string[])["default", "kube-system", "shop"])
            foreach (var file in Lists.Keys.Where(k => k != "nodes"))
                _files[$"{ns}/{file}"] = [];
        Deployment("kube-system", "coredns", 2);
        Service("kube-system", "kube-dns", new() { ["app"] = "coredns" });
        foreach (var app in (string[])["web", "orders", "stock"])
        {
            Deployment("shop", app, 2);
            Service("shop", app, new() { ["app"] = app });
        }
    }

    public Dictionary<string, JsonObject> Nodes { get; } = [];

    public IReadOnlyList<JsonObject> In(string file) => _files.GetValueOrDefault(file) ?? [];

    public JsonObject Object(string file, string name) => _files[file].First(o => (string?)o["metadata"]!["name"] == name);

    public void Add(string file, JsonObject item)
    {
        if (!_files.TryGetValue(file, out var list)) _files[file] = list = [];
        list.Add(item);
    }

    public void Remove(string file, JsonObject item) => _files[file].Remove(item);

    public static string At(TimeSpan ago) => (Now - ago).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'");

    public static JsonObject Json(string text) => JsonNode.Parse(text)!.AsObject();

    /// <summary>A Deployment with one ReplicaSet and running pods.</summary>
    public DumpedDeployment Deployment(string ns, string name, int replicas, TimeSpan? age = null)
    {
        var made = age ?? Old;
        var deployment = new DumpedDeployment(this, ns, name, made);
        Add($"{ns}/deployments", deployment.Body);
        var hash = deployment.ReplicaSet(replicas, made);
        for (var i = 0; i < replicas; i++) deployment.Pod(hash, made);
        return deployment;
    }

    public DumpedDeployment Of(string ns, string name) => new(this, ns, name, Old);

    public JsonObject Service(string ns, string name, JsonObject selector)
    {
        var service = Json($$$"""
            {"metadata":{{{Meta(ns, name, Old)}}},"spec":{"ports":[{"name":"http","protocol":"TCP","port":80,"targetPort":8080}],"clusterIP":"10.96.0.{{{++_serial}}}","type":"ClusterIP","sessionAffinity":"None"},"status":{"loadBalancer":{ } } }
            """);
        service["spec"]!["selector"] = selector;
        Add($"{ns}/services", service);
        return service;
    }

    public void Event(string ns, string kind, string name, string reason, string message, string type = "Warning", string component = "kubelet", int count = 3, TimeSpan? first = null, TimeSpan? last = null)
    {
        var e = Json($$$"""
            {"metadata":{{{Meta(ns, $"{name}.{++_serial:x16}", first ?? TimeSpan.FromMinutes(20))}}},"involvedObject":{"kind":"{{{kind}}}","namespace":"{{{ns}}}","name":"{{{name}}}","uid":"{{{Uid(name)}}}","apiVersion":"v1"},
             "reason":"{{{reason}}}","source":{"component":"{{{component}}}"},"firstTimestamp":"{{{At(first ?? TimeSpan.FromMinutes(20))}}}","lastTimestamp":"{{{At(last ?? TimeSpan.FromMinutes(1))}}}",
             "count":{{{count}}},"type":"{{{type}}}","eventTime":null,"reportingComponent":"","reportingInstance":""}
            """);
        e["message"] = message;
        if (kind is "Node") e["involvedObject"]!.AsObject().Remove("namespace");
        Add($"{ns}/events", e);
    }

    public void Log(string ns, string pod, params string[] lines)
    {
        var text = new StringBuilder($"==== START logs for container app of pod {ns}/{pod} ====\n");
        foreach (var line in lines) text.Append(line).Append('\n');
        _logs[$"{ns}/{pod}/logs.txt"] = text.Append($"==== END logs for container app of pod {ns}/{pod} ====\n").ToString();
    }

    public static string Uid(string name) => new Guid(System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(name))[..16]).ToString();

    public static string Meta(string ns, string name, TimeSpan age) =>
        $$$"""{"name":"{{{name}}}",{{{(ns.Length > 0 ? $"\"namespace\":\"{ns}\"," : "")}}}"uid":"{{{Uid(ns + name)}}}","resourceVersion":"4711","creationTimestamp":"{{{At(age)}}}"}""";

    public void Write(string directory)
    {
        Write(directory, "nodes", [.. Nodes.Values]);
        foreach (var (file, items) in _files) Write(directory, file, items);
        foreach (var pods in _files.Where(f => f.Key.EndsWith("/pods", StringComparison.Ordinal)))
            foreach (var pod in pods.Value.Select(p => (string)p["metadata"]!["name"]!).Where(p => !_logs.ContainsKey($"{pods.Key[..^5]}/{p}/logs.txt")))
                Log(pods.Key[..^5], pod, "listening on :8080", "GET /healthz 200");
        foreach (var (file, text) in _logs)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(directory, file))!);
            File.WriteAllText(Path.Combine(directory, file), text);
        }
    }

    private static void Write(string directory, string file, List<JsonObject> items)
    {
        var stem = file.Split('/')[^1];
        var (kind, api) = Lists.TryGetValue(stem, out var known) ? known : ("List", "v1"); // what kubectl get -o json writes
        var list = new JsonObject { ["kind"] = kind, ["apiVersion"] = api, ["metadata"] = new JsonObject { ["resourceVersion"] = "4712" }, ["items"] = new JsonArray([.. items.Select(i => i.DeepClone())]) };
        var path = Path.Combine(directory, file + ".json");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, list.ToJsonString(Indented) + "\n");
    }

    private static JsonObject Node(string name) => Json($$$"""
        {"metadata":{{{Meta("", name, Old)}}},"spec":{"podCIDR":"10.244.1.0/24"},"status":{"allocatable":{"cpu":"4","memory":"8Gi","pods":"110"},"conditions":[
          {"type":"MemoryPressure","status":"False","lastHeartbeatTime":"{{{At(TimeSpan.FromMinutes(2))}}}","lastTransitionTime":"{{{At(Old)}}}","reason":"KubeletHasSufficientMemory","message":"kubelet has sufficient memory available"},
          {"type":"DiskPressure","status":"False","lastHeartbeatTime":"{{{At(TimeSpan.FromMinutes(2))}}}","lastTransitionTime":"{{{At(Old)}}}","reason":"KubeletHasNoDiskPressure","message":"kubelet has no disk pressure"},
          {"type":"Ready","status":"True","lastHeartbeatTime":"{{{At(TimeSpan.FromSeconds(40))}}}","lastTransitionTime":"{{{At(Old)}}}","reason":"KubeletReady","message":"kubelet is posting ready status"}]}}
        """);
}
