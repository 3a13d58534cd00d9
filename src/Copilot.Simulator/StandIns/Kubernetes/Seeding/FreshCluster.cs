using System.Globalization;
using System.Text.Json.Nodes;

namespace Copilot.Simulator.StandIns.Kubernetes.Seeding;

/// <summary>What every cluster has.</summary>
internal static class FreshCluster
{
    public static readonly string[] Namespaces = ["default", "kube-node-lease", "kube-public", "kube-system"];

    public static List<JsonObject> Objects(int nodes) =>
    [
        .. Namespaces.Select(Namespace),
        .. Enumerable.Range(1, nodes).Select(Node),
        .. Enumerable.Range(1, nodes).Select(Lease),
        .. Namespaces.Select(n => new JsonObject { ["apiVersion"] = "v1", ["kind"] = "ServiceAccount", ["metadata"] = new JsonObject { ["name"] = "default", ["namespace"] = n } }),
    ];

    public static JsonObject Namespace(string name) => new() { ["apiVersion"] = "v1", ["kind"] = "Namespace", ["metadata"] = new JsonObject { ["name"] = name } };

    private static JsonObject Lease(int number) => new()
    {
        ["apiVersion"] = "coordination.k8s.io/v1",
        ["kind"] = "Lease",
        ["metadata"] = new JsonObject { ["name"] = $"node-{number}", ["namespace"] = "kube-node-lease" },
        ["spec"] = new JsonObject { ["holderIdentity"] = $"node-{number}", ["leaseDurationSeconds"] = 40 },
    };

    private static JsonObject Node(int number)
    {
        var name = $"node-{number}";
        JsonObject Capacity() => new() { ["cpu"] = "4", ["ephemeral-storage"] = "101430960Ki", ["memory"] = "16384Mi", ["pods"] = "110" };
        return new()
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Node",
            ["metadata"] = new JsonObject
            {
                ["name"] = name,
                ["labels"] = new JsonObject { ["kubernetes.io/arch"] = "amd64", ["kubernetes.io/hostname"] = name, ["kubernetes.io/os"] = "linux" },
            },
            ["spec"] = new JsonObject { ["podCIDR"] = string.Create(CultureInfo.InvariantCulture, $"10.244.{number}.0/24") },
            ["status"] = new JsonObject
            {
                ["addresses"] = new JsonArray(new JsonObject { ["type"] = "InternalIP", ["address"] = string.Create(CultureInfo.InvariantCulture, $"172.18.0.{number + 1}") }, new JsonObject { ["type"] = "Hostname", ["address"] = name }),
                ["allocatable"] = Capacity(),
                ["capacity"] = Capacity(),
                ["conditions"] = new JsonArray(
                    Condition("MemoryPressure", "False", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
                    Condition("DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
                    Condition("PIDPressure", "False", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
                    Condition("Ready", "True", "KubeletReady", "kubelet is posting ready status")),
                ["nodeInfo"] = new JsonObject
                {
                    ["architecture"] = "amd64",
                    ["bootID"] = string.Create(CultureInfo.InvariantCulture, $"6f0d3c1a-0000-4000-8000-{number:x12}"),
                    ["machineID"] = string.Create(CultureInfo.InvariantCulture, $"{number:x32}"),
                    ["systemUUID"] = string.Create(CultureInfo.InvariantCulture, $"8a5b4e20-0000-4000-8000-{number:x12}"),
                    ["containerRuntimeVersion"] = "containerd://2.0.3",
                    ["kernelVersion"] = "6.8.0-55-generic",
                    ["kubeletVersion"] = "v1.32.4",
                    ["kubeProxyVersion"] = "v1.32.4",
                    ["operatingSystem"] = "linux",
                    ["osImage"] = "Debian GNU/Linux 12 (bookworm)",
                },
            },
        };
    }

    private static JsonObject Condition(string type, string status, string reason, string message) => new() { ["type"] = type, ["status"] = status, ["reason"] = reason, ["message"] = message };
}
