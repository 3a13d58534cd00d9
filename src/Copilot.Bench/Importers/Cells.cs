using System.Globalization;

namespace Copilot.Bench.Importers;

/// <summary>Reads the fields of foreign tables.</summary>
internal static class Cells
{
    private const decimal Earliest = 946_684_800m;   // 2000-01-01
    private const decimal Latest = 4_102_444_800m;   // 2100-01-01

    /// <summary>A finite number; false for an empty field, for NaN and for infinities, which pandas writes for what is not known.</summary>
    public static bool TryNumber(ReadOnlySpan<char> text, out double number) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out number) && double.IsFinite(number);

    /// <summary>
    /// A count of seconds, milliseconds, microseconds or nanoseconds since 1970, as nanoseconds: its size tells the unit between 2000 and 2099, and any
    /// other time is none.
    /// </summary>
    public static bool TryTime(ReadOnlySpan<char> text, out long nanoseconds)
    {
        nanoseconds = 0;
        if (!decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value)) return false;
        var perSecond = value switch { < 100_000_000_000m => 1m, < 100_000_000_000_000m => 1000m, < 100_000_000_000_000_000m => 1_000_000m, _ => 1_000_000_000m };
        var seconds = value / perSecond;
        if (seconds is < Earliest or >= Latest) return false;
        nanoseconds = (long)(value * (1_000_000_000m / perSecond));
        return true;
    }

    /// <summary>Whether a field says that there is nothing, in one of the ways of pandas and of the tracers.</summary>
    public static bool IsNothing(ReadOnlySpan<char> text) => text.Length == 0 || text is "nan" or "NaN" or "None" or "null";

    /// <summary>
    /// Whether a status stands for a failure. Statuses of OpenTelemetry (0, 1, 2), gRPC (0 to 16), HTTP and their words come mixed: 0, OK and nothing are no
    /// failure, nor are HTTP's up to 499, since a refused request is the client's doing.
    /// </summary>
    public static bool IsFailure(ReadOnlySpan<char> status)
    {
        if (IsNothing(status)) return false;
        if (TryNumber(status, out var code)) return code is not 0 and (< 100 or >= 500);
        return !status.Equals("ok", StringComparison.OrdinalIgnoreCase) && !status.Equals("unset", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Lower case, with a hyphen for whatever is neither letter nor digit: fit for an id and for a folder's name.</summary>
    public static string Slug(string text)
    {
        var slug = new System.Text.StringBuilder(text.Length);
        foreach (var c in text)
            if (char.IsAsciiLetterOrDigit(c)) slug.Append(char.ToLowerInvariant(c));
            else if (slug.Length > 0 && slug[^1] != '-') slug.Append('-');
        return slug.ToString().TrimEnd('-');
    }
}
