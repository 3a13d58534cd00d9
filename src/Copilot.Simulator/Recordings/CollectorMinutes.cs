namespace Copilot.Simulator.Recordings;

/// <summary>
/// The minutes of a collector that runs at the same second of each: the file of HH:MM covers the minute up to, and without, that second of HH:MM.
/// A minute is known by its end, nanoseconds since 1970.
/// </summary>
/// <param name="From">Begin of the recording.</param>
/// <param name="Until">End of the recording.</param>
/// <param name="Second">0 to 59.</param>
internal sealed record CollectorMinutes(long From, long Until, int Second)
{
    /// <summary>All minutes, the first and the last of which the recording may hold a part of only.</summary>
    public IEnumerable<long> All
    {
        get
        {
            for (var end = EndOf(From); end - Moment.Minute < Until; end += Moment.Minute) yield return end;
        }
    }

    /// <summary>Those that the recording covers from begin to end.</summary>
    public IEnumerable<long> Whole => All.Where(end => end - Moment.Minute >= From && end <= Until);

    /// <summary>End of the minute that a time lies in; of the first one for what began before the recording.</summary>
    public long EndOf(long at)
    {
        var seconds = Math.Max(at, From) / Moment.Second;
        return (seconds - (seconds - Second) % 60 + 60) * Moment.Second;
    }

    /// <summary>The folder of a minute.</summary>
    public static string Day(long end) => Moment.ToTime(end).ToString("yyyy-MM-dd");

    /// <summary>What the names of a minute's files begin with.</summary>
    public static string Name(long end) => Moment.ToTime(end).ToString("HH'_'mm");
}
