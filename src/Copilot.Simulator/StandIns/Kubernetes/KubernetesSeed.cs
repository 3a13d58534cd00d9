using System.Globalization;
using System.Text.Json.Nodes;
using Copilot.Engine.Snapshots;
using Copilot.Simulator.StandIns.Kubernetes.Api;
using Copilot.Simulator.StandIns.Kubernetes.Seeding;
using Copilot.Simulator.StandIns.Kubernetes.Storage;

namespace Copilot.Simulator.StandIns.Kubernetes;

/// <summary>What a cluster begins with.</summary>
public sealed class KubernetesSeed
{
    private KubernetesSeed(IReadOnlyList<JsonObject> objects, bool isRecorded, IReadOnlyList<string> leftOut) => (Objects, IsRecorded, LeftOut) = (objects, isRecorded, leftOut);

    /// <summary>What of a recording could not be used, in words.</summary>
    public IReadOnlyList<string> LeftOut { get; }

    /// <summary>The latest time that metadata and states of the objects name; null when none does.</summary>
    public DateTimeOffset? Latest => Objects.SelectMany(o => TimesIn(o, "")).DefaultIfEmpty().Max() is { Ticks: > 0 } latest ? latest : null;

    /// <summary>How many objects, events included.</summary>
    public int Count => Objects.Count;

    internal IReadOnlyList<JsonObject> Objects { get; }

    /// <summary>Whether they were recorded, status and all: then they stay as they were until somebody changes them.</summary>
    internal bool IsRecorded { get; }

    internal IReadOnlyList<RecordedPodLog> Logs { get; private init; } = [];

    /// <summary>The namespace <c>default</c> and ready nodes.</summary>
    public static KubernetesSeed Empty(int nodes = 2) => new(FreshCluster.Objects(nodes), isRecorded: false, []);

    /// <summary>A fresh cluster into which manifests are put as a user would, so that controllers carry them out. Namespaces that they name are made.</summary>
    public static KubernetesSeed Of(IEnumerable<JsonObject> manifests, int nodes = 2)
    {
        var all = manifests.Select(m => m.Clone()).ToList();
        var named = all.Select(m => m.Namespace()).Where(n => n.Length > 0).Except(all.Where(m => m.Text("kind") == "Namespace").Select(m => m.Name())).Except(FreshCluster.Namespaces).Distinct();
        return new([.. FreshCluster.Objects(nodes), .. named.Select(FreshCluster.Namespace), .. all], isRecorded: false, []);
    }

    /// <summary>The last recorded state of each object, and the events, of a recorded incident or of a <c>kubectl cluster-info dump</c>. There are no Secrets in it.</summary>
    public static KubernetesSeed Recorded(Snapshot snapshot, CancellationToken cancellation = default)
    {
        var recording = new RecordedCluster(snapshot, cancellation);
        return new(recording.Objects, isRecorded: true, recording.LeftOut) { Logs = recording.Logs };
    }

    /// <summary>With what pods wrote by the recorded log records, all restarts of a container in one.</summary>
    public KubernetesSeed WithLogs(RecordedTelemetry telemetry) => new(Objects, IsRecorded, LeftOut) { Logs = [.. Logs, .. RecordedPodLog.In(telemetry)] };

    /// <summary>What people write into specs, data and annotations says nothing about when it was recorded.</summary>
    private static IEnumerable<DateTimeOffset> TimesIn(JsonNode? node, string name) => node switch
    {
        JsonObject o => o.Where(m => m.Key is not ("spec" or "data" or "annotations" or "labels")).SelectMany(m => TimesIn(m.Value, m.Key)),
        JsonArray items => items.SelectMany(i => TimesIn(i, name)),
        JsonValue value when (name.EndsWith("Time", StringComparison.Ordinal) || name.EndsWith("Timestamp", StringComparison.Ordinal) || name is "time" or "startedAt" or "finishedAt") && value.TryGetValue(out string? text)
            && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) => [time],
        _ => [],
    };

    /// <summary>The kind of a manifest; null when the server does not serve it.</summary>
    internal static ResourceKind? KindOf(JsonObject body) => ResourceKinds.OfKind(body.Text("apiVersion"), body.Text("kind"));
}
