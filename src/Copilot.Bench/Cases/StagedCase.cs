using Copilot.Engine.Snapshots.Archives;
using Copilot.Engine.Yaml;
using Copilot.Simulator;

namespace Copilot.Bench.Cases;

/// <summary>A case whose evidence lies in a folder, ready to be investigated. What was written for that goes with it.</summary>
public sealed class StagedCase : IDisposable
{
    private readonly string? _scratch;

    private StagedCase(CaseDescription description, string directory, string digest, string? scratch) => (Description, Directory, Digest, _scratch) = (description, directory, digest, scratch);

    public CaseDescription Description { get; }

    /// <summary>The evidence. The label, where it lies beside it, is nothing that the reader of snapshots lists.</summary>
    public string Directory { get; }

    /// <summary>Of all files of the case, by <see cref="Simulation.DigestOf"/>.</summary>
    public string Digest { get; }

    /// <summary>Puts a case where an engine can read it: as it is, unpacked, or written by the simulator.</summary>
    /// <param name="benchCase">Which.</param>
    /// <param name="scratch">A folder for what has to be written, below which each case gets its own.</param>
    /// <param name="limits">Where to stop unpacking.</param>
    /// <param name="cancellation">Ends it; nothing is left behind.</param>
    /// <exception cref="CaseFaultException">It cannot be, or is not what its digest says.</exception>
    public static StagedCase Stage(BenchCase benchCase, string scratch, UnpackLimits limits, CancellationToken cancellation)
    {
        var own = Path.Combine(scratch, benchCase.Id);
        try
        {
            var staged = benchCase.Content switch
            {
                CaseContent.Folder folder => new(CaseFile.Load(Path.Combine(folder.Path, CaseFile.Name)), Path.Combine(folder.Path, CaseFile.Snapshot), Simulation.DigestOf(folder.Path), null),
                CaseContent.Recording recording => OfRecording(benchCase, recording.Path, own, limits, cancellation),
                CaseContent.Simulated simulated => OfRecipe(benchCase, simulated, own, cancellation),
                _ => throw new System.Diagnostics.UnreachableException(),
            };
            if (staged.Description.Id != benchCase.Id)
            {
                staged.Dispose();
                throw new CaseFaultException($"{benchCase.Id} holds the case {staged.Description.Id}. Give the folder the name of its case.");
            }
            if (benchCase.Digest is not { } stated || stated == staged.Digest) return staged;
            staged.Dispose();
            throw new CaseFaultException($"{benchCase.Id} is {staged.Digest}, and {benchCase.Suite} lists {stated}: its files were changed since. Put them back, or publish the change as a new version (copilot bench dataset publish).");
        }
        catch (Exception e) when (e is FileFaultException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            Discard(own);
            throw new CaseFaultException($"{benchCase.Id}: {e.Message}", e);
        }
        catch
        {
            Discard(own);
            throw;
        }
    }

    public void Dispose() => Discard(_scratch);

    private static StagedCase OfRecording(BenchCase benchCase, string path, string own, UnpackLimits limits, CancellationToken cancellation)
    {
        var (directory, scratch) = (path, (string?)null);
        if (File.Exists(path))
        {
            directory = SnapshotArchive.Unpack(path, own, limits, progress: null, cancellation) switch
            {
                UnpackResult.Done done => done.Directory,
                UnpackResult.Refused refused => throw new CaseFaultException(refused.Message),
                _ => throw new System.Diagnostics.UnreachableException(),
            };
            scratch = own;
        }
        var label = ItBenchCase.LabelIn(directory) ?? throw new CaseFaultException($"{path} holds no ground_truth.yaml, so no answer can be scored. Add the label, or take the recording out of the folder.");
        return new(ItBenchCase.Describe(benchCase.Id, label, Path.GetFileName(Path.TrimEndingDirectorySeparator(path))), directory, Simulation.DigestOf(directory), scratch);
    }

    private static StagedCase OfRecipe(BenchCase benchCase, CaseContent.Simulated simulated, string own, CancellationToken cancellation)
    {
        var recipe = simulated.Recipe;
        if (recipe.Options.Shape != RecordingShape.ItBench) throw new CaseFaultException($"{recipe.Id} has the layout {recipe.Options.Shape}, which has to be imported first (copilot simulate, then copilot bench import).");
        Discard(own); // of a run that was killed
        var incident = Simulation.Write(recipe.Options, own, ct: cancellation);
        var described = ItBenchCase.Describe(benchCase.Id, Path.Combine(own, "ground_truth.yaml"), $"recipe {recipe.Id} of {benchCase.Suite}");
        // The simulator knows the mechanism, which the form of the label has no word for.
        var causes = described.Truth.Causes.Select((c, i) => i < incident.Causes.Count ? c with { Mechanism = SimulatedMechanism.Of(incident.Causes[i].Fault) } : c);
        return new(
            described with
            {
                Application = recipe.Options.Application is { } application ? $"simulated-{application}" : "simulated",
                Tags = recipe.Tags,
                Truth = described.Truth with { Causes = [.. causes] },
                Provenance = new("simulated", $"{benchCase.Suite}, recipe {recipe.Id}, simulator {Simulation.Version}", ""),
            }, own, incident.Digest, own);
    }

    private static void Discard(string? directory)
    {
        if (directory is not null && System.IO.Directory.Exists(directory)) System.IO.Directory.Delete(directory, recursive: true);
    }
}
