using System.Globalization;

namespace Copilot.Bench.Importers.Nezha;

/// <summary>Reads times as Go prints them: <c>2023-01-29 08:41:09.043078357 +0000 UTC m=+0.1</c>.</summary>
internal static class NezhaTime
{
    /// <param name="nanoseconds">Since 1970.</param>
    public static bool TryGo(ReadOnlySpan<char> text, out long nanoseconds)
    {
        nanoseconds = 0;
        var parts = text.ToString().Split(' ', 4);
        if (parts.Length < 3 || parts[2].Length != 5) return false;
        var dot = parts[1].IndexOf('.');
        var (clock, fraction) = dot < 0 ? (parts[1], "") : (parts[1][..dot], parts[1][(dot + 1)..]);
        if (!DateTimeOffset.TryParseExact($"{parts[0]} {clock} {parts[2].Insert(3, ":")}", "yyyy-MM-dd HH:mm:ss zzz", CultureInfo.InvariantCulture, DateTimeStyles.None, out var at)) return false;
        if (fraction.Length > 9 || !long.TryParse(fraction.PadRight(9, '0'), NumberStyles.None, CultureInfo.InvariantCulture, out var rest)) return false;
        nanoseconds = (at.ToUnixTimeSeconds() * 1_000_000_000) + rest;
        return true;
    }
}
