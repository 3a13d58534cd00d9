using System.Text.Json.Nodes;

namespace Copilot.Simulator;

/// <summary>One pod and the span of time in which it serves.</summary>
internal sealed class SimulatedPod(SimulatedService service, ClusterObject @object, string ip, string node, long createdAt)
{
    public SimulatedService Service => service;

    public ClusterObject Object => @object;

    public string Ip => ip;

    public string Node => node;

    public long CreatedAt => createdAt;

    /// <summary>Never ready until set.</summary>
    public long ReadyAt { get; set; } = long.MaxValue;

    public long GoneAt { get; set; } = long.MaxValue;

    /// <summary>When its container began to run without ever getting ready; null for all others.</summary>
    public long? RunsUnreadyFrom { get; set; }

    /// <summary>Times in which its container does not run.</summary>
    public List<(long From, long Until)> Down { get; } = [];

    /// <summary>Times in which something else burns its CPU.</summary>
    public List<(long From, long Until)> Stress { get; } = [];

    /// <summary>Times over which its memory grows up to the limit.</summary>
    public List<(long From, long Until)> Leaks { get; } = [];

    /// <summary>Set when the pod has no container that runs long enough to be measured.</summary>
    public bool NeverStarted { get; set; }

    public string Name => Object.Name;

    public string Uid => Object.Uid;

    /// <summary>Printed once: it is on every span and log line of the pod.</summary>
    public required string ResourceAttributes { get; init; }

    public bool Serves(long at) => at >= ReadyAt && at < GoneAt && !IsDown(at);

    public bool IsDown(long at) => Within(Down, at);

    public static bool Within(List<(long From, long Until)> times, long at)
    {
        foreach (var (from, until) in times)
            if (at >= from && at < until) return true;
        return false;
    }
}

/// <summary>The objects of one service: Deployment, current ReplicaSet, pods, Service and Endpoints.</summary>
internal sealed class Workload(SimulatedService service, ClusterObject deployment, ClusterObject serviceObject, ClusterObject endpoints)
{
    private int _cursor;

    public SimulatedService Service => service;

    public ClusterObject Deployment => deployment;

    public ClusterObject ServiceObject => serviceObject;

    public ClusterObject Endpoints => endpoints;

    public ClusterObject? ReplicaSet { get; set; }

    public List<SimulatedPod> Pods { get; } = [];

    public string ClusterIp => (string)serviceObject.Latest["spec"]!["clusterIP"]!;

    public int Replicas => (int)deployment.Latest["spec"]!["replicas"]!;

    /// <summary>A serving pod, in turn; null when the Service has no ready endpoint.</summary>
    public SimulatedPod? Route(long at)
    {
        for (var i = 0; i < Pods.Count; i++)
        {
            var pod = Pods[(_cursor + i) % Pods.Count];
            if (!pod.Serves(at)) continue;
            _cursor = (_cursor + i + 1) % Pods.Count;
            return pod;
        }

        return null;
    }

    public static JsonObject Container(JsonObject body) => (JsonObject)body["spec"]!["template"]!["spec"]!["containers"]![0]!;
}
