using Copilot.Core.Analysis;
using Copilot.Core.Diagnoses;
using Copilot.Core.Evidence;
using Copilot.UseCases;
using Spectre.Console;

namespace Copilot.Cli;

/// <summary>A diagnosis for the terminal: the cause first, then why, then the rest.</summary>
internal static class DiagnosisView
{
    private const int MostSymptoms = 5;
    private const int MostRuledOut = 5;
    private const int MostTimeline = 14;

    public static string Plain(InvestigationOutcome outcome, bool explain)
    {
        using var text = new StringWriter();
        Write(Terminal.Console(text), outcome.Diagnosis!, outcome.Took, explain ? outcome.Analysis : null);
        return text.ToString();
    }

    /// <summary>The cause, why, what got worse and what was ruled out.</summary>
    /// <param name="took">Null where it is not of now.</param>
    public static void Conclusion(IAnsiConsole console, Diagnosis d, TimeSpan? took)
    {
        console.MarkupLine($"[bold]{Safe(d.Incident)}[/]  {StatusMarkup(d.Status)}{(took is { } time ? $"  [dim]{time.TotalSeconds:0.0} s[/]" : "")}");
        console.MarkupLine(Safe(d.Summary));
        foreach (var factor in d.ContributingFactors)
        {
            Head(console, $"Cause: [bold]{Safe(factor.Name)}[/]  {Safe(factor.Mechanism)}, confidence {factor.Confidence:0.00}  [dim]{factor.Code}[/]");
            Line(console, $"{Safe(factor.Reasoning)}");
            Evidence(console, factor.Evidence);
        }
        if (d.Symptoms.Count > 0) Head(console, "What got worse" + (d.Onset is { } onset ? $", from {onset.At:HH:mm:ss} (between {onset.Earliest:HH:mm:ss} and {onset.Latest:HH:mm:ss} UTC)" : ""));
        foreach (var symptom in d.Symptoms.Take(MostSymptoms)) Line(console, $"{Safe(symptom.Says)}{Address(symptom.Evidence)}");
        More(console, d.Symptoms.Count, MostSymptoms);
        if (d.Propagation.Count > 0) Head(console, "How it spread");
        foreach (var step in d.Propagation.Take(6)) Line(console, $"{Safe(step.Source)} -> {Safe(step.Target)}");
        More(console, d.Propagation.Count, 6);
        if (d.RuledOut.Count > 0) Head(console, "Ruled out");
        foreach (var other in d.RuledOut.Take(MostRuledOut)) Line(console, $"{Safe(other.What)}: [dim]{Safe(other.Because)}[/]{Address(other.Evidence)}");
        More(console, d.RuledOut.Count, MostRuledOut);
    }

    /// <param name="took">Null where it is not of now.</param>
    /// <param name="explained">How it came about, to be shown as well; null to leave that out.</param>
    public static void Write(IAnsiConsole console, Diagnosis d, TimeSpan? took, AnalysisResult? explained)
    {
        Conclusion(console, d, took);
        Proposals(console, d);
        if (d.Timeline.Count > 0) Head(console, "Timeline (UTC)");
        foreach (var entry in Nearest(d)) Line(console, $"{entry.At:HH:mm:ss}  {entry.Kind,-8} {Safe(Cut(entry.Says, 150))}");
        More(console, d.Timeline.Count, MostTimeline);
        if (d.NextChecks.Count > 0) Head(console, "Next checks");
        foreach (var check in d.NextChecks) Line(console, $"{Safe(check)}");
        if (d.MissingEvidence.Count > 0) Head(console, "Not seen");
        foreach (var gap in d.MissingEvidence.Take(8)) Line(console, $"{Safe(gap.Where)}: {Safe(gap.Detail)}{(gap.Count > 1 ? $" ({gap.Count} times)" : "")}. {Safe(gap.Remedy)}");
        More(console, d.MissingEvidence.Count, 8);
        if (d.Receipts is { } receipts)
        {
            console.WriteLine();
            console.MarkupLine($"[dim]Receipts {receipts.From} to {receipts.To} of {Safe(receipts.Log)}. Check them: copilot receipts verify[/]");
        }
        if (explained is not null) Explain(console, explained);
    }

