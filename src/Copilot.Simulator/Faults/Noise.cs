using System.Text.Json.Nodes;
using Copilot.Simulator.Applications;
using Copilot.Simulator.Clusters;
using Copilot.Simulator.Recordings;
using Copilot.Simulator.Traffic;

namespace Copilot.Simulator.Faults;

/// <summary>What every recording has whether or not anything is wrong.</summary>
internal sealed class Noise(World world, Chance chance)
{
    private static readonly long StreamLength = 600 * Moment.Second;

    public void Schedule(SimulatedService chaosTarget)
    {
        Recorder();
        if (chance.Happens(0.5)) Replays(chaosTarget);
        if (chance.Happens(0.3)) Replays(Another(chaosTarget));
        world.Timeline.Start(Provisioning);
        world.Timeline.Start(Glitches);
        foreach (var service in world.Application.Workloads) world.Timeline.StartAt(world.Start + Moment.Milliseconds(chance.Between(0, 30_000)), () => Chatter(service));
        foreach (var service in world.Application.Services.Where(s => s.FlagKey is not null)) world.Timeline.StartAt(world.Start - 5 * Moment.Minute + Moment.Milliseconds(chance.Between(0, 600_000)), () => Streams(service));
        if (chance.Happens(0.25)) IdleExperiment(Another(chaosTarget));
        if (chance.Happens(0.25)) MildExperiment(Another(chaosTarget));
    }

    /// <summary>Now and then a connection breaks and a request fails: neither more nor less often after the fault.</summary>
    private async Task Glitches()
    {
        var services = chance.Shuffled(world.Application.Services.Where(s => s.Role == ServiceRole.Inner)).Take(chance.Between(1, 2)).ToList();
        while (true)
        {
            await world.Timeline.For(Moment.Milliseconds(chance.Exponential(9_000) + 500));
            var pod = world.Installation.Of(chance.Pick(services)).Living.FirstOrDefault(p => p.Container is { Pending.Count: > 0 });
            if (pod is null) continue;
            var cut = pod.Container!.Pending.First();
            if (pod.Container.Pending.Remove(cut)) cut.Set(Answer.Reset);
        }
    }

    /// <summary>Clients of the flag provider keep a stream open that always ends after 600 s with an error.</summary>
    private async Task Streams(SimulatedService service)
    {
        var provider = world.Application.FlagProvider;
        var attributes = PythonRepr.Dict(("rpc.system", "grpc"), ("rpc.service", "flags.v1.Evaluation"), ("rpc.method", "EventStream"),
            ("server.address", provider.Name), ("server.port", $"{provider.Port}"), ("rpc.grpc.status_code", "4"));
        while (true)
        {
            var (at, pod) = (world.Timeline.Now, world.Installation.Of(service).Living.FirstOrDefault(p => p.Listens(world.Timeline.Now)));
            var container = pod?.Container;
            await world.Timeline.For(pod is null ? 5 * Moment.Second : StreamLength + Moment.Milliseconds(chance.Between(0.5, 6)));
            if (pod is null || pod.Container != container) continue;
            world.Telemetry.Add(new SpanRecord
            {
                Start = at,
                Duration = world.Timeline.Now - at,
                TraceId = chance.Hex32(),
                SpanId = chance.Hex16(),
                ParentId = "",
                Name = "flags.v1.Evaluation/EventStream",
                Kind = SpanKind.Client,
                Pod = pod,
                Attributes = attributes,
                Failed = true,
                Message = "stream terminated:\n\tstatus = DEADLINE_EXCEEDED\n\tdetails = \"Deadline Exceeded\"",
            });
            await world.Timeline.For(Moment.Milliseconds(chance.Between(900, 6000)));
        }
    }

    /// <summary>Routine lines, harmless warnings among them.</summary>
    private async Task Chatter(SimulatedService service)
    {
        while (true)
        {
            foreach (var pod in world.Installation.Of(service).Living.Where(p => p.Listens(world.Timeline.Now)))
                world.Telemetry.Add(new LogRecord(world.Timeline.Now, pod,
                    service.Role == ServiceRole.Inner && chance.Happens(0.4) ? LogLevel.Warning : LogLevel.Information, Routine(service)));
            await world.Timeline.For(Moment.Milliseconds(chance.Exponential(45_000) + 2_000));
        }
    }

    /// <summary>The recorder and an observer arrive during the recording, at times that say nothing about the fault.</summary>
    private void Recorder()
    {
        var name = chance.Pick(["recorders", "snapshot-recorder", "capture"]);
        world.Timeline.At(world.Start + Moment.Milliseconds(chance.Between(150_000, 420_000)), () => world.Installation.Namespace(name, "OpenAPI-Generator"));
        var observer = chance.Pick(["observer", "bench-agent", "evaluator"]);
        world.Timeline.At(world.Start + (long)((world.Until - world.Start) * chance.Between(0.25, 0.85)), () =>
        {
            world.Installation.Namespace(observer, "OpenAPI-Generator");
            world.Cluster.Create(world.Timeline.Now, "OpenAPI-Generator", "rolebindings", "rbac.authorization.k8s.io/v1", "RoleBinding",
                Cluster.Metadata(observer + "-access", world.Application.Namespace),
                ("roleRef", new JsonObject { ["apiGroup"] = "rbac.authorization.k8s.io", ["kind"] = "ClusterRole", ["name"] = "view" }),
                ("subjects", new JsonArray(new JsonObject { ["kind"] = "ServiceAccount", ["name"] = "default", ["namespace"] = observer })));
        });
    }

