using System.Buffers;

namespace Copilot.Engine.Snapshots.Reading;

/// <summary>What is wrong with a record; such a record has no fields.</summary>
internal enum RecordFault
{
    None,

    /// <summary>Another number of fields than the header, or a quotation that does not end.</summary>
    Malformed,

    /// <summary>Longer than <see cref="TsvReader.MaxRecordBytes"/>.</summary>
    Oversized,

    /// <summary>The file ends inside the record.</summary>
    Truncated,
}

/// <summary>
/// Reads tab-separated records with CSV quoting (RFC 4180 with a tab for the comma) from a stream of UTF-8 in one pass and bounded
/// memory. Quoted fields may hold tabs and line ends. The first record is the header.
/// </summary>
/// <remarks>
/// Written by hand because each record needs its number, its byte range and a bounded cost whatever the input: a record that has the
/// wrong shape and spans lines is given up at its first line end, so that one stray quote does not swallow the rest of a file.
/// Where records begin depends on the bytes alone, never on buffer sizes, so numbers are stable.
/// </remarks>
internal sealed class TsvReader : IDisposable
{
    public const int MaxRecordBytes = 32 << 20;
    private const int FirstBuffer = 1 << 20;
    private static readonly SearchValues<byte> TabOrNewline = SearchValues.Create("\t\n"u8);

    private readonly Stream _stream;
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(FirstBuffer);
    private int _start; // of the current record
    private int _next;  // of the record after it
    private int _end;   // of the buffered bytes
    private long _bufferOffset; // of _buffer[0] in the file
    private bool _eof;

    private (int Start, int Length, bool Quoted)[] _fields = new (int, int, bool)[32];
    private byte[] _unescaped = [];
    private string[] _header = [];

    public TsvReader(Stream stream)
    {
        _stream = stream;
        Fill();
        if (_end >= 3 && _buffer.AsSpan(0, 3).SequenceEqual("\uFEFF"u8)) _next = 3;
        if (!ReadRaw()) return;
        _header = new string[FieldCount];
        for (var i = 0; i < FieldCount; i++) _header[i] = System.Text.Encoding.UTF8.GetString(Field(i)).Trim();
        Record = 0;
    }

    /// <summary>The names of the columns; empty for an empty file.</summary>
    public IReadOnlyList<string> Header => _header;

    /// <summary>The number of the current record, from 1; the header is not counted.</summary>
    public long Record { get; private set; }

    /// <summary>Where the current record begins in the file.</summary>
    public long Offset => _skippedFrom ?? (_bufferOffset + _start);

    /// <summary>Whether the bytes end without a line end. Known at the end of the file.</summary>
    public bool EndsInLine => _end > 0 && _buffer[_end - 1] != (byte)'\n';

    public RecordFault Fault { get; private set; }

    /// <summary>How many fields are whole: all, of a record that was cut off those before the cut, of any other faulty record none.</summary>
    public int FieldCount { get; private set; }

    /// <summary>The bytes of the current record as they stand in the file, without the line end.</summary>
    public ReadOnlySpan<byte> Raw => _buffer.AsSpan(_start, _rawLength);

    private int _rawLength;
    private int _parsedFields; // before the end of the bytes stopped the parser
    private long? _skippedFrom; // the beginning of a record of which the buffer holds only the end

    public int Column(string name) => Array.IndexOf(_header, name);

    /// <summary>Continues at a known record: an offset and number as this reader gave them before.</summary>
    public void Seek(long offset, long record)
    {
        _stream.Position = offset;
        (_start, _next, _end, _bufferOffset, _eof) = (0, 0, 0, offset, false);
        Record = record - 1;
    }

    /// <summary>Goes to the next record; false at the end of the file.</summary>
    public bool Read()
    {
        if (!ReadRaw()) return false;
        if (Fault != RecordFault.None || FieldCount == _header.Length) return true;
        var cutOff = _eof && _next == _end && EndsInLine;
        if (cutOff && FieldCount > 0 && FieldCount < _header.Length) (Fault, FieldCount) = (RecordFault.Truncated, FieldCount - 1); // well-formed so far, whatever lines it spans; its last field is cut
        else GiveUpAtFirstLine(cutOff ? RecordFault.Truncated : RecordFault.Malformed);
        return true;
    }

    /// <summary>A field of the current record, quotation removed. Valid until the next call of this method or <see cref="Read"/>.</summary>
    public ReadOnlySpan<byte> Field(int index)
    {
        if (index < 0 || index >= FieldCount) return default;
        var (start, length, quoted) = _fields[index];
        var raw = _buffer.AsSpan(start, length);
        return quoted && raw.Contains((byte)'"') ? Unescape(raw) : raw;
    }

