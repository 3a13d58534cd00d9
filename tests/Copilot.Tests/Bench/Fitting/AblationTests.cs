using Copilot.Bench.Datasets;
using Copilot.Bench.Fitting;
using Copilot.Bench.Runs;
using Copilot.Core.Analysis;
using Copilot.Engine.Parameters;
using Copilot.Engine.Snapshots.Archives;
using Copilot.Simulator;
using Copilot.Tests.Support;
using Xunit;

namespace Copilot.Tests.Bench.Fitting;

public sealed class AblationTests
{
    public static TheoryData<string> Weighted => [.. Ablation.All.Where(a => a.Weights is not null).Select(a => a.Name)];

    [Theory]
    [MemberData(nameof(Weighted))]
    public void Weights_OfEachSwitch_Change(string name) =>
        Assert.NotEqual(AnalysisParameters.HandSet, Ablation.All.Single(a => a.Name == name).Weights!(AnalysisParameters.HandSet));

    [Fact]
    public void All_Names_AreDistinctAndEachHasOneWay()
    {
        Assert.Equal(Ablation.All.Count, Ablation.All.Select(a => a.Name).Distinct().Count());
        Assert.All(Ablation.All, a => Assert.Single(new object?[] { a.Weights, a.Findings, a.Symptoms, a.Evidence }.OfType<object>()));
        Assert.All(RootCauseAnalysis.AnalyzerNames, n => Assert.Contains(Ablation.All, a => a.Name == n));
        Assert.All(AnalyzersInFolder(), n => Assert.Contains(n, RootCauseAnalysis.AnalyzerNames));
    }

    [Fact]
    public void Findings_WithoutAnAnalyzer_LackItsOwnAlone()
    {
        var toy = ToyCases.Case("toys", 1, byController: true);
        Assert.Equal(["hand"], Ablation.All.Single(a => a.Name == "OtherChangeAnalyzer").Findings!(toy).Select(f => f.Entity.Name));
        Assert.Equal(2, Ablation.All.Single(a => a.Name == "ChaosAnalyzer").Findings!(toy).Count());
    }

    /// <summary>What acts elsewhere is left out while it is weighed, and comes back when all reach everything.</summary>
    [Fact]
    public void Findings_WithoutReach_MakeWhatActsElsewhereARival()
    {
        var toy = ToyCases.Case("toys", 1, byController: false);
        var elsewhere = toy.Findings[0] with { Entity = new("shop", "ConfigMap", "elsewhere"), Reach = Reach.Of(["other"], []) };
        var both = toy.With([.. toy.Findings, elsewhere]);
        Assert.Equal(1, both.Judge(AnalysisParameters.HandSet).Score);
        Assert.True(both.Judge(AnalysisParameters.HandSet).Loss < 0.5);

        var reach = both.With(Ablation.All.Single(a => a.Name == "reach: all reach everything").Findings!(both)).Judge(AnalysisParameters.HandSet);

        Assert.True(reach.Loss > 0.6, $"{reach.Loss}");
        Assert.Equal(0, reach.Score); // of two that are alike the name decides
    }

    /// <summary>On real recordings: an experiment is not found without its intervals or its analyzer, and a changed image not without recorded changes.</summary>
    [Fact]
    public async Task Of_SmallCases_FallWhereTheFeatureMatters()
    {
        using var folder = new TempFolder();
        var suite = CaseFinder.Find(SmallSuite.Recordings(folder, SimulatedFault.ChaosNetworkDelay, SimulatedFault.ServicePort));
        var read = await CaseReader.Read([suite], AblationTable.Evidence, new RunLimits(2, folder.Combine("scratch"), new UnpackLimits()), progress: null, TestContext.Current.CancellationToken);

        var table = AblationTable.Of(read.Cases, ParameterFile.Shipped.Parameters);

        Assert.Empty(read.Faults);
        var scores = table.Rows.ToDictionary(r => r[0], r => r[1]);
        Assert.Equal(Ablation.All.Count + 1, scores.Count);
        Assert.Equal("1.000", scores["everything"]);
        Assert.Equal(("0.667", "0.667"), (scores["without ChaosAnalyzer"], scores["without chaos experiments"]));
        Assert.Equal(("0.667", "1.000"), (scores["without RoutingAnalyzer"], scores["without NodeAnalyzer"]));
        Assert.All(table.Rows, r => Assert.Equal(table.Heads.Count, r.Count));
    }

    private static IEnumerable<string> AnalyzersInFolder() =>
        typeof(RootCauseAnalysis).Assembly.GetTypes().Where(t => t.Namespace == "Copilot.Core.Analysis.Analyzers" && t.Name.EndsWith("Analyzer", StringComparison.Ordinal) && t.GetMethod("Find") is not null).Select(t => t.Name);
}
