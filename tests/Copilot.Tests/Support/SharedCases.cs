using Copilot.Engine.Snapshots.Archives;
using Xunit;

namespace Copilot.Tests.Support;

/// <summary>Incidents of another generator, where they lie beside the repository.</summary>
internal static class SharedCases
{
    /// <summary>Unpacks them one after another and deletes each when the next is asked for: an even choice, or all in a full run. None, and a line of report, where there are none.</summary>
    public static IEnumerable<(string Name, string Directory)> Each(int reduced)
    {
        if (TestData.Find("itbench-sim") is not { } folder)
        {
            TestReport.Line("development cases: none beside the repository");
            yield break;
        }
        var archives = Directory.GetFiles(folder, "*.tar.zst").Order(StringComparer.Ordinal).ToList();
        var step = archives.Count / TestCounts.Pick(Math.Min(reduced, archives.Count), full: archives.Count);
        using var unpacked = new TempFolder();
        foreach (var archive in archives.Where((_, i) => i % step == 0))
        {
            var target = unpacked.Combine(Path.GetFileName(archive));
            var done = Assert.IsType<UnpackResult.Done>(SnapshotArchive.Unpack(archive, target, new(), progress: null, TestContext.Current.CancellationToken));
            yield return (Path.GetFileName(archive), done.Directory);
            Directory.Delete(target, recursive: true);
        }
    }
}
