using System.Diagnostics;
using System.Security.Cryptography;

namespace Copilot.Engine.Snapshots.Archives;

/// <summary>
/// The destination and what lies beside it: .ok, the marker; .lock, an empty file held for the moment of renaming;
/// .partial-*, folders being filled. The destination itself is never seen half full.
/// </summary>
internal sealed class UnpackTarget
{
    private static readonly TimeSpan LockPatience = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan StaleAfter = TimeSpan.FromDays(1);

    /// <summary>Hidden files count too; links were not put there by this.</summary>
    private static readonly EnumerationOptions WholeTree = new() { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint };

    private readonly string _destination;

    public UnpackTarget(string destination)
    {
        _destination = Path.TrimEndingDirectorySeparator(Path.GetFullPath(destination));
        if (File.Exists(_destination))
            throw new UnpackRefusedException(
                $"the destination {_destination} is a file",
                "Move that file away, or choose another data folder.");
    }

    private string MarkerFile => _destination + ".ok";

    public static UnpackRefusedException Unwritable(string where, Exception e) => new(
        $"{Path.GetDirectoryName(where)} cannot be written ({(e is UnauthorizedAccessException ? "permission denied" : e.Message)})",
        $"{(e is UnauthorizedAccessException ? "Give yourself the right to write" : "Free some space")} there, or choose another data folder.");

    /// <summary>What an earlier run left, if it is of this archive and still whole.</summary>
    public UnpackResult.Done? Existing(Func<UnpackMarker, bool> isOfArchive)
    {
        if (!Directory.Exists(_destination) || UnpackMarker.Read(MarkerFile) is not { } marker || !isOfArchive(marker)) return null;
        try
        {
            var files = 0;
            long bytes = 0;
            foreach (var file in new DirectoryInfo(_destination).EnumerateFiles("*", WholeTree))
            {
                files++;
                bytes += file.Length;
            }
            return files == marker.Files && bytes == marker.Bytes ? new(_destination, files, bytes, marker.Skipped) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null; // being replaced, or damaged: unpack again
        }
    }

    /// <summary>Makes an empty folder beside the destination.</summary>
    public string CreatePartial()
    {
        var partial = FreshName();
        try
        {
            PrivateFiles.CreateDirectory(partial);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unwritable(_destination, e);
        }
        return partial;
    }

    /// <summary>Puts a filled folder in place. Where another process was faster with the same archive, its folder is taken instead.</summary>
    public UnpackResult.Done Publish(string partial, UnpackMarker marker, CancellationToken ct)
    {
        string? old = null;
        try
        {
            using (Lock(ct))
            {
                if (Existing(m => m.IsOf(marker.Length, marker.LastWriteUtc, () => marker.Sha256)) is { } done) return done;
                File.Delete(MarkerFile);
                if (Directory.Exists(_destination)) Directory.Move(_destination, old = FreshName());
                Directory.Move(partial, _destination);
                marker.Write(MarkerFile);
            }
            return new(_destination, marker.Files, marker.Bytes, marker.Skipped);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unwritable(_destination, e);
        }
        finally
        {
            if (old is not null) Discard(old);
        }
    }

    /// <summary>Deletes a folder that is not needed. A failure is silent: what is left is stale and harmless.</summary>
    public static void Discard(string folder)
    {
        try
        {
            if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Debug.WriteLine(e.Message);
        }
    }

    /// <summary>Deletes what killed processes left a day ago or longer.</summary>
    public void Sweep()
    {
        try
        {
            var parent = new DirectoryInfo(Path.GetDirectoryName(_destination)!);
            var prefix = Path.GetFileName(_destination) + ".partial-";
            foreach (var folder in parent.EnumerateDirectories())
            {
                if (folder.Name.StartsWith(prefix, StringComparison.Ordinal) && DateTime.UtcNow - folder.LastWriteTimeUtc > StaleAfter)
                    Discard(folder.FullName);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Debug.WriteLine(e.Message);
        }
    }

    private string FreshName() => $"{_destination}.partial-{RandomNumberGenerator.GetHexString(12, lowercase: true)}";

    /// <summary>The file stays when the lock is released: deleted, it would let two processes hold locks on different files of one name.</summary>
    private FileStream Lock(CancellationToken ct)
    {
        for (var waited = Stopwatch.StartNew(); ;)
        {
            try
            {
                return PrivateFiles.Open(_destination + ".lock", FileMode.OpenOrCreate, FileShare.None);
            }
            catch (IOException) when (waited.Elapsed < LockPatience)
            {
                ct.WaitHandle.WaitOne(20);
                ct.ThrowIfCancellationRequested();
            }
        }
    }
}
