using System.Text.Json;
using System.Text.Json.Serialization;
using Copilot.Core.Incidents;
using Copilot.UseCases;

namespace Copilot.Web;

/// <summary>How the API writes and reads JSON: snake case, nothing that is not known.</summary>
internal static class WebJson
{
    public static void Configure(JsonSerializerOptions options)
    {
        options.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower;
        options.UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow;
        options.AllowDuplicateProperties = false;
        options.DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull;
    }
}

/// <param name="Snapshot">The name of a directory or archive in the folder of snapshots.</param>
/// <param name="Incident">An open incident that it belongs to.</param>
/// <param name="Severity"><c>sev1</c> to <c>sev4</c>.</param>
/// <param name="Environment">As the policy names it.</param>
internal sealed record InvestigationBody(string? Snapshot, string? Incident, string? Severity, string? Environment);

internal sealed record IncidentView(
    string Id, string Name, string Severity, string Environment, DateTimeOffset OpenedAt, DateTimeOffset? ClosedAt, string? Resolution, int Investigations, string? Status, string? Summary, string? Verdict)
{
    public static IncidentView Of(IncidentSummary summary) => Of(summary.Incident, summary.Investigations, summary.Status, summary.Summary, summary.Verdict);

    public static IncidentView Of(IncidentDetails details) =>
        Of(details.Incident, details.Investigations.Count, details.Investigations is [.., var last] ? last.Status : "", details.Investigations is [.., var newest] ? newest.Summary : "", details.Feedback is [.., var said] ? said.Verdict : "");

    private static IncidentView Of(Incident i, int investigations, string status, string summary, string verdict) =>
        new(i.Id, i.Name, i.Severity, i.Environment, i.OpenedAt, i.ClosedAt, i.Resolution, investigations, NullIfEmpty(status), NullIfEmpty(summary), NullIfEmpty(verdict));

    private static string? NullIfEmpty(string text) => text.Length == 0 ? null : text;
}

internal sealed record InvestigationView(
    string Id, string State, string Cause, string RequestedBy, string Snapshot, string? Incident, DateTimeOffset QueuedAt, DateTimeOffset NotBefore, DateTimeOffset Deadline, DateTimeOffset? StartedAt,
    DateTimeOffset? EndedAt, int Attempts, string? Run, string? Status, string? Fault)
{
    public static InvestigationView Of(QueuedInvestigation q) =>
        new(q.Id, q.State, q.Cause, q.By, q.Snapshot, q.Incident, q.QueuedAt, q.NotBefore, q.Deadline, q.StartedAt, q.EndedAt, q.Attempts, q.Run, q.Status, q.Fault);
}

/// <summary>One step of progress.</summary>
/// <param name="BytesRead">While it runs.</param>
internal sealed record ProgressView(string State, long BytesRead, long BytesTotal, InvestigationView? Investigation);

internal sealed record ReceiptView(long Seq, string Id, DateTimeOffset At, string Type, string Stream, string Subject, string Leaf);

internal sealed record AlertView(string Fingerprint, string Name, IReadOnlyDictionary<string, string> Labels, IReadOnlyDictionary<string, string> Annotations, bool Firing, DateTimeOffset StartsAt, DateTimeOffset? EndsAt, int Reports, int Flaps);
