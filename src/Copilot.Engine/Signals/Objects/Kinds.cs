namespace Copilot.Engine.Signals.Objects;

/// <summary>Kinds of Kubernetes objects by their plural, and which of them only follow others.</summary>
internal static class Kinds
{
    private static readonly string[] Known =
    [
        "Pod", "Service", "Endpoints", "ConfigMap", "ServiceAccount", "Namespace", "Node", "PersistentVolumeClaim", "PersistentVolume", "ResourceQuota",
        "LimitRange", "ReplicationController", "Deployment", "DaemonSet", "StatefulSet", "ReplicaSet", "Job", "CronJob", "Ingress", "NetworkPolicy", "Role",
        "RoleBinding", "ClusterRole", "ClusterRoleBinding", "StorageClass", "VolumeAttachment", "HorizontalPodAutoscaler", "PodDisruptionBudget",
        "CustomResourceDefinition", "EndpointSlice", "PriorityClass", "ValidatingWebhookConfiguration", "MutatingWebhookConfiguration", "Certificate", "Secret",
        "IngressClass", "Lease", "Event",
    ];

    private static readonly Dictionary<string, string> ByPlural = Known.ToDictionary(Plural, k => k);

    // Written by controllers in answer to something else; their changes are consequences.
    private static readonly HashSet<string> Followers =
        ["Pod", "ReplicaSet", "ReplicationController", "Endpoints", "EndpointSlice", "Lease", "Event", "ControllerRevision", "VolumeAttachment", "CustomResourceDefinition", "PersistentVolume"];

    public static bool IsFollower(string kind) => Followers.Contains(kind);

    public static bool IsWorkload(string kind) => kind is "Deployment" or "StatefulSet" or "DaemonSet" or "ReplicaSet" or "ReplicationController" or "Job" or "CronJob";

    /// <summary>The kind for a resource name or a file name such as <c>networkpolicies</c>; null when unknown.</summary>
    public static string? FromPlural(string plural)
    {
        var name = plural.ToLowerInvariant().Replace("-", "", StringComparison.Ordinal);
        return ByPlural.GetValueOrDefault(name) ?? ByPlural.GetValueOrDefault(name + "s");
    }

    private static string Plural(string kind)
    {
        var lower = kind.ToLowerInvariant();
        if (lower.EndsWith("points", StringComparison.Ordinal)) return lower;
        if (lower.EndsWith("class", StringComparison.Ordinal) || lower.EndsWith("ingress", StringComparison.Ordinal)) return lower + "es";
        return lower.EndsWith('y') ? lower[..^1] + "ies" : lower + "s";
    }
}
