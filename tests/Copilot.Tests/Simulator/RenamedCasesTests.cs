using Copilot.Simulator;
using Copilot.Simulator.Validation;
using Copilot.Tests.Bench.Grading;
using Copilot.Tests.Support;
using Xunit;

namespace Copilot.Tests.Simulator;

/// <summary>A case does not hang on what things are called.</summary>
public sealed class RenamedCasesTests(SimulatedCases cases)
{
    [Theory]
    [InlineData(SimulatedFault.FeatureFlag)]
    [InlineData(SimulatedFault.EnvironmentVariable)]
    [InlineData(SimulatedFault.CordonedNode)]
    [InlineData(SimulatedFault.ChaosPodFailure)]
    [InlineData(SimulatedFault.DatastoreCrash)]
    public void Validate_EverythingRenamed_HoldsAndTheAnswerIsRenamed(SimulatedFault fault)
    {
        var (directory, truth) = cases.Get(fault);
        var renaming = Renaming.OfEverything(directory);
        using var copy = new TempFolder();

        renaming.Copy(directory, copy.FullName);

        var report = SnapshotValidator.Validate(copy.FullName, TestContext.Current.CancellationToken);
        Assert.True(report.Holds, string.Join('\n', report.Rules.Where(r => r.ViolationCount > 0).Select(r => $"{r.Rule}: {string.Join(" | ", r.Violations)}")));
        Assert.InRange(renaming.Names.Count, 8, 100);
        Assert.Equal(1, Answers.Score(copy.FullName, truth.RootCauses.Select(renaming.Apply)));
        if (truth.RootCauses[0] != renaming.Apply(truth.RootCauses[0])) Assert.Equal(0, Answers.Score(copy.FullName, truth.RootCauses));
    }
}
