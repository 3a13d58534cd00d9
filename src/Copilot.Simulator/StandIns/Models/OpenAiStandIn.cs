using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Copilot.Simulator.StandIns.Models;

/// <summary>Answers <c>/v1/chat/completions</c> and <c>/v1/models</c> from a script (platform.openai.com/docs/api-reference/chat). Ids and times follow from the turn; token counts are a quarter of the characters.</summary>
public sealed class OpenAiStandIn
{
    private const long Created = 1_767_225_600; // 2026-01-01

    private readonly ScriptedModel _model;
    private readonly ModelServerOptions _options;

    private OpenAiStandIn(ModelScript script, ModelServerOptions options) => (_model, _options) = (new(script), options);

    /// <param name="port">0 for any free one.</param>
    public static Task<StandInServer> Start(ModelScript script, ModelServerOptions? options = null, int port = 0, CancellationToken cancellation = default) =>
        StandInServer.Start("openai", new OpenAiStandIn(script, options ?? new()).Map, Error, port, cancellation);

    private void Map(IEndpointRouteBuilder routes)
    {
        routes.Map("GET", "/v1/models", context =>
        {
            Authorize(context);
            return context.Json(new JsonObject { ["object"] = "list", ["data"] = new JsonArray(new JsonObject { ["id"] = _options.Model, ["object"] = "model", ["created"] = Created, ["owned_by"] = "stand-in" }) });
        }, Body);
        routes.Map("POST", "/v1/chat/completions", Complete, Body);
        routes.MapFallback("{*path}", context => context.Text(404, "application/json", Shape($"Invalid URL ({context.Request.Method} {context.Request.Path})", "invalid_request_error", null)));
    }

    private async Task Complete(HttpContext context)
    {
        Authorize(context);
        var (request, length) = await ModelRequests.Read(context);
        if (ModelRequests.Text(request["model"]) is not { } model) throw new RefusedRequestException(400, "you must provide a model parameter", "invalid_request_error");
        if (model != _options.Model) throw new RefusedRequestException(404, $"The model `{model}` does not exist or you do not have access to it.", "model_not_found");
        var messages = ((JsonArray)request["messages"]!).OfType<JsonObject>().Select(m => new ModelMessage(ModelRequests.Text(m["role"]) ?? "", ModelRequests.Content(m["content"]), ModelRequests.Text(m["role"]) == "tool")).ToList();
        CheckResults((JsonArray)request["messages"]!);
        var tools = (request["tools"] as JsonArray ?? []).OfType<JsonObject>().Select(t => ModelRequests.Text((t["function"] as JsonObject)?["name"])).OfType<string>().ToHashSet();
        var answer = _model.Answer(messages, tools, length);
        context.Response.Headers["x-request-id"] = $"req_{answer.Number:d8}";
        if (!ModelRequests.Flag(request["stream"])) await context.Json(Completion(answer, model));
        else await ModelRequests.Events(context, Chunks(answer, model, ModelRequests.Flag((request["stream_options"] as JsonObject)?["include_usage"])).Select(c => ((string?)null, c)));
    }

    /// <summary>A result must answer a call, and every call must have its result before the model speaks again.</summary>
    private static void CheckResults(JsonArray messages)
    {
        HashSet<string> open = [];
        foreach (var message in messages.OfType<JsonObject>())
        {
            var role = ModelRequests.Text(message["role"]);
            if (role == "tool")
            {
                if (!open.Remove(ModelRequests.Text(message["tool_call_id"]) ?? "")) throw new RefusedRequestException(400, "Invalid parameter: messages with role 'tool' must be a response to a preceeding message with 'tool_calls'.", "invalid_request_error");
                continue;
            }
            CheckNoneOpen(open);
            if (role == "assistant") open.UnionWith((message["tool_calls"] as JsonArray ?? []).OfType<JsonObject>().Select(c => ModelRequests.Text(c["id"])).OfType<string>());
        }
        CheckNoneOpen(open);
    }

    private static void CheckNoneOpen(HashSet<string> open)
    {
        if (open.Count > 0) throw new RefusedRequestException(400, $"An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. The following tool_call_ids did not have response messages: {string.Join(", ", open)}", "invalid_request_error");
    }

