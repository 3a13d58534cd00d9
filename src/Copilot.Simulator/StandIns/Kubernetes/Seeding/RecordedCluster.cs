using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Copilot.Core.Evidence;
using Copilot.Engine.Snapshots;
using Copilot.Engine.Snapshots.Reading;
using Copilot.Simulator.StandIns.Kubernetes.Api;
using Copilot.Simulator.StandIns.Kubernetes.Storage;

namespace Copilot.Simulator.StandIns.Kubernetes.Seeding;

/// <summary>Lines that a pod wrote.</summary>
/// <param name="Lines">Null for a time that was not recorded.</param>
internal sealed record RecordedPodLog(string Namespace, string Pod, IReadOnlyList<(DateTimeOffset? Time, string Text)> Lines)
{
    /// <summary>More lines of one pod are not kept, the oldest go.</summary>
    public const int MostLines = 2_000;

    /// <summary>The log records that pods wrote, as their lines.</summary>
    public static IEnumerable<RecordedPodLog> In(RecordedTelemetry telemetry) => telemetry.Logs
        .GroupBy(l => (l.Resource.GetValueOrDefault("k8s.namespace.name", ""), l.Resource.GetValueOrDefault("k8s.pod.name", "")))
        .Where(g => g.Key is { Item1.Length: > 0, Item2.Length: > 0 })
        .Select(g => new RecordedPodLog(g.Key.Item1, g.Key.Item2, [.. g.TakeLast(MostLines).SelectMany(l => l.Body.Split('\n').Select(t => ((DateTimeOffset?)DateTimeOffset.UnixEpoch.AddTicks(l.Time / 100), t)))]));
}

/// <summary>The cluster of a recording at its end: of each object the last state, of each event its core form.</summary>
internal sealed class RecordedCluster
{
    private readonly Dictionary<(ResourceKind Kind, string Key), (long Ticks, JsonObject Body)> _objects = [];
    private readonly Dictionary<string, long> _lastPull = [];
    private readonly Dictionary<string, int> _unserved = [];
    private readonly List<RecordedPodLog> _logs = [];
    private readonly List<FileReading> _readings = [];

    public RecordedCluster(Snapshot snapshot, CancellationToken cancellation)
    {
        foreach (var file in snapshot.Files.Where(f => !f.IsReference))
        {
            var reading = new FileReading(file, null, cancellation);
            if (file.Source is EvidenceSource.Objects or EvidenceSource.Events) Read(reading);
            else if (file.Format == FileFormat.TextLog) ReadLog(reading);
            else continue;
            _readings.Add(reading);
        }
    }

    /// <summary>What was gone before the last pull of its kind is not there any more. A namespace that only objects name is there.</summary>
    public IReadOnlyList<JsonObject> Objects
    {
        get
        {
            var there = _objects.Where(o => o.Key.Kind == ResourceKinds.Events || o.Value.Ticks >= _lastPull.GetValueOrDefault(o.Key.Kind.Plural)).Select(o => o.Value.Body).ToList();
            var named = there.Select(o => o.Namespace()).Where(n => n.Length > 0).Append("default").Distinct().Except(there.Where(o => o.Text("kind") == "Namespace").Select(o => o.Name())).Order(StringComparer.Ordinal);
            return [.. named.Select(FreshCluster.Namespace), .. there];
        }
    }

    public IReadOnlyList<RecordedPodLog> Logs => _logs;

    public IReadOnlyList<string> LeftOut =>
        [.. _unserved.OrderBy(u => u.Key, StringComparer.Ordinal).Select(u => $"{u.Value} of kind {u.Key}, which is not served"), .. _readings.SelectMany(r => r.Gaps()).Select(g => $"{g.Where}: {g.Detail}")];

    private void Read(FileReading reading)
    {
        if (reading.File.Format == FileFormat.KubernetesList)
        {
            reading.ReadJson((item, record) => Accept(reading, record, JsonObject.Create(item.Clone())!, 0), "items", "Items");
            return;
        }
        int time = -1, body = -1;
        reading.ReadTable(["Timestamp", "Body"], row =>
        {
            if (time < 0) (time, body) = (row.Column("Timestamp"), row.Column("Body"));
            var ticks = TimeText.TryParse(row.Field(time), out var at) ? at : 0;
            try
            {
                var json = JsonNode.Parse(Encoding.UTF8.GetString(row.Field(body))) as JsonObject;
                if (json.At("object") is JsonObject inner)
                {
                    // An expired event is gone from the cluster; a watched object that was deleted too.
                    if (json.Text("type") == "DELETED") return Forget(inner);
                    json = inner;
                }
                return json is not null && Accept(reading, row.Record, json, ticks);
            }
            catch (JsonException)
            {
                reading.Fault(row.Record, GapKind.Malformed, "broken JSON in the column Body");
                return false;
            }
        });
    }

    private bool Accept(FileReading reading, long record, JsonObject found, long ticks)
    {
        var body = found.Clone();
        // The two forms of an event are one event.
        if (body.Text("kind") == "Event" && body.Text("apiVersion") == "events.k8s.io/v1") body = Printing.EventForms.ToStored(ResourceKinds.Find("events.k8s.io", "v1", "events")!, body);
        if (KubernetesSeed.KindOf(body) is not { } kind)
        {
            var name = body.Text("kind") is { Length: > 0 } said ? said : "unknown";
            _unserved[name] = _unserved.GetValueOrDefault(name) + 1;
            return false;
        }
        if (body.Name().Length == 0 || (kind.Namespaced && body.Namespace().Length == 0) || kind.Plural == "secrets")
        {
            reading.Fault(record, GapKind.Malformed, "an object without a name or a namespace");
            return false;
        }
        var key = (kind, ObjectStore.Key(body.Namespace(), body.Name()));
        if (_objects.TryGetValue(key, out var known) && known.Ticks > ticks) return true;
        _objects[key] = (ticks, body);
        // One pull writes its objects within moments of each other.
        if (kind != ResourceKinds.Events) _lastPull[kind.Plural] = Math.Max(_lastPull.GetValueOrDefault(kind.Plural), ticks - TimeSpan.FromMinutes(1).Ticks);
        return true;
    }

    private bool Forget(JsonObject body)
    {
        if (body.Text("kind") == "Event") _objects.Remove((ResourceKinds.Events, ObjectStore.Key(body.Namespace(), body.Name())));
        else if (KubernetesSeed.KindOf(body) is { } kind) _objects.Remove((kind, ObjectStore.Key(body.Namespace(), body.Name())));
        return true;
    }

    /// <summary>A dump keeps the logs of a pod under its namespace and name.</summary>
    private void ReadLog(FileReading reading)
    {
        var parts = reading.File.Path.Split('/');
        if (parts.Length < 3) return;
        Queue<string> lines = [];
        reading.ReadLines((line, _) =>
        {
            lines.Enqueue(line.ToString());
            if (lines.Count > RecordedPodLog.MostLines) lines.Dequeue();
        });
        _logs.Add(new(parts[^3], parts[^2], [.. lines.Select(l => ((DateTimeOffset?)null, l))]));
    }
}
