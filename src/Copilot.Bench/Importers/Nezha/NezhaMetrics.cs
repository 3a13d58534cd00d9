using System.Buffers;
using System.Globalization;
using System.Text.RegularExpressions;
using Copilot.Core.Incidents;

namespace Copilot.Bench.Importers.Nezha;

/// <summary>
/// Turns the metrics of a day, cut to a window, into samples in Prometheus' form. Gauges of a rate become counters by adding them up over the minutes; what
/// has no name there keeps its own.
/// </summary>
internal sealed partial class NezhaMetrics(IReadOnlyList<string> folders, TimeWindow window, ImportedEvidence evidence, Action<string>? notice, CancellationToken cancellation)
{
    public const string PodEnding = "_metric.csv";
    private const double Mebibyte = 1 << 20;

    private static readonly SearchValues<char> OfAddresses = SearchValues.Create("0123456789.");

    private readonly long _from = window.From.ToUnixTimeSeconds() * 1_000_000_000;
    private readonly long _to = window.To.ToUnixTimeSeconds() * 1_000_000_000;

    /// <summary>One file, or those of two days: its columns, and its rows within the window in order of time.</summary>
    private sealed record Series(IReadOnlyList<string> Columns, IReadOnlyList<(long At, double[] Values)> Rows);

    public void Write()
    {
        foreach (var pod in folders.SelectMany(f => Directory.GetFiles(f, "*" + PodEnding)).GroupBy(f => Path.GetFileName(f)[..^PodEnding.Length]).OrderBy(g => g.Key, StringComparer.Ordinal))
            WritePod(pod.Key, Read(pod));
        WriteFront();
        WriteCalls("source_50", "traces_service_graph_request_client_seconds");
        WriteCalls("destination_50", "traces_service_graph_request_server_seconds");
        foreach (var file in Files("dependency.csv")) Dependencies(file);
    }

    private void WritePod(string pod, Series series)
    {
        var service = NezhaFault.ServiceOf(pod);
        // The set does not tell containers apart: one that bears the service's name stands for them.
        var container = ImportedEvidence.Dict(("container", service), ("pod", pod));
        var served = ImportedEvidence.Dict(("pod", pod), ("service_name", service));
        WriteLimit(series, "CpuUsage(m)", "CpuUsageRate(%)", 0.001, "cpu", "core");
        WriteLimit(series, "MemoryUsage(Mi)", "MemoryUsageRate(%)", Mebibyte, "memory", "byte");
        for (var c = 0; c < series.Columns.Count; c++)
        {
            switch (series.Columns[c])
            {
                case "CpuUsage(m)":
                    Accumulate(series, c, 0.001, (at, value) => evidence.OfPod(pod, "", "container_cpu_usage_seconds_total", at, value, container));
                    break;
                case "MemoryUsage(Mi)":
                    Copy(series, c, Mebibyte, (at, value) => evidence.OfPod(pod, "", "container_memory_working_set_bytes", at, value, container));
                    break;
                case "PodWorkload(Ops)":
                    // Without a code: the set does not tell which of them failed.
                    Accumulate(series, c, 1, (at, value) => evidence.OfService(service, "", "service_requests_total", at, value, served));
                    break;
                case var name when ServerLatency().Match(name) is { Success: true } latency:
                    var tags = ImportedEvidence.Dict(("pod", pod), ("quantile", $"0.{latency.Groups[1].Value}".TrimEnd('0')), ("service_name", service));
                    Copy(series, c, 1, (at, value) => evidence.OfService(service, "", "service_request_duration_seconds", at, value, tags));
                    break;
                case var name:
                    Copy(series, c, 1, (at, value) => evidence.OfPod(pod, "", name, at, value, ImportedEvidence.Dict(("pod", pod))));
                    break;
            }
        }

        // Use and share of the limit together tell the limit.
        void WriteLimit(Series of, string used, string share, double unit, string resource, string name)
        {
            var (u, r) = (of.Columns.ToList().IndexOf(used), of.Columns.ToList().IndexOf(share));
            if (u < 0 || r < 0) return;
            var tags = ImportedEvidence.Dict(("container", service), ("pod", pod), ("resource", resource), ("unit", name));
            foreach (var (at, values) in of.Rows)
                if (values[u] > 0 && values[r] > 0) evidence.OfPod(pod, "", "kube_pod_container_resource_limits", at, values[u] / (values[r] / 100) * unit, tags);
        }
    }

    /// <summary>
    /// What users see at the entry. It keeps its own names, and so is no service to the analysis: the entry's own pod counts the same requests.
    /// </summary>
    private void WriteFront()
    {
        var series = Read(Files("front_service.csv"));
        for (var c = 0; c < series.Columns.Count; c++) Copy(series, c, 1, (at, value) => evidence.OfService("front", "", "front " + series.Columns[c], at, value, "{}"));
    }

