using Copilot.Core.Evidence;
using Copilot.Core.Signals;

namespace Copilot.Engine.Signals.Events;

/// <summary>
/// Rebuilds fault-injection experiments from their events. The events are those of Chaos Mesh's recorder (chaos-mesh/controllers/utils/recorder):
/// Spawned, Started, Applied, Recovered, TimeUp. Objects are known by their kinds ending in "Chaos", never by name.
/// </summary>
internal static class ChaosIntervals
{
    private const string SpawnedPrefix = "Create new object: ";
    private const string AppliedPrefix = "Successfully apply chaos for ";
    private const string RecoveredPrefix = "Successfully recover chaos for ";

    public static IReadOnlyList<ChaosInterval> Build(IReadOnlyList<KubeEvent> events)
    {
        var parents = new Dictionary<(string Namespace, string Child), EntityRef>();
        foreach (var e in events.Where(e => e.Reason == "Spawned" && e.Message.StartsWith(SpawnedPrefix, StringComparison.Ordinal)))
            parents[(e.Regarding.Namespace, e.Message[SpawnedPrefix.Length..].Trim())] = e.Regarding;

        var intervals = new List<ChaosInterval>();
        foreach (var experiment in events.Where(e => e.Regarding.Kind.EndsWith("Chaos", StringComparison.Ordinal)).GroupBy(e => e.Regarding))
        {
            var applied = experiment.Where(e => e.Reason == "Applied").ToList();
            if (applied.Count == 0) continue; // it selected nothing, so it did nothing
            var ended = experiment.Where(e => e.Reason is "Recovered" or "TimeUp" && e.Last > applied[0].First).ToList();
            var targets = applied.Select(e => Target(e.Message, AppliedPrefix)).OfType<EntityRef>().Distinct().Order().ToList();
            intervals.Add(new(
                experiment.Key,
                parents.GetValueOrDefault((experiment.Key.Namespace, experiment.Key.Name)),
                targets,
                applied.Min(e => e.First),
                ended.Count > 0 ? ended.Max(e => e.Last) : null,
                [.. applied.Take(4).Select(e => new Citation(e.Address, e.Last, $"{e.Regarding.Kind} {e.Regarding.Name}: {e.Message}", [e.Regarding, .. Target(e.Message, AppliedPrefix) is { } t ? [t] : Array.Empty<EntityRef>()])),
                 .. ended.Take(1).Select(e => new Citation(e.Address, e.Last, $"{e.Regarding.Kind} {e.Regarding.Name}: {e.Message}", [e.Regarding, .. Target(e.Message, RecoveredPrefix) is { } t ? [t] : Array.Empty<EntityRef>()]))]));
        }
        return [.. intervals.OrderBy(i => i.From).ThenBy(i => i.Experiment)];
    }

    /// <summary>The pod of "… for namespace/pod[/container]".</summary>
    private static EntityRef? Target(string message, string prefix)
    {
        if (!message.StartsWith(prefix, StringComparison.Ordinal)) return null;
        var parts = message[prefix.Length..].Trim().Split('/');
        return parts.Length >= 2 ? new(parts[0], "Pod", parts[1]) : null;
    }
}
