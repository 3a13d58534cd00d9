using System.Text.Json.Nodes;
using Copilot.Simulator.StandIns.Kubernetes.Storage;

namespace Copilot.Simulator.StandIns.Kubernetes.Patching;

/// <summary>Who writes.</summary>
/// <param name="Manager">The field manager.</param>
/// <param name="Subresource">Through which it writes; empty for the object itself.</param>
internal sealed record FieldWriter(string Manager, string Subresource = "");

/// <summary>
/// Who owns which field of one object (https://kubernetes.io/docs/reference/using-api/server-side-apply/): a writer owns what it last changed, an applier what it
/// last applied, and who changes another's field takes it.
/// </summary>
internal sealed class FieldOwnership
{
    private readonly List<Entry> _entries = [];

    private sealed record Entry(FieldWriter Writer, bool IsApply, string ApiVersion, SortedSet<string> Paths)
    {
        public string Time { get; set; } = "";

        public string Describe() => $"\"{Writer.Manager}\"{(Writer.Subresource.Length > 0 ? $" with subresource \"{Writer.Subresource}\"" : "")}{(IsApply ? "" : $" using {ApiVersion}")}";
    }

    public static FieldOwnership Read(JsonObject body)
    {
        var ownership = new FieldOwnership();
        foreach (var entry in body.Items("metadata", "managedFields"))
        {
            if (entry["fieldsV1"] is not JsonObject fields) continue;
            ownership._entries.Add(new(new(entry.Text("manager"), entry.Text("subresource")), entry.Text("operation") == "Apply", entry.Text("apiVersion"), FieldSet.FromFieldsV1(fields)) { Time = entry.Text("time") });
        }
        return ownership;
    }

    public void Write(JsonObject body)
    {
        body.Meta()["managedFields"] = new JsonArray([.. _entries.Where(e => e.Paths.Count > 0).OrderBy(e => !e.IsApply).ThenBy(e => e.Time, StringComparer.Ordinal).ThenBy(e => e.Writer.Manager, StringComparer.Ordinal).Select(ToJson)]);
    }

    /// <summary>What an update or a patch changed is now the writer's; what is gone is nobody's.</summary>
    public void Updated(JsonObject? before, JsonObject after, FieldWriter writer, string apiVersion, string time)
    {
        var old = before is null ? [] : FieldSet.Of(before, withMaps: true);
        var now = FieldSet.Of(after, withMaps: true);
        var changed = now.Where(f => !old.TryGetValue(f.Key, out var value) || !JsonRead.Same(value, f.Value)).Select(f => f.Key).ToList();
        var gone = old.Keys.Where(k => !now.ContainsKey(k)).ToList();
        if (changed.Count == 0 && gone.Count == 0) return;
        foreach (var entry in _entries)
        {
            entry.Paths.ExceptWith(changed);
            entry.Paths.ExceptWith(gone);
        }
        if (changed.Count == 0) return;
        var own = _entries.Find(e => e.Writer == writer && !e.IsApply && e.ApiVersion == apiVersion);
        if (own is null) _entries.Add(own = new(writer, IsApply: false, apiVersion, new(StringComparer.Ordinal)));
        own.Paths.UnionWith(changed);
        own.Time = time;
    }

    /// <summary>Fields that the applier sets otherwise than others who own them: by owner and path.</summary>
    public IReadOnlyList<(string Owner, string Path)> Conflicts(SortedDictionary<string, JsonNode?> applied, JsonObject live, FieldWriter writer)
    {
        var now = FieldSet.Of(live, withMaps: false);
        var differing = applied.Where(f => now.TryGetValue(f.Key, out var value) && !JsonRead.Same(value, f.Value)).Select(f => f.Key).ToHashSet(StringComparer.Ordinal);
        return
        [
            .. from entry in _entries
               where !(entry.IsApply && entry.Writer == writer)
               from path in entry.Paths
               where differing.Contains(path)
               select (entry.Describe(), FieldSet.Readable(path)),
        ];
    }

    /// <summary>The fields that the applier owned and neither applies any more nor shares with anybody.</summary>
    public IReadOnlyList<string> Abandoned(SortedDictionary<string, JsonNode?> applied, FieldWriter writer)
    {
        var own = _entries.Find(e => e.IsApply && e.Writer == writer);
        if (own is null) return [];
        var others = _entries.Where(e => e != own).SelectMany(e => e.Paths).ToHashSet(StringComparer.Ordinal);
        // An element or map of which others own a part stays.
        return [.. own.Paths.Where(p => !applied.ContainsKey(p) && !others.Contains(p) && !others.Any(o => o.StartsWith(p + FieldSet.Joint, StringComparison.Ordinal)) && !applied.Keys.Any(a => a.StartsWith(p + FieldSet.Joint, StringComparison.Ordinal)))];
    }

    /// <summary>The applier owns just what it applied; what it changed is no longer anybody else's.</summary>
    public void Applied(SortedDictionary<string, JsonNode?> applied, JsonObject? before, JsonObject after, FieldWriter writer, string apiVersion, string time)
    {
        var old = before is null ? [] : FieldSet.Of(before, withMaps: true);
        var now = FieldSet.Of(after, withMaps: true);
        var lost = applied.Keys.Where(p => old.TryGetValue(p, out var value) && now.TryGetValue(p, out var next) && !JsonRead.Same(value, next)).ToList();
        var gone = old.Keys.Where(k => !now.ContainsKey(k)).ToList();
        foreach (var entry in _entries.Where(e => !(e.IsApply && e.Writer == writer)))
        {
            entry.Paths.ExceptWith(lost);
            entry.Paths.ExceptWith(gone);
        }
        var known = _entries.Find(e => e.IsApply && e.Writer == writer);
        if (known is not null && known.Paths.SetEquals(applied.Keys) && known.ApiVersion == apiVersion && lost.Count == 0) return;
        if (known is not null) _entries.Remove(known);
        _entries.Add(new(writer, IsApply: true, apiVersion, new(applied.Keys, StringComparer.Ordinal)) { Time = time });
    }

    private static JsonNode ToJson(Entry entry)
    {
        var json = new JsonObject
        {
            ["manager"] = entry.Writer.Manager,
            ["operation"] = entry.IsApply ? "Apply" : "Update",
            ["apiVersion"] = entry.ApiVersion,
            ["time"] = entry.Time,
            ["fieldsType"] = "FieldsV1",
            ["fieldsV1"] = FieldSet.ToFieldsV1(entry.Paths),
        };
        if (entry.Writer.Subresource.Length > 0) json["subresource"] = entry.Writer.Subresource;
        return json;
    }
}
