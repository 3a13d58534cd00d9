using System.Text.Json.Nodes;

namespace Copilot.Simulator.StandIns.Models;

/// <summary>Says the turns of a script. Which turn it is follows from how often the model has spoken in the conversation, so that a request that is sent again is answered again.</summary>
internal sealed class ScriptedModel(ModelScript script)
{
    /// <exception cref="RefusedRequestException">400: out of turns, or not what the turn expects.</exception>
    public ModelAnswer Answer(IReadOnlyList<ModelMessage> messages, IReadOnlySet<string> tools, int promptLength)
    {
        if (messages.Count == 0) throw Refused("messages: at least one message is required");
        var number = messages.Where((m, i) => m.Role == "assistant" && (i == 0 || messages[i - 1].Role != "assistant")).Count() + 1;
        if (number > script.Turns.Count) throw Refused($"turn {number}: the script has only {script.Turns.Count} turns");
        var turn = script.Turns[number - 1];
        if (messages[^1].Role == "assistant") throw Refused($"turn {number}: the last message is the model's own");
        if (turn.Expectation?.Unmet(messages[^1]) is { } unmet) throw Refused($"turn {number}: {unmet}");
        if (turn.Calls.FirstOrDefault(c => !tools.Contains(c.Name)) is { } unknown) throw Refused($"turn {number}: the script calls {unknown.Name}, which the request does not offer");
        var results = messages.Where(m => m.IsToolResult).Select(m => m.Text).ToList();
        var calls = turn.Calls.Select(c => (c.Name, Resolve(c.Arguments, results, number)!.ToJsonString(Answers.Plain))).ToList();
        return new(number, turn.Text, calls, turn.CutShort, Tokens(promptLength), Tokens(turn.Text.Length + calls.Sum(c => c.Name.Length + c.Item2.Length)));
    }

    /// <summary>About four characters a token: near enough for budgets, and not what a real tokenizer counts.</summary>
    public static int Tokens(int characters) => Math.Max(1, (characters + 3) / 4);

    private static JsonNode? Resolve(JsonNode? node, List<string> results, int number) => node switch
    {
        JsonObject reference when reference.ContainsKey("$from") => Referred(reference, results, number),
        JsonObject members => new JsonObject(members.Select(m => KeyValuePair.Create(m.Key, Resolve(m.Value, results, number)))),
        JsonArray items => new JsonArray([.. items.Select(i => Resolve(i, results, number))]),
        _ => node?.DeepClone(),
    };

    private static JsonNode? Referred(JsonObject reference, List<string> results, int number)
    {
        if (reference["$from"] is not JsonValue from || !from.TryGetValue(out int index)) throw Refused($"turn {number}: \"$from\" is the number of a tool result");
        if (index < 0) index += results.Count;
        if (index < 0 || index >= results.Count) throw Refused($"turn {number}: refers to tool result {reference["$from"]}, and there are {results.Count}");
        if (reference["pointer"] is not JsonValue text) return results[index];
        var pointer = text.ToString();
        try
        {
            var at = JsonNode.Parse(results[index], documentOptions: ModelRequests.Strict);
            foreach (var step in Answers.PointerSteps(pointer))
                at = at switch { JsonObject o when o.ContainsKey(step) => o[step], JsonArray a when int.TryParse(step, out var i) && i >= 0 && i < a.Count => a[i], _ => throw Refused($"turn {number}: tool result {index} has nothing at {pointer}") };
            return at?.DeepClone();
        }
        catch (System.Text.Json.JsonException)
        {
            throw Refused($"turn {number}: tool result {index} is no JSON, so {pointer} points to nothing");
        }
    }

    private static RefusedRequestException Refused(string message) => new(400, message, "invalid_request_error");
}
