using Copilot.Configuration;
using Copilot.Core.Evidence;
using Copilot.Core.Summaries;
using MediatR;

namespace Copilot.UseCases;

/// <summary>Sums up the logs by template.</summary>
/// <param name="Service">Only this one, with all its templates; null for all services.</param>
internal sealed record SummarizeLogs(SummarySource Source, string? Service) : IRequest<SummaryOutcome<LogSummary>>;

internal sealed class SummarizeLogsHandler(Summarizer summarizer) : IRequestHandler<SummarizeLogs, SummaryOutcome<LogSummary>>
{
    public Task<SummaryOutcome<LogSummary>> Handle(SummarizeLogs request, CancellationToken cancellationToken) => Task.FromResult(summarizer.OfSignals(
        request.Source, LogSummary.SchemaId, (work, citing) =>
        {
            var signals = work.Investigation.Signals.Signals;
            if (request.Service is { } service) Names.Require(service, LogComposer.Services(signals), "Nothing is logged by a service", "No logs are recorded, so there is no service to choose. Leave --service out.");
            return LogComposer.Compose(signals, work.Investigation.Analysis, work.Investigation.Diagnosis, request.Service, citing);
        }, SummaryJson.Write, cancellationToken));
}

internal sealed class SummarizeLogsCheck : IRequestCheck<SummarizeLogs>
{
    public string? Fault(SummarizeLogs request) => SummarySourceCheck.Fault(request.Source);
}

/// <summary>Says what alerts mean.</summary>
/// <param name="Alert">Those of this name, with what is near them; null for all in short.</param>
internal sealed record EnrichAlerts(SummarySource Source, string? Alert) : IRequest<SummaryOutcome<AlertEnrichment>>;

internal sealed class EnrichAlertsHandler(Summarizer summarizer, RunbookSource runbooks) : IRequestHandler<EnrichAlerts, SummaryOutcome<AlertEnrichment>>
{
    public Task<SummaryOutcome<AlertEnrichment>> Handle(EnrichAlerts request, CancellationToken cancellationToken)
    {
        var books = runbooks.Load();
        return Task.FromResult(summarizer.OfSignals(
            request.Source, AlertEnrichment.SchemaId, (work, citing) =>
            {
                var signals = work.Investigation.Signals.Signals;
                if (request.Alert is { } alert) Names.Require(alert, EnrichmentComposer.Names(signals), "There is no alert", "No alert is recorded, so there is none to choose. Leave --alert out.");
                return EnrichmentComposer.Compose(signals, work.Investigation.Analysis, work.Investigation.Diagnosis, books, request.Source.Named, request.Alert, citing);
            }, SummaryJson.Write, cancellationToken));
    }
}

internal sealed class EnrichAlertsCheck : IRequestCheck<EnrichAlerts>
{
    public string? Fault(EnrichAlerts request) => SummarySourceCheck.Fault(request.Source);
}

/// <summary>Writes what somebody needs who takes over.</summary>
internal sealed record WriteHandoff(SummarySource Source) : IRequest<SummaryOutcome<Handoff>>;

internal sealed class WriteHandoffHandler(Summarizer summarizer) : IRequestHandler<WriteHandoff, SummaryOutcome<Handoff>>
{
    public Task<SummaryOutcome<Handoff>> Handle(WriteHandoff request, CancellationToken cancellationToken) =>
        Task.FromResult(summarizer.OfDiagnosis(request.Source, Handoff.SchemaId, HandoffComposer.Compose, SummaryJson.Write, cancellationToken));
}

internal sealed class WriteHandoffCheck : IRequestCheck<WriteHandoff>
{
    public string? Fault(WriteHandoff request) => SummarySourceCheck.Fault(request.Source);
}

/// <summary>Drafts a change request for each proposed action.</summary>
internal sealed record DraftChangeRequests(SummarySource Source) : IRequest<SummaryOutcome<ChangeRequests>>;

internal sealed class DraftChangeRequestsHandler(Summarizer summarizer) : IRequestHandler<DraftChangeRequests, SummaryOutcome<ChangeRequests>>
{
    public Task<SummaryOutcome<ChangeRequests>> Handle(DraftChangeRequests request, CancellationToken cancellationToken) =>
        Task.FromResult(summarizer.OfDiagnosis(request.Source, ChangeRequests.SchemaId, (diagnosis, incident, _) => ChangeRequestComposer.Compose(diagnosis, incident), SummaryJson.Write, cancellationToken));
}

internal sealed class DraftChangeRequestsCheck : IRequestCheck<DraftChangeRequests>
{
    public string? Fault(DraftChangeRequests request) => SummarySourceCheck.Fault(request.Source);
}

/// <summary>Names out of evidence that a person chooses from.</summary>
internal static class Names
{
    private const int Most = 20;

    /// <exception cref="BadInputException">There is no such name; it lists those that there are.</exception>
    public static void Require(string name, IReadOnlyList<string> known, string none, string nothing)
    {
        if (known.Contains(name)) return;
        if (known.Count == 0) throw new BadInputException(nothing);
        throw new BadInputException(
            $"{none} {PlainText.Clean(name)}. Did you mean {PlainText.Clean(Words.Nearest(name, known))}? Known are {PlainText.Clean(string.Join(", ", known.Take(Most)))}{(known.Count > Most ? $" and {known.Count - Most} more" : "")}.");
    }
}
