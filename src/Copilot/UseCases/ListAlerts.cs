using Copilot.Core.Incidents;
using Copilot.Storage;
using MediatR;

namespace Copilot.UseCases;

/// <summary>The alerts of an incident, in the order in which they began.</summary>
internal sealed record ListAlerts(string Incident) : IRequest<IReadOnlyList<ListedAlert>>;

/// <param name="Reports">How often it was reported.</param>
/// <param name="Flaps">How often it fired again after it was resolved.</param>
internal sealed record ListedAlert(InboundAlert Alert, int Reports, int Flaps);

internal sealed class ListAlertsHandler(IncidentBook book, CopilotStore store) : IRequestHandler<ListAlerts, IReadOnlyList<ListedAlert>>
{
    public Task<IReadOnlyList<ListedAlert>> Handle(ListAlerts request, CancellationToken cancellationToken)
    {
        var incident = book.Details(request.Incident).Incident;
        return Task.FromResult<IReadOnlyList<ListedAlert>>(store.Read(db => db.Alerts.Where(a => a.IncidentId == incident.Id).OrderBy(a => a.FirstStart).ThenBy(a => a.Fingerprint).ToList())
            .ConvertAll(a => new ListedAlert(AcceptAlertsHandler.Stored(a), a.Reports, a.Flaps)));
    }
}
