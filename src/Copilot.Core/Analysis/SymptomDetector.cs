using Copilot.Core.Evidence;
using Copilot.Core.Signals;

namespace Copilot.Core.Analysis;

/// <summary>Tells what got worse after the onset, compared with before, and where it began.</summary>
public static class SymptomDetector
{
    private const double SignificantRatio = 6; // nats
    private const double LeastErrorRise = 0.02;
    private const double LeastErrors = 3;
    private const double LeastSmallRise = 0.003;
    private const double LeastTimesSmall = 5;
    private const double SignificantSmall = 10; // nats

    // A way that is new shows its first failures before the step in which everything got worse: a few calls are taken to have gone well before any was seen.
    private const double WellBefore = 3;

    // How many steps before the onset a way may be new and still belong to the incident.
    private const int NewSteps = 10;

    private const double LeastSlowdown = 1.5; // times
    private const double LeastSlowdownMs = 5;
    private const double LeastSpread = 4; // standard errors
    private const int FewSamples = 6;
    private const double LeastShare = 0.02;
    private const double SurgeWeight = 0.3;

    // What began so long before the onset has another reason.
    private static readonly TimeSpan Around = TimeSpan.FromMinutes(5);

    private const double Borne = 0.5;

    // So many of its calls have to fail that a caller piles up.
    private const double Hardly = 0.5;

    // How sure a callee's change of behaviour must be, measured by its caller's, to explain that.
    private const double AsSure = 0.35;
    private const double Several = 0.9;

    /// <summary>Whether requests are recorded over enough time to see a change in them.</summary>
    public static bool SeesTraffic(SignalSet signals) => BestSource(signals).Any(s => signals.Grid.IsLong(s.Calls.Count(c => c > 0)));

    /// <summary>Each service once, from the richer source: spans, unless metrics cover much more time.</summary>
    public static IEnumerable<ServiceTraffic> BestSource(SignalSet signals) =>
        signals.Services.GroupBy(s => s.Service).Select(g => g.MaxBy(s => Covered(s) * (s.Source == EvidenceSource.Traces ? 2 : 1))!);

    private static int Covered(ServiceTraffic service)
    {
        var (first, last) = (-1, -1);
        for (var i = 0; i < service.Calls.Length; i++)
        {
            if (service.Calls[i] <= 0 && double.IsNaN(service.LatencyMs[i])) continue;
            if (first < 0) first = i;
            last = i;
        }
        return last - first + 1;
    }

    /// <summary>Services whose errors or latency got worse.</summary>
    public static IReadOnlyList<Degradation> Degradations(SignalSet signals, ServiceMap map, Onset? onset)
    {
        if (onset is null) return [];
        var split = Math.Max(0, signals.Grid.IndexOf(onset.At));
        var result = new List<Degradation>();
        foreach (var service in BestSource(signals))
        {
            var entity = map.EntityOf(service.Service);
            if (ErrorRise(service.Errors, service.Calls, split) is { } errors)
                result.Add(new(service.Service, entity, "errors", errors.Before, errors.After, $"{service.Service}: failed requests {Percent(errors.Before)} -> {Percent(errors.After)}", Cite(service.ErrorExamples, split, $"a failed request of {service.Service}", map.About(service.Service))));
            if (Slowdown(service.LatencyMs, split) is { } slow)
                result.Add(new(service.Service, entity, "latency", slow.Before, slow.After, $"{service.Service}: p95 latency {slow.Before:0} ms -> {slow.After:0} ms", Cite(service.SlowExamples, split, $"a slow request of {service.Service}", map.About(service.Service))));
        }
        return [.. result.OrderByDescending(d => d.Kind == "errors" ? d.After - d.Before : Math.Min(1, Math.Log(d.After / d.Before) / 5)).ThenBy(d => d.Service, StringComparer.Ordinal)];
    }

