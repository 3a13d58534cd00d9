using Copilot.Core.Signals;

namespace Copilot.Engine.Signals;

/// <summary>
/// Chooses the common grid: fine enough to date an onset and to have some steps on both of its sides, coarse enough that a step holds several samples, or one
/// where nothing but coarse samples was recorded. A recording of normal behaviour from another time is laid out directly before the incident's, however far it lies away and on whichever side:
/// what was not recorded between them takes no steps.
/// </summary>
/// <param name="ReferenceShift">Ticks to add to a time of that recording to find its step.</param>
internal sealed record GridPlan(TimeGrid Grid, long ReferenceShift)
{
    private static readonly TimeSpan Usual = TimeSpan.FromSeconds(30);
    private const int MostSteps = 480;

    // For recordings of few minutes. Samples a minute apart still reach over no more steps than their growth is spread over.
    private static readonly TimeSpan[] Finer = [TimeSpan.FromSeconds(15), TimeSpan.FromSeconds(10)];
    private const int FewSteps = 18;

    // A few wild time stamps must not stretch the grid: beyond these quantiles a time counts only if it is near them.
    private const double Tail = 0.002;
    private static readonly long Near = TimeSpan.FromMinutes(30).Ticks;

    /// <param name="moments">Times of what happened, such as spans and log lines, one sequence for each source.</param>
    /// <param name="samples">Times of samples, one sequence for each series, in order.</param>
    /// <param name="normalMoments">The same of the recording of normal behaviour.</param>
    /// <param name="normalSamples">The same of the recording of normal behaviour.</param>
    public static GridPlan Make(
        IReadOnlyList<IEnumerable<long>> moments, IReadOnlyList<IEnumerable<long>> samples, IReadOnlyList<IEnumerable<long>> normalMoments, IReadOnlyList<IEnumerable<long>> normalSamples)
    {
        var happened = RangeOf(moments, null);
        var step = happened is var (begin, done) ? StepOf(done - begin) : StepOf(samples);
        if (RangeOf([samples.SelectMany(s => s)], happened) is not var (from, to)) return new(new(DateTimeOffset.UnixEpoch, TimeSpan.FromTicks(step), 0), 0);
        while ((to - from) / step >= MostSteps) step *= 2;
        from -= from % step; // aligned, so that two recordings of one incident share their steps
        var count = (int)((to - from) / step) + 1;
        if (RangeOf([.. normalMoments, normalSamples.SelectMany(s => s)], null) is not var (first, last)) return new(new(new(from, TimeSpan.Zero), TimeSpan.FromTicks(step), count), 0);

        var end = last - (last % step) + step;
        var reference = (int)Math.Min(MostSteps, (end - first + step - 1) / step);
        return new(new(new(from - (reference * step), TimeSpan.Zero), TimeSpan.FromTicks(step), reference + count) { Reference = reference }, from - end);
    }

    private static (long From, long To)? RangeOf(IEnumerable<IEnumerable<long>> sources, (long From, long To)? known)
    {
        var (from, to) = known ?? (long.MaxValue, long.MinValue);
        foreach (var source in sources)
        {
            var times = source.ToArray();
            if (times.Length == 0) continue;
            Array.Sort(times);
            var (low, high) = (times[(int)(times.Length * Tail)], times[(int)((times.Length - 1) * (1 - Tail))]);
            from = Math.Min(from, times.First(t => t >= low - Near));
            to = Math.Max(to, times.Last(t => t <= high + Near));
        }
        return from > to ? null : (from, to);
    }

    private static long StepOf(long recorded)
    {
        var step = Usual.Ticks;
        foreach (var finer in Finer)
            if (recorded / step < FewSteps) step = finer.Ticks;
        return step;
    }

    /// <summary>The usual time between two samples, in whole halves of a minute: in finer steps most would hold none.</summary>
    private static long StepOf(IReadOnlyList<IEnumerable<long>> samples)
    {
        var gaps = samples.SelectMany(s => s.Zip(s.Skip(1), (a, b) => b - a)).Where(g => g > 0).Order().ToList();
        return gaps.Count == 0 ? Usual.Ticks : Math.Max(1, (long)Math.Round((double)gaps[gaps.Count / 2] / Usual.Ticks)) * Usual.Ticks;
    }
}
