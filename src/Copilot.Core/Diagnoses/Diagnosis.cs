namespace Copilot.Core.Diagnoses;

/// <summary>How an investigation ended. Set by code from the analysis, never by a model.</summary>
public enum DiagnosisStatus
{
    /// <summary>The causes account for what got worse, and no rival comes near.</summary>
    Resolved,

    /// <summary>A likely cause is named, but a rival fits nearly as well or much stays unexplained.</summary>
    Ambiguous,

    /// <summary>Something is wrong, or cannot be excluded, and the evidence does not say what.</summary>
    InsufficientEvidence,

    /// <summary>The evidence is there and shows nothing wrong.</summary>
    NoIncident,
}

/// <summary>The result of an investigation, in the shape of <c>copilot-diagnosis/1</c> (docs/schemas). Names are <c>namespace/Kind/name</c>; times are UTC.</summary>
/// <param name="Incident">The snapshot's name.</param>
/// <param name="Summary">One sentence for a tired reader.</param>
/// <param name="ProposedActions">Reversible ways to take the causes away, each decided by policy; none of them is carried out by the copilot.</param>
/// <param name="NotProposed">Causes for which there is none, and why.</param>
/// <param name="EscalateTo">Whom to call, or <c>unknown owner</c>; empty when nothing is wrong.</param>
/// <param name="Receipts">The receipts of the readings that this rests on; null for a diagnosis that was not recorded.</param>
/// <param name="MissingEvidence">What could not be seen, and how to mend it.</param>
/// <param name="RemovedStatements">Statements that failed the citation check and were taken out.</param>
public sealed record Diagnosis(
    string Schema,
    string Incident,
    DiagnosisStatus Status,
    string Summary,
    IReadOnlyList<ContributingFactor> ContributingFactors,
    IReadOnlyList<RuledOut> RuledOut,
    IReadOnlyList<ObservedSymptom> Symptoms,
    IReadOnlyList<PropagationStep> Propagation,
    OnsetEstimate? Onset,
    IReadOnlyList<TimelineEntry> Timeline,
    IReadOnlyList<MissingEvidence> MissingEvidence,
    IReadOnlyList<string> NextChecks,
    IReadOnlyList<ProposedAction> ProposedActions,
    IReadOnlyList<NotProposed> NotProposed,
    string EscalateTo,
    IReadOnlyList<RemovedStatement> RemovedStatements,
    EvidenceWindow? Window,
    ReceiptRange? Receipts)
{
    public const string SchemaId = "copilot-diagnosis/1";
}

/// <param name="Name">The entity.</param>
/// <param name="Mechanism">A wire name of the mechanism taxonomy.</param>
/// <param name="Confidence">The probability that it is a cause, 0 to 1.</param>
/// <param name="Code">The finding's stable code.</param>
public sealed record ContributingFactor(string Name, string Mechanism, double Confidence, string Code, string Reasoning, string WouldRefute, IReadOnlyList<CitedEvidence> Evidence);

/// <summary>A statement with the record that bears it out.</summary>
/// <param name="Address">The record: <c>file#n</c>.</param>
/// <param name="Digest">SHA-256 of the record's bytes.</param>
/// <param name="Note">Why a record from outside the recorded time counts; null when it lies inside.</param>
/// <param name="Receipt">The id of the receipt of the reading in which the record was opened.</param>
public sealed record CitedEvidence(string Address, string Digest, DateTimeOffset? At, string Says, string? Note, string Receipt);

public sealed record RuledOut(string Name, string What, string Because, IReadOnlyList<CitedEvidence> Evidence);

/// <param name="Kind"><c>errors</c>, <c>latency</c>, <c>unavailable</c> or <c>alert</c>.</param>
public sealed record ObservedSymptom(string Name, string Kind, string Says, IReadOnlyList<CitedEvidence> Evidence);

public sealed record PropagationStep(string Source, string Target, string Effect);

public sealed record OnsetEstimate(DateTimeOffset At, DateTimeOffset Earliest, DateTimeOffset Latest);

public sealed record TimelineEntry(DateTimeOffset At, string Kind, string Says, string? Address, string? Digest);

/// <param name="Source">The source of evidence.</param>
/// <param name="Kind">The kind of gap in kebab case.</param>
public sealed record MissingEvidence(string Source, string Kind, string Where, long Count, string Detail, string Remedy);

public sealed record RemovedStatement(string Address, string Says, string Because);

public sealed record EvidenceWindow(DateTimeOffset From, DateTimeOffset To);

/// <param name="Cause">The contributing factor that it takes away.</param>
/// <param name="Plan">The digest of the plan, which is what gets approved.</param>
/// <param name="Decision">The strictest decision over the steps: <c>allow</c>, <c>require_approval</c> or <c>prohibit</c>.</param>
/// <param name="Requires">What must happen first, in words; empty when nothing must.</param>
public sealed record ProposedAction(
    string Cause, string Runbook, string Plan, string Decision, string Requires, IReadOnlyList<ProposedStep> Steps, IReadOnlyList<string> Rollback, IReadOnlyList<string> Verify, ActionRisk Risk);

/// <param name="Kind">A name of the closed table of action kinds.</param>
/// <param name="Decision">What policy decided about this step.</param>
/// <param name="Rules">The rules that matched, as <c>id (file:line)</c>.</param>
/// <param name="Why">The decision explained: near misses, how requirements were joined, what would change it.</param>
public sealed record ProposedStep(string Kind, string Target, IReadOnlyDictionary<string, string> Params, string ExpectedEffect, string Decision, IReadOnlyList<string> Rules, IReadOnlyList<string> Why);

/// <param name="Level"><c>low</c>, <c>medium</c> or <c>high</c>.</param>
/// <param name="Replicas">Null when not recorded.</param>
public sealed record ActionRisk(string Level, int Services, int? Replicas, bool Reversible);

/// <param name="Runbook">Where a person reads on; null when no runbook serves the mechanism.</param>
public sealed record NotProposed(string Cause, string? Runbook, string Because);

/// <param name="Log">The log's origin.</param>
/// <param name="Stream">The incident's id in it.</param>
/// <param name="From">The number of the first receipt of the investigation.</param>
/// <param name="To">The number of the last one before the conclusion.</param>
public sealed record ReceiptRange(string Log, string Stream, long From, long To);