    /// <summary>The median of each call as one of its ends sees it, in seconds.</summary>
    private void WriteCalls(string end, string metric)
    {
        var series = Read(Files(end + ".csv"));
        for (var c = 0; c < series.Columns.Count; c++)
        {
            if (series.Columns[c].Split('_') is not [var caller, var callee]) continue;
            var tags = ImportedEvidence.Dict(("client", caller), ("quantile", "0.5"), ("server", callee));
            Copy(series, c, 1, (at, value) => evidence.OfService(caller, "", metric, at, value, tags));
        }
    }

    private void Dependencies(string path)
    {
        using var rows = new CsvRows(path);
        Columns.Require(rows, path, "Source", "Target");
        var (source, target) = (rows.Column("Source"), rows.Column("Target"));
        // Beside the calls the file says on which host each service runs.
        while (rows.Read())
            if (!IsAddress(rows[target])) evidence.Calls(rows[source].ToString(), rows[target].ToString());
    }

    private static bool IsAddress(ReadOnlySpan<char> text) => !text.ContainsAnyExcept(OfAddresses) || text.Contains(':');

    private List<string> Files(string name) => [.. folders.Select(f => Path.Combine(f, name)).Where(File.Exists)];

    private Series Read(IEnumerable<string> files)
    {
        var (columns, rows) = (new List<string>(), new SortedDictionary<long, Dictionary<string, double>>());
        foreach (var file in files)
        {
            foreach (var (column, at, value) in Within(file))
            {
                if (!columns.Contains(column)) columns.Add(column);
                if (!rows.TryGetValue(at, out var row)) rows[at] = row = [];
                row[column] = value;
            }
        }
        return new(columns, [.. rows.Select(r => (r.Key, columns.Select(c => r.Value.GetValueOrDefault(c, double.NaN)).ToArray()))]);
    }

    /// <summary>What a file holds of the window.</summary>
    private List<(string Column, long At, double Value)> Within(string path)
    {
        cancellation.ThrowIfCancellationRequested();
        using var rows = new CsvRows(path);
        Columns.Require(rows, path, "Time|time|TimeStamp|timestamp");
        // The time stamps of one published pod are hours off, and jump; the time in words is right everywhere.
        var (time, stamp) = (Math.Max(rows.Column("Time"), rows.Column("time")), Math.Max(rows.Column("TimeStamp"), rows.Column("timestamp")));
        var values = Enumerable.Range(0, rows.Header.Count).Where(i => i != time && i != stamp && rows.Header[i] is not ("PodName" or "ServiceName")).ToList();
        var measured = new HashSet<int>();
        var cells = new List<(int Column, long At, double Value)>();
        var faults = new RowFaults(path);
        while (rows.Read())
        {
            if (!NezhaTime.TryGo(rows[time], out var at) && !Cells.TryTime(rows[stamp], out at))
            {
                faults.Add(rows.Line, $"\"{(time < 0 ? rows[stamp] : rows[time])}\" is no time");
                continue;
            }
            foreach (var column in values)
            {
                if (Cells.IsNothing(rows[column])) continue;
                if (!double.TryParse(rows[column], NumberStyles.Float, CultureInfo.InvariantCulture, out var value))
                {
                    faults.Add(rows.Line, $"\"{rows[column]}\" is no number");
                    continue;
                }
                if (value != 0) measured.Add(column);
                if (at >= _from && at < _to && double.IsFinite(value)) cells.Add((column, at, value));
            }
        }
        faults.Tell(notice);
        // A rate of success that is 0 all day was never measured; the set has such columns.
        return [.. cells.Where(c => measured.Contains(c.Column) || !rows.Header[c.Column].Contains("SuccessRate", StringComparison.Ordinal)).Select(c => (rows.Header[c.Column], c.At, c.Value))];
    }

    private static void Copy(Series series, int column, double scale, Action<long, double> sampled)
    {
        foreach (var (at, values) in series.Rows)
            if (!double.IsNaN(values[column])) sampled(at, values[column] * scale);
    }

    /// <summary>A rate per second as a counter that begins at 0 with the window: each row holds for the time since the row before.</summary>
    private static void Accumulate(Series series, int column, double scale, Action<long, double> sampled)
    {
        var (total, before) = (0.0, 0L);
        foreach (var (at, values) in series.Rows)
        {
            var rate = values[column] * scale;
            if (!double.IsNaN(rate))
            {
                if (before > 0) total += rate * (at - before) / 1e9;
                sampled(at, total);
            }
            before = at;
        }
    }

    [GeneratedRegex(@"^PodServerLatencyP(\d\d)\(s\)$", RegexOptions.NonBacktracking)]
    private static partial Regex ServerLatency();
}
