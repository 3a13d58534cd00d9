using Copilot.Core.Evidence;

namespace Copilot.Core.Signals;

/// <summary>What all observed objects share: the last observation and the times of the first and last.</summary>
/// <param name="Created">The object's own creation time stamp, where recorded.</param>
/// <param name="Annotations">Those of at most 256 bytes, without what kubectl keeps of the applied manifest.</param>
/// <param name="Generation"><c>metadata.generation</c> of the last observation; empty where it has none.</param>
/// <param name="ResourceVersion"><c>metadata.resourceVersion</c> of the last observation; empty where it has none.</param>
/// <param name="Address">The last observation.</param>
public sealed record ObjectHeader(
    EntityRef Entity,
    string Uid,
    DateTimeOffset? Created,
    DateTimeOffset FirstSeen,
    DateTimeOffset LastSeen,
    IReadOnlyDictionary<string, string> Labels,
    IReadOnlyDictionary<string, string> Annotations,
    string Generation,
    string ResourceVersion,
    EntityRef? Owner,
    RecordAddress Address)
{
    /// <summary>Since when the object is asked to go (<c>metadata.deletionTimestamp</c>); null where it is not.</summary>
    public DateTimeOffset? Deleting { get; init; }
}

/// <summary>A container port, a Service port or its target, by number or name.</summary>
public sealed record PortSpec(string Name, int? Number);

/// <summary>One container of a pod template.</summary>
/// <param name="Environment">Literal values only; references are in <see cref="Workload.Reads"/>.</param>
public sealed record ContainerSpec(string Name, bool Init, string Image, IReadOnlyList<PortSpec> Ports, IReadOnlyDictionary<string, string> Environment);

/// <summary>A Deployment, StatefulSet, DaemonSet, ReplicaSet, Job or CronJob.</summary>
/// <param name="Desired">Wanted replicas; null where the kind has none.</param>
/// <param name="Reads">ConfigMaps, Secrets, claims and the service account that its pods refer to.</param>
public sealed record Workload(
    ObjectHeader Header,
    int? Desired,
    int? Ready,
    IReadOnlyDictionary<string, string> PodLabels,
    IReadOnlyList<ContainerSpec> Containers,
    IReadOnlyList<EntityRef> Reads)
{
    /// <summary>What its controller says of it, such as <c>ReplicaFailure</c>.</summary>
    public IReadOnlyList<Condition> Conditions { get; init; } = [];

    /// <summary>The Secrets among <see cref="Reads"/> that its programs read as files, as certificates are.</summary>
    public IReadOnlyList<EntityRef> Mounts { get; init; } = [];

    /// <summary>How many pods there are, ready or not; null where the kind does not count them.</summary>
    public int? Existing { get; init; }
}

/// <summary>The state of one container of a pod at its last observation.</summary>
public sealed record ContainerState(
    string Name,
    bool Init,
    bool Ready,
    int Restarts,
    string WaitingReason,
    string WaitingMessage,
    string TerminatedReason,
    string TerminatedMessage,
    int? ExitCode,
    DateTimeOffset? TerminatedAt)
{
    /// <summary>Since when it runs; null while it does not.</summary>
    public DateTimeOffset? RunningSince { get; init; }
}

/// <summary>A condition of a pod, workload, node or autoscaler.</summary>
public sealed record Condition(string Type, string Status, string Reason, string Message, DateTimeOffset? Since);

public sealed record Pod(
    ObjectHeader Header,
    EntityRef? Workload,
    string Node,
    string Ip,
    string Phase,
    string Reason,
    IReadOnlyList<Condition> Conditions,
    IReadOnlyList<ContainerState> Containers,
    IReadOnlyList<EntityRef> Reads)
{
    public bool IsReady => Conditions.Any(c => c is { Type: "Ready", Status: "True" });
}

/// <summary>A Service with the addresses that its Endpoints or EndpointSlices offered last.</summary>
/// <param name="ReadyAddresses">Null when no Endpoints object was recorded for it: could not look.</param>
public sealed record KubeService(
    ObjectHeader Header,
    string Type,
    string ExternalName,
    IReadOnlyDictionary<string, string> Selector,
    IReadOnlyList<(PortSpec Port, PortSpec Target)> Ports,
    int? ReadyAddresses,
    int? UnreadyAddresses,
    RecordAddress? Endpoints);

/// <summary>A label selector: equality labels and set expressions. Empty selects everything.</summary>
public sealed record LabelSelector(IReadOnlyDictionary<string, string> Equal, IReadOnlyList<(string Key, string Operator, IReadOnlyList<string> Values)> Expressions)
{
    public static readonly LabelSelector Everything = new(new Dictionary<string, string>(), []);

