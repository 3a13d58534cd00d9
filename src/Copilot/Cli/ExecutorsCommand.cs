using System.CommandLine;
using Copilot.Core.Evidence;
using Copilot.UseCases;

namespace Copilot.Cli;

/// <summary><c>copilot executors</c></summary>
internal static class ExecutorsCommand
{
    public static Command Create(CommandLine cli) => new("executors", "The processes that carry out what was approved. Without one, a person does.") { Add(cli), List(cli), Dismiss(cli), Stop(cli), Resume(cli) };

    private static Command Add(CommandLine cli)
    {
        var name = Name();
        var command = new Command("add", "Let an executor register. Its code is shown once, and good once, for an hour.") { name };
        command.SetAction((parsed, cancellation) => cli.Act(parsed, cancellation, async (mediator, _) =>
        {
            parsed.InvocationConfiguration.Output.WriteLine(await mediator.Send(new AddExecutor(parsed.GetValue(name)!), cancellation));
            return ExitCode.Done;
        }));
        return command;
    }

    private static Command List(CommandLine cli)
    {
        var command = new Command("list", "All executors, and whether somebody stopped them.");
        command.SetAction((parsed, cancellation) => cli.Act(parsed, cancellation, async (mediator, _) =>
        {
            var list = await mediator.Send(new ListExecutors(), cancellation);
            var terminal = new Terminal(parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error);
            if (list.Executors.Count == 0) terminal.Line("No executor: every step is handed to a person. \"copilot executors add NAME\" lets one register.");
            else terminal.Table(["name", "last asked (UTC)", "state"], list.Executors.Select(e => new[] { e.Name, e.SeenAt is { } at ? $"{at:yyyy-MM-dd HH:mm:ss}" : "", e.State }));
            if (list.Stopped is { } stopped) terminal.Line(PlainText.Clean($"All executors are stopped by {stopped.By}: {stopped.Reason}"));
            return ExitCode.Done;
        }));
        return command;
    }

    private static Command Dismiss(CommandLine cli)
    {
        var name = Name();
        var command = new Command("dismiss", "An executor that is given nothing any more, from the next request on.") { name };
        command.SetAction((parsed, cancellation) => cli.Act(parsed, cancellation, async (mediator, _) =>
        {
            await mediator.Send(new DismissExecutor(parsed.GetValue(name)!), cancellation);
            parsed.InvocationConfiguration.Output.WriteLine(PlainText.Clean($"dismissed {parsed.GetValue(name)}"));
            return ExitCode.Done;
        }));
        return command;
    }

    private static Command Stop(CommandLine cli)
    {
        var reason = Reason();
        var command = new Command("stop", "Stop all executors: what is ready is revoked, and what is being carried out stands still after the step that is on its way.") { reason };
        command.SetAction((parsed, cancellation) => cli.Act(parsed, cancellation, async (mediator, _) =>
        {
            var terminal = new Terminal(parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error);
            var changed = await mediator.Send(new StopExecutors(parsed.GetValue(reason)!), cancellation);
            terminal.Line("All executors are stopped. \"copilot executors resume\" lets them go on.");
            foreach (var request in changed) terminal.Line(PlainText.Clean($"{request.Id}  {ApprovalView.Name(request.State)}: {request.Because}"));
            return ExitCode.Done;
        }));
        return command;
    }

    private static Command Resume(CommandLine cli)
    {
        var reason = Reason();
        var command = new Command("resume", "Let executors go on. What was revoked or halted stays so.") { reason };
        command.SetAction((parsed, cancellation) => cli.Act(parsed, cancellation, async (mediator, _) =>
        {
            parsed.InvocationConfiguration.Output.WriteLine(await mediator.Send(new ResumeExecutors(parsed.GetValue(reason)!), cancellation) ? "Executors may work." : "Nobody had stopped them.");
            return ExitCode.Done;
        }));
        return command;
    }

    private static Argument<string> Name() => new("NAME") { Description = "The executor's name: it stands in receipts and in what people approve" };

    private static Option<string> Reason() => new("--reason") { Required = true, HelpName = "TEXT", Description = "Why" };
}
