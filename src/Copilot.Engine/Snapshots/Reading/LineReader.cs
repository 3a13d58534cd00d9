using System.Text;

namespace Copilot.Engine.Snapshots.Reading;

/// <summary>Reads the lines of a text file with their byte offsets, in bounded memory.</summary>
internal sealed class LineReader(Stream stream) : IDisposable
{
    public const int MaxLineBytes = 4 << 20;

    private byte[] _buffer = new byte[256 << 10];
    private int _next;
    private int _end;
    private long _bufferOffset;
    private bool _eof;

    /// <summary>The number of the current line, from 1.</summary>
    public long Line { get; private set; }

    /// <summary>Where the current line begins in the file.</summary>
    public long Offset { get; private set; }

    public bool Oversized { get; private set; }

    /// <summary>The current line without its end.</summary>
    public ReadOnlyMemory<byte> Raw { get; private set; }

    public string Text => Encoding.UTF8.GetString(Raw.Span);

    public void Seek(long offset, long line)
    {
        stream.Position = offset;
        (_next, _end, _bufferOffset, _eof, Line) = (0, 0, offset, false, line - 1);
    }

    public bool Read()
    {
        Oversized = false;
        Offset = _bufferOffset + _next;
        var searched = 0;
        while (true)
        {
            var newline = _buffer.AsSpan(_next + searched, _end - _next - searched).IndexOf((byte)'\n');
            if (newline >= 0) return Take(searched + newline, 1);
            searched = _end - _next;
            if (_eof) return searched > 0 && Take(searched, 0);
            if (searched >= MaxLineBytes)
            {
                Oversized = true;
                (_bufferOffset, _next, _end, searched) = (_bufferOffset + _end, 0, 0, 0);
            }
            Fill();
        }
    }

    public void Dispose() => stream.Dispose();

    private bool Take(int length, int terminator)
    {
        Line++;
        Raw = _buffer.AsMemory(_next, length > 0 && _buffer[_next + length - 1] == (byte)'\r' ? length - 1 : length);
        _next += length + terminator;
        return true;
    }

    private void Fill()
    {
        if (_next > 0)
        {
            _buffer.AsSpan(_next, _end - _next).CopyTo(_buffer);
            _bufferOffset += _next;
            (_end, _next) = (_end - _next, 0);
        }
        if (_end == _buffer.Length) Array.Resize(ref _buffer, _buffer.Length * 2);
        var read = stream.Read(_buffer.AsSpan(_end));
        _eof = read == 0;
        _end += read;
    }
}
