using System.Text.RegularExpressions;
using Copilot.Core.Evidence;
using Copilot.Core.Signals;

namespace Copilot.Core.Analysis.Analyzers;

/// <summary>What keeps a pod from being placed and given its image, volumes and settings, by its conditions and events.</summary>
internal static partial class PlacementObstacles
{
    public static Obstacle? Missing(EntityRef workload, List<Pod> pods, List<KubeEvent> events)
    {
        foreach (var (text, cite) in Texts(workload, pods, events))
        {
            if (MissingObject().Match(text) is not { Success: true } match) continue;
            var kind = match.Groups[1].Value.ToLowerInvariant() switch { "configmap" => "ConfigMap", "secret" => "Secret", "persistentvolumeclaim" => "PersistentVolumeClaim", _ => "ServiceAccount" };
            var name = match.Groups[2].Value.Split('/')[^1];
            var target = new EntityRef(workload.Namespace, kind, name);
            // The reference is wrong or the object is gone: the reference is what somebody can see and mend in either case.
            return new(FindingCode.ReferenceMissing, kind == "PersistentVolumeClaim" ? Mechanism.Storage : Mechanism.ConfigurationChange, workload, $"{workload.Kind} {workload.Name} needs {kind} {name}, which does not exist", [cite with { About = [.. cite.About, target] }]);
        }
        return null;
    }

    public static Obstacle? Image(AnalysisContext context, EntityRef workload, List<Pod> pods, List<KubeEvent> events)
    {
        var pod = pods.FirstOrDefault(p => p.Containers.Any(c => c.WaitingReason is "ImagePullBackOff" or "ErrImagePull" or "InvalidImageName" or "ErrImageNeverPull" or "ImageInspectError"));
        var e = events.FirstOrDefault(e => e.Message.Contains("image", StringComparison.OrdinalIgnoreCase) && e.Reason is "Failed" or "InspectFailed" or "BackOff" && (e.Message.Contains("pull", StringComparison.OrdinalIgnoreCase) || e.Reason == "InspectFailed"));
        if (pod is null && e is null) return null;
        var text = e is not null ? e.Message : pod!.Containers.First(c => c.WaitingReason.Length > 0).WaitingMessage;
        var refused = Refused(text);
        // The kubelet names a Secret that it was told to use and does not find.
        var secret = refused ? context.Signals.Events.LastOrDefault(x => x.Reason == "FailedToRetrieveImagePullSecret" && pods.Exists(p => p.Header.Entity == x.Regarding)) : null;
        var says = $"the image of {workload.Kind} {workload.Name} cannot be pulled{(refused ? ", as the registry does not let it in" : "")}: {SymptomDetector.Quote(text)}";
        var cites = Obstacle.Cites(workload, pod, e);
        if (secret is not null) cites.AddRange(Obstacle.Cites(workload, null, secret));
        return new(FindingCode.ImageUnavailable, refused && Was(context, workload) ? Mechanism.Credential : Mechanism.BadImage, workload, says, cites);
    }

    /// <summary>"Denied" is also what registries say of a repository that does not exist: only an image that ran before is known to be there.</summary>
    private static bool Was(AnalysisContext context, EntityRef workload)
    {
        var images = context.Map.Workload(workload)?.Containers.Select(c => c.Image).ToHashSet() ?? [];
        return context.Signals.Changes.All(c => c.Entity != workload || c.Fields.All(f => !f.Path.EndsWith(".image", StringComparison.Ordinal)))
            && context.Signals.Cluster.Workloads.Any(w => w.Header.Owner == workload && w.Ready > 0 && w.Containers.Any(c => images.Contains(c.Image)));
    }

    private static bool Refused(string text) => text.Contains("pull access denied", StringComparison.OrdinalIgnoreCase) || text.Contains("unauthorized", StringComparison.OrdinalIgnoreCase)
        || text.Contains("authentication required", StringComparison.OrdinalIgnoreCase) || text.Contains("403 Forbidden", StringComparison.OrdinalIgnoreCase) || text.Contains("insufficient_scope", StringComparison.OrdinalIgnoreCase);

