using System.Text.Json.Serialization;

namespace Copilot.Core.Approvals;

/// <summary>A request for approval as it stands. It is what its receipts make of it, and nothing else.</summary>
/// <param name="Id">ULID.</param>
/// <param name="Version">How many receipts made it.</param>
/// <param name="LatestAt">The latest time at which anything happened to it. A clock that goes back behind it is not believed.</param>
/// <param name="Because">Why it stands where it stands, in words.</param>
/// <param name="DecideBy">The first moment at which it is too late to agree.</param>
/// <param name="Withdrawn">Who took an approval back. They do not approve again: what they signed before could be brought by anybody.</param>
/// <param name="HandedTo">Who carries it out, or carried it out; null where an executor does.</param>
/// <param name="Execution">What an executor does, or did; null where a person does.</param>
/// <param name="RollbackRun">The same of the way back.</param>
public sealed record ApprovalRequest(
    string Id,
    int Version,
    ApprovalState State,
    string Because,
    DateTimeOffset CreatedAt,
    DateTimeOffset LatestAt,
    DateTimeOffset DecideBy,
    ApprovalAsk Ask,
    IReadOnlyList<Vote> Votes,
    IReadOnlyList<string> Withdrawn,
    Grant? Grant = null,
    BrokenGlass? BrokenGlass = null,
    HandedOver? HandedTo = null,
    HandedOver? RollbackBy = null,
    Observation? Observation = null,
    Execution? Execution = null,
    Execution? RollbackRun = null)
{
    /// <summary>When the last step was carried out, as whoever did it says; null before.</summary>
    [JsonIgnore]
    public DateTimeOffset? CarriedOutAt => HandedTo is { } hand ? hand.ReportedAt : Execution?.DoneAt;

    /// <summary>Whether it helped, as a person says; null before.</summary>
    [JsonIgnore]
    public bool? Worked => HandedTo is { } hand ? hand.Worked : Execution?.Worked;

    /// <summary>Who says whether it helped, for texts.</summary>
    [JsonIgnore]
    public string WorkedBy => HandedTo?.Person ?? Execution?.WorkedBy ?? "a person";

    /// <summary>The time that counts: never before what has happened already.</summary>
    public DateTimeOffset Moment(DateTimeOffset now) => now > LatestAt ? now : LatestAt;

    /// <summary>When it ends by itself; null when nothing waits for a time.</summary>
    [JsonIgnore]
    public DateTimeOffset? EndsAt => State switch
    {
        ApprovalState.Pending => DecideBy,
        ApprovalState.Ready => Grant!.NotAfter,
        ApprovalState.HandedOff => HandedTo!.Until,
        ApprovalState.Executing or ApprovalState.Reconciling => Execution!.Until,
        ApprovalState.Partial or ApprovalState.Halted => LatestAt + ByExecutor.ReconcileWithin,
        ApprovalState.RollingBack when RollbackBy is { ReportedAt: null } back => back.Until,
        ApprovalState.RollingBack when RollbackRun is { DoneAt: null } run => run.Until,
        _ => null,
    };
}

/// <param name="Until">When it must be reported.</param>
/// <param name="ReportedAt">When that person said that it was carried out; null before.</param>
/// <param name="Worked">Whether it helped, as that person says; null before.</param>
public sealed record HandedOver(string Person, string Identity, DateTimeOffset At, DateTimeOffset Until, DateTimeOffset? ReportedAt, bool? Worked, string? Words);

/// <param name="ReviewBy">When somebody else must have judged it.</param>
/// <param name="Justified">The judgement; null before there is one.</param>
/// <param name="Overdue">That there was none in time.</param>
public sealed record BrokenGlass(string Person, string Identity, string Reason, DateTimeOffset At, DateTimeOffset ReviewBy, string? ReviewedBy, bool? Justified, string? Review, bool Overdue);

/// <summary>What one probe showed.</summary>
/// <param name="Outcome"><c>holds</c>, <c>fails</c> or <c>not_observed</c>: that nobody could look is no answer.</param>
/// <param name="Says">What was seen, or why it could not be looked at.</param>
public sealed record ProbeReading(string Check, string Subject, string Outcome, string Says)
{
    public const string Holds = "holds";
    public const string Fails = "fails";
    public const string NotObserved = "not_observed";
}

/// <param name="Readings">The last ones.</param>
/// <param name="HeldSince">Since when all that could be looked at holds; null when something does not.</param>
public sealed record Observation(DateTimeOffset At, IReadOnlyList<ProbeReading> Readings, DateTimeOffset? HeldSince);
