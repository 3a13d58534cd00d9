using Copilot.Engine.Signals;
using Copilot.Simulator;
using Copilot.Tests.Support;
using Copilot.Tests.Support.SimpleEngines;
using Xunit;

namespace Copilot.Tests.Simulator;

/// <summary>Cases are worth something only if no simple idea solves them: an engine's score is to be read beside these.</summary>
public sealed class SimpleEnginesTests
{
    private const double Ceiling = 0.40;

    /// <summary>The scores of one case, in the order of <see cref="Engines"/>.</summary>
    private sealed record CaseScores(string Name, bool IsFault, double[] Scores);

    private static readonly IReadOnlyList<SimpleEngine> Engines = [.. SimpleEngine.All, SimpleEngine.Truth];

    [Fact]
    public void Answer_SimulatedCases_SolvesFewOfThem()
    {
        var seeds = TestCounts.Pick(reduced: 1, full: 5);
        var cases = new System.Collections.Concurrent.ConcurrentBag<CaseScores>();
        Parallel.ForEach(Simulated(seeds), new ParallelOptions { MaxDegreeOfParallelism = 2, CancellationToken = TestContext.Current.CancellationToken }, options =>
        {
            using var folder = new TempFolder();
            var directory = folder.Combine($"{options.Fault}-{options.Seed}");
            IncidentWriter.Write(options, directory);
            cases.Add(Score(directory));
        });
        var means = Report("simulated cases", [.. cases]);

        foreach (var engine in SimpleEngine.All) Assert.True(means[engine.Name] < Ceiling, $"{engine.Name} reaches {means[engine.Name]:0.000} of {cases.Count} simulated cases");
        Assert.Equal(1, means["truth"]);
        // Only a case without a fault rewards silence.
        Assert.Equal(cases.Average(c => c.IsFault ? 0 : 1), means["abstain"], 6);
    }

    [Fact]
    public void Answer_DevelopmentCases_ScoreAsPublished()
    {
        var cases = SharedCases.Each(reduced: 48).Select(c => Score(c.Directory)).ToList();
        if (cases.Count == 0) return;
        var means = Report("development cases", cases);

        Assert.InRange(means["latest-change"], 0.09, 0.29);
        Assert.Equal(1, means["truth"]);
    }

    private static IEnumerable<SimulationOptions> Simulated(int seeds) =>
        from seed in Enumerable.Range(1, seeds)
        from fault in Enum.GetValues<SimulatedFault>()
        select new SimulationOptions { Fault = fault, Seed = (seed * 6007) + (int)fault, Services = 8 + (seed * 3) };

    private static CaseScores Score(string directory)
    {
        var signals = SignalExtraction.Extract(Investigating.Open(directory), parallelism: 1, advanced: null, TestContext.Current.CancellationToken).Signals;
        var evidence = new CaseEvidence(Path.GetFileName(directory), directory, signals);
        var truth = GroundTruth.Read(Directory.GetFiles(directory, "ground_truth.yaml", SearchOption.AllDirectories).Single());
        var answers = Engines.Select(e => e.Answer(evidence)).ToList();
        if (Environment.GetEnvironmentVariable("DUMP") is not null) TestReport.Line($"{evidence.Name}: {string.Join(" ", answers.Zip(Engines, (a, e) => $"{e.Name}={truth.Score(a)}:{string.Join(",", a)}"))}");
        return new(evidence.Name, SimpleEngine.Truth.Answer(evidence).Count > 0, [.. answers.Select(truth.Score)]);
    }

    private static Dictionary<string, double> Report(string what, IReadOnlyCollection<CaseScores> cases)
    {
        var means = Engines.Select((e, i) => (e.Name, Mean: cases.Average(c => c.Scores[i]))).ToDictionary(m => m.Name, m => m.Mean);
        foreach (var (name, mean) in means) TestReport.Line($"{what}: {name,-15} {mean:0.000} over {cases.Count}");
        return means;
    }
}
