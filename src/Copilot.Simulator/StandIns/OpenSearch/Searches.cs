using System.Text.Json.Nodes;

namespace Copilot.Simulator.StandIns.OpenSearch;

/// <summary>Carries searches out, index by index, and says of each answer whether it is whole.</summary>
internal sealed class Searches(OpenSearchOptions options, long now)
{
    public const string Node = "stand-in-0";

    public JsonObject Search(IReadOnlyList<SearchIndex> indices, SearchRequest request)
    {
        if (request.From > 0 && request.After is not null) FailAll(indices, new(400, "search_exception", "`from` parameter must be set to 0 when `search_after` is used."));
        if ((long)request.From + request.Size is var window && window > options.MaxResultWindow)
        {
            FailAll(indices, ShardException.Illegal(
                $"Result window is too large, from + size must be less than or equal to: [{options.MaxResultWindow}] but was [{window}]. See the scroll api for a more efficient way to request large data sets. This limit can be set by changing the [index.max_result_window] index level setting."));
        }
        if (request.After is { } after)
        {
            if (request.Sort.Count == 0) FailAll(indices, ShardException.Illegal("Sort must contain at least one field."));
            if (after.Count != request.Sort.Count) FailAll(indices, ShardException.Illegal($"search_after has {after.Count} value(s) but sort has {request.Sort.Count}."));
        }
        var shards = new ShardOutcomes(options, indices.Count);
        List<Hit> hits = [];
        foreach (var index in indices) shards.Try(index, () => hits.AddRange(Matches(index, request)));
        shards.Check(request.AllowPartial);
        if (options.TimesOut) hits = hits[..((hits.Count + 1) / 2)];
        var counted = hits.Count;
        // The found documents are what aggregations count; pages and post_filter are for the hits alone.
        var aggregations = request.Aggregations.Count == 0 ? null : new AggregationResults().Of(request.Aggregations, [.. hits.Select(h => h.Document)]);
        if (request.PostFilter is not null) counted = hits.RemoveAll(h => !h.Shown) is var removed ? counted - removed : counted;
        var page = Sorted(hits, request).Skip(request.From).Take(request.Size).ToList();
        var answer = new JsonObject { ["took"] = 1, ["timed_out"] = options.TimesOut, ["_shards"] = shards.Summary(), ["hits"] = Hits(page, counted, request) };
        if (aggregations is not null) answer["aggregations"] = aggregations;
        return answer;
    }

    public JsonObject Count(IReadOnlyList<SearchIndex> indices, Query query)
    {
        var (shards, count) = (new ShardOutcomes(options, indices.Count), 0);
        foreach (var index in indices)
        {
            shards.Try(index, () =>
            {
                var matches = query.Bind(index, now);
                count += index.Documents.Count(d => shards.Holds(d) && matches(d));
            });
        }
        shards.Check(allowPartial: true);
        return new JsonObject { ["count"] = count, ["_shards"] = shards.Summary() };
    }

    private void FailAll(IReadOnlyList<SearchIndex> indices, ShardException failure)
    {
        var shards = new ShardOutcomes(options, indices.Count);
        foreach (var index in indices) shards.Try(index, () => throw failure);
        shards.Check(allowPartial: true);
    }

    private List<Hit> Matches(SearchIndex index, SearchRequest request)
    {
        AggregationResults.Check(request.Aggregations, index);
        var (matches, shown) = (request.Query.Bind(index, now), request.PostFilter?.Bind(index, now));
        var keys = request.Sort.Select(s => s.Bind(index)).ToList();
        var after = request.After is null ? null : request.Sort.Zip(request.After, (key, value) => key.After(value, index, now)).ToArray();
        List<Hit> hits = [];
        var holds = new ShardOutcomes(options, 0);
        foreach (var document in index.Documents)
        {
            if (!holds.Holds(document) || !matches(document)) continue;
            var values = new FieldValue?[keys.Count];
            for (var i = 0; i < values.Length; i++) values[i] = keys[i](document);
            hits.Add(new(document, values, shown?.Invoke(document) ?? true, after is null || Compare(request.Sort, values, after) > 0));
        }
        return hits;
    }

    private static IEnumerable<Hit> Sorted(List<Hit> hits, SearchRequest request)
    {
        var later = hits.Where(h => h.IsAfter);
        return request.Sort.Count == 0 ? later : later.Order(Comparer<Hit>.Create((a, b) => Compare(request.Sort, a.Values, b.Values)));
    }

    private static int Compare(IReadOnlyList<SortKey> sort, FieldValue?[] left, FieldValue?[] right)
    {
        for (var i = 0; i < sort.Count; i++)
            if (sort[i].Compare(left[i], right[i]) is not 0 and var order) return order;
        return 0;
    }

    private static JsonObject Hits(List<Hit> page, int counted, SearchRequest request)
    {
        var hits = new JsonObject();
        if (request.TrackTotal >= 0) hits["total"] = new JsonObject { ["value"] = Math.Min(counted, request.TrackTotal), ["relation"] = counted > request.TrackTotal ? "gte" : "eq" };
        // Relevance is not worked out: every hit of a search without an order has the score of a filter.
        JsonNode? Score() => request.Sort.Count == 0 ? 1.0 : null;
        hits["max_score"] = page.Count > 0 ? Score() : null;
        hits["hits"] = Answers.Array(page.Select(hit =>
        {
            var shown = new JsonObject { ["_index"] = hit.Document.Index.Name, ["_id"] = hit.Document.Id, ["_score"] = Score() };
            if (request.Source.Of(hit.Document) is { } source) shown["_source"] = source;
            if (request.Sort.Count > 0) shown["sort"] = Answers.Array(hit.Values.Select(SortKey.Shown));
            return (JsonNode?)shown;
        }));
        return hits;
    }

    /// <param name="Values">Of the sort keys.</param>
    /// <param name="Shown">Whether <c>post_filter</c> lets it through.</param>
    /// <param name="IsAfter">Whether it comes after the page before.</param>
    private sealed record Hit(IndexedDocument Document, FieldValue?[] Values, bool Shown, bool IsAfter);
}
