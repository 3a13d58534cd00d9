using System.Text.RegularExpressions;

namespace Copilot.Core.Incidents;

/// <summary>Where an alert says that something is wrong; empty texts where it does not say.</summary>
/// <param name="Component">A workload or a service.</param>
public sealed partial record AlertPlace(string Cluster, string Namespace, string Component, string Node)
{
    // A label of the thing itself says more than one of who measured it: "service" is often kube-state-metrics.
    private static readonly string[] Workloads = ["deployment", "statefulset", "daemonset", "cronjob", "job_name", "service_name"];
    private static readonly string[] Pods = ["exported_pod", "pod"];
    private static readonly string[] Services = ["exported_service", "service", "app"];

    public bool IsNowhere => Namespace.Length + Component.Length + Node.Length == 0;

    /// <param name="labels">Of the alert.</param>
    public static AlertPlace Of(IReadOnlyDictionary<string, string> labels)
    {
        var component = First(labels, Workloads) is { Length: > 0 } workload ? workload
            : First(labels, Pods) is { Length: > 0 } pod ? WorkloadOfPod(pod)
            : First(labels, Services);
        return new(First(labels, ["cluster"]), First(labels, ["exported_namespace", "namespace"]), component, First(labels, ["node", "kubernetes_node"]));
    }

    /// <summary>
    /// The workload that a pod's name was made from: Deployments append the template's hash and five signs, DaemonSets and Jobs five signs, StatefulSets a number.
    /// Kubernetes makes them from an alphabet without vowels (k8s.io/apimachinery, util/rand), so that few names end so by themselves.
    /// </summary>
    internal static string WorkloadOfPod(string pod) => Generated().Replace(pod, "") is { Length: > 0 } workload ? workload : pod;

    private static string First(IReadOnlyDictionary<string, string> labels, string[] names) => names.Select(n => labels.GetValueOrDefault(n, "")).FirstOrDefault(v => v.Length > 0) ?? "";

    [GeneratedRegex("(?:-[bcdfghjklmnpqrstvwxz2456789]{6,10})?-[bcdfghjklmnpqrstvwxz2456789]{5}$|-[0-9]+$", RegexOptions.NonBacktracking)]
    private static partial Regex Generated();
}
