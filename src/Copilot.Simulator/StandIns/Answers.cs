using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Copilot.Simulator.StandIns;

/// <summary>What the stand-ins have in common when they read a request and write an answer.</summary>
internal static class Answers
{
    /// <summary>Request bodies beyond this are refused.</summary>
    public const int MostBodyBytes = 8 << 20;

    public static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Maps a route whose refusals are written in the system's own shape.</summary>
    public static void Map(this IEndpointRouteBuilder routes, string method, string path, Func<HttpContext, Task> answer, Func<RefusedRequestException, ErrorBody> refusal) =>
        routes.MapMethods(path, [method], async context =>
        {
            try
            {
                await answer(context);
            }
            catch (RefusedRequestException refused) when (!context.Response.HasStarted)
            {
                var (type, body) = refusal(refused);
                await context.Text(refused.Status, type, body);
            }
        });

    public static Task Json(this HttpContext context, JsonNode? body, int status = 200, string type = "application/json") => context.Text(status, type, body?.ToJsonString(Plain) ?? "null");

    public static Task Text(this HttpContext context, int status, string type, string body)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = type;
        return context.Response.WriteAsync(body, context.RequestAborted);
    }

    /// <summary>A parameter of the query; null when it is missing or empty.</summary>
    public static string? Argument(this HttpContext context, string name) => context.Request.Query[name] is [{ Length: > 0 } value, ..] ? value : null;

    /// <summary>The body as text.</summary>
    /// <exception cref="RefusedRequestException">413: it is too long.</exception>
    public static async Task<string> Body(this HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body);
        var buffer = new char[8192];
        var text = new System.Text.StringBuilder();
        while (await reader.ReadAsync(buffer, context.RequestAborted) is > 0 and var read)
        {
            text.Append(buffer, 0, read);
            if (text.Length > MostBodyBytes) throw new RefusedRequestException(413, $"request body of more than {MostBodyBytes} bytes");
        }
        return text.ToString();
    }

    /// <summary>What servers of the Prometheus family say of themselves.</summary>
    public static JsonObject BuildInfo(string version) =>
        new() { ["version"] = version, ["revision"] = "stand-in", ["branch"] = "HEAD", ["buildUser"] = "", ["buildDate"] = "", ["goVersion"] = "" };

    /// <summary>The steps of a JSON pointer (RFC 6901); none for the whole document.</summary>
    public static string[] PointerSteps(string pointer) =>
        [.. pointer.Split('/').Skip(1).Select(s => s.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal))];

    public static JsonArray Array(IEnumerable<JsonNode?> items) => new([.. items]);

    public static JsonArray Array(IEnumerable<string> items) => new([.. items.Select(i => (JsonNode)i)]);
}
