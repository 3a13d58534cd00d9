using Copilot.Bench.Runs;
using Copilot.Bench.Statistics;

namespace Copilot.Bench.Reports;

/// <summary>A mean over cases with its 95 % interval; both null where there is nothing to average, the interval alone with a single case.</summary>
public sealed record Estimate(double? Mean, ConfidenceInterval? Interval);

/// <summary>Some of some.</summary>
/// <param name="Interval">95 %: Wilson's, or Clopper and Pearson's where it is none or all; null of nothing, and where the units depend on each other.</param>
public sealed record Share(int Some, int All, ConfidenceInterval? Interval)
{
    public double? Value => All == 0 ? null : (double)Some / All;

    /// <summary>Of things that depend on each other, such as the citations of one answer.</summary>
    public static Share Of(int some, int all) => new(some, all, null);

    /// <summary>Of cases: one counts when most of its attempts do. Repeats of one case say little new, so they are no units of their own.</summary>
    public static Share OfCases(IReadOnlyList<ReportedCase> cases, string engine, Predicate<ScoredAttempt> counts)
    {
        var some = cases.Count(c => 2 * c.Attempts[engine].Count(a => counts(a)) > c.Attempts[engine].Count);
        return new(some, cases.Count, some == 0 || some == cases.Count ? Intervals.ClopperPearson(some, cases.Count) : Intervals.Wilson(some, cases.Count));
    }
}

/// <summary>The figures of one engine over some cases. The unit is the case; repeats are nested in it.</summary>
/// <param name="Score">Average precision at full recall, lenient matching: the official score of ITBench-AA.</param>
/// <param name="Strict">The same with literal kinds.</param>
/// <param name="Hit1">AC@1, and AC@3 and AC@5 beside it, over cases with a fault: the share of true causes among the first k of the ranking, of min(k, causes); ties count as misses.</param>
/// <param name="Avg5">The mean of AC@1 to AC@5 (RCAEval).</param>
/// <param name="PassAtK">The chance that at least one of k attempts scores 1, for k = repeats.</param>
/// <param name="PassHatK">The chance that all of k attempts score 1.</param>
/// <param name="Abstained">Cases with a fault in which no cause was named.</param>
/// <param name="Specificity">Cases without a fault in which none was named.</param>
/// <param name="MechanismRight">Of rightly named causes with a known mechanism, those whose mechanism is right.</param>
/// <param name="Citations">Citations that hold, of all.</param>
/// <param name="NoAnswer">Attempts over budget or failed, of all.</param>
/// <param name="Seconds">Median and 95th percentile of first attempts: later ones find the files in memory. Null without attempts.</param>
/// <param name="PeakMiB">The most of any attempt.</param>
public sealed record Figures(
    int Cases, int Attempts, Estimate Score, Estimate Strict, Estimate Precision, Estimate Recall, Estimate F1, Estimate Hit1, Estimate Hit3, Estimate Hit5, Estimate Avg5, double? PassAtK, double? PassHatK,
    Share Abstained, Share Specificity, Share MechanismRight, Share Citations, Share NoAnswer, (double Median, double P95)? Seconds, double? PeakMiB)
{
    /// <summary>AC@k of one attempt: causes among the first k of the ranking, by as many as could be there (RCAEval).</summary>
    private static double HitAt(ScoredAttempt attempt, int k) => (double)attempt.Score.Ranks.Count(r => r.Rank <= k) / Math.Min(k, attempt.Score.Ranks.Count);

    public static Figures Of(string engine, int repeats, IReadOnlyList<ReportedCase> cases)
    {
        var answered = cases.Where(c => c.Attempts[engine].Count > 0).ToList();
        var attempts = answered.SelectMany(c => c.Attempts[engine]).ToList();
        var faulty = answered.FindAll(c => c.Description.Truth.Causes.Count > 0);
        var healthy = answered.FindAll(c => c.Description.Truth.Causes.Count == 0);
        var seconds = attempts.Where(a => a.Result.Repeat == 1).Select(a => a.Result.Seconds).Order().ToList();
        return new(
            answered.Count, attempts.Count, Mean(answered, a => a.Score.Score), Mean(answered, a => a.Score.StrictScore), Mean(answered, a => a.Score.Precision), Mean(answered, a => a.Score.Recall), Mean(answered, a => a.Score.F1),
            Mean(faulty, a => HitAt(a, 1)), Mean(faulty, a => HitAt(a, 3)), Mean(faulty, a => HitAt(a, 5)), Mean(faulty, a => Enumerable.Range(1, 5).Average(k => HitAt(a, k))),
            Passes(PassRates.PassAtK), Passes(PassRates.PassHatK),
            Share.OfCases(faulty, engine, a => a.Score.Abstained), Share.OfCases(healthy, engine, a => a.Score.Abstained), Share.Of(attempts.Sum(a => a.Score.MechanismsRight), attempts.Sum(a => a.Score.MechanismsJudged)),
            Share.Of(attempts.Sum(a => a.Result.Citations?.Valid ?? 0), attempts.Sum(a => a.Result.Citations?.Cited ?? 0)), Share.Of(attempts.Count(a => a.Result.Outcome != Outcome.Answered), attempts.Count),
            seconds.Count == 0 ? null : ((seconds[(seconds.Count - 1) / 2] + seconds[seconds.Count / 2]) / 2, seconds[(int)Math.Ceiling(0.95 * seconds.Count) - 1]), attempts.Count == 0 ? null : attempts.Max(a => a.Result.PeakMiB));

        Estimate Mean(IReadOnlyList<ReportedCase> of, Func<ScoredAttempt, double> value)
        {
            if (of.Count == 0) return new(null, null);
            var mean = Intervals.ClusteredMean([.. of.Select(c => (IReadOnlyList<double>)[.. c.Attempts[engine].Select(value)])]);
            return new(mean?.Mean, mean?.Interval);
        }

        // Only cases with all their attempts: of fewer the chance of k of k is not known.
        double? Passes(Func<int, int, int, double?> rate) => answered.FindAll(c => c.Attempts[engine].Count == repeats) is { Count: > 0 } whole
            ? whole.Average(c => rate(repeats, c.Attempts[engine].Count(a => a.Score.Score >= 1), repeats)) : null;
    }
}
