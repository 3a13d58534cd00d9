using Copilot.Core.Evidence;
using Copilot.Core.Signals;

namespace Copilot.Bench.Baselines;

/// <summary>
/// "Which pod looks worst?": the workload of the pod that is not ready or was restarted more than once; of several, the one that waits, then that with most
/// restarts, then that with most warnings. Warnings alone and a single restart are everyday.
/// </summary>
internal static class UnhealthyPod
{
    public static EntityRef? Find(SignalSet signals)
    {
        var warnings = signals.Events.Where(e => e.Warning && e.Last >= signals.Window.From).ToLookup(e => e.Regarding, e => e.Count);
        return (from pod in signals.Cluster.Pods
                where pod.Workload is { Kind: "Deployment" or "StatefulSet" or "DaemonSet" }
                let restarts = pod.Containers.Sum(c => c.Restarts)
                where !pod.IsReady || restarts > 1
                orderby pod.Containers.Any(c => c.WaitingReason.Length > 0) descending, restarts descending, warnings[pod.Header.Entity].Sum() descending, pod.Header.Entity
                select pod.Workload).FirstOrDefault();
    }
}
