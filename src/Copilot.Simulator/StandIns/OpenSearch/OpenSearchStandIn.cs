using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Copilot.Simulator.StandIns.OpenSearch;

/// <summary>
/// Answers OpenSearch's search API from the logs and spans of a snapshot (docs.opensearch.org/latest/api-reference), as a role that may read and nothing else.
/// Documents are those that Data Prepper writes with <c>output_format: otel</c>. docs/stand-ins.md says what is answered.
/// </summary>
public sealed class OpenSearchStandIn
{
    internal const string JsonType = "application/json; charset=UTF-8";

    private static readonly HashSet<string> CountParameters =
        ["ignore_unavailable", "allow_no_indices", "expand_wildcards", "preference", "routing", "pretty", "human", "error_trace", "format", "timeout"];

    private readonly OpenSearchOptions _options;
    private readonly SearchIndices _indices;
    private readonly Searches _searches;
    private readonly PointsInTime _pits;
    private readonly IndexCatalogue _catalogue;

    private OpenSearchStandIn(RecordedTelemetry telemetry, OpenSearchOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Shards, 1, nameof(options));
        (_options, _indices, _pits) = (options, new SearchIndices(telemetry), new PointsInTime(options.Clock));
        _searches = new Searches(options, options.Now is { } now ? (now - DateTimeOffset.UnixEpoch).Ticks * 100 : telemetry.End);
        _catalogue = new IndexCatalogue(_indices, options);
    }

    /// <param name="telemetry">What it answers from.</param>
    /// <param name="port">0 for any free one.</param>
    public static Task<StandInServer> Start(RecordedTelemetry telemetry, OpenSearchOptions? options = null, int port = 0, CancellationToken cancellation = default) =>
        StandInServer.Start("opensearch", new OpenSearchStandIn(telemetry, options ?? new()).Map, OpenSearchErrors.Injected, port, cancellation);

    private void Map(IEndpointRouteBuilder routes)
    {
        foreach (var method in (string[])["GET", "POST"])
        {
            Route(routes, method, "/_search", Search);
            Route(routes, method, "/{index}/_search", Search);
            Route(routes, method, "/_count", Count);
            Route(routes, method, "/{index}/_count", Count);
            Route(routes, method, "/_msearch", MultiSearch);
            Route(routes, method, "/{index}/_msearch", MultiSearch);
            Route(routes, method, "/_field_caps", _catalogue.FieldCaps);
            Route(routes, method, "/{index}/_field_caps", _catalogue.FieldCaps);
            foreach (var path in (string[])["/_search/scroll", "/{index}/_search/template", "/_search/template", "/{index}/_validate/query", "/{index}/_explain/{id}"])
                Route(routes, method, path, context => throw OpenSearchErrors.NotAnswered($"{context.Request.Path}"));
        }
        Route(routes, "GET", "/", IndexCatalogue.Root);
        Route(routes, "GET", "/_mapping", _catalogue.Mapping);
        Route(routes, "GET", "/{index}/_mapping", _catalogue.Mapping);
        Route(routes, "GET", "/_cluster/health", _catalogue.Health);
        Route(routes, "GET", "/_cat/indices", _catalogue.Cat);
        Route(routes, "GET", "/_cat/indices/{index}", _catalogue.Cat);
        Route(routes, "POST", "/{index}/_search/point_in_time", OpenPit);
        Route(routes, "DELETE", "/_search/point_in_time", ClosePits);
        Route(routes, "DELETE", "/_search/point_in_time/_all", context => context.Json(new JsonObject { ["pits"] = _pits.Close(null) }, type: JsonType));
        Route(routes, "GET", "/_search/point_in_time/_all", context => context.Json(new JsonObject { ["pits"] = _pits.List() }, type: JsonType));
        Route(routes, "DELETE", "/_search/scroll", _ => throw OpenSearchErrors.NotAnswered("scrolling"));
        routes.MapFallback("/{**path}", context => Guarded(context, Other));
    }

    private void Route(IEndpointRouteBuilder routes, string method, string path, Func<HttpContext, Task> answer) => routes.MapMethods(path, [method], context => Guarded(context, answer));

    private async Task Guarded(HttpContext context, Func<HttpContext, Task> answer)
    {
        if (_options.User is { } user && context.Request.Headers.Authorization != $"Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user.Name}:{user.Password}"))}")
        {
            context.Response.Headers.WWWAuthenticate = "Basic realm=\"OpenSearch Security\"";
            await context.Text(401, "text/plain; charset=UTF-8", "Unauthorized");
            return;
        }
        try
        {
            await answer(context);
        }
        catch (RefusedRequestException refused) when (!context.Response.HasStarted)
        {
            var (type, body) = OpenSearchErrors.Answer(refused);
            await context.Text(refused.Status, type, body);
        }
    }

    private Task Other(HttpContext context)
    {
        var (method, path) = (context.Request.Method, context.Request.Path.ToString());
        if (WriteActions.Of(method, path) is { } action) throw OpenSearchErrors.Forbidden(action, _options.User?.Name ?? "anonymous");
        return context.Json(new JsonObject { ["error"] = $"no handler found for uri [{path}{context.Request.QueryString}] and method [{method}]" }, 400, JsonType);
    }

    private async Task Search(HttpContext context)
    {
        var body = await Body(context);
        await context.Json(Answer(SearchRequest.Parse(body, context), IndexCatalogue.Named(context), context), type: JsonType);
    }

    private JsonObject Answer(SearchRequest request, string? expression, HttpContext context)
    {
        if (request.PitId is not { } pit) return _searches.Search(_catalogue.Resolve(expression, context), request);
        if (expression is not null)
            throw OpenSearchErrors.Of(400, "action_request_validation_exception", "Validation Failed: 1: [indices] cannot be used with point in time. Do not specify any index with point in time.;");
        var answer = new JsonObject { ["pit_id"] = pit };
        foreach (var (name, value) in _searches.Search(_pits.Use(pit, request.PitKeepAlive), request).ToList()) answer[name] = value?.DeepClone();
        return answer;
    }

    private async Task Count(HttpContext context)
    {
        SearchRequest.CheckParameters(context, CountParameters);
        var body = await Body(context);
        foreach (var (name, value) in body?.Members ?? [])
            if (name != "query") throw OpenSearchErrors.Parsing($"request does not support [{name}]", value);
        var query = body?["query"] is { } node ? QueryParser.Parse(node) : new ConstantQuery(true);
        await context.Json(_searches.Count(_catalogue.Resolve(IndexCatalogue.Named(context), context), query), type: JsonType);
    }

    /// <summary>Pairs of lines, a header and a search each. What is wrong with one stands in its place.</summary>
    private async Task MultiSearch(HttpContext context)
    {
        var lines = (await context.Body()).Split('\n').Select(l => l.TrimEnd('\r')).ToList();
        if (lines is not [.., ""] || lines.Count < 3 || lines.Count % 2 == 0) throw OpenSearchErrors.Illegal("The msearch request must be terminated by a newline [\n]");
        var responses = new JsonArray();
        for (var i = 0; i + 1 < lines.Count; i += 2) responses.Add((JsonNode)One(lines[i], lines[i + 1]));
        await context.Json(new JsonObject { ["took"] = 1, ["responses"] = responses }, type: JsonType);

        JsonObject One(string header, string body)
        {
            try
            {
                var (options, search) = (header.Length == 0 ? null : DslNode.Parse(header), DslNode.Parse(body));
                foreach (var (name, value) in options?.Members ?? [])
                    if (name is not ("index" or "ignore_unavailable" or "allow_no_indices" or "preference" or "search_type")) throw OpenSearchErrors.Illegal($"key [{name}] is not supported in the metadata section");
                    else if (value.Kind == DslKind.Object) throw OpenSearchErrors.Illegal($"key [{name}] is not a name");
                var expression = options?["index"] is { } index ? index.Kind == DslKind.Array ? string.Join(',', index.Items.Select(n => n.Text)) : index.Text : IndexCatalogue.Named(context);
                var answer = Answer(SearchRequest.Parse(search, context), expression, context);
                answer["status"] = 200;
                return answer;
            }
            catch (RefusedRequestException refused)
            {
                return JsonNode.Parse(OpenSearchErrors.Answer(refused).Body)!.AsObject();
            }
        }
    }

    private Task OpenPit(HttpContext context)
    {
        if (context.Argument("keep_alive") is not { } keepAlive) throw OpenSearchErrors.Of(400, "action_request_validation_exception", "Validation Failed: 1: keep alive not specified;");
        var indices = _catalogue.Resolve(IndexCatalogue.Named(context), context);
        var (id, created) = _pits.Open(indices, keepAlive);
        return context.Json(new JsonObject { ["pit_id"] = id, ["_shards"] = new ShardOutcomes(_options with { FailedShards = 0 }, indices.Count).Summary(), ["creation_time"] = created }, type: JsonType);
    }

    private async Task ClosePits(HttpContext context)
    {
        var ids = (await Body(context))?["pit_id"];
        if (ids is null) throw OpenSearchErrors.Illegal("Failed to parse request body");
        var pits = _pits.Close((ids.Kind == DslKind.Array ? ids.Items : [ids]).Select(i => i.Text).ToList());
        await context.Json(new JsonObject { ["pits"] = pits }, pits.All(p => (bool)p!["successful"]!) ? 200 : 404, JsonType);
    }

    private static async Task<DslNode?> Body(HttpContext context) => await context.Body() is { Length: > 0 } text && text.AsSpan().ContainsAnyExcept(" \t\r\n") ? DslNode.Parse(text) : null;
}
