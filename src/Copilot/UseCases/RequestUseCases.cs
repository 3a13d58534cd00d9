using Copilot.Configuration;
using Copilot.Core.Receipts;
using MediatR;

namespace Copilot.UseCases;

/// <summary>Asks for an investigation. It is carried out by whoever runs the queue.</summary>
/// <param name="By">Who asks.</param>
/// <param name="Key">The caller's name for the request: with it, asking again asks for nothing new.</param>
/// <param name="Snapshot">The name of a directory or archive in the folder of snapshots.</param>
internal sealed record RequestInvestigation(ReceiptActor By, string? Key, string Snapshot, IncidentScope Scope) : IRequest<AcceptedRequest>
{
    public override string ToString() => $"{Snapshot} by {By.Id}";
}

/// <param name="IsNew">False when it had been asked for before.</param>
internal sealed record AcceptedRequest(QueuedInvestigation Request, bool IsNew);

internal sealed class RequestInvestigationHandler(InvestigationQueue queue, SharedSnapshots snapshots, RulesSource rules, IncidentBook incidents) : IRequestHandler<RequestInvestigation, AcceptedRequest>
{
    public Task<AcceptedRequest> Handle(RequestInvestigation request, CancellationToken cancellationToken)
    {
        // What can be told now is not told by a failure later.
        rules.Load(request.Scope);
        var incident = request.Scope.Incident is { } id ? incidents.RequireOpen(id).Id : null;
        var (accepted, isNew) = queue.Add(new(request.By, request.Key, snapshots.Find(request.Snapshot), request.Scope with { Incident = incident }));
        return Task.FromResult(new AcceptedRequest(accepted, isNew));
    }
}

internal sealed class RequestInvestigationCheck : IRequestCheck<RequestInvestigation>
{
    private const int LongestKey = 200;

    private static readonly string[] Severities = ["sev1", "sev2", "sev3", "sev4"];

    public string? Fault(RequestInvestigation request) =>
        request.Key is { } key && (key.Length is 0 or > LongestKey || key.Any(c => c is < '!' or > '~')) ? $"The idempotency key takes 1 to {LongestKey} printable characters without spaces." :
        request.Scope.Severity is { } severity && !Severities.Contains(severity) ? $"severity is {Core.Evidence.PlainText.Clean(severity)}. It is one of {string.Join(", ", Severities)}; leave it out when it is unknown." : null;
}

/// <summary>How a requested investigation stands.</summary>
[Routine]
internal sealed record ShowRequest(string Id) : IRequest<RequestProgress?>;

/// <param name="Read">Bytes read so far, while it runs.</param>
/// <param name="Total">Bytes to read, while it runs.</param>
internal sealed record RequestProgress(QueuedInvestigation Request, long Read, long Total);

internal sealed class ShowRequestHandler(InvestigationQueue queue, InvestigationProgress progress) : IRequestHandler<ShowRequest, RequestProgress?>
{
    public Task<RequestProgress?> Handle(ShowRequest request, CancellationToken cancellationToken)
    {
        var (read, total) = progress.Of(request.Id) ?? default;
        return Task.FromResult(queue.Find(request.Id) is { } found ? new RequestProgress(found, read, total) : null);
    }
}

/// <summary>Requested investigations, the newest first.</summary>
internal sealed record ListRequests(string? State, int Last) : IRequest<IReadOnlyList<QueuedInvestigation>>;

internal sealed class ListRequestsHandler(InvestigationQueue queue) : IRequestHandler<ListRequests, IReadOnlyList<QueuedInvestigation>>
{
    public Task<IReadOnlyList<QueuedInvestigation>> Handle(ListRequests request, CancellationToken cancellationToken) => Task.FromResult(queue.List(request.State, request.Last));
}

internal sealed class ListRequestsCheck : IRequestCheck<ListRequests>
{
    public string? Fault(ListRequests request) =>
        request.State is { } state && !QueueState.All.Contains(state) ? $"state is {Core.Evidence.PlainText.Clean(state)}. It is one of {string.Join(", ", QueueState.All)}." :
        request.Last is < 1 or > 1000 ? "last takes a number from 1 to 1000." : null;
}

/// <summary>The folder from which snapshots may be named over HTTP.</summary>
internal sealed class SharedSnapshots(ServeOptions options, DataFolder data)
{
    public string Folder { get; } = Path.GetFullPath(options.Snapshots.Length > 0 ? options.Snapshots : data.Snapshots);

    /// <summary>The full path. A name is one step below the folder: what lies elsewhere on the machine cannot be named.</summary>
    public string Find(string name)
    {
        var path = Path.Combine(Folder, name);
        if (name.Length is 0 or > 255 || name is "." or ".." || name.AsSpan().IndexOfAny('/', '\\', '\0') >= 0 || Path.GetFullPath(path) != path)
            throw new BadInputException("The snapshot's name is no name. Give the name of a directory or archive in the folder of snapshots, without a path.");
        var info = File.Exists(path) ? (FileSystemInfo)new FileInfo(path) : new DirectoryInfo(path);
        if (!info.Exists) throw new BadInputException($"There is no snapshot {Core.Evidence.PlainText.Clean(name)} in {Folder}. Put it there, or set Copilot:Serve:Snapshots to the folder that it lies in.", Refusal.Missing);
        return info.LinkTarget is null ? path : throw new BadInputException($"The snapshot {Core.Evidence.PlainText.Clean(name)} is a link. Put the directory or archive itself into {Folder}.");
    }
}
