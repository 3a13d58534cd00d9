using Copilot.Core.Analysis;
using Copilot.Core.Evidence;
using Copilot.Core.Signals;

namespace Copilot.Core.Diagnoses;

/// <summary>Turns the analysis into a draft diagnosis: status, words, timeline, what was ruled out and what to check next.</summary>
public static class DiagnosisComposer
{
    private const double Sure = 0.75;
    private const double MostConfident = 0.97; // an estimate from finite data is never certain
    private const double MostWithoutChanges = 0.75;
    private const double MostWithoutEvents = 0.85;
    private const double MostWithoutCalls = 0.9;
    private const double MuchUnexplained = 0.45;
    private const int MostRuledOut = 8;
    private const int MostEvidence = 8;

    public static DiagnosisDraft Compose(string incident, SignalSet signals, AnalysisResult analysis)
    {
        var status = StatusOf(signals, analysis);
        var factors = analysis.Causes.Select(c => (FactorOf(c, Most(c, signals)), c.Hypothesis.Finding.Entity, EvidenceOf(c))).ToList();
        return new(
            incident, status, signals.Window, factors, RuledOutOf(analysis), SymptomsOf(analysis), PropagationOf(analysis),
            analysis.Onset is { } onset ? new(onset.At, onset.Earliest, onset.Latest) : null, Timeline.Of(signals, analysis), [.. signals.Gaps.Select(Missing)], NextChecks(status, signals, analysis));
    }

    private static DiagnosisStatus StatusOf(SignalSet signals, AnalysisResult analysis)
    {
        if (analysis.Causes.Count > 0)
        {
            // Where it broke is not yet why: a service that fails by itself may have been changed by what was not recorded.
            var isOpen = signals.StateOf(EvidenceSource.Objects) is SourceState.NotRecorded or SourceState.Empty && analysis.Causes.Any(c => c.Hypothesis.Finding.Prior is Prior.RuntimeService or Prior.RuntimeDependency);
            return !isOpen && analysis.Causes.Min(c => c.Confidence) >= Sure && MinimalSet.Unexplained(analysis.Causes, analysis.Symptoms) <= MuchUnexplained ? DiagnosisStatus.Resolved : DiagnosisStatus.Ambiguous;
        }
        if (analysis.Symptoms.Count > 0 || analysis.Degradations.Count > 0) return DiagnosisStatus.InsufficientEvidence;
        // Nothing seen means nothing wrong only where somebody looked: at traffic over time, or at least at the state of the pods.
        var traffic = signals.Grid.IsLong(signals.Grid.Count) && new[] { EvidenceSource.Traces, EvidenceSource.Metrics }.Any(s => signals.StateOf(s) is SourceState.Complete or SourceState.Partial && signals.Services.Count > 0);
        var pods = signals.StateOf(EvidenceSource.Objects) == SourceState.Complete && signals.Cluster.Pods.Count > 0;
        var alarmed = signals.Alerts.Observations.Count > 1 && signals.Alerts.Alerts.Any(a => !AlertSymptoms.IsBackground(a, signals.Alerts.Observations) && a.LastSeen == signals.Alerts.Observations[^1] && !traffic);
        return (traffic || pods) && !alarmed ? DiagnosisStatus.NoIncident : DiagnosisStatus.InsufficientEvidence;
    }

    /// <summary>
    /// The most that may be stated. Where it broke is known and not why where changes were not recorded; an experiment or a refusal behind it is not seen
    /// where events were not; and whose trouble it is, less surely where no calls were (docs/evaluation.md has how often such causes are right).
    /// </summary>
    private static double Most(Cause cause, SignalSet signals)
    {
        var inferred = cause.Hypothesis.Finding.Prior is Prior.RuntimeService or Prior.RuntimeDependency or Prior.Newcomer;
        if (inferred && signals.StateOf(EvidenceSource.Objects) is SourceState.NotRecorded or SourceState.Empty) return MostWithoutChanges;
        if (inferred && signals.StateOf(EvidenceSource.Events) is SourceState.NotRecorded) return MostWithoutEvents;
        return signals.Calls.Count + signals.Topology.Count == 0 ? MostWithoutCalls : MostConfident;
    }

    private static ContributingFactor FactorOf(Cause cause, double most)
    {
        var finding = cause.Hypothesis.Finding;
        var reasons = new List<string> { finding.Says + "." };
        if (cause.Explains.Count > 0) reasons.Add($"It accounts for: {string.Join("; ", cause.Explains.Take(3).Select(s => s.Says))}{(cause.Explains.Count > 3 ? $"; and {cause.Explains.Count - 3} more" : "")}.");
        if (finding.Support.All(s => s.LogOdds <= 0) && cause.Explains.Select(s => s.Message).FirstOrDefault(m => m.Length > 0) is { } message) reasons.Add($"Callers report {SymptomDetector.Quote(message)}.");
        reasons.AddRange(finding.Support.Where(s => s.LogOdds > 0).Select(s => Capital(s.Says) + "."));
        return new(
            finding.Entity.ToString(), finding.Mechanism.WireName(), Math.Round(Math.Min(most, cause.Confidence), 2), finding.Code.Id, PlainText.Clean(string.Join(' ', reasons)),
            finding.Refute, []);
    }

