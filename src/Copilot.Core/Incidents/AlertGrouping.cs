namespace Copilot.Core.Incidents;

/// <summary>An open incident that an alert may belong to.</summary>
/// <param name="From">When the earliest of its alerts began.</param>
/// <param name="To">When the latest of its alerts began.</param>
/// <param name="Alerts">Where its alerts are, and by which name.</param>
public sealed record AlertGroup(string Incident, DateTimeOffset From, DateTimeOffset To, IReadOnlyList<GroupedAlert> Alerts);

public sealed record GroupedAlert(string Name, AlertPlace Place);

/// <summary>
/// Decides which open incident an alert belongs to. Alerts belong together that began at about the same time and are about the same component, the same node,
/// or components that call each other; where nobody is known to call anybody, about the same namespace. What is known to be unconnected stays apart: one cause
/// too many in an incident hides the other.
/// </summary>
/// <param name="window">How far the beginnings may be apart.</param>
/// <param name="calls">Who is known to call whom.</param>
public sealed class AlertGrouping(TimeSpan window, IEnumerable<(string Caller, string Callee)> calls)
{
    /// <summary>A failure shows at its callers and at theirs; farther away nearly everything is connected with everything.</summary>
    private const int MostCalls = 2;

    private const int SameNamespace = MostCalls + 1;

    private readonly ILookup<string, string> _neighbours =
        calls.SelectMany(c => new[] { c, (Caller: c.Callee, Callee: c.Caller) }).Distinct().ToLookup(c => c.Item1, c => c.Item2, StringComparer.Ordinal);

    /// <summary>The incident of the nearest alert, of several the one that began first; null when the alert belongs to none.</summary>
    public string? Choose(string name, AlertPlace place, DateTimeOffset startsAt, IEnumerable<AlertGroup> groups)
    {
        var reach = Reach(place.Component);
        return (from g in groups
                where startsAt >= g.From - window && startsAt <= g.To + window
                let distance = g.Alerts.Select(a => Distance(name, place, a, reach)).Min()
                where distance is not null
                orderby distance, g.From, g.Incident
                select g.Incident).FirstOrDefault();
    }

    private int? Distance(string name, AlertPlace place, GroupedAlert other, Dictionary<string, int> reach)
    {
        var there = other.Place;
        if (place.Cluster.Length > 0 && there.Cluster.Length > 0 && place.Cluster != there.Cluster) return null;
        if (place.IsNowhere || there.IsNowhere) return place.IsNowhere && there.IsNowhere && name == other.Name ? 0 : null;
        if (place.Node.Length > 0 && place.Node == there.Node) return 0;
        var oneNamespace = place.Namespace == there.Namespace;
        if (place.Component.Length > 0 && there.Component.Length > 0)
        {
            // The same name in two namespaces is two things: production and staging hold the same names.
            if (!oneNamespace && place.Namespace.Length > 0 && there.Namespace.Length > 0 && place.Component == there.Component) return null;
            if (reach.TryGetValue(there.Component, out var far)) return far;
            if (_neighbours.Contains(place.Component) && _neighbours.Contains(there.Component)) return null;
        }
        return oneNamespace && place.Namespace.Length > 0 ? SameNamespace : null;
    }

    /// <summary>Components up to <see cref="MostCalls"/> calls away, in either direction, with the number of calls.</summary>
    private Dictionary<string, int> Reach(string component)
    {
        var reach = new Dictionary<string, int>(StringComparer.Ordinal);
        if (component.Length == 0) return reach;
        reach[component] = 0;
        string[] edge = [component];
        for (var far = 1; far <= MostCalls; far++) edge = [.. edge.SelectMany(c => _neighbours[c]).Where(c => reach.TryAdd(c, far))];
        return reach;
    }
}
