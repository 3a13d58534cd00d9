using Copilot.Core.Evidence;
using Copilot.Core.Signals;

namespace Copilot.Tests.Analysis;

/// <summary>Signals made by hand: what a test does not name is not there.</summary>
internal static class SmallSignals
{
    public const int Steps = 40;

    /// <summary>The step at which things change.</summary>
    public const int Split = 20;

    public static readonly DateTimeOffset Start = new(2026, 4, 1, 10, 0, 0, TimeSpan.Zero);

    /// <param name="reference">How many of its steps belong to the recording of normal behaviour.</param>
    public static SignalSet Empty(int reference = 0)
    {
        var grid = new TimeGrid(Start, TimeSpan.FromSeconds(30), Steps) { Reference = reference };
        return new(new(grid.Start, grid.End), grid, ClusterState.Empty, [], [], [], AlertHistory.Empty, [], [], [], [], [], [], []);
    }

    public static double[] Series(Func<int, double> value) => [.. Enumerable.Range(0, Steps).Select(value)];

    /// <summary>A level before the change and one after it, which vary a little.</summary>
    public static double[] Level(double before, double after) => Series(i => (i < Split ? before : after) * (1 + (0.01 * (i % 3))));

    public static Sighting[] Sightings(string file) => [.. Enumerable.Range(0, Steps).Select(i => At(file, i))];

    public static Sighting At(string file, int step) => new(new RecordAddress(file, step + 1), Start.AddSeconds(30 * step));

    public static ServiceTraffic Service(string name, double[] meanMs, double[] errors) =>
        new(name, null, EvidenceSource.Metrics, Series(_ => 100), errors, errors, meanMs, Series(_ => double.NaN), new Sighting[Steps], new Sighting[Steps]) { MeanMs = meanMs };
}