    /// <summary>What happened, then what else speaks for it, then the trouble that it explains.</summary>
    private static IReadOnlyList<Citation> EvidenceOf(Cause cause)
    {
        var finding = cause.Hypothesis.Finding;
        return
        (Citation[])[
            .. finding.Evidence.Concat(finding.Support.Where(s => s.LogOdds > 0).SelectMany(s => s.Evidence))
                .Concat(cause.Explains.Take(3).SelectMany(s => s.Evidence.Take(1)))
                .Select(c => Link(c, finding.Entity)).DistinctBy(c => c.Address).Take(MostEvidence),
        ];
    }

    private static List<(RuledOut, EntityRef, IReadOnlyList<Citation>)> RuledOutOf(AnalysisResult analysis)
    {
        var chosen = analysis.Causes.Select(c => c.Hypothesis.Finding.Entity).ToHashSet();
        var result = new List<(RuledOut, EntityRef, IReadOnlyList<Citation>)>();
        // Rivals by their score; then what a person would ask about, the nearest in time first.
        var others = analysis.Ranked.Where(h => !chosen.Contains(h.Finding.Entity) && IsWorthMentioning(h, analysis)).DistinctBy(h => h.Finding.Entity)
            .OrderByDescending(h => h.Explained > 0).ThenBy(h => h.Explained > 0 || analysis.Onset is null || h.Finding.At is null ? TimeSpan.Zero : (h.Finding.At.Value - analysis.Onset.At).Duration());
        foreach (var hypothesis in others.Take(MostRuledOut))
        {
            var finding = hypothesis.Finding;
            result.Add((new(finding.Entity.ToString(), PlainText.Clean(finding.Says), Because(hypothesis, analysis), []), finding.Entity, [.. finding.Evidence.Take(2).Select(c => Link(c, finding.Entity))]));
        }
        return result;
    }

    /// <summary>Rivals, and whatever a person would ask about: interventions within half an hour before the onset.</summary>
    private static bool IsWorthMentioning(Hypothesis hypothesis, AnalysisResult analysis) =>
        hypothesis.Explained > 0 || hypothesis.Finding.Code == FindingCode.ChaosApplied
        || (analysis.IsNearTrouble(hypothesis.Finding.Entity) && hypothesis.Finding.Code != FindingCode.OtherChanged && hypothesis.Finding.At is { } at && analysis.Onset is { } onset && at > onset.Earliest - TimeSpan.FromMinutes(30) && at < onset.Latest + TimeSpan.FromMinutes(5))
        || (analysis.Onset is null && hypothesis.Finding.Prior is Prior.Change or Prior.Chaos or Prior.StatedByCluster && hypothesis.Finding.At is not null && hypothesis.Finding.Code != FindingCode.OtherChanged);

    private static string Because(Hypothesis hypothesis, AnalysisResult analysis)
    {
        var finding = hypothesis.Finding;
        if (finding.Code == FindingCode.PolicyBlocks && finding.Prior == Prior.Harmless) return "it blocks no call that was seen";
        if (finding.Code == FindingCode.ChaosApplied && finding.Prior == Prior.Harmless) return "it ended before things got worse, or acted on pods of an earlier run";
        if (finding.Prior == Prior.Harmless) return "it changes only names and notes, nothing that acts";
        if (analysis.Symptoms.Count == 0) return "nothing got worse";
        if (hypothesis.Explained <= 0) return "no trouble began where it acts";
        if (hypothesis.Time <= -3 && finding.At is { } at && analysis.Onset is { } onset)
            return at > onset.Latest ? $"it came {(at - onset.At).TotalMinutes:0} min after things got worse" : $"it came {(onset.At - at).TotalMinutes:0} min before things got worse";
        if (finding.Code == FindingCode.WorkloadRestarted) return "a restart follows other changes and seldom starts trouble";
        return Better(hypothesis, analysis) ?? "it explains too little";
    }

    /// <summary>The cause that takes the most of what a rival explains, and by how much it is the better one.</summary>
    private static string? Better(Hypothesis rival, AnalysisResult analysis)
    {
        var explained = analysis.Symptoms.Where(s => Ranking.Probability(rival.Finding, s, analysis.Parameters) >= analysis.Parameters.Explains).ToList();
        var cause = analysis.Causes.MaxBy(c => explained.Where(c.Explains.Contains).Sum(s => s.Weight));
        if (cause is null || !explained.Exists(cause.Explains.Contains)) return null;
        var more = explained.TrueForAll(cause.Explains.Contains) ? cause.Explains.Count > explained.Count ? "explains the same and more" : "explains the same better" : "explains more of it";
        // A further cause was judged by what the first left over; only scores over all symptoms compare.
        var score = Ranking.Score(cause.Hypothesis.Finding, analysis.Symptoms, analysis.Onset, analysis.Parameters).Score;
        return $"{cause.Hypothesis.Finding.Entity} {more}{(rival.Score < score ? $" ({rival.Score - score:0.0} nats)" : "")}";
    }

