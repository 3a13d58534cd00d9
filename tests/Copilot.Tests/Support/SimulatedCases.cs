using System.Collections.Concurrent;
using Copilot.Core.Diagnoses;
using Copilot.Engine.Investigations;
using Copilot.Simulator;
using Copilot.Tests.Support;
using Xunit;

[assembly: AssemblyFixture(typeof(SimulatedCases))]

namespace Copilot.Tests.Support;

/// <summary>Simulated snapshots, written once for all tests that only read them, and what was answered about each, found once.</summary>
public sealed class SimulatedCases : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("copilot-cases-").FullName;
    private readonly ConcurrentDictionary<(SimulatedFault?, long), Lazy<(string Directory, SimulatedIncident Truth)>> _written = [];
    private readonly ConcurrentDictionary<(SimulatedFault?, long), Lazy<Answered>> _answered = [];

    /// <summary>What an investigation answered, without its signals: those of all cases would take gigabytes.</summary>
    public sealed record Answered(Diagnosis Diagnosis, IReadOnlyList<DecidedPlan> Plans)
    {
        internal static Answered Of(string directory)
        {
            var investigation = Investigating.Run(directory);
            return new(investigation.Diagnosis, investigation.Plans);
        }
    }

    public (string Directory, SimulatedIncident Truth) Get(SimulatedFault? fault, long seed = 1) => _written.GetOrAdd((fault, seed), _ => new(() =>
    {
        var directory = Path.Combine(_root, $"{fault?.ToString() ?? "None"}-{seed}");
        var truth = Simulation.Write(new SimulationOptions
        {
            Faults = fault is { } one ? [one] : [],
            Pattern = fault is { } kind ? FaultCatalogue.Of(kind).Patterns[0] : FaultPattern.Sudden,
            Seed = seed,
        }, directory);
        return (directory, truth);
    })).Value;

    internal Answered Answer(SimulatedFault? fault, long seed = 1) => _answered.GetOrAdd((fault, seed), _ => new(() => Answered.Of(Get(fault, seed).Directory))).Value;

    internal static Investigation Investigate(string directory) => Investigating.Run(directory);

    public void Dispose() => Directory.Delete(_root, recursive: true);
}
