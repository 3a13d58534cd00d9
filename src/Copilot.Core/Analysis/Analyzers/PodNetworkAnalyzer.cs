using Copilot.Core.Signals;

namespace Copilot.Core.Analysis.Analyzers;

/// <summary>
/// Services whose pods have a bad network: time is lost on their ways in and on their ways out alike. What delays packets at one end of many ways is at the
/// end that they share (binary network tomography; N. Duffield, "Network tomography of binary network performance characteristics", 2006).
/// </summary>
public static class PodNetworkAnalyzer
{
    private const double LeastCalls = 6; // after the onset

    // Where all ways lead in one direction it takes some of them, and every one.
    private const int LeastWays = 3;

    public static IEnumerable<Finding> Find(AnalysisContext context)
    {
        if (context.Onset is not { } onset) yield break;
        var split = Math.Max(0, context.Signals.Grid.IndexOf(onset.Earliest));
        // Ways that only break are rather closed by somebody: policies, ports, names.
        var worse = context.Symptoms.Where(s => s.Kind == SymptomKind.SlowCall).ToList();
        foreach (var component in worse.SelectMany(s => new[] { s.Component, s.Caller }).Distinct().Order(StringComparer.Ordinal))
        {
            var own = worse.FindAll(s => s.Component == component || s.Caller == component);
            if (!own.Exists(s => s.Caller == component)) continue; // a callee that is hard to reach is a dependency that fails
            var ways = context.Signals.Calls.Where(c => (c.Caller == component || c.Callee == component) && SymptomDetector.Sum(c.Calls, split, c.Calls.Length) >= LeastCalls).ToList();
            var hit = ways.Where(w => own.Exists(s => s.Caller == w.Caller && s.Component == w.Callee)).ToList();
            if (!InBothDirections(hit, component) && (hit.Count < LeastWays || hit.Count < ways.Count)) continue;
            var entity = context.Map.EntityOf(component);
            var says = $"{entity.Kind} {entity.Name}: {hit.Count} of {ways.Count} ways of calls from and to it got worse ({string.Join(", ", hit.Take(4).Select(w => w.Caller == component ? $"to {w.Callee}" : $"from {w.Caller}"))})";
            var support = new List<Support>(context.CouldNotLook()) { new(Math.Round(2 * (((double)hit.Count / ways.Count) - 0.5), 2), says) };
            if (InBothDirections(hit, component)) support.Add(new(0.5, "the ways in and the ways out of it got worse alike"));
            string[] components = [component];
            yield return new(
                FindingCode.PodNetwork, entity, Mechanism.Network, null, TimeSpan.Zero, Prior.RuntimeService, new(components, components, components, [], [], []),
                [.. own.OrderByDescending(s => s.Weight).SelectMany(s => s.Evidence.Take(1)).Take(4).Select(c => c with { About = [.. c.About, entity] })], support, says,
                $"A way from or to {component} on which nothing is lost.")
            { TimeIsUnknowable = true };
        }
    }

    private static bool InBothDirections(List<CallTraffic> ways, string component) => ways.Exists(w => w.Caller == component) && ways.Exists(w => w.Callee == component);
}
