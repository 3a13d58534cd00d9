using System.IO.Compression;

namespace Copilot.Engine.Snapshots.Archives;

/// <summary>A stream that is read once from front to back.</summary>
internal abstract class ForwardStream : Stream
{
    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public abstract override int Read(Span<byte> buffer);

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}

/// <summary>Tells the meter of every byte that is read. The inner stream stays the caller's.</summary>
internal sealed class MeteredStream(Stream inner, UnpackMeter meter) : ForwardStream
{
    /// <summary>A reader may ask for gigabytes at once; a cancel must not wait for them.</summary>
    private const int MaxRead = 1 << 20;

    /// <summary>A header holds names and attributes. The tar reader keeps all of it in memory, so a longer one is an attack.</summary>
    private const int MaxHeader = 1 << 20;

    private int? _header;

    /// <summary>From here to <see cref="EndHeader"/> a tar header is read.</summary>
    public void BeginHeader() => _header = 0;

    public void EndHeader() => _header = null;

    public override int Read(Span<byte> buffer)
    {
        var count = inner.Read(buffer.Length > MaxRead ? buffer[..MaxRead] : buffer);
        meter.Came(count);
        if (_header is { } header && (_header = header + count) > MaxHeader)
            throw UnpackMeter.Exceeded($"the header of one entry is larger than {UnpackMeter.Size(MaxHeader)}");
        return count;
    }
}

/// <summary>
/// Appends a small gzip member of known content. GZipStream takes the end of a cut file for the end of its data;
/// it reaches this member, and yields its content, only if the file before it is whole.
/// </summary>
internal sealed class SealedGzipSource(Stream inner) : ForwardStream
{
    /// <summary>What the decoder must yield last.</summary>
    public static ReadOnlySpan<byte> Seal => "\x01gzip-is-whole\x02"u8;

    private static readonly byte[] Member = Pack();

    private int? _sealAt;

    public override int Read(Span<byte> buffer)
    {
        if (_sealAt is not { } at)
        {
            var count = inner.Read(buffer);
            if (count > 0 || buffer.Length == 0) return count;
            at = 0;
        }
        var length = Math.Min(buffer.Length, Member.Length - at);
        Member.AsSpan(at, length).CopyTo(buffer);
        _sealAt = at + length;
        return length;
    }

    private static byte[] Pack()
    {
        var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true)) gzip.Write(Seal);
        return packed.ToArray();
    }
}

/// <summary>A zip file whose list of entries cannot fill the memory: the zip reader keeps all of it before it can be counted.</summary>
internal sealed class ZipSource(Stream inner, UnpackMeter meter) : Stream
{
    private const long PerEntry = 512;
    private const long Spare = 1 << 20;

    private long? _list = (meter.Limits.MaxEntries * PerEntry) + Spare;

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => inner.Length;

    public override long Position
    {
        get => inner.Position;
        set => inner.Position = value;
    }

    /// <summary>From here on contents are read, which the meter counts as they come out.</summary>
    public void ListIsRead() => _list = null;

    public override int Read(Span<byte> buffer)
    {
        meter.Cancellation.ThrowIfCancellationRequested();
        var count = inner.Read(buffer);
        if (_list is { } left && (_list = left - count) < 0)
            throw UnpackMeter.Exceeded($"it lists more than {meter.Limits.MaxEntries} entries (limit MaxEntries)");
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => inner.Seek(offset, origin);

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
