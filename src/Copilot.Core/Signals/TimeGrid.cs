namespace Copilot.Core.Signals;

/// <summary>Equal steps of time that all series of a snapshot share. Step <c>i</c> covers [Start + i·Step, Start + (i+1)·Step).</summary>
public sealed record TimeGrid(DateTimeOffset Start, TimeSpan Step, int Count)
{
    // A change needs some steps on both of its sides, and some minutes of requests.
    private const int LeastSteps = 6;
    private static readonly TimeSpan LeastTime = TimeSpan.FromMinutes(5);

    /// <summary>
    /// How many steps at the beginning hold a recording of normal behaviour from another time, laid out directly before the incident's: their times are not
    /// those of their records, and nothing of the incident began in them.
    /// </summary>
    public int Reference { get; init; }

    public DateTimeOffset End => Start + (Step * Count);

    public DateTimeOffset TimeOf(int index) => Start + (Step * index);

    /// <summary>Whether so many steps are enough to see a change in what they hold.</summary>
    public bool IsLong(int steps) => steps >= LeastSteps && Step * steps >= LeastTime;

    /// <summary>The step that holds the time; -1 when it lies outside the grid.</summary>
    public int IndexOf(DateTimeOffset at) => IndexOf(at.UtcTicks);

    public int IndexOf(long utcTicks)
    {
        var offset = utcTicks - Start.UtcTicks;
        if (offset < 0) return -1;
        var index = offset / Step.Ticks;
        return index < Count ? (int)index : -1;
    }
}
