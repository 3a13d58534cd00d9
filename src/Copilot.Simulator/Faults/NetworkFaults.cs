using System.Text.Json.Nodes;
using Copilot.Simulator.Applications;
using Copilot.Simulator.Clusters;

namespace Copilot.Simulator.Faults;

/// <summary>Connections that lead nowhere: Services, policies, names, nodes and third parties.</summary>
internal static class NetworkFaults
{
    public static FaultPlan ChangePort(FaultContext c)
    {
        var port = c.Chance.Pick([9999, c.Victim.Port + 1, c.Victim.Port + 80, 8443]);
        c.World.Cluster.Change(c.Workload.ServiceObject!, c.Now, c.Actor, b => b["spec"]!["ports"]![0]!["targetPort"] = port);
        c.World.Endpoints.Sync(c.Workload);
        return Service(c, $"targetPort of Service {c.Victim.Name} set to {port}, where nothing listens");
    }

    public static FaultPlan ChangeSelector(FaultContext c)
    {
        var key = ((JsonObject)c.Workload.ServiceObject!.Latest["spec"]!["selector"]!).First().Key;
        var value = c.Chance.Pick([c.Victim.Name + "-v2", c.Victim.Name + "-green", "invalid"]);
        c.World.Cluster.Change(c.Workload.ServiceObject!, c.Now, c.Actor, b => b["spec"]!["selector"] = new JsonObject { [key] = value });
        c.World.Endpoints.Sync(c.Workload);
        return Service(c, $"selector of Service {c.Victim.Name} set to {key}={value}, which no pod has");
    }

    public static FaultPlan DeleteService(FaultContext c)
    {
        c.Workload.ServiceObject!.DeletedAt = c.Now;
        c.World.Endpoints.Sync(c.Workload);
        return Service(c, $"Service {c.Victim.Name} was deleted");
    }

    private static FaultPlan Service(FaultContext c, string condition) => c.Plan("Service", c.World.Application.Namespace, c.Victim.Name, condition);

    public static FaultPlan BlockIngress(FaultContext c)
    {
        var spec = Policy(c, "Ingress");
        if (c.Chance.Happens(0.4))
            spec["ingress"] = new JsonArray(new JsonObject
            {
                ["from"] = new JsonArray(new JsonObject { ["namespaceSelector"] = new JsonObject { ["matchLabels"] = new JsonObject { ["team"] = "perimeter" } } }),
            });
        return Create(c, spec, $"lets no peer reach {c.Victim.Name}");
    }

    public static FaultPlan BlockEgress(FaultContext c)
    {
        var spec = Policy(c, "Egress");
        spec["egress"] = new JsonArray(new JsonObject
        {
            ["to"] = new JsonArray(new JsonObject { ["namespaceSelector"] = new JsonObject { ["matchLabels"] = new JsonObject { ["kubernetes.io/metadata.name"] = "kube-system" } } }),
            ["ports"] = new JsonArray(new JsonObject { ["port"] = 53, ["protocol"] = "UDP" }),
        });
        return Create(c, spec, $"lets {c.Victim.Name} call nobody but the cluster's DNS");
    }

    private static JsonObject Policy(FaultContext c, string type) => new()
    {
        ["podSelector"] = new JsonObject { ["matchLabels"] = c.World.Installation.SelectorOf(c.Victim.Name) },
        ["policyTypes"] = new JsonArray(type),
    };

    private static FaultPlan Create(FaultContext c, JsonObject spec, string effect)
    {
        var name = c.World.Installation.PolicyName(c.Victim, c.Chance);
        var policy = c.World.Cluster.Create(c.Now, c.Actor, "networkpolicies", "networking.k8s.io/v1", "NetworkPolicy", Cluster.Metadata(name, c.World.Application.Namespace), ("spec", spec));
        c.World.Timeline.At(c.Now + Moment.Milliseconds(c.Chance.Between(300, 2500)), () => c.World.Network.Add(policy));
        return c.Plan("NetworkPolicy", c.World.Application.Namespace, name, $"{name} {effect}");
    }

