using Copilot.Core.Evidence;
using Copilot.Core.Signals;

namespace Copilot.Core.Analysis;

/// <summary>A service that no longer handles its requests as it always did.</summary>
/// <param name="Operation">The operation whose requests show it best.</param>
/// <param name="LogLikelihoodRatio">Of "the rule was broken from then on" over "nothing changed", in nats.</param>
/// <param name="Began">When; null when it was so from the beginning of the recording on, other than in the recording of normal behaviour.</param>
public sealed record Deviation(string Service, string Operation, double LogLikelihoodRatio, Onset? Began, string Says, IReadOnlyList<Citation> Evidence);

/// <summary>
/// Finds code-level faults by invariants of requests that were broken: "whatever logs A goes on to B" and "no request does B" (I. Beschastnikh et al.,
/// "Leveraging existing instrumentation to automatically infer invariant-constrained models", ESEC/FSE 2011; for root causes the idea of expected patterns
/// that vanish is that of G. Yu et al., "Nezha", ESEC/FSE 2023). A wrong return value or a swallowed exception shows in nothing else. What requests do one
/// way or the other anyway is no invariant, so that a changed mix of users is no change.
/// </summary>
public static class Deviations
{
    /// <summary>Below this chance does it among some thousand rules.</summary>
    public const double Significant = 8;

    private const double Always = 0.98;
    private const double Rare = 0.05; // how often an invariant may have been broken before
    private const double LeastBefore = 3; // traces
    private const double LeastAfter = 2;
    private const double LeastRise = 0.2;
    private const double Improved = 3; // nats
    private const double WithinFactor = 0.5;

    /// <summary>The best broken rule of each service, the surest first. What follows from a callee's is among them.</summary>
    public static IReadOnlyList<Deviation> Find(SignalSet signals, ServiceMap map)
    {
        var within = new List<(OperationBehaviour Operation, Rule Rule)>();
        var since = new List<(OperationBehaviour Operation, Rule Rule)>();
        foreach (var operation in signals.Behaviours)
        {
            var requests = new Requests(operation, signals.Grid);
            var rules = requests.Broken();
            if (rules.Within is { } own) within.Add((operation, own));
            if (rules.Since is { } whole) since.Add((operation, whole));
        }
        // What changed while it was recorded tells more than what differs from another time, unless that is far surer.
        var chosen = Best(within) >= WithinFactor * Best(since) ? within : since;
        return
        [
            .. chosen.GroupBy(c => c.Operation.Service).Select(g => g.MaxBy(c => c.Rule.Ratio)).Select(c => Describe(c.Operation, c.Rule, signals.Grid, map.About(c.Operation.Service)))
                .OrderByDescending(d => d.LogLikelihoodRatio).ThenBy(d => d.Service, StringComparer.Ordinal),
        ];
    }

    private static double Best(List<(OperationBehaviour Operation, Rule Rule)> rules) => rules.Count == 0 ? 0 : rules.Max(r => r.Rule.Ratio);

    /// <param name="Given">The event after which the rule speaks; -1 for any request.</param>
    /// <param name="Event">The event that vanished or appeared.</param>
    private sealed record Rule(int Given, int Event, bool Appears, int Split, double Before, double After, double Ratio, double[] Profile);

    /// <summary>The requests of one operation as sets of events, each in one machine word.</summary>
    private sealed class Requests
    {
        private readonly OperationBehaviour _operation;
        private readonly TimeGrid _grid;
        private readonly (ulong Events, IReadOnlyList<(int Step, double Weight)> Weights, double Total)[] _variants;
        private readonly ulong _problems;

        public Requests(OperationBehaviour operation, TimeGrid grid)
        {
            (_operation, _grid) = (operation, grid);
            _variants = [.. operation.Variants.Select(v => (v.Events.Aggregate(0UL, (set, e) => set | (1UL << e)), v.Weights, v.Weights.Sum(w => w.Weight)))];
            for (var e = 0; e < operation.Events.Count; e++)
                if (operation.Events[e].Problem) _problems |= 1UL << e;
        }

