using System.Text.Json;

namespace Copilot.Simulator.Validation;

/// <summary>A container of a pod as its status tells it; times in nanoseconds since 1970.</summary>
internal sealed record ContainerState(string Name, bool Ready, long Restarts, bool Running, long? StartedAt);

/// <summary>What a pod's body says beyond its metadata.</summary>
internal sealed record PodState
{
    public required string Node { get; init; }

    public required string Ip { get; init; }

    public required bool HostNetwork { get; init; }

    public required string Phase { get; init; }

    public required bool Terminating { get; init; }

    /// <summary>Null when the status has no such condition (yet).</summary>
    public required bool? Ready { get; init; }

    public required bool? ContainersReady { get; init; }

    public required long GraceSeconds { get; init; }

    public required List<ContainerState> Containers { get; init; }

    /// <summary>Names in the spec, with how an event spells their place: spec.containers{name}.</summary>
    public required HashSet<string> FieldPaths { get; init; }

    public required List<string> InitContainers { get; init; }

    public bool Lives => Phase is not ("Succeeded" or "Failed");

    public static PodState Of(JsonElement body)
    {
        var conditions = body.Items("status", "conditions").ToDictionary(c => c.Text("type"), c => c.Text("status") == "True");
        return new PodState
        {
            Node = body.Text("spec", "nodeName"),
            Ip = body.Text("status", "podIP"),
            HostNetwork = body.Flag("spec", "hostNetwork") == true,
            Phase = body.Text("status", "phase"),
            Terminating = body.At("metadata", "deletionTimestamp") is not null,
            Ready = conditions.TryGetValue("Ready", out var ready) ? ready : null,
            ContainersReady = conditions.TryGetValue("ContainersReady", out var containers) ? containers : null,
            GraceSeconds = body.Whole("spec", "terminationGracePeriodSeconds") ?? 30,
            Containers = [.. body.Items("status", "containerStatuses").Select(Container)],
            FieldPaths =
            [
                .. body.Items("spec", "containers").Select(c => $"spec.containers{{{c.Text("name")}}}"),
                .. body.Items("spec", "initContainers").Select(c => $"spec.initContainers{{{c.Text("name")}}}"),
            ],
            InitContainers = [.. body.Items("spec", "initContainers").Select(c => c.Text("name"))],
        };
    }

    private static ContainerState Container(JsonElement status) => new(
        status.Text("name"), status.Flag("ready") == true, status.Whole("restartCount") ?? 0, status.At("state", "running") is not null,
        TextTime.TryParse(status.Text("state", "running", "startedAt"), out var started) ? started : null);
}

/// <summary>Replica counts of a Deployment or ReplicaSet; a count that is left out is 0.</summary>
internal sealed record ReplicaCounts(long Replicas, long Ready, long Available, long Updated, string Revision)
{
    public static ReplicaCounts Of(JsonElement body) => new(
        body.Whole("status", "replicas") ?? 0, body.Whole("status", "readyReplicas") ?? 0, body.Whole("status", "availableReplicas") ?? 0,
        body.Whole("status", "updatedReplicas") ?? 0, body.Text("metadata", "annotations", "deployment.kubernetes.io/revision"));
}

/// <summary>An address of an Endpoints object.</summary>
internal readonly record struct EndpointAddress(string Ip, string Pod, bool Ready);

/// <summary>One state of one object as it was pulled, reduced to what the rules look at.</summary>
internal sealed record ObjectState
{
    public required string Kind { get; init; }

    /// <summary>Empty for cluster-wide objects.</summary>
    public required string Namespace { get; init; }

    public required string Name { get; init; }

    public required string Uid { get; init; }

    public required string Version { get; init; }

    public required long? Generation { get; init; }

    public required string Created { get; init; }

    /// <summary>Times of managedFields as they are written; null when the object has none.</summary>
    public required List<string>? ManagedAt { get; init; }

    /// <summary>Times at which conditions changed.</summary>
    public required List<string> ConditionsAt { get; init; }

    public required List<(string Kind, string Uid)> Owners { get; init; }

    public required Dictionary<string, string> Labels { get; init; }

    public required string SpecText { get; init; }

    public PodState? Pod { get; init; }

    public ReplicaCounts? Counts { get; init; }

    /// <summary>Set for a node that its controller holds to be down or cut off.</summary>
    public bool IsLostNode { get; init; }

    /// <summary>Of a Service; empty when it has none.</summary>
    public Dictionary<string, string> Selector { get; init; } = [];

    public string ClusterIp { get; init; } = "";

    public bool PublishesNotReady { get; init; }

    public List<EndpointAddress> Addresses { get; init; } = [];

    public string Path => Namespace.Length > 0 ? $"{Kind} {Namespace}/{Name}" : $"{Kind} {Name}";

    public static ObjectState Of(JsonElement body)
    {
        var kind = body.Text("kind");
        return new ObjectState
        {
            Kind = kind,
            Namespace = body.Text("metadata", "namespace"),
            Name = body.Text("metadata", "name"),
            Uid = body.Text("metadata", "uid"),
            Version = body.Text("metadata", "resourceVersion"),
            Generation = body.Whole("metadata", "generation"),
            Created = body.Text("metadata", "creationTimestamp"),
            ManagedAt = body.At("metadata", "managedFields") is null ? null : [.. body.Items("metadata", "managedFields").Select(f => f.Text("time")).Where(t => t.Length > 0)],
            ConditionsAt = [.. body.Items("status", "conditions").Select(c => c.Text("lastTransitionTime")).Where(t => t.Length > 0)],
            Owners = [.. body.Items("metadata", "ownerReferences").Select(o => (o.Text("kind"), o.Text("uid")))],
            Labels = body.Texts("metadata", "labels"),
            SpecText = body.At("spec")?.GetRawText() ?? "",
            Pod = kind == "Pod" ? PodState.Of(body) : null,
            Counts = kind is "Deployment" or "ReplicaSet" ? ReplicaCounts.Of(body) : null,
            IsLostNode = kind == "Node" && body.Items("status", "conditions").Any(c => c.Text("type") == "Ready" && c.Text("status") != "True"),
            Selector = kind == "Service" ? body.Texts("spec", "selector") : [],
            ClusterIp = kind == "Service" ? body.Text("spec", "clusterIP") : "",
            PublishesNotReady = body.Flag("spec", "publishNotReadyAddresses") == true,
            Addresses = kind == "Endpoints" ? [.. body.Items("subsets").SelectMany(AddressesOf)] : [],
        };
    }

    public bool Selects(ObjectState pod) =>
        Selector.Count > 0 && pod.Namespace == Namespace && Selector.All(s => pod.Labels.TryGetValue(s.Key, out var value) && value == s.Value);

    private static IEnumerable<EndpointAddress> AddressesOf(JsonElement subset) =>
        subset.Items("addresses").Select(a => new EndpointAddress(a.Text("ip"), a.Text("targetRef", "name"), true))
            .Concat(subset.Items("notReadyAddresses").Select(a => new EndpointAddress(a.Text("ip"), a.Text("targetRef", "name"), false)));
}

/// <summary>One row of the objects file. Rows between which little time passes belong to one pull.</summary>
internal readonly record struct ObjectRow(ObjectState State, long At, int Pull, Place Place);
