using Copilot.Core.Evidence;
using Copilot.Core.Signals;

namespace Copilot.Core.Analysis;

/// <summary>A pod that came to use several times the CPU or memory that it used before.</summary>
/// <param name="Component">The service that it runs, by its name in telemetry where that is known.</param>
/// <param name="Workload">What it belongs to; the pod itself where nothing tells.</param>
/// <param name="Growth">The logarithm of how many times it is.</param>
/// <param name="OfLimit">The share of what it may use, 0 to 1; 1 where that is not known.</param>
public sealed record Saturation(string Component, EntityRef Workload, Mechanism Mechanism, double Growth, double OfLimit, Onset Began, string Says, Citation Evidence);

/// <summary>Finds pods whose use of CPU or memory rose for good: to several times what it was, and far beyond how much it varied.</summary>
public static class Saturations
{
    private const double Significant = 10; // nats
    private const double LeastSpread = 6; // standard deviations
    private const double LeastTimesCpu = 3;
    private const double LeastTimesMemory = 1.6;
    private const double LeastTimesToLimit = 1.5;
    private const double NearLimit = 0.75; // of what it may use
    private const double LeastCores = 0.1;
    private const double LeastGibibytes = 0.06;

    /// <summary>The largest growth first.</summary>
    public static IReadOnlyList<Saturation> Find(SignalSet signals, ServiceMap map)
    {
        var found = new List<Saturation>();
        foreach (var pod in signals.Resources)
        {
            if (Rise(pod, pod.CpuCores, LeastTimesCpu, LeastCores, pod.CpuLimit, Mechanism.Cpu, "cores", signals.Grid, map) is { } cpu) found.Add(cpu);
            else if (Rise(pod, [.. pod.MemoryBytes.Select(b => b / (1 << 30))], LeastTimesMemory, LeastGibibytes, pod.MemoryLimit / (1 << 30), Mechanism.Memory, "GiB", signals.Grid, map) is { } memory) found.Add(memory);
        }
        return [.. found.OrderByDescending(s => s.Growth).ThenBy(s => s.Component, StringComparer.Ordinal)];
    }

    private static Saturation? Rise(PodResources pod, double[] used, double leastTimes, double least, double limit, Mechanism mechanism, string unit, TimeGrid grid, ServiceMap map)
    {
        var own = used[grid.Reference..];
        var fit = ChangePoint.Level(own);
        if (fit.Step < 0 || fit.LogLikelihoodRatio < Significant) return null;
        var before = own[..fit.Step].Where(v => !double.IsNaN(v)).Order().ToList();
        var after = own[fit.Step..].Where(v => !double.IsNaN(v)).Order().ToList();
        double usual = before[before.Count / 2], now = after[after.Count * 3 / 4], spread = Math.Sqrt(before.Sum(v => (v - usual) * (v - usual)) / before.Count);
        // What is all that it may have is much, however little it is.
        if (now >= NearLimit * limit) (leastTimes, least) = (LeastTimesToLimit, limit / 4);
        if (now < leastTimes * usual || now - usual < Math.Max(least, LeastSpread * spread)) return null;
        var step = Enumerable.Range(grid.Reference + fit.Step, own.Length - fit.Step).Where(i => pod.Examples[i].Exists && !double.IsNaN(used[i])).OrderByDescending(i => used[i]).DefaultIfEmpty(-1).First();
        if (step < 0) return null;
        var (component, workload) = map.OwnerOf(new(pod.Namespace, "Pod", pod.Pod));
        var says = $"pod {pod.Pod} uses {now:0.###} {unit}, {usual:0.###} before{(now >= NearLimit * limit ? $", of {limit:0.##} that it may use" : "")}";
        var profile = Enumerable.Repeat(double.NegativeInfinity, grid.Reference).Concat(fit.Profile).ToArray();
        return new(component, workload, mechanism, Math.Log(now / Math.Max(usual, least / leastTimes)), limit > 0 ? Math.Min(1, now / limit) : 1, OnsetEstimator.Interval(profile, grid.Reference + fit.Step, grid), says,
            new(pod.Examples[step].Address, pod.Examples[step].At, says, [new(pod.Namespace, "Pod", pod.Pod), workload]));
    }
}
