using System.Buffers;

namespace Copilot.Engine.Snapshots.Archives;

internal enum ArchiveFormat
{
    TarZstd,
    TarGzip,
    Tar,
    Zip,
}

/// <summary>What is known of each format: its names, its first bytes, and the command that tests it.</summary>
internal static class ArchiveFormats
{
    /// <summary>As many bytes as <see cref="ByContent"/> needs: one tar header.</summary>
    public const int HeadLength = 512;

    private static readonly (string Suffix, ArchiveFormat Format)[] Suffixes =
    [
        (".tar.zst", ArchiveFormat.TarZstd),
        (".tar.gz", ArchiveFormat.TarGzip),
        (".tgz", ArchiveFormat.TarGzip),
        (".tar", ArchiveFormat.Tar),
        (".zip", ArchiveFormat.Zip),
    ];

    public static ArchiveFormat? ByName(string path)
    {
        foreach (var (suffix, format) in Suffixes)
        {
            if (path.EndsWith(suffix, StringComparison.OrdinalIgnoreCase)) return format;
        }
        return null;
    }

    public static ArchiveFormat? ByContent(ReadOnlySpan<byte> head)
    {
        if (head.StartsWith<byte>([0x28, 0xB5, 0x2F, 0xFD])) return ArchiveFormat.TarZstd;
        // A zstd file may begin with a skippable frame: pzstd writes them.
        if (head.Length >= 4 && (head[0] & 0xF0) == 0x50 && head[1..].StartsWith<byte>([0x2A, 0x4D, 0x18])) return ArchiveFormat.TarZstd;
        if (head.StartsWith<byte>([0x1F, 0x8B])) return ArchiveFormat.TarGzip;
        if (head.StartsWith("PK\x03\x04"u8) || head.StartsWith("PK\x05\x06"u8)) return ArchiveFormat.Zip;
        return IsTarHeader(head) ? ArchiveFormat.Tar : null;
    }

    public static string Suffix(ArchiveFormat format) => Array.Find(Suffixes, s => s.Format == format).Suffix;

    /// <summary>What a stranger calls the content.</summary>
    public static string Noun(ArchiveFormat format) => format switch
    {
        ArchiveFormat.TarZstd => "zstd data",
        ArchiveFormat.TarGzip => "gzip data",
        ArchiveFormat.Zip => "a zip archive",
        _ => "a tar archive",
    };

    public static string TestCommand(ArchiveFormat format, string path) => format switch
    {
        ArchiveFormat.TarZstd => $"zstd -t {Quoted(path)}",
        ArchiveFormat.TarGzip => $"gzip -t {Quoted(path)}",
        ArchiveFormat.Zip => $"unzip -t {Quoted(path)}",
        _ => $"tar -tf {Quoted(path)}",
    };

    /// <summary>The checksum is what every dialect of tar has in common; an archive without entries begins with zeros.</summary>
    private static bool IsTarHeader(ReadOnlySpan<byte> head)
    {
        if (head.Length < HeadLength) return false;
        if (!head.ContainsAnyExcept((byte)0)) return true;
        var field = head.Slice(148, 8);
        var sum = 8 * ' ';
        for (var i = 0; i < HeadLength; i++)
        {
            if (i is < 148 or >= 156) sum += head[i];
        }
        var stated = 0;
        foreach (var b in field.Trim(" \0"u8))
        {
            if (b is < (byte)'0' or > (byte)'7') return false;
            stated = (stated << 3) | (b - '0');
        }
        return stated == sum;
    }

    private static string Quoted(string path) =>
        path.AsSpan().ContainsAnyExcept(ShellSafe) ? $"'{path.Replace("'", "'\\''")}'" : path;

    private static readonly SearchValues<char> ShellSafe =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-+,:@%");
}
