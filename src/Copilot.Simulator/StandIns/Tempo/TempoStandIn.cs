using System.Text.Json.Nodes;
using Copilot.Simulator.StandIns.Traces;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Copilot.Simulator.StandIns.Tempo;

/// <summary>
/// Answers Tempo's read API from the spans of a snapshot, as version 2.8 does (grafana.com/docs/tempo/latest/api_docs). Errors are text/plain in Tempo's words.
/// </summary>
public sealed class TempoStandIn
{
    private const string PlainText = "text/plain; charset=utf-8";

    private readonly TempoTraces _traces;
    private readonly TempoSearch _search;
    private readonly TempoTags _tags;
    private readonly TempoOptions _options;

    private TempoStandIn(RecordedTelemetry telemetry, TempoOptions options)
    {
        var window = new TempoWindow(telemetry, options);
        var traces = new RecordedTraces(telemetry);
        (_traces, _search, _tags, _options) = (new(traces, options), new(traces, window, options), new(traces, window), options);
    }

    /// <param name="telemetry">What it answers from.</param>
    /// <param name="port">0 for any free one.</param>
    public static Task<StandInServer> Start(RecordedTelemetry telemetry, TempoOptions? options = null, int port = 0, CancellationToken cancellation = default) =>
        StandInServer.Start("tempo", new TempoStandIn(telemetry, options ?? new()).Map, Error, port, cancellation);

    private void Map(IEndpointRouteBuilder routes)
    {
        Get("/api/traces/{id}", (route, parameters) => _traces.Version1(route("id"), parameters));
        Get("/api/v2/traces/{id}", (route, parameters) => _traces.Version2(route("id"), parameters));
        Get("/api/search", (_, parameters) => _search.Answer(parameters));
        Get("/api/search/tags", (_, parameters) => _tags.Names(parameters));
        Get("/api/v2/search/tags", (_, parameters) => _tags.ScopedNames(parameters));
        Get("/api/search/tag/{tag}/values", (route, parameters) => _tags.Values(route("tag"), parameters));
        Get("/api/v2/search/tag/{tag}/values", (route, parameters) => _tags.TypedValues(route("tag"), parameters));
        foreach (var path in (string[])["query_range", "query"]) Get($"/api/metrics/{path}", (_, _) => throw TempoRefusal.NotAnswered("TraceQL metrics"));
        routes.Map("GET", "/api/echo", context => context.Text(200, PlainText, "echo"), Body);
        routes.Map("GET", "/ready", context => context.Text(200, PlainText, "ready\n"), Body);
        routes.Map("GET", "/api/status/buildinfo", context => context.Json(Answers.BuildInfo("2.8.0")), Body);
        routes.MapFallback("{*path}", context => context.Text(404, PlainText, "404 page not found\n"));

        void Get(string path, Func<Func<string, string>, Parameters, JsonNode> answer) => routes.Map("GET", path, context => Answer(context, answer), Body);
    }

    private async Task Answer(HttpContext context, Func<Func<string, string>, Parameters, JsonNode> answer)
    {
        if (_options.MultiTenant && context.Request.Headers["X-Scope-OrgID"] is not [{ Length: > 0 }, ..]) throw new RefusedRequestException(401, "no org id\n");
        foreach (var format in (string[])["application/protobuf", "application/vnd.grafana.llm"])
            if (context.Request.Headers.Accept.ToString().Contains(format, StringComparison.OrdinalIgnoreCase)) throw TempoRefusal.NotAnswered($"in {format}, only in JSON");
        await context.Json(answer(name => (string)context.Request.RouteValues[name]!, await Parameters.Of(context)));
    }

    /// <summary>A trace that is not found has no body.</summary>
    private static ErrorBody Body(RefusedRequestException refused) => new(PlainText, refused.Message);

    private static ErrorBody Error(int status) => new(PlainText, status switch
    {
        401 => "no org id\n",
        429 => "too many outstanding requests",
        503 => "Service Unavailable",
        504 => "context deadline exceeded",
        _ => "internal error",
    });
}
