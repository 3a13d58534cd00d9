namespace Copilot.Simulator.StandIns.OpenSearch;

/// <summary>Reads the query DSL (docs.opensearch.org/latest/query-dsl), with the errors of OpenSearch's own query builders.</summary>
internal static class QueryParser
{
    private static readonly HashSet<string> NotAnswered =
    [
        "boosting", "combined_fields", "common", "constant_score", "dis_max", "distance_feature", "function_score", "fuzzy", "geo_bounding_box", "geo_distance", "geo_polygon", "geo_shape", "has_child",
        "has_parent", "hybrid", "intervals", "knn", "match_bool_prefix", "match_phrase_prefix", "more_like_this", "multi_match", "nested", "neural", "parent_id", "percolate", "rank_feature",
        "regexp", "script", "script_score", "simple_query_string", "span_containing", "span_first", "span_multi", "span_near", "span_not", "span_or", "span_term", "span_within", "terms_set", "wrapper", "xy_shape",
    ];

    public static Query Parse(DslNode node)
    {
        if (node.Kind != DslKind.Object) throw OpenSearchErrors.Parsing("[_na] query malformed, must start with start_object", node);
        if (node.Members is not [var (name, body), ..]) throw OpenSearchErrors.Illegal($"query malformed, empty clause found at [{node.Line}:{node.Column}]");
        if (body.Kind != DslKind.Object) throw OpenSearchErrors.Parsing($"[{name}] query malformed, no start_object after query name", body);
        var query = Of(name, body);
        return node.Members.Count == 1 ? query : throw OpenSearchErrors.Parsing($"[{name}] malformed query, expected [END_OBJECT] but found [FIELD_NAME]", node.Members[1].Value);
    }

    private static Query Of(string name, DslNode body) => name switch
    {
        "match_all" or "match_none" => Constant(name, body),
        "ids" => Ids(body),
        "exists" => Exists(body),
        "term" => Term(body),
        "terms" => Terms(body),
        "prefix" or "wildcard" => Pattern(name, body),
        "match" or "match_phrase" => Match(name, body),
        "range" => Range(body),
        "query_string" => QueryString(body),
        "bool" => Bool(body),
        _ when NotAnswered.Contains(name) => throw OpenSearchErrors.NotAnswered($"the query [{name}]"),
        _ => throw OpenSearchErrors.Parsing(
            $"unknown query [{name}]", body, new() { ["type"] = "named_object_not_found_exception", ["reason"] = $"[{body.Line}:{body.Column}] unknown field [{name}]" }),
    };

    private static ConstantQuery Constant(string name, DslNode body)
    {
        foreach (var (key, value) in body.Members)
            if (key is not ("boost" or "_name")) throw Unknown(name, key, value);
        return new(name == "match_all");
    }

    private static IdsQuery Ids(DslNode body)
    {
        if (body["values"] is not { } values) throw OpenSearchErrors.Illegal("Required [values]");
        foreach (var (key, value) in body.Members)
            if (key is not ("values" or "boost" or "_name")) throw Unknown("ids", key, value);
        return new((values.Kind == DslKind.Array ? values.Items : [values]).Select(v => Scalar("ids", v)).ToHashSet());
    }

    private static ExistsQuery Exists(DslNode body)
    {
        foreach (var (key, value) in body.Members)
            if (key is not ("field" or "boost" or "_name")) throw OpenSearchErrors.Parsing($"[exists] query does not support [{key}]", value);
        return body["field"] is { IsScalar: true, Text.Length: > 0 } field ? new(field.Text) : throw OpenSearchErrors.Parsing("[exists] must be provided with a [field]", body);
    }

    private static TermsQuery Term(DslNode body)
    {
        var (field, value) = Field("term", body);
        if (value.Kind == DslKind.Array) throw OpenSearchErrors.Parsing("[term] query does not support array of values", value);
        var options = Options("term", value, "value", "case_insensitive");
        return new(field, [Scalar("term", options("value") ?? throw OpenSearchErrors.Illegal("value cannot be null"))], Flag(options("case_insensitive")));
    }

