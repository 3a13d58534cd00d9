using Copilot.Core.Analysis;
using Copilot.Core.Evidence;
using Copilot.Core.Incidents;
using MediatR;

namespace Copilot.UseCases;

/// <summary>All incidents on record.</summary>
internal sealed record ListIncidents(bool OpenOnly) : IRequest<IReadOnlyList<IncidentSummary>>;

/// <param name="Status">Of the last investigation; empty when none was finished.</param>
/// <param name="Verdict">The last feedback; empty when there is none.</param>
internal sealed record IncidentSummary(Incident Incident, int Investigations, string Status, string Summary, string Verdict);

internal sealed class ListIncidentsHandler(IncidentBook book) : IRequestHandler<ListIncidents, IReadOnlyList<IncidentSummary>>
{
    public Task<IReadOnlyList<IncidentSummary>> Handle(ListIncidents request, CancellationToken cancellationToken) => Task.FromResult(book.List(request.OpenOnly));
}

/// <summary>One incident with its investigations and what was said of them.</summary>
internal sealed record ShowIncident(string Id) : IRequest<IncidentDetails>;

internal sealed record IncidentDetails(Incident Incident, IReadOnlyList<FinishedInvestigation> Investigations, IReadOnlyList<Feedback> Feedback);

internal sealed class ShowIncidentHandler(IncidentBook book) : IRequestHandler<ShowIncident, IncidentDetails>
{
    public Task<IncidentDetails> Handle(ShowIncident request, CancellationToken cancellationToken) => Task.FromResult(book.Details(request.Id));
}

/// <summary>What a person found the cause to be, beside what the copilot said.</summary>
/// <param name="Verdict"><c>right</c> or <c>wrong</c>.</param>
/// <param name="TrueCauses">What it really was: <c>namespace/Kind/name</c>, with <c>:mechanism</c> where it is known.</param>
internal sealed record GiveFeedback(string Id, string Verdict, IReadOnlyList<string> TrueCauses, string? Note) : IRequest<Incident>
{
    /// <summary>For the log file, which keeps what was asked for longer than anybody can have the note removed.</summary>
    public override string ToString() => $"{Id}: {Verdict}";
}

internal sealed class GiveFeedbackHandler(IncidentBook book) : IRequestHandler<GiveFeedback, Incident>
{
    public Task<Incident> Handle(GiveFeedback request, CancellationToken cancellationToken) =>
        Task.FromResult(book.Say(request.Id, request.Verdict, [.. request.TrueCauses.Select(c => GiveFeedbackCheck.Parse(c)!.Value)], string.IsNullOrWhiteSpace(request.Note) ? null : request.Note));
}

internal sealed class GiveFeedbackCheck : IRequestCheck<GiveFeedback>
{
    private const int LongestNote = 4000;

    public static readonly IReadOnlyList<string> Mechanisms = [.. Enum.GetValues<Mechanism>().Select(m => m.WireName())];

    public string? Fault(GiveFeedback request)
    {
        if (request.TrueCauses.FirstOrDefault(c => Parse(c) is null) is { } wrong) return $"{wrong} is no cause. Write namespace/Kind/name, such as shop/ConfigMap/pricing, with :mechanism where it is known; cluster/Kind/name without a namespace.";
        if (request.TrueCauses.Select(c => Parse(c)!.Value.Mechanism).FirstOrDefault(m => m is not null && !Mechanisms.Contains(m)) is { } mechanism) return $"{mechanism} is no mechanism. Did you mean {Configuration.Words.Nearest(mechanism, Mechanisms)}?";
        if (request is { Verdict: "right", TrueCauses.Count: > 0 }) return "The causes are named when the diagnosis was wrong. Leave --cause out, or say wrong.";
        return request.Note is { Length: > LongestNote } ? $"The note has {request.Note.Length} characters, and {LongestNote} fit." : null;
    }

    public static (EntityRef Entity, string? Mechanism)? Parse(string text)
    {
        var colon = text.LastIndexOf(':');
        // Names of objects may hold colons (system:node): only what looks like a mechanism is one.
        var hasMechanism = colon > 0 && text[(colon + 1)..] is { Length: > 0 } tail && tail.All(c => char.IsAsciiLetterLower(c) || c == '-');
        return EntityRef.TryParse(hasMechanism ? text[..colon] : text, out var entity) && PlainText.Clean(text) == text ? (entity, hasMechanism ? text[(colon + 1)..] : null) : null;
    }
}

/// <summary>Closes an incident.</summary>
internal sealed record CloseIncident(string Id, string Resolution) : IRequest<Incident>;

internal sealed class CloseIncidentHandler(IncidentBook book) : IRequestHandler<CloseIncident, Incident>
{
    public Task<Incident> Handle(CloseIncident request, CancellationToken cancellationToken) => Task.FromResult(book.Close(request.Id, request.Resolution));
}
