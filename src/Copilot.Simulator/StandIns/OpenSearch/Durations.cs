using System.Globalization;

namespace Copilot.Simulator.StandIns.OpenSearch;

/// <summary>Lengths of time as OpenSearch writes them: <c>30s</c>, <c>100m</c>.</summary>
internal static class Durations
{
    /// <exception cref="RefusedRequestException">It is none, or not above zero.</exception>
    public static long Nanoseconds(string text, string setting)
    {
        var digits = text.AsSpan().IndexOfAnyExceptInRange('0', '9') is var end && end < 0 ? text.Length : end;
        long? unit = text[digits..] switch
        {
            "nanos" => 1,
            "micros" => 1_000,
            "ms" => 1_000_000,
            "s" => 1_000_000_000,
            "m" => 60_000_000_000,
            "h" => 3_600_000_000_000,
            "d" => 86_400_000_000_000,
            _ => null,
        };
        if (unit is not { } known || !decimal.TryParse(text.AsSpan(0, digits), NumberStyles.None, CultureInfo.InvariantCulture, out var count) || count == 0 || count > long.MaxValue / 4 / known)
            throw OpenSearchErrors.Illegal($"failed to parse setting [{setting}] with value [{text}] as a time value: unit is missing or unrecognized");
        return (long)(count * known);
    }
}
