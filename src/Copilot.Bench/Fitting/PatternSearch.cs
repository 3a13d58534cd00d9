namespace Copilot.Bench.Fitting;

/// <summary>
/// Looks for a maximum one coordinate at a time, with steps that are halved when none helps. It draws nothing by chance and needs no gradient, which scores
/// do not have. Source: R. Hooke and T. A. Jeeves, "Direct search" solution of numerical and statistical problems, Journal of the ACM 8 (1961), 212-229, its
/// exploratory moves; the pattern moves are left out, since few coordinates move far.
/// </summary>
public static class PatternSearch
{
    /// <summary>Less than this is no gain: rounding must not decide between equal values.</summary>
    private const double LeastGain = 1e-9;

    /// <param name="start">Where it begins.</param>
    /// <param name="move">A point with one coordinate moved by some steps; the same point where it cannot be.</param>
    /// <param name="value">What is to be large.</param>
    /// <param name="dimensions">How many coordinates there are.</param>
    /// <param name="leastStep">The smallest step that is tried; the first is 1.</param>
    /// <param name="mostPasses">After so many passes over all coordinates it ends.</param>
    public static T Maximize<T>(T start, Func<T, int, double, T> move, Func<T, double> value, int dimensions, double leastStep = 0.25, int mostPasses = 12)
        where T : notnull
    {
        var (best, height, step) = (start, value(start), 1.0);
        for (var pass = 0; pass < mostPasses && step >= leastStep; pass++)
        {
            var better = false;
            for (var i = 0; i < dimensions; i++)
            {
                foreach (var direction in new[] { step, -step })
                {
                    var next = move(best, i, direction);
                    if (next.Equals(best)) continue;
                    var reached = value(next);
                    if (reached <= height + LeastGain) continue;
                    (best, height, better) = (next, reached, true);
                    break;
                }
            }
            if (!better) step /= 2;
        }
        return best;
    }
}