    /// <summary>Places where trouble began, with their shares.</summary>
    public static IReadOnlyList<Symptom> Symptoms(SignalSet signals, ServiceMap map, Onset? onset, IReadOnlyList<Deviation> deviations, IReadOnlyList<Saturation> saturated)
    {
        var found = new List<Found>();
        if (onset is not null)
        {
            var split = Math.Max(0, signals.Grid.IndexOf(onset.At));
            foreach (var call in signals.Calls) FromCall(call, signals, map, split, found);
            // Metrics do not say whose fault an error or a delay is: a service with a callee that got worse as well, or a call that did, is taken to pass it on.
            var worse = Degradations(signals, map, onset).Select(d => d.Service).ToHashSet();
            var calling = found.Select(f => f.Symptom.Caller).ToHashSet();
            var measured = BestSource(signals).Where(s => s.Source == EvidenceSource.Metrics && s.MeanMs.Length > 0).ToList();
            var attributed = signals.Topology.Count > 0 && measured.Count > 1;
            foreach (var service in BestSource(signals).Where(s => !attributed || !measured.Contains(s)))
                if (service.Source == EvidenceSource.Traces || !(calling.Contains(service.Service) || map.Downstream([service.Service]) is var below && (below.Overlaps(worse) || below.Overlaps(calling)))) FromService(service, signals, map, split, found);
            if (attributed) FromLosses(Attribution.Find(measured, map, split), signals, map, split, found);
            DropGivenUp(found, signals, map, split);
            if (signals.Calls.Count == 0) BlameCallees(found, signals, map, onset);
            FromDeviations(deviations, map, found);
            foreach (var pod in saturated.Where(p => p.Began.Latest >= onset.Earliest - Around))
                found.Add(new(new(SymptomKind.Saturated, pod.Component, "", pod.Workload, pod.Began, 0, pod.Says, [pod.Evidence]), pod.Growth * pod.OfLimit, Currency.Resources, Math.Max(0.1, pod.OfLimit)));
        }
        // An onset that hardly any trouble of requests bears out says nothing about pods.
        var unavailable = Unavailability.Find(signals, map, found.Exists(f => f.Strength >= Borne) ? onset : null).ToList();
        if (found.Count == 0 && unavailable.Count == 0) return Unrouted.Find(signals, map) is { Count: > 0 } unrouted ? unrouted : AlertSymptoms.Find(signals, map);
        var surges = onset is null ? [] : Surges.Find(signals, map, onset).ToList();
        // Failures, lost time and broken rules are different currencies: each counts by its own total, failures somewhat more because they are rarer by chance.
        var shares = found.GroupBy(f => f.Currency).ToDictionary(g => g.Key, g => (Share: ShareOf(g.Key) * g.Max(f => f.Strength), Mass: g.Sum(f => f.Mass)));
        var all = shares.Values.Sum(c => c.Share);
        var weighted = found.Select(f => Waiting(f.Symptom, found) with { Strength = f.Strength, Severity = f.Severity ?? f.Strength, Weight = f.Mass / shares[f.Currency].Mass * shares[f.Currency].Share / all }).Where(s => s.Weight >= LeastShare);
        var perPod = all > 0 ? 0.15 : 1.0 / Math.Max(1, unavailable.Count);
        return Scaled(
        [
            .. weighted, .. unavailable.Select(u => Waiting(u with { Weight = perPod }, found)), .. surges.Select(s => s with { Weight = SurgeWeight * s.Weight / surges.Sum(o => o.Weight) }),
        ]);
    }

    /// <summary>With the callees that hardly answer the component.</summary>
    private static Symptom Waiting(Symptom symptom, List<Found> found) => symptom.Kind is SymptomKind.SlowSelf or SymptomKind.OwnErrors or SymptomKind.Unavailable
        ? symptom with { WaitsFor = [.. found.Where(f => f.Symptom.Kind == SymptomKind.BrokenCall && f.Symptom.Caller == symptom.Component && f.Severity >= Hardly).Select(f => f.Symptom.Component)] }
        : symptom;

