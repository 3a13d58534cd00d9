using System.ClientModel;
using System.ClientModel.Primitives;
using System.Text.Json;
using Anthropic;
using Anthropic.Exceptions;
using Copilot.Simulator.StandIns;
using Copilot.Simulator.StandIns.Models;
using Microsoft.Extensions.AI;
using OpenAI;
using OpenAI.Chat;
using Xunit;
using ChatMessage = Microsoft.Extensions.AI.ChatMessage;

namespace Copilot.EndToEnd.StandIns.Models;

/// <summary>The providers' own client packages talk to the model servers, and take what they say for the real thing.</summary>
public sealed class ModelPeerTests : IAsyncLifetime
{
    private const string Key = "stand-in-key";
    private const string Model = "scripted-1";

    private const string Script = """
        {"turns": [
          {"text": "I look at the logs of it.", "tool_calls": [{"name": "logs", "arguments": {"service": "checkout", "limit": 5}}, {"name": "pod", "arguments": {}}]},
          {"expect": {"last": "tool_result", "contains": "cart"}, "text": "It is the cart: «größer» 🛒, and more than one piece of a stream."}
        ]}
        """;

    private const string Second = "It is the cart: «größer» 🛒, and more than one piece of a stream.";

    private static readonly JsonElement Schema = JsonDocument.Parse("""{"type":"object","properties":{"service":{"type":"string"}}}""").RootElement;

    private StandInServer _openAi = null!;
    private StandInServer _anthropic = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var script = ModelScript.Parse(Script);
        _openAi = await OpenAiStandIn.Start(script, cancellation: Cancellation);
        _anthropic = await AnthropicStandIn.Start(script, cancellation: Cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        await _openAi.DisposeAsync();
        await _anthropic.DisposeAsync();
    }

    [Fact]
    public async Task OpenAiPackage_Conversation_SeesCallsUsageAndTheEnd()
    {
        var client = OpenAi();
        List<OpenAI.Chat.ChatMessage> messages = [new UserChatMessage("what ails checkout?")];

        var first = (await client.CompleteChatAsync(messages, Tools(), Cancellation)).Value;
        messages.Add(new AssistantChatMessage(first));
        messages.AddRange(first.ToolCalls.Select(c => new ToolChatMessage(c.Id, "cart-1")));
        var second = (await client.CompleteChatAsync(messages, Tools(), Cancellation)).Value;

        Assert.Equal(OpenAI.Chat.ChatFinishReason.ToolCalls, first.FinishReason);
        Assert.Equal([("logs", """{"service":"checkout","limit":5}"""), ("pod", "{}")], first.ToolCalls.Select(c => (c.FunctionName, c.FunctionArguments.ToString())));
        Assert.Equal((OpenAI.Chat.ChatFinishReason.Stop, Second), (second.FinishReason, second.Content[0].Text));
        Assert.True(first.Usage.TotalTokenCount == first.Usage.InputTokenCount + first.Usage.OutputTokenCount && first.Usage.OutputTokenCount > 0);
        Assert.Equal(Model, second.Model);
    }

    [Fact]
    public async Task OpenAiPackage_Stream_AddsUp()
    {
        var (text, arguments, names, reason, usage) = ("", "", new List<string>(), (OpenAI.Chat.ChatFinishReason?)null, 0);
        await foreach (var update in OpenAi().CompleteChatStreamingAsync([new UserChatMessage("checkout")], Tools(), Cancellation))
        {
            text += string.Concat(update.ContentUpdate.Select(c => c.Text));
            foreach (var call in update.ToolCallUpdates)
            {
                if (call.FunctionName is { Length: > 0 } name) names.Add(name);
                if (call.Index == 0) arguments += call.FunctionArgumentsUpdate?.ToString();
            }
            reason = update.FinishReason ?? reason;
            usage += update.Usage?.TotalTokenCount ?? 0;
        }

        Assert.Equal(("I look at the logs of it.", """{"service":"checkout","limit":5}"""), (text, arguments));
        Assert.Equal(["logs", "pod"], names);
        Assert.Equal(OpenAI.Chat.ChatFinishReason.ToolCalls, reason);
        Assert.True(usage > 0);
    }

