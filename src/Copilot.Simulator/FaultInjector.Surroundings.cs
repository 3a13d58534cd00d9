using System.Text.Json.Nodes;

namespace Copilot.Simulator;

/// <summary>Faults of what surrounds the workloads: experiments, load, third parties, secrets, nodes, crashes.</summary>
internal sealed partial class FaultInjector
{
    private FaultPlan Experiment(World world, long at)
    {
        var workload = world.Installation.Of(Victim);
        world.ChaosKind = _fault switch
        {
            SimulatedFault.ChaosPodFailure => "PodChaos",
            SimulatedFault.ChaosCpuStress => "StressChaos",
            _ => "NetworkChaos",
        };
        var name = world.ChaosSchedule(Victim, _chance);
        var uid = _chance.Uid();
        var delay = _chance.Between(900, 2200);
        var restarts = 0;
        for (var now = at; now < world.Until;)
        {
            var length = Moment.Milliseconds(_chance.Between(45_000, 100_000));
            var (from, to) = (now + Moment.Milliseconds(400), now + length);
            var pods = workload.Pods.Where(p => p.Serves(now)).ToList();
            ChaosEvents.Round(world, name, uid, now, length, [.. pods.Select(p => p.Name)], _chance);
            if (_fault == SimulatedFault.ChaosNetworkPartition) world.Behaviour.Add(new Effect.Isolated(from, to, Victim));
            if (_fault == SimulatedFault.ChaosCpuStress)
            {
                world.Behaviour.Add(new Effect.Degraded(from, to, Victim, 0, delay, "", ""));
                foreach (var pod in pods) pod.Stress.Add((from, to));
            }

            if (_fault == SimulatedFault.ChaosPodFailure)
                foreach (var pod in pods) world.Rollouts.Interrupt(workload, pod, from, to + 3 * Moment.Second, "Error", 137, ++restarts);
            now += length + Moment.Milliseconds(_chance.Between(8_000, 40_000));
        }

        return Plan("Schedule", name, at, $"chaos experiment ({world.ChaosKind})", $"{name} applies {world.ChaosKind} to {Victim.Name}", "Change",
            world.Installation.ChaosNamespace);
    }

    private FaultPlan SendMore(World world, long at)
    {
        var factor = _chance.Between(4.5, 6.5);
        world.Behaviour.Add(new Effect.Surge(at, factor));
        // What most requests come to runs out of capacity first.
        var inner = _application.Services.Where(s => s.Role == ServiceRole.Inner).OrderByDescending(s => _application.DependenciesOn(s).Count()).ToList();
        foreach (var busy in inner.Take(2))
            world.Behaviour.Add(new Effect.Degraded(at + Moment.Milliseconds(_chance.Between(1000, 20_000)), long.MaxValue, busy, 0.15,
                _chance.Between(700, 1800), "RejectedExecutionError", "queue is full, request was rejected"));
        return Plan("Deployment", Victim.Name, at, "traffic surge", $"{Victim.Name} passes on {factor:0.0} times as many requests as before", "Change");
    }

    private FaultPlan LoseExternal(World world, long at)
    {
        world.Behaviour.Add(new Effect.Unreachable(at, Victim, ObstacleKind.Dropped));
        return Plan("Service", Victim.Name, at, "external dependency", $"{Victim.Image} does not answer any more", "Resource Unavailable");
    }

    private FaultPlan ExpireCertificate(World world, long at)
    {
        world.Behaviour.Add(new Effect.Unreachable(at, Victim, ObstacleKind.BadCertificate));
        return Plan("Secret", Victim.TlsSecret!, at, "certificate or credential", $"the certificate in {Victim.TlsSecret} has expired", "Configuration Setting");
    }

