namespace Copilot.Core.Signals;

/// <summary>Who writes to the cluster, told by the field manager's name.</summary>
public enum ActorClass
{
    /// <summary>A manager that no rule knows.</summary>
    Unknown,

    /// <summary>A person at a client: kubectl, a dashboard.</summary>
    Person,

    /// <summary>Delivery tooling that carries out somebody's change: GitOps, Helm, Terraform, scripts.</summary>
    Automation,

    /// <summary>A control loop that reacts to other changes and starts nothing by itself.</summary>
    Controller,
}

/// <summary>The field manager of a change.</summary>
public sealed record Actor(string Name, ActorClass Class)
{
    public static readonly Actor Nobody = new("unknown", ActorClass.Unknown);

    private static readonly string[] ControlLoops =
    [
        "kube-controller-manager", "kube-scheduler", "kubelet", "kube-apiserver", "kube-proxy", "cloud-controller-manager",
        "cluster-autoscaler", "coredns", "etcd", "endpoint-controller", "node-problem-detector", "vpa-recommender", "vpa-updater",
    ];

    // GitOps agents end in "-controller" but carry out what somebody committed.
    private static readonly string[] Delivery =
        ["argocd", "argo-cd", "flux", "kustomize-controller", "helm", "source-controller", "terraform", "pulumi", "ansible", "openapi-generator", "spinnaker", "jenkins", "gitlab", "github", "crossplane"];

    private static readonly string[] Clients = ["kubectl", "k9s", "lens", "dashboard", "mozilla", "octant", "rancher", "oc"];

    /// <summary>
    /// Classes a field manager by its name. See "Field management" in the Kubernetes documentation (server-side apply): the
    /// default manager is the client's user agent up to the first slash.
    /// </summary>
    public static Actor FromManager(string manager)
    {
        var name = manager.ToLowerInvariant();
        if (ControlLoops.Contains(name) || name.EndsWith("-operator", StringComparison.Ordinal) || name.EndsWith("controller-manager", StringComparison.Ordinal))
            return new(manager, ActorClass.Controller);
        if (Delivery.Any(d => name.StartsWith(d, StringComparison.Ordinal))) return new(manager, ActorClass.Automation);
        if (Clients.Any(c => name.StartsWith(c, StringComparison.Ordinal))) return new(manager, ActorClass.Person);
        return new(manager, name.EndsWith("-controller", StringComparison.Ordinal) ? ActorClass.Controller : ActorClass.Unknown);
    }
}
