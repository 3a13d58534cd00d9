using System.Globalization;
using System.Text.Json;
using Copilot.Core.Evidence;
using Copilot.Core.Receipts;
using Copilot.Storage;
using MediatR;
using Microsoft.EntityFrameworkCore;

namespace Copilot.UseCases;

/// <summary>Tells what the receipts of one incident say, in words.</summary>
internal sealed record TellStory(string Incident) : IRequest<Story>;

/// <param name="Title">The incident.</param>
/// <param name="Lines">One for each receipt, in the order of the log; runs are told apart by a title of their own.</param>
internal sealed record Story(string Title, IReadOnlyList<StoryLine> Lines);

/// <param name="Run">The investigation it belongs to; null when to none.</param>
internal sealed record StoryLine(long Seq, DateTimeOffset At, string? Run, string Who, string Says);

internal sealed class TellStoryHandler(CopilotStore store, IncidentBook incidents) : IRequestHandler<TellStory, Story>
{
    public Task<Story> Handle(TellStory request, CancellationToken cancellationToken)
    {
        var id = incidents.IdOf(request.Incident);
        return Task.FromResult(store.Read(db => new Story(
            $"Incident {id}, {db.Incidents.Where(i => i.Id == id).Select(i => i.Name).Single()}",
            [.. db.Receipts.AsNoTracking().Where(r => r.Stream == id).OrderBy(r => r.Seq).AsEnumerable().Select(Line)])));
    }

    public static string? SubjectOf(ReceiptRow row)
    {
        using var json = JsonDocument.Parse(row.Bytes);
        return json.RootElement.GetProperty("subject").GetString();
    }

    public static StoryLine Line(ReceiptRow row)
    {
        try
        {
            using var json = JsonDocument.Parse(row.Bytes);
            var receipt = json.RootElement;
            var (actor, other) = (Text(receipt.GetProperty("actor"), "id"), receipt.TryGetProperty("on_behalf_of", out var behalf) ? Text(behalf, "id") : "");
            var run = receipt.GetProperty("corr").TryGetProperty("run", out var named) ? named.GetString() : null;
            return new(row.Seq, row.At, run, other.Length > 0 && other != actor ? $"{actor} for {other}" : actor, Sentence(ReceiptTypes.Find(row.Type), receipt));
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return new(row.Seq, row.At, null, "?", "(damaged: see copilot receipts verify)");
        }
    }

