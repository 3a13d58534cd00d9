using Copilot.UseCases;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Copilot.Web;

/// <summary>Where other systems send their alerts. What is answered with 202 is durable.</summary>
internal static class AlertEndpoints
{
    public static void MapAlerts(this IEndpointRouteBuilder api) => api.MapPost("/alerts/{source}", async (IMediator mediator, HttpContext context, string source, CancellationToken cancellation) =>
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, cancellation);
        var accepted = await mediator.Send(new AcceptAlerts(source, context.Caller(), body.GetBuffer().AsMemory(0, (int)body.Length)), cancellation);
        return Results.Json(accepted, statusCode: StatusCodes.Status202Accepted);
    }).For(TokenScope.Alerts);
}
