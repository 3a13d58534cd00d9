using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace Copilot.Bench.Importers.Nezha;

/// <summary>
/// Turns the log files of a case into log records. A line comes in the JSON that Docker puts around it, and may be JSON itself. The files of neighbouring
/// minutes overlap; a line is written once.
/// </summary>
internal sealed class NezhaLogs(Action<string>? notice, CancellationToken cancellation)
{
    // The level stands among the first words of a line, behind its time.
    private const int LevelWithin = 5;

    private static readonly string[] Levels = ["TRACE", "DEBUG", "INFO", "NOTICE", "WARN", "WARNING", "ERROR", "CRITICAL", "FATAL"];
    private static readonly string[] Bodies = ["message", "msg"];
    private static readonly string[] Severities = ["severity", "level", "levelname"];

    private readonly HashSet<(long At, ulong Text)> _written = [];

    private readonly record struct Line(string Body, string Severity, string Attributes);

    public void Write(ImportedEvidence evidence, IEnumerable<string> files)
    {
        foreach (var file in files) Write(evidence, file);
    }

    private void Write(ImportedEvidence evidence, string path)
    {
        using var rows = new CsvRows(path);
        Columns.Require(rows, path, "Timestamp|TimeUnixNano", "PodName", "Log");
        int time = rows.Column("Timestamp"), count = rows.Column("TimeUnixNano"), node = rows.Column("Node"), pod = rows.Column("PodName"), container = rows.Column("Container"), trace = rows.Column("TraceID"), span = rows.Column("SpanID"),
            log = rows.Column("Log");
        var faults = new RowFaults(path);
        while (rows.Read())
        {
            cancellation.ThrowIfCancellationRequested();
            if (rows.Cut) faults.Add(rows.Line, "the file ends inside a quoted field");
            else if (rows[pod].IsEmpty) faults.Add(rows.Line, "a line without a pod");
            // Where the collector could not read a line's time, the count is that of the year 1, and the text the line's own.
            else if (!Cells.TryTime(rows[count], out var at) && !NezhaTime.TryIso(rows[time], out at)) faults.Add(rows.Line, $"\"{rows[time]}\" is no time");
            // Whose line it is, is in it: its ids, or the pod's own words.
            else if (_written.Add((at, XxHash3.HashToUInt64(MemoryMarshal.AsBytes(rows[log]), (long)XxHash3.HashToUInt64(MemoryMarshal.AsBytes(rows[pod]))))))
            {
                var (line, service) = (LineOf(rows[log].ToString()), NezhaFault.ServiceOf(rows[pod].ToString()));
                var resource = ImportedEvidence.Dict(
                    ("service.name", service), ("k8s.pod.name", rows[pod].ToString()), ("k8s.container.name", rows[container].ToString()), ("k8s.node.name", rows[node].ToString()));
                evidence.Log(at, service, line.Severity, line.Body, resource, line.Attributes, rows[trace].ToString(), rows[span].ToString());
            }
        }
        faults.Tell(notice);
    }

    /// <summary>What the program wrote. Of a line in JSON its message, with the other members as attributes.</summary>
    private static Line LineOf(string log)
    {
        var text = log;
        if (Object(log) is { } docker)
        {
            using (docker)
                if (Text(docker.RootElement, "log") is { } inner) text = inner.TrimEnd('\n', '\r');
        }
        if (Object(text) is { } structured)
        {
            using (structured)
                if (Structured(structured.RootElement) is { } line) return line;
        }
        return new(text, LevelOf(text), "{}");
    }

    private static Line? Structured(JsonElement line)
    {
        if (Bodies.Select(b => Text(line, b)).FirstOrDefault(b => b is not null) is not { } body) return null;
        var severity = Severities.Select(s => Text(line, s)).FirstOrDefault(s => s is not null) ?? "";
        var others = line.EnumerateObject().Where(m => !Bodies.Contains(m.Name) && !Severities.Contains(m.Name)).Select(m => (m.Name, m.Value.ToString()));
        return new(body, severity, ImportedEvidence.Dict([.. others]));
    }

    private static string LevelOf(string text)
    {
        var words = text.Split((char[])[' ', '\t'], LevelWithin + 1, StringSplitOptions.RemoveEmptyEntries).Take(LevelWithin).Select(w => w.Trim('[', ']', ':', '|', ','));
        return words.FirstOrDefault(Levels.Contains) ?? "";
    }

    private static JsonDocument? Object(string text)
    {
        if (!text.StartsWith('{')) return null;
        try
        {
            return JsonDocument.Parse(text);
        }
        catch (JsonException)
        {
            return null; // a plain line that begins with a brace, or one that was cut off
        }
    }

    private static string? Text(JsonElement element, string name) => element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
