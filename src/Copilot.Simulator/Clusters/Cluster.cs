using System.Text.Json.Nodes;

namespace Copilot.Simulator.Clusters;

/// <summary>One Kubernetes object with every state it had; states are only ever appended, in time order.</summary>
internal sealed class ClusterObject(string plural, JsonObject body, ManagedFields fields)
{
    private readonly List<(long From, JsonObject Body, string? Text)> _states = [];

    public string Plural => plural;

    public string Kind { get; } = (string)body["kind"]!;

    public string ApiVersion { get; } = (string)body["apiVersion"]!;

    public string Name { get; } = (string)body["metadata"]!["name"]!;

    public string? Namespace { get; } = (string?)body["metadata"]!["namespace"];

    public string Uid { get; } = (string)body["metadata"]!["uid"]!;

    public long CreatedAt => _states[0].From;

    public long DeletedAt { get; set; } = long.MaxValue;

    public JsonObject Latest => _states[^1].Body;

    public string ResourceVersion => (string)Latest["metadata"]!["resourceVersion"]!;

    public void Append(long at, JsonObject state, string manager, string? subresource)
    {
        fields.Record(_states.Count == 0 ? null : Latest, state, manager, subresource, at);
        _states.Add((at, state, null));
    }

    /// <summary>The body as a watcher would have read it then; null before creation and after deletion.</summary>
    public string? TextAt(long at)
    {
        var index = _states.FindLastIndex(s => s.From <= at);
        if (index < 0 || at >= DeletedAt) return null;
        var state = _states[index];
        var text = state.Text ?? CanonicalJson.Text(state.Body);
        _states[index] = state with { Text = text };
        return text;
    }
}

/// <summary>The API server's store with the history of every object.</summary>
internal sealed class Cluster(Chance chance)
{
    private readonly long _firstVersion = chance.Between(900_000, 4_000_000);
    private readonly HashSet<long> _versions = [];
    private long _since = long.MaxValue;

    private readonly Dictionary<(string Kind, string? Namespace, string Name), ClusterObject> _byName = [];

    public List<ClusterObject> Objects { get; } = [];

    /// <summary>The object of that name that was not deleted; null when there is none.</summary>
    public ClusterObject? Find(string kind, string? ns, string name) => _byName.GetValueOrDefault((kind, ns, name)) is { DeletedAt: long.MaxValue } found ? found : null;

    /// <summary>Whether every label of the selector is on the object.</summary>
    public static bool Selects(JsonObject selector, ClusterObject target)
    {
        var labels = (JsonObject?)target.Latest["metadata"]!["labels"];
        return labels is not null && selector.All(s => (string?)labels[s.Key] == (string?)s.Value);
    }

    public static JsonObject Metadata(string name, string? ns = null, JsonObject? labels = null, JsonObject? annotations = null)
    {
        var metadata = new JsonObject { ["name"] = name };
        if (ns is not null) metadata["namespace"] = ns;
        if (labels is not null) metadata["labels"] = labels;
        if (annotations is not null) metadata["annotations"] = annotations;
        return metadata;
    }

    public ClusterObject Create(long at, string manager, string plural, string apiVersion, string kind, JsonObject metadata,
        params ReadOnlySpan<(string, JsonNode)> parts)
    {
        var body = new JsonObject { ["apiVersion"] = apiVersion, ["kind"] = kind, ["metadata"] = metadata };
        metadata["uid"] = chance.Uid();
        metadata["creationTimestamp"] = Moment.Iso(at);
        metadata["resourceVersion"] = NextVersion(at);
        foreach (var (name, value) in parts) body[name] = value;
        if (body["spec"] is not null && apiVersion is "apps/v1" or "networking.k8s.io/v1" or "batch/v1") metadata["generation"] = 1;
        var created = new ClusterObject(plural, body, new ManagedFields(apiVersion));
        created.Append(at, body, manager, null);
        Objects.Add(created);
        _byName[(kind, created.Namespace, created.Name)] = created;
        return created;
    }

    public void Change(ClusterObject target, long at, string manager, Action<JsonObject> edit, string? subresource = null)
    {
        var body = (JsonObject)target.Latest.DeepClone();
        edit(body);
        KeepTransitions(target.Latest["status"]?["conditions"] as JsonArray, body["status"]?["conditions"] as JsonArray);
        var metadata = (JsonObject)body["metadata"]!;
        metadata["resourceVersion"] = NextVersion(at);
        if (metadata["generation"] is { } generation && !JsonNode.DeepEquals(body["spec"], target.Latest["spec"]))
            metadata["generation"] = (int)generation + 1;
        target.Append(at, body, manager, subresource);
    }

    /// <summary>A condition whose status did not change has not made a transition.</summary>
    private static void KeepTransitions(JsonArray? before, JsonArray? after)
    {
        foreach (var condition in after ?? [])
            if (before?.FirstOrDefault(c => (string)c!["type"]! == (string)condition!["type"]! && (string)c["status"]! == (string)condition["status"]!)?["lastTransitionTime"] is { } since)
                condition!["lastTransitionTime"] = since.DeepClone();
    }

    /// <summary>Grows with the time of the write, not with the order in which the simulation makes its changes.</summary>
    private string NextVersion(long at)
    {
        _since = Math.Min(_since, at);
        var version = _firstVersion + (at - _since) / (50 * Moment.Millisecond);
        while (!_versions.Add(version)) version++;
        return $"{version}";
    }
}
