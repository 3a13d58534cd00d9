using System.Buffers.Text;

namespace Copilot.Engine.Snapshots.Reading;

/// <summary>Reads the time stamps of the supported formats, as UTC ticks, without making strings.</summary>
internal static class TimeText
{
    private static readonly long Earliest = new DateTime(2000, 1, 1, 0, 0, 0, DateTimeKind.Utc).Ticks;
    private static readonly long Latest = new DateTime(2100, 1, 1, 0, 0, 0, DateTimeKind.Utc).Ticks;

    /// <summary>
    /// Reads <c>yyyy-MM-dd HH:mm:ss[.f…]</c> with a space or <c>T</c>, with <c>Z</c>, an offset, or nothing for UTC; or a count of seconds,
    /// milliseconds, microseconds or nanoseconds since 1970. False for anything else and for years outside 2000 to 2099.
    /// </summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out long utcTicks)
    {
        text = text.Trim((byte)' ');
        utcTicks = 0;
        if (text.Length >= 19 && text[4] == (byte)'-') return TryCalendar(text, out utcTicks);
        return text.Length is >= 10 and <= 32 && TryEpoch(text, out utcTicks);
    }

    public static bool TryParse(string? text, out DateTimeOffset at)
    {
        at = default;
        if (text is null || text.Length > 64) return false;
        Span<byte> bytes = stackalloc byte[text.Length * 3];
        var length = System.Text.Encoding.UTF8.GetBytes(text, bytes);
        if (!TryParse(bytes[..length], out var ticks)) return false;
        at = new(ticks, TimeSpan.Zero);
        return true;
    }

    private static bool TryCalendar(ReadOnlySpan<byte> t, out long ticks)
    {
        ticks = 0;
        if (t[7] != (byte)'-' || (t[10] != (byte)' ' && t[10] != (byte)'T') || t[13] != (byte)':' || t[16] != (byte)':') return false;
        int year = Two(t, 0) * 100 + Two(t, 2), month = Two(t, 5), day = Two(t, 8), hour = Two(t, 11), minute = Two(t, 14), second = Two(t, 17);
        if (year is < 2000 or > 2099 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month)
            || hour is < 0 or > 23 || minute is < 0 or > 59 || second is < 0 or > 60)
        {
            return false;
        }

        ticks = new DateTime(year, month, day, hour, minute, Math.Min(second, 59), DateTimeKind.Utc).Ticks;
        var rest = t[19..];
        if (rest.Length > 0 && rest[0] is (byte)'.' or (byte)',')
        {
            long unit = TimeSpan.TicksPerSecond / 10;
            var i = 1;
            for (; i < rest.Length && rest[i] is >= (byte)'0' and <= (byte)'9'; i++, unit /= 10) ticks += (rest[i] - '0') * unit;
            rest = rest[i..];
        }
        if (rest.Length == 0 || rest is [(byte)'Z'] or [(byte)'z']) return true;
        if (rest.Length < 3 || rest[0] is not ((byte)'+' or (byte)'-')) return false;
        var hours = Two(rest, 1);
        var minutes = rest.Length >= 5 ? Two(rest, rest[3] == (byte)':' ? 4 : 3) : 0;
        if (hours is < 0 or > 18 || minutes is < 0 or > 59) return false;
        var offset = hours * TimeSpan.TicksPerHour + minutes * TimeSpan.TicksPerMinute;
        ticks += rest[0] == (byte)'-' ? offset : -offset;
        return true;
    }

    private static int Two(ReadOnlySpan<byte> t, int at)
    {
        if (at + 1 >= t.Length) return -1000;
        int high = t[at] - '0', low = t[at + 1] - '0';
        return (uint)high > 9 || (uint)low > 9 ? -1000 : high * 10 + low;
    }

    private static bool TryEpoch(ReadOnlySpan<byte> text, out long ticks)
    {
        ticks = 0;
        if (!Utf8Parser.TryParse(text, out decimal value, out var used) || used != text.Length || value <= 0) return false;
        var perUnit = value switch
        {
            < 100_000_000_000m => 10_000_000m,
            < 100_000_000_000_000m => 10_000m,
            < 100_000_000_000_000_000m => 10m,
            _ => 0.01m,
        };
        if (value > 10_000_000_000_000_000_000m) return false; // nanoseconds of a year past 2200: no time, and too large for ticks
        ticks = DateTime.UnixEpoch.Ticks + (long)(value * perUnit);
        return ticks >= Earliest && ticks < Latest;
    }
}
