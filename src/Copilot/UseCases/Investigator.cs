using System.Diagnostics;
using Copilot.Core.Incidents;
using Copilot.Engine.Investigations;
using Copilot.Engine.Snapshots;

namespace Copilot.UseCases;

/// <summary>Investigates one snapshot and keeps what came of it.</summary>
internal sealed class Investigator(SnapshotSource source, IncidentBook incidents, Recording recording)
{
    /// <param name="path">A directory or an archive.</param>
    /// <param name="scope">What the evidence does not say.</param>
    /// <param name="rules">What it goes by beside the evidence.</param>
    /// <param name="workers">How many files to read at a time.</param>
    /// <param name="toRead">Is told how many bytes there are to read.</param>
    /// <param name="advanced">Is told how many further bytes were read; from several threads.</param>
    /// <param name="cancellation">Ends it with <see cref="OperationCanceledException"/>.</param>
    /// <param name="ending">Of a queued investigation.</param>
    public Investigated Run(
        string path, IncidentScope scope, InvestigationRules rules, int workers, Action<long> toRead, Action<long> advanced, CancellationToken cancellation, QueuedEnding? ending = null)
    {
        var clock = Stopwatch.StartNew();
        var name = SnapshotSource.NameOf(path);
        // What cannot be opened is no incident; only then is one opened for it.
        var opening = recording.Begin(by: ending?.By);
        var (opened, skipped) = source.Open(path, opening, cancellation);
        if (opened is not OpenedSnapshot.Ready { Snapshot: var snapshot }) return new(new(path, name, null, null, null, ((OpenedSnapshot.Unusable)opened).Message, skipped, clock.Elapsed), null);
        var incident = incidents.Open(path, name, scope.Severity, rules.Environment, scope.Incident, ending?.By);
        var reads = recording.Begin(incident.Id, opening.Run, ending?.By);
        toRead(snapshot.Files.Sum(f => f.Length));
        var investigation = InvestigationPipeline.Run(snapshot, reads, rules, workers, advanced, cancellation);
        cancellation.ThrowIfCancellationRequested();
        incidents.Keep(incident, reads, investigation, ending);
        return new(new(path, name, incident.Id, investigation.Diagnosis, investigation.Analysis, null, skipped, clock.Elapsed), new(incident, snapshot, reads, investigation));
    }
}

/// <param name="Work">Null when the path could not be used.</param>
internal sealed record Investigated(InvestigationOutcome Outcome, InvestigatedSnapshot? Work);

/// <summary>A snapshot with its investigation, for whatever goes on from there.</summary>
internal sealed record InvestigatedSnapshot(Incident Incident, Snapshot Snapshot, RecordedReads Reads, Investigation Investigation);
