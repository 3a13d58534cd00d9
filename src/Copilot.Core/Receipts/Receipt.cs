using System.Text.Json.Nodes;

namespace Copilot.Core.Receipts;

/// <summary>What a receipt records. A closed set; each type has a closed body (docs/receipt-format.md).</summary>
public enum ReceiptType
{
    /// <summary><c>log.opened</c>: the first receipt of a log; names its key.</summary>
    LogOpened,

    /// <summary><c>incident.opened</c></summary>
    IncidentOpened,

    /// <summary><c>tool.intent</c>: a source is about to be read.</summary>
    ToolIntent,

    /// <summary><c>tool.result</c>: how that reading went.</summary>
    ToolResult,

    /// <summary><c>claim.made</c>: the conclusion of an investigation with the records that bear it out.</summary>
    ClaimMade,

    /// <summary><c>plan.proposed</c></summary>
    PlanProposed,

    /// <summary><c>policy.decided</c></summary>
    PolicyDecided,

    /// <summary><c>report.issued</c>: the digest of the document that was handed out.</summary>
    ReportIssued,

    /// <summary><c>incident.feedback</c></summary>
    IncidentFeedback,

    /// <summary><c>incident.closed</c></summary>
    IncidentClosed,

    /// <summary><c>alerts.received</c>: another system reported something that changed an incident.</summary>
    AlertsReceived,

    /// <summary><c>investigation.requested</c>: from here on it will be carried out, whatever happens to the process.</summary>
    InvestigationRequested,

    /// <summary><c>investigation.ended</c>: how a request ended.</summary>
    InvestigationEnded,

    /// <summary><c>key.rotated</c>: from here on checkpoints are signed with another key. The checkpoint over this receipt is signed with both.</summary>
    KeyRotated,

    /// <summary><c>opening.removed</c>: somebody had a committed value removed.</summary>
    OpeningRemoved,

    /// <summary><c>openings.expired</c>: committed values were removed when their time was over, and those on hold were not.</summary>
    OpeningsExpired,

    /// <summary><c>hold.placed</c>: from here on nothing of the stream is removed.</summary>
    HoldPlaced,

    /// <summary><c>hold.released</c></summary>
    HoldReleased,

    /// <summary><c>approval.requested</c>: people, or policy alone, are asked about a plan.</summary>
    ApprovalRequested,

    /// <summary><c>approval.voted</c></summary>
    ApprovalVoted,

    /// <summary><c>approval.withdrawn</c>: somebody took a vote back.</summary>
    ApprovalWithdrawn,

    /// <summary><c>approval.granted</c>: a plan may be carried out once.</summary>
    ApprovalGranted,

    /// <summary><c>approval.glass_broken</c>: somebody went past the people who would have had to agree.</summary>
    ApprovalGlassBroken,

    /// <summary><c>approval.ended</c>: before anything was carried out, or with nobody knowing.</summary>
    ApprovalEnded,

    /// <summary><c>approval.taken</c>: a grant is consumed by the person who carries the step out, or the way back is taken over.</summary>
    ApprovalTaken,

    /// <summary><c>approval.reported</c>: that person says how it went.</summary>
    ApprovalReported,

    /// <summary><c>approval.observed</c>: what probes showed.</summary>
    ApprovalObserved,

    /// <summary><c>approval.reviewed</c>: a broken glass was judged, or was not in time.</summary>
    ApprovalReviewed,

    /// <summary><c>approval.refused</c>: somebody tried what may not be.</summary>
    ApprovalRefused,

    /// <summary><c>identity.enrolled</c>: from here on the key signs for the person.</summary>
    IdentityEnrolled,

    /// <summary><c>identity.linked</c>: from here on the account is the person's.</summary>
    IdentityLinked,

    /// <summary><c>approval.claimed</c>: an executor took over what is to be carried out, which consumes a grant, or is to be looked at or taken back.</summary>
    ApprovalClaimed,

    /// <summary><c>approval.stepped</c>: it says how one step went.</summary>
    ApprovalStepped,

    /// <summary><c>approval.interrupted</c>: it fell silent, or was stopped.</summary>
    ApprovalInterrupted,

    /// <summary><c>approval.reconciled</c>: it says which steps took effect.</summary>
    ApprovalReconciled,

    /// <summary><c>executor.admitted</c>: from here on what the executor says is signed with that key.</summary>
    ExecutorAdmitted,

