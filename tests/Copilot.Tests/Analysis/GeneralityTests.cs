using Copilot.Core.Diagnoses;
using Copilot.Simulator;
using Copilot.Tests.Support;
using Xunit;

namespace Copilot.Tests.Analysis;

/// <summary>The analysis knows no application: what things are called and in which order they stand must not matter, and what is missing must not hurt.</summary>
public sealed class GeneralityTests(SimulatedCases cases)
{
    public static TheoryData<SimulatedFault> Faults => [.. Enum.GetValues<SimulatedFault>()];

    [Theory]
    [MemberData(nameof(Faults))]
    public void Investigate_EachFault_NamesTheTruthWithCheckedEvidence(SimulatedFault fault)
    {
        var (_, truth) = cases.Get(fault);

        var diagnosis = cases.Answer(fault).Diagnosis;

        Assert.Equal(truth.RootCauses.Order(StringComparer.Ordinal), diagnosis.ContributingFactors.Select(f => f.Name).Select(n => Spawner(n, truth)).Order(StringComparer.Ordinal));
        Assert.Empty(diagnosis.RemovedStatements);
        Assert.All(diagnosis.ContributingFactors, f => Assert.NotEmpty(f.Evidence));
    }

    [Fact]
    public void Investigate_NoFault_SaysSo() => Assert.Equal(DiagnosisStatus.NoIncident, cases.Answer(null).Diagnosis.Status);

    [Theory]
    [InlineData(SimulatedFault.ConfigurationChange)]
    [InlineData(SimulatedFault.ServicePort)]
    [InlineData(SimulatedFault.DatastorePassword)]
    [InlineData(SimulatedFault.BadImage)]
    [InlineData(SimulatedFault.CodeException)]
    [InlineData(SimulatedFault.WrongReturn)]
    [InlineData(SimulatedFault.MemoryLeak)]
    [InlineData(SimulatedFault.TrafficSurge)]
    [InlineData(SimulatedFault.NodeNetworkLoss)]
    [InlineData(SimulatedFault.AdmissionWebhook)]
    [InlineData(SimulatedFault.ClusterDns)]
    public void Investigate_AllNamesReplaced_GivesTheSameAnswerRenamed(SimulatedFault fault)
    {
        var (directory, _) = cases.Get(fault);
        var original = cases.Answer(fault).Diagnosis;
        using var copy = new TempFolder();
        var renaming = Renaming.Of(directory);

        renaming.Copy(directory, copy.FullName);
        var renamed = SimulatedCases.Investigate(copy.FullName).Diagnosis;

        Assert.Equal(original.ContributingFactors.Select(f => renaming.Apply(f.Name)), renamed.ContributingFactors.Select(f => f.Name));
        Assert.Equal(original.Status, renamed.Status);
    }

    [Theory]
    [InlineData("otel_traces_raw.tsv")]
    [InlineData("otel_logs_raw.tsv")]
    [InlineData("k8s_objects_raw.tsv")]
    [InlineData("k8s_events_raw.tsv")]
    [InlineData("metrics")]
    [InlineData("alerts")]
    public void Investigate_SourceMissing_StatesTheGap(string source)
    {
        var (directory, _) = cases.Get(SimulatedFault.EnvironmentVariable);
        using var copy = new TempFolder();
        CopyAllBut(directory, copy.FullName, source);

        var diagnosis = SimulatedCases.Investigate(copy.FullName).Diagnosis;

        Assert.Contains(diagnosis.MissingEvidence, m => m.Kind == "not-recorded");
        Assert.Empty(diagnosis.RemovedStatements);
    }

    /// <summary>A service that fails by itself, with everything recorded and without what would tell of another cause.</summary>
    [Theory]
    [InlineData("k8s_objects_raw.tsv", 0.75)]
    [InlineData("otel_traces_raw.tsv", 0.9)]
    public void Investigate_SourceMissing_BoundsTheConfidence(string source, double most)
    {
        var (directory, _) = cases.Get(SimulatedFault.CodeException);
        using var copy = new TempFolder();
        CopyAllBut(directory, copy.FullName, source);

        var factors = SimulatedCases.Investigate(copy.FullName).Diagnosis.ContributingFactors;

        Assert.All(cases.Answer(SimulatedFault.CodeException).Diagnosis.ContributingFactors, f => Assert.InRange(f.Confidence, 0.91, 1));
        Assert.NotEmpty(factors);
        Assert.All(factors, f => Assert.InRange(f.Confidence, 0, most));
    }

    [Fact]
    public void Investigate_OnlyAlertsAndEvents_DoesNotClaimThatAllIsWell()
    {
        var (directory, _) = cases.Get(null);
        using var copy = new TempFolder();
        CopyAllBut(directory, copy.FullName, "otel_traces_raw.tsv", "otel_logs_raw.tsv", "k8s_objects_raw.tsv", "metrics");

        Assert.Equal(DiagnosisStatus.InsufficientEvidence, SimulatedCases.Investigate(copy.FullName).Diagnosis.Status);
    }

    /// <summary>A Schedule stands for the experiments that it spawned.</summary>
    private static string Spawner(string name, SimulatedIncident truth) =>
        truth.RootCauses.FirstOrDefault(r => r.Split('/') is [var ns, var kind, var root] && kind.EndsWith("Chaos", StringComparison.Ordinal) && name == $"{ns}/Schedule/{root}") ?? name;

    private static void CopyAllBut(string from, string to, params string[] left)
    {
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            var relative = Path.GetRelativePath(from, file);
            if (left.Contains(relative.Split(Path.DirectorySeparatorChar)[0])) continue;
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(to, relative))!);
            File.Copy(file, Path.Combine(to, relative));
        }
    }
}
