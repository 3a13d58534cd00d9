using Copilot.Bench.Datasets;
using MediatR;

namespace Copilot.UseCases;

/// <summary>What to show of a data set.</summary>
/// <param name="Splits">How many cases are in each, in words.</param>
/// <param name="Changes">The change log, a line each, oldest first.</param>
/// <param name="Published">Numbers of all published versions.</param>
/// <param name="Differences">What lies there differently from the list; empty when nothing does, or when it was not asked.</param>
internal sealed record ShownDataset(string Title, int Cases, string Digest, string Splits, IReadOnlyList<string> Changes, IReadOnlyList<int> Published, IReadOnlyList<string> Differences)
{
    public static ShownDataset Of(string folder, Dataset dataset, IReadOnlyList<string> differences) => new(
        dataset.Title, dataset.Cases.Count, dataset.Digest, string.Join(", ", Bench.Datasets.Splits.Names.Select(s => $"{s} {dataset.Cases.Count(c => c.Split == s)}")),
        [.. dataset.Changes.Select(c => $"v{c.Version}  {c.At:yyyy-MM-dd}  {c.Added.Count} added, {c.Removed.Count} removed, {c.Changed.Count} changed: {c.Note}")], DatasetFile.Versions(folder), differences);
}

/// <summary>Writes the draft of a data set anew from the cases that lie there.</summary>
/// <param name="Name">Of a new data set; null for the folder's.</param>
internal sealed record DraftDataset(string Folder, string? Name) : IRequest<ShownDataset>;

internal sealed class DraftDatasetHandler : IRequestHandler<DraftDataset, ShownDataset>
{
    public Task<ShownDataset> Handle(DraftDataset request, CancellationToken cancellationToken) => Task.FromResult(ShownDataset.Of(request.Folder, DatasetFolder.Refresh(request.Folder, request.Name), []));
}

/// <summary>Publishes the draft as the next version, which never changes again.</summary>
internal sealed record PublishDataset(string Folder, string Note) : IRequest<ShownDataset>;

internal sealed class PublishDatasetHandler(TimeProvider time) : IRequestHandler<PublishDataset, ShownDataset>
{
    public Task<ShownDataset> Handle(PublishDataset request, CancellationToken cancellationToken) =>
        Task.FromResult(ShownDataset.Of(request.Folder, DatasetFolder.Publish(request.Folder, request.Note, time.GetUtcNow(), cancellationToken), []));
}

/// <summary>Shows a data set: its versions, splits and change log, and what lies there differently from its list.</summary>
/// <param name="Version">Null for the last published, else the draft; 0 for the draft.</param>
internal sealed record ShowDataset(string Folder, int? Version) : IRequest<ShownDataset>;

internal sealed class ShowDatasetHandler : IRequestHandler<ShowDataset, ShownDataset>
{
    public Task<ShownDataset> Handle(ShowDataset request, CancellationToken cancellationToken)
    {
        if (!DatasetFile.IsDataset(request.Folder)) throw new BadInputException($"{request.Folder} is no data set: it holds neither {DatasetFile.Draft} nor a published version. \"copilot bench import\" makes one.");
        var dataset = request.Version is { } version ? DatasetFile.Load(request.Folder, version) : DatasetFile.LoadLatest(request.Folder);
        return Task.FromResult(ShownDataset.Of(request.Folder, dataset, [.. DatasetFolder.Differences(request.Folder, dataset, cancellationToken)]));
    }
}