    public bool Matches(IReadOnlyDictionary<string, string> labels) =>
        Equal.All(e => labels.TryGetValue(e.Key, out var value) && value == e.Value)
        && Expressions.All(e => e.Operator switch
        {
            "In" => labels.TryGetValue(e.Key, out var value) && e.Values.Contains(value),
            "NotIn" => !labels.TryGetValue(e.Key, out var value) || !e.Values.Contains(value),
            "Exists" => labels.ContainsKey(e.Key),
            "DoesNotExist" => !labels.ContainsKey(e.Key),
            _ => false,
        });
}

/// <summary>One side of a NetworkPolicy rule: pods by label in namespaces by label. <see cref="Pods"/> null and <see cref="Namespaces"/> null: an IP block.</summary>
public sealed record PolicyPeer(LabelSelector? Pods, LabelSelector? Namespaces);

/// <summary>A rule of a NetworkPolicy. No peers: everybody. No ports: every port.</summary>
public sealed record PolicyRule(IReadOnlyList<PolicyPeer> Peers, IReadOnlyList<PortSpec> Ports);

/// <summary>A NetworkPolicy. Pods that it selects are isolated in the given directions except for what its rules admit.</summary>
public sealed record NetworkPolicy(ObjectHeader Header, LabelSelector Pods, bool IsolatesIngress, bool IsolatesEgress, IReadOnlyList<PolicyRule> Ingress, IReadOnlyList<PolicyRule> Egress);

public sealed record Node(ObjectHeader Header, bool Unschedulable, IReadOnlyList<Condition> Conditions, IReadOnlyList<(string Key, string Value, string Effect)> Taints);

/// <summary>A ResourceQuota or another object that limits what may be created.</summary>
public sealed record Quota(ObjectHeader Header, IReadOnlyDictionary<string, (string Used, string Hard)> Resources);

/// <summary>How many replicas an autoscaler may and does ask for.</summary>
/// <param name="Least"><c>spec.minReplicas</c>, by default 1.</param>
/// <param name="Most"><c>spec.maxReplicas</c>.</param>
/// <param name="Current">Replicas that its target has; null before it looked.</param>
/// <param name="Desired">Replicas that it asks for, within its limits.</param>
public sealed record ReplicaBounds(int Least, int? Most, int? Current, int? Desired);

/// <summary>An object that only its phase and conditions describe: claims, volumes, autoscalers, certificates, disruption budgets.</summary>
/// <param name="Target">What an autoscaler scales; the Secret that a certificate is kept in.</param>
public sealed record StatusObject(ObjectHeader Header, string Phase, IReadOnlyList<Condition> Conditions, EntityRef? Target)
{
    /// <summary>Of an autoscaler.</summary>
    public ReplicaBounds? Replicas { get; init; }
}

/// <summary>One webhook of a configuration.</summary>
/// <param name="Name">The webhook's own name, which refusals quote; it is not the configuration's.</param>
/// <param name="Service">The Service that answers for it; null where it is a URL.</param>
public sealed record AdmissionWebhook(string Name, EntityRef? Service);

/// <summary>A ValidatingWebhookConfiguration or a MutatingWebhookConfiguration.</summary>
public sealed record WebhookConfiguration(ObjectHeader Header, IReadOnlyList<AdmissionWebhook> Webhooks);

/// <summary>The objects of a cluster as last observed.</summary>
public sealed record ClusterState(
    IReadOnlyList<Workload> Workloads,
    IReadOnlyList<Pod> Pods,
    IReadOnlyList<KubeService> Services,
    IReadOnlyList<NetworkPolicy> NetworkPolicies,
    IReadOnlyList<Node> Nodes,
    IReadOnlyList<Quota> Quotas,
    IReadOnlyList<StatusObject> Others,
    IReadOnlyList<ObjectHeader> Configs,
    IReadOnlyList<ObjectHeader> Namespaces)
{
    public static readonly ClusterState Empty = new([], [], [], [], [], [], [], [], []);

    public IReadOnlyList<WebhookConfiguration> Webhooks { get; init; } = [];

    /// <summary>What was recorded of an object of any kind; null when nothing was.</summary>
    public ObjectHeader? HeaderOf(EntityRef entity) =>
        Workloads.Select(w => w.Header).Concat(Pods.Select(p => p.Header)).Concat(Services.Select(s => s.Header)).Concat(NetworkPolicies.Select(p => p.Header))
            .Concat(Nodes.Select(n => n.Header)).Concat(Quotas.Select(q => q.Header)).Concat(Others.Select(o => o.Header)).Concat(Configs).Concat(Namespaces).Concat(Webhooks.Select(w => w.Header))
            .FirstOrDefault(h => h.Entity == entity);
}
