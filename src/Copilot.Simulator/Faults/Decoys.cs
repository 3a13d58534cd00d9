using System.Text.Json.Nodes;
using Copilot.Simulator.Applications;
using Copilot.Simulator.Clusters;

namespace Copilot.Simulator.Faults;

/// <summary>Harmless changes by the same kind of people and tools as the fault's, at times that suggest nothing, and failures that were there before.</summary>
internal sealed class Decoys(World world, IReadOnlyCollection<SimulatedService> spared, string? culprit, Chance chance)
{
    private readonly HashSet<SimulatedService> _touched = [.. spared];
    private readonly HashSet<int> _kinds = [];

    private enum Kind
    {
        Restart,
        Label,
        Annotate,
        AllowAll,
        Tune,
        Update,
        ScaleUp,
        RaiseLimit,
        IdleFlag,
        HarmlessVariable,
        CloseNode,
        GenerousQuota,
        RaiseAutoscaler,
    }

    /// <param name="around">When the fault comes, or would come.</param>
    /// <param name="pods">Whether pods may be replaced: some faults keep new pods from running, which would make any restart a cause of harm.</param>
    public void Schedule(long around, bool pods)
    {
        // After the first pull of the objects, so that every pod that is replaced was recorded once.
        var first = world.Start + 270 * Moment.Second;
        List<long> times = [around + Moment.Milliseconds(chance.Between(-150_000, -5_000))];
        for (var i = chance.Between(1, 3); i > 0; i--) times.Add(Within(first, around - 3 * Moment.Minute));
        if (chance.Happens(0.6)) times.Add(around + Moment.Milliseconds(chance.Between(5_000, 200_000)));
        if (chance.Happens(0.5)) times.Add(Within(around + 4 * Moment.Minute, world.Until - 2 * Moment.Minute));
        foreach (var at in times)
            if (at > first && at < world.Until - Moment.Minute && Draw(at, around, pods) is { } act) world.Timeline.At(at, act);
        if (chance.Happens(0.3)) KillOnce(first, around);
    }

    /// <summary>Something beside the application that never got ready, since long before, and that nobody calls.</summary>
    public void FailBefore()
    {
        if (!chance.Happens(0.35)) return;
        var name = chance.Pick(["debug-shell", "legacy-exporter", $"{chance.Pick(world.Application.Services).Name}-canary", "db-console"]);
        var service = Installation.SystemService(name, 8080, "http", $"quay.io/acme/{name}:0.{chance.Between(1, 9)}", 64);
        var pulls = chance.Happens(0.5);
        if (!pulls) world.Images.Missing.Add(service.Image);
        world.Installation.Add(service, world.Application.Namespace, world.Installation.Manager, b =>
        {
            if (pulls) ((JsonObject)b["spec"]!["template"]!["spec"]!["containers"]![0]!)["command"] = new JsonArray("run-console");
        });
    }

    private long Within(long from, long until) => from + (long)(chance.Unit() * Math.Max(0, until - from));

    private Action? Draw(long at, long around, bool pods)
    {
        // A pod made after the last pull of the objects would be known by its events only.
        var replaces = (pods || at < around - 2 * Moment.Minute) && at < world.Until - 6 * Moment.Minute;
        // Where the old pod goes before the new one comes, a restart is a short outage: it must be over long before.
        var outage = at < around - 5 * Moment.Minute;
        foreach (var kind in chance.Shuffled(Enum.GetValues<Kind>()).OrderBy(k => _kinds.Contains((int)k)))
        {
            if (kind is Kind.Restart or Kind.Update or Kind.ScaleUp or Kind.RaiseLimit or Kind.HarmlessVariable && !replaces) continue;
            if (kind is Kind.CloseNode or Kind.GenerousQuota && !pods) continue;
            var candidates = world.Application.Services.Where(s => !_touched.Contains(s) && Suits(kind, s) && (outage || !s.Recreate || !Rolls(kind))).ToList();
            if (candidates.Count == 0) continue;
            var service = chance.Pick(candidates);
            _touched.Add(service);
            _kinds.Add((int)kind);
            // Who makes the fault does something harmless too.
            var actor = _kinds.Count == 1 && culprit is not null ? culprit : Vocabulary.Actor(world.Application, chance);
            var workload = world.Installation.Of(service);
            return kind switch
            {
                Kind.Restart => () => world.Controllers.Restart(workload),
                Kind.Label => () => Label(workload.Controller),
                Kind.Annotate => () => Annotate(workload.ServiceObject!),
                Kind.AllowAll => () => AllowAll(service, actor),
                Kind.Tune => () => Tune(service, actor),
                Kind.Update => () => Update(workload, actor),
                Kind.ScaleUp => () => world.Controllers.Scale(workload, workload.Replicas + 1, actor),
                Kind.RaiseLimit => () => RaiseLimit(workload, actor),
                Kind.IdleFlag => () => SwitchIdleFlag(actor),
                Kind.CloseNode => CloseNode,
                Kind.GenerousQuota => () => GenerousQuota(actor),
                Kind.RaiseAutoscaler => () => RaiseAutoscaler(service, actor),
                _ => () => AddVariable(workload, actor),
            };
        }

        return null;
    }

