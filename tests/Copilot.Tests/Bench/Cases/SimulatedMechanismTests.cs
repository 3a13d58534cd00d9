using Copilot.Bench.Cases;
using Copilot.Simulator;
using Xunit;

namespace Copilot.Tests.Bench.Cases;

public sealed class SimulatedMechanismTests
{
    [Fact]
    public void Of_EveryKindOfFault_IsInTheTaxonomy() => Assert.All(FaultCatalogue.All, f => Assert.True(SimulatedMechanism.Of(f) is not null, f.Mechanism));
}
