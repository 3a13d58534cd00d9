using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Copilot.Bench.Importers;

/// <summary>A span as the copilot's tables hold it. Times are nanoseconds, since 1970 and long.</summary>
/// <param name="Kind">Server, Client or Internal.</param>
/// <param name="Resource">Attributes of what sent it, as <see cref="ImportedEvidence.Dict"/> writes them.</param>
internal readonly record struct ImportedSpan(
    long Start, long Duration, string Trace, string Span, string Parent, string Name, string Kind, string Service, string Resource, string Attributes, bool Failed);

/// <summary>
/// Writes evidence in the layout that the copilot reads: the recorder's tables of spans, logs and metrics (each made when its first record comes), and who
/// calls whom in <c>topology.json</c>.
/// </summary>
internal sealed class ImportedEvidence(string directory) : IDisposable
{
    private const string SpanColumns = "Timestamp TraceId SpanId ParentSpanId SpanName SpanKind ServiceName ResourceAttributes SpanAttributes Duration StatusCode StatusMessage";
    private const string LogColumns = "Timestamp TimestampTime TraceId SpanId SeverityText SeverityNumber ServiceName Body ResourceAttributes LogAttributes";
    private const string PodColumns = "metric_name timestamp value pod_name namespace tags";
    private const string ServiceColumns = "metric_name timestamp value service_name namespace tags";

    // Far below what a process may hold open; a data set has a few hundred owners of metrics.
    private const int MostOpen = 256;

    private readonly Dictionary<string, StreamWriter> _open = [];
    private readonly HashSet<string> _begun = [];
    private readonly HashSet<(string Caller, string Callee)> _calls = [];

    /// <summary>How many spans, log lines and samples were written.</summary>
    public long Records { get; private set; }

    public void Span(in ImportedSpan s) =>
        Row(Table("otel_traces_raw.tsv", SpanColumns), Stamp(s.Start), s.Trace, s.Span, s.Parent, s.Name, s.Kind, s.Service, s.Resource, s.Attributes,
            s.Duration.ToString(CultureInfo.InvariantCulture), s.Failed ? "Error" : "Unset", "");

    /// <param name="at">Nanoseconds since 1970.</param>
    /// <param name="service">Who wrote it.</param>
    /// <param name="severity">As the program calls it; may be empty.</param>
    /// <param name="body">The line.</param>
    /// <param name="resource">Attributes of what wrote it.</param>
    /// <param name="attributes">Attributes of the line.</param>
    public void Log(long at, string service, string severity, string body, string resource, string attributes)
    {
        var time = Stamp(at);
        Row(Table("otel_logs_raw.tsv", LogColumns), time, time[..19], "", "", severity, "0", service, body, resource, attributes);
    }

    /// <summary>A sample about a pod, or about what a data set has in place of pods.</summary>
    /// <param name="tags">Must tell the series of one metric and pod apart; the engine asks for <c>container</c>.</param>
    public void OfPod(string pod, string ns, string metric, long at, double value, string tags) =>
        Row(Table($"metrics/pod_{FileName(pod)}_raw.tsv", PodColumns), metric, Stamp(at), Number(value), pod, ns, tags);

    /// <summary>A sample about a service, or about anything else that has a name.</summary>
    public void OfService(string service, string ns, string metric, long at, double value, string tags) =>
        Row(Table($"metrics/service_{FileName(service)}_raw.tsv", ServiceColumns), metric, Stamp(at), Number(value), service, ns, tags);

    public void Calls(string caller, string callee)
    {
        if (caller != callee && caller.Length > 0 && callee.Length > 0) _calls.Add((caller, callee));
    }

    /// <summary>Writes what is only known at the end. Nothing may be added afterwards.</summary>
    public void Complete()
    {
        Close();
        if (_calls.Count == 0) return;
        using var file = File.Create(Path.Combine(directory, "topology.json"));
        JsonSerializer.Serialize(file, new
        {
            edges = _calls.OrderBy(c => c.Caller, StringComparer.Ordinal).ThenBy(c => c.Callee, StringComparer.Ordinal).Select(c => new { caller = c.Caller, callee = c.Callee }),
        });
    }

    public void Dispose() => Close();

    /// <summary>A dictionary as Python prints it, which is how the tables hold attributes. Pairs without a value are left out.</summary>
    public static string Dict(params ReadOnlySpan<(string Key, string Value)> pairs)
    {
        var text = new StringBuilder("{");
        foreach (var (key, value) in pairs)
        {
            if (value.Length == 0) continue;
            text.Append(text.Length > 1 ? ", '" : "'").Append(Escaped(key)).Append("': '").Append(Escaped(value)).Append('\'');
        }
        return text.Append('}').ToString();

        static string Escaped(string value) =>
            value.AsSpan().IndexOfAny("\\'\n\r\t") < 0 ? value
            : value.Replace(@"\", @"\\", StringComparison.Ordinal).Replace("'", @"\'", StringComparison.Ordinal).Replace("\n", @"\n", StringComparison.Ordinal)
                .Replace("\r", @"\r", StringComparison.Ordinal).Replace("\t", @"\t", StringComparison.Ordinal);
    }

    private StreamWriter Table(string path, string columns)
    {
        if (_open.TryGetValue(path, out var table)) return table;
        if (_open.Count == MostOpen) Close();
        var full = Path.Combine(directory, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        var isNew = _begun.Add(path);
        table = new(new FileStream(full, isNew ? FileMode.CreateNew : FileMode.Append, FileAccess.Write, FileShare.None, 1 << 14), new UTF8Encoding(false));
        if (isNew) table.Write(columns.Replace(' ', '\t') + "\n");
        return _open[path] = table;
    }

    private void Row(StreamWriter table, params ReadOnlySpan<string> fields)
    {
        for (var i = 0; i < fields.Length; i++)
        {
            if (i > 0) table.Write('\t');
            if (fields[i].AsSpan().IndexOfAny("\"\t\n\r") < 0) table.Write(fields[i]);
            else table.Write($"\"{fields[i].Replace("\"", "\"\"", StringComparison.Ordinal)}\"");
        }
        table.Write('\n');
        Records++;
    }

    private void Close()
    {
        foreach (var table in _open.Values) table.Dispose();
        _open.Clear();
    }

    private static string FileName(string owner)
    {
        Span<char> name = stackalloc char[Math.Min(owner.Length, 120)];
        for (var i = 0; i < name.Length; i++) name[i] = char.IsAsciiLetterOrDigit(owner[i]) || owner[i] is '-' or '.' or '_' ? owner[i] : '_';
        return name.ToString();
    }

    private static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    private static string Stamp(long nanoseconds) =>
        new DateTime(DateTime.UnixEpoch.Ticks + (nanoseconds / 100), DateTimeKind.Utc).ToString("yyyy-MM-dd HH:mm:ss.fffffff", CultureInfo.InvariantCulture)
        + (nanoseconds % 100).ToString("00", CultureInfo.InvariantCulture);
}
