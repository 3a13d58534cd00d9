using System.Buffers;
using System.Globalization;
using System.Numerics;
using System.Text;

namespace Copilot.Simulator.StandIns;

/// <summary>Numbers and durations as Go's strconv and time read them, with their words for what they cannot read (pkg.go.dev/strconv, pkg.go.dev/time).</summary>
internal static class GoText
{
    private static readonly SearchValues<char> Digits = SearchValues.Create("0123456789.");

    private static readonly Dictionary<string, decimal> Units = new()
    {
        ["ns"] = 1,
        ["us"] = 1_000,
        ["µs"] = 1_000,
        ["μs"] = 1_000,
        ["ms"] = 1_000_000,
        ["s"] = 1_000_000_000,
        ["m"] = 60_000_000_000,
        ["h"] = 3_600_000_000_000,
    };

    private static readonly Dictionary<string, decimal> Calendar = new() { ["d"] = 86_400_000_000_000, ["w"] = 7 * 86_400_000_000_000, ["y"] = 365 * 86_400_000_000_000 };

    /// <summary>A whole number of so many bits.</summary>
    /// <param name="bits">32 or 64.</param>
    /// <param name="function">What Go's error names.</param>
    /// <param name="error">Null when it could be read.</param>
    public static long Integer(string text, int bits, out string? error, string function = "ParseInt")
    {
        error = null;
        if (text.Length > 0 && BigInteger.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
        {
            var most = bits == 32 ? int.MaxValue : long.MaxValue;
            if (number <= most && number >= -(BigInteger)most - 1) return (long)number;
            error = $"strconv.{function}: parsing {Quoted(text)}: value out of range";
        }
        else
        {
            error = $"strconv.{function}: parsing {Quoted(text)}: invalid syntax";
        }
        return 0;
    }

    /// <summary>A literal in double quotes or backticks (go.dev/ref/spec, String literals).</summary>
    /// <param name="at">At the opening quote; behind the closing one when it could be read.</param>
    /// <param name="error">Null when it could be read.</param>
    public static string Literal(string query, ref int at, out string? error)
    {
        var (text, quote, i) = (new StringBuilder(), query[at], at + 1);
        for (; i < query.Length && query[i] != quote && (quote == '`' || query[i] != '\n'); i++)
        {
            if (quote == '`' || query[i] != '\\') text.Append(query[i]);
            else if (++i < query.Length && Escape(query, ref i) is { } meant) text.Append(meant);
            else break;
        }
        error = i >= query.Length || query[i] == '\n' ? "literal not terminated" : query[i] != quote ? "invalid char escape" : null;
        if (error is null) at = i + 1;
        return text.ToString();
    }

    /// <summary>What stands behind a backslash; null when nothing may stand there so.</summary>
    /// <param name="at">At the sign behind the backslash; at the last one that belongs to it when it could be read.</param>
    private static string? Escape(string query, ref int at)
    {
        if ("abfnrtv\\\"".IndexOf(query[at], StringComparison.Ordinal) is >= 0 and var known) return "\a\b\f\n\r\t\v\\\""[known].ToString();
        var (from, digits, radix) = query[at] switch { 'x' => (at + 1, 2, 16), 'u' => (at + 1, 4, 16), 'U' => (at + 1, 8, 16), >= '0' and <= '7' => (at, 3, 8), _ => (at, 0, 0) };
        if (digits == 0 || from + digits > query.Length) return null;
        var value = 0L;
        foreach (var c in query.AsSpan(from, digits))
        {
            if (!char.IsAsciiHexDigit(c) || Convert.ToInt32(c.ToString(), 16) is var digit && digit >= radix) return null;
            value = value * radix + digit;
        }
        if (radix == 8 && value > byte.MaxValue || !Rune.IsValid((int)Math.Min(value, int.MaxValue))) return null;
        at = from + digits - 1;
        return new Rune((int)value).ToString();
    }

    /// <summary>Nanoseconds of <c>1h2.5s</c>; zero needs no unit.</summary>
    /// <param name="error">Null when it could be read.</param>
    /// <param name="calendar">Whether days, weeks and years are units, as Prometheus and its relatives have it.</param>
    public static long Duration(string text, out string? error, bool calendar = false)
    {
        error = null;
        var rest = text.AsSpan();
        var negative = rest.StartsWith("-", StringComparison.Ordinal);
        if (negative || rest.StartsWith("+", StringComparison.Ordinal)) rest = rest[1..];
        if (rest is "0") return 0;
        if (rest.Length is 0 or > 100) error = $"time: invalid duration {Quoted(text)}";
        var sum = 0m;
        while (rest.Length > 0 && error is null)
        {
            var digits = rest.IndexOfAnyExcept(Digits) is >= 0 and var end ? end : rest.Length;
            if (digits > 20 || !decimal.TryParse(rest[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
            {
                error = $"time: invalid duration {Quoted(text)}";
                break;
            }
            rest = rest[digits..];
            var letters = rest.IndexOfAny(Digits) is >= 0 and var next ? next : rest.Length;
            var unit = rest[..letters].ToString();
            rest = rest[letters..];
            if (letters == 0) error = $"time: missing unit in duration {Quoted(text)}";
            else if (!Units.TryGetValue(unit, out var worth) && !(calendar && Calendar.TryGetValue(unit, out worth))) error = $"time: unknown unit {Quoted(unit)} in duration {Quoted(text)}";
            else if (number > long.MaxValue / worth || (sum += number * worth) > long.MaxValue) error = $"time: invalid duration {Quoted(text)}";
        }
        return error is null ? (long)(negative ? -sum : sum) : 0;
    }

    /// <summary>As Go prints a duration: <c>1m30s</c>, <c>1.5s</c>, <c>250µs</c>.</summary>
    /// <param name="nanoseconds">Of any length.</param>
    public static string Duration(long nanoseconds)
    {
        if (nanoseconds == 0) return "0s";
        if (nanoseconds < 0) return "-" + Duration(nanoseconds == long.MinValue ? long.MaxValue : -nanoseconds);
        if (nanoseconds < 1_000) return $"{nanoseconds}ns";
        if (nanoseconds < 1_000_000) return Fraction(nanoseconds, 1_000) + "µs";
        if (nanoseconds < 1_000_000_000) return Fraction(nanoseconds, 1_000_000) + "ms";
        var (hours, rest) = (nanoseconds / 3_600_000_000_000, nanoseconds % 3_600_000_000_000);
        var (minutes, seconds) = (rest / 60_000_000_000, Fraction(rest % 60_000_000_000, 1_000_000_000));
        return hours > 0 ? $"{hours}h{minutes}m{seconds}s" : minutes > 0 ? $"{minutes}m{seconds}s" : $"{seconds}s";
    }

    /// <summary>In double quotes, with what cannot be printed escaped.</summary>
    public static string Quoted(string text)
    {
        var quoted = new StringBuilder("\"");
        foreach (var c in text)
        {
            quoted.Append(c switch
            {
                '"' => "\\\"",
                '\\' => "\\\\",
                '\n' => "\\n",
                '\r' => "\\r",
                '\t' => "\\t",
                < ' ' or '\x7f' => $"\\x{(int)c:x2}",
                _ => c.ToString(),
            });
        }
        return quoted.Append('"').ToString();
    }

    private static string Fraction(long value, long unit) => ((decimal)value / unit).ToString("0.#########", CultureInfo.InvariantCulture);
}
