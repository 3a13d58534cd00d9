using System.Text.Json.Nodes;
using Copilot.Core.Approvals;
using Copilot.Core.Evidence;
using Copilot.UseCases;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Copilot.Web;

/// <summary>What somebody does to a request. Whoever is not known by a token alone signs the ballot.</summary>
/// <param name="Person">Who signed; with key and signature.</param>
/// <param name="Key">The id of the key, eight hex digits.</param>
/// <param name="Signature">Ed25519 over the ballot, base64.</param>
/// <param name="Presented">The digest of the text that was shown: to approve, and to break the glass.</param>
internal sealed record DeedBody(string? Person, string? Key, string? Signature, string? Reason, string? Presented);

internal sealed record RequestApprovalBody(string? Incident, int? Plan);

/// <summary>The queue of people.</summary>
internal static class ApprovalEndpoints
{
    public static void MapApprovals(this IEndpointRouteBuilder api)
    {
        var approvals = api.MapGroup("/approvals");
        approvals.MapGet("/", async (IMediator mediator, bool? all, CancellationToken cancellation) =>
            new JsonArray([.. (await mediator.Send(new ListApprovals(all != true), cancellation)).Requests.Select(r => (JsonNode)ApprovalJson.ToJson(r))])).For(TokenScope.Read);
        approvals.MapPost("/", async (IMediator mediator, HttpContext context, RequestApprovalBody body, CancellationToken cancellation) =>
        {
            var asked = await mediator.Send(new RequestApproval(body.Incident ?? throw new BadInputException("incident is missing."), body.Plan, context.Caller()), cancellation);
            context.Response.Headers.ETag = Tag(asked.Request);
            return Results.Json(ApprovalJson.ToJson(asked.Request), statusCode: asked.IsNew ? StatusCodes.Status201Created : StatusCodes.Status200OK);
        }).For(TokenScope.Full);
        approvals.MapGet("/{id}", async (IMediator mediator, HttpContext context, string id, CancellationToken cancellation) =>
        {
            var shown = await mediator.Send(new ShowApproval(id), cancellation);
            context.Response.Headers.ETag = Tag(shown.Request);
            return ApprovalJson.ToJson(shown.Request);
        }).For(TokenScope.Read);
        approvals.MapGet("/{id}/history", async (IMediator mediator, string id, CancellationToken cancellation) =>
            (await mediator.Send(new TellApproval(id), cancellation)).Select(l => new { l.Seq, l.At, l.Who, l.Says })).For(TokenScope.Read);
        approvals.MapGet("/{id}/diff", async (IMediator mediator, string id, CancellationToken cancellation) => (await mediator.Send(new CompareApproval(id), cancellation)).Now switch
        {
            WorldCheck.Differs differs => new WorldView("differs", differs.Differences),
            WorldCheck.NotSeen unseen => new("not_seen", [unseen.Why]),
            _ => new WorldView("same", []),
        }).For(TokenScope.Read);
        // What a person signs to do something: fetched, signed and sent back as it is.
        approvals.MapGet("/{id}/ballot", async (IMediator mediator, string id, string person, string deed, string? reason, CancellationToken cancellation) =>
            Results.Bytes(await mediator.Send(new WriteBallot(id, person, deed, reason ?? ""), cancellation), "application/octet-stream")).For(TokenScope.Read);
        approvals.MapPost("/{id}/{deed}", async (IMediator mediator, HttpContext context, string id, string deed, DeedBody body, CancellationToken cancellation) =>
            await Answer(context, await mediator.Send(Wanted(context, id, deed, body), cancellation))).For(TokenScope.Full);
        approvals.MapPost("/{id}/verify", async (IMediator mediator, HttpContext context, string id, CancellationToken cancellation) =>
            await Answer(context, await mediator.Send(new VerifyApproval(id), cancellation))).For(TokenScope.Full);
    }

    private static IRequest<ApprovalResult> Wanted(HttpContext context, string id, string deed, DeedBody body)
    {
        var (by, reason, version) = (Who(context, body), body.Reason ?? "", Version(context));
        return deed switch
        {
            Deeds.Approve => new VoteOnApproval(id, true, reason, body.Presented, by, version),
            Deeds.Reject => new VoteOnApproval(id, false, reason, body.Presented, by, version),
            Deeds.Cancel => new CancelApproval(id, reason, by, version),
            Deeds.Revoke => new RevokeApproval(id, reason, by, version),
            Deeds.BreakGlass => new BreakGlass(id, reason, body.Presented, by, version),
            Deeds.Justify or Deeds.FindUnjustified => new ReviewBrokenGlass(id, deed == Deeds.Justify, reason, by),
            Deeds.Take or Deeds.TakeBack => new TakeApproval(id, deed == Deeds.TakeBack, by, version),
            Deeds.ReportDone or Deeds.ReportNotDone or Deeds.ReportWorked or Deeds.ReportFailed => new ReportApproval(id, deed, reason, by),
            _ => throw new BadInputException($"There is nothing to do that is called {PlainText.Clean(deed)}. docs/http-api.md lists what there is.", Refusal.Missing),
        };
    }

    private static Identification Who(HttpContext context, DeedBody body) => (body.Person, body.Key, body.Signature) switch
    {
        ({ } person, { } key, { } signature) => new Identification.Brought(context.Caller(), person, key, signature),
        (null, null, null) => new Identification.ByToken(context.Caller()),
        _ => throw new BadInputException("person, key and signature go together: leave all three out, or send them all."),
    };

    /// <summary>The version that the caller saw, when it says so (RFC 9110, 13.1.1).</summary>
    private static int? Version(HttpContext context) => context.Request.Headers.IfMatch.ToString() is { Length: > 0 } tag
        ? int.TryParse(tag.Trim('"'), out var version) ? version : throw new BadInputException("If-Match takes the ETag of the request as it was seen, such as \"3\".")
        : null;

    private static string Tag(ApprovalRequest request) => $"\"{request.Version}\"";

    internal static async Task<IResult> Answer(HttpContext context, ApprovalResult result)
    {
        switch (result)
        {
            case ApprovalResult.Refused refused:
                await Problems.Write(context, Status(refused.Code), "Refused.", refused.Why);
                return Results.Empty;
            case ApprovalResult.Same same:
                context.Response.Headers.ETag = Tag(same.Request);
                return Results.Json(ApprovalJson.ToJson(same.Request));
            default:
                var moved = (ApprovalResult.Moved)result;
                context.Response.Headers.ETag = Tag(moved.Request);
                return Results.Json(ApprovalJson.ToJson(moved.Request));
        }
    }

    private static int Status(RefusalCode code) => code switch
    {
        RefusalCode.StaleVersion => StatusCodes.Status412PreconditionFailed,
        RefusalCode.WrongState or RefusalCode.OtherPresentation => StatusCodes.Status409Conflict,
        RefusalCode.NoReason => StatusCodes.Status400BadRequest,
        RefusalCode.NotSeen => StatusCodes.Status503ServiceUnavailable,
        _ => StatusCodes.Status403Forbidden,
    };
}

/// <param name="World"><c>same</c>, <c>differs</c> or <c>not_seen</c>.</param>
internal sealed record WorldView(string World, IReadOnlyList<string> Says);