    [Fact]
    public async Task OpenAiPackage_Errors_AreTheProvidersOwn()
    {
        var noKey = await Assert.ThrowsAsync<ClientResultException>(() => OpenAi(key: "other").CompleteChatAsync([new UserChatMessage("checkout")], Tools(), Cancellation));
        var noModel = await Assert.ThrowsAsync<ClientResultException>(() => OpenAi(model: "gpt-none").CompleteChatAsync([new UserChatMessage("checkout")], Tools(), Cancellation));
        _openAi.Faults.Add(new InjectedFault.Status(429), times: 4);
        var limited = await Assert.ThrowsAsync<ClientResultException>(() => OpenAi().CompleteChatAsync([new UserChatMessage("checkout")], Tools(), Cancellation));

        Assert.Equal((401, true), (noKey.Status, noKey.Message.Contains("invalid_api_key", StringComparison.Ordinal)));
        Assert.Equal((404, true), (noModel.Status, noModel.Message.Contains("model_not_found", StringComparison.Ordinal)));
        Assert.Equal((429, true), (limited.Status, limited.Message.Contains("rate_limit_exceeded", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task OpenAiPackage_FaultsThatPass_AreRetriedToTheEnd()
    {
        _openAi.Faults.Add(new InjectedFault.Status(429, 1));
        _openAi.Faults.Add(new InjectedFault.Status(500));
        _openAi.Faults.Add(new InjectedFault.CutBefore());

        var answer = (await OpenAi().CompleteChatAsync([new UserChatMessage("checkout")], Tools(), Cancellation)).Value;

        Assert.Equal(2, answer.ToolCalls.Count);
        Assert.Equal([429, 500, 0, 200], _openAi.Wire.Entries.Select(e => e.Status));
    }

    [Fact]
    public async Task AnthropicPackage_Conversation_SeesCallsUsageAndTheEnd()
    {
        var client = Claude();
        List<ChatMessage> messages = [new(ChatRole.User, "what ails checkout?")];

        var first = await client.GetResponseAsync(messages, Options(), Cancellation);
        messages.AddMessages(first);
        var calls = first.Messages.SelectMany(m => m.Contents).OfType<FunctionCallContent>().ToList();
        messages.Add(new(ChatRole.Tool, [.. calls.Select(c => new FunctionResultContent(c.CallId, "cart-1"))]));
        var second = await client.GetResponseAsync(messages, Options(), Cancellation);

        Assert.Equal((Microsoft.Extensions.AI.ChatFinishReason.ToolCalls, "I look at the logs of it."), (first.FinishReason, first.Text));
        Assert.Equal(["logs", "pod"], calls.Select(c => c.Name));
        Assert.Equal("checkout", calls[0].Arguments!["service"]!.ToString());
        Assert.Equal((Microsoft.Extensions.AI.ChatFinishReason.Stop, Second), (second.FinishReason, second.Text));
        Assert.True(first.Usage!.InputTokenCount > 0 && first.Usage.OutputTokenCount > 0);
    }

    [Fact]
    public async Task AnthropicPackage_Stream_AddsUp()
    {
        List<ChatResponseUpdate> updates = [];
        await foreach (var update in Claude().GetStreamingResponseAsync([new(ChatRole.User, "checkout")], Options(), Cancellation)) updates.Add(update);
        var whole = updates.ToChatResponse();

        Assert.True(updates.Count > 4);
        Assert.Equal("I look at the logs of it.", whole.Text);
        var calls = whole.Messages.SelectMany(m => m.Contents).OfType<FunctionCallContent>().ToList();
        Assert.Equal([("logs", "checkout"), ("pod", null)], calls.Select(c => (c.Name, c.Arguments!.TryGetValue("service", out var service) ? service?.ToString() : null)));
        Assert.Equal(Microsoft.Extensions.AI.ChatFinishReason.ToolCalls, whole.FinishReason);
    }

    [Fact]
    public async Task AnthropicPackage_Errors_AreTheProvidersOwn()
    {
        List<ChatMessage> messages = [new(ChatRole.User, "checkout")];
        await Assert.ThrowsAsync<AnthropicUnauthorizedException>(() => Claude(key: "other").GetResponseAsync(messages, Options(), Cancellation));
        await Assert.ThrowsAsync<AnthropicNotFoundException>(() => Claude(model: "claude-none").GetResponseAsync(messages, Options(), Cancellation));
        _anthropic.Faults.Add(new InjectedFault.Status(429), times: 3);
        await Assert.ThrowsAsync<AnthropicRateLimitException>(() => Claude().GetResponseAsync(messages, Options(), Cancellation));
    }

    [Fact]
    public async Task AnthropicPackage_FaultsThatPass_AreRetriedToTheEnd()
    {
        _anthropic.Faults.Add(new InjectedFault.Status(529));
        _anthropic.Faults.Add(new InjectedFault.CutBefore());

        var answer = await Claude().GetResponseAsync([new(ChatRole.User, "checkout")], Options(), Cancellation);

        Assert.Equal("I look at the logs of it.", answer.Text);
        Assert.Equal([529, 0, 200], _anthropic.Wire.Entries.Select(e => e.Status));
    }

    private ChatClient OpenAi(string key = Key, string model = Model) =>
        new(model, new ApiKeyCredential(key), new OpenAIClientOptions { Endpoint = new Uri(_openAi.Address, "v1"), RetryPolicy = new ClientRetryPolicy(3) });

    private static ChatCompletionOptions Tools()
    {
        var options = new ChatCompletionOptions();
        foreach (var name in (string[])["logs", "pod"]) options.Tools.Add(ChatTool.CreateFunctionTool(name, "reads", BinaryData.FromString(Schema.GetRawText())));
        return options;
    }

    private IChatClient Claude(string key = Key, string model = Model) =>
        new AnthropicClient { ApiKey = key, BaseUrl = _anthropic.Address.ToString().TrimEnd('/'), MaxRetries = 2 }.AsIChatClient(model, 100);

    private static ChatOptions Options() => new() { Tools = [.. new[] { "logs", "pod" }.Select(n => AIFunctionFactory.CreateDeclaration(n, "reads", Schema))] };
}
