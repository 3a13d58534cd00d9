using System.Text.Json;
using Copilot.Core.Evidence;
using Copilot.Engine.Snapshots;
using Copilot.Engine.Snapshots.Reading;

namespace Copilot.Engine.Signals.Objects;

/// <summary>Reads the recorded objects of a cluster: their last state, and how they changed.</summary>
/// <param name="dumped">When lists were made, in UTC ticks: they tell the state at one moment.</param>
internal sealed class ObjectExtractor(long dumped)
{
    private readonly Dictionary<(EntityRef Entity, string Uid), ObjectHistory> _objects = [];

    public IReadOnlyCollection<ObjectHistory> Histories => _objects.Values;

    public void Read(FileReading reading)
    {
        if (reading.File.Format == FileFormat.KubernetesList) ReadList(reading);
        else ReadTable(reading);
    }

    private void ReadTable(FileReading reading)
    {
        int time = -1, body = -1, attributes = -1;
        reading.ReadTable(["Timestamp", "Body"], row =>
        {
            if (time < 0) (time, body, attributes) = (row.Column("Timestamp"), row.Column("Body"), row.Column("LogAttributes"));
            if (!TimeText.TryParse(row.Field(time), out var ticks))
            {
                reading.Fault(row.Record, GapKind.Malformed, "a time stamp that is none");
                return false;
            }
            reading.Saw(ticks);
            PythonDict.TryGet(row.Field(attributes), "k8s.resource.name"u8, out var resource);
            var json = row.Field(body);
            try
            {
                using var document = JsonText.Parse(json);
                var root = document.RootElement;
                // Watch mode wraps the object and says what happened to it.
                var inner = root.Get("object");
                return Accept(inner.ValueKind == JsonValueKind.Object ? inner : root, json, ticks, reading.Address(row.Record), Kinds.FromPlural(resource))
                    || Refuse(reading, row.Record, "an object without a kind or a name");
            }
            catch (JsonException)
            {
                return Refuse(reading, row.Record, "broken JSON in the column Body");
            }
        });
    }

    private void ReadList(FileReading reading)
    {
        var kind = Kinds.FromPlural(Path.GetFileNameWithoutExtension(reading.File.Name));
        reading.ReadJson(
            (item, record) =>
            {
                reading.Saw(dumped);
                return Accept(item, System.Text.Encoding.UTF8.GetBytes(item.GetRawText()), dumped, reading.Address(record), kind)
                    || Refuse(reading, record, "an object without a kind or a name");
            },
            "items", "Items");
    }

    private static bool Refuse(FileReading reading, long record, string why)
    {
        reading.Fault(record, GapKind.Malformed, why);
        return false;
    }

    private bool Accept(JsonElement body, ReadOnlySpan<byte> json, long ticks, RecordAddress address, string? fallbackKind)
    {
        var kind = body.Text("kind") is { Length: > 0 } own ? own : fallbackKind;
        var name = body.Text("metadata", "name");
        if (string.IsNullOrEmpty(kind) || name.Length == 0) return false;
        var entity = new EntityRef(body.Text("metadata", "namespace"), kind, name);
        var uid = body.Text("metadata", "uid");
        if (!_objects.TryGetValue((entity, uid), out var history)) _objects[(entity, uid)] = history = new(entity, uid);
        history.Observe(ticks, address, json, body);
        return true;
    }
}
