using Copilot.Core.Evidence;

namespace Copilot.Core.Analysis.Analyzers;

/// <summary>
/// Workloads that fail because another one does, where no calls are recorded: they are told its address in their environment, and their own words name it or
/// their probes say that they cannot serve.
/// </summary>
internal static class Dependents
{
    public static List<EntityRef> Of(AnalysisContext context, EntityRef workload)
    {
        var found = new List<EntityRef>();
        if (context.Signals.Calls.Count > 0) return found;
        var failing = context.Symptoms.Where(s => s.Kind == SymptomKind.Unavailable && s.Workload is not null && s.Workload != workload).DistinctBy(s => s.Workload).OrderBy(s => s.Workload).ToList();
        var frontier = new Queue<EntityRef>([workload]);
        while (frontier.TryDequeue(out var broken))
        {
            foreach (var symptom in failing.Where(s => !found.Contains(s.Workload!) && Needs(context, s.Workload!, broken)))
            {
                found.Add(symptom.Workload!);
                frontier.Enqueue(symptom.Workload!);
            }
        }
        return found;
    }

    private static bool Needs(AnalysisContext context, EntityRef dependent, EntityRef on)
    {
        var hosts = context.Map.ComponentsOf(dependent).Append(dependent.Name).SelectMany(c => context.Map.Callees[c]).Where(c => context.Map.WorkloadOf(c) == on).Distinct().ToList();
        if (hosts.Count == 0) return false;
        var pods = context.Map.Pods(dependent).Where(p => !p.IsReady).ToList();
        // One that has a reason of its own, such as an image that is not there, waits for nobody.
        if (pods.Exists(p => p.Phase == "Pending" || p.Containers.Any(c => c.WaitingReason.Length > 0 && c.WaitingReason != "CrashLoopBackOff"))) return false;
        if (context.NewTexts.Any(t => (t.Component == dependent.Name || t.Evidence.About.Any(a => pods.Exists(p => p.Header.Entity == a))) && hosts.Exists(h => ServiceMap.NamesHost(t.Text, h)))) return true;
        return pods.TrueForAll(p => !p.Containers.Any(Unavailability.IsFailing))
            && Unavailability.EventsOf(dependent, context.Map, context.Signals).Any(e => e.Reason == "Unhealthy" && e.Message.Contains("statuscode: 5", StringComparison.Ordinal));
    }
}
