using Copilot.Simulator.Clusters;
using Copilot.Simulator.Recordings;

namespace Copilot.Simulator.Traffic;

internal enum SpanKind
{
    Server,
    Client,
    Producer,
    Consumer,
}

internal sealed record SpanEvent(long At, string Name, string Attributes);

internal sealed record SpanRecord
{
    public required long Start { get; init; }

    public required long Duration { get; init; }

    public required string TraceId { get; init; }

    public required string SpanId { get; init; }

    public required string ParentId { get; init; }

    public required string Name { get; init; }

    public required SpanKind Kind { get; init; }

    public required SimulatedPod Pod { get; init; }

    /// <summary>Who is called; null for spans of the callee.</summary>
    public Applications.SimulatedService? Peer { get; init; }

    public required string Attributes { get; init; }

    public bool Failed { get; init; }

    public string Message { get; init; } = "";

    public IReadOnlyList<SpanEvent> Events { get; init; } = [];

    public long End => Start + Duration;
}

internal enum LogLevel
{
    None,
    Information,
    Warning,
    Error,
}

internal sealed record LogRecord(long At, SimulatedPod Pod, LogLevel Level, string Body, string TraceId = "", string SpanId = "");

/// <summary>Hands records on in time order although requests overlap: a record waits until nothing earlier can come.</summary>
internal sealed class TimeOrder<T>(Func<T, long> time, Action<T> write)
{
    private readonly PriorityQueue<T, (long, long)> _waiting = new();
    private long _sequence;

    public void Add(T record) => _waiting.Enqueue(record, (time(record), _sequence++));

    public void Release(long before)
    {
        while (_waiting.TryPeek(out var record, out var key) && key.Item1 < before)
        {
            _waiting.Dequeue();
            write(record);
        }
    }
}

/// <summary>Everything programs leave behind while they run. What ends before the recording begins warms the counters up and is not recorded itself.</summary>
internal sealed class Telemetry(SpanMetrics metrics, Recording recording, long from, long until)
{
    /// <summary>No request takes longer, so records older than this can be written.</summary>
    public static readonly long Longest = 60 * Moment.Second;

    private readonly long _from = from;
    private readonly TimeOrder<SpanRecord> _spans = new(s => s.Start, recording.Write);
    private readonly TimeOrder<LogRecord> _logs = new(l => l.At, recording.Write);

    public void Add(SpanRecord span)
    {
        if (span.Pod.Node is { Ready: false }) return; // It reaches no collector.
        metrics.Add(span);
        // A span is exported when it ends; those still open at the end of the recording are missing from it.
        if (span.End >= _from && span.End < until) _spans.Add(span);
    }

    public void Add(LogRecord log)
    {
        if (log.Pod.Node is { Ready: false }) return;
        if (log.At >= _from && log.At < until) _logs.Add(log);
    }

    public void Release(long before)
    {
        _spans.Release(before);
        _logs.Release(before);
    }
}

/// <summary>When Prometheus takes its samples.</summary>
internal sealed record ScrapeTimes(long First, long Interval, int Count)
{
    public long At(int index) => First + index * Interval;

    /// <summary>The first scrape that sees what happened at the time.</summary>
    public int IndexAfter(long at) => at <= First ? 0 : (int)((at - First + Interval - 1) / Interval);
}
