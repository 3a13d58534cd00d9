using System.Globalization;

namespace Copilot.Bench.Importers;

/// <summary>What a telemetry file of OpenRCA holds, told by its columns, which differ from system to system.</summary>
internal enum OpenRcaForm
{
    Unknown,

    /// <summary>Bank and Market: timestamp (s), cmdb_id, kpi_name, value.</summary>
    Kpis,

    /// <summary>Telecom: itemid, name, bomc_id, timestamp (ms), value, cmdb_id.</summary>
    Items,

    /// <summary>Bank: timestamp (s), rr, sr, cnt, mrt, tc.</summary>
    Transactions,

    /// <summary>Market: service, timestamp (s), rr, sr, mrt, count.</summary>
    Services,

    /// <summary>Telecom: serviceName, startTime (ms), avg_time (s), num, succee_num, succee_rate.</summary>
    Applications,

    /// <summary>Bank: timestamp (ms), cmdb_id, parent_id, span_id, trace_id, duration (ms).</summary>
    BankSpans,

    /// <summary>Market: timestamp (ms), cmdb_id, span_id, trace_id, duration (µs), type, status_code, operation_name, parent_span.</summary>
    MarketSpans,

    /// <summary>Telecom: callType, startTime (ms), elapsedTime (ms), success, traceId, id, pid, cmdb_id, dsName, serviceName.</summary>
    TelecomSpans,

    /// <summary>Bank and Market: log_id, timestamp (s), cmdb_id, log_name, value.</summary>
    Logs,
}

/// <summary>A file with telemetry of one day.</summary>
internal sealed record OpenRcaFile(string Path, string Day, OpenRcaForm Form);

/// <summary>A system of OpenRCA and its files.</summary>
internal sealed class OpenRcaSystem
{
    private static readonly (OpenRcaForm Form, string[] Columns)[] Forms =
    [
        (OpenRcaForm.TelecomSpans, ["callType", "startTime", "elapsedTime", "success", "traceId", "id", "pid", "cmdb_id"]),
        (OpenRcaForm.MarketSpans, ["timestamp", "cmdb_id", "span_id", "trace_id", "duration", "status_code", "operation_name", "parent_span"]),
        (OpenRcaForm.BankSpans, ["timestamp", "cmdb_id", "parent_id", "span_id", "trace_id", "duration"]),
        (OpenRcaForm.Kpis, ["timestamp", "cmdb_id", "kpi_name", "value"]),
        (OpenRcaForm.Items, ["name", "timestamp", "value", "cmdb_id"]),
        (OpenRcaForm.Logs, ["timestamp", "cmdb_id", "log_name", "value"]),
        (OpenRcaForm.Transactions, ["timestamp", "rr", "sr", "cnt", "mrt", "tc"]),
        (OpenRcaForm.Services, ["service", "timestamp", "rr", "sr", "mrt", "count"]),
        (OpenRcaForm.Applications, ["serviceName", "startTime", "avg_time", "num", "succee_num"]),
    ];

    private const int Depth = 3;

    private readonly List<OpenRcaFile> _files;

    private OpenRcaSystem(string folder, string name, string application)
    {
        (Folder, Name, Application, Slug) = (folder, name, application, Cells.Slug(name));
        var telemetry = Path.Combine(folder, "telemetry");
        _files = !Directory.Exists(telemetry) ? [] :
        [
            .. from file in Listing.Files(telemetry, "*", Depth)
               let below = Path.GetRelativePath(telemetry, file).Split(Path.DirectorySeparatorChar)
               where below.Length > 1 && below[^1][0] != '.' // what file managers leave, such as .DS_Store
               select new OpenRcaFile(file, below[0], FormOf(file)),
        ];
    }

    public string Folder { get; }

    /// <summary>As OpenRCA calls it, such as Market/cloudbed-1.</summary>
    public string Name { get; }

    public string Application { get; }

    public string Slug { get; }

    public static OpenRcaSystem Of(string folder)
    {
        var name = Path.GetFileName(folder);
        // The two beds of Market lie in a folder of theirs.
        return name.StartsWith("cloudbed", StringComparison.OrdinalIgnoreCase) ? new(folder, $"Market/{name}", "Market") : new(folder, name, name);
    }

    /// <summary>The folder of a day, by the clock of UTC+8.</summary>
    public static string DayOf(DateTimeOffset at) => at.ToOffset(OpenRcaQuestions.Zone).ToString("yyyy_MM_dd", CultureInfo.InvariantCulture);

    /// <summary>The files that are known of the days that a time belongs to.</summary>
    public List<OpenRcaFile> FilesOf(DateTimeOffset from, DateTimeOffset to)
    {
        var (first, last) = (DayOf(from), DayOf(to.AddTicks(-1)));
        return [.. _files.Where(f => f.Form != OpenRcaForm.Unknown && string.CompareOrdinal(f.Day, first) >= 0 && string.CompareOrdinal(f.Day, last) <= 0)];
    }

    /// <summary>Says once how many files are of no known form, and which.</summary>
    public void TellUnknown(Action<string>? notice)
    {
        var unknown = _files.Where(f => f.Form == OpenRcaForm.Unknown).ToList();
        if (unknown.Count == 0) return;
        var names = unknown.Select(f => Path.GetRelativePath(Folder, f.Path));
        notice?.Invoke($"{Name}: {Listing.Were(unknown.Count, "telemetry file")} left out whose columns are of no known form: {Listing.Some(names)}.");
    }

    private static OpenRcaForm FormOf(string path)
    {
        if (!path.EndsWith(".csv", StringComparison.OrdinalIgnoreCase)) return OpenRcaForm.Unknown;
        using var rows = new CsvRows(path);
        return Forms.FirstOrDefault(f => f.Columns.All(c => rows.Column(c) >= 0)).Form;
    }
}
