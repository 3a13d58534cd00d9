using Copilot.Engine.Investigations;
using Copilot.Simulator;

namespace Copilot.Tests.Support;

/// <summary>Simulated snapshots, written once for all tests that only read them.</summary>
public sealed class SimulatedCases : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("copilot-cases-").FullName;
    private readonly Dictionary<(SimulatedFault?, long), (string Directory, SimulatedIncident Truth)> _written = [];
    private readonly Lock _gate = new();

    public (string Directory, SimulatedIncident Truth) Get(SimulatedFault? fault, long seed = 1)
    {
        lock (_gate)
        {
            if (_written.TryGetValue((fault, seed), out var known)) return known;
            var directory = Path.Combine(_root, $"{fault?.ToString() ?? "None"}-{seed}");
            var truth = Simulation.Write(new SimulationOptions
            {
                Faults = fault is { } one ? [one] : [],
                Pattern = fault is { } kind ? FaultCatalogue.Of(kind).Patterns[0] : FaultPattern.Sudden,
                Seed = seed,
            }, directory);
            return _written[(fault, seed)] = (directory, truth);
        }
    }

    internal static Investigation Investigate(string directory) => Investigating.Run(directory);

    public void Dispose() => Directory.Delete(_root, recursive: true);
}
