using Copilot.Core.Evidence;
using Copilot.Core.Signals;

namespace Copilot.Core.Analysis.Analyzers;

/// <summary>What keeps the pods of a workload from running, as Kubernetes reports it, and the object that it is about.</summary>
internal sealed record Obstacle(FindingCode Code, Mechanism Mechanism, EntityRef Entity, string Says, IReadOnlyList<Citation> Evidence)
{
    /// <summary>The log prior of such an obstacle.</summary>
    public Prior Prior { get; init; } = Prior.StatedIndirectly;

    public static List<Citation> Cites(EntityRef workload, Pod? pod, KubeEvent? e)
    {
        var cites = new List<Citation>();
        if (e is not null) cites.Add(new(e.Address, e.Last, $"{e.Regarding.Kind} {e.Regarding.Name}: {e.Reason}: {SymptomDetector.Quote(e.Message)}", [e.Regarding, workload]));
        if (pod is not null) cites.Add(new(pod.Header.Address, pod.Header.LastSeen, $"pod {pod.Header.Entity.Name} {Unavailability.State(pod)}", [pod.Header.Entity, workload]));
        return cites;
    }
}
