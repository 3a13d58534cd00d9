using System.Text.Json.Nodes;

namespace Copilot.Simulator.StandIns.OpenSearch;

/// <summary>Counts what aggregations ask of the documents that a query found.</summary>
internal sealed class AggregationResults
{
    /// <summary><c>search.max_buckets</c>.</summary>
    private const int MostBuckets = 65_535;

    private int _buckets;

    /// <exception cref="ShardException">The field of an index cannot be aggregated so.</exception>
    public static void Check(IEnumerable<Aggregation> aggregations, SearchIndex index)
    {
        foreach (var aggregation in aggregations)
        {
            if (index.Field(aggregation.Field) is { } field)
            {
                if (field.Kind == FieldKind.Text) throw ShardException.TextField(field.Name);
                if (field.Kind == FieldKind.Keyword && aggregation.Type is "avg" or "min" or "max" or "sum" or "date_histogram")
                    throw ShardException.Illegal($"Field [{field.Name}] of type [{field.Type}] is not supported for aggregation [{aggregation.Type}]");
                if (field.Kind == FieldKind.Number && aggregation.Type == "date_histogram") throw OpenSearchErrors.NotAnswered("date_histogram of a number");
            }
            Check(aggregation.Below, index);
        }
    }

    public JsonObject Of(IEnumerable<Aggregation> aggregations, IReadOnlyList<IndexedDocument> documents) =>
        new(aggregations.Select(a => KeyValuePair.Create(a.Name, (JsonNode?)One(a, documents))));

    private JsonObject One(Aggregation aggregation, IReadOnlyList<IndexedDocument> documents) => aggregation.Type switch
    {
        "terms" => Terms(aggregation, documents),
        "date_histogram" => Histogram(aggregation, documents),
        _ => Metric(aggregation, [.. documents.Select(d => Value(aggregation, d)).OfType<FieldValue>()], documents.Any(d => d.Index.Field(aggregation.Field)?.Kind == FieldKind.DateNanos)),
    };

    private static FieldValue? Value(Aggregation aggregation, IndexedDocument document) => document.Index.Field(aggregation.Field)?.Indexed(document);

    private static JsonObject Metric(Aggregation aggregation, List<FieldValue> values, bool areDates)
    {
        // Metrics of dates are milliseconds.
        var scale = areDates ? 1_000_000 : 1;
        double? value = aggregation.Type switch
        {
            "value_count" => values.Count,
            "cardinality" => values.Distinct().Count(),
            "sum" => values.Sum(v => v.Number / (double)scale),
            _ when values.Count == 0 => null,
            "avg" => values.Average(v => v.Number / (double)scale),
            "min" => values.Min(v => v.Number) / scale,
            _ => values.Max(v => v.Number) / scale,
        };
        var answer = new JsonObject { ["value"] = value };
        if (areDates && value is { } milliseconds && aggregation.Type is "avg" or "min" or "max") answer["value_as_string"] = DateText.Iso((long)milliseconds * 1_000_000, whole: true);
        return answer;
    }

    private JsonObject Terms(Aggregation aggregation, IReadOnlyList<IndexedDocument> documents)
    {
        var groups = documents.Select(d => (Document: d, Value: Value(aggregation, d))).Where(p => p.Value is not null).GroupBy(p => p.Value!.Value, p => p.Document)
            .Select(g => (g.Key, Documents: g.ToList())).Where(g => g.Documents.Count >= aggregation.MinDocCount).ToList();
        var dates = groups.Exists(g => g.Documents[0].Index.Field(aggregation.Field)!.Kind == FieldKind.DateNanos);
        var shown = Ordered(aggregation, groups).Take(aggregation.Size).ToList();
        return new JsonObject
        {
            ["doc_count_error_upper_bound"] = 0,
            ["sum_other_doc_count"] = groups.Sum(g => g.Documents.Count) - shown.Sum(g => g.Documents.Count),
            ["buckets"] = Answers.Array(shown.Select(g => (JsonNode?)Bucket(aggregation, g.Documents, HitSort(g.Key), dates ? DateText.Iso(g.Key.Number) : null))),
        };

        static JsonNode HitSort(FieldValue value) => SortKey.Shown(value)!;
    }

    private JsonObject Histogram(Aggregation aggregation, IReadOnlyList<IndexedDocument> documents)
    {
        var groups = documents.Select(d => (Document: d, Value(aggregation, d)?.Number)).Where(p => p.Number is not null)
            .GroupBy(p => (FieldValue)(p.Number!.Value / aggregation.Interval * aggregation.Interval), p => p.Document).ToDictionary(g => g.Key.Number, g => g.ToList());
        if (aggregation.MinDocCount == 0 && groups.Count > 0)
        {
            var (first, last) = (groups.Keys.Min(), groups.Keys.Max());
            Count((last - first) / aggregation.Interval + 1 - groups.Count);
            for (var at = first; at < last; at += aggregation.Interval) groups.TryAdd(at, []);
        }
        var buckets = groups.Where(g => g.Value.Count >= aggregation.MinDocCount).Select(g => (Key: (FieldValue)g.Key, Documents: g.Value));
        return new JsonObject
        {
            ["buckets"] = Answers.Array(Ordered(aggregation, buckets).Select(g => (JsonNode?)Bucket(aggregation, g.Documents, g.Key.Number / 1_000_000, DateText.Iso(g.Key.Number, whole: true)))),
        };
    }

    private JsonObject Bucket(Aggregation aggregation, List<IndexedDocument> documents, JsonNode key, string? text)
    {
        Count(1);
        var bucket = new JsonObject();
        if (text is not null) bucket["key_as_string"] = text;
        (bucket["key"], bucket["doc_count"]) = (key, documents.Count);
        foreach (var below in aggregation.Below) bucket[below.Name] = One(below, documents);
        return bucket;
    }

    private static List<(FieldValue Key, List<IndexedDocument> Documents)> Ordered(Aggregation aggregation, IEnumerable<(FieldValue Key, List<IndexedDocument> Documents)> groups)
    {
        List<(FieldValue Key, List<IndexedDocument> Documents)> ordered = [.. groups];
        // The last order is applied first, as sorting is stable.
        foreach (var order in aggregation.Order!.Reverse())
        {
            var key = new SortKey("_key", order.Descending, MissingFirst: false, Unmapped: false);
            var by = Comparer<(FieldValue Key, List<IndexedDocument> Documents)>.Create((a, b) => order.By == "_key" ? key.Compare(a.Key, b.Key) : key.Compare(a.Documents.Count, b.Documents.Count));
            ordered = [.. ordered.Order(by)];
        }
        return ordered;
    }

    private void Count(long more)
    {
        if (_buckets + more > MostBuckets)
        {
            throw OpenSearchErrors.Of(
                503,
                "too_many_buckets_exception",
                $"Trying to create too many buckets. Must be less than or equal to: [{MostBuckets}] but was [{_buckets + more}]. This limit can be set by changing the [search.max_buckets] cluster level setting.",
                error => error["max_buckets"] = MostBuckets);
        }
        _buckets += (int)more;
    }
}
