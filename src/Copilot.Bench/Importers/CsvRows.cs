using System.Buffers;
using Copilot.Engine.Yaml;

namespace Copilot.Bench.Importers;

/// <summary>
/// Reads a file of comma-separated values (RFC 4180) row by row: quoted fields may hold commas, doubled quotes and line breaks. Holds one row at a time,
/// whatever the size of the file. Blank lines are no rows.
/// </summary>
internal sealed class CsvRows : IDisposable
{
    // A quote that is never closed would swallow the rest of the file.
    private const int MostOfRow = 1 << 24;

    private static readonly SearchValues<char> Ends = SearchValues.Create(",\r\n");

    private readonly string _path;
    private readonly StreamReader _reader;
    private readonly char[] _buffer = new char[1 << 16];
    private readonly List<int> _ends = [];
    private readonly string[] _header;
    private char[] _row = new char[1 << 12];
    private int _at;
    private int _length;
    private int _used;
    private long _line = 1;

    /// <exception cref="FileFaultException">It cannot be read.</exception>
    public CsvRows(string path)
    {
        _path = path;
        try
        {
            _reader = new(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, 1 << 16, FileOptions.SequentialScan));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unreadable(e);
        }
        _header = Read() ? [.. Enumerable.Range(0, _ends.Count).Select(i => this[i].Trim().ToString())] : [];
    }

    /// <summary>The names in the first row; empty for an empty file.</summary>
    public IReadOnlyList<string> Header => _header;

    /// <summary>The line that the current row begins in, from 1.</summary>
    public long Line { get; private set; }

    /// <summary>Whether the file ended inside a quoted field of the current row.</summary>
    public bool Cut { get; private set; }

    /// <summary>A field of the current row; empty where the row has no such column. It is gone with the next <see cref="Read"/>.</summary>
    public ReadOnlySpan<char> this[int column] =>
        (uint)column >= (uint)_ends.Count ? default : _row.AsSpan(column == 0 ? 0 : _ends[column - 1], _ends[column] - (column == 0 ? 0 : _ends[column - 1]));

    /// <summary>The place of a column, the first of that name; -1 without one.</summary>
    public int Column(string name) => Array.IndexOf(_header, name);

    /// <summary>Goes to the next row; false after the last.</summary>
    public bool Read()
    {
        (_used, Line, Cut) = (0, _line, false);
        _ends.Clear();
        var (isNew, any) = (true, false); // whether a field begins here, and whether the row holds anything
        while (true)
        {
            if (_at == _length && !Fill())
            {
                if (!any) return false;
                _ends.Add(_used);
                return true;
            }
            if (isNew && _buffer[_at] == '"')
            {
                _at++;
                Quoted();
                (isNew, any) = (false, true);
                continue;
            }
            var rest = _buffer.AsSpan(_at, _length - _at);
            var end = rest.IndexOfAny(Ends);
            var piece = end < 0 ? rest : rest[..end];
            Append(piece);
            _at += piece.Length;
            any |= piece.Length > 0;
            if (piece.Length > 0) isNew = false;
            if (end < 0) continue;
            var c = _buffer[_at++];
            if (c == ',')
            {
                _ends.Add(_used);
                (isNew, any) = (true, true);
                continue;
            }
            if (c == '\r' && (_at < _length || Fill()) && _buffer[_at] == '\n') _at++;
            _line++;
            if (!any)
            {
                Line = _line;
                continue;
            }
            _ends.Add(_used);
            return true;
        }
    }

    public void Dispose() => _reader.Dispose();

    /// <summary>The rest of a field after its opening quote.</summary>
    private void Quoted()
    {
        while (true)
        {
            if (_at == _length && !Fill())
            {
                Cut = true;
                return;
            }
            var rest = _buffer.AsSpan(_at, _length - _at);
            var quote = rest.IndexOf('"');
            var piece = quote < 0 ? rest : rest[..quote];
            Append(piece);
            _line += piece.Count('\n');
            _at += piece.Length;
            if (quote < 0) continue;
            _at++;
            if ((_at == _length && !Fill()) || _buffer[_at] != '"') return;
            _at++;
            Append("\"");
        }
    }

    private void Append(ReadOnlySpan<char> piece)
    {
        if (_used + piece.Length > MostOfRow)
            throw new FileFaultException($"{_path}:{Line}: the row that begins here is longer than {MostOfRow >> 20} MiB. A quote is missing in it: mend the row or take it out.");
        if (_used + piece.Length > _row.Length) Array.Resize(ref _row, Math.Max(_row.Length * 2, _used + piece.Length));
        piece.CopyTo(_row.AsSpan(_used));
        _used += piece.Length;
    }

    private bool Fill()
    {
        try
        {
            (_at, _length) = (0, _reader.Read(_buffer, 0, _buffer.Length));
        }
        catch (IOException e)
        {
            throw Unreadable(e);
        }
        return _length > 0;
    }

    private FileFaultException Unreadable(Exception e) =>
        new($"{_path} cannot be read ({(e is UnauthorizedAccessException ? "permission denied" : e.Message)}). Check the path and your rights to it.", e);
}
