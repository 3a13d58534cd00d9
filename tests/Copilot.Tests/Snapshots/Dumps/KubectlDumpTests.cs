using Copilot.Core.Diagnoses;
using Copilot.Tests.Support;
using Xunit;

namespace Copilot.Tests.Snapshots.Dumps;

public sealed class KubectlDumpTests : IDisposable
{
    private readonly TempFolder _folder = new();

    private static readonly Dictionary<string, (string Cause, string Mechanism, Action<KubectlDump> Break)> Known = DumpSamples.All.Concat(DumpSamples.States).ToDictionary();

    public static TheoryData<string> Samples => [.. Known.Keys];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Samples))]
    public void Run_BrokenCluster_NamesTheOneCause(string sample)
    {
        var diagnosis = Diagnose(sample, noise: false);
        var factor = Assert.Single(diagnosis.ContributingFactors);
        Assert.Equal((Known[sample].Cause, Known[sample].Mechanism), (factor.Name, factor.Mechanism));
        Assert.Equal(DiagnosisStatus.Resolved, diagnosis.Status);
        Assert.NotEmpty(factor.Evidence);
        Assert.Empty(diagnosis.RemovedStatements);
    }

    [Theory]
    [MemberData(nameof(Samples))]
    public void Run_BrokenClusterWithNoise_NamesTheSameCause(string sample)
    {
        var diagnosis = Diagnose(sample, noise: true);
        Assert.Equal([Known[sample].Cause], diagnosis.ContributingFactors.Select(f => f.Name));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Run_HealthyCluster_FindsNoIncident(bool noise)
    {
        var dump = new KubectlDump();
        if (noise) DumpSamples.Noise(dump);
        dump.Write(_folder.FullName);
        var diagnosis = Diagnose(_folder.FullName);
        Assert.Equal((DiagnosisStatus.NoIncident, 0, 0), (diagnosis.Status, diagnosis.ContributingFactors.Count, diagnosis.Symptoms.Count));
    }

    [Fact]
    public void Run_HealthyClusterWithStatesThatLookLikeTrouble_FindsNoIncident()
    {
        var dump = new KubectlDump();
        DumpSamples.Noise(dump);
        DumpSamples.StateNoise(dump);
        dump.Write(_folder.FullName);
        var diagnosis = Diagnose(_folder.FullName);
        Assert.Equal((DiagnosisStatus.NoIncident, 0, 0), (diagnosis.Status, diagnosis.ContributingFactors.Count, diagnosis.Symptoms.Count));
    }

    [Theory]
    [InlineData("application error")]
    [InlineData("image pull")]
    [InlineData("quota")]
    public void Run_StatesThatLookLikeTroubleBesideACause_NameTheCauseOnly(string sample)
    {
        var dump = new KubectlDump();
        DumpSamples.StateNoise(dump);
        Known[sample].Break(dump);
        dump.Write(_folder.FullName);
        Assert.Equal([Known[sample].Cause], Diagnose(_folder.FullName).ContributingFactors.Select(f => f.Name));
    }

    [Fact]
    public void Run_TwoIndependentCauses_NamesBoth()
    {
        var dump = new KubectlDump();
        DumpSamples.TwoCauses(dump);
        dump.Write(_folder.FullName);
        var diagnosis = Diagnose(_folder.FullName);
        Assert.Equal(["shop/Deployment/orders", "shop/Deployment/stock"], diagnosis.ContributingFactors.Select(f => f.Name).Order());
        Assert.Equal(DiagnosisStatus.Resolved, diagnosis.Status);
    }

    [Fact]
    public void Run_ApplicationError_QuotesTheLastLineOfTheLog()
    {
        var factor = Assert.Single(Diagnose("application error", noise: false).ContributingFactors);
        Assert.Contains("PAYMENT_URL", factor.Reasoning);
        Assert.Contains(factor.Evidence, e => e.Address.EndsWith("/logs.txt#4", StringComparison.Ordinal));
    }

    private Diagnosis Diagnose(string sample, bool noise)
    {
        var dump = new KubectlDump();
        if (noise) DumpSamples.Noise(dump);
        Known[sample].Break(dump);
        dump.Write(_folder.FullName);
        return Diagnose(_folder.FullName);
    }

    private static Diagnosis Diagnose(string directory) =>
        Investigating.Run(directory).Diagnosis;
}
