using Copilot.Engine.Yaml;

namespace Copilot.Bench.Importers.PetShop;

/// <param name="Metric">latency, requests or availability.</param>
/// <param name="Statistic">Average, Sum, or a quantile such as p95.</param>
internal sealed record PetShopColumn(int Index, string Node, string Metric, string Statistic);

/// <summary>Numbers of one row; what is blank is not a number.</summary>
/// <param name="At">When its time begins, nanoseconds since 1970.</param>
/// <param name="Values">In the order of the columns.</param>
internal sealed record PetShopRow(long At, double[] Values);

/// <summary>
/// Reads a <c>metrics.csv</c>: a column for each node, metric and statistic, named in the first three rows; then, after a row that only says
/// <c>unix_timestamp</c>, a row for each five minutes.
/// </summary>
internal sealed class PetShopTable : IDisposable
{
    private readonly string _path;
    private readonly CsvRows _rows;
    private readonly RowFaults _faults;

    /// <exception cref="FileFaultException">It cannot be read, or does not begin so.</exception>
    public PetShopTable(string path)
    {
        (_path, _rows, _faults) = (path, new(path), new(path));
        if (_rows.Header.Count == 0 || _rows.Header[0] != "microservice") throw Wrong(1, "does not name the nodes, as \"microservice,NODE,…\"");
        var (metrics, statistics) = (Names("metric"), Names("statistic"));
        Columns = [.. Enumerable.Range(1, _rows.Header.Count - 1).Where(i => _rows.Header[i].Length > 0).Select(i => new PetShopColumn(i, _rows.Header[i], metrics[i], statistics[i]))];
    }

    public IReadOnlyList<PetShopColumn> Columns { get; }

    /// <summary>The rows, in order of time.</summary>
    public List<PetShopRow> Read(Action<string>? notice, CancellationToken cancellation)
    {
        var rows = new SortedDictionary<long, PetShopRow>();
        while (_rows.Read())
        {
            cancellation.ThrowIfCancellationRequested();
            if (_rows[0] is "unix_timestamp") continue;
            if (_rows.Cut) _faults.Add(_rows.Line, "the file ends inside a quoted field");
            else if (!Cells.TryTime(_rows[0], out var at)) _faults.Add(_rows.Line, $"\"{_rows[0]}\" is no time");
            // A row that was cut off has fewer fields; what it lacks was not blank.
            else if (_rows.Count < _rows.Header.Count) _faults.Add(_rows.Line, $"{_rows.Count} fields and not {_rows.Header.Count}");
            else if (!rows.TryAdd(at, new(at, [.. Columns.Select(c => Number(c))]))) _faults.Add(_rows.Line, "a second row of one time");
        }
        _faults.Tell(notice);
        return [.. rows.Values];
    }

    public void Dispose() => _rows.Dispose();

    private double Number(PetShopColumn column)
    {
        if (Cells.TryNumber(_rows[column.Index], out var number)) return number;
        if (!Cells.IsNothing(_rows[column.Index])) _faults.Add(_rows.Line, $"\"{_rows[column.Index]}\" is no number, in column {column.Index + 1}; the rest of the row was used");
        return double.NaN;
    }

    private List<string> Names(string what)
    {
        if (!_rows.Read() || _rows[0].ToString() != what) throw Wrong(_rows.Line, $"does not name the {what}s, as \"{what},…\"");
        return [.. Enumerable.Range(0, _rows.Header.Count).Select(i => _rows[i].ToString().Trim())];
    }

    private FileFaultException Wrong(long line, string what)
    {
        _rows.Dispose();
        return new($"{_path}:{line}: the row {what}. Take the file from the data set again, or take it away.");
    }
}
