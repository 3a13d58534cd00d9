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
    public const int ServiceName = 7;
    public const int Body = 8;
    public const int ResourceAttributes = 10;
    public const int ScopeAttributes = 14;
    public const int LogAttributes = 15;

    public static readonly string[] Names =
        "Timestamp TimestampTime TraceId SpanId TraceFlags SeverityText SeverityNumber ServiceName Body ResourceSchemaUrl ResourceAttributes ScopeSchemaUrl ScopeName ScopeVersion ScopeAttributes LogAttributes EventName"
            .Split(' ');

    /// <summary>TimestampTime repeats the row's time to the second.</summary>
    public static void Second(Table table, long at, FormatRules format)
    {
        if (format.Time(table[TimestampTime], table.Place, "TimestampTime", out var second) && !format.Seconds.Holds(second == at - at % TextTime.Second))
            format.Seconds.Broken(table.Place, $"Timestamp {TextTime.Show(at)}, TimestampTime {TextTime.Show(second)}");
    }

    /// <summary>Attributes repeat the namespace of the body's object and the kind of resource.</summary>
    public static void Namespace(Table table, string ns, FormatRules format)
    {
        var told = PythonText.Find(table[ResourceAttributes], "k8s.namespace.name"u8);
        var plural = PythonText.Find(table[LogAttributes], "k8s.resource.name"u8);
        if (!format.Attributes.Holds(plural.Length > 0 && (ns.Length == 0 ? told.Length == 0 || told.SequenceEqual("default"u8) : System.Text.Encoding.UTF8.GetString(told) == ns)))
            format.Attributes.Broken(table.Place, $"attributes {FormatRules.Show(table[ResourceAttributes])} and {FormatRules.Show(table[LogAttributes])}, the object's namespace is '{ns}'");
    }

    /// <summary>What holds for every row, whatever its body is.</summary>
    public static void Check(Table table, FormatRules format)
    {
        format.Number(table[SeverityNumber], table.Place, "SeverityNumber", out _);
        format.Dictionary(table[ResourceAttributes], table.Place, nameof(ResourceAttributes));
        format.Dictionary(table[ScopeAttributes], table.Place, nameof(ScopeAttributes));
        format.Dictionary(table[LogAttributes], table.Place, nameof(LogAttributes));
    }
}
