using System.Security;
using Copilot.Core.Evidence;

namespace Copilot.Engine.Snapshots;

/// <summary>The outcome of opening a path as a snapshot.</summary>
public abstract record OpenedSnapshot
{
    private OpenedSnapshot()
    {
    }

    public sealed record Ready(Snapshot Snapshot) : OpenedSnapshot;

    /// <summary>It cannot be used at all; the message says what, where and how to mend it.</summary>
    public sealed record Unusable(string Message) : OpenedSnapshot;
}

/// <summary>A directory with the evidence of one incident. Opening it lists files and reads none.</summary>
public sealed class Snapshot
{
    private const int MaxFiles = 100_000;
    private const int MaxDepth = 8;

    internal Snapshot(string name, string root, IReadOnlyList<SnapshotFile> files, IReadOnlyList<EvidenceGap> gaps, IReadOnlyList<EvidenceSource>? closed = null)
    {
        Closed = closed ?? [];
        Name = name;
        Root = root;
        Files = files;
        Gaps = gaps;
    }

    /// <summary>The directory's name.</summary>
    public string Name { get; }

    public string Root { get; }

    /// <summary>The files that hold evidence, ordered by path.</summary>
    public IReadOnlyList<SnapshotFile> Files { get; }

    /// <summary>What was left out or could not be listed.</summary>
    public IReadOnlyList<EvidenceGap> Gaps { get; }

    /// <summary>Sources that are there and may not be read. <see cref="Gaps"/> says why.</summary>
    public IReadOnlyList<EvidenceSource> Closed { get; }

    /// <summary>The snapshot without some sources, and with what is to be said of that.</summary>
    public Snapshot Without(IReadOnlyList<EvidenceGap> closed)
    {
        List<EvidenceSource> sources = [.. closed.Select(g => g.Source)];
        return closed.Count == 0 ? this : new(Name, Root, [.. Files.Where(f => !sources.Contains(f.Source))], [.. Gaps, .. closed], sources);
    }

