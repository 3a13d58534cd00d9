using Copilot.Core.Diagnoses;
using Copilot.Core.Evidence;
using Copilot.Core.Signals;
using Copilot.Engine.Investigations;
using Copilot.Engine.Snapshots;
using MediatR;

namespace Copilot.UseCases;

/// <summary>Tells what a snapshot holds and how much of it is usable.</summary>
internal sealed record DescribeSnapshot(string Path) : IRequest<SnapshotDescription>;

internal sealed record SnapshotDescription(string Name, string Root, IReadOnlyList<SnapshotFile> Files, SignalSet Signals);

internal sealed class DescribeSnapshotHandler(SnapshotSource source, Recording recording) : IRequestHandler<DescribeSnapshot, SnapshotDescription>
{
    public Task<SnapshotDescription> Handle(DescribeSnapshot request, CancellationToken cancellationToken)
    {
        var reads = recording.Begin();
        var snapshot = source.Require(request.Path, reads, cancellationToken);
        var signals = reads.Extract(snapshot, gate: null, Environment.ProcessorCount, advanced: null, cancellationToken).Signals;
        return Task.FromResult(new SnapshotDescription(snapshot.Name, snapshot.Root, snapshot.Files, signals));
    }
}

/// <summary>Opens records by their address.</summary>
internal sealed record ShowRecords(string Path, IReadOnlyList<string> Addresses) : IRequest<IReadOnlyList<ShownRecord>>;

internal sealed record ShownRecord(RecordAddress Address, string Digest, byte[] Bytes);

internal sealed class ShowRecordsHandler(SnapshotSource source, Recording recording) : IRequestHandler<ShowRecords, IReadOnlyList<ShownRecord>>
{
    public Task<IReadOnlyList<ShownRecord>> Handle(ShowRecords request, CancellationToken cancellationToken)
    {
        var addresses = request.Addresses.Select(a => RecordAddress.TryParse(a, out var address) ? address : default).ToList();
        var reads = recording.Begin();
        var snapshot = source.Require(request.Path, reads, cancellationToken);
        var found = reads.Records(snapshot, new RecordIndex(snapshot), addresses, cancellationToken);
        var missing = addresses.Where(a => !found.ContainsKey(a)).ToList();
        return missing.Count == 0
            ? Task.FromResult<IReadOnlyList<ShownRecord>>([.. addresses.Select(a => new ShownRecord(a, found[a].Digest, found[a].Bytes.ToArray()))])
            : throw new BadInputException($"{request.Path} has no record {string.Join(", ", missing)}. \"copilot snapshot info\" lists its files.");
    }
}

internal sealed class ShowRecordsCheck : IRequestCheck<ShowRecords>
{
    public string? Fault(ShowRecords request) =>
        request.Addresses.FirstOrDefault(a => !RecordAddress.TryParse(a, out _)) is { } wrong ? $"{wrong} is no address. An address is file#n, such as k8s_events_raw.tsv#12." : null;
}

/// <summary>Writes a snapshot in another layout.</summary>
internal sealed record ExportSnapshot(string Path, string Output) : IRequest<ExportedSnapshot>;

/// <param name="LeftOut">Records that could not be read and are not in it.</param>
internal sealed record ExportedSnapshot(string Directory, int Files, long LeftOut);

internal sealed class ExportSnapshotHandler(SnapshotSource source, Recording recording) : IRequestHandler<ExportSnapshot, ExportedSnapshot>
{
    public Task<ExportedSnapshot> Handle(ExportSnapshot request, CancellationToken cancellationToken)
    {
        if (string.IsNullOrWhiteSpace(request.Output)) throw new BadInputException("--output is empty. Name a directory that is empty or does not exist.");
        var reads = recording.Begin();
        return reads.Export(source.Require(request.Path, reads, cancellationToken), request.Output, cancellationToken) switch
        {
            ExportResult.Done done => Task.FromResult(new ExportedSnapshot(done.Directory, done.Files, done.LeftOut)),
            ExportResult.Refused refused => throw new BadInputException(refused.Message),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
    }
}

/// <summary>Checks every citation of a written diagnosis against a snapshot, counting records from the start of each file as a stranger would.</summary>
internal sealed record VerifyDiagnosis(string DiagnosisFile, string SnapshotPath) : IRequest<CitationReport>;

/// <param name="Checked">How many citations were looked up.</param>
/// <param name="Faults">One line for each that does not hold.</param>
internal sealed record CitationReport(int Checked, IReadOnlyList<string> Faults);

internal sealed class VerifyDiagnosisHandler(SnapshotSource source, Recording recording) : IRequestHandler<VerifyDiagnosis, CitationReport>
{
    public Task<CitationReport> Handle(VerifyDiagnosis request, CancellationToken cancellationToken)
    {
        var diagnosis = Read(request.DiagnosisFile);
        var reads = recording.Begin();
        var snapshot = source.Require(request.SnapshotPath, reads, cancellationToken);
        var (all, faults) = CitationVerification.Of(diagnosis, snapshot, reads, cancellationToken);
        return Task.FromResult(new CitationReport(all, faults));
    }

    private static Diagnosis Read(string file)
    {
        try
        {
            return DiagnosisJson.Read(File.ReadAllText(file));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"{file} cannot be read ({e.Message}).");
        }
        catch (System.Text.Json.JsonException e)
        {
            throw new BadInputException($"{file} is no diagnosis: {e.Message}");
        }
    }
}
