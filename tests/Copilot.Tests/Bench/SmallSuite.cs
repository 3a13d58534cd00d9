using Copilot.Bench.Datasets;
using Copilot.Bench.Runs;
using Copilot.Engine.Investigations;
using Copilot.Engine.Snapshots.Archives;
using Copilot.Simulator;
using Copilot.Tests.Support;

namespace Copilot.Tests.Bench;

/// <summary>Small cases and runs of them, for tests of the harness: what the engines answer matters little.</summary>
internal static class SmallSuite
{
    public static readonly SimulationOptions Options = new() { Seed = 4, Services = 5, RequestsPerSecond = 0.5, Duration = TimeSpan.FromMinutes(10), FaultAfter = TimeSpan.FromMinutes(5), Decoys = false, Noise = false };

    /// <summary>Writes recordings with their ground truth, one of each fault and one of none, each into a folder of its name.</summary>
    public static string Recordings(TempFolder folder, params IReadOnlyList<SimulatedFault> faults)
    {
        var root = folder.Combine("recordings");
        foreach (var fault in faults) Simulation.Write(Options with { Faults = [fault] }, Path.Combine(root, $"case-{(int)fault}"));
        Simulation.Write(Options with { Seed = 5 }, Path.Combine(root, "case-none"));
        return root;
    }

    public static RunPlan Plan(Suite suite, IReadOnlyList<IEngine> engines, int repeats = 2) =>
        new("build", "rules", [PlannedSuite.Of(suite)], [.. engines.Select(e => e.Name)], repeats, "a machine") { At = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero) };

    public static Task Run(RunFolder folder, Suite suite, IReadOnlyList<IEngine> engines, TempFolder scratch, CancellationToken cancellation, int parallel = 2) =>
        new Runner(folder, engines, new(parallel, scratch.Combine("scratch"), new UnpackLimits())).Run([suite], progress: null, cancellation);
}
