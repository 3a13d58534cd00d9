using System.Globalization;
using Copilot.Core.Signals;

namespace Copilot.Core.Analysis.Analyzers;

/// <summary>Changes that seldom break anything: more room than before, or another level of logging.</summary>
internal static class MildChange
{
    private static readonly HashSet<string> LogLevels = new(StringComparer.OrdinalIgnoreCase) { "all", "trace", "verbose", "debug", "info", "information", "notice", "warn", "warning", "error", "fatal", "critical", "off" };

    // Kubernetes documentation, "Quantity": decimal and binary multiples.
    private static readonly (string Suffix, double Factor)[] Units =
    [
        ("Ki", 1 << 10), ("Mi", 1 << 20), ("Gi", 1 << 30), ("Ti", 1L << 40), ("Pi", 1L << 50), ("Ei", 1L << 60), ("n", 1e-9), ("u", 1e-6), ("m", 1e-3), ("k", 1e3), ("M", 1e6), ("G", 1e9), ("T", 1e12), ("P", 1e15), ("E", 1e18), ("", 1),
    ];

    /// <summary>Whether all of it is mild; nothing is not.</summary>
    public static bool Is(IReadOnlyCollection<FieldChange> fields) => fields.Count > 0 && fields.All(f => IsLogLevel(f) || IsMoreRoom(f));

    private static bool IsLogLevel(FieldChange field) => field is { Old: { } old, New: { } now } && LogLevels.Contains(old) && LogLevels.Contains(now);

    private static bool IsMoreRoom(FieldChange field) =>
        (field.Path.Contains(".resources.limits.", StringComparison.Ordinal) || field.Path == "spec.maxReplicas") && Quantity(field.Old) is { } before && Quantity(field.New) is { } after && after > before;

    /// <summary>A number as Kubernetes writes it; null where it is none.</summary>
    internal static double? Quantity(string? text)
    {
        if (string.IsNullOrEmpty(text)) return null;
        var (suffix, factor) = Array.Find(Units, u => text.EndsWith(u.Suffix, StringComparison.Ordinal));
        return double.TryParse(text.AsSpan(0, text.Length - suffix.Length), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) ? number * factor : null;
    }
}
