using Copilot.Simulator;
using Copilot.Tests.Support;
using Xunit;

namespace Copilot.Tests.Analysis;

/// <summary>Causes that stand beside the workloads that suffer: other incidents of the same kinds than those that GeneralityTests look at. (Of a node that loses packets,
/// seeds 2 and 4 are not told yet: an experiment on the same pods at the same time, and too few calls.)</summary>
public sealed class ClusterCauseTests(SimulatedCases cases)
{
    [Theory]
    [InlineData(SimulatedFault.AdmissionWebhook, 2, "admission")]
    [InlineData(SimulatedFault.ClusterDns, 2, "dns")]
    [InlineData(SimulatedFault.SchedulerDown, 2, "control-plane")]
    [InlineData(SimulatedFault.ResourceQuota, 2, "quota")]
    [InlineData(SimulatedFault.Autoscaler, 2, "autoscaler")]
    [InlineData(SimulatedFault.NodeNetworkLoss, 3, "network")]
    public void Investigate_CauseBesideTheVictim_NamesItAlone(SimulatedFault fault, long seed, string mechanism)
    {
        var (_, truth) = cases.Get(fault, seed);

        var factor = Assert.Single(cases.Answer(fault, seed).Diagnosis.ContributingFactors);

        Assert.Equal((truth.RootCauses[0], mechanism), (factor.Name, factor.Mechanism));
        Assert.NotEmpty(factor.Evidence);
    }
}
