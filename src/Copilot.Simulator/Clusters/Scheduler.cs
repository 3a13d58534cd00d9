using System.Text.Json.Nodes;

namespace Copilot.Simulator.Clusters;

/// <summary>Places pods on nodes, and says in the scheduler's words why none fits.</summary>
internal sealed class Scheduler(World world, Chance chance)
{
    /// <summary>False while the scheduler itself does not run: pods stay pending and nobody says why.</summary>
    public bool Runs { get; set; } = true;

    /// <summary>True when it has a node, false when it was deleted before.</summary>
    public async Task<bool> Place(SimulatedPod pod)
    {
        await world.Timeline.For(Moment.Milliseconds(chance.Between(8, 40)));
        ClusterEvent? said = null;
        for (var saidAt = 0L; pod.Exists;)
        {
            if (Runs)
            {
                var (node, refusal) = Find(pod);
                if (node is not null)
                {
                    Bind(pod, node);
                    return true;
                }

                if (said is null) Refuse(pod, refusal);
                if (said is null || world.Timeline.Now - saidAt > 280 * Moment.Second)
                {
                    said = said is null
                        ? world.Events.Record(world.Timeline.Now, pod.Object, "FailedScheduling", refusal, "default-scheduler", warning: true)
                        : world.Events.Repeat(said, world.Timeline.Now);
                    saidAt = world.Timeline.Now;
                }
            }

            await world.Timeline.For(Moment.Milliseconds(chance.Between(3_000, 6_000)));
        }

        return false;
    }

    private (SimulatedNode? Node, string Refusal) Find(SimulatedPod pod)
    {
        var nodes = world.Installation.Nodes;
        if (MissingClaim(pod) is { } claim) return (null, Say($"persistentvolumeclaim \"{claim}\" not found"));
        var reasons = nodes.Select(n => (Node: n, Why: Obstacle(pod, n))).ToList();
        var free = reasons.Where(r => r.Why is null).Select(r => r.Node).ToList();
        if (free.Count > 0) return (free.OrderBy(n => n.Pods.Count(p => p.Service == pod.Service)).ThenBy(n => RequestedMi(n)).First(), "");
        if (Preempt(pod, [.. reasons.Where(r => r.Why!.StartsWith("Insufficient", StringComparison.Ordinal)).Select(r => r.Node)]) is { } taken) return (taken, "");
        return (null, Say(string.Join(", ", reasons.GroupBy(r => r.Why!)
            .Select(g => g.Key.StartsWith("Insufficient", StringComparison.Ordinal) ? $"{g.Count()} {g.Key}" : $"{g.Count()} node(s) {g.Key}").Order(StringComparer.Ordinal))));

        string Say(string why) => $"0/{nodes.Count} nodes are available: {why}. preemption: 0/{nodes.Count} nodes are available: {nodes.Count} Preemption is not helpful for scheduling.";
    }

    /// <summary>The first claim that the pod mounts and that does not exist.</summary>
    private string? MissingClaim(SimulatedPod pod) => (pod.Spec["volumes"] as JsonArray)?
        .Select(v => (string?)v!["persistentVolumeClaim"]?["claimName"])
        .FirstOrDefault(c => c is not null && world.Cluster.Find("PersistentVolumeClaim", pod.Workload.Namespace, c) is null);

    private static string? Obstacle(SimulatedPod pod, SimulatedNode node)
    {
        var labels = (JsonObject)node.Object.Latest["metadata"]!["labels"]!;
        if (node.Unschedulable) return "were unschedulable";
        if (!node.Ready) return "had untolerated taint {node.kubernetes.io/unreachable: }";
        if (node.Object.Latest["spec"]!["taints"] is JsonArray taints)
            foreach (var taint in taints.Where(t => !Tolerates(pod, (string)t!["key"]!)))
                return $"had untolerated taint {{{(string)taint!["key"]!}: {(string?)taint["value"] ?? ""}}}";
        if (pod.Spec["nodeSelector"] is JsonObject selector && selector.Any(s => (string?)labels[s.Key] != (string?)s.Value)) return "didn't match Pod's node affinity/selector";
        if (pod.Spec["affinity"]?["podAntiAffinity"]?["requiredDuringSchedulingIgnoredDuringExecution"] is JsonArray rules
            && rules.Any(r => node.Pods.Exists(p => p.Exists && Cluster.Selects((JsonObject)r!["labelSelector"]!["matchLabels"]!, p.Object))))
            return "didn't match pod anti-affinity rules";
        if (RequestedMi(node) + RequestMi(pod) > node.MemoryMi) return "Insufficient memory";
        return RequestedMilli(node) + RequestMilli(pod) > node.CpuMilli ? "Insufficient cpu" : null;
    }

