using System.Text.Json.Nodes;

namespace Copilot.Simulator;

/// <summary>Faults made by editing a workload or its Service.</summary>
internal sealed partial class FaultInjector
{
    private FaultPlan ScaleToZero(World world, long at)
    {
        world.Rollouts.ScaleToZero(world.Installation.Of(Victim), at, _actor);
        return Plan("Deployment", Victim.Name, at, "scaled to zero", $"{Victim.Name} scaled to 0 replicas", "Change");
    }

    private FaultPlan ChangeSelector(World world, long at)
    {
        var workload = world.Installation.Of(Victim);
        var key = ((JsonObject)workload.ServiceObject.Latest["spec"]!["selector"]!).First().Key;
        var value = _chance.Pick([Victim.Name + "-v2", Victim.Name + "-green", "invalid"]);
        world.Cluster.Change(workload.ServiceObject, at, _actor, b => b["spec"]!["selector"] = new JsonObject { [key] = value });
        var applied = at + Moment.Milliseconds(_chance.Between(60, 600));
        world.Rollouts.EmptyEndpoints(workload, applied);
        world.Behaviour.Add(new Effect.Unreachable(applied, Victim, ObstacleKind.Refused));
        return Plan("Service", Victim.Name, at, "Service routing", $"selector of Service {Victim.Name} set to {key}={value}, which no pod has", "Change");
    }

    private FaultPlan DeleteService(World world, long at)
    {
        var workload = world.Installation.Of(Victim);
        workload.ServiceObject.DeletedAt = at;
        var applied = workload.Endpoints.DeletedAt = at + Moment.Milliseconds(_chance.Between(60, 600));
        world.Behaviour.Add(new Effect.Unreachable(applied, Victim, ObstacleKind.UnknownHost));
        return Plan("Service", Victim.Name, at, "Service routing", $"Service {Victim.Name} was deleted", "Change");
    }

    private FaultPlan LowerLimit(World world, long at)
    {
        var limit = $"{_chance.Between(4, 12)}Mi";
        world.Rollouts.Roll(world.Installation.Of(Victim), at, _actor, b =>
        {
            var resources = Workload.Container(b)["resources"]!;
            resources["limits"]!["memory"] = limit;
            resources["requests"]!["memory"] = limit;
        }, new PodOutcome.Crashing(Victim.Name, false, "OOMKilled", 137));
        return Plan("Deployment", Victim.Name, at, "resource limits", $"memory limit of {Victim.Name} set to {limit}", "Change");
    }

    private FaultPlan ChangeProbe(World world, long at)
    {
        var port = Victim.Port + _chance.Pick([1, 11, 1000]);
        world.Rollouts.Roll(world.Installation.Of(Victim), at, _actor, b => Workload.Container(b)["readinessProbe"] = new JsonObject
        {
            ["httpGet"] = new JsonObject { ["path"] = "/healthz", ["port"] = port, ["scheme"] = "HTTP" },
            ["periodSeconds"] = 10,
            ["failureThreshold"] = 3,
        }, new PodOutcome.NotReady($"Get \"http://{{ip}}:{port}/healthz\": dial tcp {{ip}}:{port}: connect: connection refused"));
        return Plan("Deployment", Victim.Name, at, "probe", $"readiness probe of {Victim.Name} asks port {port}, where nothing listens", "Change");
    }

    private FaultPlan AddInitContainer(World world, long at)
    {
        var name = _chance.Pick(["prepare", "wait-for-schema", "init-config"]);
        world.Rollouts.Roll(world.Installation.Of(Victim), at, _actor, b =>
            b["spec"]!["template"]!["spec"]!["initContainers"] = new JsonArray(new JsonObject
            {
                ["name"] = name,
                ["image"] = "docker.io/library/busybox:1.36",
                ["command"] = new JsonArray("sh", "-c", "exit 1"),
            }), new PodOutcome.Crashing(name, true, "Error", 1));
        return Plan("Deployment", Victim.Name, at, "init container", $"init container {name} of {Victim.Name} fails", "Change");
    }

    private FaultPlan ChangeNodeSelector(World world, long at)
    {
        var (key, value) = _chance.Pick([("kubernetes.io/hostname", "retired-node"), ("disktype", "nvme"), ("pool", "gpu")]);
        world.Rollouts.Roll(world.Installation.Of(Victim), at, _actor,
            b => b["spec"]!["template"]!["spec"]!["nodeSelector"] = new JsonObject { [key] = value },
            new PodOutcome.Unplaced(NoNode(world, "{0} node(s) didn't match Pod's node affinity/selector")));
        return Plan("Deployment", Victim.Name, at, "scheduling", $"{Victim.Name} asks for a node with {key}={value}, and there is none", "Change");
    }

