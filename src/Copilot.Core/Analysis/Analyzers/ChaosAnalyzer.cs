using Copilot.Core.Evidence;

namespace Copilot.Core.Analysis.Analyzers;

/// <summary>Fault-injection experiments by what they were applied to and when.</summary>
public static class ChaosAnalyzer
{
    private static readonly TimeSpan Slack = TimeSpan.FromMinutes(3);

    public static IEnumerable<Finding> Find(AnalysisContext context)
    {
        // Pods that existed in the recorded time: an experiment on others belongs to an earlier run.
        var pods = context.Signals.Cluster.Pods.Select(p => p.Header.Entity).ToHashSet();
        var observed = context.Signals.Resources.Select(r => new EntityRef(r.Namespace, "Pod", r.Pod)).ToHashSet();
        foreach (var group in context.Signals.Chaos.GroupBy(c => c.Schedule ?? c.Experiment))
        {
            var from = context.Onset is null ? DateTimeOffset.MinValue : context.Onset.Earliest - Slack;
            var acting = group.Where(c => (c.To ?? DateTimeOffset.MaxValue) >= from && c.Targets.Any(t => pods.Count + observed.Count == 0 || pods.Contains(t) || observed.Contains(t))).OrderBy(c => c.From).ToList();
            var chosen = acting.Count > 0 ? acting : [.. group.OrderBy(c => c.From)];
            var targets = chosen.SelectMany(c => c.Targets).Distinct().Order().ToList();
            var workloads = targets.Select(context.Map.WorkloadOfPod).OfType<EntityRef>().Distinct().ToList();
            var components = workloads.SelectMany(context.Map.ComponentsOf).Distinct().ToList();
            var mechanism = chosen[0].Experiment.Kind switch
            {
                "NetworkChaos" => Mechanism.ChaosNetwork,
                "PodChaos" => Mechanism.ChaosPod,
                "StressChaos" => Mechanism.ChaosStress,
                _ => Mechanism.ChaosOther,
            };
            var what = $"{chosen[0].Experiment.Kind} {(chosen.Count > 1 ? $"({chosen.Count} times) " : "")}on {string.Join(", ", workloads.Count > 0 ? workloads.Select(w => w.Name) : targets.Select(t => t.Name))}";
            var says = $"{group.Key.Kind} {group.Key.Name} applied {what}, first at {chosen[0].From:HH:mm:ss}";
            var evidence = chosen[0].Evidence.Concat(chosen.Count > 1 ? chosen[^1].Evidence : []).Take(5).Select(c => c with { About = [.. c.About, group.Key] }).ToList();
            var prior = acting.Count > 0 ? Prior.Chaos : Prior.Harmless;
            // The experiment's own time counts, not that of an earlier incarnation of the same name.
            yield return new(
                FindingCode.ChaosApplied, group.Key, mechanism, chosen[0].From, TimeSpan.Zero, prior, Reach.Of(components, workloads) with { Sources = [] }, evidence,
                acting.Count > 0 ? Rhythm(context, acting) : [new(0, "it ended before things got worse, or was applied to pods that do not exist any more")], says,
                "The trouble goes on while no experiment is applied.");
        }
    }

    private static IReadOnlyList<Support> Rhythm(AnalysisContext context, List<Signals.ChaosInterval> acting) =>
        context.Onset is { } onset && acting.Exists(a => a.From <= onset.Latest + TimeSpan.FromMinutes(1)) && acting[0].From >= onset.Earliest - TimeSpan.FromMinutes(10)
            ? [new(1, "it was applied first about when things got worse")]
            : [];
}
