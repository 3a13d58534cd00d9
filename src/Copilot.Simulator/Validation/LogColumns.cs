namespace Copilot.Simulator.Validation;

/// <summary>The columns that logs, events and objects share.</summary>
internal static class LogColumns
{
    public const int Timestamp = 0;
    public const int TimestampTime = 1;
    public const int TraceId = 2;
    public const int SpanId = 3;
    public const int SeverityText = 5;
    public const int SeverityNumber = 6;
    public const int Body = 8;
    public const int ResourceAttributes = 10;
    public const int ScopeAttributes = 14;
    public const int LogAttributes = 15;

    public static readonly string[] Names =
        "Timestamp TimestampTime TraceId SpanId TraceFlags SeverityText SeverityNumber ServiceName Body ResourceSchemaUrl ResourceAttributes ScopeSchemaUrl ScopeName ScopeVersion ScopeAttributes LogAttributes EventName"
            .Split(' ');

    /// <summary>What holds for every row, whatever its body is.</summary>
    public static void Check(Table table, FormatRules format)
    {
        format.Time(table[TimestampTime], table.Place, "TimestampTime", out _);
        format.Number(table[SeverityNumber], table.Place, "SeverityNumber", out _);
        format.Dictionary(table[ResourceAttributes], table.Place, nameof(ResourceAttributes));
        format.Dictionary(table[ScopeAttributes], table.Place, nameof(ScopeAttributes));
        format.Dictionary(table[LogAttributes], table.Place, nameof(LogAttributes));
    }
}
