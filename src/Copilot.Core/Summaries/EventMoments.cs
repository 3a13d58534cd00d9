using Copilot.Core.Analysis;
using Copilot.Core.Diagnoses;
using Copilot.Core.Evidence;
using Copilot.Core.Signals;

namespace Copilot.Core.Summaries;

/// <summary>What the cluster's events, the chaos experiments and the alerts tell.</summary>
internal static class EventMoments
{
    private const int MostNames = 3;
    private const int MostRuns = 3;

    public static IEnumerable<Moment> Of(SignalSet signals, AnalysisResult analysis) => Events(signals, analysis).Concat(Chaos(signals, analysis)).Concat(Alerts(signals, analysis));

    /// <summary>The same reason for pods of one workload once, with how often.</summary>
    private static IEnumerable<Moment> Events(SignalSet signals, AnalysisResult analysis)
    {
        foreach (var group in signals.Events.GroupBy(e => (e.Reason, e.Warning, About: analysis.Map.WorkloadOfPod(e.Regarding) ?? e.Regarding, e.Regarding.Kind)))
        {
            var first = group.MinBy(e => e.First)!;
            var last = group.Max(e => e.Last);
            var count = group.Sum(e => Math.Max(1, e.Count));
            var objects = group.Select(e => e.Regarding).Distinct().Count();
            var who = objects == 1 ? $"{first.Regarding.Kind} {first.Regarding.Name}" : $"{objects} {first.Regarding.Kind}s of {group.Key.About.Name}";
            var says = $"{who}: {first.Reason}{(first.Message.Length > 0 ? $": {SymptomDetector.Quote(first.Message)}" : "")}";
            var rank = !first.Warning ? Rank.Everyday : Rank.OfTrouble(analysis, first.Regarding, first.First);
            yield return new(rank, first.First, "event", says, new Citation(first.Address, first.First, says, first.Regarding)) { Count = count, Until = last > first.First ? last : null };
        }
    }

    private static IEnumerable<Moment> Chaos(SignalSet signals, AnalysisResult analysis)
    {
        // A schedule starts one experiment after another: each is told where it is one of a few, else all as one.
        foreach (var group in signals.Chaos.Where(c => c.Evidence.Count > 0).GroupBy(c => c.Schedule ?? c.Experiment))
        {
            var runs = group.OrderBy(c => c.From).ToList();
            var near = runs.Exists(r => r.Targets.Any(analysis.IsNearTrouble));
            if (runs.Count > MostRuns)
            {
                var hit = runs.SelectMany(r => r.Targets).Select(t => analysis.Map.WorkloadOfPod(t)?.Name ?? t.Name).Distinct().ToList();
                var all = $"{group.Key.Kind} {group.Key.Name} applied {runs[0].Experiment.Kind} {runs.Count} times{On(hit)}";
                yield return new(near ? Rank.Intervention : Rank.Elsewhere, runs[0].From, "chaos", all, runs[0].Evidence[0] with { Says = all }) { Count = runs.Count, Until = runs.Exists(r => r.To is null) ? null : runs.Max(r => r.To) };
                continue;
            }
            foreach (var run in runs)
            {
                var targets = run.Targets.Select(t => t.Name).Distinct().ToList();
                var end = run.To is { } to ? $", until {to:HH:mm:ss}" : ", no end recorded";
                var says = $"{run.Experiment.Kind} {run.Experiment.Name}{(run.Schedule is null ? "" : $" of Schedule {run.Schedule.Name}")} acts{On(targets)}{end}";
                yield return new(near ? Rank.Intervention : Rank.Elsewhere, run.From, "chaos", says, run.Evidence[0] with { Says = says }) { Until = run.To };
            }
        }
    }

    private static string On(List<string> targets) => targets.Count == 0 ? "" : $" on {string.Join(", ", targets.Take(MostNames))}{(targets.Count > MostNames ? $" and {targets.Count - MostNames} more" : "")}";

    private static IEnumerable<Moment> Alerts(SignalSet signals, AnalysisResult analysis)
    {
        var observed = signals.Alerts.Observations;
        foreach (var alert in signals.Alerts.Alerts)
        {
            var background = AlertSymptoms.IsBackground(alert, observed);
            var about = AlertWords.About(alert);
            var entity = new EntityRef(alert.Label("namespace"), "Alert", alert.Name);
            var began = AlertWords.Began(alert);
            var says = background ? $"{alert.Name}{about} was firing already" : $"{alert.Name}{about} fires: {SymptomDetector.Quote(alert.Description)}";
            var rank = background ? Rank.Everyday : Timeline.Concerns(alert, analysis) ? Rank.Alert : Rank.Elsewhere;
            yield return new(rank, began, "alert", says, new Citation(alert.First, began, says, entity)) { Count = Math.Max(1, alert.Observations), Until = alert.LastSeen > began ? alert.LastSeen : null };
            if (background || observed.Count == 0 || alert.LastSeen >= observed[^1]) continue;
            var gone = observed.First(o => o > alert.LastSeen);
            var ended = $"{alert.Name}{about} no longer fires";
            yield return new(Math.Max(Rank.Elsewhere, rank), gone, "alert", ended, new Citation(alert.Last, alert.LastSeen, $"{ended}: this is where it was seen last", entity));
        }
    }
}