    private static List<(ObservedSymptom, EntityRef, IReadOnlyList<Citation>)> SymptomsOf(AnalysisResult analysis) =>
    [
        .. analysis.Degradations.Take(8).Select(d => (new ObservedSymptom(d.Entity.ToString(), d.Kind, PlainText.Clean(d.Says), []), d.Entity, d.Evidence)),
        .. analysis.Symptoms.Where(s => IsState(s.Kind)).Take(6)
            .Select(s => (new ObservedSymptom(s.Workload!.ToString(), s.Kind == SymptomKind.Alert ? "alert" : "unavailable", PlainText.Clean(s.Says), []), s.Workload!, s.Evidence)),
        .. analysis.Degradations.Count > 0 ? [] : analysis.Symptoms.Where(s => !IsState(s.Kind)).Take(4)
            .Select(s => (new ObservedSymptom(analysis.Map.EntityOf(s.Component).ToString(), s.Kind is SymptomKind.SlowSelf or SymptomKind.SlowCall ? "latency" : "errors", PlainText.Clean(s.Says), []), analysis.Map.EntityOf(s.Component), s.Evidence)),
    ];

    /// <summary>Symptoms that are seen at one moment, of an object rather than of traffic.</summary>
    private static bool IsState(SymptomKind kind) => kind is SymptomKind.Unavailable or SymptomKind.Unrouted or SymptomKind.Alert;

    /// <summary>From each cause to where trouble began, and from there against the calls through every service that got worse.</summary>
    private static List<PropagationStep> PropagationOf(AnalysisResult analysis)
    {
        var steps = new List<PropagationStep>();
        var worse = analysis.Degradations.GroupBy(d => d.Service).ToDictionary(g => g.Key, g => g.First());
        var seen = new HashSet<string>();
        foreach (var cause in analysis.Causes)
        {
            var frontier = new Queue<string>();
            foreach (var symptom in cause.Explains)
            {
                var first = symptom.Caller.Length > 0 && symptom.Kind is SymptomKind.BrokenCall or SymptomKind.SlowCall ? symptom.Caller : symptom.Component;
                if (!seen.Add(first)) continue;
                if (analysis.Map.EntityOf(first) != cause.Hypothesis.Finding.Entity) steps.Add(new(cause.Hypothesis.Finding.Entity.ToString(), analysis.Map.EntityOf(first).ToString(), PlainText.Clean(symptom.Says)));
                frontier.Enqueue(first);
            }
            while (frontier.TryDequeue(out var component))
            {
                foreach (var caller in analysis.Map.Callers[component].Where(c => worse.ContainsKey(c)).Order(StringComparer.Ordinal))
                {
                    if (!seen.Add(caller)) continue;
                    steps.Add(new(analysis.Map.EntityOf(component).ToString(), analysis.Map.EntityOf(caller).ToString(), PlainText.Clean(worse[caller].Says)));
                    frontier.Enqueue(caller);
                }
            }
        }
        return steps;
    }

    private static MissingEvidence Missing(EvidenceGap gap) =>
        new(gap.Source.ToString().ToLowerInvariant(), Kebab(gap.Kind.ToString()), PlainText.Clean(gap.Where), gap.Count, PlainText.Clean(gap.Detail), gap.Remedy);

    private static List<string> NextChecks(DiagnosisStatus status, SignalSet signals, AnalysisResult analysis)
    {
        var checks = new List<string>();
        checks.AddRange(analysis.Causes.Select(c => $"Refutes {c.Hypothesis.Finding.Entity}: {c.Hypothesis.Finding.Refute}"));
        if (status is DiagnosisStatus.Ambiguous or DiagnosisStatus.InsufficientEvidence)
        {
            checks.AddRange(analysis.Ranked.Where(h => h.Explained > 0 && analysis.Causes.All(c => c.Hypothesis.Finding.Entity != h.Finding.Entity)).DistinctBy(h => h.Finding.Entity).Take(3)
                .Select(h => $"Tells {h.Finding.Entity} apart: {h.Finding.Refute}"));
            checks.AddRange(signals.Coverage.Where(c => c.State == SourceState.NotRecorded).Select(c => $"Record {c.Source.ToString().ToLowerInvariant()} for the time of the incident and investigate again."));
        }
        return [.. checks.Select(PlainText.Clean).Distinct()];
    }

    /// <summary>The analysis connects the record's entities with this one; the check sees to it that the record names them.</summary>
    private static Citation Link(Citation citation, EntityRef entity) => citation.About.Contains(entity) ? citation : citation with { About = [.. citation.About, entity] };

    private static string Capital(string text) => text.Length == 0 ? text : char.ToUpperInvariant(text[0]) + text[1..];

    internal static string Kebab(string name) => string.Concat(name.Select((c, i) => char.IsUpper(c) && i > 0 ? "-" + char.ToLowerInvariant(c) : char.ToLowerInvariant(c).ToString()));
}
