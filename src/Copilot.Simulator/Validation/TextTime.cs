namespace Copilot.Simulator.Validation;

/// <summary>Times of all files as nanoseconds since 1970: "2025-01-31 10:20:30[.fffffffff]" and the same with T and Z.</summary>
internal static class TextTime
{
    public const long Millisecond = 1_000_000;
    public const long Second = 1_000_000_000;
    public const long Minute = 60 * Second;

    private const int WholeSeconds = 19;

    public static bool TryParse(ReadOnlySpan<byte> text, out long nanoseconds)
    {
        nanoseconds = 0;
        if (text.Length < WholeSeconds || text[4] != '-' || text[7] != '-' || (text[10] != ' ' && text[10] != 'T') || text[13] != ':' || text[16] != ':')
            return false;
        var (year, month, day) = (Number(text[..4]), Number(text[5..7]), Number(text[8..10]));
        var (hour, minute, second) = (Number(text[11..13]), Number(text[14..16]), Number(text[17..19]));
        if (year < 1970 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month) || hour is < 0 or > 23
            || minute is < 0 or > 59 || second is < 0 or > 59 || !TryFraction(text, out var fraction)) return false;
        nanoseconds = (((Days(year, month, day) * 24 + hour) * 60 + minute) * 60 + second) * Second + fraction;
        return true;
    }

    public static bool TryParse(string text, out long nanoseconds)
    {
        Span<byte> bytes = stackalloc byte[40];
        nanoseconds = 0;
        return text.Length <= bytes.Length && System.Text.Encoding.UTF8.TryGetBytes(text, bytes, out var length) && TryParse(bytes[..length], out nanoseconds);
    }

    /// <summary>For messages.</summary>
    public static string Show(long nanoseconds) => DateTimeOffset.UnixEpoch.AddTicks(nanoseconds / 100).ToString("yyyy-MM-dd HH:mm:ss.fff");

    private static bool TryFraction(ReadOnlySpan<byte> text, out long fraction)
    {
        fraction = 0;
        var end = text[10] == 'T' ? text.Length - 1 : text.Length;
        if (text[10] == 'T' && text[^1] != 'Z') return false;
        if (end == WholeSeconds) return true;
        var digits = end - WholeSeconds - 1;
        if (text[WholeSeconds] != '.' || digits is < 1 or > 9) return false;
        for (var i = 0; i < 9; i++)
        {
            var digit = i < digits ? text[WholeSeconds + 1 + i] - '0' : 0;
            if (digit is < 0 or > 9) return false;
            fraction = fraction * 10 + digit;
        }

        return true;
    }

    private static int Number(ReadOnlySpan<byte> digits)
    {
        var number = 0;
        foreach (var digit in digits)
        {
            if (digit is < (byte)'0' or > (byte)'9') return -1;
            number = number * 10 + digit - '0';
        }

        return number;
    }

    /// <summary>Days since 1970-01-01 of the Gregorian calendar, with years that begin in March so that leap days come last.</summary>
    private static long Days(int year, int month, int day)
    {
        var shifted = month > 2 ? year : year - 1;
        var dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
        return 365L * shifted + shifted / 4 - shifted / 100 + shifted / 400 + dayOfYear - 719_468;
    }
}
