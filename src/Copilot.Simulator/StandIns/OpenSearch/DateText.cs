using System.Globalization;
using System.Text.RegularExpressions;

namespace Copilot.Simulator.StandIns.OpenSearch;

/// <summary>
/// Dates as <c>strict_date_optional_time||epoch_millis</c> takes them, and date math (<c>now-15m/m</c>, <c>2025-03-11||+1h</c>).
/// Times are nanoseconds since 1970.
/// </summary>
internal static partial class DateText
{
    public const string Format = "strict_date_time_no_millis||strict_date_optional_time||epoch_millis";

    private const int LongestText = 64;

    /// <param name="text">As it was sent.</param>
    /// <param name="roundUp">Whether what is not said is the latest it can be, as for <c>lte</c> and <c>gt</c>.</param>
    /// <param name="formats">The formats that the query names; null for those of the mapping.</param>
    /// <exception cref="ShardException">It is no date.</exception>
    public static long Parse(string text, bool roundUp, long now, string? formats = null)
    {
        if (text.Length is 0 or > LongestText) throw Bad(text, formats);
        try
        {
            var (anchor, math) = Split(text, now, roundUp, formats);
            return Bounded(MathRule().IsMatch(math) ? Apply(anchor, math, roundUp) : throw Bad(text, formats));
        }
        catch (ArgumentOutOfRangeException)
        {
            throw Bad(text, formats);
        }
    }

    /// <summary>As dates are written: milliseconds unless there is more.</summary>
    public static string Iso(long nanoseconds, bool whole = false)
    {
        var fraction = nanoseconds % 1_000_000_000;
        var text = DateTime.UnixEpoch.AddSeconds(nanoseconds / 1_000_000_000).ToString("yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture);
        if (whole) return $"{text}.{fraction / 1_000_000:D3}Z";
        // Java's Instant prints three, six or nine digits, or none.
        return fraction switch
        {
            0 => $"{text}Z",
            _ when fraction % 1_000_000 == 0 => $"{text}.{fraction / 1_000_000:D3}Z",
            _ when fraction % 1_000 == 0 => $"{text}.{fraction / 1_000:D6}Z",
            _ => $"{text}.{fraction:D9}Z",
        };
    }

    private static (Int128 Anchor, string Math) Split(string text, long now, bool roundUp, string? formats)
    {
        if (text.StartsWith("now", StringComparison.Ordinal)) return (now, text[3..]);
        var bars = text.IndexOf("||", StringComparison.Ordinal);
        var (date, math) = bars < 0 ? (text, "") : (text[..bars], text[(bars + 2)..]);
        return (Date(date, roundUp && math.Length == 0, formats) ?? throw Bad(text, formats), math);
    }

    private static Int128? Date(string text, bool roundUp, string? formats)
    {
        foreach (var format in (formats ?? Format).Split("||"))
        {
            var found = format switch
            {
                "epoch_millis" => Epoch(text, 1_000_000),
                "epoch_second" => Epoch(text, 1_000_000_000),
                "strict_date_time_no_millis" or "strict_date_optional_time" or "strict_date_optional_time_nanos" or "date_optional_time" => Written(text, roundUp),
                _ => throw OpenSearchErrors.NotAnswered($"the date format [{format}]"),
            };
            if (found is not null) return found;
        }
        return null;
    }

    private static Int128? Epoch(string text, long unit) =>
        decimal.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) && Math.Abs(number) < 1e18m ? (Int128)(number * unit) : null;

