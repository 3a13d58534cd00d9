using System.Formats.Tar;

namespace Copilot.Engine.Snapshots.Archives;

/// <summary>Reads a tar archive from front to back. Long names of GNU and PAX are resolved by the reader before they are judged.</summary>
internal static class TarUnpacker
{
    /// <param name="seal">What must come last, after the archive; empty when the decoder itself notices a cut.</param>
    public static void Unpack(Stream tar, ReadOnlySpan<byte> seal, Extraction into, UnpackMeter meter)
    {
        using var stream = new MeteredStream(tar, meter);
        using var reader = new TarReader(stream, leaveOpen: true);
        var buffer = new byte[64 << 10];
        while (Next(reader, stream) is { } entry)
        {
            meter.Entry();
            var written = Take(entry, into);
            if (written is not null && written != entry.Length) throw new EndOfStreamException($"{EntryName.Shown(entry.Name)} is cut short");
            // What was skipped is read here, outside the allowance of the next header.
            while (entry.DataStream is { } rest && rest.Read(buffer) > 0)
            {
            }
        }
        ReadToEnd(stream, seal, into, buffer);
    }

    private static TarEntry? Next(TarReader reader, MeteredStream stream)
    {
        stream.BeginHeader();
        var entry = reader.GetNextEntry();
        stream.EndHeader();
        return entry;
    }

    private static long? Take(TarEntry entry, Extraction into)
    {
        switch (entry.EntryType)
        {
            case TarEntryType.RegularFile or TarEntryType.V7RegularFile or TarEntryType.ContiguousFile:
                if (entry is PaxTarEntry pax && IsSparse(pax)) goto case TarEntryType.SparseFile;
                // The oldest tars mark a folder by the slash alone.
                if (entry.Length == 0 && entry.Name.EndsWith('/')) goto case TarEntryType.Directory;
                return into.AddFile(entry.Name, entry.DataStream);
            case TarEntryType.Directory:
                into.AddFolder(entry.Name);
                break;
            case TarEntryType.GlobalExtendedAttributes:
                break; // no file: git archive writes one
            case TarEntryType.SymbolicLink:
                into.Skip(entry.Name, $"a symbolic link to {EntryName.Shown(entry.LinkName)}; pack with tar --dereference to keep the file itself");
                break;
            case TarEntryType.HardLink:
                into.Skip(entry.Name, $"a hard link to {EntryName.Shown(entry.LinkName)}; pack with tar --hard-dereference to keep the file itself");
                break;
            case TarEntryType.SparseFile:
                into.Skip(entry.Name, "a sparse file; pack without tar --sparse to keep it");
                break;
            case TarEntryType.CharacterDevice or TarEntryType.BlockDevice:
                into.Skip(entry.Name, "a device");
                break;
            case TarEntryType.Fifo:
                into.Skip(entry.Name, "a named pipe");
                break;
            default:
                into.Skip(entry.Name, $"neither a file nor a folder ({entry.EntryType})");
                break;
        }
        return null;
    }

    /// <summary>The content of such a file is a list of pieces, which the reader does not put together.</summary>
    private static bool IsSparse(PaxTarEntry entry) =>
        entry.ExtendedAttributes.Keys.Any(k => k.StartsWith("GNU.sparse.", StringComparison.Ordinal));

    /// <summary>
    /// Checksums come after the data: only a stream read to its end is known to be whole.
    /// That includes the frames after the archive's own end.
    /// </summary>
    private static void ReadToEnd(MeteredStream stream, ReadOnlySpan<byte> seal, Extraction into, byte[] buffer)
    {
        Span<byte> last = stackalloc byte[seal.Length];
        var kept = 0;
        var foreign = false;
        while (stream.Read(buffer) is > 0 and var count)
        {
            var block = buffer.AsSpan(0, count);
            // What leaves the window of the last bytes is not the seal, so it must be padding.
            var leaving = Math.Max(0, kept + count - last.Length);
            var fromLast = Math.Min(leaving, kept);
            foreign |= last[..fromLast].ContainsAnyExcept((byte)0) || block[..(leaving - fromLast)].ContainsAnyExcept((byte)0);
            last[fromLast..kept].CopyTo(last);
            kept -= fromLast;
            block[(leaving - fromLast)..].CopyTo(last[kept..]);
            kept += count - (leaving - fromLast);
        }
        if (!last.SequenceEqual(seal)) throw new EndOfStreamException("its end is missing");
        if (foreign) into.Skip("what follows the archive's end mark", "a second archive or damage; join archives with tar --concatenate");
    }
}
