using Copilot.Core.Signals;

namespace Copilot.Core.Analysis;

/// <summary>What a measured service lost from some step on, compared with before, and how much of it is its own.</summary>
/// <param name="Slow">Its mean duration before and after, milliseconds; null when it did not get slower significantly.</param>
/// <param name="OwnMs">Time that it lost itself, milliseconds in all: what its callees lost is theirs.</param>
/// <param name="Failing">Its share of failed requests before and after, and how far that is from chance in nats; null when it did not rise significantly.</param>
/// <param name="OwnErrors">Failed requests beyond the usual that its callees do not account for.</param>
public sealed record OwnLoss(ServiceTraffic Service, (double Before, double After)? Slow, double OwnMs, (double Before, double After, double Nats)? Failing, double OwnErrors);

/// <summary>
/// Whose fault it is where requests are only measured at each service and somebody wrote down who calls whom: what a service lost beyond what its callees lost
/// is its own, and what no caller notices has not caused trouble. Subtraction along the calls is how profilers tell own time from total time
/// (S. Graham, P. Kessler, M. McKusick, "gprof", 1982).
/// </summary>
public static class Attribution
{
    // What is left after subtraction is small change unless it is a good part of the whole.
    private const double LeastOwn = 0.4;

    private const double WrongOne = 0.9; // of its requests fail

    // How much of a callee's loss a caller has to lose as well.
    private const double Noticed = 0.3;

    public static IReadOnlyList<OwnLoss> Find(IReadOnlyList<ServiceTraffic> services, ServiceMap map, int split)
    {
        var byName = services.ToDictionary(s => s.Service);
        var lost = services.ToDictionary(s => s.Service, s => LostTime(s, split));
        var failed = services.ToDictionary(s => s.Service, s => Excess(s, split));
        var found = new List<OwnLoss>();
        foreach (var service in services)
        {
            var callees = map.Callees[service.Service].Distinct().Where(lost.ContainsKey).ToList();
            var callers = map.Callers[service.Service].Distinct().Where(lost.ContainsKey).ToList();
            double time = lost[service.Service], errors = failed[service.Service];
            // Who was never called before and fails from the first call on is not to blame: somebody began to call a wrong one.
            if (IsNew(service, split) && callers.Count > 0) continue;
            double ownTime = time - callees.Sum(c => Math.Max(0, lost[c])), ownErrors = errors - callees.Where(c => !IsNew(byName[c], split)).Sum(c => Math.Max(0, failed[c]));
            var slow = ownTime > LeastOwn * time && IsNoticed(callers, lost, time) ? SymptomDetector.Slowdown(service.MeanMs, split) : null;
            var failing = ownErrors > LeastOwn * errors && IsNoticed(callers, failed, errors) ? SymptomDetector.ErrorRise(service.Errors, service.Calls, split) : null;
            if (slow is null && failing is null) continue;
            found.Add(new(service, slow, ownTime, failing is { } rise ? (rise.Before, rise.After, rise.Nats) : null, ownErrors));
        }
        return found;
    }

    private static bool IsNew(ServiceTraffic service, int split) =>
        SymptomDetector.Sum(service.Calls, 0, split) < 1 && SymptomDetector.Sum(service.Errors, split, service.Errors.Length) >= WrongOne * SymptomDetector.Sum(service.Calls, split, service.Calls.Length);

    /// <summary>Nobody calls it, so it is what users see; or a caller suffers with it.</summary>
    private static bool IsNoticed(List<string> callers, Dictionary<string, double> losses, double own) => callers.Count == 0 || callers.Exists(c => losses[c] >= Noticed * own);

    private static double LostTime(ServiceTraffic service, int split)
    {
        var before = Enumerable.Range(0, Math.Min(split, service.MeanMs.Length)).Select(i => service.MeanMs[i]).Where(m => !double.IsNaN(m)).Order().ToList();
        if (before.Count == 0) return 0;
        var usual = before[before.Count / 2];
        var lost = 0.0;
        for (var i = split; i < service.MeanMs.Length; i++)
            if (!double.IsNaN(service.MeanMs[i])) lost += (service.MeanMs[i] - usual) * service.Calls[i];
        return lost;
    }

    private static double Excess(ServiceTraffic service, int split)
    {
        double calls = SymptomDetector.Sum(service.Calls, 0, split), errors = SymptomDetector.Sum(service.Errors, 0, split);
        return SymptomDetector.Sum(service.Errors, split, service.Errors.Length) - (errors / Math.Max(1, calls) * SymptomDetector.Sum(service.Calls, split, service.Calls.Length));
    }
}