    /// <summary>Shares of one, times how far from chance the surest of their kind is: pods that do not run make no slight slowness sure.</summary>
    internal static IReadOnlyList<Symptom> Scaled(IReadOnlyList<Symptom> symptoms)
    {
        var all = symptoms.Sum(s => s.Weight);
        return [.. symptoms.GroupBy(KindOf).SelectMany(g => g.Select(s => s with { Weight = s.Weight / all * g.Max(o => o.Strength) })).OrderByDescending(s => s.Weight).ThenBy(s => s.Component, StringComparer.Ordinal).ThenBy(s => s.Caller, StringComparer.Ordinal)];

        static int KindOf(Symptom symptom) => symptom.Kind switch { SymptomKind.Unavailable => 0, SymptomKind.Surge => 1, _ => 2 };
    }

    /// <param name="Mass">How much of what got worse it is, in its currency.</param>
    /// <param name="Strength">How far it is from what chance does, 0 to 1: a slight slowdown must not outweigh what cannot be chance.</param>
    /// <param name="Severity">The share of requests that fails for it, 0 to 1; null where none does.</param>
    private readonly record struct Found(Symptom Symptom, double Mass, Currency Currency, double Strength, double? Severity = null);

    /// <summary>How long a service's requests took before; 0 where that is not known.</summary>
    private static double Usual(SignalSet signals, string service, int split) =>
        BestSource(signals).FirstOrDefault(s => s.Service == service) is { } known && Logs(known.LatencyMs, 0, split) is { Count: > 0 } logs ? Math.Exp(logs.Average()) : 0;

    private enum Currency
    {
        Failures,
        LostTime,
        BrokenRules,
        Resources,
    }

    private static double ShareOf(Currency currency) => currency switch { Currency.Failures => 0.6, Currency.LostTime => 0.4, Currency.Resources => 0.5, _ => 0.3 };

    /// <summary>
    /// Services that act otherwise. Whoever gets errors or other answers from a callee acts otherwise as well, and so does who fails: only where nothing of
    /// that kind explains it did it begin there.
    /// </summary>
    private static void FromDeviations(IReadOnlyList<Deviation> deviations, ServiceMap map, List<Found> found)
    {
        var failing = found.Where(f => f.Currency == Currency.Failures).SelectMany(f => new[] { f.Symptom.Component, f.Symptom.Caller }).ToHashSet();
        // Nor where its calls, or what it calls, became several times as slow: it gives up on them, and says so.
        failing.UnionWith(found.Where(f => f.Currency == Currency.LostTime && f.Strength >= Several).Select(f => f.Symptom.Kind == SymptomKind.SlowCall ? f.Symptom.Caller : f.Symptom.Component));
        foreach (var deviation in deviations)
        {
            var below = map.Downstream([deviation.Service]);
            if (failing.Contains(deviation.Service) || below.Overlaps(failing)) continue;
            if (deviations.Any(d => d.Service != deviation.Service && below.Contains(d.Service) && d.LogLikelihoodRatio >= AsSure * deviation.LogLikelihoodRatio)) continue;
            found.Add(new(new(SymptomKind.Deviation, deviation.Service, "", null, deviation.Began, 0, deviation.Says, deviation.Evidence), deviation.LogLikelihoodRatio, Currency.BrokenRules, Strength.OfRatio(deviation.LogLikelihoodRatio)));
        }
    }

