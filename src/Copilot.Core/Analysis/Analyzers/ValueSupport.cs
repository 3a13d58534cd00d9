using Copilot.Core.Evidence;
using Copilot.Core.Signals;

namespace Copilot.Core.Analysis.Analyzers;

/// <summary>Looks for changed values in what failing programs say.</summary>
internal static class ValueSupport
{
    /// <summary>A new message of failure that quotes the new value: strong; one that names the changed setting: weaker.</summary>
    /// <param name="context">The incident.</param>
    /// <param name="fields">The changed fields.</param>
    /// <param name="components">Those whose messages count; others may use the same value rightly.</param>
    public static IEnumerable<Support> InTexts(AnalysisContext context, IReadOnlyList<FieldChange> fields, IReadOnlyCollection<string> components)
    {
        foreach (var field in fields.Where(f => f.New is { Length: >= 4 and <= 200 }))
        {
            var hit = context.NewTexts.FirstOrDefault(t => components.Contains(t.Component) && Quotes(t.Text, field.New!));
            if (hit.Text is null) continue;
            yield return new(3, $"{hit.Component} reports the new value {Redaction.OfField(field.Path, field.New!)}: {SymptomDetector.Quote(Hide(fields, hit.Text))}", [hit.Evidence with { Says = Hide(fields, hit.Evidence.Says) }]);
            yield break;
        }
    }

    /// <summary>The text without the values of those fields whose names say that they hold secrets: what quotes them need not show them.</summary>
    public static string Hide(IReadOnlyList<FieldChange> fields, string text)
    {
        foreach (var field in fields.Where(f => f.New is { Length: >= 4 } && Redaction.OfField(f.Path, f.New) == Redaction.Mask)) text = text.Replace(field.New!, Redaction.Mask, StringComparison.Ordinal);
        return text;
    }

    /// <summary>Whether the text holds the value as a whole word. Plain words and small numbers occur by chance.</summary>
    private static bool Quotes(string text, string value)
    {
        if (!value.AsSpan().ContainsAny(":/.-_") && !(value.Length >= 8)) return false;
        var at = text.IndexOf(value, StringComparison.Ordinal);
        return at >= 0 && (at == 0 || !char.IsLetterOrDigit(text[at - 1])) && (at + value.Length == text.Length || !char.IsLetterOrDigit(text[at + value.Length]));
    }
}
