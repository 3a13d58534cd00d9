using System.Text.Json.Nodes;
using Copilot.Simulator.StandIns;
using Copilot.Simulator.StandIns.Models;
using Xunit;

namespace Copilot.EndToEnd.StandIns.Models;

public sealed class ModelStandInTests : IAsyncLifetime
{
    private const string Script = """
        {"turns": [
          {"expect": {"last": "message", "contains": "checkout"}, "text": "I look at the logs of it.", "tool_calls": [{"name": "logs", "arguments": {"service": "checkout", "limit": 5}}]},
          {"expect": {"last": "tool_result", "regex": "pod.*cart"}, "tool_calls": [{"name": "pod", "arguments": {"name": {"$from": -1, "pointer": "/pods/0/name"}}}]},
          {"text": "Done.", "stop": "length"}
        ]}
        """;

    private StandInServer _openAi = null!;
    private StandInServer _anthropic = null!;

    public async ValueTask InitializeAsync()
    {
        var script = ModelScript.Parse(Script);
        _openAi = await OpenAiStandIn.Start(script, cancellation: TestContext.Current.CancellationToken);
        _anthropic = await AnthropicStandIn.Start(script, cancellation: TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await _openAi.DisposeAsync();
        await _anthropic.DisposeAsync();
    }

    [Fact]
    public async Task OpenAi_Conversation_CallsToolsWithPartsOfEarlierResults()
    {
        using var client = OpenAi();
        JsonArray messages = [Said("user", "what ails checkout?")];

        var first = await client.Post("/v1/chat/completions", OpenAiRequest(messages));
        var called = first["choices"]![0]!["message"]!;
        messages.Add(called.DeepClone());
        messages.Add(new JsonObject { ["role"] = "tool", ["tool_call_id"] = (string)called["tool_calls"]![0]!["id"]!, ["content"] = """{"pods": [{"name": "cart-1"}]}""" });
        var second = await client.Post("/v1/chat/completions", OpenAiRequest(messages));

        Assert.Equal(("tool_calls", "logs"), ((string)first["choices"]![0]!["finish_reason"]!, (string)called["tool_calls"]![0]!["function"]!["name"]!));
        Assert.Equal("""{"service":"checkout","limit":5}""", (string)called["tool_calls"]![0]!["function"]!["arguments"]!);
        Assert.Equal("""{"name":"cart-1"}""", (string)second["choices"]![0]!["message"]!["tool_calls"]![0]!["function"]!["arguments"]!);
        Assert.Null(second["choices"]![0]!["message"]!["content"]);
        Assert.Equal((int)second["usage"]!["prompt_tokens"]! + (int)second["usage"]!["completion_tokens"]!, (int)second["usage"]!["total_tokens"]!);
        Assert.Equal(second.ToJsonString(), (await client.Post("/v1/chat/completions", OpenAiRequest(messages))).ToJsonString());
    }

    [Fact]
    public async Task OpenAi_Stream_AddsUpToTheWholeAnswerAndEndsWithDone()
    {
        using var client = OpenAi();
        var request = OpenAiRequest([Said("user", "checkout")]);
        request["stream"] = true;
        request["stream_options"] = new JsonObject { ["include_usage"] = true };

        var (status, type, body, _) = await client.Send(HttpMethod.Post, "/v1/chat/completions", request.ToJsonString());
        var data = body.Split("\n\n", StringSplitOptions.RemoveEmptyEntries).Select(e => e["data: ".Length..]).ToList();
        var chunks = data[..^1].ConvertAll(d => JsonNode.Parse(d)!);
        var deltas = chunks.Where(c => c["choices"]!.AsArray().Count > 0).Select(c => c["choices"]![0]!["delta"]!).ToList();

        Assert.Equal((200, "text/event-stream", "[DONE]"), (status, type, data[^1]));
        Assert.Equal("I look at the logs of it.", string.Concat(deltas.Select(d => (string?)d["content"])));
        Assert.Equal("""{"service":"checkout","limit":5}""", string.Concat(deltas.Where(d => d["tool_calls"] is not null).Select(d => (string?)d["tool_calls"]![0]!["function"]!["arguments"])));
        Assert.Equal(["tool_calls"], chunks.Where(c => c["choices"]!.AsArray().Count > 0).Select(c => (string?)c["choices"]![0]!["finish_reason"]).OfType<string>());
        Assert.NotNull(chunks[^1]["usage"]!["total_tokens"]);
    }

    [Fact]
    public async Task Anthropic_Conversation_CallsToolsWithPartsOfEarlierResults()
    {
        using var client = Anthropic();
        JsonArray messages = [Said("user", "what ails checkout?")];

        var first = await client.Post("/v1/messages", AnthropicRequest(messages));
        messages.Add(new JsonObject { ["role"] = "assistant", ["content"] = first["content"]!.DeepClone() });
        messages.Add(new JsonObject { ["role"] = "user", ["content"] = new JsonArray(new JsonObject { ["type"] = "tool_result", ["tool_use_id"] = (string)first["content"]![1]!["id"]!, ["content"] = """{"pods": [{"name": "cart-1"}]}""" }) });
        var second = await client.Post("/v1/messages", AnthropicRequest(messages));
        messages.Add(new JsonObject { ["role"] = "assistant", ["content"] = second["content"]!.DeepClone() });
        messages.Add(new JsonObject { ["role"] = "user", ["content"] = new JsonArray(new JsonObject { ["type"] = "tool_result", ["tool_use_id"] = (string)second["content"]![0]!["id"]!, ["content"] = new JsonArray(new JsonObject { ["type"] = "text", ["text"] = "ok" }) }) });
        var third = await client.Post("/v1/messages", AnthropicRequest(messages));

        Assert.Equal(["text", "tool_use"], first["content"]!.AsArray().Select(b => (string)b!["type"]!));
        Assert.Equal(("tool_use", "max_tokens"), ((string)first["stop_reason"]!, (string)third["stop_reason"]!));
        Assert.Equal("cart-1", (string)second["content"]![0]!["input"]!["name"]!);
        Assert.True((int)first["usage"]!["output_tokens"]! > 0);
    }

    [Fact]
    public async Task Anthropic_Stream_IsTheDocumentedSequence()
    {
        using var client = Anthropic();
        var request = AnthropicRequest([Said("user", "checkout")]);
        request["stream"] = true;

        var (_, type, body, _) = await client.Send(HttpMethod.Post, "/v1/messages", request.ToJsonString());
        var events = body.Split("\n\n", StringSplitOptions.RemoveEmptyEntries).Select(e => e.Split('\n')).Select(e => (Name: e[0]["event: ".Length..], Data: JsonNode.Parse(e[1]["data: ".Length..])!)).ToList();

        Assert.Equal("text/event-stream", type);
        Assert.All(events, e => Assert.Equal(e.Name, (string)e.Data["type"]!));
        Assert.Equal(["message_start", "content_block_start", "content_block_stop", "content_block_start", "content_block_stop", "message_delta", "message_stop"], events.Select(e => e.Name).Where(n => n is not ("ping" or "content_block_delta")));
        Assert.Equal("I look at the logs of it.", string.Concat(events.Select(e => (string?)e.Data["delta"]?["text"])));
        Assert.Equal("""{"service":"checkout","limit":5}""", string.Concat(events.Select(e => (string?)e.Data["delta"]?["partial_json"])));
        Assert.Equal("tool_use", (string)events[^2].Data["delta"]!["stop_reason"]!);
    }

    [Fact]
    public async Task Both_NotAsTheScriptExpects_AreRefusedWithTheTurn()
    {
        using StandInClient openAi = OpenAi(), anthropic = Anthropic();
        JsonArray Spent() => [.. Enumerable.Range(0, 3).SelectMany(_ => (JsonNode[])[Said("user", "checkout"), Said("assistant", "x")]), Said("user", "more")];

        var unmet = await openAi.Post("/v1/chat/completions", OpenAiRequest([Said("user", "hello")]), 400);
        var spent = await anthropic.Post("/v1/messages", AnthropicRequest(Spent()), 400);
        var noTool = OpenAiRequest([Said("user", "checkout")]);
        noTool.Remove("tools");

        Assert.Equal(("turn 1: the last message does not contain \"checkout\"", "invalid_request_error"), ((string)unmet["error"]!["message"]!, (string)unmet["error"]!["type"]!));
        Assert.Equal(("error", "turn 4: the script has only 3 turns"), ((string)spent["type"]!, (string)spent["error"]!["message"]!));
        Assert.Contains("calls logs, which the request does not offer", (string)(await openAi.Post("/v1/chat/completions", noTool, 400))["error"]!["message"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Both_CallsWithoutResults_AreRefused()
    {
        using StandInClient openAi = OpenAi(), anthropic = Anthropic();
        JsonArray open = [Said("user", "checkout"), (await openAi.Post("/v1/chat/completions", OpenAiRequest([Said("user", "checkout")])))["choices"]![0]!["message"]!.DeepClone(), Said("user", "and?")];
        JsonArray stray = [Said("user", "checkout"), Said("assistant", "x"), new JsonObject { ["role"] = "user", ["content"] = new JsonArray(new JsonObject { ["type"] = "tool_result", ["tool_use_id"] = "toolu_9", ["content"] = "x" }) }];

        Assert.Contains("call_0001_00", (string)(await openAi.Post("/v1/chat/completions", OpenAiRequest(open), 400))["error"]!["message"]!, StringComparison.Ordinal);
        Assert.Contains("unexpected `tool_use_id`", (string)(await anthropic.Post("/v1/messages", AnthropicRequest(stray), 400))["error"]!["message"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Both_WithoutKeyOrVersion_AreRefusedInTheProvidersShape()
    {
        using StandInClient noKey = new(_openAi), noAnthropicKey = new(_anthropic), noVersion = new(_anthropic, ("x-api-key", "stand-in-key"));

        Assert.StartsWith("You didn't provide an API key.", (string)(await noKey.Post("/v1/chat/completions", new JsonObject(), 401))["error"]!["message"]!);
        Assert.Equal("authentication_error", (string)(await noAnthropicKey.Post("/v1/messages", new JsonObject(), 401))["error"]!["type"]!);
        Assert.Contains("anthropic-version", (string)(await noVersion.Post("/v1/messages", new JsonObject(), 400))["error"]!["message"]!, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{\"messages\": 3}")]
    [InlineData("{\"messages\": []}")]
    [InlineData("{\"messages\": [{\"role\": \"user\"}]}")]
    [InlineData("{\"messages\": [1], \"model\": \"scripted-1\", \"max_tokens\": 5}")]
    [InlineData("{\"a\": 1, \"a\": 2}")]
    [InlineData("{\"messages\": [{\"role\": \"user\", \"content\": \"checkout\"}], \"model\": \"scripted-1\", \"max_tokens\": 5, \"tools\": [{\"name\": \"logs\", \"name\": \"logs\"}]}")]
    [InlineData("{\"messages\": [{\"role\": 7, \"content\": {\"x\": 1}, \"tool_calls\": \"no\"}], \"model\": \"scripted-1\", \"max_tokens\": 5, \"stream\": \"yes\", \"tools\": [3, {\"function\": []}]}")]
    public async Task Both_MalformedRequest_IsRefusedWith400(string body)
    {
        using StandInClient openAi = OpenAi(), anthropic = Anthropic();

        Assert.Equal(400, (await openAi.Send(HttpMethod.Post, "/v1/chat/completions", body)).Status);
        Assert.Equal(400, (await anthropic.Send(HttpMethod.Post, "/v1/messages", body)).Status);
    }

    [Fact]
    public async Task InjectedFaults_AnswerAsTheProviderWould()
    {
        using StandInClient openAi = OpenAi(), anthropic = Anthropic();
        await StandInFaults.Verify(_openAi, openAi, "/v1/models", """{"error":{"message":"Rate limit reached for requests","type":"requests","param":null,"code":"rate_limit_exceeded"}}""");
        _anthropic.Faults.Add(new InjectedFault.Status(529));

        Assert.Equal("overloaded_error", (string)(await anthropic.Post("/v1/messages", AnthropicRequest([Said("user", "checkout")]), 529))["error"]!["type"]!);
    }

    [Theory]
    [InlineData("{}", "array of at least one turn")]
    [InlineData("{\"turns\": [{}]}", "Turn 1 answers nothing")]
    [InlineData("{\"turns\": [{\"text\": \"a\", \"texts\": 1}]}", "\"texts\"")]
    [InlineData("{\"turns\": [{\"text\": \"a\", \"expect\": {\"regex\": \"(\"}}]}", "cannot be used")]
    [InlineData("turns", "cannot be used")]
    public void Parse_NoScript_SaysWhy(string json, string expected) => Assert.Contains(expected, Assert.Throws<InvalidDataException>(() => ModelScript.Parse(json)).Message, StringComparison.Ordinal);

    [Fact]
    public void Parse_DamagedScripts_AreTakenOrRefusedWithAReason()
    {
        var (random, taken) = (new Random(11), 0);
        for (var i = 0; i < 5_000; i++)
        {
            try
            {
                Assert.NotEmpty(ModelScript.Parse(Damaged(Script, random)).Turns);
                taken++;
            }
            catch (InvalidDataException e)
            {
                Assert.NotEmpty(e.Message);
            }
        }
        Assert.InRange(taken, 100, 4_900);
    }

    [Fact]
    public async Task Both_DamagedRequests_AreAnsweredOrRefusedInTheProvidersShape()
    {
        var random = new Random(12);
        using StandInClient openAi = OpenAi(), anthropic = Anthropic();
        JsonArray messages = [Said("user", "checkout")];
        var (asked, said) = (OpenAiRequest(messages).ToJsonString(), AnthropicRequest(messages).ToJsonString());
        Dictionary<int, int> statuses = [];
        for (var i = 0; i < 1_000; i++)
        {
            foreach (var (client, path, body) in ((StandInClient, string, string)[])[(openAi, "/v1/chat/completions", Damaged(asked, random)), (anthropic, "/v1/messages", Damaged(said, random))])
            {
                var (status, type, answer, _) = await client.Send(HttpMethod.Post, path, body);
                statuses[status] = statuses.GetValueOrDefault(status) + 1;
                if (status != 200) Assert.Equal(("application/json", true), (type, JsonNode.Parse(answer)!["error"]!["message"] is not null));
            }
        }
        Assert.Equal([200, 400, 404], statuses.Keys.Order());
    }

    /// <summary>With some characters changed, gone or doubled.</summary>
    private static string Damaged(string text, Random random)
    {
        const string Marks = "{}[]\",:01-x\\ \u00e9";
        for (var n = random.Next(1, 4); n > 0; n--)
        {
            var at = random.Next(text.Length);
            text = random.Next(3) switch
            {
                0 => text.Remove(at, Math.Min(random.Next(1, 6), text.Length - at)),
                1 => text.Insert(at, text.Substring(at, Math.Min(random.Next(1, 30), text.Length - at))),
                _ => text.Remove(at, 1).Insert(at, Marks[random.Next(Marks.Length)].ToString()),
            };
        }
        return text;
    }

    private StandInClient OpenAi() => new(_openAi, ("Authorization", "Bearer stand-in-key"));

    private StandInClient Anthropic() => new(_anthropic, ("x-api-key", "stand-in-key"), ("anthropic-version", "2023-06-01"));

    private static JsonObject Said(string role, string text) => new() { ["role"] = role, ["content"] = text };

    private static JsonObject OpenAiRequest(JsonArray messages) => new()
    {
        ["model"] = "scripted-1",
        ["messages"] = messages.DeepClone(),
        ["tools"] = new JsonArray([.. new[] { "logs", "pod" }.Select(n => new JsonObject { ["type"] = "function", ["function"] = new JsonObject { ["name"] = n, ["parameters"] = new JsonObject { ["type"] = "object" } } })]),
    };

    private static JsonObject AnthropicRequest(JsonArray messages) => new()
    {
        ["model"] = "scripted-1",
        ["max_tokens"] = 100,
        ["messages"] = messages.DeepClone(),
        ["tools"] = new JsonArray([.. new[] { "logs", "pod" }.Select(n => new JsonObject { ["name"] = n, ["input_schema"] = new JsonObject { ["type"] = "object" } })]),
    };
}
