using System.Text.Json;

namespace Copilot.Simulator.Validation;

/// <summary>The object that an event is about.</summary>
internal readonly record struct Regarding(string Kind, string Namespace, string Name, string Uid, string FieldPath)
{
    /// <summary>spec.containers{name} and spec.initContainers{name} of the kubelet.</summary>
    public string Container => FieldPath.IndexOf('{', StringComparison.Ordinal) is > 0 and var at && FieldPath.EndsWith('}') ? FieldPath[(at + 1)..^1] : "";
}

/// <summary>One row of the events file.</summary>
internal sealed record EventRow
{
    public required Place Place { get; init; }

    public required long ReceivedAt { get; init; }

    /// <summary>ADDED, MODIFIED or DELETED; deletions are old events that expire.</summary>
    public required string Change { get; init; }

    /// <summary>Whether it is in the form of events.k8s.io/v1, not in that of v1.</summary>
    public required bool Modern { get; init; }

    public required string Uid { get; init; }

    public required long Version { get; init; }

    public required long Count { get; init; }

    public required long First { get; init; }

    public required long Last { get; init; }

    public required string Reason { get; init; }

    public required string Message { get; init; }

    public required Regarding About { get; init; }

    public bool Expired => Change == "DELETED";
}

/// <summary>All rows of the events file.</summary>
internal sealed class EventHistory
{
    public const string File = "k8s_events_raw.tsv";

    public List<EventRow> Rows { get; } = [];

    public bool IsRecorded { get; private set; }

    /// <summary>Each occurrence once and without those that merely expired.</summary>
    public IEnumerable<EventRow> Occurrences => Rows.Where(r => !r.Expired && !r.Modern);

    public static EventHistory Read(string directory, FormatRules format, RecordingTimes times, CancellationToken ct)
    {
        var history = new EventHistory();
        using var table = Table.Open(directory, File, LogColumns.Names, format, ct);
        if (table is null) return history;
        history.IsRecorded = true;
        while (table.Next())
        {
            LogColumns.Check(table, format);
            if (!format.Time(table[LogColumns.Timestamp], table.Place, "Timestamp", out var at)) continue;
            times.Recorded(File, at, table.Place);
            LogColumns.Second(table, at, format);
            using var document = JsonReading.Parse(table[LogColumns.Body].ToArray());
            if (!format.Json.Holds(document?.RootElement.At("object") is not null))
                format.Json.Broken(table.Place, $"body {FormatRules.Show(table[LogColumns.Body])}");
            else if (Of(document!.RootElement, at, table.Place, format) is { } row)
            {
                history.Rows.Add(row);
                LogColumns.Namespace(table, document.RootElement.Text("object", "metadata", "namespace"), format);
            }
        }

        return history;
    }

    private static EventRow? Of(JsonElement body, long at, Place place, FormatRules format)
    {
        var said = body.GetProperty("object");
        var modern = said.Text("apiVersion") == "events.k8s.io/v1";
        var about = modern ? "regarding" : "involvedObject";
        // Events of the newer API have an eventTime and may lack the old pair.
        var lastName = modern ? "deprecatedLastTimestamp" : "lastTimestamp";
        var firstName = modern ? "deprecatedFirstTimestamp" : "firstTimestamp";
        var moment = said.Text("eventTime");
        if (!format.Time(Or(said.Text(firstName), moment), place, firstName, out var first)
            || !format.Time(Or(said.Text(lastName), moment), place, lastName, out var last)) return null;
        return new EventRow
        {
            Place = place,
            ReceivedAt = at,
            Change = body.Text("type"),
            Modern = modern,
            Uid = said.Text("metadata", "uid"),
            Version = long.TryParse(said.Text("metadata", "resourceVersion"), out var version) ? version : -1,
            Count = said.Whole(modern ? "deprecatedCount" : "count") ?? 1,
            First = first,
            Last = last,
            Reason = said.Text("reason"),
            Message = said.Text(modern ? "note" : "message"),
            About = new Regarding(said.Text(about, "kind"), said.Text(about, "namespace"), said.Text(about, "name"), said.Text(about, "uid"), said.Text(about, "fieldPath")),
        };
    }

    private static string Or(string text, string other) => text.Length > 0 ? text : other;
}