    private static bool Suits(Kind kind, SimulatedService service) => service.Role != ServiceRole.External && kind switch
    {
        Kind.Restart or Kind.Update or Kind.RaiseLimit or Kind.HarmlessVariable => service.Role == ServiceRole.Inner,
        Kind.RaiseAutoscaler => service.Autoscaling is not null,
        Kind.ScaleUp => service is { Role: ServiceRole.Inner, Recreate: false, Pinned: false, Autoscaling: null },
        Kind.Tune => service.Config is not null,
        _ => true,
    };

    private static bool Rolls(Kind kind) => kind is Kind.Restart or Kind.Update or Kind.RaiseLimit or Kind.HarmlessVariable;

    /// <summary>No new pods on a node that nothing depends on; those there stay.</summary>
    private void CloseNode()
    {
        var node = chance.Pick(world.Installation.Workers.Skip(1).ToList());
        PlacementFaults.Cordon(world, node);
        world.Events.Record(world.Timeline.Now, node.Object, "NodeNotSchedulable", $"Node {node.Name} status is now: NodeNotSchedulable", "kubelet", host: node.Name);
    }

    private void GenerousQuota(string actor)
    {
        var ns = world.Application.Namespace;
        world.Admission.Add(world.Cluster.Create(world.Timeline.Now, actor, "resourcequotas", "v1", "ResourceQuota", Cluster.Metadata(chance.Pick(["space-limit", $"{ns}-limits", "tenant-quota"]), ns),
            ("spec", new JsonObject { ["hard"] = new JsonObject { ["limits.memory"] = $"{world.Admission.Used() * chance.Between(17, 50) / 10 / 256 * 256}Mi" } })));
    }

    private void RaiseAutoscaler(SimulatedService service, string actor) => world.Cluster.Change(world.Autoscaler.Of(service)!, world.Timeline.Now, actor,
        b => b["spec"]!["maxReplicas"] = (int)b["spec"]!["maxReplicas"]! + 2);

    /// <summary>A new image that is as good as the old one.</summary>
    private void Update(Workload workload, string actor)
    {
        var image = workload.Service.Image.Split(':')[0] + (chance.Happens(0.5)
            ? $":{world.Application.Version}-{chance.Between(2, 9)}" : $":{world.Application.Version.Split('.')[0]}.{chance.Between(25, 40)}.{chance.Between(0, 9)}");
        world.Controllers.Apply(workload, actor, b => Workload.Container(b)["image"] = image);
    }

    private void Label(ClusterObject target)
    {
        var (key, value) = chance.Pick([("team", "checkers"), ("cost-center", "4711"), ("tier", "silver"), ("owner", "platform")]);
        world.Cluster.Change(target, world.Timeline.Now, "kubectl-label", b => b["metadata"]!["labels"]![key] = value);
    }

    private void Annotate(ClusterObject target)
    {
        var (key, value) = chance.Pick([("example.com/on-call", "blue-team"), ("example.com/reviewed", "2025-q1"), ("prometheus.io/scrape", "true")]);
        world.Cluster.Change(target, world.Timeline.Now, "kubectl-annotate", b =>
        {
            if (b["metadata"]!["annotations"] is not JsonObject annotations) b["metadata"]!["annotations"] = annotations = [];
            annotations[key] = value;
        });
    }

