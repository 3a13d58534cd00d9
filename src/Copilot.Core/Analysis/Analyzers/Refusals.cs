using Copilot.Core.Evidence;
using Copilot.Core.Signals;

namespace Copilot.Core.Analysis.Analyzers;

/// <summary>The API server's refusal to make a pod, in its own words.</summary>
/// <param name="Regarding">The ReplicaSet, StatefulSet, DaemonSet or Job that asked for the pod.</param>
/// <param name="Workload">What that belongs to, where it is known.</param>
/// <param name="At">The first time.</param>
internal sealed record Refusal(EntityRef Regarding, EntityRef? Workload, string Message, DateTimeOffset? At, Citation Evidence);

/// <summary>
/// Refusals by FailedCreate events; and where those are gone, which the API server keeps for an hour, by the condition ReplicaFailure that stays on the
/// workload for as long as it lasts.
/// </summary>
internal static class Refusals
{
    // A controller tries again after at most 1000 s (client-go, DefaultControllerRateLimiter): what it was told before that is over.
    private static readonly TimeSpan Retry = TimeSpan.FromMinutes(20);

    public static IReadOnlyList<Refusal> Find(AnalysisContext context)
    {
        var found = new List<Refusal>();
        var newest = context.Signals.Events.Where(e => e.Reason == "FailedCreate").GroupBy(e => e.Regarding).ToDictionary(g => g.Key, g => g.Max(e => e.Last));
        bool IsOver(KubeEvent e) => newest[e.Regarding] - e.Last > Retry || (context.Onset is null && context.Signals.Window.To - e.Last > Retry);
        foreach (var e in context.Signals.Events.Where(e => e.Reason == "FailedCreate" && e.Last >= context.Since && !IsOver(e)).OrderBy(e => e.First).ThenBy(e => e.Address))
        {
            var workload = AdmissionAnalyzer.TopWorkload(context, e.Regarding);
            found.Add(new(e.Regarding, workload, e.Message, e.First, new(e.Address, e.Last, $"{e.Regarding.Kind} {e.Regarding.Name}: FailedCreate: {SymptomDetector.Quote(e.Message)}", About(e.Regarding, workload))));
        }
        var told = found.Select(f => f.Workload).OfType<EntityRef>().ToHashSet();
        foreach (var workload in context.Signals.Cluster.Workloads)
        {
            var failure = workload.Conditions.FirstOrDefault(c => c is { Type: "ReplicaFailure", Status: "True" });
            var top = AdmissionAnalyzer.TopWorkload(context, workload.Header.Entity) ?? workload.Header.Entity;
            if (failure is null || !told.Add(top)) continue;
            found.Add(new(workload.Header.Entity, top, failure.Message, failure.Since,
                new(workload.Header.Address, failure.Since, $"{workload.Header.Entity.Kind} {workload.Header.Entity.Name}: {failure.Reason}: {SymptomDetector.Quote(failure.Message)}", About(workload.Header.Entity, top))));
        }
        return found;
    }

    private static EntityRef[] About(EntityRef regarding, EntityRef? workload) => workload is null || workload == regarding ? [regarding] : [regarding, workload];
}
