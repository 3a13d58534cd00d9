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
    private const int Few = 24;
    private const double LeastSpread = 0.15;
    private const double MostAsHigh = 0.15;
    private const double MostPerValue = 8; // nats

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

    /// <summary>
    /// A rise of the level of positive values, Gaussian in their logarithm with one variance. NaN values are left out. Of few values the one at the change
    /// belongs to neither part: what it measured was partly before and partly after.
    /// </summary>
    public static ChangeFit Level(ReadOnlySpan<double> values)
    {
        var profile = Filled(values.Length);
        var (logs, places) = (new List<double>(), new List<int>());
        for (var i = 0; i < values.Length; i++)
        {
            if (!(values[i] > 0)) continue;
            logs.Add(Math.Log(values[i]));
            places.Add(i);
        }
        var few = logs.Count < Few;
        double n = logs.Count, all = logs.Sum(), squares = logs.Sum(l => l * l), sum = 0, sumOfSquares = 0;
        for (var k = 1; k < logs.Count; k++)
        {
            sum += logs[k - 1];
            sumOfSquares += logs[k - 1] * logs[k - 1];
            if (k < Shortest) continue;
            var ratio = Ratio(k, n - k, all - sum, squares - sumOfSquares);
            if (few) ratio = Math.Max(Math.Max(ratio, Ratio(k, n - k - 1, all - sum - logs[k], squares - sumOfSquares - (logs[k] * logs[k]))), Robust(logs, k));
            // Where nothing was recorded the change may have come at any time since the value before.
            for (var i = places[k - 1] + 1; i <= places[k]; i++) profile[i] = ratio;

            double Ratio(double before, double after, double afterSum, double afterSquares)
            {
                if (after < (few ? Shortest - 1 : Shortest) || afterSum / after <= sum / before) return double.NegativeInfinity;
                // A floor on the spread keeps an unusually quiet series from making a trifle significant.
                var (count, floor) = (before + after, (before + after) * 0.03 * 0.03);
                var whole = Math.Max(0, sumOfSquares + afterSquares - ((sum + afterSum) * (sum + afterSum) / count)) + floor;
                var split = Math.Max(0, sumOfSquares - (sum * sum / before)) + Math.Max(0, afterSquares - (afterSum * afterSum / after)) + floor;
                return count / 2 * Math.Log(whole / split);
            }
        }
        return Best(profile);
    }

    /// <summary>
    /// The same by medians (P. J. Rousseeuw, C. Croux, "Alternatives to the median absolute deviation", 1993): of few values one earlier trouble that went by
    /// makes all of them vary. What was as high before more than once or twice is usual.
    /// </summary>
    private static double Robust(List<double> logs, int split)
    {
        var (before, after) = (logs[..split].Order().ToList(), logs[split..].Order().ToList());
        if (after.Count < Shortest - 1) return double.NegativeInfinity;
        double usual = before[before.Count / 2], now = after[after.Count / 2], low = after[0];
        var spread = Math.Max(LeastSpread, 1.4826 * before.Select(b => Math.Abs(b - usual)).Order().ElementAt(before.Count / 2));
        if (low <= usual || before.Count(b => b >= low) > MostAsHigh * before.Count) return double.NegativeInfinity;
        return after.Sum(a => Math.Min(MostPerValue, (a - usual) * (a - usual) / (2 * spread * spread))) * Math.Min(1, now - usual);
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
