using System.Collections.Frozen;

namespace Copilot.Bench.Truths;

/// <summary>What graders must know about kinds. Compared without regard to case, since labels write <c>HttpChaos</c> for <c>HTTPChaos</c>.</summary>
public static class EntityKinds
{
    public const string Schedule = "Schedule";
    public const string Service = "Service";
    public const string Pod = "Pod";
    public const string ReplicaSet = "ReplicaSet";
    public const string Job = "Job";

    private static readonly FrozenSet<string> Workloads = Set("Deployment", Pod, ReplicaSet, "StatefulSet", "DaemonSet", "Rollout");
    private static readonly FrozenSet<string> Runs = Set(Pod, Job, "CronJob");

    private static readonly FrozenSet<string> ClusterScoped = Set(
        "Namespace", "Node", "PersistentVolume", "StorageClass", "VolumeAttachment", "CSIDriver", "CSINode", "ClusterRole", "ClusterRoleBinding",
        "CustomResourceDefinition", "APIService", "PriorityClass", "IngressClass", "GatewayClass", "RuntimeClass", "CertificateSigningRequest", "FlowSchema",
        "PriorityLevelConfiguration", "ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding", "ClusterIssuer", "ValidatingWebhookConfiguration",
        "MutatingWebhookConfiguration");

    private static readonly FrozenSet<string> Namespaced = Set(
        Service, Schedule, "ConfigMap", "Secret", "Endpoints", "EndpointSlice", "ServiceAccount", "Role", "RoleBinding", "PersistentVolumeClaim", "ResourceQuota",
        "LimitRange", "ReplicationController", "Ingress", "NetworkPolicy", "HorizontalPodAutoscaler", "VerticalPodAutoscaler", "PodDisruptionBudget", "Lease",
        "Event", "Certificate", "Issuer", "Workflow", "Gateway", "HTTPRoute", "VirtualService", "DestinationRule", "ServiceEntry", "Sidecar",
        "AuthorizationPolicy", "PeerAuthentication", "RequestAuthentication", "EnvoyFilter", "ServiceMonitor", "PodMonitor", "ScaledObject",
        "NetworkChaos", "PodChaos", "StressChaos", "HTTPChaos", "JVMChaos", "DNSChaos", "IOChaos", "TimeChaos", "KernelChaos", "BlockChaos", "PhysicalMachineChaos",
        "AWSChaos", "GCPChaos", "AzureChaos", "Host");

    /// <summary>Objects that stand for the same workload: naming one is naming the others.</summary>
    public static bool IsWorkload(string kind) => Workloads.Contains(kind);

    /// <summary>What runs to an end: a CronJob, its Jobs and their pods.</summary>
    public static bool IsRun(string kind) => Runs.Contains(kind);

    public static bool IsClusterScoped(string kind) => ClusterScoped.Contains(kind) || kind.EndsWith("WebhookConfiguration", StringComparison.OrdinalIgnoreCase);

    /// <summary>A chaos experiment, without the Schedule that starts it.</summary>
    public static bool IsChaos(string kind) => kind.EndsWith("Chaos", StringComparison.OrdinalIgnoreCase);

    public static bool IsKnown(string kind) => IsWorkload(kind) || IsRun(kind) || Namespaced.Contains(kind) || IsClusterScoped(kind);

    public static bool AreSame(string kind, string other) => kind.Equals(other, StringComparison.OrdinalIgnoreCase);

    private static FrozenSet<string> Set(params string[] kinds) => kinds.ToFrozenSet(StringComparer.OrdinalIgnoreCase);
}
