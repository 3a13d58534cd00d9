using Copilot.Bench.Cases;
using Copilot.Bench.Datasets;
using Copilot.Engine.Yaml;
using Copilot.Simulator;

namespace Copilot.Bench.Importers;

/// <summary>What became of an import.</summary>
/// <param name="Written">New cases.</param>
/// <param name="Kept">Cases that were there already with the same files.</param>
public sealed record ImportOutcome(Dataset Draft, IReadOnlyList<CaseDescription> Written, IReadOnlyList<string> Kept);

/// <summary>
/// Writes imported cases into a data set's folder and its draft. A case is written beside its place and renamed, so an import that was killed is just begun
/// again.
/// </summary>
public static class SuiteWriter
{
    private const string Partial = ".partial-";

    /// <param name="cases">Read one at a time.</param>
    /// <param name="folder">New, empty, or a data set that the cases are added to.</param>
    /// <param name="name">Of a new data set; null for the folder's.</param>
    /// <param name="written">Is told each case as it is there.</param>
    /// <exception cref="FileFaultException">Zero cases, or one that is there already with other files.</exception>
    public static ImportOutcome Write(IEnumerable<ImportedCase> cases, string folder, string? name, Action<string>? written, CancellationToken cancellation)
    {
        if (Directory.Exists(folder) && !DatasetFile.IsDataset(folder) && Directory.EnumerateFileSystemEntries(folder).Any(e => Path.GetFileName(e) != DatasetFolder.Cases))
            throw new FileFaultException($"{folder} holds something else than a data set. Name a folder that is empty or does not exist.");
        DatasetFolder.RequireName(name ?? Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder))));
        var below = Path.Combine(folder, DatasetFolder.Cases);
        if (Directory.Exists(below))
            foreach (var left in Directory.EnumerateDirectories(below, Partial + "*").ToList()) Directory.Delete(left, recursive: true);
        var (added, kept) = (new List<CaseDescription>(), new List<string>());
        foreach (var imported in cases)
        {
            cancellation.ThrowIfCancellationRequested();
            var (place, partial) = (Path.Combine(below, imported.Description.Id), Path.Combine(below, Partial + imported.Description.Id));
            if (added.Exists(a => a.Id == imported.Description.Id)) throw new FileFaultException($"The source holds two cases {imported.Description.Id}. Import its parts into folders of their own.");
            try
            {
                Directory.CreateDirectory(Path.Combine(partial, CaseFile.Snapshot));
                imported.WriteSnapshot(Path.Combine(partial, CaseFile.Snapshot), cancellation);
                File.WriteAllText(Path.Combine(partial, CaseFile.Name), CaseFile.Write(imported.Description));
                if (Directory.Exists(place))
                {
                    if (Simulation.DigestOf(place) != Simulation.DigestOf(partial))
                        throw new FileFaultException($"{place} is there already with other files. Import into another folder, or delete it and publish the change as a new version.");
                    kept.Add(imported.Description.Id);
                    continue;
                }
                // Read back: what cannot be read later is refused now.
                CaseFile.Load(Path.Combine(partial, CaseFile.Name));
                Directory.Move(partial, place);
                added.Add(imported.Description);
                written?.Invoke(imported.Description.Id);
            }
            finally
            {
                if (Directory.Exists(partial)) Directory.Delete(partial, recursive: true);
            }
        }
        if (added.Count + kept.Count == 0) throw new FileFaultException("The source holds no case of this format. Check the path and --format.");
        return new(DatasetFolder.Refresh(folder, name), added, kept);
    }
}
