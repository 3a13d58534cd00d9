namespace Copilot.Simulator.Recordings;

/// <summary>
/// One kind of Nezha's files by minute: <c>DAY/KIND/HH_MM_KIND.csv</c>. Rows wait until their minute is over for a while, so that few files are open;
/// what comes later still is appended.
/// </summary>
internal sealed class MinuteFiles(string root, string kind, string header)
{
    private static readonly long Patience = 2 * Moment.Minute;

    private readonly SortedDictionary<long, StringWriter> _waiting = [];

    public void Row(long minute, params ReadOnlySpan<string> fields)
    {
        if (!_waiting.TryGetValue(minute, out var rows)) _waiting[minute] = rows = new StringWriter();
        CsvWriter.Append(rows, fields);
    }

    /// <summary>Writes the minutes that are over long before the given time.</summary>
    public void Flush(long now)
    {
        while (_waiting.Count > 0 && _waiting.First() is var (minute, rows) && minute + Patience < now)
        {
            Append(minute, rows.ToString());
            _waiting.Remove(minute);
        }
    }

    /// <summary>Writes all that is left; a minute without rows gets its file too.</summary>
    public void Complete(IEnumerable<long> minutes)
    {
        Flush(long.MaxValue);
        foreach (var minute in minutes) Append(minute, "");
    }

    public string PathOf(string folder, long minute) => Path.Combine(folder, CollectorMinutes.Day(minute), kind, $"{CollectorMinutes.Name(minute)}_{kind}.csv");

    private void Append(long minute, string rows)
    {
        var path = PathOf(root, minute);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.AppendAllText(path, File.Exists(path) ? rows : header + rows);
    }
}
