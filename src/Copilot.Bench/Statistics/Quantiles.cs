using MathNet.Numerics;
using MathNet.Numerics.Distributions;

namespace Copilot.Bench.Statistics;

/// <summary>
/// Quantiles found by bisection down to neighbouring doubles. Those of Math.NET 5.0.0 stop at an absolute error, whatever the size of the quantile:
/// <c>Beta.InvCDF</c> is wrong by 1e-8 of the bound for one success in 10,000 trials and by 1e-7 in a million, <c>StudentT.InvCDF</c> by up to 1e-9 of t,
/// and it looks no further than 800. The distribution functions themselves are good to 3e-11 at 10,000 trials and 2e-9 at a million.
/// </summary>
internal static class Quantiles
{
    /// <summary>The share that lies beyond each end of a two-sided interval.</summary>
    public static double Tail(double confidence) => confidence is > 0 and < 1
        ? (1 - confidence) / 2
        : throw new ArgumentOutOfRangeException(nameof(confidence), confidence, "A confidence lies between 0 and 1, such as 0.95.");

    /// <summary>What a standard normal variable exceeds with the chance <paramref name="tail"/>, which is below a half.</summary>
    public static double NormalAbove(double tail) => -Normal.InvCDF(0, 1, tail);

    /// <summary>What Student's t exceeds with the chance <paramref name="tail"/>, which is below a half.</summary>
    public static double StudentAbove(double freedom, double tail)
    {
        bool IsBelow(double t) => StudentT.CDF(0, 1, freedom, -t) > tail;
        var high = 1.0;
        while (IsBelow(high)) high *= 2;
        return Bisect(IsBelow, 0, high);
    }

    /// <summary>What a beta variable stays below with the chance <paramref name="chance"/>.</summary>
    public static double BetaBelow(double a, double b, double chance) => Bisect(x => SpecialFunctions.BetaRegularized(a, b, x) < chance, 0, 1);

    private static double Bisect(Func<double, bool> isBelow, double low, double high)
    {
        while (true)
        {
            var middle = low + ((high - low) / 2);
            if (middle <= low || middle >= high) return high;
            if (isBelow(middle)) low = middle;
            else high = middle;
        }
    }
}
