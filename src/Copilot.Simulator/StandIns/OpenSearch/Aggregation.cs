using System.Globalization;

namespace Copilot.Simulator.StandIns.OpenSearch;

/// <summary>How buckets are ordered.</summary>
/// <param name="By"><c>_count</c> or <c>_key</c>.</param>
internal sealed record BucketOrder(string By, bool Descending);

/// <summary>One aggregation that was understood.</summary>
/// <param name="Size">Buckets at most.</param>
/// <param name="Interval">Nanoseconds of <c>date_histogram</c>.</param>
internal sealed record Aggregation(
    string Name, string Type, string Field, IReadOnlyList<Aggregation> Below, int Size = 10, int MinDocCount = 1, IReadOnlyList<BucketOrder>? Order = null, long Interval = 0)
{
    private static readonly HashSet<string> NotAnswered =
    [
        "adjacency_matrix", "auto_date_histogram", "composite", "date_range", "diversified_sampler", "extended_stats", "filter", "filters", "geo_bounds", "geo_centroid", "geo_distance", "geohash_grid", "geotile_grid",
        "global", "histogram", "ip_range", "matrix_stats", "median_absolute_deviation", "missing", "multi_terms", "nested", "percentile_ranks", "percentiles", "range", "rare_terms", "reverse_nested", "sampler",
        "scripted_metric", "significant_terms", "significant_text", "stats", "top_hits", "variable_width_histogram", "weighted_avg", "avg_bucket", "bucket_script", "bucket_selector", "bucket_sort", "cumulative_sum",
        "derivative", "max_bucket", "min_bucket", "moving_avg", "moving_fn", "serial_diff", "stats_bucket", "sum_bucket",
    ];

    public static List<Aggregation> Parse(DslNode node)
    {
        if (node.Kind != DslKind.Object) throw OpenSearchErrors.Parsing($"Unknown key for a {node.Token} in [aggs].", node);
        return [.. node.Members.Select(m => One(m.Key, m.Value))];
    }

    private static Aggregation One(string name, DslNode node)
    {
        if (name.AsSpan().IndexOfAny("[]>") >= 0)
            throw OpenSearchErrors.Parsing($"Invalid aggregation name [{name}]. Aggregation names can contain any character except '[', ']', and '>'", node);
        if (node.Kind != DslKind.Object) throw OpenSearchErrors.Parsing($"Aggregation definition for [{name} starts with a [{node.Token}], expected a [START_OBJECT].", node);
        var below = (node["aggs"] ?? node["aggregations"]) is { } nested ? Parse(nested) : [];
        var types = node.Members.Where(m => m.Key is not ("aggs" or "aggregations" or "meta")).ToList();
        if (types.Count == 0) throw OpenSearchErrors.Parsing($"Missing definition for aggregation [{name}]", node);
        if (types.Count > 1) throw OpenSearchErrors.Parsing($"Found two aggregation type definitions in [{name}]: [{types[0].Key}] and [{types[1].Key}]", types[1].Value);
        var (type, body) = types[0];
        if (body.Kind != DslKind.Object) throw OpenSearchErrors.Parsing($"Expected [START_OBJECT] under [{type}], but got a [{body.Token}] in [{name}]", body);
        if (node["meta"] is not null) throw OpenSearchErrors.NotAnswered("[meta] of an aggregation");
        if (NotAnswered.Contains(type)) throw OpenSearchErrors.NotAnswered($"the aggregation [{type}]");
        var options = type switch
        {
            "terms" => new[] { "field", "size", "shard_size", "order", "min_doc_count" },
            "date_histogram" => ["field", "fixed_interval", "calendar_interval", "min_doc_count", "order"],
            "avg" or "min" or "max" or "sum" or "value_count" => ["field"],
            "cardinality" => ["field", "precision_threshold"],
            _ => throw OpenSearchErrors.Parsing(
                $"Unknown aggregation type [{type}]", body, new() { ["type"] = "named_object_not_found_exception", ["reason"] = $"[{body.Line}:{body.Column}] unknown field [{type}]" }),
        };
        foreach (var (key, value) in body.Members)
        {
            if (key is "script" or "missing" or "include" or "exclude" or "format" or "time_zone" or "offset" or "keyed" or "extended_bounds" or "hard_bounds" or "interval" or "collect_mode" or "execution_hint" or "show_term_doc_count_error" or "value_type")
                throw OpenSearchErrors.NotAnswered($"[{key}] of the aggregation [{type}]");
            if (!options.Contains(key)) throw OpenSearchErrors.Of(400, "x_content_parse_exception", $"[{value.Line}:{value.Column}] [{type}] unknown field [{key}]");
        }
        if (below.Count > 0 && type is not ("terms" or "date_histogram"))
            throw OpenSearchErrors.Of(400, "aggregation_initialization_exception", $"Aggregator [{name}] of type [{type}] cannot accept sub-aggregations");
        var field = body["field"] is { Kind: DslKind.Text, Text.Length: > 0 } named
            ? named.Text
            : throw OpenSearchErrors.Illegal("Required one of fields [field, script], but none were specified. ");
        var histogram = type == "date_histogram";
        if (!histogram && body["min_doc_count"]?.Text == "0") throw OpenSearchErrors.NotAnswered("[min_doc_count] of 0, which counts terms that no document has");
        return new(name, type, field, below)
        {
            Size = Whole(body["size"], 10) is > 0 and var size ? size : throw OpenSearchErrors.Illegal($"[size] must be greater than 0. Found [{Whole(body["size"], 10)}] in [{name}]"),
            MinDocCount = Whole(body["min_doc_count"], histogram ? 0 : 1) is >= 0 and var least
                ? least
                : throw OpenSearchErrors.Illegal($"[min_doc_count] must be greater than or equal to 0. Found [{Whole(body["min_doc_count"], 0)}] in [{name}]"),
            Order = body["order"] is { } order ? Orders(order) : histogram ? [new("_key", false)] : [new("_count", true), new("_key", false)],
            Interval = histogram ? IntervalOf(body) : 0,
        };
    }

    private static long IntervalOf(DslNode body)
    {
        const long second = 1_000_000_000;
        if (body["fixed_interval"] is { } exact)
        {
            if (body["calendar_interval"] is not null) throw OpenSearchErrors.Illegal("Cannot use [fixed_interval] with [calendar_interval] configuration option.");
            return Durations.Nanoseconds(exact.Text, "date_histogram.fixedInterval");
        }
        if (body["calendar_interval"] is not { } calendar) throw OpenSearchErrors.Illegal("Required one of fields [interval, calendar_interval, fixed_interval], but none were specified. ");
        return calendar.Text switch
        {
            "second" or "1s" => second,
            "minute" or "1m" => 60 * second,
            "hour" or "1h" => 3600 * second,
            "day" or "1d" => 86_400 * second,
            "week" or "1w" or "month" or "1M" or "quarter" or "1q" or "year" or "1y" => throw OpenSearchErrors.NotAnswered($"the calendar interval [{calendar.Text}]"),
            var other => throw OpenSearchErrors.Illegal($"The supplied interval [{other}] could not be parsed as a calendar interval."),
        };
    }

    private static List<BucketOrder> Orders(DslNode node) =>
        [.. (node.Kind == DslKind.Array ? node.Items : [node]).SelectMany(o => o.Members.Select(m => (m.Key, m.Value.Text.ToLowerInvariant()) switch
        {
            ("_count" or "_key", "asc" or "desc") => new BucketOrder(m.Key, m.Value.Text.Equals("desc", StringComparison.OrdinalIgnoreCase)),
            ("_count" or "_key", _) => throw OpenSearchErrors.Parsing($"Unknown order direction [{m.Value.Text}]", m.Value),
            _ => throw OpenSearchErrors.NotAnswered($"the order by [{m.Key}]"),
        }))];

    private static int Whole(DslNode? node, int otherwise) => node is null
        ? otherwise
        : int.TryParse(node.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : throw OpenSearchErrors.Illegal($"For input string: \"{node.Text}\"");
}
