using System.Text.Json.Nodes;
using Copilot.Simulator.Clusters;

namespace Copilot.Simulator.Faults;

/// <summary>Pods that find no place, or are not admitted.</summary>
internal static class PlacementFaults
{
    public static FaultPlan ChangeNodeSelector(FaultContext c)
    {
        var (key, value) = c.Chance.Pick([("kubernetes.io/hostname", "retired-node"), ("disktype", "nvme"), ("pool", "gpu")]);
        c.Edit(b => b["spec"]!["template"]!["spec"]!["nodeSelector"] = new JsonObject { [key] = value });
        return c.PlanWorkload($"{c.Victim.Name} asks for a node with {key}={value}, and there is none");
    }

    public static FaultPlan ChangeAffinity(FaultContext c)
    {
        var label = "app.kubernetes.io/version";
        c.Edit(b => b["spec"]!["template"]!["spec"]!["affinity"] = new JsonObject
        {
            ["podAntiAffinity"] = new JsonObject
            {
                ["requiredDuringSchedulingIgnoredDuringExecution"] = new JsonArray(new JsonObject
                {
                    ["labelSelector"] = new JsonObject { ["matchLabels"] = new JsonObject { [label] = c.World.Application.Version } },
                    ["topologyKey"] = "kubernetes.io/hostname",
                }),
            },
        });
        return c.PlanWorkload($"{c.Victim.Name} may not share a node with any pod of version {c.World.Application.Version}, and they are on every node");
    }

    public static FaultPlan TaintNode(FaultContext c)
    {
        var node = NodeOf(c);
        var key = c.Chance.Pick(["dedicated", "maintenance", "workload"]);
        c.World.Cluster.Change(node.Object, c.Now, c.Actor, b => b["spec"]!["taints"] = new JsonArray(new JsonObject
        {
            ["effect"] = "NoExecute",
            ["key"] = key,
            ["value"] = "batch",
            ["timeAdded"] = Moment.Iso(c.Now),
        }));
        c.World.Timeline.StartAt(c.Now + Moment.Milliseconds(c.Chance.Between(200, 1500)), () => Empty(c, node, taint: true));
        return c.Plan("Node", null, node.Name, $"{node.Name} takes no pod without a toleration of {key}=batch, and {c.Victim.Name} can run on no other node");
    }

    public static FaultPlan CordonNode(FaultContext c)
    {
        var node = NodeOf(c);
        Cordon(c.World, node);
        c.World.Events.Record(c.Now, node.Object, "NodeNotSchedulable", $"Node {node.Name} status is now: NodeNotSchedulable", "kubelet", host: node.Name);
        c.World.Timeline.StartAt(c.Later, () => Empty(c, node, taint: false));
        return c.Plan("Node", null, node.Name, $"{node.Name} was closed and drained, and {c.Victim.Name} can run on no other node");
    }

    public static void Cordon(World world, SimulatedNode node)
    {
        world.Cluster.Change(node.Object, world.Timeline.Now, "kubectl-cordon", b => b["spec"]!["unschedulable"] = true);
        world.Cluster.Change(node.Object, world.Timeline.Now, Controllers.Manager, b => b["spec"]!["taints"] = new JsonArray(new JsonObject
        {
            ["effect"] = "NoSchedule",
            ["key"] = "node.kubernetes.io/unschedulable",
            ["timeAdded"] = Moment.Iso(world.Timeline.Now),
        }));
    }

    /// <summary>Every pod goes, one after the other.</summary>
    private static async Task Empty(FaultContext c, SimulatedNode node, bool taint)
    {
        foreach (var pod in node.Pods.ToList())
        {
            if (taint)
                c.World.Events.Record(c.Now, pod.Object, "TaintManagerEviction", $"Marking for deletion Pod {pod.Workload.Namespace}/{pod.Name}", "taint-eviction-controller");
            c.World.Controllers.Lose(pod);
            await c.World.Timeline.For(Moment.Milliseconds(c.Chance.Between(100, 1800)));
        }
    }

