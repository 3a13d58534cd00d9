using System.IO.Compression;
using System.Security.Cryptography;
using Copilot.Core.Receipts;
using Copilot.Engine.Yaml;

namespace Copilot.Storage;

/// <summary>
/// A log or an excerpt of one handed out as a zip, and the proof of one receipt as a text (docs/receipt-format.md). What comes from outside is read within limits and into memory only: no name of an entry
/// ever becomes a path.
/// </summary>
internal static class ReceiptBundle
{
    private const long MostBytes = 1L << 30;
    private const long MostProofBytes = 8 << 20;
    private const int MostRatio = 200;
    private const long SmallRest = 1 << 20;

    private static readonly string[] Needed = [BundleManifest.ReceiptsFile, BundleManifest.CheckpointFile, BundleManifest.FileName];

    // A zip knows no time zone and nothing before 1980; one fixed time makes the same log the same bytes.
    private static readonly DateTimeOffset Time = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Writes a bundle; the files are written in their order, and the manifest behind them.</summary>
    /// <param name="manifest">Without its files.</param>
    /// <param name="files">Each with its lines, or with one content.</param>
    public static void Write(string file, BundleManifest manifest, IEnumerable<(string Name, IEnumerable<ReadOnlyMemory<byte>> Content, bool IsLines)> files) => Whole(file, partial =>
    {
        using var zip = ZipFile.Open(partial, ZipArchiveMode.Create);
        var hashes = files.ToDictionary(f => f.Name, f => Put(zip, f.Name, f.Content, f.IsLines));
        Put(zip, BundleManifest.FileName, [(manifest with { Files = hashes }).ToBytes()], isLines: false);
    });

    /// <summary>Another form of a log, as a plain file.</summary>
    public static void WriteText(string file, IEnumerable<string> lines) => Whole(file, partial => File.WriteAllLines(partial, lines));

    /// <summary>The proof of one receipt.</summary>
    public static void Write(string file, InclusionProof proof) => Whole(file, partial => File.WriteAllText(partial, proof.Format()));

    /// <summary>A checkpoint.</summary>
    public static void Write(string file, string note) => Whole(file, partial => File.WriteAllText(partial, note));

    /// <summary>Reads the proof of one receipt; null when the file is something else. What of a proof is wrong is thrown as <see cref="FileFaultException"/>.</summary>
    public static InclusionProof? ReadProof(string file)
    {
        if (!File.Exists(file)) return null;
        try
        {
            using var stream = File.OpenRead(file);
            var first = new byte[InclusionProof.FirstLine.Length];
            if (stream.ReadAtLeast(first, first.Length, throwOnEndOfStream: false) < first.Length || System.Text.Encoding.ASCII.GetString(first) != InclusionProof.FirstLine) return null;
            if (stream.Length > MostProofBytes) throw NoProof($"it is longer than {MostProofBytes} bytes");
            return InclusionProof.TryParse(File.ReadAllText(file), out var proof, out var fault) ? proof : throw NoProof(fault);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new FileFaultException($"{file} cannot be read ({e.Message.TrimEnd('.')}).", e);
        }

        FileFaultException NoProof(string why) => new($"{file} is no proof of a receipt ({why}). \"copilot receipts prove RECEIPT --out FILE\" makes one.");
    }

    /// <summary>The files of a bundle by name; throws <see cref="FileFaultException"/> when it is none.</summary>
    public static IReadOnlyDictionary<string, byte[]> Read(string file)
    {
        try
        {
            using var zip = ZipFile.OpenRead(file);
            if (zip.Entries.Count > BundleManifest.Names.Count) throw NotOne(file, $"it holds {zip.Entries.Count} entries");
            if (zip.Entries.FirstOrDefault(e => !BundleManifest.Names.Contains(e.FullName)) is { } other) throw NotOne(file, $"it holds {Core.Evidence.PlainText.Clean(other.FullName)}");
            if (zip.Entries.GroupBy(e => e.FullName).FirstOrDefault(g => g.Count() > 1) is { } twice) throw NotOne(file, $"it holds {twice.Key} twice");
            if (Needed.FirstOrDefault(n => zip.GetEntry(n) is null) is { } missing) throw NotOne(file, $"{missing} is missing");
            var packed = new FileInfo(file).Length;
            return zip.Entries.ToDictionary(e => e.FullName, e => Content(file, e, packed));
        }
        catch (Exception e) when (e is InvalidDataException or IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw NotOne(file, e.Message.TrimEnd('.'));
        }
    }

    /// <summary>Writes beside the place and renames when it is whole.</summary>
    private static void Whole(string file, Action<string> write)
    {
        // A renamed file in the place of a device would break the machine.
        if (Path.GetFullPath(file).StartsWith("/dev/", StringComparison.Ordinal) || Directory.Exists(file)) throw new FileFaultException($"{file} is no file that can be written to. Name a file with --out.");
        var partial = $"{file}.partial-{Environment.ProcessId}";
        try
        {
            if (Path.GetDirectoryName(Path.GetFullPath(file)) is { } folder) Directory.CreateDirectory(folder);
            File.Delete(partial);
            write(partial);
            File.Move(partial, file, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new FileFaultException($"{file} cannot be written ({e.Message.TrimEnd('.')}). Name another place with --out, or free some space.", e);
        }
        finally
        {
            if (File.Exists(partial)) File.Delete(partial);
        }
    }

    /// <summary>The lines of a file of receipts; what stands behind the last newline counts as a line as well.</summary>
    public static IEnumerable<ReadOnlyMemory<byte>> LinesOf(byte[] content)
    {
        for (var at = 0; at < content.Length;)
        {
            var end = Array.IndexOf(content, (byte)'\n', at);
            if (end < 0) end = content.Length;
            yield return content.AsMemory(at, end - at);
            at = end + 1;
        }
    }

    public static string Hash(byte[] content) => Convert.ToHexStringLower(SHA256.HashData(content));

    private static byte[] Content(string file, ZipArchiveEntry entry, long packed)
    {
        // Both lengths are claims; what an entry takes in the file cannot be more than the file.
        if (entry.Length is < 0 or > MostBytes || entry.Length > (Math.Min(entry.CompressedLength, packed) * MostRatio) + SmallRest) throw NotOne(file, $"{entry.FullName} would unpack to {entry.Length} bytes");
        using var stream = entry.Open();
        // The stated length is a claim; what is read beyond it is refused.
        var content = new byte[entry.Length];
        stream.ReadExactly(content);
        return stream.ReadByte() < 0 ? content : throw NotOne(file, $"{entry.FullName} is longer than it says");
    }

    /// <summary>Gives the SHA-256 of what was written.</summary>
    private static string Put(ZipArchive zip, string name, IEnumerable<ReadOnlyMemory<byte>> content, bool isLines)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var stream = Entry(zip, name).Open();
        foreach (var piece in content)
        {
            Write(piece.Span);
            if (isLines) Write("\n"u8);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());

        void Write(ReadOnlySpan<byte> bytes)
        {
            hash.AppendData(bytes);
            stream.Write(bytes);
        }
    }

    private static ZipArchiveEntry Entry(ZipArchive zip, string name)
    {
        var entry = zip.CreateEntry(name, CompressionLevel.Optimal);
        entry.LastWriteTime = Time;
        return entry;
    }

    private static FileFaultException NotOne(string file, string why) => new($"{file} is no bundle of receipts ({why}). \"copilot receipts export --out FILE.zip\" makes one.");
}