    /// <summary>What is proposed, how policy decided it, and whom to call.</summary>
    public static void Proposals(IAnsiConsole console, Diagnosis d)
    {
        foreach (var action in d.ProposedActions)
        {
            Head(console, $"Proposed for {Safe(action.Cause)}: {DecisionMarkup(action.Decision)}{(action.Requires.Length > 0 ? $", {Safe(action.Requires)}" : "")}");
            foreach (var step in action.Steps)
            {
                Line(console, $"[bold]{Safe(step.Kind)}[/] {Safe($"{step.Target}{Params(step)}")}: {Safe(Cut(step.ExpectedEffect, 300))}");
                foreach (var why in step.Rules.Select(r => $"rule {r}").Concat(step.Why)) Line(console, $"- [dim]{Safe(why)}[/]");
            }
            Line(console, $"Risk {Safe(action.Risk.Level)}: {DiagnosisMarkdown.Touches(action.Risk)}. Runbook {Safe(action.Runbook)}, plan {Safe(action.Plan[..Math.Min(19, action.Plan.Length)])}…");
            foreach (var back in action.Rollback) Line(console, $"Taken back by: {Safe(back)}");
            foreach (var probe in action.Verify.Take(3)) Line(console, $"Verified by: {Safe(Cut(probe, 160))}");
        }
        foreach (var none in d.NotProposed)
        {
            Head(console, $"Nothing is proposed for {Safe(none.Cause)}");
            Line(console, $"{Safe(none.Because)}.{(none.Runbook is null ? "" : $" What a person can do: copilot runbooks show {Safe(none.Runbook)}")}");
        }
        if (d.EscalateTo.Length == 0) return;
        Head(console, $"Escalate to: {Safe(d.EscalateTo)}");
    }

    // The fields stand in the effect, and a digest is for machines.
    private static string Params(ProposedStep step) =>
        step.Params.Where(p => p.Key is not ("fields" or "path" or "to_digest")).Select(p => $"{p.Key.Replace('_', ' ')} {p.Value}").ToList() is { Count: > 0 } shown ? $" ({Cut(string.Join(", ", shown), 160)})" : "";

    private static string DecisionMarkup(string decision) => decision switch
    {
        "allow" => "[green]allowed[/]",
        "require_approval" => "[yellow]needs approval[/]",
        _ => $"[red]{Safe(DiagnosisMarkdown.Words(decision))}[/]",
    };

    /// <summary>What fits on a screen: changes and symptoms before alerts, those near the onset before others; in order of time.</summary>
    private static IEnumerable<TimelineEntry> Nearest(Diagnosis d) => d.Timeline
        .OrderBy(e => e.Kind is "alert" or "event").ThenBy(e => d.Onset is { } onset ? (e.At - onset.At).Duration() : TimeSpan.Zero).Take(MostTimeline).OrderBy(e => e.At);

    private static void Explain(IAnsiConsole console, AnalysisResult analysis)
    {
        Head(console, "How the candidates were weighed (nats: natural log of odds)");
        foreach (var symptom in analysis.Symptoms.Take(8)) Line(console, $"{symptom.Weight,5:0.00} of the trouble: {Safe(Cut(symptom.Says, 140))}");
        console.MarkupLine("  [dim]  score = prior + time + symptoms + further evidence[/]");
        foreach (var h in analysis.Ranked.Take(10))
            Line(console, $"{h.Score,7:0.0} = {h.Prior:0.0} + {h.Time:0.0} + {h.Symptoms:0.0} + {h.Support:0.0}  {Safe(h.Finding.Code.Id)} {Safe(Cut(h.Finding.Says, 110))}");
    }

    private static void Evidence(IAnsiConsole console, IReadOnlyList<CitedEvidence> evidence)
    {
        foreach (var e in evidence)
            Line(console, $"- {(e.At is { } at ? $"{at:HH:mm:ss} " : "")}{Safe(e.Says)}  [dim]{Safe(e.Address)}{(e.Note is null ? "" : $" ({Safe(e.Note)})")}[/]");
    }

    private static string Address(IReadOnlyList<CitedEvidence> evidence) => evidence.Count > 0 ? $"  [dim]{Safe(evidence[0].Address)}[/]" : "";

    /// <summary>An indented line whose continuation is indented as well.</summary>
    private static void Line(IAnsiConsole console, string markup) => console.Write(new Padder(new Markup(markup), new Padding(2, 0, 0, 0)));

    private static void Head(IAnsiConsole console, string markup)
    {
        console.WriteLine();
        console.MarkupLine(markup);
    }

    private static void More(IAnsiConsole console, int count, int shown)
    {
        if (count > shown) Line(console, $"[dim]and {count - shown} more; --format json shows all[/]");
    }

    internal static string StatusMarkup(DiagnosisStatus status) => status switch
    {
        DiagnosisStatus.Resolved => "[green]resolved[/]",
        DiagnosisStatus.NoIncident => "[green]no incident[/]",
        DiagnosisStatus.Ambiguous => "[yellow]ambiguous[/]",
        _ => "[yellow]insufficient evidence[/]",
    };

    // Evidence is data: it must not be read as markup, nor obeyed by the terminal.
    private static string Safe(string text) => Markup.Escape(PlainText.Clean(text));

    private static string Cut(string text, int length) => PlainText.Clean(text) is var clean && clean.Length <= length ? clean : clean[..length] + "…";
}