        /// <summary>The surest rule broken from some time of the recording on, and the surest one that no request of the recording keeps to.</summary>
        public (Rule? Within, Rule? Since) Broken()
        {
            (Rule? within, Rule? since) = (null, null);
            var count = _operation.Events.Count;
            var together = Together(count);
            var everything = _variants.Sum(v => v.Total);
            for (var given = -1; given < count; given++)
            {
                var all = given < 0 ? everything : together[given, given];
                // What nearly every request does says no more than any request.
                if (all < LeastBefore + LeastAfter || (given >= 0 && all > Always * everything)) continue;
                double[]? trials = null;
                for (var e = 0; e < count; e++)
                {
                    if (e == given || _operation.Events[e].Kind == BehaviourEventKind.Failure) continue;
                    var both = given < 0 ? together[e, e] : together[given, e];
                    // That a problem vanishes is none.
                    if (!_operation.Events[e].Problem && all - both >= LeastAfter) Judge(given, e, appears: false, trials ??= Series(v => Has(v, given)), ref within, ref since);
                    // More words about requests that go well are a matter of what is logged.
                    var chatter = _operation.Events[e] is { Kind: BehaviourEventKind.Message, Problem: false };
                    if (given < 0 && both >= LeastAfter && !chatter) Judge(given, e, appears: true, trials ??= Series(_ => true), ref within, ref since);
                }
            }
            return (within, since);
        }

        /// <summary>How much weight the requests have in which two events both happen.</summary>
        private double[,] Together(int count)
        {
            var together = new double[count, count];
            foreach (var (events, _, total) in _variants)
            {
                for (var i = events; i != 0; i &= i - 1)
                {
                    var first = System.Numerics.BitOperations.TrailingZeroCount(i);
                    for (var j = events; j != 0; j &= j - 1) together[first, System.Numerics.BitOperations.TrailingZeroCount(j)] += total;
                }
            }
            return together;
        }

        private void Judge(int given, int e, bool appears, double[] trials, ref Rule? within, ref Rule? since)
        {
            var hits = Series(v => Has(v, given) && Has(v, e) == appears);
            if (!MayBeBroken(hits, trials)) return;
            var (best, profile) = Fit(hits, trials);
            foreach (var split in new[] { best, _grid.Reference })
            {
                if (split < 0 || double.IsNegativeInfinity(profile[split]) || profile[split] < Significant || (split == _grid.Reference && split == 0)) continue;
                var target = split == _grid.Reference ? since : within;
                if (target is not null && target.Ratio >= profile[split]) continue;
                if (!(appears && _operation.Events[e].Problem) && Improves(given, trials, split)) continue;
                var rule = new Rule(given, e, appears, split, Share(hits, trials, 0, split), Share(hits, trials, split, hits.Length), profile[split], profile);
                if (split == _grid.Reference) since = rule;
                else within = rule;
            }
        }

        /// <summary>Whether the rule held at first: what is done one way or the other all the time needs no closer look.</summary>
        private static bool MayBeBroken(double[] hits, double[] trials)
        {
            double broken = 0, seen = 0;
            for (var i = 0; i < hits.Length && seen < LeastBefore; i++)
            {
                broken += hits[i];
                seen += trials[i];
            }
            return broken <= Rare * Math.Max(seen, 1 / Rare);
        }

        /// <summary>Log likelihood ratio for each step at which the rule may have been broken first, and the best one after the beginning of the recording.</summary>
        private (int Best, double[] Profile) Fit(double[] hits, double[] trials)
        {
            var profile = new double[hits.Length];
            Array.Fill(profile, double.NegativeInfinity);
            double allHits = hits.Sum(), allTrials = trials.Sum(), beforeHits = 0, beforeTrials = 0;
            var best = -1;
            for (var step = 1; step < hits.Length; step++)
            {
                beforeHits += hits[step - 1];
                beforeTrials += trials[step - 1];
                if (step < _grid.Reference || beforeTrials < LeastBefore || beforeHits > Rare * beforeTrials) continue;
                double afterHits = allHits - beforeHits, afterTrials = allTrials - beforeTrials;
                if (afterTrials < LeastAfter || (afterHits / afterTrials) - (beforeHits / beforeTrials) < LeastRise) continue;
                profile[step] = Log(beforeHits, beforeTrials) + Log(afterHits, afterTrials) - Log(allHits, allTrials);
                if (step > _grid.Reference && (best < 0 || profile[step] > profile[best])) best = step;
            }
            // What was otherwise from the beginning on looks so a step later as well.
            return (best >= 0 && profile[_grid.Reference] >= profile[best] ? -1 : best, profile);
        }

