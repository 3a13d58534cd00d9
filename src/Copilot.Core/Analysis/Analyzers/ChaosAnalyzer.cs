using Copilot.Core.Evidence;

namespace Copilot.Core.Analysis.Analyzers;

/// <summary>Fault-injection experiments by what they were applied to and when.</summary>
public static class ChaosAnalyzer
{
    private static readonly TimeSpan Slack = TimeSpan.FromMinutes(3);

    private static readonly TimeSpan Prompt = TimeSpan.FromSeconds(90);

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
            // It acts from the first time on that it hit pods which are there now: what began much later is not its doing.
            var first = acting.Count > 0 ? group.Where(c => c.From <= acting[0].From && c.Targets.Any(acting[0].Targets.Contains)).MinBy(c => c.From)!.From : chosen[0].From;
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
            var says = $"{group.Key.Kind} {group.Key.Name} applied {what}, first at {first:HH:mm:ss}";
            var evidence = chosen[0].Evidence.Concat(chosen.Count > 1 ? chosen[^1].Evidence : []).Take(5).Select(c => c with { About = [.. c.About, group.Key] }).ToList();
            var prior = acting.Count > 0 ? Prior.Chaos : Prior.Harmless;
            // The experiment's own time counts, not that of an earlier incarnation of the same name.
            yield return new(
                FindingCode.ChaosApplied, group.Key, mechanism, first, TimeSpan.Zero, prior, Reach.Of(components, workloads) with { Sources = [] }, evidence,
                acting.Count > 0 ? Rhythm(context, acting, first, components) : [new(0, "it ended before things got worse, or was applied to pods that do not exist any more")], says,
                "The trouble goes on while no experiment is applied.");
        }
    }

    private static IReadOnlyList<Support> Rhythm(AnalysisContext context, List<Signals.ChaosInterval> acting, DateTimeOffset first, List<string> components)
    {
        if (context.Symptoms.Any(s => s.Began is { } began && (components.Contains(s.Component) || components.Contains(s.Caller)) && first >= began.Earliest - Prompt && first <= began.Latest))
            return [new(1.5, "trouble began where it acts just when it was applied first")];
        return context.Onset is { } onset && acting.Exists(a => a.From <= onset.Latest + TimeSpan.FromMinutes(1)) && first >= onset.Earliest - TimeSpan.FromMinutes(10)
            ? [new(1, "it was applied first about when things got worse")]
            : [];
    }
}
