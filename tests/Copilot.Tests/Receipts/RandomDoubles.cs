using System.Globalization;
using System.Numerics;

namespace Copilot.Tests.Receipts;

/// <summary>Finite doubles of the kinds that are easily written wrong.</summary>
internal static class RandomDoubles
{
    /// <summary>Around every power of ten and of two, and where ECMAScript changes its notation.</summary>
    public static IEnumerable<double> Edges()
    {
        var powers = Enumerable.Range(-330, 640).Select(e => double.Parse($"1e{e}", CultureInfo.InvariantCulture)).Concat(Enumerable.Range(-1074, 2098).Select(e => Math.ScaleB(1, e)));
        foreach (var power in powers.Where(double.IsFinite))
        {
            for (var ulps = -3; ulps <= 3; ulps++)
            {
                if (Beside(power, ulps) is var near && double.IsFinite(near)) yield return ulps % 2 == 0 ? near : -near;
            }
        }
    }

    public static double Any(Random random)
    {
        while (true)
        {
            var number = random.Next(9) switch
            {
                0 => random.NextInt64(-(1L << 53), (1L << 53) + 1),
                1 => random.Next(-100_000, 100_000) / Math.Pow(10, random.Next(8)),
                2 => BitConverter.UInt64BitsToDouble((ulong)random.NextInt64(1L << random.Next(1, 53)) | (random.Next(2) == 0 ? 0UL : 1UL << 63)),
                3 => Digits(random, 17),
                4 => Digits(random, random.Next(1, 17)),
                5 => double.Parse(Halfway(random), CultureInfo.InvariantCulture),
                6 => Beside(Math.Pow(10, random.Next(-9, 24)), random.Next(-1000, 1000)),
                _ => BitConverter.UInt64BitsToDouble((ulong)random.NextInt64() | ((ulong)random.Next(2) << 63)),
            };
            if (double.IsFinite(number)) return number;
        }
    }

    /// <summary>
    /// All decimal digits of the number in the middle between two neighbouring doubles, and one more that leaves it there or moves it a little to either side: the
    /// hardest text to read.
    /// </summary>
    public static string Halfway(Random random)
    {
        var bits = random.NextInt64(0x7fe0000000000000);
        var (exponent, fraction) = ((int)(bits >> 52), bits & ((1L << 52) - 1));
        // (2m + 1) · 2^power, where the lower of the two is m · 2^(power + 1).
        var odd = (2 * (BigInteger)(exponent == 0 ? fraction : fraction | 1L << 52)) + 1;
        var power = Math.Max(exponent, 1) - 1076;
        var (digits, ten) = power >= 0 ? (odd << power, 0) : (odd * BigInteger.Pow(5, -power), power);
        return $"{(random.Next(2) == 0 ? "-" : "")}{(digits * 10) + random.Next(-1, 2)}e{ten - 1}";
    }

    private static double Digits(Random random, int count) =>
        double.Parse($"{(random.Next(2) == 0 ? "-" : "")}{random.NextInt64((long)Math.Pow(10, count))}e{random.Next(-340, 310)}", CultureInfo.InvariantCulture);

    private static double Beside(double number, int ulps) => BitConverter.UInt64BitsToDouble((ulong)Math.Max(0, (long)BitConverter.DoubleToUInt64Bits(number) + ulps));
}
