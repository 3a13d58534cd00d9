using System.Globalization;

namespace Copilot.Simulator.StandIns;

/// <summary>Times as Go's RFC 3339 reads them (pkg.go.dev/time).</summary>
internal static class GoTimes
{
    private const string Layout = "2006-01-02T15:04:05.999999999Z07:00";

    private static readonly (string Element, string? Range, int Least, int Most)[] Elements =
    [
        ("2006", "year", 0, 9999), ("-", null, 0, 0), ("01", "month", 1, 12), ("-", null, 0, 0), ("02", "day", 1, 31), ("T", null, 0, 0),
        ("15", "hour", 0, 23), (":", null, 0, 0), ("04", "minute", 0, 59), (":", null, 0, 0), ("05", "second", 0, 59),
    ];

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

    /// <summary>Nanoseconds since 1970, at the ends of what fits when it lies beyond them.</summary>
    /// <param name="error">Null when it could be read.</param>
    public static long Time(string text, out string? error)
    {
        error = Fault(text);
        if (error is not null) return 0;
        return Rfc3339(text) ?? (string.CompareOrdinal(text, "1970") < 0 ? -long.MaxValue / 2 : long.MaxValue / 2);
    }

    private static string? Fault(string text)
    {
        var at = 0;
        foreach (var (element, range, least, most) in Elements)
        {
            var length = element.Length;
            var there = at + length <= text.Length ? text.AsSpan(at, length) : [];
            if (range is null ? !there.SequenceEqual(element) : there.Length == 0 || there.IndexOfAnyExceptInRange('0', '9') >= 0) return CannotParse(element);
            if (range is not null && (int.Parse(there, CultureInfo.InvariantCulture) is var number) && (number < least || number > most)) return $"parsing time {GoText.Quoted(text)}: {range} out of range";
            at += length;
        }
        if (at + 1 < text.Length && text[at] == '.' && char.IsAsciiDigit(text[at + 1]))
            for (at++; at < text.Length && char.IsAsciiDigit(text[at]);) at++;
        var zone = text[at..];
        var zoneLength = zone.StartsWith('Z') ? 1 : zone.Length >= 6 && zone[0] is ('+' or '-') && zone[3] == ':' && zone[1..3].All(char.IsAsciiDigit) && zone[4..6].All(char.IsAsciiDigit) ? 6 : 0;
        if (zoneLength == 0) return CannotParse("Z07:00");
        if (zone.Length > zoneLength) return $"parsing time {GoText.Quoted(text)}: extra text: {GoText.Quoted(zone[zoneLength..])}";
        return DateTime.TryParseExact(text[..10], "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _) ? null : $"parsing time {GoText.Quoted(text)}: day out of range";

        string CannotParse(string element) => $"parsing time {GoText.Quoted(text)} as {GoText.Quoted(Layout)}: cannot parse {GoText.Quoted(text[at..])} as {GoText.Quoted(element)}";
    }
}
