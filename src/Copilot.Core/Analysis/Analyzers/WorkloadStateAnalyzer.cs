using Copilot.Core.Evidence;
using Copilot.Core.Signals;

namespace Copilot.Core.Analysis.Analyzers;

/// <summary>
/// Failing pods by their state and events, as Kubernetes reports them at one moment: what keeps them from running, and which object that is. Needs no
/// history; a recorded change of the same workload that fits says more and wins.
/// </summary>
public static class WorkloadStateAnalyzer
{
    // It fails, and nobody who suffers has to do with it: not enough to be a second cause, enough to be the only one.
    private const double Apart = -6;

    private static readonly TimeSpan LongInit = TimeSpan.FromMinutes(5);

    public static IEnumerable<Finding> Find(AnalysisContext context)
    {
        foreach (var symptom in context.Symptoms.Where(s => s.Kind == SymptomKind.Unavailable && s.Workload is not null).DistinctBy(s => s.Workload))
        {
            var workload = symptom.Workload!;
            var pods = context.Map.Pods(workload).Where(p => !p.IsReady || p.Containers.Any(Unavailability.IsFailing)).ToList();
            var events = Unavailability.EventsOf(workload, context.Map, context.Signals).Where(e => e.Last >= context.Since).ToList();
            var obstacle = PlacementObstacles.Missing(workload, pods, events) ?? PlacementObstacles.Image(context, workload, pods, events) ?? PlacementObstacles.Claim(context, workload, pods, events)
                ?? PlacementObstacles.Scheduling(context, workload, pods, events) ?? PlacementObstacles.Volume(workload, pods, events)
                ?? Crash(context, workload, pods, events) ?? Readiness(workload, pods, events) ?? Init(workload, pods) ?? Unready(context, workload, pods);
            if (obstacle is null) continue;
            var components = context.Map.ComponentsOf(workload);
            List<EntityRef> reached = [workload, .. Dependents.Of(context, workload)];
            List<Support> support = [new(1, "the cluster itself reports it")];
            if (reached.Count > 1) support.Add(new(0.5, $"{string.Join(", ", reached.Skip(1).Take(4).Select(r => r.Name))} cannot do without it"));
            if (IsApart(context, components)) support.Add(new(Apart, "nothing that got worse calls it or is called by it"));
            yield return new(
                obstacle.Code, obstacle.Entity, obstacle.Mechanism, symptom.Began?.At, TimeSpan.FromMinutes(5), obstacle.Prior, new(components, components, [], [], reached, []) { Stated = [workload] },
                [.. obstacle.Evidence, .. symptom.Evidence.Take(1).Select(c => c with { About = [.. c.About, obstacle.Entity] })], support, obstacle.Says, $"The pods of {workload.Name} become ready without a change to {(obstacle.Entity == workload ? "it" : obstacle.Entity.Name)}.");
        }
    }

    /// <summary>Whether requests got worse elsewhere while nothing of this workload was ever seen to call or be called.</summary>
    private static bool IsApart(AnalysisContext context, IReadOnlyList<string> components) =>
        context.Signals.Calls.Count > 0 && context.Symptoms.Any(s => s.Kind is SymptomKind.BrokenCall or SymptomKind.OwnErrors or SymptomKind.SlowCall or SymptomKind.SlowSelf)
        && components.All(c => !context.Map.Callers[c].Any() && !context.Map.Callees[c].Any() && context.Signals.Services.All(s => s.Service != c));

    private static Obstacle? Crash(AnalysisContext context, EntityRef workload, List<Pod> pods, List<KubeEvent> events)
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
            return new(FindingCode.ContainerFails, why.Item1, workload, $"container {container.Name} of {workload.Kind} {workload.Name} {why.Item2}{detail}", [.. Obstacle.Cites(workload, pod, e), .. log is null ? Array.Empty<Citation>() : [log with { About = [.. log.About, workload] }]])
            {
                // That a program ends by itself is a symptom as much as a cause: a change that reaches it is the likelier beginning.
                Prior = why.Item1 is Mechanism.Memory or Mechanism.ApplicationError || IsLate(why.Item1 == Mechanism.Probe ? probe : null) ? Prior.RuntimeDependency : Prior.StatedIndirectly,
            };
        }
        return null;
    }

    private static Obstacle? Readiness(EntityRef workload, List<Pod> pods, List<KubeEvent> events)
    {
        var pod = pods.FirstOrDefault(p => p.Phase == "Running" && !p.IsReady);
        var e = events.LastOrDefault(e => e.Reason == "Unhealthy");
        if (pod is null || e is null) return null;
        return new(FindingCode.NeverReady, Mechanism.Probe, workload, $"pods of {workload.Kind} {workload.Name} run and are not ready: {SymptomDetector.Quote(e.Message)}", Obstacle.Cites(workload, pod, e))
        {
            Prior = IsLate(e) ? Prior.RuntimeDependency : Prior.StatedIndirectly,
        };
    }

    /// <summary>A probe that is answered too late tells of a program that has too much to do, or waits: whatever makes it so is the likelier beginning.</summary>
    private static bool IsLate(KubeEvent? probe) => probe is not null
        && (probe.Message.Contains("deadline exceeded", StringComparison.Ordinal) || probe.Message.Contains("timeout", StringComparison.OrdinalIgnoreCase) || probe.Message.Contains("timed out", StringComparison.Ordinal));

    /// <summary>An init container that started long ago and has not ended.</summary>
    private static Obstacle? Init(EntityRef workload, List<Pod> pods)
    {
        foreach (var pod in pods.Where(p => p.Phase == "Pending"))
        {
            if (pod.Containers.FirstOrDefault(c => c.Init && c.RunningSince is { } since && pod.Header.LastSeen - since > LongInit) is not { } stuck) continue;
            var says = $"init container {stuck.Name} of {workload.Kind} {workload.Name} runs since {stuck.RunningSince:HH:mm:ss} and does not end";
            return new(FindingCode.InitHangs, Mechanism.InitContainer, workload, says, [new(pod.Header.Address, pod.Header.LastSeen, says, [pod.Header.Entity, workload])]);
        }
        return null;
    }

    /// <summary>Pods that run and are not ready although no event is left that says why: a readiness gate, else a probe, whose events are kept for an hour.</summary>
    private static Obstacle? Unready(AnalysisContext context, EntityRef workload, List<Pod> pods)
    {
        bool IsDown(string node) => context.Signals.Cluster.Nodes.Any(n => n.Header.Entity.Name == node && n.Conditions.Any(c => c.Type == "Ready" && c.Status != "True"));
        if (pods.FirstOrDefault(p => p.Phase == "Running" && !p.IsReady && p.Header.Deleting is null && !IsDown(p.Node)) is not { } pod) return null;
        var ready = pod.Conditions.FirstOrDefault(c => c is { Type: "Ready", Status: "False" });
        var gate = ready?.Reason == "ReadinessGatesNotReady";
        var says = gate ? $"pods of {workload.Kind} {workload.Name} run and wait for a readiness gate: {SymptomDetector.Quote(ready!.Message)}" : $"pods of {workload.Kind} {workload.Name} run and are not ready; no event is left that says why";
        return new(FindingCode.NeverReady, Mechanism.Probe, workload, says, Obstacle.Cites(workload, pod, null)) { Prior = gate ? Prior.StatedIndirectly : Prior.RuntimeService };
    }
}