    private static JsonObject Completion(ModelAnswer answer, string model)
    {
        var message = new JsonObject { ["role"] = "assistant", ["content"] = answer.Text.Length > 0 ? answer.Text : null, ["refusal"] = null };
        if (answer.Calls.Count > 0) message["tool_calls"] = Answers.Array(answer.Calls.Select((c, i) => (JsonNode?)Call(answer, i, c.Name, c.Arguments)));
        return new()
        {
            ["id"] = Id(answer),
            ["object"] = "chat.completion",
            ["created"] = Created + answer.Number,
            ["model"] = model,
            ["choices"] = new JsonArray(new JsonObject { ["index"] = 0, ["message"] = message, ["logprobs"] = null, ["finish_reason"] = Reason(answer) }),
            ["usage"] = Usage(answer),
        };
    }

    private static IEnumerable<string> Chunks(ModelAnswer answer, string model, bool usage)
    {
        yield return Chunk(new JsonObject { ["role"] = "assistant", ["content"] = answer.Calls.Count > 0 && answer.Text.Length == 0 ? null : "" }, null);
        foreach (var piece in ModelRequests.Pieces(answer.Text)) yield return Chunk(new JsonObject { ["content"] = piece }, null);
        for (var i = 0; i < answer.Calls.Count; i++)
        {
            var call = Call(answer, i, answer.Calls[i].Name, "");
            call["index"] = i;
            yield return Chunk(new JsonObject { ["tool_calls"] = new JsonArray(call) }, null);
            foreach (var piece in ModelRequests.Pieces(answer.Calls[i].Arguments))
                yield return Chunk(new JsonObject { ["tool_calls"] = new JsonArray(new JsonObject { ["index"] = i, ["function"] = new JsonObject { ["arguments"] = piece } }) }, null);
        }
        yield return Chunk([], Reason(answer));
        if (usage) yield return Envelope(new JsonArray(), Usage(answer));
        yield return "[DONE]";

        string Chunk(JsonObject delta, string? reason) => Envelope(new JsonArray(new JsonObject { ["index"] = 0, ["delta"] = delta, ["logprobs"] = null, ["finish_reason"] = reason }), null);

        string Envelope(JsonArray choices, JsonObject? counted)
        {
            var chunk = new JsonObject { ["id"] = Id(answer), ["object"] = "chat.completion.chunk", ["created"] = Created + answer.Number, ["model"] = model, ["choices"] = choices };
            if (usage) chunk["usage"] = counted;
            return chunk.ToJsonString(Answers.Plain);
        }
    }

    private static JsonObject Call(ModelAnswer answer, int index, string name, string arguments) =>
        new() { ["id"] = $"call_{answer.Number:d4}_{index:d2}", ["type"] = "function", ["function"] = new JsonObject { ["name"] = name, ["arguments"] = arguments } };

    private static string Id(ModelAnswer answer) => $"chatcmpl-{answer.Number:d8}";

    private static string Reason(ModelAnswer answer) => answer.CutShort ? "length" : answer.Calls.Count > 0 ? "tool_calls" : "stop";

    private static JsonObject Usage(ModelAnswer answer) => new() { ["prompt_tokens"] = answer.PromptTokens, ["completion_tokens"] = answer.AnswerTokens, ["total_tokens"] = answer.PromptTokens + answer.AnswerTokens };

    private void Authorize(HttpContext context)
    {
        var given = context.Request.Headers.Authorization.ToString();
        if (given.Length == 0) throw new RefusedRequestException(401, "You didn't provide an API key. You need to provide your API key in an Authorization header using Bearer auth (i.e. Authorization: Bearer YOUR_KEY).", "invalid_request_error");
        if (given != $"Bearer {_options.Key}") throw new RefusedRequestException(401, "Incorrect API key provided.", "invalid_api_key");
    }

    private static ErrorBody Body(RefusedRequestException refused) =>
        new("application/json", Shape(refused.Message, "invalid_request_error", refused.Kind is "invalid_api_key" or "model_not_found" ? refused.Kind : null));

    private static ErrorBody Error(int status) => new("application/json", status switch
    {
        401 => Shape("Incorrect API key provided.", "invalid_request_error", "invalid_api_key"),
        429 => Shape("Rate limit reached for requests", "requests", "rate_limit_exceeded"),
        _ => Shape("The server had an error while processing your request. Sorry about that!", "server_error", null),
    });

    private static string Shape(string message, string type, string? code) =>
        new JsonObject { ["error"] = new JsonObject { ["message"] = message, ["type"] = type, ["param"] = null, ["code"] = code } }.ToJsonString(Answers.Plain);
}