    private static Int128? Written(string text, bool roundUp)
    {
        if (WrittenRule().Match(text) is not { Success: true } match) return null;
        int? Part(string name) => match.Groups[name] is { Success: true, Value: var value } ? int.Parse(value, CultureInfo.InvariantCulture) : null;
        var (year, month) = (Part("y")!.Value, Part("M") ?? (roundUp ? 12 : 1));
        if (year < 1 || month is < 1 or > 12) return null;
        var day = Part("d") ?? (roundUp ? DateTime.DaysInMonth(year, month) : 1);
        var (hour, minute, second) = (Part("h") ?? (roundUp ? 23 : 0), Part("m") ?? (roundUp ? 59 : 0), Part("s") ?? (roundUp ? 59 : 0));
        if (day < 1 || day > DateTime.DaysInMonth(year, month) || hour > 23 || minute > 59 || second > 59) return null;
        var fraction = match.Groups["f"] is { Success: true, Value: var digits } ? long.Parse(digits.PadRight(9, roundUp ? '9' : '0'), CultureInfo.InvariantCulture) : roundUp ? 999_999_999 : 0;
        var zone = match.Groups["z"] is { Success: true, Value: not "Z" and var offset } ? Offset(offset) : 0;
        var seconds = new DateTime(year, month, day, hour, minute, second, DateTimeKind.Utc).Subtract(DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerSecond - zone;
        return (Int128)seconds * 1_000_000_000 + fraction;
    }

    private static int Offset(string zone)
    {
        var digits = zone[1..].Replace(":", "", StringComparison.Ordinal).PadRight(4, '0');
        var seconds = int.Parse(digits[..2], CultureInfo.InvariantCulture) * 3600 + int.Parse(digits[2..], CultureInfo.InvariantCulture) * 60;
        return zone[0] == '-' ? -seconds : seconds;
    }

    private static Int128 Apply(Int128 at, string math, bool roundUp)
    {
        foreach (Match step in StepRule().Matches(math))
        {
            var (sign, unit) = (step.Groups["sign"].Value[0], step.Groups["unit"].Value[0]);
            var time = DateTime.UnixEpoch.AddTicks((long)(Bounded(at) / 100));
            var below = Bounded(at) % 100;
            if (sign == '/')
            {
                var floor = Floor(time, unit);
                at = roundUp ? Nanoseconds(Add(floor, unit, 1)) - 1 : Nanoseconds(floor);
                continue;
            }
            var count = step.Groups["count"] is { Success: true, Value: { Length: > 0 } number } ? int.Parse(number, CultureInfo.InvariantCulture) : 1;
            at = Nanoseconds(Add(time, unit, sign == '-' ? -count : count)) + below;
        }
        return at;
    }

    private static Int128 Nanoseconds(DateTime time) => (Int128)(time - DateTime.UnixEpoch).Ticks * 100;

    private static DateTime Add(DateTime time, char unit, int count) => unit switch
    {
        'y' => time.AddYears(count),
        'M' => time.AddMonths(count),
        'w' => time.AddDays(7.0 * count),
        'd' => time.AddDays(count),
        'h' or 'H' => time.AddHours(count),
        'm' => time.AddMinutes(count),
        _ => time.AddSeconds(count),
    };

    private static DateTime Floor(DateTime time, char unit) => unit switch
    {
        'y' => new(time.Year, 1, 1),
        'M' => new(time.Year, time.Month, 1),
        'w' => time.Date.AddDays(-((int)time.DayOfWeek + 6) % 7),
        'd' => time.Date,
        'h' or 'H' => time.AddTicks(-(time.Ticks % TimeSpan.TicksPerHour)),
        'm' => time.AddTicks(-(time.Ticks % TimeSpan.TicksPerMinute)),
        _ => time.AddTicks(-(time.Ticks % TimeSpan.TicksPerSecond)),
    };

    private static long Bounded(Int128 value) => value > long.MaxValue ? long.MaxValue : value < long.MinValue ? long.MinValue : (long)value;

    private static ShardException Bad(string text, string? formats) =>
        new(400, "parse_exception", $"failed to parse date field [{text}] with format [{formats ?? Format}]: [failed to parse date field [{text}] with format [{formats ?? Format}]]");

    [GeneratedRegex(@"^(?<y>[0-9]{4})(-(?<M>[0-9]{2})(-(?<d>[0-9]{2})(T((?<h>[0-9]{2})(:(?<m>[0-9]{2})(:(?<s>[0-9]{2})([.,](?<f>[0-9]{1,9}))?)?)?(?<z>Z|[+-][0-9]{2}:?([0-9]{2})?)?)?)?)?)?\z", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex WrittenRule();

    [GeneratedRegex("^([+-][0-9]{0,9}[yMwdhHms]|/[yMwdhHms])*\\z", RegexOptions.NonBacktracking)]
    private static partial Regex MathRule();

    [GeneratedRegex("(?<sign>[+/-])(?<count>[0-9]{0,9})(?<unit>[yMwdhHms])", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex StepRule();
}
