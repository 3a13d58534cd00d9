using System.IO.Compression;
using System.IO.Hashing;

namespace Copilot.Engine.Snapshots.Archives;

/// <summary>Reads a zip archive by its list of entries.</summary>
internal static class ZipUnpacker
{
    private const int KindMask = 0xF000;
    private const int KindFolder = 0x4000;
    private const int KindFile = 0x8000;
    private const int KindLink = 0xA000;

    public static void Unpack(Stream file, Extraction into, UnpackMeter meter)
    {
        using var source = new ZipSource(file, meter);
        using var zip = new ZipArchive(source, ZipArchiveMode.Read, leaveOpen: true);
        var entries = zip.Entries;
        source.ListIsRead();
        foreach (var entry in entries)
        {
            meter.Entry();
            Take(entry, into, meter);
        }
    }

    private static void Take(ZipArchiveEntry entry, Extraction into, UnpackMeter meter)
    {
        // Zips made on Unix carry the file's mode; elsewhere these bits are zero.
        var kind = (entry.ExternalAttributes >> 16) & KindMask;
        if (kind == KindLink)
        {
            into.Skip(entry.FullName, "a symbolic link; pack without zip --symlinks to keep the file itself");
        }
        else if (kind is not (0 or KindFile or KindFolder))
        {
            into.Skip(entry.FullName, "neither a file nor a folder");
        }
        else if (entry.FullName.EndsWith('/') || kind == KindFolder)
        {
            into.AddFolder(entry.FullName);
        }
        else if (entry.IsEncrypted)
        {
            into.Skip(entry.FullName, "encrypted; pack it without a password");
        }
        else
        {
            using var data = Open(entry);
            using var metered = new MeteredStream(data, meter);
            var checksum = new Crc32();
            // The zip reader ends at the declared size and checks no sum; a wrong size shows in the sum.
            if (into.AddFile(entry.FullName, metered, checksum) is { } written
                && (written != entry.Length || checksum.GetCurrentHashAsUInt32() != entry.Crc32))
            {
                throw new InvalidDataException($"{EntryName.Shown(entry.FullName)} does not match its checksum");
            }
        }
    }

    private static Stream Open(ZipArchiveEntry entry)
    {
        try
        {
            return entry.Open();
        }
        catch (InvalidDataException e)
        {
            var what = $"{EntryName.Shown(entry.FullName)}: {e.Message.TrimEnd('.')}";
            if (e.Message.Contains("not supported", StringComparison.Ordinal))
                throw new UnpackRefusedException(what, "Pack it again with deflate, the usual method of zip.");
            throw new InvalidDataException(what, e);
        }
    }
}
