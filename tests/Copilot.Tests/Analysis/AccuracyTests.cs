using Copilot.Bench.Recipes;
using Copilot.Engine.Investigations;
using Copilot.Simulator;
using Copilot.Tests.Bench.Grading;
using Copilot.Tests.Support;
using Xunit;

namespace Copilot.Tests.Analysis;

/// <summary>How often the answer is right, on more cases than a person would look at. Floors, with the score printed: docs/evaluation.md has the figures.</summary>
public sealed class AccuracyTests
{
    [Fact]
    public void Investigate_DevelopmentCases_ReachTheFloor()
    {
        var scores = SharedCases.Each(reduced: 16).Select(c => Score(c.Name, c.Directory)).ToList();
        // Elsewhere only the project's own cases are there, which the next test measures.
        if (scores.Count == 0) return;
        Report("development cases", scores, floor: 0.9);
    }

    [Fact]
    public void Investigate_SimulatedCases_ReachTheFloor()
    {
        var all = Enumerable.Range(1, 5).SelectMany(seed => Enum.GetValues<SimulatedFault>().Select(fault => (Fault: fault, Seed: seed))).ToList();
        var count = TestCounts.Pick(reduced: 16, full: all.Count);
        var scores = new List<double>();
        foreach (var (fault, seed) in Enumerable.Range(0, count).Select(i => all[(int)((long)i * all.Count / count)]))
        {
            using var folder = new TempFolder();
            Simulation.Write(new SimulationOptions { Faults = [fault], Pattern = FaultCatalogue.Of(fault).Patterns[0], Seed = (seed * 7919) + (int)fault, Services = 7 + (seed * 3) }, folder.FullName);
            scores.Add(Score($"{fault}-{seed}", folder.FullName));
        }
        Report("simulated cases", scores, floor: 0.75);
    }

    /// <summary>The set is of incidents that were drawn at random; with reduced counts its first ones.</summary>
    [Theory]
    [InlineData("no-fault", 8, 0.979)] // one of 48 at most
    [InlineData("several", 6, 0.75)]
    public void Investigate_DrawnCases_ReachTheFloor(string set, int reduced, double floor)
    {
        var cases = RecipeLoader.Load(Path.Combine(TestData.RepositoryRoot, "tests", "evals", "capability", set, "recipes.yaml")).Cases;
        var scores = new List<double>();
        foreach (var recipe in cases.Take(TestCounts.Pick(reduced, full: cases.Count)))
        {
            using var folder = new TempFolder();
            Assert.Equal(recipe.Digest.Text, Simulation.Write(recipe.Options, folder.FullName).Digest);
            scores.Add(Score(recipe.Id, folder.FullName));
        }
        Report($"set {set}", scores, floor);
    }

    [Fact]
    public void Investigate_PartOfARealRecording_LeadsToTheChangedConfigMap()
    {
        if (TestData.Find("itbench-real", "scenario-2-partial") is not { } folder)
        {
            TestReport.Line("real recording: none beside the repository");
            return;
        }
        var investigation = Investigate(folder);

        Assert.Equal(["otel-demo/ConfigMap/flagd-config"], investigation.Diagnosis.ContributingFactors.Select(f => f.Name));
        Assert.Contains("cartFailure", investigation.Diagnosis.ContributingFactors[0].Reasoning);
        // Nothing is lost: every data row of every table is used.
        Assert.Equal(24 + 16, investigation.Signals.Signals.Coverage.Where(c => c.Source is Copilot.Core.Evidence.EvidenceSource.Events or Copilot.Core.Evidence.EvidenceSource.Objects).Sum(c => c.Records));
        Assert.DoesNotContain(investigation.Diagnosis.MissingEvidence, m => m.Kind is "malformed" or "unreadable");
    }

    private static double Score(string name, string directory)
    {
        var diagnosis = Investigate(directory).Diagnosis;
        Assert.Empty(diagnosis.RemovedStatements);
        var answer = diagnosis.ContributingFactors.Select(f => f.Name).ToList();
        var score = Answers.Score(directory, answer);
        if (score < 1) TestReport.Line($"{name}: {score:0.00} for [{string.Join(", ", answer)}], {diagnosis.Status}");
        return score;
    }

    private static void Report(string what, List<double> scores, double floor)
    {
        TestReport.Line($"{what}: average precision at full recall {scores.Average():0.000} over {scores.Count} cases");
        Assert.True(scores.Average() >= floor, $"{what}: {scores.Average():0.000} over {scores.Count}, and {floor} is the floor");
    }

    private static Investigation Investigate(string directory) => Investigating.Run(directory);
}
