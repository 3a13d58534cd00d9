using Copilot.Simulator.StandIns.Traces;

namespace Copilot.Simulator.StandIns.Tempo;

/// <summary>The times of a request: both ends in seconds, or what is recent.</summary>
internal sealed class TempoWindow(RecordedTelemetry telemetry, TempoOptions options)
{
    private const long Second = 1_000_000_000;

    private readonly long _now = options.Now is { } now ? (now - DateTimeOffset.UnixEpoch).Ticks * 100 : telemetry.End;

    /// <param name="range">Zero with zero for what is recent.</param>
    public bool Holds(RecordedTrace trace, (long Start, long End) range) =>
        range == default ? trace.End >= _now - options.Recent.Ticks * 100 && trace.Start <= _now : trace.Overlaps(range.Start * Second, range.End * Second);

    /// <summary>Seconds since 1970; zero with zero when neither is given.</summary>
    public static (long Start, long End) Range(Parameters parameters)
    {
        var (start, end) = Ends(parameters);
        return (start, end) == default || end > start ? (start, end) : throw TempoRefusal.Bad($"http parameter start must be before end. received start={start} end={end}");
    }

    /// <summary>As it is for a trace: one end alone means nothing.</summary>
    public static (long Start, long End)? OptionalRange(Parameters parameters)
    {
        var (start, end) = Ends(parameters);
        if (start == 0 || end == 0) return null;
        return end > start ? (start, end) : throw TempoRefusal.Bad($"http parameter start must be before end. received start={start} end={end}");
    }

    /// <summary>A number of a parameter; null when it is not given.</summary>
    public static long? Number(Parameters parameters, string name, int bits)
    {
        if (parameters[name] is not { } text) return null;
        var number = GoText.Integer(text, bits, out var error, bits == 64 ? "Atoi" : "ParseInt");
        return error is null ? number : throw TempoRefusal.Bad($"invalid {name}: {error}");
    }

    // Tempo reads them signed and keeps them unsigned.
    private static (long, long) Ends(Parameters parameters) => ((uint)(Number(parameters, "start", 32) ?? 0), (uint)(Number(parameters, "end", 32) ?? 0));
}