    /// <summary>A claim that its pods wait for. One that waits for its first consumer is at rest.</summary>
    public static Obstacle? Claim(AnalysisContext context, EntityRef workload, List<Pod> pods, List<KubeEvent> events)
    {
        var unbound = pods.SelectMany(p => p.Conditions).Where(c => c is { Type: "PodScheduled", Status: "False" }).Select(c => c.Message).Concat(events.Where(e => e.Reason == "FailedScheduling").Select(e => e.Message))
            .Any(t => t.Contains("unbound immediate PersistentVolumeClaims", StringComparison.Ordinal));
        foreach (var reference in pods.SelectMany(p => p.Reads).Where(r => r.Kind == "PersistentVolumeClaim").Distinct().Order())
        {
            var failed = context.Signals.Events.LastOrDefault(e => e.Regarding == reference && e.Reason is "ProvisioningFailed" or "FailedBinding" && e.Regarding == reference && e.Last >= context.Since);
            var claim = context.Signals.Cluster.Others.FirstOrDefault(o => o.Header.Entity == reference);
            if (claim?.Phase == "Bound" || (failed is null && !(unbound && claim?.Phase is "Pending" or "Lost"))) continue;
            // A class that somebody took away is the beginning; one that never was is the claim's mistake.
            var entity = failed is not null && StorageClass().Match(failed.Message) is { Success: true } missing && EntityRef.ClusterScoped("StorageClass", missing.Groups[1].Value) is var storage
                && context.Signals.Changes.Any(c => c.Entity == storage && c.Kind == ChangeKind.Deleted) ? storage : reference;
            var why = failed is not null ? $"{failed.Reason}: {SymptomDetector.Quote(failed.Message)}" : $"it is {claim!.Phase}";
            var cites = Obstacle.Cites(workload, pods.FirstOrDefault(p => p.Reads.Contains(reference)), failed).ConvertAll(c => c with { About = [.. c.About, reference, entity] });
            if (claim is not null) cites.Add(new(claim.Header.Address, claim.Header.LastSeen, $"PersistentVolumeClaim {reference.Name} is {claim.Phase}", [reference, entity, workload]));
            return new(FindingCode.VolumeFails, Mechanism.Storage, entity, $"PersistentVolumeClaim {reference.Name}, which {workload.Kind} {workload.Name} waits for, has no volume: {why}", cites);
        }
        return null;
    }

    public static Obstacle? Scheduling(AnalysisContext context, EntityRef workload, List<Pod> pods, List<KubeEvent> events)
    {
        var pod = pods.FirstOrDefault(p => p.Conditions.Any(c => c is { Type: "PodScheduled", Status: "False" }));
        var e = events.LastOrDefault(e => e.Reason == "FailedScheduling");
        if (pod is null && e is null) return null;
        var text = pod?.Conditions.First(c => c.Type == "PodScheduled").Message is { Length: > 0 } message ? message : e?.Message ?? "";
        var cites = Obstacle.Cites(workload, pod, e);
        // A node that was closed is the cause, unless the pod has come to ask for something that no node has anyway.
        var asks = text.Contains("affinity", StringComparison.Ordinal) && context.Signals.Changes.Any(c => c.Entity == workload && c.Fields.Any(f => f.Path.Contains("nodeSelector", StringComparison.Ordinal) || f.Path.Contains("affinity", StringComparison.OrdinalIgnoreCase)));
        if (!asks && Closed(context, text) is { } node)
        {
            var (closed, sick) = (node.Header, NodeAnalyzer.Bad(node));
            var why = sick is null ? "takes no pods" : $"takes no pods, as {sick.Type} is {sick.Status}";
            return new(FindingCode.NodeUnhealthy, sick is null ? Mechanism.Scheduling : Mechanism.Node, closed.Entity, $"node {closed.Entity.Name} {why}, so {workload.Name} cannot be placed: {SymptomDetector.Quote(text)}", [.. cites, new(closed.Address, closed.LastSeen, $"node {closed.Entity.Name} {why}", [closed.Entity, workload])]);
        }
        return new(FindingCode.Unschedulable, text.Contains("persistentvolumeclaim", StringComparison.Ordinal) ? Mechanism.Storage : Mechanism.Scheduling, workload, $"no node takes the pods of {workload.Kind} {workload.Name}: {SymptomDetector.Quote(text)}", cites);
    }

    /// <summary>A node that the scheduler's words are about: one that is closed, one that somebody tainted, or one whose own condition taints it.</summary>
    private static Node? Closed(AnalysisContext context, string text) => context.Signals.Cluster.Nodes.FirstOrDefault(n =>
        (n.Unschedulable && text.Contains("unschedulable", StringComparison.Ordinal))
        || (text.Contains("untolerated taint {node.kubernetes.io/", StringComparison.Ordinal) && NodeAnalyzer.Bad(n) is not null)
        || (text.Contains("untolerated taint", StringComparison.Ordinal) && context.Signals.Changes.Any(c => c.Entity == n.Header.Entity && c.Fields.Any(f => f.Path.StartsWith("spec.taints", StringComparison.Ordinal)))));

    public static Obstacle? Volume(EntityRef workload, List<Pod> pods, List<KubeEvent> events)
    {
        var e = events.LastOrDefault(e => e.Reason is "FailedMount" or "FailedAttachVolume");
        return e is null ? null : new(FindingCode.VolumeFails, Mechanism.Storage, workload, $"a volume of {workload.Kind} {workload.Name} fails: {SymptomDetector.Quote(e.Message)}", Obstacle.Cites(workload, pods.FirstOrDefault(), e));
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

    [GeneratedRegex(@"storageclass(?:\.storage\.k8s\.io)? ""([^""]+)"" not found", RegexOptions.IgnoreCase | RegexOptions.NonBacktracking)]
    private static partial Regex StorageClass();
}
