using Copilot.Bench.Cases;
using Copilot.Bench.Datasets;
using Copilot.Engine.Snapshots.Archives;

namespace Copilot.Bench.Importers;

/// <summary>Recordings in the ITBench layout (ITBench-Lite, ITBench-AA), each a folder or an archive with its own ground truth. The evidence is copied as it is.</summary>
internal static class ItBenchImporter
{
    /// <param name="path">One recording, or a folder with several.</param>
    /// <param name="scratch">Where archives are unpacked.</param>
    /// <param name="notice">Is told, in a sentence each, what was left out.</param>
    public static IEnumerable<ImportedCase> Read(string path, string scratch, UnpackLimits limits, Action<string> notice, CancellationToken cancellation)
    {
        var suite = CaseFinder.Find(path);
        foreach (var remark in suite.Remarks) notice(remark);
        foreach (var found in suite.Cases)
        {
            if (found.Content is not CaseContent.Recording) continue;
            using var staged = Stage(found, scratch, limits, notice, cancellation);
            if (staged is null) continue;
            // What was done, else the sort of object to blame: variants of one scenario have that in common, whatever they are called.
            var sorts = staged.Description.Truth.Causes.Select(c => c.Mechanism ?? c.Names[0].Kind ?? "any").Order(StringComparer.Ordinal).ToList();
            var group = sorts.Count == 0 ? found.Id : string.Join('+', sorts);
            yield return new(staged.Description with { Group = group }, (folder, token) => Copy(staged.Directory, folder, token));
        }
    }

    /// <summary>Null, and a notice, when it is no case: the others are all the same.</summary>
    private static StagedCase? Stage(BenchCase found, string scratch, UnpackLimits limits, Action<string> notice, CancellationToken cancellation)
    {
        try
        {
            return StagedCase.Stage(found, scratch, limits, cancellation);
        }
        catch (CaseFaultException e)
        {
            notice($"left out: {e.Message}");
            return null;
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
