using Copilot.Core.Evidence;
using Copilot.Core.Signals;

namespace Copilot.Bench.Baselines;

/// <summary>
/// "Who breaks things on purpose?": the Schedule, or the experiment without one, that was applied most often in the recorded time; without any, the latest
/// change.
/// </summary>
internal static class BusiestChaos
{
    public static EntityRef? Find(SignalSet signals)
    {
        var schedules = signals.Chaos.Where(c => c.Schedule is not null).ToDictionary(c => c.Experiment, c => c.Schedule!);
        return signals.Events
            .Where(e => e.Reason == "Applied" && e.Regarding.Kind.EndsWith("Chaos", StringComparison.Ordinal) && e.Last >= signals.Window.From)
            .GroupBy(e => schedules.GetValueOrDefault(e.Regarding, e.Regarding))
            .OrderByDescending(g => g.Sum(e => e.Count)).ThenBy(g => g.Key).FirstOrDefault()?.Key
            ?? LatestChange.Find(signals);
    }
}
