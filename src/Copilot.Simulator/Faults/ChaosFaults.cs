using System.Text.Json.Nodes;
using Copilot.Simulator.Clusters;

namespace Copilot.Simulator.Faults;

/// <summary>Experiments that a Schedule repeats; only their events are recorded, as chaos-mesh's own objects are not.</summary>
internal static class ChaosFaults
{
    private const double Mebibyte = 1_048_576;

    public static FaultPlan Delay(FaultContext c)
    {
        var delay = c.Chance.Between(700, 2000);
        return Repeat(c, "NetworkChaos", $"delays packets by {delay:0} ms", (pod, on) => pod.Link = pod.Link with { DelayMs = on ? delay : 0 });
    }

    public static FaultPlan Lose(FaultContext c)
    {
        var share = c.Chance.Between(0.35, 0.6);
        return Repeat(c, "NetworkChaos", $"loses {share:P0} of the packets", (pod, on) => pod.Link = pod.Link with { Loss = on ? share : 0 });
    }

    public static FaultPlan Cut(FaultContext c) => Repeat(c, "NetworkChaos", "cuts the network", (pod, on) => pod.Link = pod.Link with { Cut = on });

    public static FaultPlan Fail(FaultContext c) => Repeat(c, "PodChaos", "stops the containers", (pod, on) =>
    {
        pod.Broken = on;
        if (on) Kubelet.Kill(pod, new ContainerEnd("Error", 137));
    });

    public static FaultPlan StressCpu(FaultContext c)
    {
        var workers = c.Chance.Between(12, 24);
        return Repeat(c, "StressChaos", $"burns CPU with {workers} workers", (pod, on) =>
        {
            pod.Stress = on ? workers : 0;
            if (pod.Container is { } container) container.Cpu.Competitors = pod.Stress;
        });
    }

    public static FaultPlan StressMemory(FaultContext c) => Repeat(c, "StressChaos", "takes memory", (pod, on) =>
    {
        pod.StressBytes = on ? pod.Service.MemoryMi * Mebibyte * 0.75 : 0;
        if (on && pod.Container is { } container) Kubelet.CheckMemory(pod, container);
    });

    private static FaultPlan Repeat(FaultContext c, string kind, string effect, Action<SimulatedPod, bool> apply)
    {
        var (world, ns) = (c.World, c.World.Installation.ChaosNamespace);
        var name = ScheduleName(c.World, c.Victim, c.Chance);
        var uid = c.Chance.Uid();
        world.Timeline.Start(async () =>
        {
            while (true)
            {
                var pods = c.Workload.Living.Where(p => p.Node is not null && (kind != "PodChaos" || p.Container is not null)).ToList();
                var length = Moment.Milliseconds(c.Chance.Between(45_000, 100_000));
                ChaosEvents.Round(world, new ChaosEvents.Series(name, uid, kind), c.Now, length, [.. pods.Select(p => p.Name)], c.Chance);
                await world.Timeline.For(400 * Moment.Millisecond);
                foreach (var pod in pods.Where(p => p.Exists)) apply(pod, true);
                await world.Timeline.For(length - 400 * Moment.Millisecond);
                foreach (var pod in pods.Where(p => p.Exists)) apply(pod, false);
                await world.Timeline.For(Moment.Milliseconds(c.Chance.Between(6_000, 40_000)));
            }
        });
        return c.Plan("Schedule", ns, name, $"{name} {effect} of {c.Victim.Name}") with { Also = [new ObjectName(kind, ns, name)] };
    }

    /// <summary>The same experiment has the same name in an earlier run and in this one. Some names say what it does, some mislead.</summary>
    public static string ScheduleName(World world, Applications.SimulatedService target, Chance chance)
    {
        if (!world.Experiments.TryGetValue(target, out var name)) world.Experiments[target] = name = NewName(world, target, chance);
        return name;
    }

    private static string NewName(World world, Applications.SimulatedService target, Chance chance) => chance.Pick(
    [
        $"{world.Application.Namespace}-{target.Name}-latency", $"{target.Name}-{chance.Pick(["drill", "experiment", "resilience"])}", $"exp-{chance.Suffix(4)}",
        $"weekly-drill-{chance.Between(2, 40)}", $"{chance.Pick(world.Application.Services).Name}-pod-test",
    ]);
}

/// <summary>The events that chaos-mesh leaves.</summary>
internal static class ChaosEvents
{
    /// <param name="Schedule">Name of the Schedule.</param>
    /// <param name="Uid">Its uid: another one in every installation.</param>
    /// <param name="Kind">Of the experiments that it makes.</param>
    public sealed record Series(string Schedule, string Uid, string Kind);

    /// <summary>One experiment: made, applied to the pods, and recovered when its time is up.</summary>
    public static void Round(World world, Series series, long at, long length, IReadOnlyList<string> pods, Chance chance, bool replayed = false)
    {
        var ns = world.Installation.ChaosNamespace;
        var child = $"{series.Schedule}-{chance.Suffix(5)}";
        var parent = EventLog.Regarding("Schedule", "chaos-mesh.org/v1alpha1", ns, series.Schedule, series.Uid, $"{chance.Between(100_000, 999_999)}");
        var experiment = EventLog.Regarding(series.Kind, "chaos-mesh.org/v1alpha1", ns, child, chance.Uid(), $"{chance.Between(100_000, 999_999)}");
        Say(parent, 0, "Spawned", "Create new object: " + child, "schedule-cron");
        Say(parent, 20, "Updated", "Successfully update lastScheduleTime of resource", "schedule-cron");
        Say(experiment, 60, "FinalizerInited", "Finalizer has been inited", "initFinalizers");
        Say(experiment, 70, "Updated", "Successfully update finalizer of resource", "initFinalizers");
        Say(experiment, 110, "Started", "Experiment has started", "desiredphase");
        Say(experiment, 120, "Updated", "Successfully update desiredPhase of resource", "desiredphase");
        if (pods.Count == 0) Say(experiment, 400, "Failed", "Failed to select targets: no pod is selected", "records", warning: true);
        foreach (var pod in pods) Say(experiment, 400, "Applied", $"Successfully apply chaos for {world.Application.Namespace}/{pod}", "records");
        Say(experiment, 430, "Updated", "Successfully update records of resource", "records");
        var end = length / Moment.Millisecond;
        Say(experiment, end, "TimeUp", "Time up according to the duration", "desiredphase");
        foreach (var pod in pods) Say(experiment, end + 150, "Recovered", $"Successfully recover chaos for {world.Application.Namespace}/{pod}", "records");
        Say(experiment, end + 170, "Updated", "Successfully update records of resource", "records");

        void Say(JsonObject about, long afterMs, string reason, string message, string component, bool warning = false)
        {
            var when = at + afterMs * Moment.Millisecond;
            if (when < world.Until) world.Events.Record(when, (JsonObject)about.DeepClone(), reason, message, component, warning, replayed: replayed);
        }
    }
}
