using Copilot.Core.Evidence;
using Copilot.Core.Signals;

namespace Copilot.Core.Analysis;

/// <summary>Workloads whose pods do not run or are not ready, and did before, or never did.</summary>
public static class Unavailability
{
    private static readonly HashSet<string> Failing =
    [
        "CrashLoopBackOff", "ImagePullBackOff", "ErrImagePull", "ErrImageNeverPull", "InvalidImageName", "ImageInspectError", "CreateContainerConfigError", "CreateContainerError",
        "PreCreateHookError", "PreStartHookError", "RunContainerError", "StartError",
    ];

    /// <summary>Reasons of events that say that a pod cannot be made, placed or started.</summary>
    private static readonly HashSet<string> FailingEvents =
        ["FailedCreate", "FailedScheduling", "Failed", "BackOff", "InspectFailed", "FailedMount", "FailedAttachVolume", "FailedCreatePodSandBox", "Unhealthy", "OOMKilling", "Evicted", "Preempted"];

    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan Before = TimeSpan.FromMinutes(5);

    /// <summary>Whether a container's waiting reason is one that does not pass by itself.</summary>
    public static bool IsFailing(ContainerState container) => Failing.Contains(container.WaitingReason);

    public static IEnumerable<Symptom> Find(SignalSet signals, ServiceMap map, Onset? onset)
    {
        foreach (var workload in signals.Cluster.Workloads.Where(w => w.Header.Owner is null && w.Header.Entity.Kind is not "CronJob"))
            if (Of(workload.Header.Entity, workload, workload.Header.LastSeen, signals, map, onset) is { } symptom) yield return symptom;
        if (signals.Cluster.Pods.Count == 0) yield break;
        foreach (var node in signals.Cluster.Nodes)
            if (OfNode(node, signals, onset) is { } symptom) yield return symptom;
        // kubectl's dump has no StatefulSets, and some pods have no owner at all: the pods themselves still tell.
        var seen = signals.Cluster.Pods.Max(p => p.Header.LastSeen);
        foreach (var owner in map.UnrecordedWorkloads)
            if (Of(owner, null, seen, signals, map, onset) is { } symptom) yield return symptom;
    }

    private static Symptom? Of(EntityRef entity, Workload? workload, DateTimeOffset seen, SignalSet signals, ServiceMap map, Onset? onset)
    {
        var component = map.ComponentsOf(entity).Count > 0 ? map.ComponentsOf(entity)[0] : entity.Name;
        var pods = map.Pods(entity).Where(p => p.Header.LastSeen >= seen - TimeSpan.FromMinutes(1) && p.Phase is not ("Succeeded" or "Failed")).ToList();
        var sick = pods.Where(p => IsSick(p, signals.Window.To)).ToList();
        var missing = workload is { Desired: > 0, Ready: { } ready } && ready < workload.Desired && entity.Kind is "Deployment" or "StatefulSet" or "DaemonSet";
        var finished = entity.Kind is "Job" && pods.Count == 0;
        if (finished || (sick.Count == 0 && !missing)) return null;
        var events = EventsOf(entity, map, signals).ToList();
        var since = onset is null ? Since(sick, workload, events) : sick.Select(p => Since(p, events)).Concat(events.Where(e => e.First >= onset.Earliest - TimeSpan.FromMinutes(3)).Select(e => (DateTimeOffset?)e.First).Take(1)).Min();
        if (since is { } s && IsOld(s, signals, onset)) return null;
        var says = sick.Count > 0 ? $"{sick.Count} of {pods.Count} pods of {entity.Kind} {entity.Name} {State(sick[0])}" : $"{entity.Kind} {entity.Name} has {workload?.Ready} of {workload?.Desired} replicas ready";
        var cites = sick.Take(2).Select(p => new Citation(p.Header.Address, p.Header.LastSeen, $"pod {p.Header.Entity.Name} {State(p)}", [p.Header.Entity, entity])).ToList();
        if (workload is not null) cites.Add(new(workload.Header.Address, workload.Header.LastSeen, says, entity));
        return new(SymptomKind.Unavailable, component, "", entity, since is { } began ? new(began, began, began, 0) : null, 0, says, cites) { Overloaded = (sick.Count > 0 ? sick : pods).Exists(MayBeOverloaded) };
    }

    /// <summary>A node that is not there is trouble, whether or not it can be seen who suffers.</summary>
    private static Symptom? OfNode(Node node, SignalSet signals, Onset? onset)
    {
        if (node.Conditions.FirstOrDefault(c => c.Type == "Ready" && c.Status != "True") is not { } down || (down.Since is { } since && IsOld(since, signals, onset))) return null;
        var says = $"node {node.Header.Entity.Name} is not ready ({down.Reason})";
        return new(SymptomKind.Unavailable, node.Header.Entity.Name, "", node.Header.Entity, down.Since is { } at ? new(at, at, at, 0) : null, 0, says, [new(node.Header.Address, down.Since ?? node.Header.LastSeen, says, node.Header.Entity)]);
    }

