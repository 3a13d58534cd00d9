using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Copilot.Simulator.StandIns.Models;

/// <summary>Reads what both APIs have in common, and writes server-sent events.</summary>
internal static class ModelRequests
{
    /// <summary>A name that stands twice is refused at once, not when somebody looks at it.</summary>
    public static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    public static async Task<(JsonObject Request, int Length)> Read(HttpContext context)
    {
        var body = await context.Body();
        try
        {
            if (JsonNode.Parse(body, documentOptions: Strict) is JsonObject request && request["messages"] is JsonArray { Count: > 0 }) return (request, body.Length);
            throw new RefusedRequestException(400, "messages: Field required", "invalid_request_error");
        }
        catch (JsonException e)
        {
            throw new RefusedRequestException(400, $"We could not parse the JSON body of your request. ({e.Message.Split('.')[0]})", "invalid_request_error");
        }
    }

    public static string? Text(JsonNode? node) => node is JsonValue value && value.TryGetValue(out string? text) ? text : null;

    public static bool Flag(JsonNode? node) => node is JsonValue value && value.TryGetValue(out bool flag) && flag;

    /// <summary>The text of a content that is a string or an array of parts.</summary>
    public static string Content(JsonNode? content) => Text(content) ?? (content is JsonArray parts ? string.Concat(parts.OfType<JsonObject>().Select(p => Text(p["text"]) ?? "")) : "");

    /// <summary>Cuts a text into the pieces in which it is streamed.</summary>
    public static IEnumerable<string> Pieces(string text)
    {
        const int Size = 16;
        for (var from = 0; from < text.Length;)
        {
            var length = Math.Min(Size, text.Length - from);
            if (from + length < text.Length && char.IsHighSurrogate(text[from + length - 1])) length++;
            yield return text.Substring(from, length);
            from += length;
        }
    }

    public static async Task Events(HttpContext context, IEnumerable<(string? Event, string Data)> events)
    {
        context.Response.ContentType = "text/event-stream; charset=utf-8";
        foreach (var (name, data) in events)
        {
            await context.Response.WriteAsync($"{(name is null ? "" : $"event: {name}\n")}data: {data}\n\n", context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
        }
    }
}