    private static string Sentence(ReceiptType? type, JsonElement receipt)
    {
        var (body, subject) = (receipt.GetProperty("body"), Text(receipt, "subject"));
        return type switch
        {
            ReceiptType.IncidentOpened => $"opened the incident {Text(body, "name")}; severity {Text(body, "severity")}, environment {Text(body, "environment")}",
            ReceiptType.ToolIntent => $"is about to call {Text(body, "tool")} on {Text(body, "source")}{Counts(body)}{Refused(receipt)}",
            ReceiptType.ToolResult => $"{Text(body, "tool")} on {Text(body, "source")} came back {Text(body, "outcome")}{Counts(body)}",
            ReceiptType.ClaimMade => Claim(body),
            ReceiptType.PlanProposed => $"proposed by runbook {Text(body, "runbook")}: {string.Join("; ", body.GetProperty("steps").EnumerateArray().Select(s => $"{Text(s, "kind")} {Text(s, "target")}"))}",
            ReceiptType.PolicyDecided => $"policy on step {body.GetProperty("step").GetInt64() + 1} for {subject}: {Text(body, "effect").Replace('_', ' ')}{Rules(receipt)}",
            ReceiptType.ReportIssued => $"handed out {Text(body, "schema")}, {body.GetProperty("bytes").GetInt64()} bytes, {Text(body, "digest")}",
            ReceiptType.IncidentFeedback => $"said that the diagnosis was {Text(body, "verdict")}{Causes(body)}{(body.TryGetProperty("note_length", out _) ? ", with a note" : "")}",
            ReceiptType.IncidentClosed => $"closed the incident as {Text(body, "resolution")}",
            ReceiptType.AlertsReceived => $"delivered alerts from {Text(body, "source")}: {body.GetProperty("new")} new, {body.GetProperty("again")} again, {body.GetProperty("resolved")} resolved",
            ReceiptType.InvestigationRequested => $"asked for an investigation ({Text(body, "cause")})",
            ReceiptType.InvestigationEnded => $"the investigation ended: {Text(body, "outcome")} after {body.GetProperty("attempts")} attempts",
            ReceiptType.OpeningRemoved => $"removed the value at {Text(body, "pointer")} of receipt {Text(body, "receipt")}: {Text(body, "reason")}",
            ReceiptType.HoldPlaced => $"placed a hold: {Text(body, "reason")}",
            ReceiptType.HoldReleased => $"released the hold: {Text(body, "reason")}",
            ReceiptType.ApprovalRequested => $"asked for approval of plan {Text(body.GetProperty("ask"), "plan_digest")}: {State(body)}, {Text(body, "because")}",
            ReceiptType.ApprovalVoted => $"{(body.GetProperty("vote").GetProperty("approves").GetBoolean() ? "approved" : "rejected")} it: {State(body)}, {Text(body, "because")}",
            ReceiptType.ApprovalWithdrawn or ReceiptType.ApprovalEnded or ReceiptType.ApprovalReported or ReceiptType.ApprovalObserved => $"{State(body)}: {Text(body, "because")}",
            ReceiptType.ApprovalGranted => $"grant {Text(body.GetProperty("grant"), "id")} by {Text(body.GetProperty("grant"), "by")} until {Text(body.GetProperty("grant"), "not_after")}",
            ReceiptType.ApprovalGlassBroken => $"broke the glass: grant {Text(body.GetProperty("grant"), "id")} until {Text(body.GetProperty("grant"), "not_after")}, to be reviewed by {Text(body, "review_by")}",
            ReceiptType.ApprovalTaken => body.TryGetProperty("grant", out _) ? $"took it over, which consumed grant {Text(body, "grant")}" : "took the way back over",
            ReceiptType.ApprovalClaimed => Text(body, "to") switch
            {
                "executing" => $"took it over, which consumed grant {Text(body, "grant")}",
                "reconciling" => "looks how far it came",
                _ => "took the way back over",
            },
            ReceiptType.ApprovalStepped or ReceiptType.ApprovalInterrupted or ReceiptType.ApprovalReconciled => $"{State(body)}: {Text(body, "because")}",
            ReceiptType.ExecutorAdmitted => $"executor {Text(body, "executor")} was admitted",
            ReceiptType.ExecutorDismissed => $"dismissed executor {Text(body, "executor")}",
            ReceiptType.ExecutorsStopped => $"stopped all executors: {Text(body, "reason")}",
            ReceiptType.ExecutorsResumed => $"let executors go on: {Text(body, "reason")}",
            ReceiptType.PolicyActivated => $"put policy {Text(body, "name")} version {body.GetProperty("version").GetInt64()} in force, {Text(body, "digest")}",
            ReceiptType.ApprovalReviewed => body.TryGetProperty("person", out _) ? $"judged the broken glass: {(body.GetProperty("justified").GetBoolean() ? "justified" : "not justified")}" : "nobody judged the broken glass in time",
            ReceiptType.ApprovalRefused => $"tried to {Text(body, "wanted")} it and was refused: {Text(body, "why")}",
            ReceiptType.IdentityEnrolled => $"enrolled a key of {Text(body, "person")}",
            ReceiptType.IdentityLinked => $"linked {Text(body, "identity")} to {Text(body, "person")}{(body.TryGetProperty("key", out _) ? ", proven by a key" : "")}",
            _ => $"{Text(receipt, "type")}: {subject}",
        };
    }

    private static string State(JsonElement body) => Text(body, "to").Replace('_', ' ');

    private static string Claim(JsonElement body)
    {
        var factors = body.GetProperty("factors").EnumerateArray().Select(f => $"{Text(f, "name")} ({Text(f, "code")} {Text(f, "mechanism")}, {Text(f, "confidence")}, {f.GetProperty("evidence").GetArrayLength()} records)").ToList();
        var removed = body.GetProperty("removed").GetInt64();
        return $"concluded {Text(body, "status").Replace('_', ' ')}{(factors.Count > 0 ? $": {string.Join("; ", factors)}" : "")}; {body.GetProperty("statements")} statements hold{(removed > 0 ? $", {removed} were removed because their evidence did not" : "")}";
    }

    /// <summary>Only what policy does not let through is worth a word.</summary>
    private static string Refused(JsonElement receipt) =>
        receipt.TryGetProperty("policy", out var policy) && policy.ValueKind == JsonValueKind.Object && Text(policy, "decision") is not "allow" and var decision ? $", which policy does not allow: {decision.Replace('_', ' ')}{Rules(receipt)}" : "";

    private static string Rules(JsonElement receipt) => receipt.TryGetProperty("policy", out var policy) && policy.GetProperty("rules") is var rules && rules.GetArrayLength() > 0
        ? $", by {string.Join(", ", rules.EnumerateArray().Select(r => r.GetString()))}" : "";

    private static string Causes(JsonElement body) => body.GetProperty("true_causes") is var causes && causes.GetArrayLength() > 0 ? $"; it was {string.Join(", ", causes.EnumerateArray().Select(c => Text(c, "name")))}" : "";

    private static string Counts(JsonElement body)
    {
        var counts = new[] { "files", "bytes", "records", "gaps" }.Where(n => body.TryGetProperty(n, out _)).Select(n => string.Create(CultureInfo.InvariantCulture, $"{body.GetProperty(n).GetInt64()} {n}")).ToList();
        return counts.Count > 0 ? $" ({string.Join(", ", counts)})" : "";
    }

    private static string Text(JsonElement map, string member) => PlainText.Clean(map.GetProperty(member).GetString() ?? "");
}
