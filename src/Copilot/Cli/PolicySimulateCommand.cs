using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Copilot.Core.Evidence;
using Copilot.Core.Policy.Regions;
using Copilot.UseCases;

namespace Copilot.Cli;

/// <summary><c>copilot policy simulate</c></summary>
internal static class PolicySimulateCommand
{
    private const int MostExamples = 3;

    public static Command Create(CommandLine cli)
    {
        var paths = new Argument<string[]>("FILE_OR_DIR") { Arity = ArgumentArity.ZeroOrMore, Description = "Policies, or directories of them (default: what the policy in Copilot:Policy:Shadow said at the time)" };
        var bundle = new Option<string?>("--bundle") { HelpName = "FILE", Description = "Receipts that were exported (default: those in the data folder)" };
        var format = new Option<string>("--format") { HelpName = "text|json", DefaultValueFactory = _ => "text", Description = "How to show it" };
        format.AcceptOnlyFromAmong("text", "json");
        var command = new Command("simulate", "Decide once more everything that was ever decided, by other policies, and show what would come out otherwise.") { paths, bundle, format };
        command.SetAction((parsed, cancellation) => cli.Act(parsed, cancellation, async (mediator, _) =>
        {
            var simulated = await mediator.Send(new SimulatePolicies(parsed.GetValue(paths)!, parsed.GetValue(bundle)), cancellation);
            var output = parsed.InvocationConfiguration.Output;
            if (parsed.GetValue(format) == "json") output.Write(Json(simulated));
            else foreach (var (indent, line) in Lines(simulated)) output.WriteLine(new string(' ', indent) + PlainText.Clean(line));
            return simulated.Policies.All(p => p.Faults.Count == 0) ? ExitCode.Done : ExitCode.Failed;
        }));
        return command;
    }

    private static IEnumerable<(int Indent, string Line)> Lines(SimulatedPolicies simulated)
    {
        foreach (var policy in simulated.Policies)
        {
            foreach (var fault in policy.Faults) yield return (0, fault);
            if (policy.Faults.Count > 0) continue;
            foreach (var change in policy.Changes.GroupBy(c => c.Change).OrderByDescending(c => c.Key.Direction))
            {
                yield return (0, $"{Direction(change.Key)}  {change.Key.Before.Words}  ->  {change.Key.After.Words}, {Times(change.Count())}");
                foreach (var example in change.Take(MostExamples)) yield return (8, $"receipt {example.Recorded.Seq}, {example.Recorded.Stream}: {example.Recorded.Says.Facts.GetValueOrDefault("kind")} {example.Recorded.Subject}");
            }
            var effects = policy.Changes.Count(c => c.EffectOnly);
            yield return (0, $"{policy.Policy}: {policy.Decided} decisions, {policy.Changes.Count(c => c.Change.Direction == ChangeDirection.Looser)} looser, {policy.Changes.Count(c => c.Change.Direction == ChangeDirection.Tighter)} tighter, {policy.Decided - policy.Changes.Count} the same{(policy.EffectsOnly ? "; only effects are compared, and not who is asked" : effects > 0 ? $"; of {effects} changes only the effect is known" : "")}");
        }
        if (simulated.Policies.Count == 0) yield return (0, "No policy was tried out so far. Name one, or set Copilot:Policy:Shadow to one.");
        if (simulated.Unusable > 0) yield return (0, $"{simulated.Unusable} further decisions cannot be made again: a secret was taken out of their facts, or this version does not know what they speak of.");
        if (simulated.Decisions == 0) yield return (0, "Nothing was decided so far: there are no receipts of decisions.");
    }

    private static string Json(SimulatedPolicies simulated) => ReadableJson.Write(new JsonObject
    {
        ["decisions"] = simulated.Decisions,
        ["unusable"] = simulated.Unusable,
        ["policies"] = new JsonArray([.. simulated.Policies.Select(p => new JsonObject
        {
            ["policy"] = p.Policy,
            ["decided"] = p.Decided,
            ["changes"] = new JsonArray([.. p.Changes.Select(c => new JsonObject
            {
                ["direction"] = Direction(c.Change),
                ["before"] = c.Change.Before.Words,
                ["after"] = c.Change.After.Words,
                ["effect_only"] = c.EffectOnly,
                ["receipt"] = c.Recorded.Seq,
                ["stream"] = c.Recorded.Stream,
                ["facts"] = JsonSerializer.SerializeToNode(c.Recorded.Says.Facts),
            })]),
            ["faults"] = new JsonArray([.. p.Faults.Select(f => JsonValue.Create(f))]),
        })]),
    });

    private static string Direction(PolicyChange change) => change.Direction == ChangeDirection.Looser ? "looser" : "tighter";

    private static string Times(int count) => count == 1 ? "once" : $"{count} times";
}
