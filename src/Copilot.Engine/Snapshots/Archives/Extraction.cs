using System.Buffers;
using System.IO.Hashing;
using System.Text;

namespace Copilot.Engine.Snapshots.Archives;

/// <summary>
/// Writes entries below one folder. It alone decides what is written, whatever the format;
/// it makes no links, so no entry can be led outside by one.
/// </summary>
internal sealed class Extraction(string root, UnpackMeter meter)
{
    private const int BufferSize = 128 << 10;

    private static readonly StringComparer Names =
        OperatingSystem.IsWindows() || OperatingSystem.IsMacOS() ? StringComparer.OrdinalIgnoreCase : StringComparer.Ordinal;

    private readonly HashSet<string> _files = new(Names);
    private readonly HashSet<string> _folders = new(Names) { "" };
    private readonly List<string> _skipped = [];

    public int Files => _files.Count;

    public long Bytes { get; private set; }

    public IReadOnlyList<string> Skipped => _skipped;

    public void Skip(string name, string why) => _skipped.Add($"{EntryName.Shown(name)}: {why}");

    public void AddFolder(string name)
    {
        if (Accept(name) is not { } path) return;
        if (!EnsureFolder(path)) Skip(name, "the archive has a file where this folder, or one above it, should be");
    }

    /// <summary>Writes a file.</summary>
    /// <param name="data">Its content; null when it is empty.</param>
    /// <param name="checksum">Is fed with what was written.</param>
    /// <returns>How many bytes were written; null when the entry was skipped and its content left unread.</returns>
    public long? AddFile(string name, Stream? data, Crc32? checksum = null)
    {
        if (Accept(name) is not { } path) return null;
        if (path.Length == 0)
        {
            Skip(name, "a file without a name of its own");
            return null;
        }
        if (_files.Contains(path) || _folders.Contains(path))
        {
            Skip(name, "the archive holds this name twice; the first was kept");
            return null;
        }
        var slash = path.LastIndexOf('/');
        if (!EnsureFolder(slash < 0 ? "" : path[..slash]))
        {
            Skip(name, "the archive has a file where a folder above it should be");
            return null;
        }
        if (Path.Exists(FullPath(path)))
        {
            Skip(name, "this file system takes its name for that of an earlier entry");
            return null;
        }
        var written = Write(FullPath(path), name, data, checksum);
        _files.Add(path);
        Bytes += written;
        return written;
    }

    private string? Accept(string name)
    {
        if (EntryName.Clean(name, out var path) is { } problem)
        {
            Skip(name, problem);
            return null;
        }
        var limits = meter.Limits;
        if (Encoding.UTF8.GetByteCount(path) > limits.MaxPathLength)
            throw UnpackMeter.Exceeded($"the path of {EntryName.Shown(name)} is longer than {limits.MaxPathLength} bytes (limit MaxPathLength)");
        if (path.AsSpan().Count('/') >= limits.MaxDepth)
            throw UnpackMeter.Exceeded($"{EntryName.Shown(name)} is nested deeper than {limits.MaxDepth} levels (limit MaxDepth)");
        // The checks of the name suffice; this one holds even where they were wrong about a platform.
        if (path.Length > 0 && !Path.GetFullPath(FullPath(path)).StartsWith(root + Path.DirectorySeparatorChar, StringComparison.Ordinal))
        {
            Skip(name, "it would land outside the destination");
            return null;
        }
        return path;
    }

    private bool EnsureFolder(string path)
    {
        if (_folders.Contains(path)) return true;
        if (_files.Contains(path)) return false;
        var slash = path.LastIndexOf('/');
        if (slash > 0 && !EnsureFolder(path[..slash])) return false;
        // Deep paths imply folders that no entry was counted for.
        if (_folders.Count > meter.Limits.MaxEntries)
            throw UnpackMeter.Exceeded($"it holds more than {meter.Limits.MaxEntries} folders (limit MaxEntries)");
        try
        {
            PrivateFiles.CreateDirectory(FullPath(path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw UnpackTarget.Unwritable(root, e);
        }
        _folders.Add(path);
        return true;
    }

    private long Write(string file, string name, Stream? data, Crc32? checksum)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            using var output = Guarded(() => PrivateFiles.Open(file, FileMode.CreateNew, FileShare.None));
            long written = 0;
            while (data is not null && data.Read(buffer) is > 0 and var count)
            {
                written += count;
                if (written > meter.Limits.MaxFileBytes)
                {
                    throw UnpackMeter.Exceeded(
                        $"{EntryName.Shown(name)} is larger than {UnpackMeter.Size(meter.Limits.MaxFileBytes)} (limit MaxFileBytes)");
                }
                checksum?.Append(buffer.AsSpan(0, count));
                Guarded(() =>
                {
                    output.Write(buffer, 0, count);
                    return true;
                });
            }
            return written;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Keeps failures to write apart from failures to read the archive, which are mended otherwise.</summary>
    private T Guarded<T>(Func<T> write)
    {
        try
        {
            return write();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw UnpackTarget.Unwritable(root, e);
        }
    }

    private string FullPath(string path) => Path.Combine(root, path.Replace('/', Path.DirectorySeparatorChar));
}
