using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using Copilot.Engine.Snapshots.Archives;
using Xunit;
using ZstdSharp;

namespace Copilot.Tests.Snapshots;

/// <summary>Makes archives, honest and hostile ones, in a folder that is deleted afterwards.</summary>
internal sealed class ArchiveMaking : IDisposable
{
    public static readonly (string Name, string Text)[] Usual = [("Case/alerts/a.json", "[]"), ("Case/k8s_events_raw.tsv", new string('e', 5000)), ("Case/empty.log", "")];

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("copilot-archive-");

    public ArchiveMaking() => Directory.CreateDirectory(Data);

    public string Data => Path.Combine(_folder.FullName, "data");

    public string Destination => Path.Combine(Data, "case");

    public void Dispose() => _folder.Delete(recursive: true);

    public string File(string name, byte[] content)
    {
        var path = Path.Combine(_folder.FullName, name);
        System.IO.File.WriteAllBytes(path, content);
        return path;
    }

    /// <summary>An archive of the format that the name's end says.</summary>
    public string Archive(string name, params (string Name, string Text)[] files) =>
        name.EndsWith(".zip", StringComparison.Ordinal) ? File(name, Zip(files)) : File(name, Compress(name, Tar(files)));

    public string TarOf(string name, params TarEntry[] entries) => File(name, Compress(name, Tar(entries)));

    public UnpackResult Unpack(string archive, UnpackLimits? limits = null, IProgress<long>? progress = null, CancellationToken ct = default) =>
        SnapshotArchive.Unpack(archive, Destination, limits ?? new UnpackLimits(), progress, ct);

    public UnpackResult.Done Done(string archive) => Assert.IsType<UnpackResult.Done>(Unpack(archive));

    public string Refused(string archive, UnpackLimits? limits = null)
    {
        var message = Assert.IsType<UnpackResult.Refused>(Unpack(archive, limits)).Message;
        Assert.StartsWith(archive, message);
        Assert.Empty(InData());
        return message;
    }

    /// <summary>What lies in the data folder, links and all.</summary>
    public string[] InData() => [.. Directory.GetFileSystemEntries(Data).Select(p => Path.GetFileName(p)).Order(StringComparer.Ordinal)];

    /// <summary>The unpacked files by path.</summary>
    public Dictionary<string, string> Unpacked() => Directory.GetFiles(Destination, "*", SearchOption.AllDirectories)
        .ToDictionary(p => Path.GetRelativePath(Destination, p).Replace('\\', '/'), System.IO.File.ReadAllText);

    /// <summary>Every file below the test's folder whose name is the given one.</summary>
    public string[] Anywhere(string name) => Directory.GetFiles(_folder.FullName, name, SearchOption.AllDirectories);

    public static PaxTarEntry FileEntry(string name, string text) => new(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(Encoding.UTF8.GetBytes(text)) };

    public static PaxTarEntry LinkEntry(TarEntryType type, string name, string target) => new(type, name) { LinkName = target };

    public static byte[] Tar(params (string Name, string Text)[] files) => Tar([.. files.Select(f => FileEntry(f.Name, f.Text))]);

    public static byte[] Tar(params TarEntry[] entries)
    {
        var bytes = new MemoryStream();
        using (var writer = new TarWriter(bytes, TarEntryFormat.Pax, leaveOpen: true))
        {
            foreach (var entry in entries) writer.WriteEntry(entry);
            if (entries.Length == 0) bytes.Write(new byte[1024]); // the writer ends only what it began
        }
        return bytes.ToArray();
    }

    /// <summary>One header and its content as they are on the medium, without the care of a writer.</summary>
    public static byte[] RawEntry(string name, char type, byte[] content, long? size = null)
    {
        var header = new byte[512];
        void Put(int at, string text) => Encoding.UTF8.GetBytes(text).CopyTo(header, at);
        Put(0, name);
        Put(100, "0000644\0" + "0000000\0" + "0000000\0");
        Put(124, Convert.ToString(size ?? content.Length, 8).PadLeft(11, '0') + "\0");
        Put(136, "00000000000\0" + "        " + type);
        Put(257, "ustar\0" + "00");
        Put(148, Convert.ToString(header.Sum(b => b), 8).PadLeft(6, '0') + "\0 ");
        return [.. header, .. content, .. new byte[(512 - (content.Length % 512)) % 512]];
    }

    public static byte[] Pax(string key, string value)
    {
        var rest = $" {key}={value}\n";
        var length = Encoding.UTF8.GetByteCount(rest) + 2;
        return RawEntry("pax", 'x', Encoding.UTF8.GetBytes($"{length}{rest}"));
    }

    public static byte[] Compress(string name, byte[] tar)
    {
        if (name.EndsWith(".tar", StringComparison.Ordinal)) return tar;
        var bytes = new MemoryStream();
        using (Stream packer = name.EndsWith(".zst", StringComparison.Ordinal) ? Zstd(bytes) : new GZipStream(bytes, CompressionLevel.Optimal, leaveOpen: true)) packer.Write(tar);
        return bytes.ToArray();
    }

    public static byte[] Zip(params (string Name, string Text)[] files)
    {
        var bytes = new MemoryStream();
        using (var zip = new ZipArchive(bytes, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, text) in files)
            {
                using var entry = zip.CreateEntry(name).Open();
                entry.Write(Encoding.UTF8.GetBytes(text));
            }
        }
        return bytes.ToArray();
    }

    /// <summary>With a checksum at the end, as the zstd command does it.</summary>
    private static CompressionStream Zstd(Stream to)
    {
        var stream = new CompressionStream(to, leaveOpen: true);
        stream.SetParameter(ZstdSharp.Unsafe.ZSTD_cParameter.ZSTD_c_checksumFlag, 1);
        return stream;
    }
}

/// <summary>Reports at once, on the caller's thread.</summary>
internal sealed class Sink(Action<long> report) : IProgress<long>
{
    public void Report(long value) => report(value);
}
