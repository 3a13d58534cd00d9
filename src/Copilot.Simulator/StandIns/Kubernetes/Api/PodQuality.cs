using System.Text.Json.Nodes;
using Copilot.Simulator.StandIns.Kubernetes.Storage;

namespace Copilot.Simulator.StandIns.Kubernetes.Api;

/// <summary>The quality-of-service class of a pod (https://kubernetes.io/docs/concepts/workloads/pods/pod-qos/).</summary>
internal static class PodQuality
{
    public static string Of(JsonObject spec)
    {
        var containers = spec.Items("containers").Concat(spec.Items("initContainers")).ToList();
        if (containers.TrueForAll(c => c.At("resources", "requests") is not JsonObject { Count: > 0 } && c.At("resources", "limits") is not JsonObject { Count: > 0 })) return "BestEffort";
        return containers.TrueForAll(c => IsGuaranteed(c, "cpu") && IsGuaranteed(c, "memory")) ? "Guaranteed" : "Burstable";
    }

    private static bool IsGuaranteed(JsonObject container, string resource)
    {
        var limit = container.Text("resources", "limits", resource);
        var request = container.Text("resources", "requests", resource);
        return limit.Length > 0 && (request.Length == 0 || request == limit);
    }
}
