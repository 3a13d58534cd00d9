using Copilot.Core.Analysis;
using Copilot.Core.Evidence;
using Copilot.Core.Signals;

namespace Copilot.Core.Summaries;

/// <summary>Finds the object that an alert is about by its labels, and that object's neighbours.</summary>
internal static class AlertSubject
{
    private static readonly (string Label, string Kind)[] Objects =
        [("deployment", "Deployment"), ("statefulset", "StatefulSet"), ("daemonset", "DaemonSet"), ("job_name", "Job"), ("cronjob", "CronJob"), ("persistentvolumeclaim", "PersistentVolumeClaim")];

    private static readonly string[] Components = ["service_name", "exported_service", "service", "app", "job"];

    /// <summary>Null where no label names an object.</summary>
    public static EntityRef? Of(AlertSignal alert, SignalSet signals, ServiceMap map)
    {
        var ns = alert.Label("exported_namespace") is { Length: > 0 } exported ? exported : alert.Label("namespace");
        foreach (var (label, kind) in Objects)
            if (alert.Label(label) is { Length: > 0 } name) return new(ns, kind, name);
        if (Component(alert.Label("service_name"), map) is { } named) return named;
        foreach (var label in new[] { "exported_pod", "pod" })
            if (alert.Label(label) is { Length: > 0 } pod && new EntityRef(ns, "Pod", pod) is var entity) return map.WorkloadOfPod(entity) ?? entity;
        if (alert.Label("node") is { Length: > 0 } node && signals.Cluster.Nodes.FirstOrDefault(n => n.Header.Entity.Name == node) is { } known) return known.Header.Entity;
        // Telemetry may name a service whose objects were not recorded.
        return Components.Select(l => Component(alert.Label(l), map)).FirstOrDefault(e => e is not null) ?? (alert.Label("service_name") is { Length: > 0 } service ? new(ns, "Service", service) : null);
    }

    /// <summary>The object itself and what stands next to it, with the relation in words.</summary>
    public static Dictionary<EntityRef, string> Neighbours(EntityRef subject, SignalSet signals, ServiceMap map)
    {
        var near = new Dictionary<EntityRef, string> { [subject] = "itself" };
        AddOwn(subject, "its", near, signals, map);
        foreach (var component in map.ComponentsOf(subject))
        {
            foreach (var callee in map.Callees[component].Distinct()) AddPeer(callee, "called by it");
            foreach (var caller in map.Callers[component].Distinct()) AddPeer(caller, "calls it");
        }
        return near;

        void AddPeer(string peer, string relation)
        {
            var entity = map.EntityOf(peer);
            if (!near.TryAdd(entity, relation)) return;
            AddOwn(entity, relation, near, signals, map);
        }
    }

    /// <summary>Pods, what they read, their nodes, and the Services in front of them.</summary>
    private static void AddOwn(EntityRef workload, string whose, Dictionary<EntityRef, string> near, SignalSet signals, ServiceMap map)
    {
        foreach (var pod in map.Pods(workload))
        {
            near.TryAdd(pod.Header.Entity, Of(whose, "pod"));
            if (pod.Node.Length > 0) near.TryAdd(EntityRef.ClusterScoped("Node", pod.Node), Of(whose, "node"));
            foreach (var read in pod.Reads) near.TryAdd(read, Of(whose, "setting"));
        }
        foreach (var read in map.Workload(workload)?.Reads ?? []) near.TryAdd(read, Of(whose, "setting"));
        foreach (var service in signals.Cluster.Services.Where(s => map.Selected(s).Contains(workload))) near.TryAdd(service.Header.Entity, Of(whose, "Service"));
    }

    private static string Of(string whose, string what) => whose == "its" ? $"its {what}" : $"{what} of one {whose switch { "calls it" => "that calls it", _ => whose }}";

    private static EntityRef? Component(string name, ServiceMap map) =>
        name.Length == 0 ? null : map.WorkloadOf(name) ?? map.ServiceOf(name)?.Header.Entity ?? (map.Callers[name].Any() || map.Callees[name].Any() ? map.EntityOf(name) : null);
}
