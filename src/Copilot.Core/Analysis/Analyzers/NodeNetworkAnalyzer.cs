using Copilot.Core.Signals;

namespace Copilot.Core.Analysis.Analyzers;

/// <summary>
/// A node whose network loses or delays packets says nothing of itself. It shows in who suffers: calls that cross its border got worse, whichever services
/// they join, and calls that do not cross it did not. How likely a call is to cross it follows from the nodes of both ends' pods.
/// </summary>
public static class NodeNetworkAnalyzer
{
    private const int LeastCalls = 30; // on each side of the onset
    private const double LeastGrowth = 2;
    private const double LeastMs = 2;
    private const double LeastBroken = 0.01;
    private const double LeastCrossing = 0.3;

    // Who is not reached at all is not there, or is shut off.
    private const double NotThere = 0.9;

    // Of calls across the border at least so many got worse, of others at most so many: retries and full queues spread it a little.
    private const double LeastHit = 0.7;
    private const double MostElsewhere = 0.2;

    private sealed record Edge(CallTraffic Call, IReadOnlyDictionary<string, double> Caller, IReadOnlyDictionary<string, double> Callee, bool Worse);

    public static IEnumerable<Finding> Find(AnalysisContext context)
    {
        if (context.Onset is not { } onset || context.Signals.Cluster.Nodes.Count < 2) yield break;
        var split = context.Signals.Grid.IndexOf(onset.At);
        if (split < 3) yield break;
        var edges = Edges(context, split);
        if (edges.Count(e => e.Worse) < 3) yield break;
        var judged = context.Signals.Cluster.Nodes.Select(n => (Node: n, Fit: Fit(edges, n.Header.Entity.Name))).Where(n => n.Fit.Hit >= 3).OrderByDescending(n => n.Fit.Gain).ThenBy(n => n.Node.Header.Entity).ToList();
        if (judged.Count == 0) yield break;
        var (node, fit) = judged[0];
        if (fit.HitShare < LeastHit || fit.ElsewhereShare > MostElsewhere || (judged.Count > 1 && judged[1].Fit.Gain >= fit.Gain) || OneService(edges, node.Header.Entity.Name)) yield break;
        var entity = node.Header.Entity;
        var on = edges.SelectMany(e => new[] { (e.Call.Caller, Share: e.Caller.GetValueOrDefault(entity.Name)), (e.Call.Callee, Share: e.Callee.GetValueOrDefault(entity.Name)) })
            .Where(s => s.Share >= LeastCrossing).Select(s => s.Item1).Distinct().Order(StringComparer.Ordinal).ToList();
        var says = $"calls from and to the pods on node {entity.Name} got worse ({fit.Hit} of {fit.Crossing} kinds of calls that cross its border, {fit.Elsewhere} of {fit.Others} others): {string.Join(", ", on.Take(5))} run there";
        var cites = context.Symptoms.Where(s => s.Caller.Length > 0 && (on.Contains(s.Component) || on.Contains(s.Caller))).OrderByDescending(s => s.Weight).SelectMany(s => s.Evidence.Take(1)).Take(3).Select(c => c with { About = [.. c.About, entity] });
        yield return new(
            FindingCode.NodeNetwork, entity, Mechanism.Network, null, TimeSpan.Zero, Prior.RuntimeDependency, new([], on, on, [], [], []),
            [new(node.Header.Address, node.Header.LastSeen, says, entity), .. cites],
            [new(Math.Min(6, fit.Gain), "who suffers follows from where pods run, and not from which service they are")], says, $"A call between two pods on other nodes got worse in the same way, or one to {on[0]} from its own node.")
        { TimeIsUnknowable = true };
    }