    private static TermsQuery Terms(DslNode body)
    {
        var fields = body.Members.Where(m => m.Key is not ("boost" or "_name")).ToList();
        if (fields.Count != 1) throw OpenSearchErrors.Parsing(fields.Count == 0 ? "[terms] query requires a field name, followed by array of terms or a document lookup specification" : "[terms] query does not support multiple fields", body);
        var (field, values) = fields[0];
        if (values.Kind == DslKind.Object) throw OpenSearchErrors.NotAnswered("the lookup of [terms] in another document");
        if (values.Kind != DslKind.Array) throw OpenSearchErrors.Parsing($"[terms] query does not support [{field}]", values);
        return new(field, [.. values.Items.Select(v => v.Kind == DslKind.Null ? throw OpenSearchErrors.Illegal("No value specified for terms query") : Scalar("terms", v))], IgnoreCase: false);
    }

    private static PatternQuery Pattern(string name, DslNode body)
    {
        var (field, value) = Field(name, body);
        var options = Options(name, value, "value", name == "wildcard" ? "wildcard" : "value", "case_insensitive", "rewrite");
        var pattern = options("value") ?? options("wildcard") ?? throw OpenSearchErrors.Illegal("value cannot be null");
        return new(field, Scalar(name, pattern), name == "prefix", Flag(options("case_insensitive")));
    }

    private static MatchQuery Match(string name, DslNode body)
    {
        var (field, value) = Field(name, body);
        var phrase = name == "match_phrase";
        foreach (var unsupported in (string[])["fuzziness", "minimum_should_match", "prefix_length", "max_expansions", "cutoff_frequency", "analyzer", "zero_terms_query"])
            if (value.Kind == DslKind.Object && value[unsupported] is not null) throw OpenSearchErrors.NotAnswered($"[{unsupported}] of [{name}]");
        var options = phrase ? Options(name, value, "query", "slop") : Options(name, value, "query", "operator", "lenient", "auto_generate_synonyms_phrase_query", "fuzzy_transpositions");
        if (options("slop") is { } slop && slop.Text != "0") throw OpenSearchErrors.NotAnswered("[slop] of [match_phrase]");
        var query = options("query") ?? throw OpenSearchErrors.Parsing("No text specified for text query", value);
        return new(field, Scalar(name, query), IsAnd(options("operator")?.Text), phrase);
    }

    private static RangeQuery Range(DslNode body)
    {
        var (field, bounds) = Field("range", body);
        if (bounds.Kind != DslKind.Object) throw OpenSearchErrors.Parsing($"[range] query does not support [{field}]", bounds);
        string? from = null, to = null, format = null;
        var (fromIncluded, toIncluded) = (true, true);
        foreach (var (name, value) in bounds.Members)
        {
            if (!value.IsScalar) throw OpenSearchErrors.Parsing($"[range] query does not support [{name}]", value);
            var text = value.Kind == DslKind.Null ? null : value.Text;
            switch (name)
            {
                case "gte" or "from": from = text; break;
                case "gt": (from, fromIncluded) = (text, false); break;
                case "lte" or "to": to = text; break;
                case "lt": (to, toIncluded) = (text, false); break;
                case "include_lower": fromIncluded = Flag(value); break;
                case "include_upper": toIncluded = Flag(value); break;
                case "format": format = text; break;
                case "boost" or "_name": break;
                case "time_zone" or "relation": throw OpenSearchErrors.NotAnswered($"[{name}] of [range]");
                default: throw OpenSearchErrors.Parsing($"[range] query does not support [{name}]", value);
            }
        }
        return new(field, from, fromIncluded, to, toIncluded, format);
    }

