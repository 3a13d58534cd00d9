using Copilot.Core.Signals;

namespace Copilot.Core.Analysis;

/// <summary>Finds the step at which the services, taken together, changed for the worse.</summary>
public static class OnsetEstimator
{
    // Below this a change is no better than what chance does to some series among many.
    private const double Significant = 10;

    // One service must not outvote all others.
    private const double MostPerSeries = 60;

    // Steps whose log likelihood is within this of the best are about as good: a 95 % likelihood interval is 1.92.
    private const double AsGood = 1.92;

    /// <summary>The onset; null when nothing changed significantly.</summary>
    public static Onset? Estimate(SignalSet signals)
    {
        var grid = signals.Grid;
        if (grid.Count == 0) return null;
        var total = new double[grid.Count];
        var any = false;
        foreach (var profile in Profiles(signals))
        {
            any = true;
            var scale = Math.Min(1, MostPerSeries / profile.Max()); // scaled, not cut off: its peak stays a peak
            for (var i = 0; i < total.Length; i++)
                if (!double.IsNegativeInfinity(profile[i])) total[i] += scale * Math.Max(0, profile[i]);
        }
        if (!any) return null;
        var best = grid.Reference;
        if (best >= total.Length) return null;
        for (var i = best + 1; i < total.Length; i++)
            if (total[i] > total[best]) best = i;
        if (total[best] < Significant) return null;
        return Interval(total, best, grid);
    }

    /// <summary>When services began to act otherwise, where nothing failed or became slow; the beginning of the recording where they did so all along.</summary>
    internal static Onset? Of(IReadOnlyList<Deviation> deviations, TimeGrid grid)
    {
        if (deviations.Count == 0) return null;
        var start = grid.TimeOf(grid.Reference);
        return deviations[0].Began ?? new(start, start, start + grid.Step, deviations[0].LogLikelihoodRatio);
    }

    /// <summary>The best step with all steps around it that are about as good.</summary>
    internal static Onset Interval(double[] profile, int best, TimeGrid grid)
    {
        var (from, to) = (best, best);
        while (from > grid.Reference && profile[from - 1] >= profile[best] - AsGood) from--;
        while (to < profile.Length - 1 && profile[to + 1] >= profile[best] - AsGood) to++;
        return new(grid.TimeOf(best), grid.TimeOf(from), grid.TimeOf(to) + grid.Step, profile[best]);
    }

    private static IEnumerable<double[]> Profiles(SignalSet signals)
    {
        foreach (var service in SymptomDetector.BestSource(signals))
        {
            var errors = ChangePoint.Ratio(service.Errors, service.Calls);
            if (errors.LogLikelihoodRatio >= Significant / 2) yield return errors.Profile;
            var latency = ChangePoint.Level(service.LatencyMs);
            if (latency.LogLikelihoodRatio >= Significant / 2) yield return latency.Profile;
        }
        // A caller that can do without an answer hides the failure from its own requests.
        foreach (var call in signals.Calls)
        {
            var broken = ChangePoint.Ratio(call.Unanswered, call.Calls);
            if (broken.LogLikelihoodRatio >= Significant / 2) yield return broken.Profile;
            var slow = ChangePoint.Level(call.CalleeTraced ? call.GapMs : call.LatencyMs);
            if (slow.LogLikelihoodRatio >= Significant) yield return slow.Profile;
        }
    }
}
