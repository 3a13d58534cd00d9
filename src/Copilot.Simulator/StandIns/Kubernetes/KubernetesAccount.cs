namespace Copilot.Simulator.StandIns.Kubernetes;

/// <summary>What somebody may do, as in a role: everything that all lists name. A star is everything.</summary>
/// <param name="Verbs">Such as <c>get</c>, <c>list</c>, <c>watch</c>, <c>patch</c>.</param>
/// <param name="ApiGroups">Empty text for the core group.</param>
/// <param name="Resources">With subresources as <c>pods/log</c>.</param>
public sealed record KubernetesRule(IReadOnlyList<string> Verbs, IReadOnlyList<string> ApiGroups, IReadOnlyList<string> Resources)
{
    /// <summary>Where it holds; null for everywhere and for what has no namespace.</summary>
    public IReadOnlyList<string>? Namespaces { get; init; }

    /// <summary>Which objects it holds for; null for all.</summary>
    public IReadOnlyList<string>? ResourceNames { get; init; }

    internal bool Allows(string verb, string group, string resource, string ns, string name) =>
        Has(Verbs, verb) && Has(ApiGroups, group) && Has(Resources, resource) && (Namespaces is null || Namespaces.Contains(ns)) && (ResourceNames is null || ResourceNames.Contains(name));

    private static bool Has(IReadOnlyList<string> list, string wanted) => list.Contains("*") || list.Contains(wanted);
}

/// <summary>Who a token stands for.</summary>
public sealed record KubernetesAccount(string User, IReadOnlyList<string> Groups, IReadOnlyList<KubernetesRule> Rules)
{
    /// <summary>May do everything.</summary>
    public static KubernetesAccount Administrator { get; } = new("kubernetes-admin", ["kubeadm:cluster-admins", "system:authenticated"], [new(["*"], ["*"], ["*"])]);

    /// <summary>May read everything but Secrets.</summary>
    public static KubernetesAccount Reader(string user) => new(user, ["system:authenticated"],
    [
        new(["get", "list", "watch"], [""],
        [
            "bindings", "configmaps", "endpoints", "events", "limitranges", "namespaces", "nodes", "persistentvolumeclaims", "persistentvolumes", "pods", "pods/log", "pods/status", "replicationcontrollers",
            "resourcequotas", "serviceaccounts", "services",
        ]),
        new(["get", "list", "watch"],
        [
            "admissionregistration.k8s.io", "apps", "autoscaling", "batch", "coordination.k8s.io", "discovery.k8s.io", "events.k8s.io", "metrics.k8s.io", "networking.k8s.io", "policy", "rbac.authorization.k8s.io",
            "scheduling.k8s.io", "storage.k8s.io",
        ], ["*"]),
    ]);
}
