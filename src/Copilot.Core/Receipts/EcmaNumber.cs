using System.Globalization;

namespace Copilot.Core.Receipts;

/// <summary>Numbers as ECMAScript writes them (ECMA-262, Number::toString with radix 10), which RFC 8785 demands.</summary>
public static class EcmaNumber
{
    /// <summary>Beyond it a double no longer tells neighbouring integers apart.</summary>
    public const long LargestInteger = 1L << 53;

    /// <summary>The shortest text that reads back as the same number.</summary>
    /// <exception cref="ArgumentException">Not a number, or infinite: JSON has no such thing.</exception>
    public static string Format(double value)
    {
        if (!double.IsFinite(value)) throw new ArgumentException("JSON has no infinite numbers and none that are no number.", nameof(value));
        if (value == 0) return "0";
        // The runtime finds the same shortest digits but lays them out in its own way: 0.001, 1200, 1.5E-07.
        var text = Shortest(Math.Abs(value)).Split('E');
        var all = text[0].Replace(".", "", StringComparison.Ordinal);
        var whole = text[0].IndexOf('.') is var dot and >= 0 ? dot : text[0].Length;
        var exponent = text.Length > 1 ? int.Parse(text[1], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture) : 0;
        var leading = all.Length - all.TrimStart('0').Length;
        var sign = value < 0 ? "-" : "";
        return sign + Layout(all.Trim('0'), whole - leading + exponent);
    }

    private static string Shortest(double value)
    {
        var text = value.ToString("R", CultureInfo.InvariantCulture);
        // For 2^-25 and 2^-958 .NET 10 writes a digit too few, which reads back as their neighbour (dotnet/runtime#131131). No number needs more than 17.
        return double.Parse(text, CultureInfo.InvariantCulture).Equals(value) ? text : value.ToString("E16", CultureInfo.InvariantCulture);
    }

    /// <param name="digits">Significant digits, the first and the last not zero.</param>
    /// <param name="point">How many digits stand before the decimal point; ECMA-262 calls it n.</param>
    private static string Layout(string digits, int point)
    {
        if (point is > 0 and <= 21)
            return digits.Length <= point ? digits.PadRight(point, '0') : $"{digits[..point]}.{digits[point..]}";
        if (point is > -6 and <= 0) return "0." + new string('0', -point) + digits;
        var exponent = point - 1;
        var fraction = digits.Length > 1 ? "." + digits[1..] : "";
        return $"{digits[0]}{fraction}e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent)}";
    }
}
