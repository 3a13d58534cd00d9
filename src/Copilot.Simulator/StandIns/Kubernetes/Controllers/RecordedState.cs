using System.Text.Json.Nodes;
using Copilot.Simulator.StandIns.Kubernetes.Api;
using Copilot.Simulator.StandIns.Kubernetes.Storage;

namespace Copilot.Simulator.StandIns.Kubernetes.Controllers;

/// <summary>
/// What was recorded is what was there, though a real controller would have gone on: pods keep the state they were recorded in, and workloads are left alone until somebody
/// changes what they want or one of their pods goes. How many pods a recording lacks or has too many is not made up for.
/// </summary>
internal sealed class RecordedState(ControlContext context)
{
    private readonly HashSet<string> _pods = [];
    private readonly Dictionary<string, (int Generation, int Replicas, int Missing)> _workloads = [];

    public void Freeze()
    {
        foreach (var pod in context.Store.List(ResourceKinds.Pods)) _pods.Add(pod.Uid());
        foreach (var kind in new[] { ResourceKinds.Deployments, ResourceKinds.ReplicaSets, ResourceKinds.StatefulSets, ResourceKinds.DaemonSets, ResourceKinds.Jobs })
        {
            foreach (var workload in context.Store.List(kind))
            {
                var replicas = workload.Int("spec", "replicas");
                _workloads[workload.Uid()] = (workload.Int("metadata", "generation"), replicas, replicas - context.PodsOf(workload).Count(ControlContext.IsActive));
            }
        }
    }

    public bool IsRecorded(JsonObject pod) => _pods.Contains(pod.Uid());

    /// <summary>Whether nobody has changed it since.</summary>
    public bool IsUntouched(JsonObject workload) => _workloads.TryGetValue(workload.Uid(), out var then) && then.Generation == workload.Int("metadata", "generation");

    /// <summary>How many pods it lacked when it was recorded, as long as it wants as many as then.</summary>
    public int Missing(JsonObject workload) => _workloads.TryGetValue(workload.Uid(), out var then) && then.Replicas == workload.Int("spec", "replicas") ? then.Missing : 0;
}
