using System.Globalization;
using System.Reflection;
using System.Text.Json.Nodes;
using Copilot.Core.Evidence;
using Copilot.UseCases;

namespace Copilot.Cli;

/// <summary>What failed, what no case covers and which files cannot be used, with file and line, in the Static Analysis Results Interchange Format 2.1.0 (OASIS, 2020).</summary>
internal static class PolicyTestSarif
{
    private const string Failed = "policy-test-failed";
    private const string Uncovered = "policy-not-covered";
    private const string Untested = "policy-without-tests";
    private const string Broken = "policy-file-broken";

    private static readonly (string Id, string Says, string Level)[] Rules =
    [
        (Failed, "A policy does not decide a case as its tests expect, or an invariant does not hold.", "error"),
        (Uncovered, "No case covers a rule or a condition of a policy.", "warning"),
        (Untested, "A policy has no tests.", "warning"),
        (Broken, "A policy or its tests cannot be used.", "error"),
    ];

    public static string Write(PolicyTestReport report) => ReadableJson.Write(new JsonObject
    {
        ["$schema"] = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        ["version"] = "2.1.0",
        ["runs"] = new JsonArray(new JsonObject
        {
            ["tool"] = new JsonObject
            {
                ["driver"] = new JsonObject
                {
                    ["name"] = "copilot policy test",
                    ["version"] = Assembly.GetExecutingAssembly().GetName().Version!.ToString(3),
                    ["rules"] = new JsonArray([.. Rules.Select(r => new JsonObject { ["id"] = r.Id, ["shortDescription"] = Text(r.Says), ["defaultConfiguration"] = new JsonObject { ["level"] = r.Level } })]),
                },
            },
            ["results"] = new JsonArray([.. report.Policies.SelectMany(Results)]),
        }),
    });

    private static IEnumerable<JsonObject> Results(TestedPolicy policy)
    {
        foreach (var fault in policy.Faults) yield return Faulty(policy, fault);
        if (policy.Result is not { } result) yield break;
        if (policy.TestsFile is not { } tests)
        {
            yield return Result(Untested, $"{policy.PolicyFile}: {PolicyTestView.NoTests(policy)}.", policy.PolicyFile, 1);
            yield break;
        }
        foreach (var failed in result.Cases.Where(c => !c.Passed)) yield return Result(Failed, $"{PolicyTestView.Failure(failed)}. The decision: {DecisionView.Line(failed.Decision)}.", tests, failed.Case.Line);
        foreach (var broken in result.Invariants.Where(i => !i.Holds)) yield return Result(Failed, $"{PolicyTestView.Failure(broken)}.", tests, broken.Invariant.Line);
        foreach (var (line, words) in PolicyTestView.Uncovered(result.Coverage)) yield return Result(Uncovered, $"{words}.", policy.PolicyFile, line);
    }

    /// <summary>Faults come as <c>file:line: what. remedy</c>.</summary>
    private static JsonObject Faulty(TestedPolicy policy, string fault)
    {
        foreach (var file in new[] { policy.TestsFile, policy.PolicyFile }.OfType<string>())
        {
            var rest = fault.StartsWith($"{file}:", StringComparison.Ordinal) ? fault[(file.Length + 1)..] : "";
            var end = rest.IndexOf(": ", StringComparison.Ordinal);
            if (end > 0 && int.TryParse(rest.AsSpan(0, end), NumberStyles.None, CultureInfo.InvariantCulture, out var line)) return Result(Broken, rest[(end + 2)..], file, line);
        }
        return Result(Broken, fault, policy.TestsFile ?? policy.PolicyFile, 1);
    }

    private static JsonObject Result(string rule, string message, string file, int line) => new()
    {
        ["ruleId"] = rule,
        ["ruleIndex"] = Array.FindIndex(Rules, r => r.Id == rule),
        ["level"] = Array.Find(Rules, r => r.Id == rule).Level,
        ["message"] = Text(PlainText.Clean(message)),
        ["locations"] = new JsonArray(new JsonObject
        {
            ["physicalLocation"] = new JsonObject { ["artifactLocation"] = new JsonObject { ["uri"] = Address(file) }, ["region"] = new JsonObject { ["startLine"] = line } },
        }),
    };

    /// <summary>Relative names stay relative: whoever shows the results knows the repository they belong to.</summary>
    private static string Address(string file) => Path.IsPathRooted(file) ? new Uri(file).AbsoluteUri : string.Join('/', file.Split(Path.DirectorySeparatorChar).Where(p => p is not ("." or "")).Select(Uri.EscapeDataString));

    private static JsonObject Text(string text) => new() { ["text"] = text };
}
