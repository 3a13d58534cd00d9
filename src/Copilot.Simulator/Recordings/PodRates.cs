using Copilot.Simulator.Clusters;

namespace Copilot.Simulator.Recordings;

/// <summary>What Prometheus makes of the samples of a pod.</summary>
internal static class PodRates
{
    /// <summary>The last sample after the first time and not after the second; null without one.</summary>
    public static PodSample? Last(SimulatedPod pod, long after, long until)
    {
        var count = Count(pod.Samples, until);
        return count > 0 && pod.Samples[count - 1].At > after ? pod.Samples[count - 1] : null;
    }

    /// <summary>
    /// Growth per second of a counter over the samples after the first time and not after the second, NaN with fewer than two.
    /// A container that began anew began at 0.
    /// </summary>
    public static double Rate(SimulatedPod pod, long after, long until, Func<PodSample, double> counter)
    {
        var samples = pod.Samples;
        var (first, last) = (Count(samples, after), Count(samples, until) - 1);
        if (last <= first) return double.NaN;
        var growth = 0.0;
        for (var i = first + 1; i <= last; i++)
            growth += counter(samples[i]) - (samples[i].StartedAt == samples[i - 1].StartedAt ? counter(samples[i - 1]) : 0);
        return growth * Moment.Second / (samples[last].At - samples[first].At);
    }

    /// <summary>How many samples were taken up to then.</summary>
    private static int Count(List<PodSample> samples, long until)
    {
        var (low, high) = (0, samples.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (samples[middle].At <= until) low = middle + 1;
            else high = middle;
        }

        return low;
    }
}
