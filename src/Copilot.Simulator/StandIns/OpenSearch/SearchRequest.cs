using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace Copilot.Simulator.StandIns.OpenSearch;

/// <summary>A search that was understood.</summary>
/// <param name="TrackTotal">Hits are counted up to this; -1 for not at all.</param>
/// <param name="After">The sort values of the last hit of the page before.</param>
/// <param name="PitId">The point in time, and for how long it lives on.</param>
internal sealed record SearchRequest(
    Query Query, Query? PostFilter, int From, int Size, IReadOnlyList<SortKey> Sort, IReadOnlyList<DslNode>? After, SourceFilter Source, int TrackTotal, IReadOnlyList<Aggregation> Aggregations, string? PitId,
    string? PitKeepAlive, bool AllowPartial)
{
    private const int CountedByDefault = 10_000;

    private static readonly HashSet<string> Parameters =
    [
        "q", "df", "default_operator", "from", "size", "sort", "_source", "_source_includes", "_source_excludes", "track_total_hits", "allow_partial_search_results", "ignore_unavailable", "allow_no_indices", "expand_wildcards", "timeout",
        "preference", "routing", "request_cache", "search_type", "pretty", "human", "error_trace", "format", "ccs_minimize_roundtrips", "batched_reduce_size", "max_concurrent_shard_requests",
    ];

    private static readonly HashSet<string> NotAnswered =
    [
        "analyzer", "analyze_wildcard", "lenient", "scroll", "filter_path", "typed_keys", "rest_total_hits_as_int", "stored_fields", "docvalue_fields", "terminate_after", "explain",
        "version", "seq_no_primary_term", "stats", "suggest_field", "suggest_mode", "suggest_size", "suggest_text", "track_scores", "search_pipeline", "include_named_queries_score", "min_score", "collapse",
        "rescore", "suggest", "highlight", "slice", "script_fields", "fields", "profile", "indices_boost", "ext", "derived", "keep_alive", "ignore_throttled", "phase_took", "pre_filter_shard_size",
    ];

    /// <param name="body">Null when there is none.</param>
    /// <exception cref="RefusedRequestException">It is not understood, or not answered.</exception>
    public static SearchRequest Parse(DslNode? body, HttpContext context)
    {
        CheckParameters(context, Parameters);
        var request = new SearchRequest(new ConstantQuery(true), null, 0, 10, [], null, SourceFilter.Everything, CountedByDefault, [], null, null, context.Argument("allow_partial_search_results") != "false");
        if (body is not null)
        {
            if (body.Kind != DslKind.Object) throw OpenSearchErrors.Parsing($"Expected [START_OBJECT] but found [{body.Token}]", body);
            request = body.Members.Aggregate(request, (r, m) => r.With(m.Key, m.Value));
        }
        return request.WithParameters(context).Checked();
    }

    /// <summary>Of a search or a count the parameters that OpenSearch knows.</summary>
    public static void CheckParameters(HttpContext context, IReadOnlySet<string> known)
    {
        foreach (var name in context.Request.Query.Keys)
        {
            if (known.Contains(name)) continue;
            throw NotAnswered.Contains(name)
                ? OpenSearchErrors.NotAnswered($"the parameter [{name}]")
                : OpenSearchErrors.Illegal($"request [{context.Request.Path}] contains unrecognized parameter: [{name}]");
        }
    }

    private SearchRequest With(string name, DslNode value) => (name, value.Kind) switch
    {
        ("query", DslKind.Object) => this with { Query = QueryParser.Parse(value) },
        ("post_filter", DslKind.Object) => this with { PostFilter = QueryParser.Parse(value) },
        ("from", DslKind.Number or DslKind.Text) => this with { From = Whole(name, value.Text) },
        ("size", DslKind.Number or DslKind.Text) => this with { Size = Whole(name, value.Text) },
        ("sort", DslKind.Text or DslKind.Object or DslKind.Array) => this with { Sort = SortKey.Parse(value) },
        ("search_after", DslKind.Array) => this with { After = value.Items.TrueForAll(i => i.IsScalar) ? value.Items : throw OpenSearchErrors.Parsing("Expected [VALUE_STRING] or [VALUE_NUMBER] or [VALUE_BOOLEAN] or [VALUE_NULL] inside search_after.", value) },
        ("_source", _) => this with { Source = SourceFilter.Parse(value) },
        ("track_total_hits", DslKind.Boolean or DslKind.Number or DslKind.Text) => this with { TrackTotal = Tracked(value.Text) },
        ("aggs" or "aggregations", DslKind.Object) => this with { Aggregations = Aggregation.Parse(value) },
        ("timeout", DslKind.Text) when Durations.Nanoseconds(value.Text, "timeout") > 0 => this,
        ("pit", DslKind.Object) => Pit(value),
        _ when NotAnswered.Contains(name) => throw OpenSearchErrors.NotAnswered($"[{name}] in a search"),
        _ => throw OpenSearchErrors.Parsing($"Unknown key for a {value.Token} in [{name}].", value),
    };

    private SearchRequest Pit(DslNode value)
    {
        foreach (var (name, option) in value.Members)
            if (name is not ("id" or "keep_alive") || option.Kind != DslKind.Text) throw OpenSearchErrors.Parsing($"Unknown key for a {option.Token} in [{name}].", option);
        return this with { PitId = value["id"]?.Text ?? throw OpenSearchErrors.Illegal("point int time id is not provided"), PitKeepAlive = value["keep_alive"]?.Text };
    }

    private SearchRequest WithParameters(HttpContext context)
    {
        var request = context.Argument("q") is { } query ? this with { Query = new QueryStringQuery(query, [context.Argument("df") ?? "*"], QueryParser.IsAnd(context.Argument("default_operator"))) } : this;
        if (context.Argument("from") is { } from) request = request with { From = Whole("from", from) };
        if (context.Argument("size") is { } size) request = request with { Size = Whole("size", size) };
        if (context.Argument("sort") is { } sort) request = request with { Sort = SortKey.Parse(sort) };
        if (context.Argument("track_total_hits") is { } track) request = request with { TrackTotal = Tracked(track) };
        var (source, includes, excludes) = (context.Argument("_source"), context.Argument("_source_includes"), context.Argument("_source_excludes"));
        if (source is "true" or "false") request = request with { Source = SourceFilter.Everything with { Shown = source == "true" } };
        else if (source is not null) request = request with { Source = new(true, source.Split(','), []) };
        if (includes is not null || excludes is not null) request = request with { Source = new(true, includes?.Split(',') ?? [], excludes?.Split(',') ?? []) };
        return request;
    }

    private SearchRequest Checked()
    {
        if (From < 0) throw OpenSearchErrors.Illegal("[from] parameter cannot be negative");
        if (Size < 0) throw OpenSearchErrors.Illegal($"[size] parameter cannot be negative, found [{Size}]");
        return this;
    }

    private static int Tracked(string text) => text switch
    {
        "true" => int.MaxValue,
        "false" => -1,
        _ when Whole("track_total_hits", text) is >= 0 and var most => most,
        _ => throw OpenSearchErrors.Illegal($"[track_total_hits] parameter must be positive or equals to -1, got {text}"),
    };

    private static int Whole(string name, string text) => int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
        ? number
        : throw OpenSearchErrors.Illegal($"Failed to parse int parameter [{name}] with value [{(text.Length > 100 ? text[..100] : text)}]");
}
