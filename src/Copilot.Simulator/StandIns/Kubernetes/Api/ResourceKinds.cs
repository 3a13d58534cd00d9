namespace Copilot.Simulator.StandIns.Kubernetes.Api;

/// <summary>The table of resources. Another one is another row.</summary>
internal static class ResourceKinds
{
    private static readonly string[] None = [];
    private static readonly string[] Status = ["status"];
    private static readonly string[] Scalable = ["scale", "status"];

    public static readonly ResourceKind Pods = new("", "v1", "pods", "Pod", true, ["po"], ["eviction", "log", "status"]) { InAll = true };
    public static readonly ResourceKind Services = new("", "v1", "services", "Service", true, ["svc"], Status) { InAll = true };
    public static readonly ResourceKind Endpoints = new("", "v1", "endpoints", "Endpoints", true, ["ep"], None);
    public static readonly ResourceKind ConfigMaps = new("", "v1", "configmaps", "ConfigMap", true, ["cm"], None);
    public static readonly ResourceKind Namespaces = new("", "v1", "namespaces", "Namespace", false, ["ns"], ["finalize", "status"]) { Verbs = ["create", "delete", "get", "list", "patch", "update", "watch"] };
    public static readonly ResourceKind Nodes = new("", "v1", "nodes", "Node", false, ["no"], Status);
    public static readonly ResourceKind Events = new("", "v1", "events", "Event", true, ["ev"], None);
    public static readonly ResourceKind ServiceAccounts = new("", "v1", "serviceaccounts", "ServiceAccount", true, ["sa"], None);
    public static readonly ResourceKind Quotas = new("", "v1", "resourcequotas", "ResourceQuota", true, ["quota"], Status);
    public static readonly ResourceKind Claims = new("", "v1", "persistentvolumeclaims", "PersistentVolumeClaim", true, ["pvc"], Status);
    public static readonly ResourceKind Deployments = new("apps", "v1", "deployments", "Deployment", true, ["deploy"], Scalable) { InAll = true };
    public static readonly ResourceKind ReplicaSets = new("apps", "v1", "replicasets", "ReplicaSet", true, ["rs"], Scalable) { InAll = true };
    public static readonly ResourceKind StatefulSets = new("apps", "v1", "statefulsets", "StatefulSet", true, ["sts"], Scalable) { InAll = true };
    public static readonly ResourceKind DaemonSets = new("apps", "v1", "daemonsets", "DaemonSet", true, ["ds"], Status) { InAll = true };
    public static readonly ResourceKind Revisions = new("apps", "v1", "controllerrevisions", "ControllerRevision", true, None, None);
    public static readonly ResourceKind Jobs = new("batch", "v1", "jobs", "Job", true, None, Status) { InAll = true };
    public static readonly ResourceKind Slices = new("discovery.k8s.io", "v1", "endpointslices", "EndpointSlice", true, None, None);
    public static readonly ResourceKind Budgets = new("policy", "v1", "poddisruptionbudgets", "PodDisruptionBudget", true, ["pdb"], Status);

    public static readonly IReadOnlyList<ResourceKind> All =
    [
        Pods, Services, Endpoints, ConfigMaps, Namespaces, Nodes, Events, ServiceAccounts, Quotas, Claims,
        new("", "v1", "secrets", "Secret", true, None, None),
        new("", "v1", "persistentvolumes", "PersistentVolume", false, ["pv"], Status),
        new("", "v1", "limitranges", "LimitRange", true, ["limits"], None),
        new("", "v1", "replicationcontrollers", "ReplicationController", true, ["rc"], Scalable) { InAll = true },
        Deployments, ReplicaSets, StatefulSets, DaemonSets, Revisions,
        Jobs, new("batch", "v1", "cronjobs", "CronJob", true, ["cj"], Status) { InAll = true },
        new("networking.k8s.io", "v1", "networkpolicies", "NetworkPolicy", true, ["netpol"], None),
        new("networking.k8s.io", "v1", "ingresses", "Ingress", true, ["ing"], Status),
        new("networking.k8s.io", "v1", "ingressclasses", "IngressClass", false, None, None),
        new("autoscaling", "v2", "horizontalpodautoscalers", "HorizontalPodAutoscaler", true, ["hpa"], Status) { InAll = true },
        Budgets, Slices,
        new("events.k8s.io", "v1", "events", "Event", true, ["ev"], None) { Stored = Events },
        new("storage.k8s.io", "v1", "storageclasses", "StorageClass", false, ["sc"], None),
        new("storage.k8s.io", "v1", "volumeattachments", "VolumeAttachment", false, None, Status),
        new("rbac.authorization.k8s.io", "v1", "roles", "Role", true, None, None),
        new("rbac.authorization.k8s.io", "v1", "rolebindings", "RoleBinding", true, None, None),
        new("rbac.authorization.k8s.io", "v1", "clusterroles", "ClusterRole", false, None, None),
        new("rbac.authorization.k8s.io", "v1", "clusterrolebindings", "ClusterRoleBinding", false, None, None),
        new("coordination.k8s.io", "v1", "leases", "Lease", true, None, None),
        new("scheduling.k8s.io", "v1", "priorityclasses", "PriorityClass", false, ["pc"], None),
        new("admissionregistration.k8s.io", "v1", "validatingwebhookconfigurations", "ValidatingWebhookConfiguration", false, None, None),
        new("admissionregistration.k8s.io", "v1", "mutatingwebhookconfigurations", "MutatingWebhookConfiguration", false, None, None),
        new("authorization.k8s.io", "v1", "selfsubjectaccessreviews", "SelfSubjectAccessReview", false, None, None) { Verbs = ["create"] },
        new("authorization.k8s.io", "v1", "selfsubjectrulesreviews", "SelfSubjectRulesReview", false, None, None) { Verbs = ["create"] },
        new("authentication.k8s.io", "v1", "selfsubjectreviews", "SelfSubjectReview", false, None, None) { Verbs = ["create"] },
        new(MetricsGroup, "v1beta1", "nodes", "NodeMetrics", false, None, None) { Verbs = ["get", "list"] },
        new(MetricsGroup, "v1beta1", "pods", "PodMetrics", true, None, None) { Verbs = ["get", "list"] },
    ];

    public const string MetricsGroup = "metrics.k8s.io";

    private static readonly Dictionary<(string, string, string), ResourceKind> ByPath = All.ToDictionary(k => (k.Group, k.Version, k.Plural));
    private static readonly Dictionary<(string, string), ResourceKind> ByKind = All.Where(k => k.Verbs.Contains("update")).ToDictionary(k => (k.GroupVersion, k.Kind));

    public static ResourceKind? Find(string group, string version, string plural) => ByPath.GetValueOrDefault((group, version, plural));

    public static ResourceKind? OfKind(string apiVersion, string kind) => ByKind.GetValueOrDefault((apiVersion, kind));
}