    private void AllowAll(SimulatedService service, string actor) => world.Network.Add(world.Cluster.Create(world.Timeline.Now, actor, "networkpolicies", "networking.k8s.io/v1", "NetworkPolicy",
        Cluster.Metadata(world.Installation.PolicyName(service, chance), world.Application.Namespace),
        ("spec", new JsonObject
        {
            ["podSelector"] = new JsonObject { ["matchLabels"] = world.Installation.SelectorOf(service.Name) },
            ["policyTypes"] = new JsonArray("Ingress"),
            ["ingress"] = new JsonArray(chance.Below(service.Role == ServiceRole.Gateway ? 2 : 3) switch
            {
                0 => new JsonObject(),
                1 => new JsonObject { ["from"] = new JsonArray(new JsonObject { ["podSelector"] = new JsonObject() }) },
                _ => FromCallers(service),
            }),
        })));

    /// <summary>Names exactly those who call.</summary>
    private JsonObject FromCallers(SimulatedService service) => new()
    {
        ["from"] = new JsonArray([.. world.Application.DependenciesOn(service).Select(d => d.Caller.Name).Distinct()
            .Select(n => (JsonNode)new JsonObject { ["podSelector"] = new JsonObject { ["matchLabels"] = world.Installation.SelectorOf(n) } })]),
    };

    private void Tune(SimulatedService service, string actor)
    {
        var (path, value) = chance.Pick([("log.level", "debug"), ("cache.ttl-seconds", "240"), ("retry.max-attempts", "4"), ("limits.max-payload-bytes", "8388608")]);
        service.Config = service.Config!.With(path, value);
        var file = service.Config.FileName;
        world.Cluster.Change(world.Installation.Configs[service], world.Timeline.Now, actor, b => b["data"]![file] = ConfigText.Render(service.Config));
        ConfigurationFaults.Reload(world, service, chance);
    }

    private void RaiseLimit(Workload workload, string actor) => world.Controllers.Apply(workload, actor, b =>
    {
        var limits = Workload.Container(b)["resources"]!["limits"]!;
        limits["memory"] = $"{workload.Service.MemoryMi * 3 / 2}Mi";
    });

    private void SwitchIdleFlag(string actor) => world.Cluster.Change(world.Installation.Flags, world.Timeline.Now, actor, b =>
    {
        var text = JsonNode.Parse((string)b["data"]![world.Application.FlagsFile]!)!;
        text["flags"]![world.Application.IdleFlags[0]]!["defaultVariant"] = "on";
        b["data"]![world.Application.FlagsFile] = ConfigText.Indent(text);
    });

    private void AddVariable(Workload workload, string actor) => world.Controllers.Apply(workload, actor, b =>
        Workload.Container(b)["env"]!.AsArray().Add((JsonNode)new JsonObject { ["name"] = "FEATURE_HINTS", ["value"] = chance.Pick(["enabled", "compact", "v2"]) }));

    /// <summary>A container that was killed once, long before, and has run well since.</summary>
    private void KillOnce(long from, long around)
    {
        var candidates = world.Application.Services.Where(s => s.Role == ServiceRole.Inner && !_touched.Contains(s)).ToList();
        if (candidates.Count == 0 || around - 4 * Moment.Minute < from) return;
        var workload = world.Installation.Of(chance.Pick(candidates));
        _touched.Add(workload.Service);
        world.Timeline.At(Within(from, around - 4 * Moment.Minute), () =>
        {
            if (workload.Living.FirstOrDefault(p => p.Container is not null) is not { Container: { } container } pod) return;
            // Something large is read into memory, within two minutes.
            var step = (workload.Service.MemoryMi * 1_048_576.0 - container.RestBytes) / 8;
            world.Timeline.Start(async () =>
            {
                for (var i = 0; i < 12 && !container.End.IsCompleted; i++)
                {
                    container.LeakedBytes += step;
                    Kubelet.CheckMemory(pod, container);
                    await world.Timeline.For(12 * Moment.Second);
                }
            });
        });
    }
}