    /// <summary>The DNS server reads its configuration again within 45 s (coredns.io, plugin reload).</summary>
    public static FaultPlan BreakDns(FaultContext c)
    {
        var (world, zone) = (c.World, c.Chance.Pick(["cluster.internal", "cluster.locl", "k8s.local"]));
        world.Cluster.Change(world.Installation.DnsConfig, c.Now, c.Actor, b => b["data"]!["Corefile"] = ConfigText.Corefile(zone));
        world.Timeline.At(c.Now + Moment.Milliseconds(c.Chance.Between(15_000, 75_000)), () =>
        {
            world.Network.ClusterNames = false;
            foreach (var pod in world.Installation.ClusterDns.Living.Where(p => p.Container is not null))
                world.Telemetry.Add(new Traffic.LogRecord(world.Timeline.Now, pod, Traffic.LogLevel.Information, "[INFO] Reloading complete"));
        });
        return c.Plan("ConfigMap", "kube-system", "coredns", $"the cluster's DNS answers for {zone} instead of cluster.local", "Configuration Setting");
    }

    public static FaultPlan LosePackets(FaultContext c)
    {
        var node = c.Workload.Living.First(p => p.Node is not null).Node!;
        var share = c.Chance.Between(0.2, 0.4);
        if (c.Pattern == FaultPattern.Slow) Grow(c, step => node.Link = node.Link with { Loss = share * step });
        else c.Bursts(on => node.Link = node.Link with { Loss = on ? share : 0 });
        return c.Plan("Node", null, node.Name, $"{node.Name} loses {share:P0} of its packets", "Resource Unavailable");
    }

    public static FaultPlan LoseNode(FaultContext c)
    {
        var (world, node) = (c.World, c.Workload.Living.First(p => p.Node is not null).Node!);
        node.Link = node.Link with { Cut = true };
        node.Ready = false;
        world.Timeline.Start(async () =>
        {
            // The node controller waits 40 s for a lease, and pods tolerate an unreachable node for 300 s (kubernetes.io, Nodes; Taints and Tolerations).
            await world.Timeline.For(40 * Moment.Second + Moment.Milliseconds(c.Chance.Between(0, 5_000)));
            world.Cluster.Change(node.Object, c.Now, Controllers.Manager, b => b["status"] = world.Installation.NodeStatus(node, ready: false), "status");
            world.Cluster.Change(node.Object, c.Now, Controllers.Manager, b => b["spec"]!["taints"] = new JsonArray(
                new JsonObject { ["effect"] = "NoExecute", ["key"] = "node.kubernetes.io/unreachable", ["timeAdded"] = Moment.Iso(c.Now) }));
            world.Events.Record(c.Now, node.Object, "NodeNotReady", $"Node {node.Name} status is now: NodeNotReady", "node-controller");
            foreach (var pod in node.Pods.Where(p => p.Exists))
            {
                pod.Ready = false;
                world.Cluster.Change(pod.Object, c.Now, Controllers.Manager, b => (b["status"]!["conditions"] as JsonArray)!.First(s => (string)s!["type"]! == "Ready")!["status"] = "False", "status");
                world.Events.Record(c.Now, pod.Object, "NodeNotReady", "Node is not ready", "node-controller", warning: true);
                world.Endpoints.Sync(pod.Workload);
            }

            await world.Timeline.For(300 * Moment.Second);
            foreach (var pod in node.Pods.Where(p => p.Exists).ToList())
            {
                world.Events.Record(c.Now, pod.Object, "TaintManagerEviction", $"Marking for deletion Pod {pod.Workload.Namespace}/{pod.Name}", "taint-eviction-controller");
                world.Controllers.Lose(pod);
            }
        });
        return c.Plan("Node", null, node.Name, $"{node.Name} stopped answering", "Resource Unavailable");
    }

    public static FaultPlan LoseExternal(FaultContext c)
    {
        var (world, external) = (c.World, c.Victim);
        if (c.Pattern == FaultPattern.Slow) Grow(c, step => world.Traffic.ExternalSlowness = 1 + 60 * step);
        else c.Bursts(on => world.Network.ExternalAnswers = !on);
        return c.Plan("Service", world.Application.Namespace, external.Name,
            c.Pattern == FaultPattern.Slow ? $"{external.Image} answers more and more slowly" : $"{external.Image} does not answer any more", "Resource Unavailable") with
        {
            Also = [new ObjectName("Host", "External", external.Image)],
        };
    }

    /// <summary>From nothing to all within ten minutes.</summary>
    public static void Grow(FaultContext c, Action<double> set) => c.World.Timeline.Start(async () =>
    {
        for (var step = 1; step <= 20; step++)
        {
            set(step / 20.0);
            await c.World.Timeline.For(30 * Moment.Second);
        }
    });
}
