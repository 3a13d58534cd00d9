using System.Text.Json;
using Copilot.Core.Evidence;
using Copilot.Core.Signals;

namespace Copilot.Engine.Signals.Objects;

/// <summary>A changed leaf of an object with its path both for people and as steps for a walk through <c>managedFields</c>.</summary>
internal sealed record LeafChange(IReadOnlyList<PathStep> Path, string? Old, string? New)
{
    public FieldChange ToFieldChange() => new(PathStep.Show(Path), Old, New);
}

/// <summary>One step of a path: a member by name, or an element of a list by its key or position.</summary>
internal readonly record struct PathStep(string Name, string? KeyField, bool Element)
{
    public static string Show(IReadOnlyList<PathStep> path)
    {
        var text = new System.Text.StringBuilder();
        foreach (var step in path)
        {
            if (step.Element || step.Name.AsSpan().ContainsAny('.', '/')) text.Append('[').Append(step.Name).Append(']');
            else text.Append(text.Length == 0 ? "" : ".").Append(step.Name);
        }
        return text.ToString();
    }
}

/// <summary>Compares two versions of an object leaf by leaf, without its status and bookkeeping.</summary>
internal static class ObjectDiff
{
    private static readonly HashSet<string> Bookkeeping = ["managedFields", "resourceVersion", "generation", "uid", "selfLink", "creationTimestamp", "ownerReferences"];

    private static readonly HashSet<string> BookkeepingAnnotations =
    [
        "kubectl.kubernetes.io/last-applied-configuration", "deployment.kubernetes.io/revision", "control-plane.alpha.kubernetes.io/leader",
        "deprecated.daemonset.template.generation", "meta.helm.sh/release-name", "meta.helm.sh/release-namespace",
    ];

    // Lists whose elements have a key in the API; others are compared by position.
    private static readonly string[] Keys = ["name", "key", "type", "containerPort", "port", "ip", "mountPath", "topologyKey"];

    public static List<LeafChange> Compare(JsonElement before, JsonElement after)
    {
        var old = Flatten(before);
        var now = Flatten(after);
        var changes = new List<LeafChange>();
        foreach (var (path, leaf) in now)
        {
            var had = old.TryGetValue(path, out var previous);
            if (had && previous!.Value == leaf.Value) continue;
            AddLeaf(changes, leaf.Path, had ? previous!.Value : null, leaf.Value);
        }
        foreach (var (path, leaf) in old)
            if (!now.ContainsKey(path)) AddLeaf(changes, leaf.Path, leaf.Value, null);
        changes.Sort((a, b) => string.CompareOrdinal(PathStep.Show(a.Path), PathStep.Show(b.Path)));
        return changes;
    }

    /// <summary>The leaves of an object by their shown path.</summary>
    public static Dictionary<string, (IReadOnlyList<PathStep> Path, string Value)> Flatten(JsonElement body)
    {
        var leaves = new Dictionary<string, (IReadOnlyList<PathStep>, string)>();
        Visit(body, [], leaves);
        return leaves;
    }

    private static void AddLeaf(List<LeafChange> changes, IReadOnlyList<PathStep> path, string? old, string? now)
    {
        // A document inside a ConfigMap: say which setting changed, not that the text did.
        if (path.Count == 2 && path[0].Name is "data" && old is not null && now is not null && ConfigDocument.Compare(old, now) is { Count: > 0 } inner)
            changes.AddRange(inner.Select(c => new LeafChange([.. path, .. c.Path], c.Old, c.New)));
        else
            changes.Add(new(path, old, now));
    }

    private static void Visit(JsonElement element, List<PathStep> path, Dictionary<string, (IReadOnlyList<PathStep>, string)> leaves)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var member in element.EnumerateObject())
                {
                    if (IsBookkeeping(path, member.Name)) continue;
                    path.Add(new(member.Name, null, Element: false));
                    Visit(member.Value, path, leaves);
                    path.RemoveAt(path.Count - 1);
                }
                break;
            case JsonValueKind.Array:
                var position = 0;
                var option = "";
                foreach (var item in element.EnumerateArray())
                {
                    var key = item.ValueKind == JsonValueKind.Object ? Array.Find(Keys, k => item.TryGetProperty(k, out _)) : null;
                    path.Add(new(key is null ? position + option : item.Text(key), key, Element: true));
                    Visit(item, path, leaves);
                    path.RemoveAt(path.Count - 1);
                    position++;
                    // An argument behind --password is a secret that nothing but its place tells: its path says so.
                    option = item.ValueKind == JsonValueKind.String && item.GetString() is ['-', ..] argument && Redaction.IsSecretName(argument) ? " " + argument : "";
                }
                break;
            case JsonValueKind.Null or JsonValueKind.Undefined:
                break;
            default:
                leaves.TryAdd(PathStep.Show(path), ([.. path], element.ValueKind == JsonValueKind.String ? element.GetString()! : element.GetRawText()));
                break;
        }
    }

    private static bool IsBookkeeping(List<PathStep> path, string name) => path.Count switch
    {
        0 => name is "status",
        1 => path[0].Name == "metadata" && Bookkeeping.Contains(name),
        2 => path[0].Name == "metadata" && path[1].Name == "annotations" && BookkeepingAnnotations.Contains(name),
        _ => false,
    };
}
