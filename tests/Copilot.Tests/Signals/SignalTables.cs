using Copilot.Core.Signals;
using Copilot.Engine.Signals;
using Copilot.Tests.Support;
using Xunit;

namespace Copilot.Tests.Signals;

/// <summary>A snapshot made of small tables, read into signals.</summary>
internal sealed class SignalTables : IDisposable
{
    public static readonly DateTimeOffset Start = new(2026, 4, 1, 10, 0, 0, TimeSpan.Zero);

    private readonly TempFolder _folder = new();

    public string Directory => _folder.FullName;

    public SignalTables Samples(string file, IEnumerable<(string Metric, DateTimeOffset At, double Value, string Owner, string Tags)> samples)
    {
        var rows = samples.Select(s => $"{s.Metric}\t{s.At:yyyy-MM-dd HH:mm:ss.fff}\t{s.Value:R}\t{s.Owner}\t\t{s.Tags}");
        _folder.Write(file, string.Join('\n', rows.Prepend("metric_name\ttimestamp\tvalue\tservice_name\tnamespace\ttags")) + "\n");
        return this;
    }

    public SignalTables Logs(string folder, IEnumerable<(DateTimeOffset At, string Service, string Body)> lines)
    {
        var rows = lines.Select(l => $"{l.At:yyyy-MM-dd HH:mm:ss.fff}\t{l.Service}\t{l.Body}");
        _folder.Write(folder + "otel_logs_raw.tsv", string.Join('\n', rows.Prepend("Timestamp\tServiceName\tBody")) + "\n");
        return this;
    }

    /// <summary>Spans of requests that one service takes in, one each given second, of the given milliseconds.</summary>
    public SignalTables Spans(string folder, string service, DateTimeOffset from, IEnumerable<double> milliseconds)
    {
        var rows = milliseconds.Select((ms, i) => $"{from.AddSeconds(i):yyyy-MM-dd HH:mm:ss.fff}\t{folder}{i:x}\t{i:x}\t\tServer\t{service}\t{ms * 1e6:0}");
        _folder.Write(folder + "otel_traces_raw.tsv", string.Join('\n', rows.Prepend("Timestamp\tTraceId\tSpanId\tParentSpanId\tSpanKind\tServiceName\tDuration")) + "\n");
        return this;
    }

    public SignalTables File(string name, string content)
    {
        _folder.Write(name, content);
        return this;
    }

    public SignalSet Read() => SignalExtraction.Extract(Investigating.Open(Directory), parallelism: 2, advanced: null, TestContext.Current.CancellationToken).Signals;

    public void Dispose() => _folder.Dispose();
}
