using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Copilot.Simulator.StandIns.Models;

/// <summary>Answers <c>/v1/messages</c> from a script (docs.anthropic.com/en/api/messages). Ids follow from the turn; token counts are a quarter of the characters.</summary>
public sealed class AnthropicStandIn
{
    private readonly ScriptedModel _model;
    private readonly ModelServerOptions _options;

    private AnthropicStandIn(ModelScript script, ModelServerOptions options) => (_model, _options) = (new(script), options);

    /// <param name="port">0 for any free one.</param>
    public static Task<StandInServer> Start(ModelScript script, ModelServerOptions? options = null, int port = 0, CancellationToken cancellation = default) =>
        StandInServer.Start("anthropic", new AnthropicStandIn(script, options ?? new()).Map, Error, port, cancellation);

    private void Map(IEndpointRouteBuilder routes)
    {
        routes.Map("POST", "/v1/messages", Complete, refused => new("application/json", Shape(refused.Kind.Length > 0 ? refused.Kind : "invalid_request_error", refused.Message)));
        routes.MapFallback("{*path}", context => context.Text(404, "application/json", Shape("not_found_error", "Not found")));
    }

    private async Task Complete(HttpContext context)
    {
        Authorize(context.Request.Headers["x-api-key"].ToString(), context.Request.Headers.Authorization.ToString());
        if (context.Request.Headers["anthropic-version"].ToString().Length == 0) throw new RefusedRequestException(400, "anthropic-version: header is required", "invalid_request_error");
        var (request, length) = await ModelRequests.Read(context);
        if (ModelRequests.Text(request["model"]) is not { } model) throw new RefusedRequestException(400, "model: Field required", "invalid_request_error");
        if (model != _options.Model) throw new RefusedRequestException(404, $"model: {model}", "not_found_error");
        if (request["max_tokens"] is not JsonValue max || !max.TryGetValue(out int most) || most < 1) throw new RefusedRequestException(400, "max_tokens: Field required", "invalid_request_error");
        var messages = ((JsonArray)request["messages"]!).OfType<JsonObject>().ToList();
        CheckResults(messages);
        var tools = (request["tools"] as JsonArray ?? []).OfType<JsonObject>().Select(t => ModelRequests.Text(t["name"])).OfType<string>().ToHashSet();
        var answer = _model.Answer([.. messages.SelectMany(Messages)], tools, length);
        context.Response.Headers["request-id"] = $"req_{answer.Number:d8}";
        if (ModelRequests.Flag(request["stream"])) await ModelRequests.Events(context, Stream(answer, model).Select(e => ((string?)ModelRequests.Text(e["type"]), e.ToJsonString(Answers.Plain))));
        else await context.Json(Message(answer, model, Answers.Array(Blocks(answer)), Reason(answer), answer.AnswerTokens));
    }

    /// <summary>The API takes a key in a header of its own; the newer packages of the provider send it as a bearer token.</summary>
    private void Authorize(string key, string bearer)
    {
        if (key.Length > 0 ? key == _options.Key : bearer == $"Bearer {_options.Key}") return;
        throw new RefusedRequestException(401, key.Length > 0 ? "invalid x-api-key" : bearer.Length > 0 ? "Invalid bearer token" : "x-api-key header is required", "authentication_error");
    }

    /// <summary>Every result in one message counts as a message of its own; what the user says beside them comes first, so that the last is a result.</summary>
    private static IEnumerable<ModelMessage> Messages(JsonObject message)
    {
        var role = ModelRequests.Text(message["role"]) ?? "";
        if (role is not ("user" or "assistant")) throw new RefusedRequestException(400, "messages.role: Input should be 'user' or 'assistant'", "invalid_request_error");
        var results = Results(message).ToList();
        var text = ModelRequests.Content(message["content"]);
        if (text.Length > 0 || results.Count == 0) yield return new(role, text, false);
        foreach (var result in results) yield return new(role, ModelRequests.Content(result["content"]), true);
    }

    private static IEnumerable<JsonObject> Parts(JsonObject message, string type) => (message["content"] as JsonArray ?? []).OfType<JsonObject>().Where(p => ModelRequests.Text(p["type"]) == type);

    private static IEnumerable<JsonObject> Results(JsonObject message) => Parts(message, "tool_result");