    /// <summary>
    /// Whoever gives up waiting sees a broken call, though it was answered in the end, too late: where the callee took longer because of what it calls itself, or
    /// because of itself, that is the trouble, and this is its echo.
    /// </summary>
    private static void DropGivenUp(List<Found> found, SignalSet signals, ServiceMap map, int split)
    {
        var late = found.Select(f => f.Symptom).Where(s => s.Kind is SymptomKind.SlowSelf or SymptomKind.SlowCall or SymptomKind.BrokenCall).ToList();
        found.RemoveAll(f => f.Symptom is { Kind: SymptomKind.BrokenCall } broken && IsTimeout(broken.Message)
            && BestSource(signals).FirstOrDefault(s => s.Service == broken.Component) is { } callee && Slowdown(callee.LatencyMs, split) is not null
            && map.Downstream([broken.Component]) is var below
            && late.Exists(s => s.Kind == SymptomKind.SlowSelf ? s.Component == broken.Component || below.Contains(s.Component) : s.Caller == broken.Component || below.Contains(s.Caller)));
    }

    private static void FromLosses(IReadOnlyList<OwnLoss> losses, SignalSet signals, ServiceMap map, int split, List<Found> found)
    {
        foreach (var (service, slow, ownMs, failing, ownErrors) in losses)
        {
            if (failing is var (before, after, nats))
            {
                var says = $"{service.Service} fails {Percent(after)} of its requests, {Percent(before)} before, more than what it calls fails";
                found.Add(new(new(SymptomKind.OwnErrors, service.Service, "", null, Began(ChangePoint.Ratio(service.Errors, service.Calls), signals.Grid), 0, says, Cite(service.ErrorExamples, split, says, map.About(service.Service))), ownErrors, Currency.Failures, Strength.OfRatio(nats) * Strength.OfTime(service.Errors, service.Calls, (before, after), split, signals.Grid), after - before));
            }
            if (slow is not var (fast, now)) continue;
            var words = $"{service.Service} takes {now:0.#} ms a request, {fast:0.#} ms before, which what it calls does not account for";
            found.Add(new(new(SymptomKind.SlowSelf, service.Service, "", null, Began(ChangePoint.Level(service.MeanMs), signals.Grid), 0, words, Cite(service.SlowExamples, split, words, map.About(service.Service))), ownMs, Currency.LostTime, Strength.OfSlowdown((fast, now), fast) * Strength.OfTime(service.MeanMs, (fast, now), split, signals.Grid)));
        }
    }

    private static void FromService(ServiceTraffic service, SignalSet signals, ServiceMap map, int split, List<Found> found)
    {
        if (ErrorRise(service.OwnErrors, service.Calls, split) is { } own)
        {
            var says = $"{service.Service} fails {Percent(own.After)} of its requests by itself, {Percent(own.Before)} before";
            found.Add(new(new(SymptomKind.OwnErrors, service.Service, OnlyCaller(signals, service.Service, split), null, Began(ChangePoint.Ratio(service.OwnErrors, service.Calls), signals.Grid), 0, says, Cite(service.ErrorExamples, split, says, map.About(service.Service))), own.Excess, Currency.Failures, Strength.OfRatio(own.Nats) * Strength.OfTime(service.OwnErrors, service.Calls, (own.Before, own.After), split, signals.Grid), own.After - own.Before));
        }
        var self = service.Source == EvidenceSource.Traces ? service.SelfMs : service.LatencyMs;
        if (Slowdown(self, split) is { } slow)
        {
            var says = $"{service.Service} itself takes {slow.After:0.#} ms a request, {slow.Before:0.#} ms before";
            found.Add(new(new(SymptomKind.SlowSelf, service.Service, "", null, Began(ChangePoint.Level(self), signals.Grid), 0, says, Cite(service.SlowExamples, split, says, map.About(service.Service))), LostTime(self, service.Calls, slow.Before, split), Currency.LostTime, Strength.OfSlowdown(slow, Usual(signals, service.Service, split)) * Strength.OfTime(self, slow, split, signals.Grid)));
        }
    }

