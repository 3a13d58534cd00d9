using Copilot.Core.Diagnoses;

namespace Copilot.Core.Summaries;

/// <summary>A draft of a change request for each action that the diagnosis proposes: <c>copilot-change-requests/1</c>. Nothing has been carried out.</summary>
/// <param name="Reason">Why there is no request; empty where there is one.</param>
public sealed record ChangeRequests(
    string Schema,
    string Incident,
    string IncidentId,
    DiagnosisStatus Status,
    IReadOnlyList<ChangeRequest> Requests,
    IReadOnlyList<NotProposed> NotProposed,
    string Reason,
    ReceiptRange? Receipts)
{
    public const string SchemaId = "copilot-change-requests/1";
}

/// <param name="Cause">What it takes away.</param>
/// <param name="Why">In words; the records are in <paramref name="Evidence"/>.</param>
/// <param name="Suffering">Who suffers until it is done.</param>
/// <param name="Decision"><c>allow</c>, <c>require_approval</c> or <c>prohibit</c>, by policy, for the environment and severity that are stated.</param>
/// <param name="Approvals">Who must say yes and by when; empty where nobody must.</param>
/// <param name="Owner">Who answers for the target, or <c>unknown owner</c>.</param>
/// <param name="StopIf">What would show that the cause is another one.</param>
/// <param name="Plan">The digest of the plan, which is what gets approved.</param>
public sealed record ChangeRequest(
    string Title,
    string Cause,
    string Mechanism,
    double Confidence,
    string Why,
    IReadOnlyList<CitedEvidence> Evidence,
    IReadOnlyList<ObservedSymptom> Suffering,
    DateTimeOffset? Since,
    IReadOnlyList<ChangeStep> Steps,
    ActionRisk Risk,
    IReadOnlyList<string> Rollback,
    IReadOnlyList<string> Verify,
    string Decision,
    string Approvals,
    string Owner,
    string Severity,
    string Environment,
    string StopIf,
    string Runbook,
    string Plan);

/// <param name="Does">What is done, in words that the target follows.</param>
/// <param name="ByHand">A command that does the same by hand; empty where there is none that is sure.</param>
public sealed record ChangeStep(ProposedStep Step, string Does, string ByHand);
