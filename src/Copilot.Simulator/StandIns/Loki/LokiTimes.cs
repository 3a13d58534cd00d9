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
        return Rfc3339(text) ?? throw Refusal.Bad($"could not parse \"{text}\" as a timestamp: neither nanoseconds, seconds nor RFC3339");
    }

    // Sums and differences of two times must fit as well.
    private static long InRange(decimal nanoseconds, string text) => Math.Abs(nanoseconds) < 4e18m ? (long)nanoseconds : throw Refusal.Bad($"timestamp out of range: {text}");

    /// <summary>Nanoseconds since 1970; null when it is no time with a zone. The tenth and hundredth of a tick are kept.</summary>
    public static long? Rfc3339(string text)
    {
        if (text.Length is < 20 or > 40 || text[10] is not ('T' or 't')) return null;
        var zone = text.AsSpan(19).IndexOfAny("Zz+-") + 19;
        if (zone < 19 || !DateTimeOffset.TryParseExact(string.Concat(text.AsSpan(0, 19), text.AsSpan(zone)), "yyyy-MM-dd'T'HH:mm:ssK", CultureInfo.InvariantCulture, DateTimeStyles.None, out var whole)) return null;
        var fraction = text.AsSpan(19, zone - 19);
        if (fraction.Length > 0 && (fraction[0] != '.' || fraction.Length is 1 or > 10 || fraction[1..].IndexOfAnyExceptInRange('0', '9') >= 0)) return null;
        var nanoseconds = fraction.Length == 0 ? 0 : long.Parse(fraction[1..].ToString().PadRight(9, '0'), CultureInfo.InvariantCulture);
        if (whole.Year is < 1850 or > 2090) return null;
        return (whole - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerSecond * 1_000_000_000 + nanoseconds;
    }

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
