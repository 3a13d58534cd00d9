using Copilot.Bench.Grading;
using Copilot.Bench.Importers;
using Copilot.Engine.Investigations;
using Copilot.Engine.Snapshots.Archives;
using Copilot.Simulator;
using Copilot.Tests.Bench.Importers;
using Copilot.Tests.Simulator;
using Copilot.Tests.Support;
using Xunit;

namespace Copilot.Tests.Bench;

/// <summary>
/// How often the true service comes first where nothing but telemetry was recorded: simulated recordings in the layouts of public sets, and the sets themselves
/// where they lie beside the repository. Floors, with the figures printed.
/// </summary>
public sealed class TelemetryAccuracyTests(SimulatedShapes shapes) : IClassFixture<SimulatedShapes>, IDisposable
{
    private readonly TempFolder _out = new();
    private readonly TempFolder _source = new();

    public void Dispose()
    {
        _out.Dispose();
        _source.Dispose();
    }

    [Fact]
    public void Rank_SimulatedTelemetry_ReachesTheFloor()
    {
        var seeds = TestCounts.Pick(reduced: 2, full: 4);
        (RecordingShape Shape, SimulatedFault[] Faults)[] kinds =
        [
            (RecordingShape.Nezha, [SimulatedFault.CodeException, SimulatedFault.LatencyRegression, SimulatedFault.CpuRegression, SimulatedFault.ChaosNetworkDelay, SimulatedFault.ChaosCpuStress]),
            (RecordingShape.PetShop, [SimulatedFault.CodeException, SimulatedFault.LatencyRegression]),
        ];
        foreach (var (shape, faults) in kinds)
        {
            var scores = new List<CaseScore>();
            foreach (var fault in faults)
                for (var seed = 1; seed <= seeds; seed++)
                {
                    var options = new SimulationOptions { Faults = [fault], Shape = shape, Services = 12, RequestsPerSecond = 3, Seed = seed, Duration = TimeSpan.FromMinutes(40), FaultAfter = TimeSpan.FromMinutes(20) };
                    scores.AddRange(Judge(shape == RecordingShape.Nezha ? "nezha" : "petshop", shapes.Write(options).Directory).Where(s => s.Causes > 0));
                }
            Report($"simulated, layout of {shape}", scores, first: 0.7, third: 0.8, silent: 0);
        }
    }

    [Theory]
    [InlineData("nezha", "trainticket-2023-01-29.tar.zst", 0.85, 0.85, 0)]
    [InlineData("nezha", "onlineboutique-2022-08-22.tar.zst", 0.80, 0.80, 0)]
    [InlineData("petshop", "low_traffic.tar.zst", 0.70, 0.90, 0.90)]
    public void Rank_PublicSets_ReachTheFloors(string format, string archive, double first, double third, double silent)
    {
        if (TestData.Find(format, archive) is not { } source)
        {
            TestReport.Line($"{archive}: not beside the repository");
            return;
        }
        Report(archive, Judge(format, source), first, third, silent);
    }

    private List<CaseScore> Judge(string format, string source)
    {
        var engine = new DeterministicEngine(Investigating.Rules);
        var scores = new List<CaseScore>();
        foreach (var imported in ImportFormats.Read(format, source, _source.FullName, new UnpackLimits(), _ => { }, TestContext.Current.CancellationToken))
        {
            var snapshot = _out.Written(imported);
            var reads = new RecordedReads(new MemoryRecorder(), Investigating.Incident, "01JRVNRVNRVNRVNRVNRVNRVNRV", onBehalfOf: null);
            var answer = engine.Investigate(Investigating.Open(snapshot), reads, repeat: 1, parallelism: 2, TestContext.Current.CancellationToken);
            Assert.Empty(answer.Diagnosis!.RemovedStatements);
            scores.Add(Grader.Grade(imported.Description.Truth, imported.Description.Forbidden, answer));
            Directory.Delete(snapshot, recursive: true);
        }
        return scores;
    }

    private static void Report(string what, List<CaseScore> scores, double first, double third, double silent)
    {
        var (faulty, well) = (scores.FindAll(s => s.Causes > 0), scores.FindAll(s => s.Causes == 0));
        double At(int k) => faulty.Average(s => s.Ranks.Any(r => r.Rank <= k) ? 1.0 : 0);
        var quiet = well.Count == 0 ? 1 : well.Average(s => s.Named == 0 ? 1.0 : 0);
        TestReport.Line($"{what}: true service first in {At(1):0.000}, among three in {At(3):0.000} of {faulty.Count}{(well.Count == 0 ? "" : $"; silent in {quiet:0.000} of {well.Count} without a fault")}");
        Assert.True(At(1) >= first, $"{what}: {At(1):0.000} first, and {first} is the floor");
        Assert.True(At(3) >= third, $"{what}: {At(3):0.000} among three, and {third} is the floor");
        Assert.True(quiet >= silent, $"{what}: silent in {quiet:0.000}, and {silent} is the floor");
    }
}
