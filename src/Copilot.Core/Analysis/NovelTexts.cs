using Copilot.Core.Evidence;
using Copilot.Core.Signals;

namespace Copilot.Core.Analysis;

/// <summary>Finds messages of failure that are new since the onset, or several times as frequent.</summary>
internal static class NovelTexts
{
    private const double LeastGrowth = 4;

    public static IReadOnlyList<(string Component, string Text, Citation Evidence)> Find(SignalSet signals, ServiceMap map, Onset? onset)
    {
        var split = onset is null ? 0 : Math.Max(0, signals.Grid.IndexOf(onset.Earliest));
        var result = new List<(string, string, Citation)>();
        var called = SymptomDetector.Recorded(signals.Calls.Select(c => c.Calls), split, signals.Grid.Count);
        var logged = SymptomDetector.Recorded(signals.Logs.Select(l => l.PerStep), split, signals.Grid.Count);
        foreach (var call in signals.Calls)
        {
            foreach (var message in call.Messages.Where(m => IsNovel(m.PerStep, split, called)))
                result.Add((call.Caller, message.Text, new(message.First, null, $"{call.Caller} -> {call.Callee}: {SymptomDetector.Quote(message.Text)}", [map.EntityOf(call.Caller), map.EntityOf(call.Callee)])));
        }
        foreach (var template in signals.Logs.Where(t => t.Problem && IsNovel(t.PerStep, split, logged)))
        {
            var sample = template.Samples.FirstOrDefault(s => onset is null || s.At >= onset.Earliest) ?? (template.Samples.Count > 0 ? template.Samples[^1] : null);
            if (sample is null) continue;
            EntityRef[] about = template.Pod is { } pod ? [map.EntityOf(template.Service), pod] : [map.EntityOf(template.Service)];
            result.Add((template.Service, sample.Text, new(sample.Address, sample.At.UtcTicks > 0 ? sample.At : null, $"{template.Service} logs {SymptomDetector.Quote(sample.Text)}", about)));
        }
        return result;
    }

    /// <summary>At least four times as frequent as before, by the steps that were recorded, or new. Without a grid everything is.</summary>
    private static bool IsNovel(double[] perStep, int split, (int Before, int After) steps)
    {
        if (perStep.Length == 0) return true;
        double before = SymptomDetector.Sum(perStep, 0, split), after = SymptomDetector.Sum(perStep, split, perStep.Length);
        if (split <= 0) return true;
        return after >= 2 && after / steps.After >= LeastGrowth * before / steps.Before;
    }
}
