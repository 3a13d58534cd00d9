namespace Copilot.Simulator.Validation;

/// <summary>When something happened to an object, by its own fields and by events about it; rules about states allow for a change at that moment.</summary>
internal sealed class ChangeTimes
{
    private static readonly long Before = 30 * TextTime.Second;
    private static readonly long After = 10 * TextTime.Second;

    private readonly Dictionary<string, List<long>> _byUid = new(StringComparer.Ordinal);

    public ChangeTimes(ObjectHistory objects, EventHistory events)
    {
        foreach (var (state, _, _, _) in objects.States)
            foreach (var text in (state.ManagedAt ?? []).Concat(state.ConditionsAt).Append(state.Created))
                if (TextTime.TryParse(text, out var at)) Add(state.Uid, at);
        foreach (var (state, _, _, _) in objects.States.Where(s => s.State.Pod is not null))
            foreach (var container in state.Pod!.Containers)
                if (container.StartedAt is { } at) Add(state.Uid, at);
        foreach (var e in events.Occurrences)
        {
            Add(e.About.Uid, e.First);
            Add(e.About.Uid, e.Last);
        }
    }

    /// <summary>Whether the object changed so shortly before that its controllers may not have followed yet.</summary>
    public bool Near(string uid, long at) =>
        _byUid.TryGetValue(uid, out var times) && times.Exists(t => t >= at - Before && t <= at + After);

    private void Add(string uid, long at)
    {
        if (!_byUid.TryGetValue(uid, out var times)) _byUid[uid] = times = [];
        times.Add(at);
    }
}