        /// <summary>Whether these requests have fewer problems from then on: what differs then is a recovery.</summary>
        private bool Improves(int given, double[] trials, int split)
        {
            var problems = Series(v => Has(v, given) && (v & _problems) != 0);
            double before = Share(problems, trials, 0, split), after = Share(problems, trials, split, trials.Length);
            if (after >= before) return false;
            double b = SymptomDetector.Sum(trials, 0, split), a = SymptomDetector.Sum(trials, split, trials.Length);
            return Log(before * b, b) + Log(after * a, a) - Log((before * b) + (after * a), b + a) > Improved;
        }

        private double[] Series(Func<ulong, bool> includes)
        {
            var series = new double[_grid.Count];
            foreach (var (events, weights, _) in _variants)
            {
                if (!includes(events)) continue;
                foreach (var (step, weight) in weights) series[step] += weight;
            }
            return series;
        }

        private static bool Has(ulong events, int e) => e < 0 || (events & (1UL << e)) != 0;

        private static double Share(double[] hits, double[] trials, int from, int to) => SymptomDetector.Sum(hits, from, to) / Math.Max(1e-9, SymptomDetector.Sum(trials, from, to));

        private static double Log(double hits, double trials) => Part(hits, trials) + Part(trials - hits, trials);

        private static double Part(double some, double all) => some <= 1e-9 || all <= 0 ? 0 : some * Math.Log(some / all);
    }

    private static Deviation Describe(OperationBehaviour operation, Rule rule, TimeGrid grid, EntityRef[] about)
    {
        var e = operation.Events[rule.Event];
        var given = rule.Given < 0 ? null : operation.Events[rule.Given];
        var where = $"{Percent(rule.After)} of its requests to {operation.Operation}{(given is null ? "" : $" that {Does(given)}")}, {Percent(rule.Before)} before";
        var says = $"{operation.Service} {(rule.Appears ? Does(e) : $"leaves out that it {Does(e)}")} in {where}";
        var from = grid.TimeOf(rule.Split);
        var citations = new List<Citation>();
        // A request that breaks the rule; then the words that tell.
        foreach (var variant in operation.Variants.Where(v => (rule.Given < 0 || v.Events.Contains(rule.Given)) && v.Events.Contains(rule.Event) == rule.Appears))
        {
            if (variant.Examples.FirstOrDefault(x => x.At >= from) is not { Exists: true } request) continue;
            citations.Add(new(request.Address, request.At, says, about));
            break;
        }
        foreach (var told in new[] { rule.Appears ? e : null, given }.OfType<BehaviourEvent>())
            if (told.Examples.FirstOrDefault(x => x.At >= from) is { Exists: true } line) citations.Add(new(line.Address, line.At, $"{operation.Service} logs {SymptomDetector.Quote(told.Text)}", about));
        return new(operation.Service, operation.Operation, rule.Ratio, rule.Split == grid.Reference ? null : OnsetEstimator.Interval(rule.Profile, rule.Split, grid), says, citations);
    }

    private static string Does(BehaviourEvent e) => e.Kind switch
    {
        BehaviourEventKind.Call => $"calls {e.Text}",
        BehaviourEventKind.Message => $"logs {SymptomDetector.Quote(e.Text)}",
        BehaviourEventKind.Failure => "fail",
        _ => $"runs {e.Text}",
    };

    private static string Percent(double share) => SymptomDetector.Percent(share);
}
