using System.CommandLine;
using Copilot.Core.Evidence;
using Copilot.UseCases;

namespace Copilot.Cli;

/// <summary><c>copilot policy diff</c></summary>
internal static class PolicyDiffCommand
{
    public static Command Create(CommandLine cli)
    {
        var old = new Argument<string>("OLD") { Description = "The version before: a policy, a directory of policies, or none for a policy that is new" };
        var @new = new Argument<string>("NEW") { Description = "The version after" };
        var format = new Option<string>("--format") { HelpName = "text|json", DefaultValueFactory = _ => "text", Description = "How to show it" };
        format.AcceptOnlyFromAmong("text", "json");
        var command = new Command("diff", "Show everything that two versions of a policy decide differently; exit code 1 when something is looser and nobody acknowledged it.") { old, @new, format };
        command.SetAction((parsed, cancellation) => cli.Act(parsed, cancellation, async (mediator, _) =>
        {
            var compared = await mediator.Send(new ComparePolicies(parsed.GetValue(old)!, parsed.GetValue(@new)!), cancellation);
            var output = parsed.InvocationConfiguration.Output;
            if (parsed.GetValue(format) == "json") output.Write(PolicyDiffView.Json(compared));
            else foreach (var (indent, line) in PolicyDiffView.Lines(compared)) output.WriteLine(new string(' ', indent) + PlainText.Clean(line));
            return compared.All(c => c.Ok) ? ExitCode.Done : ExitCode.Failed;
        }));
        return command;
    }
}
