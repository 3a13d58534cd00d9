using Copilot.UseCases;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Copilot.Web;

/// <summary>Incidents, diagnoses and receipts, to read.</summary>
internal static class IncidentEndpoints
{
    private const int MostReceipts = 1000;

    public static void MapIncidents(this IEndpointRouteBuilder api)
    {
        var incidents = api.MapGroup("/incidents").For(TokenScope.Read);
        incidents.MapGet("/", async (IMediator mediator, bool? open, CancellationToken cancellation) =>
            (await mediator.Send(new ListIncidents(open ?? false), cancellation)).Select(IncidentView.Of));
        incidents.MapGet("/{id}", async (IMediator mediator, string id, CancellationToken cancellation) => IncidentView.Of(await mediator.Send(new ShowIncident(id), cancellation)));
        incidents.MapGet("/{id}/alerts", async (IMediator mediator, string id, CancellationToken cancellation) =>
            (await mediator.Send(new ListAlerts(id), cancellation)).Select(a => new AlertView(a.Alert.Fingerprint, a.Alert.Name, a.Alert.Labels, a.Alert.Annotations, a.Alert.Firing, a.Alert.StartsAt, a.Alert.EndsAt, a.Reports, a.Flaps)));
        // The bytes that the receipt holds the digest of.
        incidents.MapGet("/{id}/diagnosis", async (IMediator mediator, string id, CancellationToken cancellation) =>
            await mediator.Send(new ShowIncident(id), cancellation) is { Investigations: [.., var last] }
                ? Results.Text(last.Diagnosis, "application/json")
                : throw new BadInputException($"No investigation of incident {id} was finished.", Refusal.Missing));
    }

    public static void MapReceipts(this IEndpointRouteBuilder api)
    {
        var receipts = api.MapGroup("/receipts").For(TokenScope.Read);
        receipts.MapGet("/", async (IMediator mediator, string? incident, string? type, int? last, CancellationToken cancellation) =>
            last is > MostReceipts
                ? throw new BadInputException($"last takes a number from 1 to {MostReceipts}.")
                : (await mediator.Send(new ListReceipts(incident, type, last ?? 100), cancellation)).Select(r => new ReceiptView(r.Seq, r.Id, r.At, r.Type, r.Stream, r.Subject, r.Leaf)));
        receipts.MapGet("/{id}", async (IMediator mediator, string id, CancellationToken cancellation) => Results.Bytes((await mediator.Send(new ShowReceipt(id), cancellation)).Bytes, "application/json"));
    }
}
