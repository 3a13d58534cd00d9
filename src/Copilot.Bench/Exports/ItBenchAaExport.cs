using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Copilot.Bench.Runs;
using Copilot.Engine.Yaml;

namespace Copilot.Bench.Exports;

/// <summary>What was written.</summary>
/// <param name="Answers">Submission files; a missing answer has none, and scores 0 there as here.</param>
/// <param name="Remarks">Where the run is not what the benchmark asks for.</param>
public sealed record ExportedAnswers(string Engine, int Cases, int Answers, IReadOnlyList<string> Remarks);

/// <summary>
/// Writes the answers of a run as ITBench-AA takes them: <c>CASE/TRIAL/agent_output.json</c> with <c>contributing_factors</c>, the layout that the public
/// evaluator reads (itbench-hub/ITBench-SRE-Agent, README, "Evaluate Agent Output"), the trajectory beside each, and <c>manifest.json</c> over all.
/// </summary>
public static class ItBenchAaExport
{
    /// <summary>Attempts at each task that the benchmark averages over.</summary>
    public const int Repeats = 3;

    /// <summary>Turns after which the benchmark ends an attempt.</summary>
    public const int MostTurns = 100;

    private const string Output = "agent_output.json";
    private const string Trajectory = "trajectory.jsonl";

    private static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, WriteIndented = true, NewLine = "\n" };

    /// <param name="engine">Whose answers; null for the only engine of the run.</param>
    /// <param name="directory">An empty folder, or one that does not exist.</param>
    /// <exception cref="FileFaultException">The run is not complete, or has no such engine.</exception>
    public static ExportedAnswers Write(RunFolder run, string? engine, string directory)
    {
        var plan = run.Plan;
        if (engine is null) engine = plan.Engines is [var only] ? only : throw new FileFaultException($"The run has the engines {string.Join(", ", plan.Engines)}. Name one of them with --engine.");
        else if (!plan.Engines.Contains(engine)) throw new FileFaultException($"The run has no engine {engine}. It has {string.Join(", ", plan.Engines)}.");
        var results = (from suite in plan.Suites
                       from c in suite.Cases
                       from repeat in Enumerable.Range(1, plan.Repeats)
                       select run.Result(engine, c.Id, repeat) is { Outcome: not Outcome.Infrastructure } result ? result
                           : throw new FileFaultException($"{run.Root} has no result of {engine} on {c.Id}, attempt {repeat}. Go on with the run first: a submission is whole.")).ToList();
        var remarks = new List<string>();
        if (plan.Repeats != Repeats) remarks.Add($"the benchmark takes {Repeats} attempts at each task, and the run has {plan.Repeats}");
        if (results.Count(r => TurnsOf(r) > MostTurns) is > 0 and var over) remarks.Add($"{over} attempts took more than the {MostTurns} turns that the benchmark allows: their answers are left out, as they would have been cut off");
        foreach (var result in results) Write(result, Path.Combine(directory, result.Case, result.Repeat.ToString(CultureInfo.InvariantCulture)));
        Directory.CreateDirectory(directory);
        File.WriteAllText(Path.Combine(directory, "manifest.json"), Manifest(plan, engine, results).ToJsonString(Readable) + "\n");
        return new(engine, results.Select(r => r.Case).Distinct().Count(), results.Count(IsSubmitted), remarks);
    }

    private static void Write(RawResult result, string folder)
    {
        Directory.CreateDirectory(folder);
        if (IsSubmitted(result)) File.WriteAllText(Path.Combine(folder, Output), Answer(result).ToJsonString(Readable) + "\n");
        File.WriteAllLines(Path.Combine(folder, Trajectory), result.Receipts);
    }

    private static JsonObject Answer(RawResult result)
    {
        var factors = result.Answer!.Diagnosis?.ContributingFactors.ToDictionary(f => f.Name);
        return new()
        {
            ["contributing_factors"] = new JsonArray([.. result.Answer.Causes.Select(c => (JsonNode)new JsonObject
            {
                ["name"] = c.Name,
                ["reasoning"] = factors?.GetValueOrDefault(c.Name)?.Reasoning ?? "",
                ["evidence"] = factors?.GetValueOrDefault(c.Name) is { } factor ? string.Join('\n', factor.Evidence.Select(e => $"{e.Address}: {e.Says}")) : "",
            })]),
        };
    }

    private static JsonObject Manifest(RunPlan plan, string engine, List<RawResult> results) => new()
    {
        ["benchmark"] = "ITBench-AA",
        ["engine"] = engine,
        ["build"] = plan.Build,
        ["begun"] = plan.At.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture),
        ["repeats"] = plan.Repeats,
        ["turn_limit"] = MostTurns,
        ["turns_are"] = "model calls; of an engine without a model, readings of evidence",
        ["suites"] = new JsonArray([.. plan.Suites.Select(s => (JsonNode)new JsonObject { ["name"] = s.Name, ["version"] = s.Version, ["digest"] = s.Digest })]),
        ["attempts"] = new JsonArray([.. results.Select(r => (JsonNode)new JsonObject
        {
            ["case"] = r.Case, ["case_digest"] = r.CaseDigest, ["trial"] = r.Repeat, ["turns"] = TurnsOf(r), ["seconds"] = Math.Round(r.Seconds, 3), ["submitted"] = IsSubmitted(r), ["outcome"] = JsonNamingPolicy.SnakeCaseLower.ConvertName(r.Outcome.ToString()),
        })]),
    };

    private static bool IsSubmitted(RawResult result) => result.Outcome == Outcome.Answered && TurnsOf(result) <= MostTurns;

    /// <summary>Model calls; without a model the readings of evidence, which are what an agent would spend turns on.</summary>
    private static int TurnsOf(RawResult result) => result.Turns ?? result.Receipts.Count(r => r.Contains("\"type\":\"tool.intent\"", StringComparison.Ordinal));
}