    /// <summary>Without recorded calls, a new message that names a callee turns the service's own trouble into trouble with that callee.</summary>
    private static void BlameCallees(List<Found> found, SignalSet signals, ServiceMap map, Onset onset)
    {
        var texts = NovelTexts.Find(signals, map, onset);
        var split = Math.Max(0, signals.Grid.IndexOf(onset.Earliest));
        // Rare errors of another callee may be new as well; what is said most is about this trouble.
        double Volume(Citation evidence) => signals.Logs.Where(l => l.Samples.Any(s => s.Address == evidence.Address)).Sum(l => Sum(l.PerStep, split, l.PerStep.Length));
        for (var i = 0; i < found.Count; i++)
        {
            var symptom = found[i].Symptom;
            var (callee, text) = (from t in texts where t.Component == symptom.Component from c in map.Callees[symptom.Component] where ServiceMap.NamesHost(t.Text, c) select (c, t))
                .OrderByDescending(n => Volume(n.t.Evidence)).FirstOrDefault();
            if (callee is null) continue;
            found[i] = found[i] with
            {
                Symptom = symptom with
                {
                    Kind = found[i].Currency == Currency.Failures ? SymptomKind.BrokenCall : SymptomKind.SlowCall,
                    Component = callee,
                    Caller = symptom.Component,
                    Workload = map.WorkloadOf(callee),
                    Message = text.Text,
                    Unreachable = IsUnreachable(text.Text),
                    Evidence = [text.Evidence, .. symptom.Evidence],
                },
            };
        }
    }

    /// <summary>The one caller that gets the errors, where others call as well and get none; else empty.</summary>
    private static string OnlyCaller(SignalSet signals, string service, int split)
    {
        var calls = signals.Calls.Where(c => c.Callee == service && Sum(c.Calls, split, c.Calls.Length) >= 10).ToList();
        var failing = calls.Where(c => Sum(c.Errors, split, c.Errors.Length) > 0.02 * Sum(c.Calls, split, c.Calls.Length)).ToList();
        return failing.Count == 1 && calls.Count > 1 ? failing[0].Caller : "";
    }

    private static void FromCall(CallTraffic call, SignalSet signals, ServiceMap map, int split, List<Found> found)
    {
        EntityRef[] about = [.. map.About(call.Callee), .. map.About(call.Caller)];
        split = OwnSplit(call, signals, split);
        var others = signals.Calls.Any(c => c.Caller == call.Caller && c.Callee != call.Callee && Sum(c.Calls, split, c.Calls.Length) >= 10
            && ErrorRise(c.Unanswered, c.Calls, split) is null && Slowdown(c.CalleeTraced ? c.GapMs : c.LatencyMs, split) is null);
        var text = call.Messages.Where(m => Sum(m.PerStep, split, m.PerStep.Length) > 0).Select(m => m.Text).FirstOrDefault();
        if (ErrorRise(call.Unanswered, call.Calls, split) is { } broken)
        {
            var says = $"{Percent(broken.After)} of the calls from {call.Caller} to {call.Callee} break, {Percent(broken.Before)} before";
            found.Add(new(new(SymptomKind.BrokenCall, call.Callee, call.Caller, map.WorkloadOf(call.Callee), Began(ChangePoint.Ratio(call.Unanswered, call.Calls), signals.Grid), 0, says, Cite(call.ErrorExamples, split, text is null ? says : $"{call.Caller} -> {call.Callee}: {Quote(text)}", about)) { Message = text ?? "", Unreachable = text is not null && IsUnreachable(text), OthersWell = others }, broken.Excess, Currency.Failures, Strength.OfRatio(broken.Nats) * Strength.OfTime(call.Unanswered, call.Calls, (broken.Before, broken.After), split, signals.Grid), broken.After - broken.Before));
        }
        // Of a callee without spans the whole call is all that is seen.
        var series = call.CalleeTraced ? call.GapMs : call.LatencyMs;
        if (Slowdown(series, split) is { } slow)
        {
            var says = call.CalleeTraced
                ? $"between {call.Caller} and {call.Callee} {slow.After:0.#} ms are lost a call, {slow.Before:0.#} ms before"
                : $"calls from {call.Caller} to {call.Callee} take {slow.After:0.#} ms, {slow.Before:0.#} ms before";
            found.Add(new(new(SymptomKind.SlowCall, call.Callee, call.Caller, null, Began(ChangePoint.Level(series), signals.Grid), 0, says, Cite(call.SlowExamples, split, says, about)) { Message = text ?? "", OthersWell = others }, LostTime(series, call.Calls, slow.Before, split), Currency.LostTime, Strength.OfSlowdown(slow, Usual(signals, call.Caller, split)) * Strength.OfTime(series, slow, split, signals.Grid)));
        }
    }