    private static List<Edge> Edges(AnalysisContext context, int split)
    {
        var places = context.Signals.Cluster.Pods.Where(p => p.Node.Length > 0 && p.Workload is not null && p.Phase is not ("Succeeded" or "Failed")).GroupBy(p => p.Workload!)
            .ToDictionary(g => g.Key, g => g.GroupBy(p => p.Node).ToDictionary(n => n.Key, n => (double)n.Count() / g.Count()));
        var edges = new List<Edge>();
        foreach (var call in context.Signals.Calls)
        {
            if (context.Map.WorkloadOf(call.Caller) is not { } caller || context.Map.WorkloadOf(call.Callee) is not { } callee) continue;
            if (!places.TryGetValue(caller, out var from) || !places.TryGetValue(callee, out var to)) continue;
            double before = SymptomDetector.Sum(call.Calls, 0, split), after = SymptomDetector.Sum(call.Calls, split, call.Calls.Length);
            if (before < LeastCalls || after < LeastCalls || SymptomDetector.Sum(call.Unanswered, split, call.Unanswered.Length) >= NotThere * after) continue;
            edges.Add(new(call, from, to, IsWorse(call, split, before, after)));
        }
        return edges;
    }

    private static bool IsWorse(CallTraffic call, int split, double before, double after)
    {
        var series = call.CalleeTraced ? call.GapMs : call.LatencyMs;
        var (slowBefore, slowAfter) = (Mean(series, 0, split), Mean(series, split, series.Length));
        if (slowAfter >= LeastGrowth * slowBefore && slowAfter - slowBefore >= LeastMs) return true;
        return (SymptomDetector.Sum(call.Unanswered, split, call.Unanswered.Length) / after) - (SymptomDetector.Sum(call.Unanswered, 0, split) / before) >= LeastBroken;
    }

    private static double Mean(double[] values, int from, int to)
    {
        var known = values[from..to].Where(v => !double.IsNaN(v)).ToList();
        return known.Count == 0 ? double.NaN : known.Average();
    }

    /// <summary>
    /// How well "what crosses the node's border got worse" fits: the gain in log likelihood over "any call got worse with the same chance", in nats.
    /// </summary>
    private static (int Hit, int Crossing, int Elsewhere, int Others, double HitShare, double ElsewhereShare, double Gain) Fit(List<Edge> edges, string node)
    {
        var crossing = edges.Where(e => Crossing(e, node) >= LeastCrossing).ToList();
        // Calls that stay on the node suffer or not, as its trouble lies in the host or on the wire: they tell nothing.
        var others = edges.Where(e => !e.Caller.ContainsKey(node) && !e.Callee.ContainsKey(node)).ToList();
        int hit = crossing.Count(e => e.Worse), elsewhere = others.Count(e => e.Worse);
        var gain = LogBinomial(hit, crossing.Count) + LogBinomial(elsewhere, others.Count) - LogBinomial(hit + elsewhere, crossing.Count + others.Count);
        var (hitShare, elsewhereShare) = ((double)hit / Math.Max(1, crossing.Count), (double)elsewhere / Math.Max(1, others.Count));
        return (hit, crossing.Count, elsewhere, others.Count, hitShare, elsewhereShare, hitShare > elsewhereShare ? gain : 0);
    }

    /// <summary>The chance that exactly one end of the call lies on the node.</summary>
    private static double Crossing(Edge edge, string node)
    {
        double from = edge.Caller.GetValueOrDefault(node), to = edge.Callee.GetValueOrDefault(node);
        return from + to - (2 * from * to);
    }

    /// <summary>Where one service is part of all that got worse, that service is the simpler answer.</summary>
    private static bool OneService(List<Edge> edges, string node)
    {
        var worse = edges.Where(e => e.Worse && Crossing(e, node) > 0).ToList();
        return worse.SelectMany(e => new[] { e.Call.Caller, e.Call.Callee }).Distinct().Any(s => worse.TrueForAll(e => e.Call.Caller == s || e.Call.Callee == s));
    }

    private static double LogBinomial(int hits, int trials)
    {
        if (trials == 0) return 0;
        var p = (hits + 0.5) / (trials + 1);
        return (hits * Math.Log(p)) + ((trials - hits) * Math.Log(1 - p));
    }
}
