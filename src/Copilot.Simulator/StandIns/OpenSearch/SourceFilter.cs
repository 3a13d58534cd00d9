using System.Text.Json.Nodes;

namespace Copilot.Simulator.StandIns.OpenSearch;

/// <summary>Which fields of a document are shown.</summary>
/// <param name="Shown">False when the source is left out altogether.</param>
/// <param name="Includes">Paths with wildcards; empty for all.</param>
internal sealed record SourceFilter(bool Shown, IReadOnlyList<string> Includes, IReadOnlyList<string> Excludes)
{
    public static readonly SourceFilter Everything = new(true, [], []);

    public static SourceFilter Parse(DslNode node)
    {
        switch (node.Kind)
        {
            case DslKind.Boolean: return node.Text == "true" ? Everything : new(false, [], []);
            case DslKind.Text: return new(true, [node.Text], []);
            case DslKind.Array: return new(true, Paths(node), []);
            case DslKind.Object:
                foreach (var (name, value) in node.Members)
                    if (name is not ("includes" or "include" or "excludes" or "exclude")) throw OpenSearchErrors.Parsing($"Unknown key for a {value.Token} in [{name}].", value);
                return new(true, Paths(node["includes"] ?? node["include"]), Paths(node["excludes"] ?? node["exclude"]));
            default: throw OpenSearchErrors.Parsing($"Expected one of [VALUE_BOOLEAN, VALUE_STRING, START_ARRAY, START_OBJECT] but found [{node.Token}]", node);
        }
    }

    public JsonObject? Of(IndexedDocument document)
    {
        if (!Shown) return null;
        var source = document.Source();
        if (Includes.Count > 0 || Excludes.Count > 0) Cut(source, "", included: Includes.Count == 0);
        return source;
    }

    /// <returns>Whether something is left.</returns>
    private bool Cut(JsonObject node, string path, bool included)
    {
        foreach (var (name, value) in node.ToList())
        {
            var here = path.Length == 0 ? name : $"{path}.{name}";
            var isIncluded = included || Names(Includes, here);
            var keep = !Names(Excludes, here) && value switch
            {
                JsonObject below => Cut(below, here, isIncluded) || (isIncluded && below.Count == 0),
                JsonArray { Count: > 0 } items when items[0] is JsonObject => Cut(items, here, isIncluded),
                _ => isIncluded,
            };
            if (!keep) node.Remove(name);
        }
        return node.Count > 0;
    }

    private bool Cut(JsonArray items, string path, bool included)
    {
        var kept = false;
        foreach (var item in items.OfType<JsonObject>()) kept |= Cut(item, path, included);
        return kept;
    }

    /// <summary>A pattern names a field, and what lies below it.</summary>
    private static bool Names(IReadOnlyList<string> patterns, string path) =>
        patterns.Any(p => TextAnalysis.Wildcard(p, path, ignoreCase: false) || TextAnalysis.Wildcard($"{p}.*", path, ignoreCase: false));

    private static List<string> Paths(DslNode? node) => node switch
    {
        null => [],
        { Kind: DslKind.Text } => [node.Text],
        { Kind: DslKind.Array } when node.Items.TrueForAll(i => i.Kind == DslKind.Text) => [.. node.Items.Select(i => i.Text)],
        _ => throw OpenSearchErrors.Parsing($"Unknown key for a {node.Token} in [_source].", node),
    };
}
