using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Copilot.Simulator.StandIns.Jaeger;

/// <summary>
/// Answers the query API of Jaeger from the spans of a snapshot: version 1, which the user interface uses, and version 3 (www.jaegertracing.io/docs/latest/architecture/apis).
/// Errors are JSON in the shape of each version, sent as text/plain, as Jaeger sends them.
/// </summary>
public sealed class JaegerStandIn
{
    private const string PlainText = "text/plain; charset=utf-8";

    private readonly JaegerVersion1 _one;
    private readonly JaegerVersion3 _three;
    private readonly JaegerSpelling _spelling;

    private JaegerStandIn(RecordedTelemetry telemetry, JaegerOptions options)
    {
        var search = new JaegerSearch(telemetry);
        var now = options.Now is { } at ? (at - DateTimeOffset.UnixEpoch).Ticks * 100 : telemetry.End;
        (_one, _three, _spelling) = (new(search, now, options), new(search), options.Spelling);
    }

    /// <param name="telemetry">What it answers from.</param>
    /// <param name="port">0 for any free one.</param>
    public static Task<StandInServer> Start(RecordedTelemetry telemetry, JaegerOptions? options = null, int port = 0, CancellationToken cancellation = default) =>
        StandInServer.Start("jaeger", new JaegerStandIn(telemetry, options ?? new()).Map, status => Version1(new(status, status == 429 ? "too many requests" : "internal error")), port, cancellation);

    private void Map(IEndpointRouteBuilder routes)
    {
        One("services", (_, _) => _one.Services());
        One("services/{service}/operations", (route, _) => _one.OperationNames(route("service")));
        One("operations", (_, parameters) => _one.Operations(parameters));
        One("traces", (_, parameters) => _one.Traces(parameters));
        One("traces/{id}", (route, parameters) => _one.Trace(route("id"), parameters));
        One("dependencies", (_, parameters) => _one.Dependencies(parameters));
        Three("services", (_, _) => _three.Services());
        Three("operations", (_, parameters) => _three.Operations(parameters));
        Three("traces", (_, parameters) => _three.Traces(parameters));
        Three("traces/{id}", (route, parameters) => _three.Trace(route("id"), parameters));
        if (_spelling == JaegerSpelling.CamelCase)
            foreach (var path in (string[])["dependencies", "trace-summaries"]) Three(path, (_, _) => throw new RefusedRequestException(501, $"this stand-in does not answer {path}; Jaeger does"));
        routes.MapFallback("{*path}", context => context.Text(404, PlainText, "404 page not found\n"));

        void One(string path, Func<Func<string, string>, Parameters, JsonNode> answer) =>
            routes.Map("GET", $"/api/{path}", async context => await context.Json(answer(Route(context), await Parameters.Of(context))), Version1);

        void Three(string path, Func<Func<string, string>, JaegerParameters, JsonNode> answer) => routes.Map("GET", $"/api/v3/{path}", context => Answer(context, answer), Version3);
    }

    /// <summary>Jaeger names no type for the answers of version 3, so they go out as what they look like to Go: plain text.</summary>
    private async Task Answer(HttpContext context, Func<Func<string, string>, JaegerParameters, JsonNode> answer)
    {
        var parameters = new JaegerParameters(await Parameters.Of(context), _spelling);
        JsonNode found;
        try
        {
            found = answer(Route(context), parameters);
        }
        finally
        {
            Deprecate(context, parameters.Deprecated);
        }
        await context.Json(found, type: PlainText);
    }

    private static void Deprecate(HttpContext context, List<string> deprecated)
    {
        if (deprecated.Count == 0) return;
        context.Response.Headers["Deprecation"] = "true";
        context.Response.Headers["Sunset"] = "Mon, 01 Nov 2026 00:00:00 GMT";
        context.Response.Headers.Link = "<https://github.com/jaegertracing/jaeger/blob/main/docs/apis/api_v3_http.md>; rel=\"deprecation\"";
        context.Response.Headers["Deprecated-Params"] = string.Join(',', deprecated.Distinct());
    }

    private static Func<string, string> Route(HttpContext context) => name => (string)context.Request.RouteValues[name]!;

    private static ErrorBody Version1(RefusedRequestException refused) =>
        new(PlainText, JaegerVersion1.Envelope(null, [new JsonObject { ["code"] = refused.Status, ["msg"] = refused.Message }]).ToJsonString(Answers.Plain) + "\n");

    private static ErrorBody Version3(RefusedRequestException refused) =>
        new(PlainText, new JsonObject { ["error"] = new JsonObject { ["httpCode"] = refused.Status, ["message"] = refused.Message } }.ToJsonString(Answers.Plain) + "\n");
}
