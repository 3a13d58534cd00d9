using System.Text.Json.Nodes;

namespace Copilot.Simulator.Clusters;

/// <summary>One occurrence of a Kubernetes event; repeated occurrences share the uid and raise the count.</summary>
internal sealed record ClusterEvent
{
    public required long At { get; init; }

    public required long FirstAt { get; init; }

    public required string Uid { get; init; }

    public required string Name { get; init; }

    public required string Namespace { get; init; }

    public required JsonObject Regarding { get; init; }

    public required string Reason { get; init; }

    public required string Message { get; init; }

    public required string Component { get; init; }

    /// <summary>In the order in which the watch delivers.</summary>
    public string Version { get; init; } = "";

    public string? Host { get; init; }

    public bool Warning { get; init; }

    public int Count { get; init; } = 1;

    /// <summary>When the watch delivered it; before the watch begins, its initial list does.</summary>
    public long ReceivedAt { get; init; }

    /// <summary>DELETED rows are events of an earlier run that expire during the recording.</summary>
    public string Change { get; init; } = "ADDED";
}

/// <summary>Collects events and prints each one as both API versions, as the recorder does.</summary>
internal sealed class EventLog(Chance chance)
{
    private readonly long _lag = Moment.Milliseconds(chance.Between(8, 400));
    private long _version = chance.Between(10_000, 90_000);

    public List<ClusterEvent> Events { get; } = [];

    public ClusterEvent Record(long at, ClusterObject about, string reason, string message, string component,
        bool warning = false, string? host = null, string? container = null)
    {
        var regarding = Regarding(about.Kind, about.ApiVersion, about.Namespace, about.Name, about.Uid, about.ResourceVersion);
        if (container is not null)
        {
            var init = about.Latest["spec"]?["initContainers"] is JsonArray first && first.Any(c => (string)c!["name"]! == container);
            regarding["fieldPath"] = $"spec.{(init ? "initContainers" : "containers")}{{{container}}}";
        }

        return Record(at, regarding, reason, message, component, warning, host);
    }

    /// <param name="replayed">It happened in an earlier run and is seen when the API server forgets it, an hour after it happened.</param>
    public ClusterEvent Record(long at, JsonObject regarding, string reason, string message, string component, bool warning = false,
        string? host = null, bool replayed = false)
    {
        var recorded = new ClusterEvent
        {
            At = at,
            FirstAt = at,
            Uid = chance.Uid(),
            Name = $"{(string)regarding["name"]!}.{chance.Hex16()}",
            Namespace = (string?)regarding["namespace"] ?? "default",
            Regarding = regarding,
            Reason = reason,
            Message = message,
            Component = component,
            Host = host,
            Warning = warning,
            ReceivedAt = at + _lag + (replayed ? 60 * Moment.Minute : 0),
            Change = replayed ? "DELETED" : "ADDED",
        };
        Events.Add(recorded);
        return recorded;
    }

    public ClusterEvent Repeat(ClusterEvent last, long at)
    {
        var repeated = last with
        {
            At = at,
            Count = last.Count + 1,
            Change = "MODIFIED",
            ReceivedAt = at + _lag,
        };
        Events.Add(repeated);
        return repeated;
    }

    public static JsonObject Regarding(string kind, string apiVersion, string? ns, string name, string uid, string version)
    {
        var json = new JsonObject { ["apiVersion"] = apiVersion, ["kind"] = kind, ["name"] = name, ["uid"] = uid, ["resourceVersion"] = version };
        if (ns is not null) json["namespace"] = ns;
        return json;
    }

    /// <summary>The watch lists what is still stored when it begins, and delivers later changes as they come.</summary>
    public IEnumerable<ClusterEvent> Watched(long watchFrom, long until) => Events
        .Where(e => e.ReceivedAt >= watchFrom || e.Change != "DELETED")
        .GroupBy(e => e.ReceivedAt < watchFrom ? (e.Uid, Count: 0) : (e.Uid, e.Count))
        .Select(g => g.MaxBy(e => e.Count)!)
        .Select(e => e.ReceivedAt < watchFrom ? e with { ReceivedAt = watchFrom, Change = "ADDED" } : e)
        .Where(e => e.ReceivedAt < until)
        .OrderBy(e => e.ReceivedAt).ThenBy(e => e.At)
        .Select(e => e with { Version = NextVersion() });

    public static (JsonObject EventsApi, JsonObject Core) Bodies(ClusterEvent e)
    {
        var source = new JsonObject { ["component"] = e.Component };
        if (e.Host is not null) source["host"] = e.Host;
        var type = e.Warning ? "Warning" : "Normal";
        var modern = new JsonObject
        {
            ["apiVersion"] = "events.k8s.io/v1",
            ["kind"] = "Event",
            ["metadata"] = Metadata(e),
            ["eventTime"] = null,
            ["deprecatedCount"] = e.Count,
            ["deprecatedFirstTimestamp"] = Moment.Iso(e.FirstAt),
            ["deprecatedLastTimestamp"] = Moment.Iso(e.At),
            ["deprecatedSource"] = source,
            ["note"] = e.Message,
            ["reason"] = e.Reason,
            ["regarding"] = e.Regarding.DeepClone(),
            ["reportingController"] = e.Component,
            ["type"] = type,
        };
        var core = new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Event",
            ["metadata"] = Metadata(e),
            ["eventTime"] = null,
            ["count"] = e.Count,
            ["firstTimestamp"] = Moment.Iso(e.FirstAt),
            ["lastTimestamp"] = Moment.Iso(e.At),
            ["source"] = source.DeepClone(),
            ["message"] = e.Message,
            ["reason"] = e.Reason,
            ["involvedObject"] = e.Regarding.DeepClone(),
            ["reportingComponent"] = e.Component,
            ["reportingInstance"] = e.Host ?? "",
            ["type"] = type,
        };
        return (Wrap(modern, e.Change), Wrap(core, e.Change));
    }

    private static JsonObject Wrap(JsonObject body, string change) => new() { ["object"] = body, ["type"] = change };

    private static JsonObject Metadata(ClusterEvent e) => new()
    {
        ["name"] = e.Name,
        ["namespace"] = e.Namespace,
        ["uid"] = e.Uid,
        ["creationTimestamp"] = Moment.Iso(e.FirstAt),
        ["resourceVersion"] = e.Version,
        ["managedFields"] = new JsonArray(new JsonObject
        {
            ["apiVersion"] = "v1",
            ["fieldsType"] = "FieldsV1",
            ["fieldsV1"] = new JsonObject
            {
                ["f:count"] = new JsonObject(),
                ["f:firstTimestamp"] = new JsonObject(),
                ["f:involvedObject"] = new JsonObject(),
                ["f:lastTimestamp"] = new JsonObject(),
                ["f:message"] = new JsonObject(),
                ["f:reason"] = new JsonObject(),
                ["f:source"] = new JsonObject { ["f:component"] = new JsonObject() },
                ["f:type"] = new JsonObject(),
            },
            ["manager"] = e.Host is null ? e.Component : "kubelet",
            ["operation"] = "Update",
            ["time"] = Moment.Iso(e.At),
        }),
    };

    private string NextVersion() => $"{_version += chance.Between(1, 9)}";
}
