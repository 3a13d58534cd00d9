using System.CommandLine;
using Copilot.Core.Evidence;
using Copilot.Core.Policy;
using Copilot.UseCases;

namespace Copilot.Cli;

/// <summary><c>copilot policy check | test | explain | diff | simulate | activate | active | show</c></summary>
internal static class PolicyCommand
{
    public static Command Create(CommandLine cli)
    {
        var command = new Command("policy", "Check policies, ask what they say about an action, and have people put one in force.") { Check(cli), PolicyTestCommand.Create(cli), Explain(cli), PolicyDiffCommand.Create(cli), PolicySimulateCommand.Create(cli) };
        foreach (var verb in PolicyActivateCommand.Create(cli)) command.Add(verb);
        return command;
    }

    private static Command Check(CommandLine cli)
    {
        var paths = new Argument<string[]>("FILE") { Arity = ArgumentArity.OneOrMore, Description = "Policy files, or directories with .yaml and .yml files in them" };
        var command = new Command("check", "Say whether policies can be used, or all that is wrong with them.") { paths };
        command.SetAction((parsed, cancellation) => cli.Act(parsed, cancellation, async (mediator, _) =>
        {
            var output = parsed.InvocationConfiguration.Output;
            var policies = await mediator.Send(new CheckPolicies(parsed.GetValue(paths)!), cancellation);
            foreach (var policy in policies)
            {
                foreach (var fault in policy.Faults) output.WriteLine(PlainText.Clean(fault));
                foreach (var warning in policy.Warnings) output.WriteLine(PlainText.Clean($"warning: {warning}"));
                if (policy.Policy is { } p) output.WriteLine(PlainText.Clean($"{policy.File}: ok, {p.Name} version {p.Version}, {p.Rules.Count} rules, {p.Digest}"));
                else output.WriteLine(PlainText.Clean($"{policy.File}: broken, {policy.Faults.Count} {(policy.Faults.Count == 1 ? "fault" : "faults")}"));
            }
            var ok = policies.Count(p => p.Policy is not null);
            output.WriteLine($"{policies.Count} {(policies.Count == 1 ? "file" : "files")}, {ok} ok, {policies.Count - ok} broken");
            return ok == policies.Count ? ExitCode.Done : ExitCode.Failed;
        }));
        return command;
    }

    private static Command Explain(CommandLine cli)
    {
        var file = new Argument<string>("FILE") { Description = "A policy" };
        var facts = new Option<string?>("--facts") { HelpName = "FILE", Description = "The facts of the action, in YAML or JSON; what is left out is unknown" };
        var now = new Option<string?>("--now") { HelpName = "TIME", Description = "The time of the decision, such as 2026-11-27T09:30:00Z (default: that of the facts, else the present)" };
        var format = new Option<string>("--format") { HelpName = "text|json", DefaultValueFactory = _ => "text", Description = "How to show it" };
        format.AcceptOnlyFromAmong("text", "json");
        var single = Singles.ToDictionary(s => s.Fact, s => new Option<string?>(s.Option) { HelpName = s.Value, Description = s.Says });
        var labels = new Option<string[]>("--label") { HelpName = "KEY=VALUE", Description = "A label of the target; those given are taken for all it has" };
        var model = new Option<string[]>("--stated-by-model") { HelpName = "FACT", Description = $"A fact that only a model states and that so counts as unknown: {string.Join(", ", PolicyFactNames.All)}" };
        var command = new Command("explain", "Show what a policy says about an action, why, and what would change it.") { file, facts, now, format };
        foreach (var option in single.Values) command.Add(option);
        command.Add(labels);
        command.Add(model);
        command.SetAction((parsed, cancellation) => cli.Act(parsed, cancellation, async (mediator, _) =>
        {
            var values = single.Where(s => parsed.GetValue(s.Value) is not null).ToDictionary(s => s.Key, s => parsed.GetValue(s.Value)!);
            foreach (var label in parsed.GetValue(labels) ?? [])
            {
                var sign = label.IndexOf('=');
                if (sign <= 0) throw new BadInputException($"{label} is no label. Write --label KEY=VALUE.");
                values[$"target.labels.{label[..sign]}"] = label[(sign + 1)..];
            }
            var decision = await mediator.Send(new ExplainPolicy(parsed.GetValue(file)!, parsed.GetValue(facts), new GivenFacts { Values = values, StatedByModel = parsed.GetValue(model) ?? [] }, parsed.GetValue(now)), cancellation);
            var output = parsed.InvocationConfiguration.Output;
            if (parsed.GetValue(format) == "json") output.Write(PolicyDecisionJson.Write(decision));
            else foreach (var line in DecisionView.Lines(decision)) output.WriteLine(line);
            return ExitCode.Done;
        }));
        return command;
    }

    private static readonly (string Option, string Fact, string Value, string Says)[] Singles =
    [
        ("--kind", "kind", "KIND", "The action kind, such as k8s.rollout.undo"),
        ("--environment", "environment", "NAME", "As the policy declares it"),
        ("--severity", "severity", "NAME", "Of the incident, such as sev2"),
        ("--cluster", "cluster", "NAME", "Where it would happen"),
        ("--requester", "requester", "human|agent|service", "Who asks"),
        ("--namespace", "target.namespace", "NAME", "The target's namespace"),
        ("--target-kind", "target.kind", "KIND", "The target's kind, such as Deployment"),
        ("--name", "target.name", "NAME", "The target's name"),
        ("--services", "blast_radius.services", "N", "How many services it reaches"),
        ("--replicas", "blast_radius.replicas", "N", "How many replicas it reaches"),
        ("--confidence", "evidence.confidence", "0..1", "Of the diagnosis it rests on"),
        ("--sources", "evidence.independent_sources", "N", "How many independent sources bear it out"),
        ("--freshest", "evidence.freshest_s", "SECONDS", "The age of the youngest evidence"),
        ("--source", "read.source", "SOURCE", "Of a read: what it reads, such as logs"),
        ("--tenant", "read.tenant", "NAME", "Of a read: whose data"),
        ("--rows", "read.rows", "N", "Of a read: how many records it may return"),
        ("--range", "read.range_s", "SECONDS", "Of a read: how much time it spans"),
        ("--mebibytes", "read.mebibytes", "N", "Of a read: how much the source has to go through"),
        ("--loosens", "change.loosens", "yes|no", "Of a change of the copilot: whether it allows more than before"),
    ];
}
