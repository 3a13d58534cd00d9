using System.Text.Json.Nodes;

namespace Copilot.Simulator;

/// <summary>Harmless changes by the same kind of people and tools as the fault's, at times that suggest nothing.</summary>
internal sealed class Decoys(World world, SimulatedService spared, SimulatedService? sparedToo, SimulatedFault fault, Chance chance)
{
    private readonly HashSet<SimulatedService> _touched = [spared, sparedToo ?? spared];
    private readonly HashSet<int> _kinds = [];

    public IEnumerable<(long At, Action<long> Act)> Draw(long around)
    {
        // After the first pull of the objects, so that every pod that is replaced was recorded once.
        var first = world.Start + 270 * Moment.Second;
        List<long> times = [around + Moment.Milliseconds(chance.Between(-150_000, -5_000))];
        for (var i = chance.Between(1, 2); i > 0; i--) times.Add(Within(first, around - 3 * Moment.Minute));
        if (chance.Happens(0.6)) times.Add(around + Moment.Milliseconds(chance.Between(5_000, 200_000)));
        if (chance.Happens(0.5)) times.Add(Within(around + 4 * Moment.Minute, world.Until - 2 * Moment.Minute));
        foreach (var at in times)
            if (at > first && at < world.Until - Moment.Minute && Draw(at, around) is { } act) yield return (at, act);
    }

    private long Within(long from, long until) => from + (long)(chance.Unit() * Math.Max(0, until - from));

    private Action<long>? Draw(long at, long around)
    {
        foreach (var kind in chance.Shuffled(Enumerable.Range(0, fault > SimulatedFault.FeatureFlag ? 6 : 5)).OrderBy(k => _kinds.Contains(k)))
        {
            // Under the quota a restarted pod would not come back: no longer harmless.
            if (kind == 0 && fault == SimulatedFault.ResourceQuota && at > around - Moment.Minute) continue;
            // A pod made after the last pull of the objects would be known by its events only.
            if (kind is 0 or 5 && fault > SimulatedFault.FeatureFlag && at > world.Until - 6 * Moment.Minute) continue;
            var candidates = world.Application.Services.Where(s => !_touched.Contains(s) && Suits(kind, s)).ToList();
            if (candidates.Count == 0) continue;
            var service = chance.Pick(candidates);
            _touched.Add(service);
            _kinds.Add(kind);
            var actor = chance.Pick(Vocabulary.Actors);
            var workload = world.Installation.Of(service);
            return kind switch
            {
                0 => when => world.Rollouts.Restart(workload, when),
                1 => when => Label(workload.Deployment, when),
                2 => when => Annotate(workload.ServiceObject, when),
                3 => when => AllowAll(service, when, actor),
                5 => when => Update(workload, when, actor),
                _ => when => Tune(service, when, actor),
            };
        }

        return null;
    }

    private static bool Suits(int kind, SimulatedService service) => kind switch
    {
        0 or 5 => service.HasSpans && !service.Recreate,
        4 => service.Config is not null,
        _ => true,
    };

    /// <summary>A new image that is as good as the old one.</summary>
    private void Update(Workload workload, long at, string actor)
    {
        var image = workload.Service.Image.Split(':')[0] + $":{world.Application.Version}-{chance.Between(2, 9)}";
        world.Rollouts.Roll(workload, at, actor, b => Workload.Container(b)["image"] = image, new PodOutcome.Ready());
    }

    private void Label(ClusterObject target, long at)
    {
        var (key, value) = chance.Pick([("team", "checkers"), ("cost-center", "4711"), ("tier", "silver"), ("owner", "platform")]);
        world.Cluster.Change(target, at, "kubectl-label", b => b["metadata"]!["labels"]![key] = value);
    }

    private void Annotate(ClusterObject target, long at)
    {
        var (key, value) = chance.Pick([("example.com/on-call", "blue-team"), ("example.com/reviewed", "2025-q1"), ("prometheus.io/scrape", "true")]);
        world.Cluster.Change(target, at, "kubectl-annotate", b => b["metadata"]!["annotations"]![key] = value);
    }

    private void AllowAll(SimulatedService service, long at, string actor) =>
        world.Cluster.Create(at, actor, "networkpolicies", "networking.k8s.io/v1", "NetworkPolicy",
        Cluster.Metadata(world.PolicyName(service, chance), world.Application.Namespace),
        ("spec", new JsonObject
        {
            ["podSelector"] = new JsonObject { ["matchLabels"] = world.Installation.SelectorOf(service) },
            ["policyTypes"] = new JsonArray("Ingress"),
            ["ingress"] = new JsonArray(new JsonObject()),
        }));

    private void Tune(SimulatedService service, long at, string actor)
    {
        var (path, value) = chance.Pick([("log.level", "debug"), ("cache.ttl-seconds", "240"), ("retry.max-attempts", "4")]);
        service.Config = service.Config!.With(path, value);
        var file = service.Config.FileName;
        world.Cluster.Change(world.Installation.Configs[service], at, actor, b => b["data"]![file] = ConfigText.Render(service.Config));
        world.Reloads.Add((at + Moment.Milliseconds(chance.Between(15_000, 75_000)), service));
    }
}
