using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Copilot.Simulator.StandIns.Loki;

/// <summary>
/// Answers Loki's read API from the log records of a snapshot (grafana.com/docs/loki/latest/reference/loki-http-api). Errors are text/plain in Loki's words.
/// </summary>
public sealed class LokiStandIn
{
    private const string PlainText = "text/plain; charset=utf-8";

    private readonly LokiQueries _queries;
    private readonly LokiOptions _options;

    private LokiStandIn(RecordedTelemetry telemetry, LokiOptions options) => (_queries, _options) = (new LokiQueries(telemetry, options), options);

    /// <param name="telemetry">What it answers from.</param>
    /// <param name="port">0 for any free one.</param>
    public static Task<StandInServer> Start(RecordedTelemetry telemetry, LokiOptions? options = null, int port = 0, CancellationToken cancellation = default) =>
        StandInServer.Start("loki", new LokiStandIn(telemetry, options ?? new()).Map, Error, port, cancellation);

    private void Map(IEndpointRouteBuilder routes)
    {
        foreach (var (path, answer) in new (string, Func<LokiRequest, JsonNode?>)[]
        {
            ("query_range", _queries.Range),
            ("query", _queries.Instant),
            ("labels", _queries.Labels),
            ("label", _queries.Labels),
            ("series", _queries.Series),
            ("index/stats", _queries.Stats),
        })
        {
            foreach (var method in (string[])["GET", "POST"]) routes.Map(method, $"/loki/api/v1/{path}", context => Answer(context, answer), Body);
        }
        routes.Map("GET", "/loki/api/v1/label/{name}/values", context => Answer(context, p => _queries.LabelValues((string)context.Request.RouteValues["name"]!, p)), Body);
        // volume_enabled is off unless an operator turns it on.
        foreach (var path in (string[])["volume", "volume_range"]) routes.Map("GET", $"/loki/api/v1/index/{path}", context => Answer(context, _ => throw new RefusedRequestException(404, "not found")), Body);
        routes.Map("GET", "/loki/api/v1/status/buildinfo", context => context.Json(Answers.BuildInfo("3.5.0")), Body);
        routes.Map("GET", "/ready", context => context.Text(200, PlainText, "ready\n"), Body);
        routes.MapFallback("{*path}", context => context.Text(404, PlainText, "404 page not found\n"));
    }

    private async Task Answer(HttpContext context, Func<LokiRequest, JsonNode?> answer)
    {
        if (_options.MultiTenant && context.Request.Headers["X-Scope-OrgID"] is not [{ Length: > 0 }, ..]) throw new RefusedRequestException(401, "no org id");
        var parameters = await Parameters.Of(context);
        var categorize = context.Request.Headers["X-Loki-Response-Encoding-Flags"].ToString().Contains("categorize-labels", StringComparison.Ordinal);
        await context.Json(answer(new(parameters, categorize)), type: "application/json; charset=UTF-8");
    }

    private static ErrorBody Body(RefusedRequestException refused) => new(PlainText, refused.Message + "\n");

    private static ErrorBody Error(int status) => new(PlainText, status switch
    {
        401 => "no org id\n",
        429 => "too many outstanding requests\n",
        503 => "Service Unavailable\n",
        504 => "context deadline exceeded\n",
        _ => "internal server error\n",
    });
}
