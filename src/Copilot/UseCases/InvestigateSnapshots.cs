using Copilot.Configuration;
using Copilot.Core.Analysis;
using Copilot.Core.Diagnoses;
using MediatR;

namespace Copilot.UseCases;

/// <summary>Investigates snapshots, several at a time.</summary>
/// <param name="Paths">Directories or archives.</param>
/// <param name="Scope">What the evidence does not say.</param>
/// <param name="Done">Is called with each outcome as it comes, from one thread at a time.</param>
/// <param name="Progress">Is told the bytes read and to read; from several threads.</param>
internal sealed record InvestigateSnapshots(IReadOnlyList<string> Paths, IncidentScope Scope, Action<InvestigationOutcome> Done, Action<long, long>? Progress) : IRequest<Unit>
{
    public override string ToString() => string.Join(' ', Paths);
}

/// <param name="Incident">The incident that the snapshot belongs to; null for the open one of the same snapshot, else a new one.</param>
/// <param name="Severity"><c>sev1</c> to <c>sev4</c>; null when unknown.</param>
/// <param name="Environment">As the policy names it; null for the one of the settings.</param>
internal sealed record IncidentScope(string? Incident, string? Severity, string? Environment)
{
    public static readonly IncidentScope Unknown = new(null, null, null);
}

/// <summary>What became of one path.</summary>
/// <param name="IncidentId">The incident that it belongs to; null when the path could not be used.</param>
/// <param name="Diagnosis">Null when the path could not be used.</param>
/// <param name="Analysis">How the diagnosis came about; null with it.</param>
/// <param name="Refused">Why not; null when it could.</param>
/// <param name="Skipped">Entries of an archive that were left out.</param>
internal sealed record InvestigationOutcome(string Path, string Name, string? IncidentId, Diagnosis? Diagnosis, AnalysisResult? Analysis, string? Refused, IReadOnlyList<string> Skipped, TimeSpan Took);

internal sealed class InvestigateSnapshotsHandler(SnapshotSource source, InvestigationOptions options, RulesSource rules, Investigator investigator)
    : IRequestHandler<InvestigateSnapshots, Unit>
{
    public async Task<Unit> Handle(InvestigateSnapshots request, CancellationToken cancellationToken)
    {
        // What decides is read first: with a broken policy or runbook nothing is begun.
        var rulebook = rules.Load(request.Scope);
        source.Trim();
        // One snapshot gets all workers for its files; of many, each gets one.
        var workers = Math.Min(options.Workers, request.Paths.Count);
        var perSnapshot = Math.Max(1, options.Workers / workers);
        var (read, total, gate) = (0L, 0L, new Lock());
        await Parallel.ForEachAsync(request.Paths, new ParallelOptions { MaxDegreeOfParallelism = workers, CancellationToken = cancellationToken }, (path, token) =>
        {
            var outcome = investigator.Run(path, request.Scope, rulebook, perSnapshot, bytes => Interlocked.Add(ref total, bytes), bytes => request.Progress?.Invoke(Interlocked.Add(ref read, bytes), Volatile.Read(ref total)), token).Outcome;
            lock (gate) request.Done(outcome);
            return ValueTask.CompletedTask;
        });
        return Unit.Value;
    }
}

internal sealed class InvestigateSnapshotsCheck : IRequestCheck<InvestigateSnapshots>
{
    public string? Fault(InvestigateSnapshots request)
    {
        if (request.Paths.Count == 0) return "No snapshot is given. Name a directory, or a .tar.zst, .tar.gz or .zip of one.";
        if (request.Paths.Any(string.IsNullOrWhiteSpace)) return "A snapshot has an empty name. Is a variable unset?";
        var twice = request.Paths.GroupBy(SnapshotSource.NameOf).FirstOrDefault(g => g.Count() > 1);
        return twice is null ? null : $"Two snapshots have the name {twice.Key}: {string.Join(" and ", twice)}. Their outputs would overwrite each other; rename one or run them apart.";
    }
}
