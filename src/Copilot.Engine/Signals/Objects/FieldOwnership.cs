using System.Text.Json;
using Copilot.Core.Signals;

namespace Copilot.Engine.Signals.Objects;

/// <summary>
/// Dates and attributes changes by <c>metadata.managedFields</c>: each entry names a manager, a time and, in the FieldsV1 format, the fields
/// that it wrote then (Kubernetes documentation, "Server-Side Apply": field management).
/// </summary>
internal static class FieldOwnership
{
    /// <summary>An entry that wrote fields other than the status.</summary>
    public sealed record Entry(Actor Actor, DateTimeOffset Time, JsonElement Fields);

    // Clocks of the recorder and the API server differ a little.
    private static readonly TimeSpan Slack = TimeSpan.FromSeconds(5);

    public static IEnumerable<Entry> Entries(JsonElement body)
    {
        foreach (var entry in body.Items("metadata", "managedFields"))
        {
            if (entry.Text("subresource") == "status" || entry.Time("time") is not { } time) continue;
            yield return new(Actor.FromManager(entry.Text("manager")), time, entry.Get("fieldsV1"));
        }
    }

    /// <summary>The entry that wrote most of the changed leaves between two observations; null when none did.</summary>
    public static Entry? Find(JsonElement body, IReadOnlyList<LeafChange> leaves, DateTimeOffset after, DateTimeOffset notAfter)
    {
        var inTime = Entries(body).Where(e => e.Time > after - Slack && e.Time <= notAfter + Slack).ToList();
        return inTime
            .Select(e => (Entry: e, Covered: leaves.Count(l => Covers(e.Fields, l.Path))))
            .Where(e => e.Covered > 0 || e.Entry.Actor.Class != ActorClass.Controller)
            .OrderByDescending(e => e.Covered).ThenByDescending(e => e.Entry.Time).ThenBy(e => e.Entry.Actor.Name, StringComparer.Ordinal)
            .Select(e => e.Entry)
            .FirstOrDefault();
    }

    /// <summary>Whether the field set covers the path: it names the leaf, or it names an ancestor as a whole.</summary>
    public static bool Covers(JsonElement fields, IReadOnlyList<PathStep> path)
    {
        var at = fields;
        foreach (var step in path)
        {
            if (at.ValueKind != JsonValueKind.Object) return false;
            var hasMembers = false;
            JsonElement next = default;
            var found = false;
            foreach (var member in at.EnumerateObject())
            {
                hasMembers = true;
                if (!Matches(member.Name, step)) continue;
                (next, found) = (member.Value, true);
                break;
            }
            if (!hasMembers) return true;
            if (!found) return false;
            at = next;
        }
        return true;
    }

    private static bool Matches(string member, PathStep step)
    {
        if (!step.Element) return member.Length == step.Name.Length + 2 && member.StartsWith("f:", StringComparison.Ordinal) && member.EndsWith(step.Name, StringComparison.Ordinal);
        if (!member.StartsWith("k:", StringComparison.Ordinal)) return false;
        try
        {
            using var key = JsonDocument.Parse(member.AsMemory(2));
            return step.KeyField is null || key.RootElement.Text(step.KeyField) == step.Name || key.RootElement.Text("name") == step.Name;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