    /// <summary>The share of errors before and after, and how many there are beyond the usual; null where it did not rise significantly.</summary>
    internal static (double Before, double After, double Excess, double Nats)? ErrorRise(double[] errors, double[] calls, int split)
    {
        double errorsBefore = Sum(errors, 0, split), callsBefore = Sum(calls, 0, split) + WellBefore, errorsAfter = Sum(errors, split, errors.Length), callsAfter = Sum(calls, split, calls.Length);
        if (callsAfter < 1 || errorsAfter < LeastErrors) return null;
        var before = errorsBefore / callsBefore;
        var after = errorsAfter / callsAfter;
        var ratio = Binomial(errorsBefore, callsBefore) + Binomial(errorsAfter, callsAfter) - Binomial(errorsBefore + errorsAfter, callsBefore + callsAfter);
        // A few errors among many requests are a change where there were hardly any before.
        var isSmall = after - before < LeastErrorRise;
        if (isSmall && (after - before < LeastSmallRise || after < LeastTimesSmall * before || ratio < SignificantSmall)) return null;
        return callsBefore > WellBefore && ratio < SignificantRatio ? null : (before, after, errorsAfter - (before * callsAfter), callsBefore > WellBefore ? ratio : Strength.Certain);
    }

    /// <summary>A way that is new began by itself: of several causes one may act somewhat before the step in which everything together got worse.</summary>
    private static int OwnSplit(CallTraffic call, SignalSet signals, int split)
    {
        var first = Array.FindIndex(call.Calls, c => c > 0);
        // Shortly after calls were recorded at all every way is seen for the first time.
        return first < split && first >= split - NewSteps && !signals.Calls.All(c => c.Calls.AsSpan(0, Math.Max(0, first - NewSteps)).IndexOfAnyExcept(0) < 0) ? first : split;
    }

    private static double Binomial(double hits, double trials) =>
        trials <= 0 || hits <= 0 || hits >= trials ? 0 : (hits * Math.Log(hits / trials)) + ((trials - hits) * Math.Log(1 - (hits / trials)));

    /// <summary>The level before and after; null where it did not rise significantly.</summary>
    internal static (double Before, double After)? Slowdown(double[] values, int split)
    {
        var before = Logs(values, 0, split);
        var after = Logs(values, split, values.Length);
        if (before.Count < 3 || after.Count < 2) return null;
        // Of few samples one earlier trouble would make all of them vary.
        if (before.Count + after.Count < 24) before = Middle(before);
        double meanBefore = before.Average(), meanAfter = after.Average();
        // Of a few samples after the change one may hold some time before it: how much they vary says nothing.
        var (usual, since) = (Variance(before, meanBefore), after.Count < FewSamples ? Variance(before, meanBefore) : Variance(after, meanAfter));
        var spread = Math.Sqrt((usual / before.Count) + (since / after.Count)) + 0.01;
        double slow = Math.Exp(meanAfter), fast = Math.Exp(meanBefore);
        return slow / fast < LeastSlowdown || slow - fast < LeastSlowdownMs || (meanAfter - meanBefore) / spread < LeastSpread ? null : (fast, slow);
    }

    /// <summary>The values without the highest and lowest tenth, a value at least.</summary>
    private static List<double> Middle(List<double> values)
    {
        var cut = (values.Count + 9) / 10;
        return values.Count - (2 * cut) < 3 ? values : values.Order().ToList().GetRange(cut, values.Count - (2 * cut));
    }

