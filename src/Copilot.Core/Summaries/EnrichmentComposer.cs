using Copilot.Core.Actions;
using Copilot.Core.Analysis;
using Copilot.Core.Diagnoses;
using Copilot.Core.Evidence;
using Copilot.Core.Signals;

namespace Copilot.Core.Summaries;

/// <summary>Says what alerts mean in this incident.</summary>
public static class EnrichmentComposer
{
    private const int MostNearby = 8;
    private static readonly TimeSpan Before = TimeSpan.FromMinutes(30);
    private static readonly TimeSpan After = TimeSpan.FromMinutes(5);
    private static readonly string[] Verdicts = ["explained", "near", "unexplained", "earlier", "background"];

    /// <summary>The names of all alerts.</summary>
    public static IReadOnlyList<string> Names(SignalSet signals) => [.. signals.Alerts.Alerts.Select(a => a.Name).Distinct().Order(StringComparer.Ordinal)];

    /// <param name="signals">All that was read.</param>
    /// <param name="analysis">What it was concluded to mean.</param>
    /// <param name="diagnosis">The checked diagnosis.</param>
    /// <param name="runbooks">Where a person reads on.</param>
    /// <param name="snapshot">The snapshot or incident as the person named it, for the commands that go on from here.</param>
    /// <param name="name">Only the alerts of this name, with what is near them; null for all in short.</param>
    /// <param name="citing">Checks what is cited.</param>
    public static AlertEnrichment Compose(SignalSet signals, AnalysisResult analysis, Diagnosis diagnosis, RunbookSet runbooks, string snapshot, string? name, Citing citing)
    {
        var moments = name is null ? [] : TimelineComposer.Everything(signals, analysis);
        var alerts = new List<EnrichedAlert>();
        foreach (var alert in signals.Alerts.Alerts.Where(a => name is null || a.Name == name))
        {
            var subject = AlertSubject.Of(alert, signals, analysis.Map);
            var verdict = AlertVerdict.Of(alert, subject, signals.Alerts, analysis, diagnosis);
            var began = AlertWords.Began(alert);
            var says = alert.Description.Length > 0 ? SymptomDetector.Quote(alert.Description) : $"alert {alert.Name}{AlertWords.About(alert)}";
            if (citing.Of(new(alert.First, began, says, new EntityRef(alert.Label("namespace"), "Alert", alert.Name))) is not { } evidence) continue;
            var (nearby, left) = name is null || subject is null ? ([], 0) : Nearby(subject, verdict.Again ?? began, moments, signals, analysis, citing);
            var fires = signals.Alerts.Observations.Count == 0 || alert.LastSeen >= signals.Alerts.Observations[^1];
            alerts.Add(new(
                PlainText.Clean(alert.Name), PlainText.Clean(alert.Label("severity")), subject is null ? "" : PlainText.Clean(subject.ToString()), began, fires ? null : alert.LastSeen,
                verdict.Word == "background", verdict.Word, verdict.Cause, PlainText.Clean(verdict.Because), evidence, nearby, left, name is null ? [] : Next(alert, subject, verdict, diagnosis, runbooks, analysis, Shell(snapshot))));
        }
        return new(
            AlertEnrichment.SchemaId, diagnosis.Incident, diagnosis.Status, diagnosis.Summary, diagnosis.Onset, signals.StateOf(EvidenceSource.Alerts) is not SourceState.NotRecorded,
            [.. alerts.OrderBy(a => Array.IndexOf(Verdicts, a.Verdict)).ThenBy(a => a.Since).ThenBy(a => a.Name, StringComparer.Ordinal).ThenBy(a => a.About, StringComparer.Ordinal)],
            [.. diagnosis.MissingEvidence.Where(m => m.Source == "alerts")], citing.Removed);
    }

    private static (List<NearbyMoment>, int Left) Nearby(EntityRef subject, DateTimeOffset began, List<Moment> moments, SignalSet signals, AnalysisResult analysis, Citing citing)
    {
        var near = AlertSubject.Neighbours(subject, signals, analysis.Map);
        var found = new List<(Moment Moment, string Relation)>();
        foreach (var moment in moments.Where(m => m.Kind is not ("alert" or "symptom" or "onset") && m.Rank <= Rank.Elsewhere && m.At >= began - Before && m.At <= began + After))
        {
            var about = moment.Evidence!.About;
            var relation = about.Select(a => near.GetValueOrDefault(a) ?? (analysis.Map.WorkloadOfPod(a) is { } w ? near.GetValueOrDefault(w) : null)).FirstOrDefault(r => r is not null);
            if (relation is not null) found.Add((moment, relation));
        }
        var told = found.OrderBy(f => f.Relation == "itself" ? 0 : f.Relation.StartsWith("its ", StringComparison.Ordinal) ? 1 : 2).ThenBy(f => f.Moment.Rank).ThenBy(f => (f.Moment.At - began).Duration()).Take(MostNearby).OrderBy(f => f.Moment.At).ToList();
        return ([.. told.Select(f => (f.Moment, f.Relation, Evidence: citing.Of(f.Moment.Evidence!))).Where(f => f.Evidence is not null)
            .Select(f => new NearbyMoment(f.Moment.At, f.Relation, f.Moment.Kind, PlainText.Clean(f.Moment.Says), f.Evidence!))], found.Count - told.Count);
    }

    private static List<string> Next(AlertSignal alert, EntityRef? subject, AlertVerdict verdict, Diagnosis diagnosis, RunbookSet runbooks, AnalysisResult analysis, string snapshot)
    {
        var next = new List<string>();
        if (verdict.Word == "background") return ["Nothing for this incident. If it fires for weeks, mend it or silence it: it hides others"];
        if (diagnosis.ContributingFactors.FirstOrDefault(f => f.Name == verdict.Cause) is { } factor)
        {
            if (diagnosis.ProposedActions.Any(a => a.Cause == factor.Name)) next.Add($"A step is proposed for the cause: copilot change-request {snapshot}");
            if (runbooks.For(factor.Mechanism) is { } book) next.Add($"Runbook of the cause: copilot runbooks show {book.Name}");
            next.Add($"It is something else if: {factor.WouldRefute}");
            return next;
        }
        var components = subject is null ? [] : analysis.Map.ComponentsOf(subject);
        if (components.Count > 0) next.Add($"What it logs: copilot logs {snapshot} --service {components[0]}");
        if (subject is { Namespace.Length: > 0 }) next.Add($"What else happened: copilot timeline {snapshot} --namespace {subject.Namespace} --from {(AlertWords.Began(alert) - Before):yyyy-MM-ddTHH:mm:ssZ}");
        if (runbooks.For(Mechanism.Unknown.WireName()) is { } general) next.Add($"Where nothing is known: copilot runbooks show {general.Name}");
        return [.. next.Select(PlainText.Clean)];
    }

    private static string Shell(string word) => word.Length > 0 && word.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_' or '/' or '~') ? word : "SNAPSHOT";
}
