using Copilot.Core.Evidence;
using Copilot.Engine.Snapshots.Archives;
using Copilot.Engine.Snapshots.Exporting;

namespace Copilot.Engine.Snapshots;

/// <summary>How an export ended.</summary>
public abstract record ExportResult
{
    private ExportResult()
    {
    }

    /// <summary>It is written.</summary>
    /// <param name="Directory">Where.</param>
    /// <param name="Files">How many files.</param>
    /// <param name="LeftOut">Records that could not be read and so are not in it; 0 where files were copied as they are.</param>
    public sealed record Done(string Directory, int Files, long LeftOut) : ExportResult;

    /// <summary>Nothing was written; the message says what, where and how to mend it.</summary>
    public sealed record Refused(string Message) : ExportResult;
}

/// <summary>Writes any snapshot that the reader understands in the ITBench layout, so that other tools can read it.</summary>
/// <remarks>A source that one table holds is copied byte by byte. Several files, lists of a dump and text logs become the rows of one table.</remarks>
public static class SnapshotExport
{
    private static readonly (EvidenceSource Source, string File)[] Tables =
    [
        (EvidenceSource.Events, "k8s_events_raw.tsv"), (EvidenceSource.Objects, "k8s_objects_raw.tsv"), (EvidenceSource.Logs, "otel_logs_raw.tsv"), (EvidenceSource.Traces, "otel_traces_raw.tsv"),
    ];

    /// <param name="snapshot">What to write. Answers of benchmark cases are no part of a snapshot and are not written.</param>
    /// <param name="outputDirectory">Must be empty or absent, and outside the snapshot.</param>
    /// <param name="cancellation">Ends it with <see cref="OperationCanceledException"/>; nothing is left behind.</param>
    public static ExportResult ToItBench(Snapshot snapshot, string outputDirectory, CancellationToken cancellation)
    {
        var target = Path.TrimEndingDirectorySeparator(Path.GetFullPath(outputDirectory));
        if (Objection(snapshot, target) is { } objection) return new ExportResult.Refused(objection);
        var partial = $"{target}.partial-{Guid.NewGuid():N}";
        try
        {
            PrivateFiles.CreateDirectory(partial);
            var (files, leftOut) = Write(snapshot, partial, cancellation);
            cancellation.ThrowIfCancellationRequested();
            if (Directory.Exists(target)) Directory.Delete(target);
            Directory.Move(partial, target);
            return new ExportResult.Done(target, files, leftOut);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new ExportResult.Refused($"The export to {target} failed ({e.Message}). Check the space and the rights there and in {snapshot.Root}, and run it again.");
        }
        finally
        {
            UnpackTarget.Discard(partial);
        }
    }

    private static string? Objection(Snapshot snapshot, string target)
    {
        if (File.Exists(target)) return $"{target} is a file. Choose a directory that is empty or does not exist.";
        if ((target + Path.DirectorySeparatorChar).StartsWith(snapshot.Root + Path.DirectorySeparatorChar, StringComparison.Ordinal))
            return $"{target} lies inside the snapshot, which is never written to. Choose a directory outside {snapshot.Root}.";
        try
        {
            return Directory.Exists(target) && Directory.EnumerateFileSystemEntries(target).Any() ? $"{target} is not empty. Choose a directory that is empty or does not exist." : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"{target} cannot be listed ({Snapshot.Reason(e)}). Choose another directory.";
        }
    }

    private static (int Files, long LeftOut) Write(Snapshot snapshot, string directory, CancellationToken cancellation)
    {
        var dumped = DumpTime.Of(snapshot, cancellation);
        var incident = Write([.. snapshot.Files.Where(f => !f.IsReference)], directory, dumped, cancellation);
        var reference = Write([.. snapshot.Files.Where(f => f.IsReference)], Path.Combine(directory, SnapshotLayout.Reference), dumped, cancellation);
        return (incident.Files + reference.Files, incident.LeftOut + reference.LeftOut);
    }

    private static (int Files, long LeftOut) Write(List<SnapshotFile> all, string directory, long dumped, CancellationToken cancellation)
    {
        var (files, leftOut) = (0, 0L);
        var used = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var file in all.Where(f => f.Source is EvidenceSource.Alerts or EvidenceSource.Metrics or EvidenceSource.Topology))
        {
            var name = file.Source switch
            {
                EvidenceSource.Alerts => $"alerts/{file.Name}",
                EvidenceSource.Topology => file.Name,
                _ => $"metrics/{(file.Name.EndsWith("_raw.tsv", StringComparison.Ordinal) ? file.Name : file.Name[..^4] + "_raw.tsv")}",
            };
            Copy(file, Path.Combine(directory, Unused(name, used)), cancellation);
            files++;
        }
        foreach (var (source, name) in Tables)
        {
            var parts = all.Where(f => f.Source == source).ToList();
            if (parts.Count == 0) continue;
            var path = Path.Combine(directory, name);
            PrivateFiles.CreateDirectory(directory);
            if (parts is [{ Format: FileFormat.LogTable or FileFormat.SpanTable } only]) Copy(only, path, cancellation);
            else leftOut += ItBenchTable.Write(parts, path, dumped, cancellation);
            files++;
        }
        return (files, leftOut);
    }

    /// <summary>Two files of one name in two folders both stay. The number goes behind the first word: the words at both ends mean something.</summary>
    private static string Unused(string name, HashSet<string> used)
    {
        var at = Math.Max(name.IndexOf('_'), name.IndexOf('/')) + 1;
        var free = name;
        for (var i = 2; !used.Add(free); i++) free = name.Insert(at, $"{i}_");
        return free;
    }

    private static void Copy(SnapshotFile file, string path, CancellationToken cancellation)
    {
        PrivateFiles.CreateDirectory(Path.GetDirectoryName(path)!);
        using var from = file.Open();
        using var to = PrivateFiles.Open(path, FileMode.CreateNew, FileShare.None);
        var buffer = new byte[1 << 20];
        for (int read; (read = from.Read(buffer)) > 0;)
        {
            cancellation.ThrowIfCancellationRequested();
            to.Write(buffer, 0, read);
        }
    }
}
