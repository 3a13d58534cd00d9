namespace Copilot.Simulator;

/// <summary>Times are nanoseconds since 1970 (the traces need them); this spells them as each file does.</summary>
internal static class Moment
{
    public const long Millisecond = 1_000_000;
    public const long Second = 1_000_000_000;
    public const long Minute = 60 * Second;

    public static long From(DateTimeOffset time) => (time - DateTimeOffset.UnixEpoch).Ticks * 100;

    public static long From(TimeSpan span) => span.Ticks * 100;

    public static DateTimeOffset ToTime(long at) => DateTimeOffset.UnixEpoch.AddTicks(at / 100);

    public static long Milliseconds(double value) => (long)(value * Millisecond);

    /// <summary>2025-01-31 10:20:30.123456789</summary>
    public static string Nanos(long at) => string.Create(29, at, static (span, at) =>
    {
        ToTime(at).TryFormat(span, out _, "yyyy-MM-dd HH:mm:ss.fffffff");
        var rest = (int)(at % 100);
        span[27] = (char)('0' + rest / 10);
        span[28] = (char)('0' + rest % 10);
    });

    /// <summary>2025-01-31 10:20:30.123</summary>
    public static string Millis(long at) => ToTime(at).ToString("yyyy-MM-dd HH:mm:ss.fff");

    /// <summary>2025-01-31 10:20:30</summary>
    public static string Seconds(long at) => ToTime(at).ToString("yyyy-MM-dd HH:mm:ss");

    /// <summary>2025-01-31T10:20:30Z, the resolution of Kubernetes objects.</summary>
    public static string Iso(long at) => ToTime(at).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'");

    /// <summary>2025-01-31T10:20:30.123456789Z, the resolution of Prometheus' activeAt.</summary>
    public static string IsoNanos(long at) => Nanos(at).Replace(' ', 'T') + "Z";
}
