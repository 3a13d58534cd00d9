using System.IO.Compression;
using ZstdSharp;

namespace Copilot.Engine.Snapshots.Archives;

/// <summary>Unpacks a snapshot that came as one file from somebody else. Nothing in it is trusted.</summary>
public static class SnapshotArchive
{
    /// <summary>Does the name say that this is an archive? The content is not looked at.</summary>
    public static bool IsArchive(string path) => ArchiveFormats.ByName(path) is not null;

    /// <summary>Unpacks an archive, or finds that an earlier run did.</summary>
    /// <param name="archive">A .tar.zst, .tar.gz, .tgz, .tar or .zip.</param>
    /// <param name="destination">
    /// The folder to make. One that is there already is kept if it came whole from this archive, and replaced otherwise.
    /// </param>
    /// <param name="limits">Where to stop.</param>
    /// <param name="progress">Is told how many bytes came out so far.</param>
    /// <param name="ct">Stops it; what was written by then is deleted.</param>
    public static UnpackResult Unpack(string archive, string destination, UnpackLimits limits, IProgress<long>? progress, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        try
        {
            var target = new UnpackTarget(destination);
            using var source = ArchiveSource.Open(archive);
            try
            {
                return Unpack(source, target, limits, progress, ct);
            }
            catch (Exception e) when (IsDamage(e))
            {
                return new UnpackResult.Refused($"{archive} cannot be unpacked: {Explained(e, source.Format, archive)}");
            }
        }
        catch (UnpackRefusedException e)
        {
            return new UnpackResult.Refused($"{archive} cannot be unpacked: {e.Message}. {e.Mend}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Failures to write were turned into refusals where they happened.
            return new UnpackResult.Refused(
                $"{archive} cannot be unpacked: it cannot be read ({Snapshot.Reason(e)}). Copy it to a local disk and try again.");
        }
    }

    private static UnpackResult.Done Unpack(
        ArchiveSource source, UnpackTarget target, UnpackLimits limits, IProgress<long>? progress, CancellationToken ct)
    {
        var sum = new Lazy<string>(() => source.Hash(ct));
        if (target.Existing(m => m.IsOf(source.Length, source.LastWriteUtc, () => sum.Value)) is { } earlier) return earlier;
        target.Sweep();
        var meter = new UnpackMeter(limits, source.Length, progress, ct);
        var partial = target.CreatePartial();
        try
        {
            var extraction = new Extraction(partial, meter);
            Decode(source, extraction, meter);
            meter.Report();
            if (extraction.Files == 0) throw Empty(extraction.Skipped);
            var marker = new UnpackMarker(
                UnpackMarker.CurrentVersion, source.Length, source.LastWriteUtc, sum.Value, extraction.Files, extraction.Bytes, extraction.Skipped);
            if (source.HasChanged()) throw new UnpackRefusedException("it changed while it was read", "Wait until its download or copy is complete.");
            return target.Publish(partial, marker, ct);
        }
        finally
        {
            UnpackTarget.Discard(partial); // renamed by now if all went well
        }
    }

    private static void Decode(ArchiveSource source, Extraction into, UnpackMeter meter)
    {
        switch (source.Format)
        {
            case ArchiveFormat.TarZstd:
                using (var zstd = new DecompressionStream(source.File, checkEndOfStream: true, leaveOpen: true))
                    TarUnpacker.Unpack(zstd, [], into, meter);
                break;
            case ArchiveFormat.TarGzip:
                using (var packed = new SealedGzipSource(source.File))
                using (var gzip = new GZipStream(packed, CompressionMode.Decompress, leaveOpen: true))
                    TarUnpacker.Unpack(gzip, SealedGzipSource.Seal, into, meter);
                break;
            case ArchiveFormat.Zip:
                ZipUnpacker.Unpack(source.File, into, meter);
                break;
            default:
                TarUnpacker.Unpack(source.File, [], into, meter);
                break;
        }
    }

    private static UnpackRefusedException Empty(IReadOnlyList<string> skipped) => new(
        skipped.Count == 0 ? "it holds no files" : $"none of its entries can be used, such as {skipped[0]}",
        "Pack the directory that holds the evidence again.");

    private static string Explained(Exception e, ArchiveFormat format, string archive)
    {
        var reason = EntryName.Shown(e.Message.TrimEnd('.'));
        if (e is NotSupportedException)
            return $"it uses a feature that is not supported ({reason}). Pack it again without tar --sparse or --multi-volume.";
        if (e is ZstdException && reason.Contains("memory", StringComparison.Ordinal))
            return $"it was packed with too large a window ({reason}). Pack it again without zstd --long or --ultra.";
        // Whatever is wrong with gzip data, GZipStream speaks of an unsupported compression method.
        var detail = format == ArchiveFormat.TarGzip && e is InvalidDataException ? "" : $" ({reason})";
        return $"it is cut short or damaged{detail}. Download it again; test it with \"{ArchiveFormats.TestCommand(format, archive)}\".";
    }

    /// <summary>What decoders throw when their input is wrong. They were written for honest input, so the list is long.</summary>
    private static bool IsDamage(Exception e) =>
        e is InvalidDataException or EndOfStreamException or ZstdException or FormatException or ArgumentException
            or InvalidOperationException or NotSupportedException or OverflowException or IndexOutOfRangeException or OutOfMemoryException;
}