    /// <summary><c>executor.dismissed</c>: from here on the executor is given nothing.</summary>
    ExecutorDismissed,

    /// <summary><c>executors.stopped</c>: nothing is carried out by any executor until somebody lets them go on.</summary>
    ExecutorsStopped,

    /// <summary><c>executors.resumed</c></summary>
    ExecutorsResumed,

    /// <summary><c>policy.activated</c>: from here on another policy, or another version of it, decides.</summary>
    PolicyActivated,
}

public enum ActorKind
{
    Human,
    Agent,
    Service,
}

/// <summary>Who did it.</summary>
/// <param name="Id">Such as <c>copilot</c> or <c>os:alice</c>.</param>
/// <param name="Assurance">How the identity is known: <c>none</c>, <c>os-user</c>, <c>process</c>, <c>api-token</c>, <c>person-key</c>.</param>
public sealed record ReceiptActor(ActorKind Kind, string Id, string Assurance)
{
    /// <summary>The copilot itself.</summary>
    public static readonly ReceiptActor Copilot = new(ActorKind.Agent, "copilot", "process");
}

/// <summary>A reference to another receipt.</summary>
/// <param name="Rel">How it relates: <c>intent</c>, <c>evidence</c>, <c>claim</c>, <c>plan</c>, <c>decision</c>, <c>value</c>, <c>hold</c>, <c>request</c>, <c>vote</c>, <c>grant</c>.</param>
public sealed record ReceiptLink(string Rel, string Id, string Leaf);

/// <summary>The policy under which something was decided.</summary>
public sealed record ReceiptPolicy(string Digest, string Decision, IReadOnlyList<string> Rules);

/// <summary>What is to be recorded; the log adds number, chain, id, time and software.</summary>
/// <param name="Stream">The incident's id, or <c>log</c> or <c>reads</c> for what belongs to none.</param>
/// <param name="Subject">What it is about: a snapshot's name, an entity.</param>
/// <param name="Body">Addresses, digests, names and counts: never text from evidence.</param>
public sealed record ReceiptDraft(ReceiptType Type, string Stream, string Subject, JsonObject Body)
{
    public ReceiptActor Actor { get; init; } = ReceiptActor.Copilot;

    public ReceiptActor? OnBehalfOf { get; init; }

    /// <summary>The investigation, a ULID; null when it belongs to none.</summary>
    public string? Run { get; init; }

    /// <summary>Joins an intent and its result.</summary>
    public string? ToolCallId { get; init; }

    public IReadOnlyList<ReceiptLink> Refs { get; init; } = [];

    public ReceiptPolicy? Policy { get; init; }

    /// <summary>Large or sensitive values, kept apart: the receipt only commits to them (<see cref="FieldCommitment"/>), so that each can be removed or left out later.</summary>
    public IReadOnlyList<CommittedValue> Committed { get; init; } = [];

    /// <summary>The texts out of which secrets were taken.</summary>
    public IReadOnlyList<MaskedText> Masked { get; init; } = [];
}

/// <param name="Pointer">Where it stands in the receipt (RFC 6901).</param>
/// <param name="Rules">The ids of the rules that found a secret there.</param>
public sealed record MaskedText(string Pointer, IReadOnlyList<string> Rules);

/// <param name="Pointer">Where it would stand in the receipt (RFC 6901); each type knows its own (docs/receipt-format.md).</param>
/// <param name="Value">Any JSON that has a canonical form.</param>
public sealed record CommittedValue(string Pointer, JsonNode Value);

/// <summary>A receipt that is durable.</summary>
/// <param name="Seq">Its number in the log, from 0 without gaps.</param>
/// <param name="Id">Its ULID.</param>
/// <param name="Leaf">Its leaf hash, lower-case hex.</param>
public sealed record ReceiptRef(long Seq, string Id, string Leaf);

/// <summary>The one way to record something. A trust boundary: what is recorded comes from anywhere, the log alone numbers, chains and keeps it.</summary>
public interface IReceiptRecorder
{
    /// <summary>The log's origin, such as <c>copilot.local/01JD…</c>.</summary>
    string Log { get; }

    /// <summary>
    /// Appends in order and in one transaction. What it returns is durable; when it throws, nothing was recorded and the work that needed the receipt
    /// must not be done.
    /// </summary>
    IReadOnlyList<ReceiptRef> Append(IReadOnlyList<ReceiptDraft> drafts);
}
