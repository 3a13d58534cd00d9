namespace Copilot.Core.Analysis;

/// <summary>Where a series changed best, and how sure that is.</summary>
/// <param name="Step">The first step of the changed part.</param>
/// <param name="LogLikelihoodRatio">Log likelihood of "changed here" over "never changed", in nats.</param>
/// <param name="Profile">The same for each step; negative infinity where a change was not considered.</param>
public readonly record struct ChangeFit(int Step, double LogLikelihoodRatio, double[] Profile);

/// <summary>
/// Change points by likelihood ratio (D. V. Hinkley, "Inference about the change-point in a sequence of random variables", Biometrika 57, 1970),
/// one-sided: only a rise counts.
/// </summary>
public static class ChangePoint
{
    // A part of one or two steps fits any outlier.
    private const int Shortest = 3;

    /// <summary>A rise of the ratio of <paramref name="hits"/> to <paramref name="trials"/>, binomial with a Jeffreys prior.</summary>
    public static ChangeFit Ratio(ReadOnlySpan<double> hits, ReadOnlySpan<double> trials)
    {
        var count = hits.Length;
        var profile = Filled(count);
        double allHits = Sum(hits), allTrials = Sum(trials), beforeHits = 0, beforeTrials = 0;
        var nothing = LogBinomial(allHits, allTrials);
        for (var step = 1; step < count; step++)
        {
            beforeHits += hits[step - 1];
            beforeTrials += trials[step - 1];
            if (step < Shortest || count - step < Shortest) continue;
            double afterHits = allHits - beforeHits, afterTrials = allTrials - beforeTrials;
            if (beforeTrials < 1 || afterTrials < 1 || afterHits / afterTrials <= beforeHits / beforeTrials) continue;
            profile[step] = LogBinomial(beforeHits, beforeTrials) + LogBinomial(afterHits, afterTrials) - nothing;
        }
        return Best(profile);
    }

    /// <summary>A rise of the level of positive values, Gaussian in their logarithm with one variance. NaN values are left out.</summary>
    public static ChangeFit Level(ReadOnlySpan<double> values)
    {
        var count = values.Length;
        var profile = Filled(count);
        double n = 0, sum = 0, squares = 0;
        var logs = new double[count];
        for (var i = 0; i < count; i++)
        {
            logs[i] = values[i] > 0 ? Math.Log(values[i]) : double.NaN;
            if (double.IsNaN(logs[i])) continue;
            n++;
            sum += logs[i];
            squares += logs[i] * logs[i];
        }
        // A floor on the spread keeps an unusually quiet series from making a trifle significant.
        var floor = n * 0.03 * 0.03;
        var whole = Math.Max(0, squares - (sum * sum / Math.Max(1, n))) + floor;
        double beforeN = 0, beforeSum = 0, beforeSquares = 0;
        for (var step = 1; step < count; step++)
        {
            if (!double.IsNaN(logs[step - 1]))
            {
                beforeN++;
                beforeSum += logs[step - 1];
                beforeSquares += logs[step - 1] * logs[step - 1];
            }
            var afterN = n - beforeN;
            if (beforeN < Shortest || afterN < Shortest) continue;
            double afterSum = sum - beforeSum, afterSquares = squares - beforeSquares;
            if (afterSum / afterN <= beforeSum / beforeN) continue;
            var split = Math.Max(0, beforeSquares - (beforeSum * beforeSum / beforeN)) + Math.Max(0, afterSquares - (afterSum * afterSum / afterN)) + floor;
            profile[step] = n / 2 * Math.Log(whole / split);
        }
        return Best(profile);
    }

    private static double LogBinomial(double hits, double trials)
    {
        if (trials <= 0) return 0;
        var p = (hits + 0.5) / (trials + 1);
        return (hits * Math.Log(p)) + ((trials - hits) * Math.Log(1 - p));
    }

    private static ChangeFit Best(double[] profile)
    {
        var best = -1;
        for (var i = 0; i < profile.Length; i++)
            if (!double.IsNegativeInfinity(profile[i]) && (best < 0 || profile[i] > profile[best])) best = i;
        return best < 0 ? new(-1, 0, profile) : new(best, profile[best], profile);
    }

    private static double Sum(ReadOnlySpan<double> values)
    {
        var sum = 0.0;
        foreach (var value in values) sum += value;
        return sum;
    }

    private static double[] Filled(int count)
    {
        var profile = new double[count];
        Array.Fill(profile, double.NegativeInfinity);
        return profile;
    }
}
