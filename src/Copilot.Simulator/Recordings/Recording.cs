using Copilot.Simulator.Clusters;
using Copilot.Simulator.Faults;
using Copilot.Simulator.Traffic;

namespace Copilot.Simulator.Recordings;

/// <summary>What is known when the simulated time is over.</summary>
/// <param name="World">The system with the history of every object, event and pod.</param>
/// <param name="Metrics">Counters and histograms of the spans.</param>
/// <param name="Alerts">What fired at each evaluation.</param>
/// <param name="Plans">The right answer.</param>
/// <param name="FaultAt">When the fault came, or would have come.</param>
/// <param name="Chance">Draws of the recorder alone.</param>
internal sealed record Recorded(World World, SpanMetrics Metrics, IReadOnlyList<AlertEvaluation> Alerts, IReadOnlyList<FaultPlan> Plans, long FaultAt, Chance Chance);

/// <summary>Writes one layout: spans and log lines as they come, the rest at the end.</summary>
internal abstract class Recording : IDisposable
{
    public static Recording Of(SimulationOptions options, string directory, long from, long until) => options.Shape switch
    {
        RecordingShape.Nezha => new NezhaRecording(options.Seed, directory, from, until),
        RecordingShape.PetShop => new PetShopRecording(directory, from, until),
        RecordingShape.RcaEval => new RcaEvalRecording(directory),
        _ => new ItBenchRecording(options, directory, from, until),
    };

    /// <summary>Refuses what a layout has no place for.</summary>
    /// <exception cref="ArgumentException">The message says how to mend it.</exception>
    public static void Check(SimulationOptions options)
    {
        if (options.Gaps != EvidenceGaps.None && options.Shape != RecordingShape.ItBench)
            throw new ArgumentException("Only recordings in the ITBench layout have gaps.", nameof(options));
        if (options.Faults.Count > 1 && options.Shape is (RecordingShape.PetShop or RecordingShape.RcaEval))
            throw new ArgumentException($"A recording in the {options.Shape} layout has one root cause; give one fault.", nameof(options));
        if (options.Shape is (RecordingShape.Nezha or RecordingShape.RcaEval) && options.Faults.Contains(SimulatedFault.ExternalOutage))
            throw new ArgumentException($"The {options.Shape} layout knows pods only, and a third party has none; choose another fault or another layout.", nameof(options));
        var (before, after) = PetShopRecording.Least;
        if (options.Shape == RecordingShape.PetShop && (options.FaultAfter < before || options.Duration < options.FaultAfter + after))
            throw new ArgumentException(
                $"The PetShop layout has rows of five minutes: the fault needs {before.TotalMinutes} minutes before and {after.TotalMinutes} after it.", nameof(options));
    }

    public abstract void Write(SpanRecord span);

    public abstract void Write(LogRecord log);

    public abstract void Complete(Recorded recorded, CancellationToken ct);

    public abstract void Dispose();
}

/// <summary>Takes the samples of all pods, as cAdvisor's counters would say.</summary>
internal static class PodSampler
{
    /// <summary>Share of a core that a program takes while nobody asks it.</summary>
    private const double Idle = 0.004;

    public static void Scrape(World world, Chance chance)
    {
        foreach (var pod in world.Installation.Workloads.SelectMany(w => w.Pods))
            if (pod is { Container: { } container, Node.Ready: true }) pod.Samples.Add(Sample(pod, container, world.Timeline.Now, chance));
    }

    private static PodSample Sample(SimulatedPod pod, RunningContainer container, long now, Chance chance)
    {
        var (cpu, last) = (container.Cpu, container.Sampled.At == 0 ? (container.StartedAt, 0.0, 0.0) : container.Sampled);
        var seconds = (now - last.Item1) / (double)Moment.Second;
        var used = (cpu.Used - last.Item2) / Moment.Second;
        // Stress takes what the quota leaves.
        var stress = pod.Stress > 0 ? Math.Max(0, cpu.Cores * seconds - used) : 0;
        container.OtherSeconds += seconds * Idle + stress;
        var ran = seconds * 10 * Math.Clamp(0.15 + (used + stress) / Math.Max(0.001, cpu.Cores * seconds), 0, 1);
        var waited = Math.Min(ran, cpu.Throttled - last.Item3 + (stress > 0 ? seconds * 9 : 0));
        container.Drift = Math.Clamp(container.Drift + 0.004 * chance.Normal(), -0.05, 0.05);
        container.Periods = (container.Periods.All + ran, container.Periods.Throttled + waited);
        container.Sampled = (now, cpu.Used, cpu.Throttled);
        return new PodSample(now, cpu.Used / Moment.Second + container.OtherSeconds, Kubelet.Memory(pod, container) + container.Drift * container.RestBytes, (long)container.Periods.All, (long)container.Periods.Throttled,
            (long)container.ReceivedBytes, (long)container.SentBytes, container.StartedAt);
    }
}