    /// <summary>A field as it stands in the file, without its outer quotes: good for comparing and hashing, not for reading.</summary>
    public ReadOnlySpan<byte> RawField(int index) => index < 0 || index >= FieldCount ? default : _buffer.AsSpan(_fields[index].Start, _fields[index].Length);

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
        _stream.Dispose();
    }

    private bool ReadRaw()
    {
        _start = _next;
        _skippedFrom = null;
        Fault = RecordFault.None;
        while (true)
        {
            if (_start == _end)
            {
                if (_eof) return false;
                Fill();
                continue;
            }
            if (TryParse())
            {
                if (_rawLength > 0) break;
                _start = _next; // a blank line is not a record
                continue;
            }
            if (Fill()) continue;
            // The buffer cannot take more: either the file has ended inside a quotation or the record is too long.
            GiveUpAtFirstLine(_eof ? RecordFault.Truncated : RecordFault.Oversized);
            break;
        }
        Record++;
        return true;
    }

    /// <summary>Splits the record that begins at _start; false when more bytes are needed.</summary>
    private bool TryParse()
    {
        var position = _start;
        var count = 0;
        var broken = false;
        while (true)
        {
            if (count == _fields.Length) Array.Resize(ref _fields, count * 2);
            var fieldStart = position;
            int fieldLength;
            var quoted = position < _end && _buffer[position] == (byte)'"';
            if (quoted)
            {
                var close = ClosingQuote(position + 1);
                if (close < 0)
                {
                    _parsedFields = count;
                    return false;
                }
                (fieldStart, fieldLength, position) = (position + 1, close - position - 1, close + 1);
                // Bytes after the closing quote belong to no field: the record is wrong, which its field count then says.
                if (position < _end && _buffer[position] is not ((byte)'\t' or (byte)'\n' or (byte)'\r')) broken = true;
            }
            else
            {
                fieldLength = -1;
            }

            var stop = _buffer.AsSpan(position, _end - position).IndexOfAny(TabOrNewline);
            if (stop < 0 && !_eof)
            {
                _parsedFields = count;
                return false;
            }
            var atEnd = stop < 0;
            var stopAt = atEnd ? _end : position + stop;
            if (fieldLength < 0) fieldLength = stopAt - fieldStart;
            var last = atEnd || _buffer[stopAt] == (byte)'\n';
            if (last && !quoted && fieldLength > 0 && _buffer[fieldStart + fieldLength - 1] == (byte)'\r') fieldLength--;
            _fields[count++] = (fieldStart, fieldLength, quoted);
            position = atEnd ? _end : stopAt + 1;
            if (!last) continue;

            FieldCount = broken ? 0 : count;
            _next = position;
            _rawLength = stopAt - _start;
            if (_rawLength > 0 && _buffer[_start + _rawLength - 1] == (byte)'\r') _rawLength--;
            return true;
        }
    }

    private int ClosingQuote(int from)
    {
        while (true)
        {
            var quote = _buffer.AsSpan(from, _end - from).IndexOf((byte)'"');
            if (quote < 0) return -1;
            var at = from + quote;
            if (at + 1 == _end && !_eof) return -1; // the next byte decides
            if (at + 1 >= _end || _buffer[at + 1] != (byte)'"') return at;
            from = at + 2;
        }
    }

    /// <summary>Makes the first line of the current record a faulty record of its own and goes on behind it.</summary>
    private void GiveUpAtFirstLine(RecordFault fault)
    {
        Fault = fault;
        FieldCount = 0;
        var line = _buffer.AsSpan(_start, _end - _start).IndexOf((byte)'\n');
        // Where no line of the rest has the fields of a record, it is all one record that was cut off inside a quotation.
        var cutOff = fault == RecordFault.Truncated && line >= 0 && !HoldsRecord(_buffer.AsSpan(_start + line + 1, _end - _start - line - 1));
        if (cutOff) FieldCount = _parsedFields;
        if (line >= 0 && !cutOff)
        {
            (_rawLength, _next) = (line, _start + line + 1);
            if (fault == RecordFault.Oversized) Fault = RecordFault.Malformed; // its lines are short: a quotation is open
            if (fault == RecordFault.Truncated && _next < _end) Fault = RecordFault.Malformed;
            return;
        }
        _rawLength = _end - _start;
        _next = _end;
        if (!_eof) SkipLine();
    }

    private bool HoldsRecord(ReadOnlySpan<byte> lines)
    {
        foreach (var line in lines.Split((byte)'\n'))
            if (lines[line].Count((byte)'\t') == _header.Length - 1) return true;
        return false;
    }

    private void SkipLine()
    {
        _skippedFrom = Offset;
        while (!_eof)
        {
            _bufferOffset += _end;
            (_start, _rawLength) = (0, 0);
            _end = _stream.ReadAtLeast(_buffer, _buffer.Length, throwOnEndOfStream: false);
            _eof = _end < _buffer.Length;
            var line = _buffer.AsSpan(0, _end).IndexOf((byte)'\n');
            if (line < 0) continue;
            _next = line + 1;
            return;
        }
        _next = _end;
    }

    /// <summary>Makes room and reads more; false when the file has ended or the record has its largest size.</summary>
    private bool Fill()
    {
        if (_eof) return false;
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            _bufferOffset += _start;
            _end -= _start;
            _next -= _start;
            _start = 0;
        }
        if (_end == _buffer.Length)
        {
            if (_buffer.Length >= MaxRecordBytes) return false;
            var larger = ArrayPool<byte>.Shared.Rent(_buffer.Length * 2);
            _buffer.AsSpan(0, _end).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = larger;
        }
        var read = _stream.ReadAtLeast(_buffer.AsSpan(_end), Math.Min(_buffer.Length - _end, FirstBuffer), throwOnEndOfStream: false);
        if (read < Math.Min(_buffer.Length - _end, FirstBuffer)) _eof = true;
        _end += read;
        return read > 0 || _eof;
    }

    private ReadOnlySpan<byte> Unescape(ReadOnlySpan<byte> raw)
    {
        if (_unescaped.Length < raw.Length) _unescaped = new byte[Math.Max(raw.Length, 4096)];
        var length = 0;
        while (raw.Length > 0)
        {
            var quote = raw.IndexOf((byte)'"');
            var take = quote < 0 ? raw.Length : quote + 1;
            raw[..take].CopyTo(_unescaped.AsSpan(length));
            length += take;
            raw = raw[Math.Min(raw.Length, quote < 0 ? take : take + 1)..];
        }
        return _unescaped.AsSpan(0, length);
    }
}
