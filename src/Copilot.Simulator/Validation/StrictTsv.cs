using System.Buffers;

namespace Copilot.Simulator.Validation;

/// <summary>
/// Rows of a tab-separated file, one at a time, as bytes of the read buffer. Strict: a quote may only open a whole field, inside
/// one it is doubled, and a carriage return stands only between quotes. A row that breaks this is still cut into fields as well as can be.
/// </summary>
internal sealed class StrictTsv(Stream stream) : IDisposable
{
    private static readonly SearchValues<byte> Ends = SearchValues.Create("\t\n\r\""u8);

    private byte[] _buffer = new byte[1 << 18];
    private byte[] _unescaped = new byte[1 << 12];
    private (int From, int Length, bool Escaped)[] _fields = new (int, int, bool)[32];
    private int _next;
    private int _filled;
    private bool _ended;

    /// <summary>Fields of the current row.</summary>
    public int Count { get; private set; }

    /// <summary>The header is row 0.</summary>
    public long Row { get; private set; } = -1;

    /// <summary>What is wrong with the quoting of the current row; null when nothing is.</summary>
    public string? Fault { get; private set; }

    public bool Read()
    {
        while (true)
        {
            var next = _next < _filled ? Cut(_next) : -1;
            if (next >= 0)
            {
                _next = next;
                Row++;
                return true;
            }

            if (_ended) return false;
            Fill();
        }
    }

    /// <summary>The field's text; valid until the next field with doubled quotes is asked for or the next row is read.</summary>
    public ReadOnlySpan<byte> this[int field]
    {
        get
        {
            var (from, length, escaped) = _fields[field];
            var raw = _buffer.AsSpan(from, length);
            return escaped ? Unescape(raw) : raw;
        }
    }

    public void Dispose() => stream.Dispose();

    private void Fill()
    {
        var rest = _filled - _next;
        if (rest == _buffer.Length) Array.Resize(ref _buffer, 2 * _buffer.Length);
        else _buffer.AsSpan(_next, rest).CopyTo(_buffer);
        (_next, _filled) = (0, rest);
        var read = stream.Read(_buffer.AsSpan(_filled));
        _filled += read;
        _ended = read == 0;
    }

    /// <summary>Cuts the row that begins there; the begin of the next one, or -1 when the buffer does not hold all of it.</summary>
    private int Cut(int at)
    {
        (Count, Fault) = (0, null);
        while (true)
        {
            at = at < _filled && _buffer[at] == '"' ? Quoted(at) : Plain(at);
            if (at < 0) return -1;
            if (at == _filled) return _ended ? at : -1;
            if (_buffer[at++] == '\n') return at;
        }
    }

    private int Plain(int from)
    {
        var end = EndOf(from);
        if (end >= 0) Add(from, end - from, escaped: false);
        return end;
    }

    private int Quoted(int from)
    {
        var escaped = false;
        for (var at = from + 1; ; at += 2, escaped = true)
        {
            var quote = _buffer.AsSpan(at, _filled - at).IndexOf((byte)'"');
            if (quote < 0 && !_ended) return -1;
            if (quote < 0) Fault = "a quoted field does not end";
            at = quote < 0 ? _filled : at + quote;
            if (at + 1 >= _filled && !_ended) return -1;
            if (at + 1 < _filled && _buffer[at + 1] == '"') continue;
            Add(from + 1, at - from - 1, escaped);
            if (at + 1 >= _filled || _buffer[at + 1] is (byte)'\t' or (byte)'\n') return Math.Min(at + 1, _filled);
            Fault = "text after a closing quote";
            return EndOf(at + 1);
        }
    }

    /// <summary>The tab or line end that ends an unquoted field, or the end of the file.</summary>
    private int EndOf(int from)
    {
        for (var at = from; ; at++)
        {
            var found = _buffer.AsSpan(at, _filled - at).IndexOfAny(Ends);
            if (found < 0) return _ended ? _filled : -1;
            at += found;
            if (_buffer[at] is (byte)'\t' or (byte)'\n') return at;
            Fault ??= _buffer[at] == '"' ? "a quote inside an unquoted field" : "a carriage return outside of quotes";
        }
    }

    private void Add(int from, int length, bool escaped)
    {
        if (Count == _fields.Length) Array.Resize(ref _fields, 2 * Count);
        _fields[Count++] = (from, length, escaped);
    }

    private ReadOnlySpan<byte> Unescape(ReadOnlySpan<byte> raw)
    {
        if (_unescaped.Length < raw.Length) _unescaped = new byte[2 * raw.Length];
        var written = 0;
        while (raw.IndexOf((byte)'"') is >= 0 and var quote)
        {
            raw[..(quote + 1)].CopyTo(_unescaped.AsSpan(written));
            written += quote + 1;
            raw = raw[Math.Min(quote + 2, raw.Length)..];
        }

        raw.CopyTo(_unescaped.AsSpan(written));
        return _unescaped.AsSpan(0, written + raw.Length);
    }
}
