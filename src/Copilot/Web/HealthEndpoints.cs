using Copilot.UseCases;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Copilot.Web;

/// <summary>Whether the process lives, and whether it can work. They tell nothing to whom it does not concern, so they need no token.</summary>
internal static class HealthEndpoints
{
    public static void MapHealth(this IEndpointRouteBuilder app)
    {
        app.MapGet("/healthz", () => Results.Text("ok")).AllowAnonymous();
        app.MapGet("/readyz", async (IMediator mediator, CancellationToken cancellation) =>
        {
            var faults = await mediator.Send(new CheckReadiness(), cancellation);
            return Results.Text(faults.Count == 0 ? "ok" : string.Join('\n', faults), statusCode: faults.Count == 0 ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
        }).AllowAnonymous();
    }
}
