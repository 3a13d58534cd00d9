using Copilot.Bench.Runs;
using Copilot.Bench.Statistics;

namespace Copilot.Bench.Reports;

/// <summary>Two engines, or one engine in two runs, compared on the cases that both have answered.</summary>
/// <param name="Name">What is compared.</param>
/// <param name="Cases">How many pairs.</param>
/// <param name="First">The mean score of the first.</param>
/// <param name="Difference">Second minus first, paired by case.</param>
/// <param name="OnlyFirst">Cases that only the first solves; a case is solved when more than half of its attempts score 1.</param>
/// <param name="OnlySecond">Cases that only the second solves.</param>
/// <param name="McNemar">The exact two-sided p-value of that disagreement.</param>
/// <param name="Permutation">The p-value of the difference of means when signs are flipped by case.</param>
/// <param name="Unchanged">Whether every case scored the same.</param>
/// <param name="Adjusted">The permutation's p-value after Holm, over everything that is compared along with it.</param>
public sealed record PairedResult(
    string Name, int Cases, double First, double Second, Estimate Difference, IReadOnlyList<string> OnlyFirst, IReadOnlyList<string> OnlySecond, double McNemar, double Permutation, bool Unchanged, double Adjusted)
{
    /// <summary>How many comparisons were made along with it, itself included.</summary>
    public int Family { get; init; } = 1;

    public const double Level = 0.05;

    private const int Seed = 20261125; // of the permutations, where they are too many to enumerate

    /// <summary>What it comes to, in words. Nothing is called equal for want of evidence.</summary>
    /// <param name="first">What to call the first.</param>
    /// <param name="second">What to call the second.</param>
    public string Verdict(string first = "the first", string second = "the second") => Unchanged ? "no difference"
        : Adjusted >= Level ? Needed is { } needed && needed > Cases ? $"cannot be told apart; about {needed} cases would" : "cannot be told apart"
        : Difference.Mean > 0 ? $"{second} is better" : second == "the second" ? $"{second} is worse" : $"{first} is better";

    /// <summary>How many cases would tell them apart if they went on to disagree as they do; null where they do not.</summary>
    private long? Needed => RequiredPairs.Total(OnlyFirst.Count, OnlySecond.Count, Cases, Level / Family);

    /// <summary>The first engine of a run against each other.</summary>
    public static IReadOnlyList<PairedResult> AgainstOthers(RunPlan plan, IReadOnlyList<ReportedCase> cases) => plan.Engines.Count > 1
        ? Adjust([.. plan.Engines.Skip(1).Select(o => Of(o, [.. cases.Where(c => c.Attempts[plan.Engines[0]].Count > 0 && c.Attempts[o].Count > 0).Select(c => (c.Description.Id, c.Attempts[o], c.Attempts[plan.Engines[0]]))])).OfType<PairedResult>()]) : [];

    /// <summary>Null without pairs. Not adjusted yet.</summary>
    public static PairedResult? Of(string name, IReadOnlyList<(string Case, IReadOnlyList<ScoredAttempt> First, IReadOnlyList<ScoredAttempt> Second)> pairs)
    {
        if (pairs.Count == 0) return null;
        var differences = pairs.Select(p => Mean(p.Second) - Mean(p.First)).ToList();
        var mean = Intervals.ClusteredMean([.. differences.Select(d => (IReadOnlyList<double>)[d])]);
        var onlyFirst = pairs.Where(p => IsSolved(p.First) && !IsSolved(p.Second)).Select(p => p.Case).ToList();
        var onlySecond = pairs.Where(p => IsSolved(p.Second) && !IsSolved(p.First)).Select(p => p.Case).ToList();
        var permutation = PairedTests.SignFlip(differences, Seed);
        return new(name, pairs.Count, pairs.Average(p => Mean(p.First)), pairs.Average(p => Mean(p.Second)), new(mean?.Mean, mean?.Interval), onlyFirst, onlySecond, PairedTests.McNemarExact(onlyFirst.Count, onlySecond.Count), permutation, differences.TrueForAll(d => Math.Abs(d) < 1e-12), permutation);
    }

    /// <summary>Corrects for having looked at all of them (Holm).</summary>
    public static IReadOnlyList<PairedResult> Adjust(IReadOnlyList<PairedResult> results)
    {
        var adjusted = Holm.Adjust([.. results.Select(r => r.Permutation)]);
        return [.. results.Select((r, i) => r with { Adjusted = adjusted[i], Family = results.Count })];
    }

    private static double Mean(IReadOnlyList<ScoredAttempt> attempts) => attempts.Average(a => a.Score.Score);

    private static bool IsSolved(IReadOnlyList<ScoredAttempt> attempts) => 2 * attempts.Count(a => a.Score.Score >= 1) > attempts.Count;
}
