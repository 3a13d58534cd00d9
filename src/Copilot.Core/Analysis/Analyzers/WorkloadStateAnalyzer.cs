using System.Text.RegularExpressions;
using Copilot.Core.Evidence;
using Copilot.Core.Signals;

namespace Copilot.Core.Analysis.Analyzers;

/// <summary>
/// Failing pods by their state and events, as Kubernetes reports them at one moment: what keeps them from running, and which object that is. Needs no
/// history; a recorded change of the same workload that fits says more and wins.
/// </summary>
public static partial class WorkloadStateAnalyzer
{
    public static IEnumerable<Finding> Find(AnalysisContext context)
    {
        foreach (var symptom in context.Symptoms.Where(s => s.Kind == SymptomKind.Unavailable && s.Workload is not null).DistinctBy(s => s.Workload))
        {
            var workload = symptom.Workload!;
            var pods = context.Map.Pods(workload).Where(p => !p.IsReady || p.Containers.Any(Unavailability.IsFailing)).ToList();
            var events = Unavailability.EventsOf(workload, context.Map, context.Signals).Where(e => e.Last >= context.Since).ToList();
            var diagnosis = Missing(workload, pods, events) ?? Image(workload, pods, events) ?? Scheduling(context, workload, pods, events) ?? Volume(workload, pods, events) ?? Crash(context, workload, pods, events) ?? Readiness(workload, pods, events);
            if (diagnosis is null) continue;
            var (code, mechanism, entity, says, cites) = diagnosis.Value;
            var components = context.Map.ComponentsOf(workload);
            // That a program ends by itself is a symptom as much as a cause: a change that reaches it is the likelier beginning.
            var prior = mechanism is Mechanism.Memory or Mechanism.ApplicationError ? Prior.RuntimeDependency : Prior.StatedIndirectly;
            yield return new(
                code, entity, mechanism, symptom.Began?.At, TimeSpan.FromMinutes(5), prior, new(components, components, [], [], [workload], []),
                [.. cites, .. symptom.Evidence.Take(1)], [new(1, "the cluster itself reports it")], says, $"The pods of {workload.Name} become ready without a change to it.");
        }
    }

    private static (FindingCode, Mechanism, EntityRef, string, IReadOnlyList<Citation>)? Missing(EntityRef workload, List<Pod> pods, List<KubeEvent> events)
    {
        foreach (var (text, cite) in Texts(workload, pods, events))
        {
            if (MissingObject().Match(text) is not { Success: true } match) continue;
            var kind = match.Groups[1].Value.ToLowerInvariant() switch { "configmap" => "ConfigMap", "secret" => "Secret", "persistentvolumeclaim" => "PersistentVolumeClaim", _ => "ServiceAccount" };
            var name = match.Groups[2].Value.Split('/')[^1];
            var target = new EntityRef(workload.Namespace, kind, name);
            // The reference is wrong or the object is gone: the reference is what somebody can see and mend in either case.
            return (FindingCode.ReferenceMissing, kind == "PersistentVolumeClaim" ? Mechanism.Storage : Mechanism.ConfigurationChange, workload, $"{workload.Kind} {workload.Name} needs {kind} {name}, which does not exist", [cite with { About = [.. cite.About, target] }]);
        }
        return null;
    }

    private static (FindingCode, Mechanism, EntityRef, string, IReadOnlyList<Citation>)? Image(EntityRef workload, List<Pod> pods, List<KubeEvent> events)
    {
        var pod = pods.FirstOrDefault(p => p.Containers.Any(c => c.WaitingReason is "ImagePullBackOff" or "ErrImagePull" or "InvalidImageName" or "ErrImageNeverPull" or "ImageInspectError"));
        var e = events.FirstOrDefault(e => e.Message.Contains("image", StringComparison.OrdinalIgnoreCase) && e.Reason is "Failed" or "InspectFailed" or "BackOff" && (e.Message.Contains("pull", StringComparison.OrdinalIgnoreCase) || e.Reason == "InspectFailed"));
        if (pod is null && e is null) return null;
        var says = e is not null ? SymptomDetector.Quote(e.Message) : SymptomDetector.Quote(pod!.Containers.First(c => c.WaitingReason.Length > 0).WaitingMessage);
        return (FindingCode.ImageUnavailable, Mechanism.BadImage, workload, $"the image of {workload.Kind} {workload.Name} cannot be pulled: {says}", Cites(workload, pod, e));
    }