    private static QueryStringQuery QueryString(DslNode body)
    {
        foreach (var (name, value) in body.Members)
        {
            if (name is "fuzziness" or "analyzer" or "minimum_should_match" or "time_zone" or "type" or "phrase_slop" or "tie_breaker" or "rewrite" or "quote_analyzer" or "quote_field_suffix")
                throw OpenSearchErrors.NotAnswered($"[{name}] of [query_string]");
            if (name is not ("query" or "default_field" or "fields" or "default_operator" or "analyze_wildcard" or "allow_leading_wildcard" or "lenient" or "boost" or "_name"))
                throw OpenSearchErrors.Parsing($"[query_string] query does not support [{name}]", value);
        }
        if (body["query"] is not { IsScalar: true, Kind: not DslKind.Null } query) throw OpenSearchErrors.Parsing("[query_string] must be provided with a [query]", body);
        var fields = body["fields"] is { Kind: DslKind.Array } list ? list.Items.Select(f => f.Text).ToList() : [body["default_field"]?.Text ?? "*"];
        if (fields.Exists(f => f.Contains('^', StringComparison.Ordinal))) throw OpenSearchErrors.NotAnswered("boosts in [fields]");
        return new(query.Text, fields, IsAnd(body["default_operator"]?.Text));
    }

    /// <exception cref="RefusedRequestException">It is no operator.</exception>
    public static bool IsAnd(string? name) => name?.ToLowerInvariant() switch
    {
        null or "or" => false,
        "and" => true,
        var other => throw OpenSearchErrors.Illegal($"No enum constant org.opensearch.index.query.Operator.{other.ToUpperInvariant()}"),
    };

    private static BoolQuery Bool(DslNode body)
    {
        Dictionary<string, List<Query>> clauses = [];
        string? least = null;
        foreach (var (name, value) in body.Members)
        {
            switch (name)
            {
                case "must" or "filter" or "should" or "must_not" or "mustNot" when !value.IsScalar:
                    clauses[name == "mustNot" ? "must_not" : name] = [.. (value.Kind == DslKind.Array ? value.Items : [value]).Select(Parse)];
                    break;
                case "minimum_should_match" when value.Kind is DslKind.Text or DslKind.Number: least = value.Text; break;
                case "boost" or "_name" or "adjust_pure_negative" when value.IsScalar: break;
                default: throw OpenSearchErrors.Parsing($"[bool] query does not support [{name}]", value);
            }
        }
        List<Query> Of(string name) => clauses.GetValueOrDefault(name, []);
        return new(Of("must"), Of("filter"), Of("should"), Of("must_not"), least);
    }

    private static (string Field, DslNode Value) Field(string query, DslNode body) => body.Members.Where(m => m.Key is not ("boost" or "_name")).ToList() switch
    {
        [var (field, value)] => (field, value),
        [] => throw OpenSearchErrors.Illegal("field name is null or empty"),
        [var (first, _), var (second, value), ..] => throw OpenSearchErrors.Parsing($"[{query}] query doesn't support multiple fields, found [{first}] and [{second}]", value),
    };

    /// <summary>The options of a field; a bare value is the first of them.</summary>
    private static Func<string, DslNode?> Options(string query, DslNode value, string main, params string[] others)
    {
        if (value.IsScalar) return name => name == main && value.Kind != DslKind.Null ? value : null;
        if (value.Kind == DslKind.Array) throw OpenSearchErrors.Parsing($"[{query}] unknown token [START_ARRAY] after [{main}]", value);
        foreach (var (name, option) in value.Members)
            if (name != main && name is not ("boost" or "_name") && !others.Contains(name)) throw OpenSearchErrors.Parsing($"[{query}] query does not support [{name}]", option);
        return name => value[name] is { Kind: not DslKind.Null } found ? found : null;
    }

    private static string Scalar(string query, DslNode value) => value.IsScalar ? value.Text : throw OpenSearchErrors.Parsing($"[{query}] query does not support an object or array here", value);

    private static bool Flag(DslNode? value) => value?.Text switch
    {
        null or "false" => false,
        "true" => true,
        var other => throw OpenSearchErrors.Illegal($"Failed to parse value [{other}] as only [true] or [false] are allowed."),
    };

    private static RefusedRequestException Unknown(string query, string key, DslNode value) =>
        OpenSearchErrors.Of(400, "x_content_parse_exception", $"[{value.Line}:{value.Column}] [{query}] unknown field [{key}]");
}
