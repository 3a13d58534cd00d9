using Copilot.Core.Evidence;

namespace Copilot.Core.Analysis.Analyzers;

/// <summary>Workloads that overload or lock what others depend on: sources of too many requests, and jobs that began when a shared dependency got slow.</summary>
public static class LoadAnalyzer
{
    public static IEnumerable<Finding> Find(AnalysisContext context) => Sources(context).Concat(Newcomers(context));

    private static IEnumerable<Finding> Sources(AnalysisContext context)
    {
        foreach (var surge in context.Symptoms.Where(s => s.Kind == SymptomKind.Surge))
            yield return new(
                FindingCode.TrafficSurge, context.Map.EntityOf(surge.Component), Mechanism.TrafficSurge, surge.Began?.At, TimeSpan.Zero, Prior.RuntimeDependency,
                new([surge.Component], [], [], [], [], [surge.Component]), surge.Evidence, [], $"{context.Map.EntityOf(surge.Component).Kind} {surge.Component}: {surge.Says}",
                $"{surge.Component} sends as much as usual while the trouble goes on.");
    }

    /// <summary>A Job, CronJob or Deployment that began about the onset and works with a dependency in trouble.</summary>
    private static IEnumerable<Finding> Newcomers(AnalysisContext context)
    {
        if (context.Onset is not { } onset) yield break;
        var worse = context.Symptoms.Where(s => s.Kind is SymptomKind.BrokenCall or SymptomKind.SlowCall).ToList();
        var troubled = worse.Select(s => s.Component).ToHashSet();
        if (troubled.Count == 0) yield break;
        // Whoever needs the dependency most suffers first, before everything together is worse.
        var earliest = worse.Select(s => s.Began?.Earliest ?? onset.Earliest).Append(onset.Earliest).Min();
        foreach (var started in Started(context, onset with { Earliest = earliest }))
        {
            var text = context.NewTexts.FirstOrDefault(t => t.Text.Contains(started.Top.Name, StringComparison.Ordinal) && context.Map.WorkloadOf(t.Component) != started.Top);
            var dependencies = troubled.Where(d => Uses(context, started.Top, started.Workload, d)).ToList();
            if (dependencies.Count == 0 && text.Text is null) continue;
            var into = dependencies.Count > 0 ? dependencies : [.. troubled];
            var says = $"{started.Top.Kind} {started.Top.Name} began at {started.At:HH:mm:ss} and works with {string.Join(", ", into)}";
            var support = new List<Support>();
            if (text.Text is not null) support.Add(new(3, $"{text.Component} names it: {SymptomDetector.Quote(text.Text)}", [text.Evidence with { About = [.. text.Evidence.About, started.Top] }]));
            yield return new(
                FindingCode.TrafficSurge, started.Top, Mechanism.TrafficSurge, started.At, TimeSpan.Zero, Prior.Newcomer, new([], into, [], [], [], []) { Flooded = [.. into] },
                [new(started.Address, started.At, says, [started.Top, started.Workload])], support, says, $"{started.Top.Name} ran at other times without this trouble.");
        }
    }

    private static IEnumerable<(EntityRef Top, EntityRef Workload, DateTimeOffset At, RecordAddress Address)> Started(AnalysisContext context, Onset onset)
    {
        foreach (var workload in context.Signals.Cluster.Workloads.Where(w => w.Header.Entity.Kind is "Job" or "Deployment" or "StatefulSet" or "DaemonSet"))
        {
            if (workload.Header.Created is not { } at || at < onset.Earliest - TimeSpan.FromMinutes(5) || at > onset.Latest + TimeSpan.FromMinutes(1)) continue;
            yield return (workload.Header.Owner ?? workload.Header.Entity, workload.Header.Entity, at, workload.Header.Address);
        }
    }

    /// <summary>By its calls, its environment, or the settings that name the dependency's host.</summary>
    private static bool Uses(AnalysisContext context, EntityRef top, EntityRef workload, string dependency) =>
        context.Map.ComponentsOf(top).Concat(context.Map.ComponentsOf(workload)).Any(c => context.Map.Callees[c].Contains(dependency))
        || (context.Map.Workload(workload)?.Containers ?? []).SelectMany(c => c.Environment.Values).Any(v => v.Contains(dependency, StringComparison.OrdinalIgnoreCase));
}
