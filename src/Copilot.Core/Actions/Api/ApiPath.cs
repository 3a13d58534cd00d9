namespace Copilot.Core.Actions.Api;

/// <summary>Where a Kubernetes API server keeps objects (https://kubernetes.io/docs/reference/using-api/api-concepts/).</summary>
public static class ApiPath
{
    /// <summary>Where experiments of Chaos Mesh are served; which kinds there are is looked up there.</summary>
    public const string ChaosMesh = "apis/chaos-mesh.org/v1alpha1";

    private static readonly Dictionary<string, (string Group, string Plural)> Known = new(StringComparer.Ordinal)
    {
        ["ConfigMap"] = ("api/v1", "configmaps"),
        ["Service"] = ("api/v1", "services"),
        ["Node"] = ("api/v1", "nodes"),
        ["Pod"] = ("api/v1", "pods"),
        ["ResourceQuota"] = ("api/v1", "resourcequotas"),
        ["Deployment"] = ("apis/apps/v1", "deployments"),
        ["StatefulSet"] = ("apis/apps/v1", "statefulsets"),
        ["DaemonSet"] = ("apis/apps/v1", "daemonsets"),
        ["ReplicaSet"] = ("apis/apps/v1", "replicasets"),
        ["ControllerRevision"] = ("apis/apps/v1", "controllerrevisions"),
        ["NetworkPolicy"] = ("apis/networking.k8s.io/v1", "networkpolicies"),
        ["HorizontalPodAutoscaler"] = ("apis/autoscaling/v2", "horizontalpodautoscalers"),
    };

    /// <summary>Group and plural of a kind that every cluster has; null for others.</summary>
    public static (string Group, string Plural)? Find(string kind) => Known.TryGetValue(kind, out var known) ? known : null;

    /// <summary>Whether an object can be called so. Any other name would make another path of it (k8s.io/apimachinery, validation/path).</summary>
    public static bool CanBeNamed(ActionTarget target) => !(target.Name is "" or "." or ".." || target.Name.AsSpan().ContainsAny('/', '%') || target.Namespace is "." or "..");

    /// <summary>Of the objects of a namespace; of all where it is empty.</summary>
    public static string Of(string group, string plural, string ns) => $"{group}/{(ns.Length > 0 ? $"namespaces/{Uri.EscapeDataString(ns)}/" : "")}{plural}";

    /// <summary>Of one object.</summary>
    public static string Of(string group, string plural, string ns, string name) => $"{Of(group, plural, ns)}/{Uri.EscapeDataString(name)}";
}
