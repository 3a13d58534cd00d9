using Copilot.Core.Actions;
using Copilot.Core.Diagnoses;
using Copilot.Core.Incidents;

namespace Copilot.Core.Summaries;

/// <summary>Turns a checked diagnosis into what somebody needs who takes over.</summary>
public static class HandoffComposer
{
    private const int MostMoments = 12;
    private const string Unknown = "unknown";

    public static Handoff Compose(Diagnosis diagnosis, Incident incident, IReadOnlyList<Feedback> said)
    {
        var moments = Story(diagnosis);
        return new(
            Handoff.SchemaId, diagnosis.Incident, incident.Id, incident.Severity, incident.Environment, incident.Resolution, diagnosis.Status, Headline(diagnosis), diagnosis.Onset, diagnosis.Symptoms,
            diagnosis.ContributingFactors, diagnosis.RuledOut, diagnosis.ProposedActions, diagnosis.NotProposed, said, Questions(diagnosis, incident, said), diagnosis.NextChecks, diagnosis.MissingEvidence,
            diagnosis.EscalateTo, moments, diagnosis.Timeline.Count - moments.Count, diagnosis.RemovedStatements, diagnosis.Receipts);
    }

    private static string Headline(Diagnosis diagnosis) => diagnosis.Status switch
    {
        DiagnosisStatus.Resolved => $"The cause is known: {Causes(diagnosis)}.",
        DiagnosisStatus.Ambiguous => $"A cause is likely, not certain: {Causes(diagnosis)}.",
        DiagnosisStatus.NoIncident => "Nothing is wrong, as far as the evidence goes.",
        _ => "The cause is not known.",
    };

    private static string Causes(Diagnosis diagnosis) => string.Join(" and ", diagnosis.ContributingFactors.Select(f => $"{f.Name} ({f.Mechanism})"));

    /// <summary>Changes and symptoms before alerts, those near the onset before others; in order of time.</summary>
    private static List<TimelineEntry> Story(Diagnosis diagnosis) =>
    [
        .. diagnosis.Timeline.OrderBy(e => e.Kind is "alert" or "event").ThenBy(e => diagnosis.Onset is { } onset ? (e.At - onset.At).Duration() : TimeSpan.Zero).Take(MostMoments)
            .OrderBy(e => e.At).ThenBy(e => e.Kind is "symptom"),
    ];

    private static List<string> Questions(Diagnosis diagnosis, Incident incident, IReadOnlyList<Feedback> said)
    {
        var open = new List<string>();
        if (said is [.., { Verdict: "wrong" } last]) open.Add($"{last.By} says that this diagnosis is wrong{(last.TrueCauses.Count > 0 ? $" and names {string.Join(", ", last.TrueCauses)}" : "")}. Who is right?");
        if (diagnosis.Status == DiagnosisStatus.NoIncident) return open;
        if (diagnosis.Status == DiagnosisStatus.InsufficientEvidence) open.Add(diagnosis.Symptoms.Count > 0 ? "What started it?" : "Is anything wrong at all? The evidence is too thin to say.");
        if (diagnosis.Status == DiagnosisStatus.Ambiguous) open.Add("Is it this cause? Something else fits nearly as well, or much stays unexplained: see what was ruled out, and the checks.");
        if (diagnosis.Onset is null) open.Add("When did it begin? The evidence shows no moment at which things got worse.");
        foreach (var none in diagnosis.NotProposed) open.Add($"How is {none.Cause} to be mended? No step is proposed: {none.Because}.");
        foreach (var action in diagnosis.ProposedActions.Where(a => a.Decision == "prohibit")) open.Add($"Policy prohibits the step for {action.Cause}. What else can be done?");
        if (diagnosis.EscalateTo is "" or Owners.Unknown) open.Add($"Who owns {(diagnosis.ContributingFactors is [var first, ..] ? first.Name : "what is in trouble")}? No owner is recorded.");
        var unsaid = new[] { (incident.Severity, "severity"), (incident.Environment, "environment") }.Where(u => u.Item1 == Unknown).Select(u => u.Item2).ToList();
        if (unsaid.Count > 0 && diagnosis.ProposedActions.Count > 0) open.Add($"What {(unsaid.Count == 1 ? "is" : "are")} the {string.Join(" and the ", unsaid)}? Not stated, so policy decided as strictly as it can.");
        return open;
    }
}