    private static (FindingCode, Mechanism, EntityRef, string, IReadOnlyList<Citation>)? Scheduling(AnalysisContext context, EntityRef workload, List<Pod> pods, List<KubeEvent> events)
    {
        var pod = pods.FirstOrDefault(p => p.Conditions.Any(c => c is { Type: "PodScheduled", Status: "False" }));
        var e = events.LastOrDefault(e => e.Reason == "FailedScheduling");
        if (pod is null && e is null) return null;
        var text = pod?.Conditions.First(c => c.Type == "PodScheduled").Message is { Length: > 0 } message ? message : e?.Message ?? "";
        var cites = Cites(workload, pod, e);
        // A node that was closed is the cause, unless the pod has come to ask for something that no node has anyway.
        var asks = text.Contains("affinity", StringComparison.Ordinal) && context.Signals.Changes.Any(c => c.Entity == workload && c.Fields.Any(f => f.Path.Contains("nodeSelector", StringComparison.Ordinal) || f.Path.Contains("affinity", StringComparison.OrdinalIgnoreCase)));
        if (!asks && Closed(context, text) is { } closed)
            return (FindingCode.NodeUnhealthy, Mechanism.Scheduling, closed.Entity, $"node {closed.Entity.Name} takes no pods, so {workload.Name} cannot be placed: {SymptomDetector.Quote(text)}", [.. cites, new(closed.Address, closed.LastSeen, $"node {closed.Entity.Name} is closed for pods", [closed.Entity, workload])]);
        return (FindingCode.Unschedulable, text.Contains("persistentvolumeclaim", StringComparison.Ordinal) ? Mechanism.Storage : Mechanism.Scheduling, workload, $"no node takes the pods of {workload.Kind} {workload.Name}: {SymptomDetector.Quote(text)}", cites);
    }

    /// <summary>A node that the scheduler's words are about: one that is closed, or one that somebody tainted.</summary>
    private static ObjectHeader? Closed(AnalysisContext context, string text) => context.Signals.Cluster.Nodes.Where(n =>
        (n.Unschedulable && text.Contains("unschedulable", StringComparison.Ordinal))
        || (text.Contains("untolerated taint", StringComparison.Ordinal) && context.Signals.Changes.Any(c => c.Entity == n.Header.Entity && c.Fields.Any(f => f.Path.StartsWith("spec.taints", StringComparison.Ordinal)))))
        .Select(n => n.Header).FirstOrDefault();

    private static (FindingCode, Mechanism, EntityRef, string, IReadOnlyList<Citation>)? Volume(EntityRef workload, List<Pod> pods, List<KubeEvent> events)
    {
        var e = events.LastOrDefault(e => e.Reason is "FailedMount" or "FailedAttachVolume");
        return e is null ? null : (FindingCode.VolumeFails, Mechanism.Storage, workload, $"a volume of {workload.Kind} {workload.Name} fails: {SymptomDetector.Quote(e.Message)}", Cites(workload, pods.FirstOrDefault(), e));
    }

