namespace Copilot.Core.Incidents;

/// <summary>A closed interval of time in UTC.</summary>
public readonly record struct TimeWindow(DateTimeOffset From, DateTimeOffset To)
{
    public TimeSpan Length => To - From;

    public bool Contains(DateTimeOffset at) => at >= From && at <= To;

    /// <summary>The smallest window that holds both.</summary>
    public TimeWindow Cover(TimeWindow other) => new(From < other.From ? From : other.From, To > other.To ? To : other.To);
}
