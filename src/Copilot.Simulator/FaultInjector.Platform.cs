using System.Text.Json.Nodes;

namespace Copilot.Simulator;

/// <summary>The faults whose cause lies outside the victim's own objects: quota, chaos experiment, datastore.</summary>
internal sealed partial class FaultInjector
{
    private FaultPlan LimitNamespace(World world, long at)
    {
        var name = _chance.Pick(["compute-budget", $"{_application.Namespace}-quota", "mem-cap", "team-allowance"]);
        var used = world.Installation.Workloads.Sum(w => w.Replicas * w.Service.MemoryMi);
        var hard = (int)(used * _chance.Between(0.55, 0.85));
        var quota = world.Cluster.Create(at, _actor, "resourcequotas", "v1", "ResourceQuota", Cluster.Metadata(name, _application.Namespace),
            ("spec", new JsonObject { ["hard"] = new JsonObject { ["limits.memory"] = $"{hard}Mi" } }));
        Use(at + Moment.Milliseconds(300), used);
        var restarted = at + Moment.Milliseconds(_chance.Between(4_000, 45_000));
        var left = used - Victim.MemoryMi;
        var gone = world.Rollouts.Restart(world.Installation.Of(Victim), restarted, new PodOutcome.Refused(
            $"exceeded quota: {name}, requested: limits.memory={Victim.MemoryMi}Mi, used: limits.memory={left}Mi, limited: limits.memory={hard}Mi"));
        Use(gone, left);
        return Plan("ResourceQuota", name, at, "quota", $"{name} allows less memory than the namespace already uses, so {Victim.Name} gets no pod",
            "Resource Unavailable");

        void Use(long when, int megabytes) => world.Cluster.Change(quota, when, "kube-controller-manager", b => b["status"] = new JsonObject
        {
            ["hard"] = new JsonObject { ["limits.memory"] = $"{hard}Mi" },
            ["used"] = new JsonObject { ["limits.memory"] = $"{megabytes}Mi" },
        }, "status");
    }

    private FaultPlan DelayNetwork(World world, long at)
    {
        var name = world.ChaosSchedule(Victim, _chance);
        var uid = _chance.Uid();
        var delay = _chance.Between(900, 2400);
        var now = at;
        while (now < world.Until)
        {
            var length = Moment.Milliseconds(_chance.Between(45_000, 100_000));
            foreach (var pod in world.Installation.Of(Victim).Pods.Where(p => p.Serves(now)))
                world.Behaviour.Add(new Effect.Delayed(now + Moment.Milliseconds(400), now + length, pod, delay));
            ChaosEvents.Round(world, name, uid, now, length, [.. world.Installation.Of(Victim).Pods.Where(p => p.Serves(now)).Select(p => p.Name)],
                _chance);
            now += length + Moment.Milliseconds(_chance.Between(4_000, 40_000));
        }

        return Plan("Schedule", name, at, "chaos experiment (network delay)", $"{name} delays packets of {Victim.Name} by {delay:0} ms", "Change",
            world.Installation.ChaosNamespace);
    }

    private FaultPlan ChangePassword(World world, long at)
    {
        // The password is changed inside the running datastore: no object records it, only clients and the datastore's own log do.
        world.Behaviour.Add(new Effect.Unreachable(at, Victim, ObstacleKind.Unauthorized));
        return Plan("Deployment", Victim.Name, at, "certificate or credential",
            $"password of {Victim.Name} changed while its clients keep the old one", "Change") with
        { RefusedBy = Victim };
    }
}

/// <summary>The events chaos-mesh leaves; its custom resources are not recorded.</summary>
internal static class ChaosEvents
{
    public static void Round(World world, string schedule, string scheduleUid, long at, long length, IReadOnlyList<string> pods, Chance chance,
        string change = "ADDED")
    {
        var ns = world.Installation.ChaosNamespace;
        var child = $"{schedule}-{chance.Suffix(5)}";
        var parent = EventLog.Regarding("Schedule", "chaos-mesh.org/v1alpha1", ns, schedule, scheduleUid, $"{chance.Between(100_000, 999_999)}");
        var experiment = EventLog.Regarding(world.ChaosKind, "chaos-mesh.org/v1alpha1", ns, child, chance.Uid(),
            $"{chance.Between(100_000, 999_999)}");
        Say(parent, 0, "Spawned", "Create new object: " + child, "schedule-cron");
        Say(parent, 20, "Updated", "Successfully update lastScheduleTime of resource", "schedule-cron");
        Say(experiment, 60, "FinalizerInited", "Finalizer has been inited", "initFinalizers");
        Say(experiment, 70, "Updated", "Successfully update finalizer of resource", "initFinalizers");
        Say(experiment, 110, "Started", "Experiment has started", "desiredphase");
        Say(experiment, 120, "Updated", "Successfully update desiredPhase of resource", "desiredphase");
        foreach (var pod in pods) Say(experiment, 400, "Applied", $"Successfully apply chaos for {world.Application.Namespace}/{pod}", "records");
        Say(experiment, 430, "Updated", "Successfully update records of resource", "records");
        var end = length / Moment.Millisecond;
        Say(experiment, end, "TimeUp", "Time up according to the duration", "desiredphase");
        foreach (var pod in pods)
            Say(experiment, end + 150, "Recovered", $"Successfully recover chaos for {world.Application.Namespace}/{pod}", "records");
        Say(experiment, end + 170, "Updated", "Successfully update records of resource", "records");

        void Say(JsonObject about, long afterMs, string reason, string message, string component)
        {
            var when = at + afterMs * Moment.Millisecond;
            if (when >= world.Until) return;
            var recorded = world.Events.Record(when, (JsonObject)about.DeepClone(), reason, message, component);
            // An event of an earlier run is seen when the API server forgets it, an hour after it happened.
            if (change != "ADDED")
                world.Events.Events[^1] =
                    recorded with { Change = change, ReceivedAt = when + 60 * Moment.Minute + Moment.Milliseconds(chance.Between(0, 9000)) };
        }
    }
}
