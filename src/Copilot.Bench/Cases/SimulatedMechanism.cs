using Copilot.Core.Analysis;
using Copilot.Simulator;

namespace Copilot.Bench.Cases;

/// <summary>The taxonomy's word for what the simulator does.</summary>
internal static class SimulatedMechanism
{
    /// <summary>A wire name of the taxonomy; null where it has none.</summary>
    public static string? Of(FaultInfo fault) => fault.Mechanism switch
    {
        "certificate or credential" => Mechanism.Credential.WireName(),
        "bad command or args" => Mechanism.BadCommand.WireName(),
        "node or kubelet" => Mechanism.Node.WireName(),
        "storage or volume" => Mechanism.Storage.WireName(),
        "code-level exception or wrong return" => Mechanism.ApplicationError.WireName(),
        "chaos experiment" => fault.Name switch
        {
            var name when name.StartsWith("chaos-network", StringComparison.Ordinal) => Mechanism.ChaosNetwork.WireName(),
            var name when name.StartsWith("chaos-pod", StringComparison.Ordinal) => Mechanism.ChaosPod.WireName(),
            var name when name.EndsWith("-stress", StringComparison.Ordinal) => Mechanism.ChaosStress.WireName(),
            _ => Mechanism.ChaosOther.WireName(),
        },
        var words => Enum.GetValues<Mechanism>().Select(m => m.WireName()).FirstOrDefault(m => string.Equals(m, words.Replace(' ', '-'), StringComparison.OrdinalIgnoreCase)),
    };
}
