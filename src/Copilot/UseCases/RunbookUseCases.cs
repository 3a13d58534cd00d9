using Copilot.Configuration;
using Copilot.Core.Actions;
using Copilot.Core.Analysis;
using Copilot.Storage.Runbooks;
using MediatR;

namespace Copilot.UseCases;

/// <summary>The runbooks that are configured.</summary>
internal sealed class RunbookSource(RunbookOptions options)
{
    public static IReadOnlyList<string> Mechanisms { get; } = [.. Enum.GetValues<Mechanism>().Select(m => m.WireName())];

    /// <summary>The folder named in the settings, else the one beside the executable.</summary>
    public string Folder { get; } = string.IsNullOrWhiteSpace(options.Folder) ? Path.Combine(AppContext.BaseDirectory, "runbooks") : options.Folder;

    public RunbookSet Load() => RunbookLoader.Load(Folder, Mechanisms);
}

/// <summary>All runbooks.</summary>
internal sealed record ListRunbooks : IRequest<RunbookSet>;

internal sealed class ListRunbooksHandler(RunbookSource source) : IRequestHandler<ListRunbooks, RunbookSet>
{
    public Task<RunbookSet> Handle(ListRunbooks request, CancellationToken cancellationToken) => Task.FromResult(source.Load());
}

/// <summary>One runbook by its name.</summary>
internal sealed record ShowRunbook(string Name) : IRequest<Runbook>;

internal sealed class ShowRunbookHandler(RunbookSource source) : IRequestHandler<ShowRunbook, Runbook>
{
    public Task<Runbook> Handle(ShowRunbook request, CancellationToken cancellationToken)
    {
        if (string.IsNullOrWhiteSpace(request.Name)) throw new BadInputException("NAME is empty. \"copilot runbooks list\" shows all.");
        var set = source.Load();
        return Task.FromResult(set.Find(request.Name) ?? throw new BadInputException(
            $"There is no runbook {request.Name}. Did you mean {Words.Nearest(request.Name, set.All.Select(r => r.Name))}? \"copilot runbooks list\" shows all."));
    }
}

/// <summary>Reads a folder of runbooks and tells all that is wrong with it.</summary>
/// <param name="Folder">Null for the configured one.</param>
internal sealed record CheckRunbooks(string? Folder) : IRequest<RunbookReport>;

/// <param name="Runbooks">How many are without fault.</param>
/// <param name="Uncovered">Mechanisms that none of those serves.</param>
internal sealed record RunbookReport(int Runbooks, int Covered, int Mechanisms, IReadOnlyList<string> Uncovered, IReadOnlyList<string> Faults);

internal sealed class CheckRunbooksHandler(RunbookSource source) : IRequestHandler<CheckRunbooks, RunbookReport>
{
    public Task<RunbookReport> Handle(CheckRunbooks request, CancellationToken cancellationToken)
    {
        if (request.Folder is { } folder && string.IsNullOrWhiteSpace(folder)) throw new BadInputException("DIR is empty. Name a folder, or leave it out for the configured runbooks.");
        var reading = RunbookLoader.Read(request.Folder ?? source.Folder, RunbookSource.Mechanisms);
        var uncovered = RunbookSource.Mechanisms.Except(reading.Runbooks.SelectMany(r => r.Mechanisms)).ToList();
        return Task.FromResult(new RunbookReport(reading.Runbooks.Count, RunbookSource.Mechanisms.Count - uncovered.Count, RunbookSource.Mechanisms.Count, uncovered, reading.Faults));
    }
}

/// <summary>Searches the text of all runbooks.</summary>
internal sealed record SearchRunbooks(string Question) : IRequest<RunbookHits>;

internal sealed class SearchRunbooksHandler(RunbookSource source) : IRequestHandler<SearchRunbooks, RunbookHits>
{
    public Task<RunbookHits> Handle(SearchRunbooks request, CancellationToken cancellationToken)
    {
        using var search = new RunbookSearch(source.Load());
        return Task.FromResult(search.Find(request.Question));
    }
}
