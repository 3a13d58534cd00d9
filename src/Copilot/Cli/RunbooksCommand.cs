using System.CommandLine;
using Copilot.Core.Actions;
using Copilot.Core.Evidence;
using Copilot.UseCases;

namespace Copilot.Cli;

/// <summary><c>copilot runbooks list | show | check | search</c></summary>
internal static class RunbooksCommand
{
    public static Command Create(CommandLine cli) =>
        new("runbooks", "What to do about each way that an incident can start.") { List(cli), Show(cli), Check(cli), Search(cli) };

    private static Command List(CommandLine cli)
    {
        var command = new Command("list", "List the runbooks, the mechanisms they serve, and the steps that may be proposed.");
        command.SetAction((parsed, cancellation) => cli.Act(parsed, cancellation, async (mediator, _) =>
        {
            var set = await mediator.Send(new ListRunbooks(), cancellation);
            new Terminal(parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error).Table(
                ["name", "mechanisms", "actions", "risk"],
                set.All.Select(r => new[] { r.Name, string.Join(", ", r.Mechanisms), Actions(r), Lower(r.Risk) }));
            return ExitCode.Done;
        }));
        return command;
    }

    private static Command Show(CommandLine cli)
    {
        var name = new Argument<string>("NAME") { Description = "The name of a runbook, such as bad-image" };
        var command = new Command("show", "Show one runbook as plain text.") { name };
        command.SetAction((parsed, cancellation) => cli.Act(parsed, cancellation, async (mediator, _) =>
        {
            var runbook = await mediator.Send(new ShowRunbook(parsed.GetValue(name)!), cancellation);
            var output = parsed.InvocationConfiguration.Output;
            output.WriteLine(PlainText.Clean(runbook.Description));
            output.WriteLine();
            output.WriteLine($"mechanisms     {string.Join(", ", runbook.Mechanisms)}");
            output.WriteLine($"actions        {Actions(runbook)}");
            output.WriteLine($"preconditions  {(runbook.Preconditions.Count == 0 ? "none" : string.Join(", ", runbook.Preconditions.Select(p => p.Name)))}");
            output.WriteLine($"risk           {Lower(runbook.Risk)}");
            output.WriteLine($"rollback       {PlainText.Clean(runbook.Rollback)}");
            output.WriteLine($"verification   {string.Join(", ", runbook.Verification.Select(v => v.Name))}, for {Words(runbook.Soak)}");
            output.WriteLine();
            output.Write(MarkdownText.Plain(runbook.Body));
            return ExitCode.Done;
        }));
        return command;
    }

    private static Command Check(CommandLine cli)
    {
        var folder = new Argument<string?>("DIR") { Arity = ArgumentArity.ZeroOrOne, Description = "A folder of runbooks (default: the configured one)" };
        var command = new Command("check", "Check a folder of runbooks and list all faults.") { folder };
        command.SetAction((parsed, cancellation) => cli.Act(parsed, cancellation, async (mediator, _) =>
        {
            var report = await mediator.Send(new CheckRunbooks(parsed.GetValue(folder)), cancellation);
            var output = parsed.InvocationConfiguration.Output;
            foreach (var fault in report.Faults) output.WriteLine(PlainText.Clean(fault));
            if (report.Uncovered.Count > 0) output.WriteLine($"no runbook for {string.Join(", ", report.Uncovered)}");
            output.WriteLine($"{Count(report.Runbooks, "runbook")}, {Count(report.Covered, "mechanism")} covered of {report.Mechanisms}, {Count(report.Faults.Count, "fault")}");
            return report.Faults.Count == 0 ? ExitCode.Done : ExitCode.Failed;
        }));
        return command;
    }

    private static Command Search(CommandLine cli)
    {
        var words = new Argument<string[]>("WORDS") { Arity = ArgumentArity.OneOrMore, Description = "Words to look for, such as an error message" };
        var command = new Command("search", "Search the text of all runbooks, the best first.") { words };
        command.SetAction((parsed, cancellation) => cli.Act(parsed, cancellation, async (mediator, _) =>
        {
            var found = await mediator.Send(new SearchRunbooks(string.Join(' ', parsed.GetValue(words)!)), cancellation);
            var output = parsed.InvocationConfiguration.Output;
            if (found.Hits.Count == 0) output.WriteLine("No runbook has any of these words. \"copilot runbooks list\" shows all.");
            else if (!found.AllWords) output.WriteLine("No runbook has all of these words; these have some.");
            foreach (var hit in found.Hits)
            {
                output.WriteLine(hit.Runbook.Name);
                output.WriteLine($"    {PlainText.Clean(hit.Snippet)}");
            }
            return ExitCode.Done;
        }));
        return command;
    }

    private static string Actions(Runbook runbook) => runbook.Actions.Count == 0 ? "none" : string.Join(", ", runbook.Actions.Select(a => a.Name));

    private static string Count(int number, string what) => $"{number} {what}{(number == 1 ? "" : "s")}";

    private static string Lower(RunbookRisk risk) => risk.ToString().ToLowerInvariant();

    private static string Words(TimeSpan soak) => soak switch
    {
        { Ticks: var t } when t % TimeSpan.TicksPerHour == 0 => $"{soak.TotalHours} h",
        { Ticks: var t } when t % TimeSpan.TicksPerMinute == 0 => $"{soak.TotalMinutes} min",
        _ => $"{soak.TotalSeconds} s",
    };
}
