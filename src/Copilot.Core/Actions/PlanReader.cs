using System.Text.Json;
using System.Text.Json.Nodes;
using Copilot.Core.Receipts;

namespace Copilot.Core.Actions;

/// <summary>Reads a plan as <see cref="Plan.ToJson"/> writes it. Throws <see cref="FormatException"/> when it is not one, or names a kind that there is not.</summary>
public static class PlanReader
{
    public static Plan Read(JsonObject json)
    {
        Plan plan;
        try
        {
            plan = Parse(json);
        }
        catch (Exception e) when (e is InvalidOperationException or NullReferenceException or KeyNotFoundException or JsonException or ArgumentException)
        {
            throw new FormatException($"It is no plan: {e.Message}", e);
        }
        // What was not read would be lost without a word.
        return JsonNode.DeepEquals(plan.ToJson(), json) ? plan : throw new FormatException("It is no plan: it holds what a plan does not have.");
    }

    private static Plan Parse(JsonObject json) => new(
        Text(json, "incident"), Actor(json["requester"]!), json["on_behalf_of"] is { } behalf ? Actor(behalf) : null, Text(json, "runbook"), Text(json, "cause"),
        Items(json, "steps", Step), Items(json, "rollback", r => new RollbackStep(Text(r, "reverses"), Text(r, "does"), Map(r, "params"))),
        Items(json, "verify", v => new VerifyProbe(Text(v, "check"), Text(v, "subject"), Text(v, "expect"), TimeSpan.FromSeconds(v["soak_s"]!.GetValue<long>()))),
        [.. json["evidence"]!.AsArray().Select(e => e!.GetValue<string>())], Risk(json["risk"]!));

    private static PlanStep Step(JsonNode step)
    {
        var target = step["target"]!;
        return new(
            ActionKind.Find(Text(step, "kind")) ?? throw new FormatException($"There is no kind {Text(step, "kind")} of action."),
            new(Text(target, "cluster"), Text(target, "uid"), Text(target, "kind"), Text(target, "namespace"), Text(target, "name")), Map(step, "params"),
            Items(step, "preconditions", p => new WorldRead(Text(p, "read"), Text(p, "comparator"), Text(p, "expected"))), Text(step, "expected_effect"), Text(step, "idempotency_key"));
    }

    private static PlanRisk Risk(JsonNode risk) => new(Text(risk, "level"), risk["services"]!.GetValue<int>(), risk["replicas"]?.GetValue<int>(), risk["reversible"]!.GetValue<bool>());

    private static ReceiptActor Actor(JsonNode actor) => new(
        Text(actor, "kind") switch { "human" => ActorKind.Human, "agent" => ActorKind.Agent, "service" => ActorKind.Service, var other => throw new FormatException($"There is no kind {other} of actor.") },
        Text(actor, "id"), Text(actor, "assurance"));

    private static List<T> Items<T>(JsonNode json, string member, Func<JsonNode, T> read) => [.. json[member]!.AsArray().Select(i => read(i!))];

    private static Dictionary<string, string> Map(JsonNode json, string member) => json[member]!.AsObject().ToDictionary(m => m.Key, m => m.Value!.GetValue<string>(), StringComparer.Ordinal);

    private static string Text(JsonNode json, string member) => json[member]!.GetValue<string>();
}
