using Copilot.Simulator.Faults;

namespace Copilot.Simulator.Recordings;

/// <summary>What public data sets call the faults. One that a data set does not have keeps its own name.</summary>
internal static class FaultLabels
{
    /// <summary>An inject_type: one of Nezha's five, or the fault's name in snake case.</summary>
    public static string Nezha(FaultInfo fault) => fault.Fault switch
    {
        SimulatedFault.ChaosCpuStress => "cpu_contention",
        SimulatedFault.CpuRegression => "cpu_consumed",
        SimulatedFault.ChaosNetworkDelay => "network_delay",
        SimulatedFault.WrongReturn => "return",
        SimulatedFault.CodeException => "exception",
        _ => fault.Name.Replace('-', '_'),
    };

    /// <summary>Nezha's second label: the metric of a resource, or the two events between which the faulty code runs; empty where the fault lies in neither.</summary>
    public static string NezhaInner(FaultPlan plan) => plan.Fault.Fault switch
    {
        SimulatedFault.ChaosCpuStress or SimulatedFault.CpuRegression or SimulatedFault.CpuLimit => "CpuUsageRate(%)",
        SimulatedFault.ChaosMemoryStress or SimulatedFault.MemoryLeak or SimulatedFault.MemoryLimit => "MemoryUsageRate(%)",
        SimulatedFault.ChaosNetworkDelay or SimulatedFault.ChaosNetworkLoss or SimulatedFault.ChaosNetworkPartition or SimulatedFault.NodeNetworkLoss => "NetworkP90(ms)",
        SimulatedFault.WrongReturn or SimulatedFault.CodeException or SimulatedFault.LatencyRegression or SimulatedFault.FeatureFlag or SimulatedFault.StuckConsumer =>
            $"{plan.Victim.Operations[0].ServerSpan} start_{plan.Victim.Operations[0].ServerSpan} end",
        _ => "",
    };

    /// <summary>The second half of a folder's name: never with an underscore, which parts it from the service.</summary>
    public static string RcaEval(FaultInfo fault) => fault.Fault switch
    {
        SimulatedFault.ChaosCpuStress => "cpu",
        SimulatedFault.ChaosMemoryStress => "mem",
        SimulatedFault.ChaosNetworkDelay => "delay",
        SimulatedFault.ChaosNetworkLoss => "loss",
        _ => fault.Name,
    };
}
