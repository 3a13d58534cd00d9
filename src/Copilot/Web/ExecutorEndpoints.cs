using System.Security.Claims;
using System.Text.Json.Nodes;
using Copilot.Core.Approvals;
using Copilot.UseCases;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Copilot.Web;

/// <summary>What executors ask and say. They come to the host: nothing goes out to them.</summary>
internal static class ExecutorEndpoints
{
    private const string NamePrefix = "executor:";
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(500);

    public static void MapExecutors(this IEndpointRouteBuilder api)
    {
        var people = api.MapGroup("/executors");
        people.MapGet("/", async (IMediator mediator, CancellationToken cancellation) => ExecutorsView.Of(await mediator.Send(new ListExecutors(), cancellation))).For(TokenScope.Read);
        people.MapPost("/stop", async (IMediator mediator, HttpContext context, ReasonBody body, CancellationToken cancellation) =>
            new JsonArray([.. (await mediator.Send(new StopExecutors(body.Reason ?? throw new BadInputException("reason is missing."), context.Caller()), cancellation)).Select(r => (JsonNode)ApprovalJson.ToJson(r))])).For(TokenScope.Full);
        people.MapPost("/resume", async (IMediator mediator, HttpContext context, ReasonBody body, CancellationToken cancellation) =>
        {
            await mediator.Send(new ResumeExecutors(body.Reason ?? throw new BadInputException("reason is missing."), context.Caller()), cancellation);
            return Results.NoContent();
        }).For(TokenScope.Full);

        var own = api.MapGroup("/executor");
        // Its code is what it has before it has a token.
        own.MapPost("/register", async (IMediator mediator, RegistrationBody body, CancellationToken cancellation) =>
            await mediator.Send(new RegisterExecutor(Need(body.Name, "name"), Need(body.Code, "code"), Need(body.Key, "key")), cancellation)).AllowAnonymous();
        own.MapPost("/work", async (IMediator mediator, HttpContext context, AttemptBody body, CancellationToken cancellation) => Answer(await Next(mediator, context, body, cancellation))).For(TokenScope.Executor);
        own.MapPost("/dry-runs/{id}", async (IMediator mediator, HttpContext context, string id, JsonObject answer, CancellationToken cancellation) =>
        {
            await mediator.Send(new AnswerDryRun(Name(context), id, answer), cancellation);
            return Results.NoContent();
        }).For(TokenScope.Executor);
        own.MapGet("/requests/{id}/go-on", async (IMediator mediator, HttpContext context, string id, int fence, CancellationToken cancellation) =>
            new { GoOn = await mediator.Send(new AskToGoOn(Name(context), id, fence), cancellation) }).For(TokenScope.Executor);
        own.MapPost("/requests/{id}/steps", async (IMediator mediator, HttpContext context, string id, ReportsBody body, CancellationToken cancellation) =>
            await ApprovalEndpoints.Answer(context, await mediator.Send(new ReportSteps(Name(context), id, body.Fence, body.Found, body.Reports ?? [], body.Says ?? []), cancellation))).For(TokenScope.Executor);
    }

    /// <summary>Waits a while for something to do, so that it is begun at once and few have to ask.</summary>
    private static async Task<ExecutorWork> Next(IMediator mediator, HttpContext context, AttemptBody body, CancellationToken cancellation)
    {
        for (var until = DateTimeOffset.UtcNow + LongestWait; ; await Task.Delay(Pace, cancellation))
        {
            var work = await mediator.Send(new NextWork(Name(context), Need(body.Attempt, "attempt")), cancellation);
            if (work is not ExecutorWork.Nothing || DateTimeOffset.UtcNow >= until) return work;
        }
    }

    private static IResult Answer(ExecutorWork work) => work switch
    {
        ExecutorWork.Try { Id: var id, Asked: var asked } => Results.Json(new JsonObject { ["dry_run"] = new JsonObject { ["id"] = id, ["plan"] = asked["plan"]!.DeepClone(), ["commands"] = asked["commands"]!.DeepClone() } }),
        ExecutorWork.Do { Request: var request } => Results.Json(new JsonObject { ["request"] = ApprovalJson.ToJson(request) }),
        _ => Results.NoContent(),
    };

    private static string Name(HttpContext context) => context.User.FindFirstValue(ClaimTypes.Name)![NamePrefix.Length..];

    private static string Need(string? text, string member) => text is { Length: > 0 and <= 1000 } ? text : throw new BadInputException($"{member} is missing, or too long.");
}

internal sealed record ReasonBody(string? Reason);

internal sealed record RegistrationBody(string? Name, string? Code, string? Key);

internal sealed record AttemptBody(string? Attempt);

/// <param name="Found">Whether it says which steps took effect, after an interruption.</param>
internal sealed record ReportsBody(int Fence, bool Found, IReadOnlyList<StepReport>? Reports, IReadOnlyList<string>? Says);

internal sealed record ExecutorView(string Name, string State, DateTimeOffset? SeenAt, string? Key);

/// <param name="StoppedBy">Who stopped all of them; null while they may work.</param>
internal sealed record ExecutorsView(IReadOnlyList<ExecutorView> Executors, string? StoppedBy, string? Reason)
{
    public static ExecutorsView Of(ExecutorList list) => new([.. list.Executors.Select(e => new ExecutorView(e.Name, e.State, e.SeenAt, e.Key))], list.Stopped?.By, list.Stopped?.Reason);
}