    /// <summary>Its program was started and killed for its memory or by a probe, or does not answer one.</summary>
    private static bool MayBeOverloaded(Pod pod) =>
        pod.Containers.Any(c => !c.Init && (c.TerminatedReason == "OOMKilled" || c.ExitCode is 137 or 143 || c is { RunningSince: not null, Ready: false }));

    /// <summary>
    /// It was like this long before anything got worse, or before a recording in which requests went on as well as ever: not a part of this. Where the
    /// trouble itself is as old as the recording, nothing can be told apart.
    /// </summary>
    private static bool IsOld(DateTimeOffset since, SignalSet signals, Onset? onset) => onset is null
        ? signals.Services.Count > 0 && since <= signals.Window.From
        : since < onset.Earliest - Before && (since > signals.Window.From || onset.Earliest > signals.Window.From + Before);

    /// <summary>Warnings about the pods and ReplicaSets of a workload, in order of time.</summary>
    public static IEnumerable<KubeEvent> EventsOf(EntityRef workload, ServiceMap map, SignalSet signals)
    {
        var pods = map.Pods(workload).Select(p => p.Header.Entity).ToHashSet();
        return signals.Events.Where(e => e.Warning && FailingEvents.Contains(e.Reason) && (e.Regarding == workload || pods.Contains(e.Regarding) || BelongsByName(e.Regarding, workload)));
    }

    // Pods come and go between two observations; their names begin with their workload's and end in one or two generated words.
    private static bool BelongsByName(EntityRef follower, EntityRef workload) =>
        follower.Namespace == workload.Namespace && follower.Kind is "Pod" or "ReplicaSet" or "StatefulSet" or "Job"
        && follower.Name.StartsWith(workload.Name + "-", StringComparison.Ordinal)
        && follower.Name[(workload.Name.Length + 1)..].Split('-') is { Length: 1 or 2 } rest && rest.All(IsGenerated);

    /// <summary>Kubernetes draws generated words from letters without vowels and from digits; a hash of a pod template has up to ten of them.</summary>
    private static bool IsGenerated(string word) => word.Length is > 0 and <= 10 && !word.AsSpan().ContainsAny('a', 'e', 'i') && !word.AsSpan().ContainsAny('o', 'u') && (word.Length >= 5 || word.All(char.IsAsciiDigit));

    private static bool IsSick(Pod pod, DateTimeOffset end) =>
        pod.Containers.Any(IsFailing)
        || (!pod.IsReady && pod.Conditions.Any(c => c.Type is "Ready" or "PodScheduled" && c.Status == "False" && (c.Since is null || end - c.Since > Settling)) && pod.Phase is "Pending" or "Running")
        || (pod.Phase == "Pending" && end - pod.Header.Created > Settling);

    /// <summary>Without an onset to go by, a warning from long ago may be about a pod that recovered: sick pods tell better, and refusals where pods are missing.</summary>
    private static DateTimeOffset? Since(List<Pod> sick, Workload? workload, List<KubeEvent> events) =>
        sick.Select(p => Since(p, events)).Min()
        ?? workload?.Conditions.Where(c => c is { Type: "ReplicaFailure", Status: "True" }).Select(c => c.Since).FirstOrDefault()
        ?? events.Where(e => e.Reason == "FailedCreate").Select(e => (DateTimeOffset?)e.First).Min()
        ?? events.Select(e => (DateTimeOffset?)e.First).Min();

    /// <summary>Since when a pod is sick: its condition says so; else its first warning; else it never was well.</summary>
    private static DateTimeOffset? Since(Pod pod, List<KubeEvent> events) =>
        pod.Conditions.Where(c => c.Type == "Ready" && c.Status == "False").Select(c => c.Since).FirstOrDefault()
        ?? events.Where(e => e.Regarding == pod.Header.Entity).Select(e => (DateTimeOffset?)e.First).Min()
        ?? (pod.Conditions.Any(c => c.Type == "Ready") ? null : pod.Header.Created);

    internal static string State(Pod pod)
    {
        var container = pod.Containers.FirstOrDefault(IsFailing);
        if (container is not null) return $"in {container.WaitingReason}" + (container.TerminatedReason.Length > 0 ? $" (last ended: {container.TerminatedReason}, exit code {container.ExitCode})" : "");
        var unscheduled = pod.Conditions.FirstOrDefault(c => c is { Type: "PodScheduled", Status: "False" });
        if (unscheduled is not null) return $"unscheduled: {SymptomDetector.Quote(unscheduled.Message)}";
        return pod.Phase == "Pending" ? "pending" : "not ready";
    }
}
