using System.Globalization;
using System.Numerics;

namespace Copilot.Simulator.StandIns.Loki;

/// <summary>Times as Loki takes them: nanoseconds or seconds since 1970, seconds with a fraction, or RFC 3339.</summary>
internal static class LokiTimes
{
    /// <summary>Nanoseconds since 1970.</summary>
    public static long Parse(string text)
    {
        if (text.Contains('.', StringComparison.Ordinal) && decimal.TryParse(text, NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var seconds) && Math.Abs(seconds) < 4e9m)
            return (long)(seconds * 1_000_000_000m);
        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)) return InRange(text.Length <= 10 ? number * 1_000_000_000m : number, text);
        return GoTimes.Rfc3339(text) ?? throw Refusal.Bad($"could not parse \"{text}\" as a timestamp: neither nanoseconds, seconds nor RFC3339");
    }

    // Sums and differences of two times must fit as well.
    private static long InRange(decimal nanoseconds, string text) => Math.Abs(nanoseconds) < 4e18m ? (long)nanoseconds : throw Refusal.Bad($"timestamp out of range: {text}");

    /// <summary>Nanoseconds of a step: a duration, or seconds.</summary>
    public static long Step(string text)
    {
        var seconds = double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : LogQlUnits.Duration(text);
        if (seconds is not { } known || !double.IsFinite(known) || Math.Abs(known) > 9e8) throw Refusal.Bad($"cannot parse \"{text}\" to a valid duration");
        return (long)(known * 1e9);
    }

    /// <summary>A number as Go prints it: no exponent.</summary>
    public static string Number(double value)
    {
        var text = value.ToString("R", CultureInfo.InvariantCulture);
        return text.Contains('E', StringComparison.Ordinal) ? Math.Abs(value) < 1e28 ? ((decimal)value).ToString(CultureInfo.InvariantCulture) : new BigInteger(value).ToString(CultureInfo.InvariantCulture) : text;
    }
}