    /// <summary>The results of the calls stand in the very next message.</summary>
    private static void CheckResults(List<JsonObject> messages)
    {
        for (var i = 0; i < messages.Count; i++)
        {
            var calls = i == 0 ? [] : Parts(messages[i - 1], "tool_use").Select(c => ModelRequests.Text(c["id"]) ?? "").ToHashSet();
            var results = Results(messages[i]).Select(r => ModelRequests.Text(r["tool_use_id"]) ?? "").ToHashSet();
            if (results.Except(calls).FirstOrDefault() is { } stray)
                throw new RefusedRequestException(400, $"messages.{i}.content.0: unexpected `tool_use_id` found in `tool_result` blocks: {stray}. Each `tool_result` block must have a corresponding `tool_use` block in the previous message.", "invalid_request_error");
            if (calls.Except(results).FirstOrDefault() is { } open)
                throw new RefusedRequestException(400, $"messages.{i - 1}: `tool_use` ids were found without `tool_result` blocks immediately after: {open}. Each `tool_use` block must have a corresponding `tool_result` block in the next message.", "invalid_request_error");
        }
    }

    private static IEnumerable<JsonNode?> Blocks(ModelAnswer answer)
    {
        if (answer.Text.Length > 0) yield return new JsonObject { ["type"] = "text", ["text"] = answer.Text };
        for (var i = 0; i < answer.Calls.Count; i++)
            yield return new JsonObject { ["type"] = "tool_use", ["id"] = $"toolu_{answer.Number:d4}_{i:d2}", ["name"] = answer.Calls[i].Name, ["input"] = JsonNode.Parse(answer.Calls[i].Arguments) };
    }

    private static JsonObject Message(ModelAnswer answer, string model, JsonArray content, string? reason, int tokens) => new()
    {
        ["id"] = $"msg_{answer.Number:d8}",
        ["type"] = "message",
        ["role"] = "assistant",
        ["model"] = model,
        ["content"] = content,
        ["stop_reason"] = reason,
        ["stop_sequence"] = null,
        ["usage"] = new JsonObject { ["input_tokens"] = answer.PromptTokens, ["cache_creation_input_tokens"] = 0, ["cache_read_input_tokens"] = 0, ["output_tokens"] = tokens },
    };

    private static IEnumerable<JsonObject> Stream(ModelAnswer answer, string model)
    {
        yield return new() { ["type"] = "message_start", ["message"] = Message(answer, model, [], null, 1) };
        var index = 0;
        foreach (var block in Blocks(answer).OfType<JsonObject>())
        {
            var isText = ModelRequests.Text(block["type"]) == "text";
            var whole = isText ? ModelRequests.Text(block["text"])! : block["input"]!.ToJsonString(Answers.Plain);
            if (isText) block["text"] = "";
            else block["input"] = new JsonObject();
            yield return new() { ["type"] = "content_block_start", ["index"] = index, ["content_block"] = block };
            if (index == 0) yield return new() { ["type"] = "ping" };
            foreach (var piece in ModelRequests.Pieces(whole))
                yield return new() { ["type"] = "content_block_delta", ["index"] = index, ["delta"] = isText ? new JsonObject { ["type"] = "text_delta", ["text"] = piece } : new JsonObject { ["type"] = "input_json_delta", ["partial_json"] = piece } };
            yield return new() { ["type"] = "content_block_stop", ["index"] = index++ };
        }
        yield return new() { ["type"] = "message_delta", ["delta"] = new JsonObject { ["stop_reason"] = Reason(answer), ["stop_sequence"] = null }, ["usage"] = new JsonObject { ["output_tokens"] = answer.AnswerTokens } };
        yield return new() { ["type"] = "message_stop" };
    }

    private static string Reason(ModelAnswer answer) => answer.CutShort ? "max_tokens" : answer.Calls.Count > 0 ? "tool_use" : "end_turn";

    private static ErrorBody Error(int status) => new("application/json", status switch
    {
        401 => Shape("authentication_error", "invalid x-api-key"),
        429 => Shape("rate_limit_error", "This request would exceed your account's rate limit. Please try again later."),
        529 => Shape("overloaded_error", "Overloaded"),
        _ => Shape("api_error", "Internal server error"),
    });

    private static string Shape(string type, string message) => new JsonObject { ["type"] = "error", ["error"] = new JsonObject { ["type"] = type, ["message"] = message } }.ToJsonString(Answers.Plain);
}
