using System.Globalization;

namespace Copilot.Bench.Importers.Nezha;

/// <summary>Reads the set's times in words, as nanoseconds since 1970.</summary>
internal static class NezhaTime
{
    /// <summary>As ISO 8601 has it, in UTC where the text does not say: <c>2023-01-29T09:20:29.295</c>. No finer than a ten-millionth of a second.</summary>
    public static bool TryIso(ReadOnlySpan<char> text, out long nanoseconds)
    {
        var read = DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) && at.Year is >= 2000 and < 2100;
        nanoseconds = read ? (at.UtcTicks - DateTime.UnixEpoch.Ticks) * 100 : 0;
        return read;
    }

    /// <summary>As Go prints it: <c>2023-01-29 08:41:09.043078357 +0000 UTC m=+0.1</c>.</summary>
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
