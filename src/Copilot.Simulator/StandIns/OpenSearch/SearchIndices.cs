namespace Copilot.Simulator.StandIns.OpenSearch;

/// <summary>All indices, and how requests name them.</summary>
internal sealed class SearchIndices
{
    private const long Day = 24L * 3600 * 1_000_000_000;

    public SearchIndices(RecordedTelemetry telemetry)
    {
        Dictionary<string, RecordedSpan> roots = [];
        foreach (var span in telemetry.Spans.Where(s => s.ParentId.Length == 0)) roots.TryAdd(span.TraceId, span);
        All =
        [
            .. telemetry.Logs.GroupBy(l => l.Time / Day).OrderBy(g => g.Key).Select((day, i) => new SearchIndex("logs-otel-v1", i + 1, day, [], roots)),
            .. telemetry.Spans.GroupBy(s => s.Start / Day).OrderBy(g => g.Key).Select((day, i) => new SearchIndex("otel-v1-apm-span", i + 1, [], day, roots)),
        ];
    }

    public IReadOnlyList<SearchIndex> All { get; }

    /// <param name="expression">Names, aliases and wildcards with commas between them; a minus takes away. Null for all.</param>
    /// <param name="ignoreUnavailable">Whether a name that does not exist is passed over.</param>
    /// <param name="allowNone">Whether a wildcard may find nothing.</param>
    /// <exception cref="RefusedRequestException">404: a name that does not exist.</exception>
    public IReadOnlyList<SearchIndex> Resolve(string? expression, bool ignoreUnavailable = false, bool allowNone = true)
    {
        if (expression is null or "" or "_all") return All;
        HashSet<SearchIndex> found = [];
        var wildcards = false;
        foreach (var name in expression.Split(','))
        {
            if (wildcards && name.StartsWith('-'))
            {
                found.RemoveWhere(i => TextAnalysis.Wildcard(name[1..], i.Name, ignoreCase: false));
                continue;
            }
            if (name.Contains('*', StringComparison.Ordinal) || name == "_all")
            {
                wildcards = true;
                found.UnionWith(All.Where(i => name == "_all" || Matches(name, i)));
                continue;
            }
            var named = All.Where(i => i.Name == name || i.Alias == name).ToList();
            if (named.Count == 0 && !ignoreUnavailable) throw OpenSearchErrors.NoSuchIndex(name);
            found.UnionWith(named);
        }
        if (found.Count == 0 && !allowNone) throw OpenSearchErrors.NoSuchIndex(expression);
        return [.. All.Where(found.Contains)];
    }

    private static bool Matches(string pattern, SearchIndex index) => TextAnalysis.Wildcard(pattern, index.Name, ignoreCase: false) || TextAnalysis.Wildcard(pattern, index.Alias, ignoreCase: false);
}
