using Copilot.Bench.Grading;
using Copilot.Bench.Runs;
using Copilot.Core.Diagnoses;
using static Copilot.Bench.Reports.HtmlPage;

namespace Copilot.Bench.Reports;

/// <summary>The cases of a report: a table of all, and for each what is right, what each engine named, and the evidence that it cited.</summary>
internal static class HtmlCases
{
    private const int MostListed = 12;

    public static void Append(HtmlPage page, RunReport report)
    {
        var cases = report.Cases.OrderBy(c => report.Engines.Count == 0 ? 0 : Mean(c, report.Engines[0].Engine)).ThenBy(c => c.Description.Id, StringComparer.Ordinal).ToList();
        page.Heading("Cases", "cases").Raw("<p class=\"note\">Worst of the first engine first. A score for each attempt.</p>");
        page.Rows(["case", "right", .. report.Engines.Select(e => e.Engine)], cases.Select(c => (IReadOnlyList<string>)
        [
            $"<a href=\"#{Anchor(c.Description.Id)}\">{Text(c.Description.Id)}</a>", $"<code>{Text(ReportSummary.Truth(c.Description.Truth))}</code>",
            .. report.Engines.Select(e => string.Join(' ', c.Attempts[e.Engine].Select(a => Score(a.Score.Score)))),
        ]));
        foreach (var c in cases) Case(page, report, c);
    }

    private static double Mean(ReportedCase reported, string engine) => reported.Attempts[engine] is { Count: > 0 } attempts ? attempts.Average(a => a.Score.Score) : 1;

    private static void Case(HtmlPage page, RunReport report, ReportedCase reported)
    {
        var d = reported.Description;
        var first = report.Engines.Count > 0 ? string.Join(' ', reported.Attempts[report.Engines[0].Engine].Select(a => Score(a.Score.Score))) : "";
        page.Raw($"<details id=\"{Anchor(d.Id)}\"><summary>{Text(d.Id)} {first} <span class=\"dim\">{Text(ReportSummary.Truth(d.Truth))}</span></summary><div class=\"inside\">");
        page.Raw($"<p>{Text(d.Question)}</p><p class=\"dim\">{Text(reported.Suite)}{(reported.Split.Length > 0 ? $", {reported.Split}" : "")}; application {Text(d.Application)}{(d.Tags.Count > 0 ? $"; {Text(string.Join(", ", d.Tags))}" : "")}; from {Text(d.Provenance.Source)}{(d.Provenance.Licence.Length > 0 ? $" ({Text(d.Provenance.Licence)})" : "")}; <code>{Text(reported.Digest)}</code></p>");
        page.Raw("<h3>What is right</h3>").List(d.Truth.Causes.Count == 0 ? ["Nothing is wrong: an answer that names no cause."] : d.Truth.Causes.Select(c =>
            $"<code>{Text(string.Join(", or ", c.Names.Select(ReportSummary.Name)))}</code>{(c.Mechanism is { } m ? $" · {Text(m)}" : "")}{(c.Condition.Length > 0 ? $" · {Text(c.Condition)}" : "")}"));
        page.List(d.Truth.Defects.Select(x => $"<span class=\"score half\">label</span> {Text(x)}"));
        page.Raw("<h3>What was named</h3>").Rows(["engine", "score", "strict", "named", "seconds"], report.Engines.SelectMany(e => reported.Attempts[e.Engine].GroupBy(Named).Select(g => (IReadOnlyList<string>)
        [
            Text(e.Engine) + (g.Count() > 1 ? $" ×{g.Count()}" : ""), Score(g.First().Score.Score), $"{g.First().Score.StrictScore:0.##}", Answer(g.First()), $"{g.Average(a => a.Result.Seconds):0.00}",
        ])));
        var shown = report.Engines.SelectMany(e => reported.Attempts[e.Engine].Take(1)).FirstOrDefault(a => a.Result.Answer?.Diagnosis is not null);
        if (shown is not null) Evidence(page, shown);
        page.Raw("</div></details>");
    }

