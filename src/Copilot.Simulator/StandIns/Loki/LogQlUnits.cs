using System.Globalization;

namespace Copilot.Simulator.StandIns.Loki;

/// <summary>Durations as Go and Prometheus write them, and sizes.</summary>
internal static class LogQlUnits
{
    private static readonly Dictionary<string, double> Seconds = new()
    {
        ["ns"] = 1e-9,
        ["us"] = 1e-6,
        ["µs"] = 1e-6,
        ["ms"] = 1e-3,
        ["s"] = 1,
        ["m"] = 60,
        ["h"] = 3600,
        ["d"] = 86400,
        ["w"] = 7 * 86400,
        ["y"] = 365 * 86400,
    };

    private static readonly Dictionary<string, double> Sizes = new(StringComparer.OrdinalIgnoreCase)
    {
        ["b"] = 1,
        ["kb"] = 1e3,
        ["mb"] = 1e6,
        ["gb"] = 1e9,
        ["tb"] = 1e12,
        ["kib"] = 1 << 10,
        ["mib"] = 1 << 20,
        ["gib"] = 1 << 30,
        ["tib"] = 1L << 40,
    };

    /// <summary>Seconds of <c>1h30m</c>; null when it is none.</summary>
    public static double? Duration(string text)
    {
        var (sum, at, negative) = (0.0, 0, text.StartsWith('-'));
        if (negative) at++;
        if (at == text.Length) return null;
        while (at < text.Length)
        {
            if (Part(text, ref at) is not ({ } number, var unit) || !Seconds.TryGetValue(unit, out var seconds)) return null;
            sum += number * seconds;
        }
        return negative ? -sum : sum;
    }

    public static double? Bytes(string text)
    {
        var at = 0;
        return Part(text, ref at) is ({ } number, var unit) && at == text.Length && Sizes.TryGetValue(unit, out var size) ? number * size : null;
    }

    public static string WhyNoDuration(string text)
    {
        var at = 0;
        if (text.Length == 0 || Part(text, ref at) is not ({ }, var unit)) return $"not a valid duration string: \"{text}\"";
        return unit.Length == 0 ? $"missing unit in duration \"{text}\"" : Seconds.ContainsKey(unit) ? $"not a valid duration string: \"{text}\"" : $"unknown unit \"{unit}\" in duration \"{text}\"";
    }

    /// <summary>As Go prints durations of whole seconds and more.</summary>
    public static string Go(TimeSpan span) => $"{(long)span.TotalHours}h{span.Minutes}m{span.Seconds}s";

    private static (double? Number, string Unit) Part(string text, ref int at)
    {
        var from = at;
        while (at < text.Length && (char.IsAsciiDigit(text[at]) || text[at] == '.')) at++;
        if (!double.TryParse(text.AsSpan(from, at - from), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)) return (null, "");
        var unit = at;
        while (at < text.Length && !char.IsAsciiDigit(text[at]) && text[at] != '.') at++;
        return (number, text[unit..at]);
    }
}
