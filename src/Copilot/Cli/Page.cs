using Copilot.Core.Diagnoses;
using Copilot.Core.Evidence;
using Copilot.Core.Summaries;
using Spectre.Console;

namespace Copilot.Cli;

/// <summary>Lines of a summary on a terminal. All words that come in are data: they are neither read as markup nor obeyed by the terminal.</summary>
internal sealed class Page(IAnsiConsole console)
{
    /// <summary>The incident, how it ended, and the diagnosis in a sentence.</summary>
    public void Title(string incident, DiagnosisStatus status, string summary)
    {
        console.MarkupLine($"[bold]{Safe(incident)}[/]  {DiagnosisView.StatusMarkup(status)}");
        console.MarkupLine(Safe(summary));
    }

    public void Head(string words)
    {
        console.WriteLine();
        console.MarkupLine($"[bold]{Safe(words)}[/]");
    }

    /// <param name="words">What is said.</param>
    /// <param name="address">The record that bears it out; null for none.</param>
    /// <param name="style">Of the words; empty for none.</param>
    /// <param name="depth">How far it is indented.</param>
    public void Line(string words, string? address = null, string style = "", int depth = 1)
    {
        var markup = style.Length > 0 ? $"[{style}]{Safe(words)}[/]" : Safe(words);
        // What follows a break of the line stands below its words.
        console.Write(new Padder(new Markup(address is null ? markup : $"{markup}  [dim]{Safe(address)}[/]"), new Padding(depth * 2, 0, 0, 0)));
    }

    public void LeftOut(IReadOnlyList<LeftOut> left)
    {
        if (left.Count == 0) return;
        Head("Not shown");
        foreach (var part in left) Line($"{part.Count} {part.What}: {part.How}");
    }

    /// <summary>What could not be seen, and what was taken out since its record does not bear it out.</summary>
    public void Gaps(IReadOnlyList<MissingEvidence> gaps, IReadOnlyList<RemovedStatement> removed)
    {
        const int most = 6;
        if (gaps.Count > 0) Head("Not seen");
        foreach (var gap in gaps.Take(most)) Line($"{gap.Where}: {gap.Detail}{(gap.Count > 1 ? $" ({gap.Count} times)" : "")}. {gap.Remedy}");
        if (gaps.Count > most) Line($"and {gaps.Count - most} more; --json shows all");
        if (removed.Count > 0) Head("Taken out by the citation check");
        foreach (var statement in removed.Take(most)) Line($"{SummaryWords.Cut(statement.Says, 120)}: {statement.Because}", statement.Address);
        if (removed.Count > most) Line($"and {removed.Count - most} more; --json shows all");
    }

    private static string Safe(string text) => Markup.Escape(PlainText.Clean(text));
}
