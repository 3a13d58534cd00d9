namespace Copilot.Simulator.StandIns.Traces;

/// <summary>The spans of a snapshot, put together to traces. Spans whose ids are no hexadecimal numbers are left out.</summary>
internal sealed class RecordedTraces
{
    private readonly Dictionary<string, RecordedTrace> _byId;

    public RecordedTraces(RecordedTelemetry telemetry)
    {
        All =
        [
            .. telemetry.Spans.Where(s => TraceIds.Span(s.SpanId) is not null).GroupBy(s => TraceIds.Trace(s.TraceId)).Where(g => g.Key is not null)
                .Select(g => new RecordedTrace(g.Key!, [.. g])),
        ];
        _byId = All.ToDictionary(t => t.Id);
    }

    /// <summary>Ordered by the start of their first span.</summary>
    public IReadOnlyList<RecordedTrace> All { get; }

    /// <param name="id">With or without leading zeros.</param>
    public RecordedTrace? Find(string id) => TraceIds.Trace(id) is { } known ? _byId.GetValueOrDefault(known) : null;
}

/// <summary>One trace. Its spans are ordered by start.</summary>
/// <param name="id">32 hexadecimal digits in lower case.</param>
/// <param name="spans">At least one.</param>
internal sealed class RecordedTrace(string id, RecordedSpan[] spans)
{
    private int[]? _parents;

    public string Id { get; } = id;

    public IReadOnlyList<RecordedSpan> Spans { get; } = spans;

    /// <summary>Nanoseconds since 1970.</summary>
    public long Start { get; } = spans[0].Start;

    /// <summary>The end of the span that ends last.</summary>
    public long End { get; } = spans.Max(s => s.End);

    /// <summary>The first span without a parent; null when it was not recorded.</summary>
    public RecordedSpan? Root { get; } = Array.Find(spans, s => s.ParentId.Length == 0);

    /// <summary>For each span the index of its parent; -1 when it has none or it was not recorded.</summary>
    public IReadOnlyList<int> Parents => _parents ??= FindParents();

    public bool Overlaps(long start, long end) => Start <= end && End >= start;

    private int[] FindParents()
    {
        Dictionary<string, int> indexes = [];
        for (var i = 0; i < spans.Length; i++) indexes.TryAdd(TraceIds.Span(spans[i].SpanId)!, i);
        return [.. spans.Select(s => TraceIds.Span(s.ParentId) is { } parent && indexes.TryGetValue(parent, out var index) ? index : -1)];
    }
}
