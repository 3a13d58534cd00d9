using Copilot.Core.Evidence;

namespace Copilot.Core.Signals;

/// <summary>One alert (name and labels) over all observations of the firing alerts.</summary>
/// <param name="Labels">All labels but the name.</param>
/// <param name="FirstActive">The earliest time that it was active.</param>
/// <param name="FirstSeen">The first observation that held it.</param>
/// <param name="LastSeen">The last observation that held it.</param>
/// <param name="Observations">How many observations held it.</param>
/// <param name="First">Its record in the first observation that held it.</param>
public sealed record AlertSignal(
    string Name,
    IReadOnlyDictionary<string, string> Labels,
    string Description,
    DateTimeOffset? FirstActive,
    DateTimeOffset? LastActive,
    DateTimeOffset FirstSeen,
    DateTimeOffset LastSeen,
    int Observations,
    RecordAddress First,
    RecordAddress Last)
{
    public string Label(string name) => Labels.TryGetValue(name, out var value) ? value : "";
}

/// <summary>All alerts, and when the firing alerts were observed.</summary>
public sealed record AlertHistory(IReadOnlyList<AlertSignal> Alerts, IReadOnlyList<DateTimeOffset> Observations)
{
    public static readonly AlertHistory Empty = new([], []);
}
