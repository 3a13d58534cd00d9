namespace Copilot.Simulator.Validation;

/// <summary>One file of rows with a known header. Rows of another width are reported and passed over.</summary>
internal sealed class Table : IDisposable
{
    private readonly FormatRules _format;
    private readonly CancellationToken _ct;
    private readonly StrictTsv _rows;
    private readonly string _file;
    private readonly int[] _positions;
    private readonly int _width;

    private Table(string path, string file, string[] columns, FormatRules format, CancellationToken ct)
    {
        (_file, _format, _ct) = (file, format, ct);
        _rows = new StrictTsv(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0));
        var header = new List<string>();
        if (_rows.Read())
            for (var i = 0; i < _rows.Count; i++) header.Add(System.Text.Encoding.UTF8.GetString(_rows[i]));
        _width = header.Count;
        _positions = [.. columns.Select(c => header.IndexOf(c))];
        // Recorders before 2025 did not know EventName, the last column.
        if (!format.Header.Holds(header.SequenceEqual(columns) || header.SequenceEqual(columns.Where(c => c != "EventName"))))
            format.Header.Broken(new Place(file, 0), $"header {string.Join(' ', header)}");
    }

    public Place Place => new(_file, _rows.Row);

    public long Row => _rows.Row;

    /// <summary>Null when the file is not there.</summary>
    public static Table? Open(string directory, string file, string[] columns, FormatRules format, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        var path = Path.Combine(directory, file);
        return File.Exists(path) ? new Table(path, file, columns, format, ct) : null;
    }

    public bool Next()
    {
        while (_rows.Read())
        {
            if ((_rows.Row & 0xFFF) == 0) _ct.ThrowIfCancellationRequested();
            if (!_format.Quoting.Holds(_rows.Fault is null)) _format.Quoting.Broken(Place, _rows.Fault!);
            if (_format.Width.Holds(_rows.Count == _width)) return true;
            _format.Width.Broken(Place, $"{_rows.Count} fields instead of {_width}");
        }

        return false;
    }

    /// <summary>A field of the current row by its number among the columns asked for; empty when the file lacks the column.</summary>
    public ReadOnlySpan<byte> this[int column] => _positions[column] < 0 ? default : _rows[_positions[column]];

    public string Text(int column) => System.Text.Encoding.UTF8.GetString(this[column]);

    public void Dispose() => _rows.Dispose();
}
