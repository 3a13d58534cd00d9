using Copilot.Simulator;
using Copilot.Tests.Support;
using Xunit;

namespace Copilot.Tests.Analysis;

/// <summary>Causes that stand beside the workloads that suffer: other incidents of the same kinds than those that GeneralityTests look at.</summary>
public sealed class ClusterCauseTests(SimulatedCases cases) : IClassFixture<SimulatedCases>
{
    [Theory]
    [InlineData(SimulatedFault.AdmissionWebhook, "admission")]
    [InlineData(SimulatedFault.ClusterDns, "dns")]
    [InlineData(SimulatedFault.SchedulerDown, "control-plane")]
    [InlineData(SimulatedFault.ResourceQuota, "quota")]
    [InlineData(SimulatedFault.Autoscaler, "autoscaler")]
    [InlineData(SimulatedFault.NodeNetworkLoss, "network")]
    public void Investigate_CauseBesideTheVictim_NamesItAlone(SimulatedFault fault, string mechanism)
    {
        var (directory, truth) = cases.Get(fault, seed: 2);

        var factor = Assert.Single(SimulatedCases.Investigate(directory).Diagnosis.ContributingFactors);

        Assert.Equal((truth.RootCauses[0], mechanism), (factor.Name, factor.Mechanism));
        Assert.NotEmpty(factor.Evidence);
    }
}
