using Copilot.Core.Evidence;
using Copilot.Core.Signals;

namespace Copilot.Core.Analysis.Analyzers;

/// <summary>Words for changes.</summary>
internal static class ChangeText
{
    public static string Who(ObjectChange change) => $"{change.Actor.Name}, {change.At:HH:mm:ss}{(change.Uncertainty > TimeSpan.Zero ? $" or up to {change.Uncertainty.TotalMinutes:0} min earlier" : "")}";

    public static string Describe(FieldChange field) => $"{field.Path} {Value(field.Path, field.Old)} -> {Value(field.Path, field.New)}";

    public static IReadOnlyList<Citation> Cite(ObjectChange change, string says) => change.Before is { } before && before != change.Evidence
        ? [new(change.Evidence, change.At, says, change.Entity), new(before, null, $"{change.Entity.Kind} {change.Entity.Name} before the change", change.Entity)]
        : [new(change.Evidence, change.At, says, change.Entity)];

    private static string Value(string path, string? value) => value switch
    {
        null => "(none)",
        "" => "\"\"",
        // Masked before it is cut: half a secret has no form to be known by.
        _ => Shorten(Redaction.OfField(path, value).ReplaceLineEndings(" ")),
    };

    private static string Shorten(string value) => value.Length <= 120 ? value : value[..120] + "…";
}
