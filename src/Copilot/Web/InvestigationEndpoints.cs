using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using Copilot.UseCases;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Copilot.Web;

/// <summary>Asking for investigations and watching them.</summary>
internal static class InvestigationEndpoints
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    public static void MapInvestigations(this IEndpointRouteBuilder api)
    {
        var investigations = api.MapGroup("/investigations");
        investigations.MapPost("/", async (IMediator mediator, HttpContext context, InvestigationBody body, CancellationToken cancellation) =>
        {
            var keys = context.Request.Headers["Idempotency-Key"];
            var request = new RequestInvestigation(context.Caller(), keys.Count == 0 ? null : keys.ToString(), body.Snapshot ?? "", new(body.Incident, body.Severity, body.Environment));
            var accepted = await mediator.Send(request, cancellation);
            return Results.Accepted($"/api/v1/investigations/{accepted.Request.Id}", InvestigationView.Of(accepted.Request));
        }).For(TokenScope.Full);
        investigations.MapGet("/", async (IMediator mediator, string? state, int? last, CancellationToken cancellation) =>
            (await mediator.Send(new ListRequests(state, last ?? 100), cancellation)).Select(InvestigationView.Of)).For(TokenScope.Read);
        investigations.MapGet("/{id}", async (IMediator mediator, string id, CancellationToken cancellation) => InvestigationView.Of((await Find(mediator, id, cancellation)).Request)).For(TokenScope.Read);
        investigations.MapGet("/{id}/events", async (IMediator mediator, StreamLimit limit, TimeProvider time, string id, CancellationToken cancellation) =>
        {
            await Find(mediator, id, cancellation);
            return limit.TryEnter() is { } place
                ? TypedResults.ServerSentEvents(Events(mediator, time, id, place, cancellation))
                : throw new NoRoomException($"{limit.Most} follow investigations already, and no more may. Ask for the investigation now and then instead, or follow it later.");
        }).For(TokenScope.Read);
    }

    private static async Task<RequestProgress> Find(IMediator mediator, string id, CancellationToken cancellation) =>
        await mediator.Send(new ShowRequest(id), cancellation) ?? throw new BadInputException($"There is no investigation {id}. GET /api/v1/investigations lists them.", Refusal.Missing);

    /// <summary>Whatever changes, until it has ended. Each event says all: whoever lost the connection misses nothing by asking again.</summary>
    private static async IAsyncEnumerable<SseItem<ProgressView>> Events(IMediator mediator, TimeProvider time, string id, IDisposable place, [EnumeratorCancellation] CancellationToken cancellation)
    {
        using var held = place;
        using var timer = new PeriodicTimer(Pause, time);
        ProgressView? last = null;
        do
        {
            var now = await Find(mediator, id, cancellation);
            var view = new ProgressView(now.Request.State, now.Read, now.Total, now.Request.HasEnded ? InvestigationView.Of(now.Request) : null);
            if (view == last) continue;
            last = view;
            yield return new(view, now.Request.HasEnded ? "ended" : "progress");
            if (now.Request.HasEnded) yield break;
        }
        while (await timer.WaitForNextTickAsync(cancellation));
    }
}

/// <summary>How many may watch at a time: each costs a connection.</summary>
internal sealed class StreamLimit(Configuration.ServeOptions options)
{
    private int _taken;

    public int Most => options.MaxStreams;

    /// <summary>A place, to be disposed of; null when all are taken.</summary>
    public IDisposable? TryEnter()
    {
        if (Interlocked.Increment(ref _taken) <= Most) return new Place(this);
        Interlocked.Decrement(ref _taken);
        return null;
    }

    private sealed class Place(StreamLimit limit) : IDisposable
    {
        private int _left;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _left, 1) == 0) Interlocked.Decrement(ref limit._taken);
        }
    }
}
