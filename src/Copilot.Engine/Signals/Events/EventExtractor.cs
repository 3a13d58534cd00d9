using System.Text.Json;
using Copilot.Core.Evidence;
using Copilot.Core.Signals;
using Copilot.Engine.Signals.Objects;
using Copilot.Engine.Snapshots;
using Copilot.Engine.Snapshots.Reading;

namespace Copilot.Engine.Signals.Events;

/// <summary>Reads Kubernetes events in both API forms and merges what is one event: its two forms, and its updates.</summary>
internal sealed class EventExtractor
{
    private readonly Dictionary<string, KubeEvent> _events = [];

    public IReadOnlyList<KubeEvent> Events => [.. _events.Values.OrderBy(e => e.Last).ThenBy(e => e.Regarding).ThenBy(e => e.Reason, StringComparer.Ordinal).ThenBy(e => e.Message, StringComparer.Ordinal)];

    public void Read(FileReading reading)
    {
        if (reading.File.Format == FileFormat.KubernetesList)
        {
            reading.ReadJson((item, record) => Accept(reading, item, record, receivedTicks: null), "items", "Items");
            return;
        }
        int time = -1, body = -1;
        reading.ReadTable(["Timestamp", "Body"], row =>
        {
            if (time < 0) (time, body) = (row.Column("Timestamp"), row.Column("Body"));
            long? received = TimeText.TryParse(row.Field(time), out var ticks) ? ticks : null;
            try
            {
                using var document = JsonText.Parse(row.Field(body));
                var inner = document.RootElement.Get("object");
                return Accept(reading, inner.ValueKind == JsonValueKind.Object ? inner : document.RootElement, row.Record, received);
            }
            catch (JsonException)
            {
                reading.Fault(row.Record, GapKind.Malformed, "broken JSON in the column Body");
                return false;
            }
        });
    }

    private bool Accept(FileReading reading, JsonElement e, long record, long? receivedTicks)
    {
        // events.k8s.io/v1 and core v1 name the same things differently.
        var regarding = e.Get("involvedObject").ValueKind == JsonValueKind.Object ? e.Get("involvedObject") : e.Get("regarding");
        var last = e.Time("lastTimestamp") ?? e.Time("deprecatedLastTimestamp") ?? e.Time("series", "lastObservedTime") ?? e.Time("eventTime") ?? e.Time("metadata", "creationTimestamp");
        if (last is null && receivedTicks is { } received) last = new DateTimeOffset(received, TimeSpan.Zero);
        if (regarding.ValueKind != JsonValueKind.Object || regarding.Text("name").Length == 0 || last is null)
        {
            reading.Fault(record, GapKind.Malformed, "an event without an object or a time");
            return false;
        }
        reading.Saw(last.Value.UtcTicks);
        var message = First(e.Text("message"), e.Text("note"));
        var entity = new EntityRef(regarding.Text("namespace"), regarding.Text("kind"), regarding.Text("name"));
        var count = e.Int("count") ?? e.Int("deprecatedCount") ?? e.Int("series", "count") ?? 1;
        var found = new KubeEvent(
            entity, e.Text("reason"), message, e.Text("type") == "Warning",
            e.Time("firstTimestamp") ?? e.Time("deprecatedFirstTimestamp") ?? e.Time("eventTime") ?? last.Value, last.Value, Math.Max(1, count),
            First(e.Text("source", "component"), e.Text("deprecatedSource", "component"), e.Text("reportingComponent"), e.Text("reportingController")),
            reading.Address(record));
        // The uid is the event's own; without it, what it says of whom is the best identity.
        var key = e.Text("metadata", "uid") is { Length: > 0 } uid ? uid : $"{entity}\n{found.Reason}\n{message}";
        if (!_events.TryGetValue(key, out var known)) _events[key] = found;
        else if (IsNewer(found, known)) _events[key] = found with { First = known.First < found.First ? known.First : found.First };
        else if (found.First < known.First) _events[key] = known with { First = found.First };
        return true;
    }

    // Of equal ones the lowest address is kept, so that the order of reading does not matter.
    private static bool IsNewer(KubeEvent found, KubeEvent known) =>
        (found.Last, found.Count).CompareTo((known.Last, known.Count)) is var order && (order > 0 || (order == 0 && found.Address < known.Address));

    private static string First(params ReadOnlySpan<string> texts)
    {
        foreach (var text in texts)
            if (text.Length > 0) return text;
        return "";
    }
}
