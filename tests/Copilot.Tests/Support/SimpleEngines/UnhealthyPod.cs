using Copilot.Core.Evidence;
using Copilot.Core.Signals;

namespace Copilot.Tests.Support.SimpleEngines;

/// <summary>"Which pod looks worst?": the workload of the pod that waits, is not ready, was restarted most and has most warnings, in this order.</summary>
internal static class UnhealthyPod
{
    public static EntityRef? Find(SignalSet signals)
    {
        var application = ApplicationNamespace.Of(signals);
        var warnings = signals.Events.Where(e => e.Warning && e.Regarding.Kind == "Pod" && e.Last >= signals.Window.From).ToLookup(e => e.Regarding, e => e.Count);
        var last = signals.Cluster.Pods.Select(p => p.Header.LastSeen).DefaultIfEmpty().Max();
        return (from pod in signals.Cluster.Pods
                where pod.Header.Entity.Namespace == application && pod.Workload is { Kind: "Deployment" or "StatefulSet" or "DaemonSet" } && last - pod.Header.LastSeen < TimeSpan.FromMinutes(1)
                let waits = pod.Containers.Any(c => c.WaitingReason.Length > 0)
                let restarts = pod.Containers.Sum(c => c.Restarts)
                let warned = warnings[pod.Header.Entity].Sum()
                where waits || !pod.IsReady || restarts > 0 || warned > 0
                orderby waits descending, pod.IsReady, restarts descending, warned descending, pod.Header.Entity
                select pod.Workload).FirstOrDefault();
    }
}
