using System.Text.Json.Nodes;
using Copilot.Core.Incidents;
using Copilot.Core.Receipts;
using Copilot.Storage;

namespace Copilot.UseCases;

/// <summary>An investigation that was asked for, as it stands.</summary>
/// <param name="State"><c>queued</c>, <c>running</c>, <c>done</c>, <c>refused</c>, <c>failed</c> or <c>expired</c>.</param>
/// <param name="Snapshot">The snapshot's name.</param>
/// <param name="Run">The finished investigation.</param>
/// <param name="Status">Of the finished investigation's diagnosis.</param>
/// <param name="Fault">Why it was refused, failed or expired.</param>
internal sealed record QueuedInvestigation(
    string Id, string State, string Cause, string By, string Snapshot, string? Incident, DateTimeOffset QueuedAt, DateTimeOffset NotBefore, DateTimeOffset Deadline, DateTimeOffset? StartedAt,
    DateTimeOffset? EndedAt, int Attempts, string? Run, string? Status, string? Fault)
{
    public bool HasEnded => State is not (QueueState.Queued or QueueState.Running);

    public static QueuedInvestigation Of(RequestRow row, string? status) => new(
        row.Id, row.State, row.Cause, row.By, SnapshotSource.NameOf(row.Snapshot), row.IncidentId, row.QueuedAt, row.NotBefore, row.Deadline, row.StartedAt, row.EndedAt, row.Attempts, row.Run, status, row.Fault);
}

/// <summary>The states of a request; they are stored.</summary>
internal static class QueueState
{
    public const string Queued = "queued", Running = "running", Done = "done", Refused = "refused", Failed = "failed", Expired = "expired";

    public static readonly IReadOnlyList<string> All = [Queued, Running, Done, Refused, Failed, Expired];
}

/// <summary>A turn at a request: it counts only while the request is running in this very attempt.</summary>
/// <param name="Id">The request.</param>
/// <param name="By">Who asked.</param>
internal sealed record ClaimedInvestigation(string Id, string By, int Attempt, string Snapshot, IncidentScope Scope, string Cause, DateTimeOffset Deadline);

/// <summary>Somebody else has the turn, or the time is over: what was worked out is not kept.</summary>
internal sealed class TurnOverException(string id) : Exception($"the turn at {id} is over");

/// <summary>Ends a request together with the investigation that it asked for.</summary>
internal sealed class QueuedEnding(ClaimedInvestigation claim, TimeProvider time)
{
    /// <summary>Who asked for it.</summary>
    public ReceiptActor By { get; } = new(ActorKind.Service, claim.By, "api-token");

    public ReceiptDraft Draft(Incident incident) => Ended(claim.Id, incident.Id, incident.Name, QueueState.Done, claim.Attempt);

    public void Write(CopilotDb db, Incident incident, string run)
    {
        var row = db.Requests.Single(r => r.Id == claim.Id);
        if (row.State != QueueState.Running || row.Attempts != claim.Attempt || time.GetUtcNow() > row.Deadline) throw new TurnOverException(claim.Id);
        (row.State, row.EndedAt, row.IncidentId, row.Run) = (QueueState.Done, time.GetUtcNow(), incident.Id, run);
    }

    public static ReceiptDraft Ended(string request, string? incident, string subject, string outcome, int attempts) =>
        new(ReceiptType.InvestigationEnded, incident ?? Recording.NoIncident, subject, new JsonObject { ["request"] = request, ["outcome"] = outcome, ["attempts"] = attempts });
}