    /// <summary>Events of another tenant.</summary>
    private async Task Provisioning()
    {
        var claim = EventLog.Regarding("PersistentVolumeClaim", "v1", world.Installation.Monitoring, "data-prometheus-0", chance.Uid(), "77123");
        await world.Timeline.Until(world.Start - Moment.Minute);
        for (ClusterEvent? last = null; ; await world.Timeline.For(Moment.Milliseconds(chance.Between(100_000, 200_000))))
            last = last is null
                ? world.Events.Record(world.Timeline.Now, claim, "ExternalProvisioning", "Waiting for a volume to be created by the external provisioner", "persistentvolume-controller")
                : world.Events.Repeat(last, world.Timeline.Now);
    }

    /// <summary>Experiments of an earlier run, against pods that are long gone: they are seen as the API server forgets them.</summary>
    private void Replays(SimulatedService target)
    {
        var kind = chance.Pick(["NetworkChaos", "PodChaos", "StressChaos"]);
        var series = new ChaosEvents.Series(ChaosFaults.ScheduleName(world, target, chance), chance.Uid(), kind);
        var round = world.Start - 60 * Moment.Minute + Moment.Milliseconds(chance.Between(60_000, 300_000));
        var hash = chance.Suffix(10);
        for (var i = chance.Between(3, 9); i > 0; i--)
        {
            var length = Moment.Milliseconds(chance.Between(45_000, 100_000));
            ChaosEvents.Round(world, series, round, length, [$"{target.Name}-{hash}-{chance.Suffix(5)}"], chance, replayed: true);
            round += length + Moment.Milliseconds(chance.Between(4_000, 40_000));
        }
    }

    /// <summary>A Schedule of today that selects no pod.</summary>
    private void IdleExperiment(SimulatedService target)
    {
        if (chance.Happens(0.5)) Replays(target);
        var series = new ChaosEvents.Series(ChaosFaults.ScheduleName(world, target, chance), chance.Uid(), "PodChaos");
        world.Timeline.StartAt(world.Start + Moment.Milliseconds(chance.Between(120_000, 900_000)), async () =>
        {
            while (true)
            {
                ChaosEvents.Round(world, series, world.Timeline.Now, 60 * Moment.Second, [], chance);
                await world.Timeline.For(2 * Moment.Minute);
            }
        });
    }

    /// <summary>A Schedule of today whose experiments nobody notices: a delay of a few milliseconds, at times that suggest nothing.</summary>
    private void MildExperiment(SimulatedService service)
    {
        if (chance.Happens(0.5)) Replays(service);
        var target = world.Installation.Of(service);
        var series = new ChaosEvents.Series(ChaosFaults.ScheduleName(world, target.Service, chance), chance.Uid(), "NetworkChaos");
        world.Timeline.StartAt(world.Start + (long)((world.Until - world.Start) * chance.Between(0.05, 0.8)), async () =>
        {
            while (true)
            {
                var length = Moment.Milliseconds(chance.Between(45_000, 100_000));
                var pods = target.Living.Where(p => p.Node is not null).ToList();
                ChaosEvents.Round(world, series, world.Timeline.Now, length, [.. pods.Select(p => p.Name)], chance);
                foreach (var pod in pods) pod.Link = pod.Link with { DelayMs = 6 };
                await world.Timeline.For(length);
                foreach (var pod in pods) pod.Link = pod.Link with { DelayMs = 0 };
                await world.Timeline.For(Moment.Milliseconds(chance.Between(6_000, 40_000)));
            }
        });
    }

    private SimulatedService Another(SimulatedService spared) => chance.Pick([.. world.Application.Services.Where(s => s != spared && s.Role == ServiceRole.Inner)]);

    private string Routine(SimulatedService service) => service.Role switch
    {
        ServiceRole.Datastore when service.Protocol == "mysql" => $"[Note] InnoDB: page_cleaner: 1000ms intended loop took {chance.Between(1000, 1400)}ms; flushed {chance.Between(3, 90)} pages",
        ServiceRole.Datastore => $"LOG:  checkpoint complete: wrote {chance.Between(3, 90)} buffers; sync=0.0{chance.Between(10, 99)} s",
        ServiceRole.Cache => $"1:M * {chance.Between(10, 300)} changes in 300 seconds. Saving...",
        ServiceRole.Broker => $"[info] flushed {chance.Between(10, 900)} messages of 1 topic",
        ServiceRole.Platform => "export of pending telemetry completed",
        ServiceRole.Gateway => "configuration watch: no change",
        ServiceRole.LoadGenerator => $"{chance.Between(3, 30)} users active",
        _ => chance.Pick(Vocabulary.HarmlessWarnings).Replace("{ms}", $"{chance.Between(3, 60)}", StringComparison.Ordinal)
            .Replace("{n}", $"{chance.Between(2, 80)}", StringComparison.Ordinal),
    };
}
