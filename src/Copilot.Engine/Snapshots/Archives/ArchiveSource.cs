using System.Buffers;
using System.Security.Cryptography;

namespace Copilot.Engine.Snapshots.Archives;

/// <summary>An archive opened for reading, its name and its first bytes in agreement.</summary>
internal sealed class ArchiveSource : IDisposable
{
    private readonly FileInfo _info;

    private ArchiveSource(FileInfo info, FileStream file, ArchiveFormat format)
    {
        _info = info;
        File = file;
        Format = format;
        Length = file.Length;
        LastWriteUtc = info.LastWriteTimeUtc;
    }

    public FileStream File { get; }

    public ArchiveFormat Format { get; }

    public long Length { get; }

    public DateTime LastWriteUtc { get; }

    /// <summary>Opens an archive; throws a refusal when it is none.</summary>
    public static ArchiveSource Open(string archive)
    {
        if (Directory.Exists(archive))
            throw new UnpackRefusedException("it is a directory", "Give it as a snapshot directly; only files are unpacked.");
        if (ArchiveFormats.ByName(archive) is not { } format)
            throw new UnpackRefusedException(
                "its name ends in none of .tar.zst, .tar.gz, .tgz, .tar, .zip",
                "Rename it, or pack it anew in one of these formats.");
        var info = new FileInfo(archive);
        if (!info.Exists) throw new UnpackRefusedException("it does not exist", "Check the path.");
        // Said before opening: to open a named pipe, whose length is 0 too, would wait for ever.
        if (info.Length == 0) throw new UnpackRefusedException("it is empty (0 bytes)", "Download or copy it again.");
        FileStream file;
        try
        {
            file = new FileStream(archive, new FileStreamOptions
            {
                Mode = FileMode.Open,
                Access = FileAccess.Read,
                Share = FileShare.ReadWrite | FileShare.Delete,
                Options = FileOptions.SequentialScan,
            });
        }
        catch (UnauthorizedAccessException)
        {
            throw new UnpackRefusedException("permission to read it was denied", "Give yourself the right to read it: chmod u+r.");
        }
        try
        {
            Confirm(file, format);
            return new ArchiveSource(info, file, format);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>The SHA-256 of the whole file, in hexadecimal.</summary>
    public string Hash(CancellationToken ct)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(1 << 20);
        try
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            File.Position = 0;
            while (File.Read(buffer) is > 0 and var count)
            {
                ct.ThrowIfCancellationRequested();
                hash.AppendData(buffer, 0, count);
            }
            File.Position = 0;
            return Convert.ToHexStringLower(hash.GetHashAndReset());
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>A download still running would be remembered under a sum that the finished file does not have.</summary>
    public bool HasChanged()
    {
        _info.Refresh();
        return !_info.Exists || _info.Length != Length || _info.LastWriteTimeUtc != LastWriteUtc;
    }

    public void Dispose() => File.Dispose();

    private static void Confirm(FileStream file, ArchiveFormat format)
    {
        Span<byte> head = stackalloc byte[ArchiveFormats.HeadLength];
        var content = ArchiveFormats.ByContent(head[..file.ReadAtLeast(head, head.Length, throwOnEndOfStream: false)]);
        file.Position = 0;
        if (content == format) return;
        if (content is { } other)
        {
            throw new UnpackRefusedException(
                $"its name ends in {ArchiveFormats.Suffix(format)} but its content is {ArchiveFormats.Noun(other)}",
                $"Rename it so that it ends in {ArchiveFormats.Suffix(other)}.");
        }
        throw new UnpackRefusedException(
            $"its content is not {ArchiveFormats.Noun(format)}, which its name promises",
            $"Download it again; test it with \"{ArchiveFormats.TestCommand(format, file.Name)}\".");
    }
}