    private FaultPlan RotateSecret(World world, long at)
    {
        var dependency = Victim.Dependencies.First(d => d.Target.Role == ServiceRole.Datastore);
        var restarted = at + Moment.Milliseconds(_chance.Between(4_000, 40_000));
        var ready = world.Rollouts.Restart(world.Installation.Of(Victim), restarted);
        world.Behaviour.Add(new Effect.Misrouted(ready, dependency, new Obstacle(ObstacleKind.Unauthorized, dependency.Target.Name, dependency.Target.Port)));
        return Plan("Secret", Victim.PasswordSecret!, at, "certificate or credential",
            $"{Victim.PasswordSecret} holds a password that {dependency.Target.Name} does not know", "Configuration Setting") with
        { RefusedBy = dependency.Target };
    }

    private FaultPlan CordonNode(World world, long at)
    {
        var workload = world.Installation.Of(Victim);
        var pod = workload.Pods.First(p => p.Serves(at));
        var node = world.Installation.Nodes.First(n => n.Name == pod.Node);
        world.Installation.Closed.Add(node);
        world.Cluster.Change(node, at, "kubectl-cordon", b => b["spec"]!["unschedulable"] = true);
        world.Cluster.Change(node, at + Moment.Milliseconds(200), "kube-controller-manager", b => b["spec"]!["taints"] = new JsonArray(new JsonObject
        {
            ["effect"] = "NoSchedule",
            ["key"] = "node.kubernetes.io/unschedulable",
            ["timeAdded"] = Moment.Iso(at),
        }));
        world.Events.Record(at + Moment.Milliseconds(300), node, "NodeNotSchedulable", $"Node {node.Name} status is now: NodeNotSchedulable", "kubelet", host: node.Name);
        var nodes = world.Installation.Nodes.Count;
        world.Rollouts.Evict(workload, pod, at + Moment.Milliseconds(_chance.Between(1500, 20_000)), new PodOutcome.Unplaced(
            $"0/{nodes} nodes are available: 1 node(s) were unschedulable, {nodes - 1} Insufficient memory. "
            + $"preemption: 0/{nodes} nodes are available: 1 Preemption is not helpful for scheduling, {nodes - 1} No preemption victims found for incoming pod."));
        return Plan("Node", node.Name, at, "scheduling", $"{node.Name} was closed and drained, and {Victim.Name} fits on no other node", "Change",
            FaultPlan.ClusterScoped);
    }

    private FaultPlan CrashDatastore(World world, long at)
    {
        var workload = world.Installation.Of(Victim);
        var pod = workload.Pods.First(p => p.Serves(at));
        world.Rollouts.Interrupt(workload, pod, at, long.MaxValue, "Error", 1, 4);
        var (first, then) = Victim.Protocol == "mysql"
            ? ("[ERROR] [InnoDB] Database page corruption on disk or a failed file read of page [page id: space=5, page number=211]", "[ERROR] [Server] Aborting")
            : ("PANIC:  could not locate a valid checkpoint record", "LOG:  startup process was terminated by signal 6: Aborted");
        for (var (now, pause) = (at, 10L); now < world.Until; now += pause * Moment.Second, pause = Math.Min(pause * 2, 300))
        {
            world.Lines.Add(new LogRecord(now, pod, LogLevel.Error, first));
            world.Lines.Add(new LogRecord(now + Moment.Milliseconds(80), pod, LogLevel.Error, then));
        }

        return Plan("Deployment", Victim.Name, at, "datastore", $"{Victim.Name} crashes at every start", "Resource Unavailable");
    }

    /// <summary>Gives some services a third party to call.</summary>
    private SimulatedService AddExternal(List<SimulatedService> inner)
    {
        var name = _chance.Pick(["partner-api", "geo-provider", "tax-authority", "sms-relay"]);
        var external = new SimulatedService
        {
            Name = name,
            Role = ServiceRole.External,
            Language = Language.Native,
            Port = 443,
            Protocol = "http",
            Image = _chance.Pick([$"api.{name}.example.net", $"{name}.example.org"]),
            MemoryMi = 0,
            Layer = 9,
        };
        external.Operations.Add(new Operation { Service = external, Method = "Submit", ServerSpan = "POST /v2/submit", ClientSpan = "POST", MedianMs = _chance.Between(30, 90) });
        _application.External = external;
        foreach (var caller in _chance.Shuffled(inner).Take(_chance.Between(1, 2))) Link(caller, external, name + ":443");
        return external;
    }