    private FaultPlan MountMissingClaim(World world, long at)
    {
        var claim = Victim.Name + _chance.Pick(["-data", "-cache", "-state"]);
        world.Rollouts.Roll(world.Installation.Of(Victim), at, _actor, b =>
        {
            var pod = b["spec"]!["template"]!["spec"]!;
            if (pod["volumes"] is not JsonArray volumes) pod["volumes"] = volumes = [];
            volumes.Add((JsonNode)new JsonObject { ["name"] = "state", ["persistentVolumeClaim"] = new JsonObject { ["claimName"] = claim } });
            var container = Workload.Container(b);
            if (container["volumeMounts"] is not JsonArray mounts) container["volumeMounts"] = mounts = [];
            mounts.Add((JsonNode)new JsonObject { ["name"] = "state", ["mountPath"] = "/var/lib/state" });
        }, new PodOutcome.Unplaced(NoNode(world, $"persistentvolumeclaim \"{claim}\" not found")));
        return Plan("Deployment", Victim.Name, at, "storage or volume", $"{Victim.Name} mounts claim {claim}, which does not exist", "Change");
    }

    private FaultPlan ChangeDnsPolicy(World world, long at)
    {
        var ready = world.Rollouts.Roll(world.Installation.Of(Victim), at, _actor,
            b => b["spec"]!["template"]!["spec"]!["dnsPolicy"] = "Default", new PodOutcome.Ready());
        world.Behaviour.Add(new Effect.NoNames(ready, Victim));
        return Plan("Deployment", Victim.Name, at, "DNS", $"dnsPolicy of {Victim.Name} set to Default, so no name of the cluster resolves", "Change");
    }

    private FaultPlan SlowImage(World world, long at, SimulatedService service)
    {
        var image = NextImage(service);
        var ready = world.Rollouts.Roll(world.Installation.Of(service), at, _actor, b => Workload.Container(b)["image"] = image, new PodOutcome.Ready());
        world.Behaviour.Add(new Effect.Degraded(ready, long.MaxValue, service, 0, _chance.Between(900, 2400), "", ""));
        return Plan("Deployment", service.Name, at, "latency regression", $"{image} is slower than what {service.Name} ran before", "Change", victim: service);
    }

    private FaultPlan LeakMemory(World world, long at)
    {
        var workload = world.Installation.Of(Victim);
        var flag = Victim.FlagKey is not null && _chance.Happens(0.5);
        long from;
        if (flag)
        {
            world.Cluster.Change(world.Installation.Flags, at, _actor,
                b => b["data"]![_application.FlagsFile] = Installation.FlagsText(_application, Victim.FlagKey));
            (world.FlagOn, from) = (Victim.FlagKey, at + Moment.Milliseconds(_chance.Between(15_000, 75_000)));
            world.FlagOnFrom = from;
        }
        else
        {
            var image = NextImage(Victim);
            from = world.Rollouts.Roll(workload, at, _actor, b => Workload.Container(b)["image"] = image, new PodOutcome.Ready());
        }

        foreach (var pod in workload.Pods.Where(p => p.Serves(from)))
        {
            var (pause, restarts, lasts) = (10_000.0, 0, _chance.Between(60_000, 240_000));
            for (var now = from; now < world.Until;)
            {
                var killed = now + Moment.Milliseconds(_chance.Between(0.8, 1.3) * lasts);
                pod.Leaks.Add((now, killed));
                if (killed >= world.Until) break;
                now = killed + Moment.Milliseconds(pause + _chance.Between(4_000, 9_000));
                world.Rollouts.Interrupt(workload, pod, killed, now, "OOMKilled", 137, ++restarts);
                pause = Math.Min(pause * 2, 300_000);
            }
        }

        return flag
            ? Plan("ConfigMap", _application.FlagsConfigMap, at, "feature flag", $"flag {Victim.FlagKey} makes {Victim.Name} leak memory", "Configuration Setting")
            : Plan("Deployment", Victim.Name, at, "memory", $"the new image of {Victim.Name} leaks memory", "Change");
    }

    private string NextImage(SimulatedService service) =>
        service.Image.Split(':')[0] + $":{_application.Version.Split('.')[0]}.{_chance.Between(25, 40)}.{_chance.Between(0, 9)}";

    private static string NoNode(World world, string reason)
    {
        var nodes = world.Installation.Nodes.Count;
        return $"0/{nodes} nodes are available: {reason.Replace("{0}", $"{nodes}", StringComparison.Ordinal)}. "
            + $"preemption: 0/{nodes} nodes are available: {nodes} Preemption is not helpful for scheduling.";
    }
}