    /// <summary>Opens a directory.</summary>
    /// <param name="directory">The directory.</param>
    /// <param name="name">The snapshot's name; the directory's own when null.</param>
    public static OpenedSnapshot Open(string directory, string? name = null)
    {
        if (File.Exists(directory))
            return new OpenedSnapshot.Unusable($"{directory} is a file. Give the directory that holds the evidence, or a .tar.zst, .tar.gz or .zip of it.");
        if (!Directory.Exists(directory))
            return new OpenedSnapshot.Unusable($"{directory} does not exist. Check the path.");
        var root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(directory));
        name ??= Path.GetFileName(root);
        var listing = new Listing(root);
        if (LoneFolder(listing.Files) is { } folder) listing = new Listing(root = Path.Combine(root, folder));
        if (Several(listing.Files) is { Count: > 1 } several)
        {
            return new OpenedSnapshot.Unusable(
                $"{directory} holds several snapshots: {string.Join(", ", several.Take(3))}{(several.Count > 3 ? $" and {several.Count - 3} more" : "")}. "
                + $"Read as one they would be mixed up: give one of them, or all of them apart ({Path.Combine(directory, "*")}).");
        }
        if (listing.Files.Exists(f => !f.IsReference))
        {
            var files = PreferRaw(listing.Files, listing.Gaps).OrderBy(f => f.Path, StringComparer.Ordinal);
            return new OpenedSnapshot.Ready(new Snapshot(name, root, [.. files], listing.Gaps));
        }
        if (listing.Gaps.FirstOrDefault(g => g.Kind == GapKind.Unreadable) is { } denied)
            return new OpenedSnapshot.Unusable($"{directory} cannot be read: {denied.Detail}. {denied.Remedy}");
        var seen = listing.Seen == 0 ? "it is empty" : listing.Files.Count > 0 ? $"{SnapshotLayout.Reference}/ only says what is normal" : $"none of its {listing.Seen} files is one that the copilot knows";
        if (Directory.EnumerateFiles(root).FirstOrDefault(Archives.SnapshotArchive.IsArchive) is { } archive) seen += $"; give the archive itself: {archive}";
        return new OpenedSnapshot.Unusable(
            $"{directory} holds no evidence: {seen}. Expected alerts/, k8s_events_raw.tsv, k8s_objects_raw.tsv, otel_logs_raw.tsv, otel_traces_raw.tsv, metrics/, "
            + "or what \"kubectl cluster-info dump --all-namespaces --output-directory DIR\" writes.");
    }

    /// <summary>An archive often holds one folder which holds everything: that folder is the snapshot, so that addresses do not depend on packing.</summary>
    private static string? LoneFolder(List<SnapshotFile> files)
    {
        if (files.Count == 0 || !files[0].Path.Contains('/')) return null;
        var folder = files[0].Path[..files[0].Path.IndexOf('/')];
        if (files.Exists(f => !f.Path.StartsWith(folder + "/", StringComparison.Ordinal))) return null;
        var inner = files.ConvertAll(f => f.Path[(folder.Length + 1)..]);
        var isRoot = inner.Exists(p => p == "nodes.json" || p.StartsWith("alerts", StringComparison.Ordinal) || p.StartsWith("metrics", StringComparison.Ordinal)
            || p.StartsWith("raw/", StringComparison.Ordinal) || (p.EndsWith(".tsv", StringComparison.Ordinal) && !p.Contains('/')));
        return isRoot && folder is not ("raw" or "lite" or "alerts" or SnapshotLayout.Reference) && !folder.StartsWith("metrics", StringComparison.Ordinal) ? folder : null;
    }

    /// <summary>Folders that hold tables of the same source: each is the recording of an incident of its own. The two forms of one recording, raw/ and lite/, are none.</summary>
    private static List<string> Several(List<SnapshotFile> files) =>
    [
        .. (files.Where(f => f.Format is FileFormat.LogTable or FileFormat.SpanTable && f.Path.Contains('/')).Select(f => (f.Source, Folder: f.Path[..f.Path.IndexOf('/')]))
            .Where(f => f.Folder is not ("raw" or "lite")).Distinct().GroupBy(f => f.Source).MaxBy(g => g.Count())?.Select(f => f.Folder) ?? []).Order(StringComparer.Ordinal),
    ];

    /// <summary>Where a recorder wrote the same evidence twice, whole under raw/ and filtered under lite/, the filtered one is left out.</summary>
    private static IEnumerable<SnapshotFile> PreferRaw(List<SnapshotFile> files, List<EvidenceGap> gaps)
    {
        var raw = files.Any(f => f.Path.StartsWith("raw/", StringComparison.Ordinal));
        foreach (var file in files)
        {
            if (raw && file.Path.StartsWith("lite/", StringComparison.Ordinal))
                gaps.Add(new(file.Source, GapKind.LeftOut, file.Path, 1, "a filtered copy of what raw/ holds", ""));
            else
                yield return file;
        }
    }

    private sealed class Listing
    {
        private readonly string _root;

        public Listing(string root)
        {
            _root = root;
            Visit(new DirectoryInfo(root), "", 0);
        }

        public List<SnapshotFile> Files { get; } = [];

        public List<EvidenceGap> Gaps { get; } = [];

        public int Seen { get; private set; }

        private void Visit(DirectoryInfo directory, string prefix, int depth)
        {
            FileSystemInfo[] entries;
            try
            {
                entries = directory.GetFileSystemInfos();
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or SecurityException)
            {
                Gaps.Add(new(EvidenceSource.Snapshot, GapKind.Unreadable, prefix.Length == 0 ? directory.Name : prefix, 1, $"the folder cannot be listed ({Reason(e)})", "Give yourself the right to read it: chmod -R u+rX."));
                return;
            }
            Array.Sort(entries, (a, b) => string.CompareOrdinal(a.Name, b.Name));
            foreach (var entry in entries)
            {
                var path = prefix.Length == 0 ? entry.Name : $"{prefix}/{entry.Name}";
                if (SnapshotLayout.IsAnswer(entry.Name)) continue;
                if (entry.LinkTarget is not null && !StaysInside(entry))
                {
                    Gaps.Add(new(EvidenceSource.Snapshot, GapKind.LeftOut, path, 1, "a link that leads outside the snapshot, to an answer, or nowhere", "Copy the file itself into the snapshot."));
                    continue;
                }
                if (entry is DirectoryInfo folder)
                {
                    // A link to a folder inside would only show the same files again.
                    if (entry.LinkTarget is null && depth < MaxDepth) Visit(folder, path, depth + 1);
                    continue;
                }
                if (++Seen > MaxFiles)
                {
                    if (Seen == MaxFiles + 1) Gaps.Add(new(EvidenceSource.Snapshot, GapKind.LeftOut, path, 1, $"more than {MaxFiles} files: this one and those after it were not looked at", "Give the directory of one incident only."));
                    return;
                }
                if (SnapshotLayout.Classify(path) is not { } part) continue;
                if (SnapshotLayout.IsReference(path) && part.Source is not (EvidenceSource.Logs or EvidenceSource.Traces or EvidenceSource.Metrics))
                    Gaps.Add(new(part.Source, GapKind.LeftOut, path, 1, "of a recording of normal behaviour only spans, logs and metrics are used", ""));
                else
                    Files.Add(new(path, entry.FullName, LengthOf((FileInfo)entry), part.Source, part.Format));
            }
        }

        // A link's own length is that of the path it holds.
        private static long LengthOf(FileInfo file) => file.LinkTarget is null ? file.Length : (file.ResolveLinkTarget(returnFinalTarget: true) as FileInfo)?.Length ?? 0;

        private bool StaysInside(FileSystemInfo link)
        {
            try
            {
                var target = link.ResolveLinkTarget(returnFinalTarget: true);
                if (target?.FullName == _root) return true;
                if (target is not { Exists: true } || SnapshotLayout.IsAnswer(target.Name)) return false;
                // The way there may lead through a folder that is a link itself.
                for (var folder = Path.GetDirectoryName(target.FullName); folder is not null && folder.Length >= _root.Length; folder = Path.GetDirectoryName(folder))
                {
                    if (folder == _root) return true;
                    if (new DirectoryInfo(folder).LinkTarget is not null || SnapshotLayout.IsAnswer(Path.GetFileName(folder))) return false;
                }
                return false;
            }
            catch (IOException)
            {
                return false; // a loop of links
            }
        }
    }

    internal static string Reason(Exception e) => e switch
    {
        UnauthorizedAccessException or SecurityException => "permission denied",
        FileNotFoundException or DirectoryNotFoundException => "it is gone",
        _ => e.Message,
    };
}
