using System.Text.Json.Nodes;
using Copilot.Simulator.Applications;
using Copilot.Simulator.Traffic;

namespace Copilot.Simulator.Clusters;

/// <summary>How a container ended.</summary>
/// <param name="Reason">As the kubelet words it.</param>
/// <param name="ExitCode">137 when it was killed.</param>
internal sealed record ContainerEnd(string Reason, int ExitCode);

/// <summary>What a container of a service is like while it runs: made anew at each start.</summary>
internal sealed class RunningContainer
{
    public required long StartedAt { get; init; }

    /// <summary>From when on it listens.</summary>
    public required long ListensFrom { get; init; }

    public required Processor Cpu { get; init; }

    public required Places Workers { get; init; }

    /// <summary>Memory at rest, bytes.</summary>
    public required double RestBytes { get; init; }

    public required Release Release { get; init; }

    /// <summary>The configuration that it has read.</summary>
    public ConfigFile? Config { get; set; }

    /// <summary>The password that it sends to datastores.</summary>
    public string? Password { get; init; }

    public Dictionary<Dependency, Places> Pools { get; } = [];

    /// <summary>Requests that would be cut off if it ended now.</summary>
    public HashSet<Outcome<Answer>> Pending { get; } = [];

    public double LeakedBytes { get; set; }

    /// <summary>How far its memory is from what it is at rest, as a share: garbage that comes and goes.</summary>
    public double Drift { get; set; }

    /// <summary>CPU that housekeeping and stress have used, core seconds.</summary>
    public double OtherSeconds { get; set; }

    /// <summary>Periods of the CPU quota in which something ran, and those in which it had to wait.</summary>
    public (double All, double Throttled) Periods { get; set; }

    /// <summary>When the last sample was taken and what requests had used by then, core nanoseconds.</summary>
    public (long At, double Used, double Throttled) Sampled { get; set; }

    public double ReceivedBytes { get; set; }

    public double SentBytes { get; set; }

    /// <summary>Requests admitted in the current second, for the rate limit.</summary>
    public (long Second, int Count) Admitted { get; set; }

    public required Outcome<ContainerEnd> End { get; init; }
}

/// <summary>One pod with what happens to it.</summary>
internal sealed class SimulatedPod(Workload workload, ClusterObject @object, string ip, long createdAt)
{
    public Workload Workload => workload;

    public SimulatedService Service => workload.Service;

    public ClusterObject Object => @object;

    public string Name => Object.Name;

    public string Uid => Object.Uid;

    public string Ip => ip;

    public long CreatedAt => createdAt;

    public JsonObject Spec => (JsonObject)Object.Latest["spec"]!;

    public SimulatedNode? Node { get; set; }

    /// <summary>Null while no container runs.</summary>
    public RunningContainer? Container { get; set; }

    public bool Ready { get; set; }

    /// <summary>Why its container waits, in the kubelet's words; null while it runs.</summary>
    public string? Waiting { get; set; }

    public int Restarts { get; set; }

    /// <summary>When its deletion began.</summary>
    public long DeletedAt { get; set; } = long.MaxValue;

    public bool Exists => DeletedAt == long.MaxValue;

    /// <summary>Awaited by whoever needs the pod ready or gone.</summary>
    public Outcome<bool>? Settled { get; set; }

    /// <summary>What the network does to packets that leave it.</summary>
    public Link Link { get; set; } = Link.Good;

    /// <summary>Processes that burn CPU in its containers.</summary>
    public int Stress { get; set; }

    /// <summary>Memory that something else takes in its containers, bytes.</summary>
    public double StressBytes { get; set; }

    /// <summary>Something keeps its container from running.</summary>
    public bool Broken { get; set; }

    /// <summary>Printed once: it is on every span and log line of the pod.</summary>
    public string ResourceAttributes { get; set; } = "";

    public List<PodSample> Samples { get; } = [];

    public bool Listens(long at) => Container is { } container && at >= container.ListensFrom;
}

/// <summary>What the network does to the packets of a pod.</summary>
/// <param name="DelayMs">Added to each.</param>
/// <param name="Loss">Share that is lost; lost ones are sent again after 200 ms, 400 ms and so on (RFC 6298).</param>
/// <param name="Cut">Nothing passes.</param>
internal sealed record Link(double DelayMs, double Loss, bool Cut)
{
    public static Link Good { get; } = new(0, 0, false);
}

