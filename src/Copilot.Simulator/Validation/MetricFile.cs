namespace Copilot.Simulator.Validation;

/// <summary>The series of one metric file.</summary>
internal sealed class MetricFile
{
    private const int Value = 2;
    private const int Subject = 3;
    private const int Namespace = 4;

    private static readonly string[] PodColumns = ["metric_name", "timestamp", "value", "pod_name", "namespace", "tags"];

    private static readonly string[] ServiceColumns =
        ["metric_name", "timestamp", "value", "service_name", "namespace", "bucket_le", "tags", "metric_type", "status_code"];

    private readonly ByteTable _metrics = new();
    private readonly ByteTable _tags = new();
    private readonly Dictionary<(int Metric, int Tags), MetricSeries> _series = [];
    private readonly HashSet<long> _times = [];

    private MetricFile(string name)
    {
        Name = name;
        IsService = Path.GetFileName(name).StartsWith("service_", StringComparison.Ordinal);
        Of = SubjectOf(name);
    }

    public string Name { get; }

    public bool IsService { get; }

    /// <summary>The service or pod it is about.</summary>
    public string Of { get; }

    public string InNamespace { get; private set; } = "";

    public IReadOnlyCollection<MetricSeries> Series => _series.Values;

    /// <summary>Times of all samples of the file, each once.</summary>
    public List<long> Times { get; private set; } = [];

    /// <summary>The usual time between two samples; 0 when there is only one.</summary>
    public long Interval { get; private set; }

    public static string SubjectOf(string file)
    {
        var name = Path.GetFileNameWithoutExtension(file);
        name = name[(name.IndexOf('_', StringComparison.Ordinal) + 1)..];
        return name.EndsWith("_raw", StringComparison.Ordinal) ? name[..^4] : name;
    }

    public static MetricFile Read(string directory, string name, FormatRules format, RecordingTimes times, Rule duplicates, CancellationToken ct)
    {
        var file = new MetricFile(name);
        using var table = Table.Open(directory, name, file.IsService ? ServiceColumns : PodColumns, format, ct)!;
        file.Rows(table, format, times, duplicates);
        file.Times = [.. file._times.Order()];
        var gaps = file.Times.Zip(file.Times.Skip(1), (a, b) => b - a).Order().ToList();
        file.Interval = gaps.Count == 0 ? 0 : gaps[gaps.Count / 2];
        return file;
    }

    public Place Row(MetricSeries series, int sample) => new(Name, series.Rows[sample]);

    /// <summary>Lets the samples go.</summary>
    public void Forget()
    {
        _series.Clear();
        _times.Clear();
        Times = [];
    }

    private void Rows(Table table, FormatRules format, RecordingTimes times, Rule duplicates)
    {
        var tagsColumn = IsService ? 6 : 5;
        var lastText = new byte[40];
        var (lastLength, last) = (0, 0L);
        while (table.Next())
        {
            var at = last;
            var text = table[1];
            if (!text.SequenceEqual(lastText.AsSpan(0, lastLength)))
            {
                if (!format.Time(text, table.Place, "timestamp", out at)) continue;
                text.CopyTo(lastText);
                (lastLength, last) = (text.Length, at);
                _times.Add(at);
            }

            if (!format.Number(table[Value], table.Place, "value", out var value)) continue;
            times.Recorded("metrics", at, table.Place);
            var series = SeriesOf(table, tagsColumn, format);
            if (series.Add(at, value, (int)table.Row) is { } before && !duplicates.Holds(before.Equals(value)))
                duplicates.Broken(table.Place, $"{series.Metric} is {value} here, and {before} at the same time elsewhere");
        }
    }

    private MetricSeries SeriesOf(Table table, int tagsColumn, FormatRules format)
    {
        var key = (_metrics.IdOf(table[0]), _tags.IdOf(table[tagsColumn]));
        if (_series.TryGetValue(key, out var series)) return series;
        var tags = table[tagsColumn];
        format.Dictionary(tags, table.Place, "tags");
        series = _series[key] = MetricSeries.Of(table.Text(0), tags);
        if (InNamespace.Length == 0) InNamespace = table.Text(Namespace);
        var agrees = table.Text(Subject) == Of && table.Text(Namespace) == InNamespace
            && (IsService ? AgreesWithTags(table, tags) : series.Pod == Of && series.Namespace == InNamespace);
        if (!format.MetricColumns.Holds(agrees)) format.MetricColumns.Broken(table.Place, $"{series.Metric} of {table.Text(Subject)} with tags {FormatRules.Show(tags)}");
        return series;
    }

    private static bool AgreesWithTags(Table table, ReadOnlySpan<byte> tags) =>
        PythonText.Find(tags, "service_name"u8).SequenceEqual(table[Subject]) && PythonText.Find(tags, "le"u8).SequenceEqual(table[5])
        && (table[8].Length == 0 || PythonText.Find(tags, "status_code"u8).SequenceEqual(table[8]))
        && PythonText.Find(tags, "exported_namespace"u8) is var exported && (exported.Length == 0 || exported.SequenceEqual(table[Namespace]));
}
