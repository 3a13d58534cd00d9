using Copilot.Bench.Cases;
using Copilot.Bench.Datasets;
using Copilot.Engine.Snapshots.Archives;
using Copilot.Engine.Yaml;

namespace Copilot.Bench.Importers;

/// <summary>Recordings in the ITBench layout (ITBench-Lite, ITBench-AA), each a folder or an archive with its own ground truth. The evidence is copied as it is.</summary>
internal static class ItBenchImporter
{
    /// <param name="path">One recording, or a folder with several.</param>
    /// <param name="scratch">Where archives are unpacked.</param>
    public static IEnumerable<ImportedCase> Read(string path, string scratch, UnpackLimits limits, CancellationToken cancellation)
    {
        foreach (var found in CaseFinder.Find(path).Cases)
        {
            if (found.Content is not CaseContent.Recording) continue;
            using var staged = Stage(found, scratch, limits, cancellation);
            var kinds = staged.Description.Truth.Causes.SelectMany(c => c.Names.Take(1)).Select(n => n.Kind ?? "any").Order(StringComparer.Ordinal).ToList();
            // What sort of object is to blame: variants of one scenario have that in common, whatever they are called.
            var group = kinds.Count == 0 ? "none" : string.Join('+', kinds);
            yield return new(staged.Description with { Group = group }, (folder, token) => Copy(staged.Directory, folder, token));
        }
    }

    private static StagedCase Stage(BenchCase found, string scratch, UnpackLimits limits, CancellationToken cancellation)
    {
        try
        {
            return StagedCase.Stage(found, scratch, limits, cancellation);
        }
        catch (CaseFaultException e)
        {
            throw new FileFaultException(e.Message, e);
        }
    }

    private static void Copy(string from, string to, CancellationToken cancellation)
    {
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            cancellation.ThrowIfCancellationRequested();
            var target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }
}
