using Copilot.Core.Signals;

namespace Copilot.Core.Analysis;

/// <summary>Finds components that send several times as many calls as before.</summary>
public static class Surges
{
    private const double LeastGrowth = 2.5;
    private const double LeastCalls = 30;

    public static IEnumerable<Symptom> Find(SignalSet signals, ServiceMap map, Onset onset)
    {
        var split = Math.Max(0, signals.Grid.IndexOf(onset.Earliest));
        if (split < 5) yield break;
        var series = signals.Calls.Count > 0 ? signals.Calls.Select(c => c.Calls) : SymptomDetector.BestSource(signals).Select(s => s.Calls);
        var steps = SymptomDetector.Recorded(series, split, signals.Grid.Count);
        if (signals.Calls.Count == 0)
        {
            foreach (var symptom in FromServices(signals, map, onset, split, steps)) yield return symptom;
            yield break;
        }
        var surging = signals.Calls.GroupBy(c => c.Caller).Select(g => (Component: g.Key, Growth: Growth(g, split, steps), Calls: g.ToList())).Where(s => s.Growth >= LeastGrowth).ToList();
        foreach (var (component, growth, calls) in surging)
        {
            // Whoever is called passes on what it gets, or tries again what failed: only where nobody calls does traffic begin.
            if (map.Callers[component].Any()) continue;
            // Who is asked no more than before and calls more tries again what failed.
            if (SymptomDetector.BestSource(signals).FirstOrDefault(s => s.Service == component) is { } served && GrowthOf(served.Calls, split, steps) is > 0 and < LeastGrowth) continue;
            var entity = map.EntityOf(component);
            var example = calls.SelectMany(c => c.SlowExamples.Skip(split)).FirstOrDefault(e => e.Exists);
            var says = $"{component} sends {growth:0.0} times as many calls as before";
            yield return new(SymptomKind.Surge, component, "", entity, onset, Math.Log(growth), says, !example.Exists ? [] : [new(example.Address, example.At, says, entity)]);
        }
    }

    /// <summary>Where no calls are recorded, what the services were asked: the one that nobody calls is where it comes in.</summary>
    private static IEnumerable<Symptom> FromServices(SignalSet signals, ServiceMap map, Onset onset, int split, (int Before, int After) steps)
    {
        foreach (var service in SymptomDetector.BestSource(signals).Where(s => map.Callees[s.Service].Any() && !map.Callers[s.Service].Any()))
        {
            double before = SymptomDetector.Sum(service.Calls, 0, split), after = SymptomDetector.Sum(service.Calls, split, service.Calls.Length);
            if (after < LeastCalls) continue;
            var growth = after / steps.After / Math.Max(0.1, before / steps.Before);
            if (growth < LeastGrowth) continue;
            var entity = map.EntityOf(service.Service);
            var example = service.SlowExamples.Skip(split).FirstOrDefault(e => e.Exists);
            var says = $"{service.Service} gets {growth:0.0} times as many requests as before";
            yield return new(SymptomKind.Surge, service.Service, "", entity, onset, Math.Log(growth), says, !example.Exists ? [] : [new(example.Address, example.At, says, entity)]);
        }
    }

    /// <summary>How many times as much as before; 0 where there was nothing before.</summary>
    private static double GrowthOf(double[] requests, int split, (int Before, int After) steps)
    {
        double before = SymptomDetector.Sum(requests, 0, split), after = SymptomDetector.Sum(requests, split, requests.Length);
        return before <= 0 ? 0 : after / steps.After / (before / steps.Before);
    }

    private static double Growth(IEnumerable<CallTraffic> calls, int split, (int Before, int After) steps)
    {
        double before = 0, after = 0;
        // A way that was not seen before may not have been recorded before.
        foreach (var call in calls.Where(c => SymptomDetector.Sum(c.Calls, 0, split) > 0))
        {
            before += SymptomDetector.Sum(call.Calls, 0, split);
            after += SymptomDetector.Sum(call.Calls, split, call.Calls.Length);
        }
        return after < LeastCalls ? 0 : after / steps.After / Math.Max(0.1, before / steps.Before);
    }
}
