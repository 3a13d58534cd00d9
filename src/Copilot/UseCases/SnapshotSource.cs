using System.Security.Cryptography;
using System.Text;
using Copilot.Configuration;
using Copilot.Engine.Investigations;
using Copilot.Engine.Snapshots;
using Copilot.Engine.Snapshots.Archives;

namespace Copilot.UseCases;

/// <summary>Opens what a person names as a snapshot: a directory, or an archive that is unpacked below the data folder.</summary>
internal sealed class SnapshotSource(DataFolder data, ArchiveOptions options)
{
    private static readonly TimeSpan InUse = TimeSpan.FromHours(1);

    /// <summary>The snapshot's name: the directory's, or the archive's without its ending.</summary>
    public static string NameOf(string path)
    {
        var name = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(path)));
        foreach (var ending in new[] { ".tar.zst", ".tar.gz", ".tgz", ".tar", ".zip" })
            if (!Directory.Exists(path) && name.EndsWith(ending, StringComparison.OrdinalIgnoreCase) && name.Length > ending.Length) return name[..^ending.Length];
        return name;
    }

    /// <summary>Whether the path can be a snapshot at all; other files in a glob are not.</summary>
    public static bool IsCandidate(string path) => !File.Exists(path) || SnapshotArchive.IsArchive(path);

    /// <summary>The opened snapshot with the entries of its archive that were left out. The opening is recorded.</summary>
    public (OpenedSnapshot Opened, IReadOnlyList<string> Skipped) Open(string path, RecordedReads reads, CancellationToken cancellation)
    {
        IReadOnlyList<string> skipped = [];
        var opened = reads.Open(NameOf(path), () =>
        {
            (var snapshot, skipped) = Open(path, cancellation);
            return snapshot;
        });
        return (opened, skipped);
    }

    /// <summary>The snapshot, or why it cannot be used as bad input.</summary>
    public Snapshot Require(string path, RecordedReads reads, CancellationToken cancellation) => Usable(Open(path, reads, cancellation).Opened);

    /// <summary>Without a receipt: whoever plays the systems that were recorded concludes nothing from it.</summary>
    public Snapshot ToPlay(string path, CancellationToken cancellation) => Usable(Open(path, cancellation).Opened);

    private static Snapshot Usable(OpenedSnapshot opened) => opened switch
    {
        OpenedSnapshot.Ready ready => ready.Snapshot,
        OpenedSnapshot.Unusable unusable => throw new BadInputException(unusable.Message),
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    private (OpenedSnapshot Opened, IReadOnlyList<string> Skipped) Open(string path, CancellationToken cancellation)
    {
        if (!File.Exists(path) || !SnapshotArchive.IsArchive(path)) return (Snapshot.Open(path, Directory.Exists(path) ? NameOf(path) : null), []);
        if (data.TryCreate() is { } fault) return (new OpenedSnapshot.Unusable(fault), []);
        string destination;
        try
        {
            destination = Destination(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return (new OpenedSnapshot.Unusable($"{path} cannot be unpacked: the data folder {data.Path} cannot be written ({e.Message}). Mend its permissions, or name another one with --data DIR or COPILOT_DATA."), []);
        }
        var limits = new UnpackLimits { MaxBytes = options.MaxBytes, MaxEntries = options.MaxEntries, MaxRatio = options.MaxRatio };
        return SnapshotArchive.Unpack(path, destination, limits, progress: null, cancellation) switch
        {
            UnpackResult.Done done => (Snapshot.Open(done.Directory, NameOf(path)), done.Skipped),
            UnpackResult.Refused refused => (new OpenedSnapshot.Unusable(refused.Message), []),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
    }

    /// <summary>Deletes unpacked archives beyond the limit, those used longest ago first. One used within the hour may be in use now.</summary>
    public void Trim()
    {
        try
        {
            if (!Directory.Exists(data.Unpacked)) return;
            var markers = new DirectoryInfo(data.Unpacked).GetFiles("*.ok").OrderByDescending(m => m.LastWriteTimeUtc).ToList();
            long total = 0;
            foreach (var marker in markers)
            {
                var folder = marker.FullName[..^".ok".Length];
                total += Directory.Exists(folder) ? new DirectoryInfo(folder).EnumerateFiles("*", SearchOption.AllDirectories).Sum(f => f.Length) : 0;
                if (total <= options.CacheBytes || DateTime.UtcNow - marker.LastWriteTimeUtc < InUse) continue;
                marker.Delete();
                if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
                File.Delete(folder + ".lock");
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Another process trims as well, or the disk says no: the next run tries again.
        }
    }

    // Two archives of one name in different folders get two places.
    private string Destination(string archive)
    {
        var full = Path.GetFullPath(archive);
        var destination = Path.Combine(data.Unpacked, $"{NameOf(archive)}-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(full)))[..12]}");
        Directory.CreateDirectory(data.Unpacked);
        if (File.Exists(destination + ".ok")) File.SetLastWriteTimeUtc(destination + ".ok", DateTime.UtcNow);
        return destination;
    }
}
