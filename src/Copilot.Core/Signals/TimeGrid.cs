namespace Copilot.Core.Signals;

/// <summary>Equal steps of time that all series of a snapshot share. Step <c>i</c> covers [Start + i·Step, Start + (i+1)·Step).</summary>
public sealed record TimeGrid(DateTimeOffset Start, TimeSpan Step, int Count)
{
    public DateTimeOffset End => Start + (Step * Count);

    public DateTimeOffset TimeOf(int index) => Start + (Step * index);

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