    private static SimulatedNode NodeOf(FaultContext c) => c.Workload.Living.First(p => p.Node is not null).Node!;

    /// <summary>One pod on every node, which leaves the others less than half of what they use.</summary>
    public static FaultPlan Preempt(FaultContext c)
    {
        var (world, name) = (c.World, c.Chance.Pick(["batch-analytics", "model-training", "bulk-import"]));
        var nodes = world.Installation.Workers;
        var used = nodes.Average(n => n.Pods.Where(p => p.Exists && p.Workload.Namespace == world.Application.Namespace).Sum(Scheduler.RequestMi));
        var kept = nodes.Max(n => n.Pods.Where(p => p.Exists && p.Workload.Namespace != world.Application.Namespace).Sum(Scheduler.RequestMi));
        var asked = (int)(nodes.Min(n => n.MemoryMi) - kept - used * 0.4);
        world.Cluster.Create(c.Now, c.Actor, "priorityclasses", "scheduling.k8s.io/v1", "PriorityClass", Cluster.Metadata($"{name}-first"), ("value", 100_000));
        var service = Installation.SystemService(name, 8080, "http", $"quay.io/acme/{name}:2.1", asked * 2);
        service.Replicas = nodes.Count;
        world.Installation.Add(service, world.Application.Namespace, c.Actor, b =>
        {
            b["spec"]!["template"]!["spec"]!["priority"] = 100_000;
            b["spec"]!["template"]!["spec"]!["priorityClassName"] = $"{name}-first";
        });
        return c.Plan("Deployment", world.Application.Namespace, name, $"{name} takes the room of pods of lower priority", "Resource Saturation") with
        {
            Also = [new ObjectName("PriorityClass", null, $"{name}-first")],
        };
    }

    public static FaultPlan LimitNamespace(FaultContext c)
    {
        var (world, ns) = (c.World, c.World.Application.Namespace);
        var name = c.Chance.Pick(["compute-budget", $"{ns}-quota", "mem-cap", "team-allowance"]);
        var hard = (int)(world.Admission.Used() * c.Chance.Between(0.55, 0.85));
        world.Admission.Add(world.Cluster.Create(c.Now, c.Actor, "resourcequotas", "v1", "ResourceQuota", Cluster.Metadata(name, ns),
            ("spec", new JsonObject { ["hard"] = new JsonObject { ["limits.memory"] = $"{hard}Mi" } })));
        world.Timeline.At(c.Later, () => world.Controllers.Restart(c.Workload));
        return c.Plan("ResourceQuota", ns, name, $"{name} allows less memory than the namespace already uses, so {c.Victim.Name} gets no pod", "Resource Unavailable") with
        {
            Also = [new ObjectName("Namespace", null, ns)],
        };
    }

    public static FaultPlan StopWebhook(FaultContext c)
    {
        var (world, ns) = (c.World, c.World.Installation.Monitoring);
        var webhook = world.Installation.Webhook;
        world.Controllers.Scale(webhook, 0, c.Actor);
        var service = $"{webhook.Service.Name}.{ns}.svc";
        world.Admission.DeadWebhook = ($"pods.{webhook.Service.Name}.example.com", service, $"no endpoints available for service \"{webhook.Service.Name}\"");
        world.Timeline.At(c.Later, () => world.Controllers.Restart(c.Workload));
        return c.Plan("Deployment", ns, webhook.Service.Name, $"{webhook.Service.Name} admits every new pod and was scaled to 0");
    }

    public static FaultPlan StopScheduler(FaultContext c)
    {
        var pod = c.World.Installation.ControlPlane;
        c.World.Scheduler.Runs = false;
        c.World.Installation.CrashControlPlane(c.Chance.Pick(["--leader-elect-lease-durations=15s", "--feature-gate=None", "--bind-adress=0.0.0.0"]));
        c.World.Timeline.At(c.Later, () => c.World.Controllers.Restart(c.Workload));
        return c.Plan("Pod", "kube-system", pod.Name, "the scheduler crashes at every start, so new pods stay pending", "Resource Unavailable");
    }
}
