using Copilot.Core.Signals;

namespace Copilot.Engine.Signals;

/// <summary>Chooses the common grid: fine enough to date an onset, coarse enough that a step holds several samples.</summary>
internal static class GridPlan
{
    private static readonly TimeSpan Finest = TimeSpan.FromSeconds(30);
    private const int MostSteps = 480;

    // A few wild time stamps must not stretch the grid: beyond these quantiles a time counts only if it is near them.
    private const double Tail = 0.002;
    private static readonly long Near = TimeSpan.FromMinutes(30).Ticks;

    public static TimeGrid Make(params ReadOnlySpan<IEnumerable<long>> sources)
    {
        var (from, to) = (long.MaxValue, long.MinValue);
        foreach (var source in sources)
        {
            var times = source.ToArray();
            if (times.Length == 0) continue;
            Array.Sort(times);
            var (low, high) = (times[(int)(times.Length * Tail)], times[(int)((times.Length - 1) * (1 - Tail))]);
            from = Math.Min(from, times.First(t => t >= low - Near));
            to = Math.Max(to, times.Last(t => t <= high + Near));
        }
        if (from > to) return new(DateTimeOffset.UnixEpoch, Finest, 0);
        var step = Finest.Ticks;
        while ((to - from) / step >= MostSteps) step *= 2;
        from -= from % step; // aligned, so that two recordings of one incident share their steps
        return new(new(from, TimeSpan.Zero), TimeSpan.FromTicks(step), (int)((to - from) / step) + 1);
    }
}