    /// <summary>A service that shares its datastore with others, each with a password of its own.</summary>
    private SimulatedService ShareDatastore(List<SimulatedService> inner)
    {
        var datastore = _chance.Pick([.. _application.Services.Where(s => s.Role == ServiceRole.Datastore)]);
        foreach (var more in _chance.Shuffled(inner).Where(s => !s.Dependencies.Any(d => d.Target.Role == ServiceRole.Datastore)).Take(2))
            Link(more, datastore, $"{datastore.Name}:{datastore.Port}");
        var callers = inner.Where(s => s.Dependencies.FirstOrDefault(d => d.Target.Role == ServiceRole.Datastore)?.Target == datastore).ToList();
        foreach (var caller in inner.Where(s => s.Dependencies.Any(d => d.Target.Role == ServiceRole.Datastore)))
            caller.PasswordSecret = caller.Name + _chance.Pick(["-db-credentials", "-db", "-credentials"]);
        return _chance.Pick(callers);
    }

    private static void Link(SimulatedService caller, SimulatedService target, string address)
    {
        var dependency = new Dependency(caller, target, Vocabulary.Variable(target.Name) + "_URL", false, 4000);
        caller.Dependencies.Add(dependency);
        caller.Environment.Add(new Setting(dependency.Variable, address));
        foreach (var operation in caller.Operations.Take(1)) operation.Calls.Add(new Call(dependency, target.Operations[0], 0.5));
    }

    /// <summary>A service that neither calls the victim nor is called by it, if there is one.</summary>
    private SimulatedService Unrelated(List<SimulatedService> inner)
    {
        var above = _application.WithCallers(Victim);
        var others = inner.Where(s => s != Victim).ToList();
        var apart = others.Where(s => !above.Contains(s) && !_application.WithCallers(s).Contains(Victim)).ToList();
        return _chance.Pick(Busy(apart.Count > 0 ? apart : others));
    }

    /// <summary>Two causes of different kinds at unrelated services, seconds or minutes apart.</summary>
    private FaultPlan Two(World world, long at)
    {
        List<(Func<SimulatedService, bool> Suits, Func<World, long, FaultPlan> Make)> kinds =
        [
            (_ => true, ChangePort), (_ => true, BlockTraffic), (_ => true, ScaleToZero), (_ => true, DelayNetwork), (_ => true, (w, t) => SlowImage(w, t, Victim)),
            (s => s.FlagKey is not null, SwitchFlag), (s => s.Config is not null, ChangeConfiguration),
            (s => s.Dependencies.Any(d => !d.Optional), ChangeEnvironment),
        ];
        var order = _chance.Shuffled(kinds);
        var one = order.First(k => k.Suits(Victim));
        var two = order.Last(k => k != one && k.Suits(Other!));
        var first = one.Make(world, at);
        var victim = Victim;
        Victim = Other!;
        var second = two.Make(world, at + Moment.Milliseconds(_chance.Between(10_000, 150_000)));
        Victim = victim;
        return first with { Second = second };
    }

    /// <summary>Those that get most requests, so that a fault there is noticed.</summary>
    private List<SimulatedService> Busy(List<SimulatedService> services)
    {
        var visits = _application.Services.SelectMany(s => s.Operations).ToDictionary(o => o, _ => 0.0);
        foreach (var operation in _application.Gateway.Operations) visits[operation] = operation.Weight;
        foreach (var service in _application.Services.OrderBy(s => s.Layer))
            foreach (var operation in service.Operations)
                foreach (var call in operation.Calls.Where(c => visits.ContainsKey(c.Target)))
                    visits[call.Target] += visits[operation] * call.Probability;
        double Of(SimulatedService service) => service.Operations.Sum(o => visits[o]);
        var all = _application.Gateway.Operations.Sum(o => o.Weight);
        var busy = services.Where(s => Of(s) > 0.05 * all).ToList();
        return busy.Count > 0 ? busy : [services.MaxBy(Of)!];
    }
}
