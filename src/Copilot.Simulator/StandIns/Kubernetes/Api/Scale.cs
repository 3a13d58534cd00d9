using System.Text.Json.Nodes;
using Copilot.Simulator.StandIns.Kubernetes.Storage;

namespace Copilot.Simulator.StandIns.Kubernetes.Api;

/// <summary>The subresource by which workloads are scaled without knowing their kind.</summary>
internal static class Scale
{
    public static readonly ResourceKind Kind = new("autoscaling", "v1", "scales", "Scale", true, [], []);

    public static JsonObject Of(JsonObject workload)
    {
        var meta = new JsonObject();
        foreach (var name in new[] { "name", "namespace", "uid", "resourceVersion", "creationTimestamp" })
            if (workload.At("metadata", name) is { } value) meta[name] = value.DeepClone();
        return new()
        {
            ["kind"] = "Scale",
            ["apiVersion"] = "autoscaling/v1",
            ["metadata"] = meta,
            ["spec"] = new JsonObject { ["replicas"] = workload.Int("spec", "replicas") },
            ["status"] = new JsonObject { ["replicas"] = workload.Int("status", "replicas"), ["selector"] = Selectors.Write(workload.At("spec", "selector")) },
        };
    }
}
