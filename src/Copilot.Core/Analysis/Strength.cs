using Copilot.Core.Signals;

namespace Copilot.Core.Analysis;

/// <summary>
/// How far what got worse is from what chance does and from a trifle, 0 to 1. A slight or short trouble must not outweigh what is beyond doubt, and by itself
/// it needs a cause that is likely beforehand: scaled so, a likelihood counts for as much evidence as there is (a tempered or power likelihood;
/// P. Grünwald, "The Safe Bayesian", ALT 2012).
/// </summary>
internal static class Strength
{
    /// <summary>What chance does once in some hundred million times; nats.</summary>
    public const double Certain = 20;

    private const double Least = 0.1;
    private const double Times = 4; // as slow

    // What passes by itself sooner is an episode.
    private static readonly TimeSpan Lasting = TimeSpan.FromMinutes(2);
    private const double LastingSteps = 3;

    /// <param name="nats">Log likelihood ratio of the change over none.</param>
    public static double OfRatio(double nats) => Math.Clamp(nats / Certain, Least, 1);

    /// <param name="slow">Milliseconds before and after.</param>
    /// <param name="usual">How long the requests of whoever waits for it took before, milliseconds: what they hardly notice is a trifle. 0 where that is not known.</param>
    public static double OfSlowdown((double Before, double After) slow, double usual) =>
        Math.Clamp(Math.Log(slow.After / slow.Before) / Math.Log(Times) * (usual > 0 ? Math.Min(1, 2 * (slow.After - slow.Before) / usual) : 1), Least, 1);

    /// <summary>Less than 1 for errors that were over soon.</summary>
    public static double OfTime(double[] errors, double[] calls, (double Before, double After) share, int split, TimeGrid grid) =>
        OfTime(i => calls[i] > 0 ? errors[i] / calls[i] > (share.Before + share.After) / 2 : null, split, errors.Length, grid);

    /// <summary>Less than 1 for slowness that was over soon.</summary>
    public static double OfTime(double[] values, (double Before, double After) slow, int split, TimeGrid grid) =>
        OfTime(i => values[i] > 0 ? values[i] > Math.Sqrt(slow.Before * slow.After) : null, split, values.Length, grid);

    /// <param name="isBad">Of each step; null where nothing was recorded.</param>
    private static double OfTime(Func<int, bool?> isBad, int split, int count, TimeGrid grid)
    {
        var (bad, first, latest, goesOn) = (0, -1, -1, true);
        for (var i = split; i < count; i++)
        {
            if (isBad(i) is not { } worse) continue;
            goesOn = worse;
            if (!worse) continue;
            if (first < 0) first = i;
            latest = i;
            bad++;
        }
        if (bad == 0) return Least;
        // What still goes on lasts as long as was looked.
        var took = ((goesOn ? count : latest + 1) - first) * grid.Step / Lasting;
        return Math.Clamp(goesOn ? took : Math.Min(took, bad / LastingSteps), Least, 1);
    }
}
