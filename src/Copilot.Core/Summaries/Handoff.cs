using Copilot.Core.Diagnoses;
using Copilot.Core.Incidents;

namespace Copilot.Core.Summaries;

/// <summary>All that the next shift or a ticket needs, from a checked diagnosis: <c>copilot-handoff/1</c>. Times are UTC.</summary>
/// <param name="Headline">Status and cause in a sentence.</param>
/// <param name="Since">When things got worse; null where that is not known.</param>
/// <param name="Impact">Who suffers and how much, the worst first.</param>
/// <param name="Proposed">Steps that wait for a decision or for hands.</param>
/// <param name="Said">What people said of the diagnosis.</param>
/// <param name="OpenQuestions">What is not known, and matters.</param>
/// <param name="Timeline">The few moments that tell the story.</param>
/// <param name="TimelineLeftOut">How many others the diagnosis has.</param>
public sealed record Handoff(
    string Schema,
    string Incident,
    string IncidentId,
    string Severity,
    string Environment,
    string? Resolution,
    DiagnosisStatus Status,
    string Headline,
    OnsetEstimate? Since,
    IReadOnlyList<ObservedSymptom> Impact,
    IReadOnlyList<ContributingFactor> Causes,
    IReadOnlyList<RuledOut> RuledOut,
    IReadOnlyList<ProposedAction> Proposed,
    IReadOnlyList<NotProposed> NotProposed,
    IReadOnlyList<Feedback> Said,
    IReadOnlyList<string> OpenQuestions,
    IReadOnlyList<string> NextChecks,
    IReadOnlyList<MissingEvidence> MissingEvidence,
    string EscalateTo,
    IReadOnlyList<TimelineEntry> Timeline,
    int TimelineLeftOut,
    IReadOnlyList<RemovedStatement> RemovedStatements,
    ReceiptRange? Receipts)
{
    public const string SchemaId = "copilot-handoff/1";
}
