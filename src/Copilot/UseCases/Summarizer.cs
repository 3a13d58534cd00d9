using Copilot.Configuration;
using Copilot.Core.Diagnoses;
using Copilot.Core.Incidents;
using Copilot.Core.Summaries;
using Copilot.Engine.Investigations;

namespace Copilot.UseCases;

/// <summary>What to sum up.</summary>
/// <param name="Named">A directory, an archive, or the id of an incident that was investigated.</param>
/// <param name="Progress">Is told the bytes read and to read; from several threads.</param>
internal sealed record SummarySource(string Named, IncidentScope Scope, Action<long, long>? Progress)
{
    public override string ToString() => Named;
}

/// <param name="Skipped">Entries of an archive that were left out.</param>
internal sealed record SummaryOutcome<T>(T Summary, DiagnosisStatus Status, IReadOnlyList<string> Skipped);

/// <summary>Investigates what a person names, as <c>investigate</c> does, and sums it up. A path goes before an id.</summary>
internal sealed class Summarizer(SnapshotSource snapshots, InvestigationOptions options, RulesSource rules, IncidentBook incidents, Investigator investigator)
{
    /// <summary>A summary of the signals.</summary>
    public SummaryOutcome<T> OfSignals<T>(SummarySource source, string schema, Func<InvestigatedSnapshot, Citing, T> compose, Func<T, string> write, CancellationToken cancellation)
    {
        if (Known(source) is not { } known) return Investigate(source, schema, compose, write, cancellation);
        if (known.ClosedAt is not null) throw new BadInputException($"Incident {known.Id} is closed. Name its snapshot to look into it again: {known.Source}");
        if (!Path.Exists(known.Source)) throw new BadInputException($"The evidence of incident {known.Id} is no longer at {known.Source}. Name where it lies now. \"copilot handoff\" and \"copilot change-request\" need no evidence.");
        var scope = new IncidentScope(known.Id, source.Scope.Severity ?? Stated(known.Severity), source.Scope.Environment ?? Stated(known.Environment));
        return Investigate(source with { Named = known.Source, Scope = scope }, schema, compose, write, cancellation);
    }

    /// <summary>A summary of the diagnosis alone: of an incident the last one on record, which was checked when it was made.</summary>
    public SummaryOutcome<T> OfDiagnosis<T>(SummarySource source, string schema, Func<Diagnosis, Incident, IReadOnlyList<Feedback>, T> compose, Func<T, string> write, CancellationToken cancellation)
    {
        if (Known(source) is not { } known)
            return Investigate(source, schema, (work, _) => compose(work.Investigation.Diagnosis, Told(work.Incident, source.Scope), incidents.Details(work.Incident.Id).Feedback), write, cancellation);
        if (source.Scope.Severity is not null || source.Scope.Environment is not null)
            throw new BadInputException($"What was decided for incident {known.Id} stands, so --severity and --environment change nothing. Name its snapshot to have it decided anew: {known.Source}");
        var details = incidents.Details(known.Id);
        if (details.Investigations is not [.., var last]) throw new BadInputException($"No investigation of incident {known.Id} was finished. Name its snapshot to investigate it: {known.Source}");
        var diagnosis = DiagnosisJson.Read(last.Diagnosis);
        return new(compose(diagnosis, known, details.Feedback), diagnosis.Status, []);
    }

    private SummaryOutcome<T> Investigate<T>(SummarySource source, string schema, Func<InvestigatedSnapshot, Citing, T> compose, Func<T, string> write, CancellationToken cancellation)
    {
        // What decides is read first: with a broken policy or runbook nothing is begun.
        var rulebook = rules.Load(source.Scope);
        snapshots.Trim();
        var (read, total) = (0L, 0L);
        var investigated = investigator.Run(
            source.Named, source.Scope, rulebook, options.Workers, bytes => total = bytes, bytes => source.Progress?.Invoke(Interlocked.Add(ref read, bytes), Volatile.Read(ref total)), cancellation);
        if (investigated.Work is not { } work) throw new BadInputException(investigated.Outcome.Refused!);
        var summary = SummaryStep.Run(work.Snapshot, work.Reads, work.Investigation, schema, citing => compose(work, citing), write, cancellation);
        return new(summary, work.Investigation.Diagnosis.Status, investigated.Outcome.Skipped);
    }

    private Incident? Known(SummarySource source) => Path.Exists(source.Named) ? null : incidents.TryFind(source.Named);

    // What was stated now counts, where the incident was opened without it.
    private static Incident Told(Incident incident, IncidentScope scope) => incident with { Severity = scope.Severity ?? incident.Severity, Environment = scope.Environment ?? incident.Environment };

    private static string? Stated(string word) => word == "unknown" ? null : word;
}

internal static class SummarySourceCheck
{
    /// <summary>What is wrong with a name for a snapshot; null when nothing is.</summary>
    public static string? Fault(SummarySource source) => string.IsNullOrWhiteSpace(source.Named) ? "The snapshot has an empty name. Is a variable unset?" : null;
}
