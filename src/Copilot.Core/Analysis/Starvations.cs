using Copilot.Core.Evidence;
using Copilot.Core.Signals;

namespace Copilot.Core.Analysis;

/// <summary>
/// Finds services that went on to get requests and hardly call any more what they always called: they return early or throw. Told by counters alone, where a
/// callee has one caller only, so that it need not be known who called: its requests over its caller's are a rate, and rates of two times are compared by
/// their likelihood ratio (W. Nelson, "Applied Life Data Analysis", 1982, chapter 10: comparison of two Poisson rates), divided by how much more the rate
/// varied before than a Poisson rate does (P. McCullagh, J. Nelder, "Generalized Linear Models", 1989, section 6.2.3).
/// </summary>
public static class Starvations
{
    private const double LeastCalls = 10; // before, and expected since
    private const double MostLeft = 0.5; // of what it was

    // What is called now and then, or by turns, is no habit.
    private const int LeastBlocks = 4;
    private const double LeastInBlock = 3; // calls
    private const double MostVaried = 0.3; // standard deviation over mean
    private const double LeastRate = 0.5; // calls a request

    private static readonly TimeSpan Block = TimeSpan.FromMinutes(1);

    /// <summary>For each caller the callee that shows it best, the surest first.</summary>
    public static IReadOnlyList<Deviation> Find(SignalSet signals, ServiceMap map)
    {
        var measured = signals.Services.Where(s => s.Source == EvidenceSource.Metrics).GroupBy(s => s.Service).ToDictionary(g => g.Key, g => g.First());
        // Where its requests were recorded one by one, these tell more (Deviations).
        var counted = SymptomDetector.BestSource(signals).Where(s => s.Source == EvidenceSource.Metrics).Select(s => s.Service).ToHashSet();
        var found = new List<Deviation>();
        foreach (var callee in measured.Values)
        {
            if (map.Callers[callee.Service].Distinct().Take(2).ToList() is not [var name] || name == callee.Service || !counted.Contains(name) || !measured.TryGetValue(name, out var caller)) continue;
            // After its last sample nobody knows whether it was called.
            var until = 1 + Math.Max(Array.FindLastIndex(callee.SlowExamples, e => e.Exists), Array.FindLastIndex(callee.ErrorExamples, e => e.Exists));
            if (Fit(callee.Calls[..until], caller.Calls[..until], signals.Grid) is { } fit) found.Add(Describe(caller, callee, fit, signals.Grid, map));
        }
        return [.. found.GroupBy(f => f.Service).Select(g => g.MaxBy(f => f.LogLikelihoodRatio)!).OrderByDescending(f => f.LogLikelihoodRatio).ThenBy(f => f.Service, StringComparer.Ordinal)];
    }

    private sealed record Drop(int Step, double Before, double After, double[] Profile);

    private static Drop? Fit(double[] calls, double[] requests, TimeGrid grid)
    {
        var profile = new double[calls.Length];
        Array.Fill(profile, double.NegativeInfinity);
        double allCalls = SymptomDetector.Sum(calls, grid.Reference, calls.Length), allRequests = SymptomDetector.Sum(requests, grid.Reference, calls.Length), callsBefore = 0, requestsBefore = 0;
        var (best, before, after) = (-1, 0.0, 0.0);
        for (var step = grid.Reference + 1; step < calls.Length; step++)
        {
            callsBefore += calls[step - 1];
            requestsBefore += requests[step - 1];
            double callsAfter = Math.Max(0, allCalls - callsBefore), requestsAfter = allRequests - requestsBefore;
            if (callsBefore < LeastCalls || requestsBefore <= 0 || requestsAfter <= 0) continue;
            double was = callsBefore / requestsBefore, now = callsAfter / requestsAfter;
            if (was < LeastRate || now > MostLeft * was || was * requestsAfter < LeastCalls) continue;
            if (Dispersion(calls, requests, was, step, grid) is not { } dispersion) continue;
            profile[step] = (Part(callsBefore, requestsBefore) + Part(callsAfter, requestsAfter) - Part(allCalls, allRequests)) / dispersion;
            if (best < 0 || profile[step] > profile[best]) (best, before, after) = (step, was, now);
        }
        return best < 0 || profile[best] < Deviations.Significant ? null : new(best, before, after, profile);
    }

    /// <summary>The log likelihood of a Poisson rate at its maximum, up to what all rates share.</summary>
    private static double Part(double calls, double requests) => calls <= 1e-9 ? 0 : calls * Math.Log(calls / requests);

    /// <summary>Pearson's estimate from blocks of a minute before the step, 1 at least; null where there was no regular rate.</summary>
    private static double? Dispersion(double[] calls, double[] requests, double rate, int until, TimeGrid grid)
    {
        var length = Math.Max(1, (int)(Block / grid.Step));
        var (sum, variance, blocks) = (0.0, 0.0, 0);
        for (var from = grid.Reference; from + length <= until; from += length)
        {
            var expected = rate * SymptomDetector.Sum(requests, from, from + length);
            if (expected < LeastInBlock) continue;
            var difference = SymptomDetector.Sum(calls, from, from + length) - expected;
            sum += difference * difference / expected;
            variance += difference * difference / (expected * expected);
            blocks++;
        }
        return blocks < LeastBlocks || Math.Sqrt(variance / (blocks - 1)) > MostVaried ? null : Math.Max(1, sum / (blocks - 1));
    }

    private static Deviation Describe(ServiceTraffic caller, ServiceTraffic callee, Drop drop, TimeGrid grid, ServiceMap map)
    {
        var says = $"{caller.Service} calls {callee.Service} {drop.After:0.##} times a request, {drop.Before:0.##} times before";
        var from = grid.TimeOf(drop.Step);
        EntityRef[] about = [.. map.About(caller.Service), .. map.About(callee.Service)];
        var citations = new[] { caller, callee }.Select(s => s.SlowExamples.Concat(s.ErrorExamples).FirstOrDefault(e => e.Exists && e.At >= from)).Where(e => e.Exists).Select(e => new Citation(e.Address, e.At, says, about));
        return new(caller.Service, callee.Service, drop.Profile[drop.Step], OnsetEstimator.Interval(drop.Profile, drop.Step, grid), says, [.. citations]);
    }
}
