using Copilot.Core.Analysis;
using Copilot.Core.Diagnoses;
using Copilot.Core.Evidence;
using Copilot.Core.Signals;

namespace Copilot.Core.Summaries;

/// <summary>What programs said for the first time, and flags that turned.</summary>
internal static class TelemetryMoments
{
    // A flag that a share of requests gets turns all the time.
    private const int MostTurns = 4;

    public static IEnumerable<Moment> Of(SignalSet signals, AnalysisResult analysis) => signals.Grid.Count == 0 ? [] : Logs(signals, analysis).Concat(Flags(signals, analysis));

    private static IEnumerable<Moment> Logs(SignalSet signals, AnalysisResult analysis)
    {
        var listened = LogComparison.FirstListened(signals);
        foreach (var template in LogComparison.Templates(signals).Where(t => t.PerStep.Length == signals.Grid.Count))
        {
            var first = Array.FindIndex(template.PerStep, c => c > 0);
            if (first < 0 || !LogComparison.IsNovel(template, first, listened)) continue;
            var sample = template.Samples[0];
            var count = (int)template.PerStep.Sum();
            var entity = analysis.Map.EntityOf(template.Service);
            var says = $"{template.Service} logs for the first time: {SymptomDetector.Quote(sample.Text)}";
            var rank = !template.Problem ? Rank.Machinery : Rank.OfTrouble(analysis, entity, sample.At);
            var last = signals.Grid.TimeOf(Array.FindLastIndex(template.PerStep, c => c > 0) + 1);
            yield return new(rank, sample.At, "log", says, LogComparison.Cite(template, sample, says, analysis)) { Count = Math.Max(1, count), Until = count > 1 ? last : null };
        }
    }

    private static IEnumerable<Moment> Flags(SignalSet signals, AnalysisResult analysis)
    {
        foreach (var flag in signals.Flags.GroupBy(f => (f.Service, f.Flag)))
        {
            var turns = Turns([.. flag]).ToList();
            if (turns.Count > MostTurns) continue;
            foreach (var (step, from, to) in turns)
            {
                // The first evaluation of a variant is cited: later turns to it have no record of their own.
                var at = signals.Grid.TimeOf(step);
                var says = $"{flag.Key.Service} now gets {to.Variant} for the flag {flag.Key.Flag}, before {from.Variant}";
                var entity = analysis.Map.EntityOf(flag.Key.Service);
                var cited = Array.FindIndex(to.PerStep, c => c > 0) == step ? to.First : to.Last;
                yield return new(Rank.Intervention, at, "flag", says, new Citation(cited, at, says, [new EntityRef(entity.Namespace, "FeatureFlag", flag.Key.Flag)]));
            }
        }
    }

    /// <summary>Steps at which another variant becomes the most frequent one.</summary>
    private static IEnumerable<(int Step, FlagEvaluation From, FlagEvaluation To)> Turns(List<FlagEvaluation> variants)
    {
        FlagEvaluation? current = null;
        for (var step = 0; step < variants.Max(v => v.PerStep.Length); step++)
        {
            var most = variants.Where(v => v.PerStep.Length > step && v.PerStep[step] > 0).MaxBy(v => v.PerStep[step]);
            if (most is null || most == current) continue;
            if (current is not null) yield return (step, current, most);
            current = most;
        }
    }
}
