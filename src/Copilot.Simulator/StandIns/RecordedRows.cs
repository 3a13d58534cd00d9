namespace Copilot.Simulator.StandIns;

/// <summary>One log record.</summary>
/// <param name="Time">Nanoseconds since 1970.</param>
/// <param name="Resource">Attributes of what wrote it; records of one pod share the dictionary.</param>
public sealed record RecordedLog(
    long Time, string TraceId, string SpanId, string Severity, int SeverityNumber, string Service, string Body, string Scope, IReadOnlyDictionary<string, string> Resource,
    IReadOnlyDictionary<string, string> Attributes);

/// <summary>One span.</summary>
/// <param name="Start">Nanoseconds since 1970.</param>
/// <param name="Duration">Nanoseconds.</param>
/// <param name="Kind">Server, Client, Producer, Consumer, Internal or Unspecified.</param>
/// <param name="Status">Unset, Ok or Error.</param>
public sealed record RecordedSpan(
    long Start, long Duration, string TraceId, string SpanId, string ParentId, string Name, string Kind, string Service, string Status, string StatusMessage, string Scope, string ScopeVersion,
    IReadOnlyDictionary<string, string> Resource, IReadOnlyDictionary<string, string> Attributes, IReadOnlyList<RecordedSpanEvent> Events, IReadOnlyList<RecordedSpanLink> Links)
{
    public long End => Start + Duration;
}

/// <param name="Time">Nanoseconds since 1970.</param>
public sealed record RecordedSpanEvent(long Time, string Name, IReadOnlyDictionary<string, string> Attributes);

public sealed record RecordedSpanLink(string TraceId, string SpanId);

/// <summary>One version of a Kubernetes object, or one event.</summary>
/// <param name="Time">When it was seen, in nanoseconds since 1970.</param>
/// <param name="Resource">The plural of its kind in lower case.</param>
/// <param name="Json">The whole object.</param>
public sealed record RecordedObject(long Time, string Resource, string Json);
