using System.Text.Json;
using System.Text.Json.Nodes;
using Copilot.Core.Policy;
using Copilot.UseCases;

namespace Copilot.Cli;

/// <summary>What became of the tests of policies, for programs.</summary>
internal static class PolicyTestJson
{
    public static string Write(PolicyTestReport report) => ReadableJson.Write(new JsonObject
    {
        ["ok"] = report.Ok,
        ["passed"] = report.Passed,
        ["failed"] = report.Failed,
        ["rules"] = Count(report.RulesCovered, report.Rules),
        ["conditions"] = Count(report.ConditionsCovered, report.Conditions),
        ["policies"] = Array(report.Policies, Policy),
    });

    private static JsonObject Policy(TestedPolicy policy) => new()
    {
        ["policy"] = policy.PolicyFile,
        ["tests"] = policy.TestsFile,
        ["faults"] = Array(policy.Faults, f => JsonValue.Create(f)),
        ["cases"] = Array(policy.Result?.Cases ?? [], Case),
        ["invariants"] = Array(policy.Result?.Invariants ?? [], Invariant),
        ["not_covered"] = Array(policy.Result is { } result ? PolicyTestView.Uncovered(result.Coverage) : [], u => new JsonObject { ["line"] = u.Line, ["what"] = u.Words }),
    };

    private static JsonObject Case(PolicyCaseResult result) => new()
    {
        ["name"] = result.Case.Name,
        ["line"] = result.Case.Line,
        ["passed"] = result.Passed,
        ["differences"] = Array(result.Differences, d => new JsonObject { ["what"] = d.What, ["expected"] = d.Expected, ["got"] = d.Got }),
        ["decision"] = JsonNode.Parse(PolicyDecisionJson.Write(result.Decision)),
    };

    private static JsonObject Invariant(PolicyInvariantResult result) => new()
    {
        ["name"] = result.Invariant.Name,
        ["line"] = result.Invariant.Line,
        ["holds"] = result.Holds,
        ["unproven"] = result.Unproven,
        ["counterexample"] = result.Counterexample is { } example ? new JsonObject { ["facts"] = JsonSerializer.SerializeToNode(example.Facts.ToMap()), ["says"] = example.Says } : null,
    };

    private static JsonObject Count(int covered, int all) => new() { ["covered"] = covered, ["all"] = all };

    private static JsonArray Array<T>(IEnumerable<T> items, Func<T, JsonNode?> write) => [.. items.Select(write)];
}