    private static bool Tolerates(SimulatedPod pod, string key) =>
        pod.Spec["tolerations"] is JsonArray tolerations && tolerations.Any(t => (string?)t!["key"] == key || (string?)t["operator"] == "Exists" && t["key"] is null);

    /// <summary>A pod of higher priority takes the place of others (kubernetes.io, Pod Priority and Preemption).</summary>
    private SimulatedNode? Preempt(SimulatedPod pod, List<SimulatedNode> full)
    {
        var priority = Priority(pod);
        if (priority <= 0) return null;
        foreach (var node in full)
        {
            var victims = new List<SimulatedPod>();
            var (memory, cpu) = (RequestedMi(node) + RequestMi(pod) - node.MemoryMi, RequestedMilli(node) + RequestMilli(pod) - node.CpuMilli);
            foreach (var victim in node.Pods.Where(p => p.Exists && Priority(p) < priority).OrderBy(Priority).ThenByDescending(RequestMi))
            {
                if (memory <= 0 && cpu <= 0) break;
                victims.Add(victim);
                (memory, cpu) = (memory - RequestMi(victim), cpu - RequestMilli(victim));
            }

            if (memory > 0 || cpu > 0) continue;
            foreach (var victim in victims)
            {
                world.Events.Record(world.Timeline.Now, victim.Object, "Preempted", $"Preempted by pod {pod.Uid} on node {node.Name}", "default-scheduler");
                world.Controllers.Lose(victim);
            }

            return node;
        }

        return null;
    }

    private static int Priority(SimulatedPod pod) => (int?)pod.Spec["priority"] ?? 0;

    private void Bind(SimulatedPod pod, SimulatedNode node)
    {
        pod.Node = node;
        node.Pods.Add(pod);
        pod.ResourceAttributes = world.Installation.AttributesOf(pod);
        var at = world.Timeline.Now;
        world.Cluster.Change(pod.Object, at, "kube-scheduler", b =>
        {
            b["spec"]!["nodeName"] = node.Name;
            b["status"]!["conditions"] = new JsonArray(Kubelet.Condition("PodScheduled", true, null, at));
        });
        world.Events.Record(at, pod.Object, "Scheduled", $"Successfully assigned {pod.Workload.Namespace}/{pod.Name} to {node.Name}", "default-scheduler");
    }

    private void Refuse(SimulatedPod pod, string reason)
    {
        var condition = Kubelet.Condition("PodScheduled", false, "Unschedulable", world.Timeline.Now);
        condition["message"] = reason;
        world.Cluster.Change(pod.Object, world.Timeline.Now, "kube-scheduler", b => b["status"]!["conditions"] = new JsonArray(condition), "status");
    }

    public static int RequestedMi(SimulatedNode node) => node.Pods.Where(p => p.Exists).Sum(RequestMi);

    private static int RequestedMilli(SimulatedNode node) => node.Pods.Where(p => p.Exists).Sum(RequestMilli);

    public static int RequestMi(SimulatedPod pod) => Quantity.Mi((string?)Resources(pod)?["requests"]?["memory"]);

    private static int RequestMilli(SimulatedPod pod) => Quantity.Milli((string?)Resources(pod)?["requests"]?["cpu"]);

    private static JsonNode? Resources(SimulatedPod pod) => pod.Spec["containers"]![0]!["resources"];
}

/// <summary>Kubernetes quantities in the two units that matter here.</summary>
internal static class Quantity
{
    public static int Mi(string? quantity) => quantity switch
    {
        null => 0,
        _ when quantity.EndsWith("Gi", StringComparison.Ordinal) => int.Parse(quantity[..^2]) * 1024,
        _ when quantity.EndsWith("Mi", StringComparison.Ordinal) => int.Parse(quantity[..^2]),
        _ => (int)(long.Parse(quantity) / 1_048_576),
    };

    public static int Milli(string? quantity) => quantity switch
    {
        null => 0,
        _ when quantity.EndsWith('m') => int.Parse(quantity[..^1]),
        _ => int.Parse(quantity) * 1000,
    };
}
