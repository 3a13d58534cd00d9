using System.Text.Json.Nodes;

namespace Copilot.Simulator;

/// <summary>What every recording has whether or not anything is wrong.</summary>
internal sealed class Noise(World world, Chance chance)
{
    private static readonly long StreamLength = 600 * Moment.Second;

    /// <summary>Short spells of rare errors, spread over the whole recording: neither more nor fewer after the fault.</summary>
    public void Flap()
    {
        var services = chance.Shuffled(world.Application.Services.Where(s => s.Role == ServiceRole.Inner)).Take(chance.Between(1, 2)).ToList();
        for (var at = world.Start; at < world.Until; at += Moment.Milliseconds(chance.Between(120_000, 420_000)))
            world.Behaviour.Add(new Effect.Degraded(at, at + Moment.Milliseconds(chance.Between(50_000, 150_000)), chance.Pick(services),
                chance.Between(0.015, 0.05), 0,
                "TransientError", chance.Pick(["stale connection was reset by peer", "optimistic lock lost, giving up after 1 attempt",
                    "request body ended early"])));
    }

    /// <summary>Clients of the flag provider keep a stream open that always ends after 600 s with an error.</summary>
    public void Streams(Telemetry telemetry)
    {
        var provider = world.Application.FlagProvider;
        var attributes = PythonRepr.Dict(("rpc.system", "grpc"), ("rpc.service", "flags.v1.Evaluation"), ("rpc.method", "EventStream"),
            ("server.address", provider.Name), ("server.port", $"{provider.Port}"), ("rpc.grpc.status_code", "4"));
        foreach (var pod in world.Installation.Workloads.Where(w => w.Service.FlagKey is not null).SelectMany(w => w.Pods))
        {
            if (pod.ReadyAt == long.MaxValue) continue;
            for (var at = pod.ReadyAt + Moment.Milliseconds(chance.Between(200, 3000)); at
                + StreamLength < Math.Min(world.Until, pod.GoneAt); at += StreamLength + Moment.Milliseconds(chance.Between(900, 6000)))
                telemetry.Add(new SpanRecord
                {
                    Start = at,
                    Duration = StreamLength + Moment.Milliseconds(chance.Between(0.5, 6)),
                    TraceId = chance.Hex32(),
                    SpanId = chance.Hex16(),
                    ParentId = "",
                    Name = "flags.v1.Evaluation/EventStream",
                    Server = false,
                    Pod = pod,
                    Attributes = attributes,
                    Failed = true,
                    Message = "stream terminated:\n\tstatus = DEADLINE_EXCEEDED\n\tdetails = \"Deadline Exceeded\"",
                });
        }
    }

    /// <summary>Routine lines of every pod, harmless warnings among them.</summary>
    public void Logs(Telemetry telemetry)
    {
        foreach (var workload in world.Installation.Workloads)
            foreach (var pod in workload.Pods.Where(p => p.ReadyAt < world.Until))
                for (var at = Math.Max(pod.ReadyAt, world.Start)
                    + Moment.Milliseconds(chance.Between(0, 60_000)); at < Math.Min(pod.GoneAt,
                    world.Until); at += Moment.Milliseconds(chance.Exponential(45_000) + 2_000))
                    if (!pod.IsDown(at))
                        telemetry.Add(new LogRecord(at, pod,
                            workload.Service.Role == ServiceRole.Inner && chance.Happens(0.4) ? LogLevel.Warning : LogLevel.Information,
                            Routine(workload.Service)));
    }

    /// <summary>The recorder and an observer arrive during the recording, at times that say nothing about the fault.</summary>
    public void Recorder()
    {
        var recorder = world.Start + Moment.Milliseconds(chance.Between(150_000, 420_000));
        world.Installation.Namespace(recorder, chance.Pick(["recorders", "snapshot-recorder", "capture"]), "OpenAPI-Generator");
        var observer = chance.Pick(["observer", "bench-agent", "copilot-eval"]);
        var at = world.Start + (long)((world.Until - world.Start) * chance.Between(0.25, 0.85));
        world.Installation.Namespace(at, observer, "OpenAPI-Generator");
        world.Cluster.Create(at + Moment.Second, "OpenAPI-Generator", "rolebindings", "rbac.authorization.k8s.io/v1", "RoleBinding",
            Cluster.Metadata(observer + "-access", world.Application.Namespace),
            ("roleRef", new JsonObject { ["apiGroup"] = "rbac.authorization.k8s.io", ["kind"] = "ClusterRole", ["name"] = "view" }),
            ("subjects", new JsonArray(new JsonObject { ["kind"] = "ServiceAccount", ["name"] = "default", ["namespace"] = observer })));
    }

    /// <summary>Events of other tenants, and those of an earlier run against pods that are long gone.</summary>
    public void Events(SimulatedService chaosTarget, bool chaos)
    {
        var claim = EventLog.Regarding("PersistentVolumeClaim", "v1", world.Installation.Monitoring, "data-prometheus-0", chance.Uid(), "77123");
        ClusterEvent? last = null;
        for (var at = world.Start; at < world.Until; at += Moment.Milliseconds(chance.Between(100_000, 200_000)))
            last = last is null
                ? world.Events.Record(at, claim, "ExternalProvisioning", "Waiting for a volume to be created by the external provisioner",
                    "persistentvolume-controller")
                : world.Events.Repeat(last, at);
        if (!chaos && chance.Happens(0.5)) return;
        var schedule = world.ChaosSchedule(chaosTarget, chance);
        var uid = chance.Uid();
        var round = world.Start - 60 * Moment.Minute + Moment.Milliseconds(chance.Between(60_000, 300_000));
        for (var i = chance.Between(3, 7); i > 0; i--)
        {
            var length = Moment.Milliseconds(chance.Between(45_000, 100_000));
            ChaosEvents.Round(world, schedule, uid, round, length, [$"{chaosTarget.Name}-{chance.Suffix(10)}-{chance.Suffix(5)}"], chance, "DELETED");
            round += length + Moment.Milliseconds(chance.Between(4_000, 40_000));
        }
    }

    private string Routine(SimulatedService service) => service.Role switch
    {
        ServiceRole.Datastore => $"LOG:  checkpoint complete: wrote {chance.Between(3, 90)} buffers; sync=0.0{chance.Between(10, 99)} s",
        ServiceRole.Cache => $"1:M * {chance.Between(10, 300)} changes in 300 seconds. Saving...",
        ServiceRole.Platform => "export of pending telemetry completed",
        ServiceRole.Gateway => "configuration watch: no change",
        _ => chance.Pick(Vocabulary.HarmlessWarnings).Replace("{ms}", $"{chance.Between(3, 60)}", StringComparison.Ordinal)
            .Replace("{n}", $"{chance.Between(2, 80)}", StringComparison.Ordinal),
    };
}