/// <summary>One scrape of a pod: what cAdvisor's counters say since the container's start.</summary>
internal readonly record struct PodSample(long At, double CpuSeconds, double MemoryBytes, long Periods, long Throttled, long ReceivedBytes, long SentBytes, long StartedAt);

internal sealed class SimulatedNode(ClusterObject @object)
{
    public ClusterObject Object => @object;

    public string Name => Object.Name;

    public int CpuMilli { get; init; } = 3920;

    public int MemoryMi { get; init; } = 15432;

    public bool Ready { get; set; } = true;

    public Link Link { get; set; } = Link.Good;

    /// <summary>It runs the control plane and nothing else.</summary>
    public bool IsControlPlane { get; init; }

    public string HostIp { get; init; } = "";

    public bool Unschedulable => (bool?)Object.Latest["spec"]!["unschedulable"] ?? false;

    public List<SimulatedPod> Pods { get; } = [];
}

/// <summary>The objects of one service: controller, current revision, pods, Service and Endpoints.</summary>
internal sealed class Workload(SimulatedService service, string ns, ClusterObject controller)
{
    private int _cursor;

    public SimulatedService Service => service;

    public string Namespace => ns;

    /// <summary>Its Deployment or StatefulSet.</summary>
    public ClusterObject Controller => controller;

    /// <summary>Null for workloads that nobody calls.</summary>
    public ClusterObject? ServiceObject { get; set; }

    public ClusterObject? Endpoints { get; set; }

    /// <summary>Of the newest revision.</summary>
    public ClusterObject? ReplicaSet { get; set; }

    public List<ClusterObject> ReplicaSets { get; } = [];

    /// <summary>The last revision whose rollout came to its end.</summary>
    public int Complete { get; set; }

    /// <summary>Those whose pods the API server does not admit.</summary>
    public HashSet<ClusterObject> Refused { get; } = [];

    public int Revision { get; set; }

    /// <summary>Raised by every change of the template or the replicas, so that an older rollout stops.</summary>
    public int Rollout { get; set; }

    public List<SimulatedPod> Pods { get; } = [];

    /// <summary>The pods that the proxies know, in turn.</summary>
    public List<SimulatedPod> Published { get; set; } = [];

    /// <summary>The port that the proxies send to.</summary>
    public int PublishedPort { get; set; }

    public int Replicas => (int)controller.Latest["spec"]!["replicas"]!;

    public JsonObject Template => (JsonObject)controller.Latest["spec"]!["template"]!;

    public SimulatedPod? Route() => Published.Count == 0 ? null : Published[_cursor++ % Published.Count];

    public IEnumerable<SimulatedPod> Living => Pods.Where(p => p.Exists);

    public static JsonObject Container(JsonObject body) => (JsonObject)body["spec"]!["template"]!["spec"]!["containers"]![0]!;
}

/// <summary>How the program in an image behaves beyond what its operations say.</summary>
internal sealed record Release
{
    public static Release Usual { get; } = new();

    /// <summary>Share of requests that fail by themselves.</summary>
    public double Failing { get; init; }

    public string Exception { get; init; } = "";

    public string Message { get; init; } = "";

    /// <summary>Share of requests that are answered without error and wrongly: the caller cannot use the answer.</summary>
    public double Wrong { get; init; }

    public double ExtraCpuMs { get; init; }

    public double DelayMs { get; init; }

    /// <summary>Memory lost per second whatever the load, bytes.</summary>
    public double LeakPerSecond { get; init; }

    /// <summary>From when after a container's start on it behaves so, nanoseconds.</summary>
    public long After { get; init; }

    /// <summary>It behaves so during the first part of each such period only; 0 for always.</summary>
    public long Every { get; init; }

    public bool Holds(long sinceStart) => sinceStart >= After && (Every == 0 || (sinceStart - After) % Every < Every / 3);
}

/// <summary>What is known about images.</summary>
internal sealed class Images
{
    private readonly Dictionary<string, Release> _releases = [];

    /// <summary>What nodes have pulled already.</summary>
    public HashSet<(SimulatedNode Node, string Image)> Present { get; } = [];

    public HashSet<string> Missing { get; } = [];

    public HashSet<string> OtherArchitecture { get; } = [];

    public Release Of(string image) => _releases.GetValueOrDefault(image, Release.Usual);

    public void Add(string image, Release release) => _releases[image] = release;
}
