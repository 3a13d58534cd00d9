using Copilot.Core.Analysis;
using Copilot.Core.Evidence;
using Copilot.Core.Signals;

namespace Copilot.Core.Summaries;

/// <summary>Compares how often lines of a template come before and after a step of the grid.</summary>
/// <param name="Steps">How many steps before and after hold any log line: where nobody listened, silence says nothing.</param>
internal sealed record LogComparison(int Split, (int Before, int After) Steps)
{
    // Lines of one kind come in bunches, so chance alone reaches further than a Poisson count would: four standard errors and twice the rate.
    private const double StandardErrors = 4;
    private const double LeastRatio = 2;

    // So many standard errors below what was to be expected, nothing at all is a silence.
    private const double Silence = 3;

    // So many lines were to be expected before the first one, had it always been said as often as since: then it is new, and not just rare.
    private const double Missed = 4;

    /// <summary>The same words of several pods are one template.</summary>
    public static IEnumerable<ServiceTemplate> Templates(SignalSet signals)
    {
        foreach (var group in signals.Logs.Where(l => l.Samples.Count > 0).GroupBy(l => (l.Service, l.Text)))
        {
            var all = group.ToList();
            var steps = new double[all.Max(t => t.PerStep.Length)];
            foreach (var template in all)
                for (var i = 0; i < template.PerStep.Length; i++) steps[i] += template.PerStep[i];
            yield return new(group.Key.Service, group.Key.Text, all.Exists(t => t.Problem), steps, [.. all.SelectMany(t => t.Samples).OrderBy(s => s.At).ThenBy(s => s.Address)], [.. all.Select(t => t.Pod).OfType<EntityRef>().Distinct()]);
        }
    }

    /// <summary>Whether what is said from a step on was not said before.</summary>
    /// <param name="listened">The first step in which anything logged.</param>
    public static bool IsNovel(ServiceTemplate template, int first, int listened)
    {
        var since = template.PerStep.Length - first;
        return first > listened && template.PerStep.Sum() / since * (first - listened) >= Missed;
    }

    /// <summary>Null where there is no time before or none after.</summary>
    public static LogComparison? Of(SignalSet signals, Onset? onset)
    {
        if (onset is null || signals.Grid.Count == 0) return null;
        var split = signals.Grid.IndexOf(onset.Earliest);
        if (split <= 0 || split >= signals.Grid.Count) return null;
        var series = signals.Logs.Select(l => l.PerStep).Where(s => s.Length == signals.Grid.Count).ToList();
        return series.Exists(s => s.Take(split).Any(c => c > 0)) && series.Exists(s => s.Skip(split).Any(c => c > 0)) ? new(split, SymptomDetector.Recorded(series, split, signals.Grid.Count)) : null;
    }

    /// <summary><c>new</c>, <c>more</c>, <c>stopped</c>, <c>less</c> or <c>same</c>.</summary>
    public string Change(double before, double after)
    {
        if (before == 0) return after > 0 ? "new" : "same";
        var share = (double)Steps.After / (Steps.Before + Steps.After);
        var (all, ratio) = (before + after, after / Steps.After / (before / Steps.Before));
        // Of all lines, those after the split are binomial if nothing changed.
        var errors = (after - (all * share)) / Math.Sqrt(all * share * (1 - share));
        if (after == 0) return errors <= -Silence ? "stopped" : "same";
        return Math.Abs(errors) < StandardErrors ? "same" : ratio >= LeastRatio ? "more" : ratio <= 1 / LeastRatio ? "less" : "same";
    }

    /// <summary>The first step in which anything logged; -1 where nothing did.</summary>
    public static int FirstListened(SignalSet signals) =>
        signals.Logs.Select(l => Array.FindIndex(l.PerStep, c => c > 0)).Where(i => i >= 0).DefaultIfEmpty(-1).Min();

    /// <summary>A line, about the service by its name in telemetry, its workload and its pod.</summary>
    public static Citation Cite(ServiceTemplate template, LogSample sample, string says, AnalysisResult analysis)
    {
        var entity = analysis.Map.EntityOf(template.Service);
        var named = new EntityRef(entity.Namespace, "Service", template.Service);
        // Lines of a plain text file name nobody; the path of the file does.
        return new(sample.Address, sample.At.UtcTicks > 0 ? sample.At : null, says, [entity, named, .. template.Pods]);
    }
}

/// <summary>Lines of all pods of a service that say the same.</summary>
/// <param name="PerStep">On the common grid; empty where there is none.</param>
internal sealed record ServiceTemplate(string Service, string Text, bool Problem, double[] PerStep, IReadOnlyList<LogSample> Samples, IReadOnlyList<EntityRef> Pods);