    private static (FindingCode, Mechanism, EntityRef, string, IReadOnlyList<Citation>)? Crash(AnalysisContext context, EntityRef workload, List<Pod> pods, List<KubeEvent> events)
    {
        foreach (var pod in pods)
        {
            var container = pod.Containers.FirstOrDefault(c => c.WaitingReason is "CrashLoopBackOff" or "RunContainerError" or "CreateContainerError" or "CreateContainerConfigError" or "StartError" || c is { ExitCode: > 0, Ready: false });
            if (container is null) continue;
            var e = events.LastOrDefault(e => e.Regarding == pod.Header.Entity && e.Reason is "Failed" or "BackOff" or "Unhealthy");
            // What a program says last is nearest to why it ended.
            var log = context.NewTexts.Where(t => t.Evidence.About.Contains(pod.Header.Entity)).Select(t => t.Evidence).OrderBy(t => t.At).ThenBy(t => t.Address).LastOrDefault();
            var probe = events.LastOrDefault(x => x.Message.Contains("Liveness", StringComparison.Ordinal));
            var why = container switch
            {
                { TerminatedReason: "OOMKilled" } => (Mechanism.Memory, "is killed for its memory (OOMKilled)"),
                { ExitCode: 127 or 126 or 128 } or { TerminatedReason: "StartError" or "ContainerCannotRun" } => (Mechanism.BadCommand, "cannot start its command"),
                { ExitCode: 137 or 143 } when probe is not null => (Mechanism.Probe, "is killed by its liveness probe"),
                _ when container.Init => (Mechanism.InitContainer, "fails in an init container"),
                _ => (Mechanism.ApplicationError, $"keeps ending{(container.ExitCode is { } code ? $" with exit code {code}" : "")}"),
            };
            if (why.Item1 == Mechanism.Probe) (e, log) = (probe, null); // how it ended after being told to says nothing
            var detail = why.Item1 == Mechanism.Probe ? $": {SymptomDetector.Quote(probe!.Message)}" : container.TerminatedMessage is { Length: > 0 } message ? $": {SymptomDetector.Quote(message)}" : log is not null ? $": {log.Says}" : "";
            return (FindingCode.ContainerFails, why.Item1, workload, $"container {container.Name} of {workload.Kind} {workload.Name} {why.Item2}{detail}", [.. Cites(workload, pod, e), .. log is null ? Array.Empty<Citation>() : [log with { About = [.. log.About, workload] }]]);
        }
        return null;
    }

    private static (FindingCode, Mechanism, EntityRef, string, IReadOnlyList<Citation>)? Readiness(EntityRef workload, List<Pod> pods, List<KubeEvent> events)
    {
        var pod = pods.FirstOrDefault(p => p.Phase == "Running" && !p.IsReady);
        var e = events.LastOrDefault(e => e.Reason == "Unhealthy");
        if (pod is null || e is null) return null;
        return (FindingCode.NeverReady, Mechanism.Probe, workload, $"pods of {workload.Kind} {workload.Name} run and are not ready: {SymptomDetector.Quote(e.Message)}", Cites(workload, pod, e));
    }

    private static List<Citation> Cites(EntityRef workload, Pod? pod, KubeEvent? e)
    {
        var cites = new List<Citation>();
        if (e is not null) cites.Add(new(e.Address, e.Last, $"{e.Regarding.Kind} {e.Regarding.Name}: {e.Reason}: {SymptomDetector.Quote(e.Message)}", [e.Regarding, workload]));
        if (pod is not null) cites.Add(new(pod.Header.Address, pod.Header.LastSeen, $"pod {pod.Header.Entity.Name} {Unavailability.State(pod)}", [pod.Header.Entity, workload]));
        return cites;
    }

    private static IEnumerable<(string Text, Citation Cite)> Texts(EntityRef workload, List<Pod> pods, List<KubeEvent> events)
    {
        foreach (var e in events) yield return (e.Message, new(e.Address, e.Last, $"{e.Regarding.Kind} {e.Regarding.Name}: {e.Reason}: {SymptomDetector.Quote(e.Message)}", [e.Regarding, workload]));
        foreach (var pod in pods)
            foreach (var container in pod.Containers.Where(c => c.WaitingMessage.Length > 0))
                yield return (container.WaitingMessage, new(pod.Header.Address, pod.Header.LastSeen, $"pod {pod.Header.Entity.Name}: {SymptomDetector.Quote(container.WaitingMessage)}", [pod.Header.Entity, workload]));
    }

    [GeneratedRegex(@"(configmap|secret|persistentvolumeclaim|serviceaccount) ""([^""]+)"" not found", RegexOptions.IgnoreCase | RegexOptions.NonBacktracking)]
    private static partial Regex MissingObject();
}