    private static string Named(ScoredAttempt attempt) => attempt.Result.Answer is { } answer ? string.Join('\n', answer.Causes.Select(c => c.Name)) + answer.Status : $"{attempt.Result.Outcome} {attempt.Result.Fault}";

    private static string Answer(ScoredAttempt attempt)
    {
        if (attempt.Result.Answer is not { } answer) return Text($"no answer: {(attempt.Result.Outcome == Outcome.OverBudget ? "over budget" : "the engine failed")} ({attempt.Result.Fault})");
        if (answer.Causes.Count == 0) return Text($"no cause ({DiagnosisJson.StatusName(answer.Status).Replace('_', ' ')})");
        return string.Join("<br>", answer.Causes.Select(c => $"<code>{Text(c.Name)}</code>{(c.Mechanism is { } m ? $" · {Text(m)}" : "")}{(c.Confidence is { } p ? $" · {p:0.00}" : "")}{Wrong(attempt, c.Name)}"));
    }

    /// <summary>What is wrong with a name, where more can be said than that it is wrong.</summary>
    private static string Wrong(ScoredAttempt attempt, string name) => attempt.Score.Wrong.FirstOrDefault(w => w.Name == name)?.Class switch
    {
        WrongClass.Victim => " · a victim, no cause",
        WrongClass.Forbidden => " · a decoy",
        WrongClass.Malformed => " · names nothing",
        _ => "",
    };

    private static void Evidence(HtmlPage page, ScoredAttempt attempt)
    {
        var diagnosis = attempt.Result.Answer!.Diagnosis!;
        page.Raw($"<h3>How {Text(attempt.Result.Engine)} came to it</h3><p>{Text(diagnosis.Summary)}</p>");
        foreach (var factor in diagnosis.ContributingFactors)
            page.Raw($"<p><code>{Text(factor.Name)}</code> · {Text(factor.Mechanism)} · {factor.Confidence:0.00} · {Text(factor.Code)}<br>{Text(factor.Reasoning)}<br><span class=\"dim\">Would refute it: {Text(factor.WouldRefute)}</span></p>").List(factor.Evidence.Take(MostListed).Select(Cited));
        if (diagnosis.Symptoms.Count > 0) page.Raw("<h3>What got worse</h3>").List(diagnosis.Symptoms.Take(MostListed).Select(s => $"<code>{Text(s.Name)}</code> {Text(s.Says)}"));
        if (diagnosis.RuledOut.Count > 0) page.Raw("<h3>Ruled out</h3>").List(diagnosis.RuledOut.Take(MostListed).Select(r => $"<code>{Text(r.Name)}</code> {Text(r.What)}: {Text(r.Because)}"));
        if (diagnosis.Timeline.Count > 0)
            page.Raw($"<h3>Timeline</h3><div class=\"scroll\">{HtmlCharts.Timeline(diagnosis)}</div>").List(diagnosis.Timeline.Take(2 * MostListed).Select(t => $"<span class=\"mono\">{t.At:HH:mm:ss}</span> {Text(t.Says)}{(t.Address is { } address ? $" <code class=\"dim\">{Text(address)}</code>" : "")}"));
        if (diagnosis.MissingEvidence.Count > 0) page.Raw("<h3>What could not be seen</h3>").List(diagnosis.MissingEvidence.Take(MostListed).Select(m => Text($"{m.Where}: {m.Detail}")));
    }

    private static string Cited(CitedEvidence e) => $"{(e.At is { } at ? $"<span class=\"mono\">{at:HH:mm:ss}</span> " : "")}{Text(e.Says)} <code class=\"dim\">{Text(e.Address)} {Text(e.Digest.Length > 19 ? e.Digest[..19] + "…" : e.Digest)}</code>";
}
