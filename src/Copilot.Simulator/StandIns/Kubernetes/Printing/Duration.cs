using System.Globalization;
using System.Text.Json.Nodes;
using Copilot.Simulator.StandIns.Kubernetes.Storage;

namespace Copilot.Simulator.StandIns.Kubernetes.Printing;

/// <summary>Ages as kubectl writes them: two figures when small, one when large (k8s.io/apimachinery/pkg/util/duration).</summary>
internal static class Duration
{
    public const string Unknown = "<unknown>";

    public static string Since(JsonNode? body, DateTimeOffset now, params ReadOnlySpan<string> path) => body.Time(path) is { } time ? Write(now - time) : Unknown;

    public static string Write(TimeSpan span)
    {
        var seconds = (long)span.TotalSeconds;
        if (seconds < -1) return "<invalid>";
        if (seconds < 0) return "0s";
        if (seconds < 120) return Number(seconds, "s");
        var (minutes, hours) = (seconds / 60, seconds / 3600);
        if (minutes < 10) return Pair(minutes, "m", seconds % 60, "s");
        if (minutes < 180) return Number(minutes, "m");
        if (hours < 8) return Pair(hours, "h", minutes % 60, "m");
        if (hours < 48) return Number(hours, "h");
        if (hours < 192) return Pair(hours / 24, "d", hours % 24, "h");
        if (hours < 24 * 365 * 2) return Number(hours / 24, "d");
        return hours < 24 * 365 * 8 ? Pair(hours / 24 / 365, "y", hours / 24 % 365, "d") : Number(hours / 24 / 365, "y");
    }

    private static string Pair(long large, string unit, long small, string smallUnit) => small == 0 ? Number(large, unit) : Number(large, unit) + Number(small, smallUnit);

    private static string Number(long value, string unit) => value.ToString(CultureInfo.InvariantCulture) + unit;
}