    private static double LostTime(double[] perCall, double[] calls, double usual, int split)
    {
        var lost = 0.0;
        for (var i = split; i < perCall.Length; i++)
            if (!double.IsNaN(perCall[i])) lost += Math.Max(0, perCall[i] - usual) * calls[i];
        return lost;
    }

    private static List<double> Logs(double[] values, int from, int to)
    {
        var logs = new List<double>();
        for (var i = from; i < to; i++)
            if (values[i] > 0) logs.Add(Math.Log(values[i]));
        return logs;
    }

    private static double Variance(List<double> values, double mean) => values.Sum(v => (v - mean) * (v - mean)) / Math.Max(1, values.Count - 1);

    /// <summary>
    /// How many steps before and after a split hold anything of some series, at least 1. Where all of them are silent nobody may have listened, which is no
    /// silence of the application.
    /// </summary>
    internal static (int Before, int After) Recorded(IEnumerable<double[]> series, int split, int steps)
    {
        var seen = new bool[steps];
        foreach (var values in series)
            for (var i = 0; i < steps; i++) seen[i] |= values[i] > 0;
        return (Math.Max(1, seen.Take(split).Count(s => s)), Math.Max(1, seen.Skip(split).Count(s => s)));
    }

    internal static double Sum(double[] values, int from, int to)
    {
        var sum = 0.0;
        for (var i = Math.Max(0, from); i < Math.Min(to, values.Length); i++) sum += values[i];
        return sum;
    }

    private static Onset? Began(ChangeFit fit, TimeGrid grid)
    {
        // Nothing of the incident began in another recording.
        var best = fit.Step;
        for (var i = grid.Reference; best >= 0 && best < grid.Reference && i < fit.Profile.Length; i++)
            if (i == grid.Reference || fit.Profile[i] > fit.Profile[best]) best = i;
        return best < 0 || fit.Profile[best] < SignificantRatio ? null : OnsetEstimator.Interval(fit.Profile, best, grid);
    }

    /// <summary>Up to two examples from after the onset: the first, and one from the middle.</summary>
    private static List<Citation> Cite(Sighting[] examples, int split, string says, params EntityRef[] about)
    {
        var after = examples.Skip(split).Where(e => e.Exists).ToList();
        return [.. after.Count == 0 ? [] : new[] { after[0], after[after.Count / 2] }.Distinct().Select(e => new Citation(e.Address, e.At, says, about))];
    }

    private static readonly string[] ConnectionFailures = ["refused", "no route", "unreachable", "not permitted", "econn", "no connection", "no healthy upstream", "connection error", "reset"];

    // A name that does not resolve is a wrong name: the caller's matter, not the callee's.
    private static readonly string[] NameFailures = ["no such host", "lookup", "eai_again", "enotfound", "name resolution", "unknownhost"];

    private static readonly string[] Timeouts = ["timeout", "timed out", "time out", "deadline"];

    // A connection that nobody takes up is no answer that comes late.
    private static readonly string[] Connecting = ["connect", "dial", "errno 110", "etimedout"];

    private static bool IsTimeout(string text) => Has(text, Timeouts) && !Has(text, Connecting);

    private static bool IsUnreachable(string text) => Has(text, ConnectionFailures) && !Has(text, NameFailures);

    private static bool Has(string text, string[] signs) => Array.Exists(signs, s => text.Contains(s, StringComparison.OrdinalIgnoreCase));

    internal static string Percent(double ratio) => ratio is > 0 and < 0.1 ? $"{ratio * 100:0.0} %" : $"{ratio * 100:0} %";

    /// <summary>One line of it in quotes. Secrets are masked before it is cut: half of one has no form to be known by.</summary>
    internal static string Quote(string text)
    {
        var line = string.Join(' ', Redaction.Apply(text).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        return line.Length <= 160 ? $"\"{line}\"" : $"\"{line[..160]}…\"";
    }
}
