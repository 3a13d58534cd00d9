using MathNet.Numerics.Random;

namespace Copilot.Bench.Statistics;

/// <summary>How often a sum with other signs is at least as far from 0 as the one seen.</summary>
internal static class SignFlips
{
    /// <summary>Differences for which every assignment of signs is counted: two lists of 2^20 sums, 16 MiB.</summary>
    public const int ExactUpTo = 40;

    /// <summary>Assignments drawn beyond that: the standard error of p near 0.05 is 0.0007.</summary>
    public const int Samples = 99_999;

    // The same sum added up in another order differs in the last digits; what ties counts as extreme.
    private const double Tie = 1e-12;

    /// <summary>
    /// Meets in the middle: the sums of each half in order, then for every sum of the one the first of the other that reaches far enough. That takes the root
    /// of the number of assignments, and no sum is carried on from another, so that errors do not add up as along a Gray code.
    /// Source of the lists: Horowitz and Sahni, Computing partitions with applications to the knapsack problem, Journal of the ACM 21 (1974), 277-292.
    /// </summary>
    public static double Exact(ReadOnlySpan<double> differences)
    {
        if (Threshold(differences) is not { } threshold) return 1;
        var some = Sums(differences[..(differences.Length / 2)]);
        var others = Sums(differences[(differences.Length / 2)..]);
        var above = 0L;
        var first = others.Length;
        foreach (var sum in some)
        {
            while (first > 0 && sum + others[first - 1] >= threshold) first--;
            above += others.Length - first;
        }
        // Signs turned all at once give the same sum below 0.
        return 2.0 * above / some.Length / others.Length;
    }

    public static double Sampled(ReadOnlySpan<double> differences, int seed)
    {
        if (Threshold(differences) is not { } threshold) return 1;
        // Not System.Random: its numbers may change with the version of .NET.
        var random = new Xoshiro256StarStar(seed);
        var extreme = 0;
        for (var sample = 0; sample < Samples; sample++)
        {
            var sum = 0.0;
            var signs = 0L;
            for (var i = 0; i < differences.Length; i++)
            {
                if (i % 64 == 0) signs = random.NextFullRangeInt64();
                sum += differences[i] * (1 - (2 * (signs & 1)));
                signs >>= 1;
            }
            if (Math.Abs(sum) >= threshold) extreme++;
        }
        return (extreme + 1.0) / (Samples + 1);
    }

    /// <summary>How far from 0 a sum must be to count; null where every one does.</summary>
    private static double? Threshold(ReadOnlySpan<double> differences)
    {
        var (sum, size) = (0.0, 0.0);
        foreach (var difference in differences) (sum, size) = (sum + difference, size + Math.Abs(difference));
        var threshold = Math.Abs(sum) - (Tie * size);
        return threshold > 0 ? threshold : null;
    }

    /// <summary>The sums for every assignment of signs, in ascending order.</summary>
    private static double[] Sums(ReadOnlySpan<double> differences)
    {
        double[] sums = [0];
        foreach (var difference in differences) sums = Merge(sums, Math.Abs(difference));
        return sums;
    }

    private static double[] Merge(double[] sums, double size)
    {
        var merged = new double[2 * sums.Length];
        var (lower, upper) = (0, 0);
        for (var i = 0; i < merged.Length; i++)
        {
            merged[i] = upper == sums.Length || (lower < sums.Length && sums[lower] - size <= sums[upper] + size) ? sums[lower++] - size : sums[upper++] + size;
        }
        return merged;
    }
}
