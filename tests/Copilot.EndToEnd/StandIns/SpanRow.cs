namespace Copilot.EndToEnd.StandIns;

/// <summary>One row of the table of spans, read apart from what the stand-ins read.</summary>
/// <param name="Start">Nanoseconds since 1970.</param>
public sealed record SpanRow(string Trace, string Id, string Parent, string Name, string Kind, string Service, string Status, long Start, long Duration, Dictionary<string, string> Row)
{
    public long End => Start + Duration;

    /// <summary>Empty when the span does not have it.</summary>
    public string Attribute(string key) => SimulatedSnapshot.Attribute(Row, "SpanAttributes", key);

    public string Resource(string key) => SimulatedSnapshot.Attribute(Row, "ResourceAttributes", key);

    public static List<SpanRow> All(SimulatedSnapshot snapshot) =>
    [
        .. snapshot.Rows("otel_traces_raw.tsv").Select(r => new SpanRow(
            r["TraceId"], r["SpanId"], r["ParentSpanId"], r["SpanName"], r["SpanKind"], r["ServiceName"], r["StatusCode"], SimulatedSnapshot.Nanoseconds(r["Timestamp"]), long.Parse(r["Duration"]), r)),
    ];
}
