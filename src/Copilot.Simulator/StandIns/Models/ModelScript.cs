using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Copilot.Simulator.StandIns.Models;

/// <summary>What a scripted model says, turn by turn.</summary>
/// <remarks>
/// A document <c>{"turns": [{"expect": {"last": "message|tool_result", "contains": "…", "regex": "…"}, "text": "…", "stop": "end|length",
/// "tool_calls": [{"name": "…", "arguments": {…}}]}]}</c>. In arguments <c>{"$from": n, "pointer": "/a/0"}</c> stands for a part of the n-th tool result so far, from 0
/// and from the last when negative; the pointer is that of RFC 6901 and, when it is missing, the result is taken as text.
/// </remarks>
public sealed record ModelScript(IReadOnlyList<ModelTurn> Turns)
{
    /// <exception cref="InvalidDataException">It is no script; the message says which turn and why.</exception>
    public static ModelScript Parse(string json)
    {
        try
        {
            if (JsonNode.Parse(json, documentOptions: ModelRequests.Strict) is not JsonObject root || root["turns"] is not JsonArray { Count: > 0 } turns) throw new InvalidDataException("A script is an object with \"turns\", an array of at least one turn.");
            return new([.. turns.Select((turn, i) => ModelTurn.Of(turn, i + 1))]);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or ArgumentException)
        {
            throw new InvalidDataException($"The script cannot be used: {e.Message}", e);
        }
    }
}

/// <param name="Expectation">Null for any request.</param>
/// <param name="Text">Empty when the model only calls tools.</param>
/// <param name="CutShort">Whether the answer ends because it is too long.</param>
public sealed record ModelTurn(ModelExpectation? Expectation, string Text, IReadOnlyList<ScriptedCall> Calls, bool CutShort)
{
    internal static ModelTurn Of(JsonNode? node, int number)
    {
        if (node is not JsonObject turn) throw new InvalidDataException($"Turn {number} is no object.");
        if (turn.FirstOrDefault(m => m.Key is not ("expect" or "text" or "stop" or "tool_calls")).Key is { } unknown)
            throw new InvalidDataException($"Turn {number} has \"{unknown}\"; known are expect, text, stop and tool_calls.");
        var calls = (turn["tool_calls"] as JsonArray ?? []).Select(c => c is JsonObject call && call["name"]?.GetValue<string>() is { Length: > 0 } name
            ? new ScriptedCall(name, call["arguments"] as JsonObject ?? [])
            : throw new InvalidDataException($"A tool call of turn {number} has no name.")).ToList();
        var text = turn["text"]?.GetValue<string>() ?? "";
        if (text.Length == 0 && calls.Count == 0) throw new InvalidDataException($"Turn {number} answers nothing: give it text or tool_calls.");
        return new(ModelExpectation.Of(turn["expect"], number), text, calls, turn["stop"]?.GetValue<string>() == "length");
    }
}

/// <param name="Name">The tool.</param>
/// <param name="Arguments">With references to tool results in them.</param>
public sealed record ScriptedCall(string Name, JsonObject Arguments);

/// <summary>What the last message must be for a turn to be said.</summary>
/// <param name="Last">message, tool_result, or null for either.</param>
public sealed record ModelExpectation(string? Last, string? Contains, Regex? Pattern)
{
    internal static ModelExpectation? Of(JsonNode? node, int number)
    {
        if (node is null) return null;
        if (node is not JsonObject expect || expect.Any(m => m.Key is not ("last" or "contains" or "regex"))) throw new InvalidDataException($"\"expect\" of turn {number} is an object with last, contains or regex.");
        var last = expect["last"]?.GetValue<string>();
        if (last is not (null or "message" or "tool_result")) throw new InvalidDataException($"\"last\" of turn {number} is message or tool_result.");
        return new(last, expect["contains"]?.GetValue<string>(), expect["regex"]?.GetValue<string>() is { } pattern ? new Regex(pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant) : null);
    }

    /// <summary>Why the last message is not what was expected; null when it is.</summary>
    internal string? Unmet(ModelMessage last) =>
        Last is not null && Last == "tool_result" != last.IsToolResult ? $"expected a {Last} last, and it is a {(last.IsToolResult ? "tool_result" : "message")}"
        : Contains is not null && !last.Text.Contains(Contains, StringComparison.Ordinal) ? $"the last {(last.IsToolResult ? "tool result" : "message")} does not contain \"{Contains}\""
        : Pattern is not null && !Pattern.IsMatch(last.Text) ? $"the last {(last.IsToolResult ? "tool result" : "message")} does not match {Pattern}"
        : null;
}

/// <summary>A message as either API has it.</summary>
internal sealed record ModelMessage(string Role, string Text, bool IsToolResult);

/// <param name="Number">Of the turn, from 1: ids and times are made of it.</param>
internal sealed record ModelAnswer(int Number, string Text, IReadOnlyList<(string Name, string Arguments)> Calls, bool CutShort, int PromptTokens, int AnswerTokens);
