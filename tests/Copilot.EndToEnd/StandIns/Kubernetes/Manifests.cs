using System.Text.Json.Nodes;

namespace Copilot.EndToEnd.StandIns.Kubernetes;

/// <summary>What tests put into clusters.</summary>
internal static class Manifests
{
    public static string Web(string image = "nginx:1.27", int replicas = 3) => $$$"""
        apiVersion: apps/v1
        kind: Deployment
        metadata:
          name: web
          namespace: default
          labels: {app: web}
        spec:
          replicas: {{{replicas}}}
          selector:
            matchLabels: {app: web}
          template:
            metadata: {labels: {app: web}}
            spec:
              containers:
              - name: web
                image: {{{image}}}
                ports: [{containerPort: 80, name: http}]
                env: [{name: MODE, value: live}]
                resources:
                  requests: {cpu: 1, memory: 64Mi}
        """;

    public const string Service = """
        apiVersion: v1
        kind: Service
        metadata: {name: web, namespace: default}
        spec: {selector: {app: web}, ports: [{name: http, port: 80, targetPort: http}]}
        """;

    public static JsonObject ConfigMap(string name, string value = "1") => new()
    {
        ["apiVersion"] = "v1",
        ["kind"] = "ConfigMap",
        ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = "default" },
        ["data"] = new JsonObject { ["value"] = value },
    };

    /// <summary>As a manifest in JSON, for seeding.</summary>
    public static JsonObject Workload(string kind, string name, string image, int replicas, JsonObject? more = null)
    {
        var spec = new JsonObject
        {
            ["selector"] = new JsonObject { ["matchLabels"] = new JsonObject { ["app"] = name } },
            ["template"] = new JsonObject
            {
                ["metadata"] = new JsonObject { ["labels"] = new JsonObject { ["app"] = name } },
                ["spec"] = new JsonObject { ["containers"] = new JsonArray(new JsonObject { ["name"] = "main", ["image"] = image }) },
            },
        };
        if (kind != "DaemonSet") spec["replicas"] = replicas;
        foreach (var (key, value) in more ?? []) spec[key] = value?.DeepClone();
        return new() { ["apiVersion"] = "apps/v1", ["kind"] = kind, ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = "default" }, ["spec"] = spec };
    }
}
