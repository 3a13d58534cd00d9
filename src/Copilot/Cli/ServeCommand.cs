using System.CommandLine;
using Copilot.Core.Evidence;
using Copilot.UseCases;

namespace Copilot.Cli;

/// <summary><c>copilot serve</c></summary>
internal static class ServeCommand
{
    public static Command Create(CommandLine cli)
    {
        var port = new Option<int?>("--port") { HelpName = "PORT", Description = "The port on the loopback interface; 0 for any free one (default: Copilot:Serve:Port)" };
        var command = new Command("serve", "Take in alerts and requests over HTTP, and investigate: on this machine only.") { port, Token(cli) };
        command.SetAction((parsed, cancellation) =>
        {
            var terminal = new Terminal(parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error);
            return cli.Serve(parsed, parsed.GetValue(port), (address, token) =>
            {
                if (token is not null) terminal.Line($"Your token, shown this once: {token}");
                terminal.Line($"Serving at {address}");
                terminal.Line("Interrupt to stop; what is running is finished first, or goes on at the next start.");
            }, cancellation);
        });
        return command;
    }

    private static Command Token(CommandLine cli) => new("token", "What opens the HTTP interface.") { Add(cli), List(cli), Revoke(cli) };

    private static Argument<string> Name() => new("NAME") { Description = "The token's name: it stands in receipts" };

    private static Command Add(CommandLine cli)
    {
        var name = Name();
        var scope = new Option<string>("--scope") { HelpName = "SCOPE", DefaultValueFactory = _ => TokenScope.Read, Description = "read; alerts: send alerts and nothing else; full: everything" };
        scope.AcceptOnlyFromAmong([.. TokenScope.All]);
        var command = new Command("add", "Make a token. It is shown once.") { name, scope };
        command.SetAction((parsed, cancellation) => cli.Act(parsed, cancellation, async (mediator, _) =>
        {
            parsed.InvocationConfiguration.Output.WriteLine(await mediator.Send(new MakeToken(parsed.GetValue(name)!, parsed.GetValue(scope)!), cancellation));
            return ExitCode.Done;
        }));
        return command;
    }

    private static Command List(CommandLine cli)
    {
        var command = new Command("list", "All tokens by name.");
        command.SetAction((parsed, cancellation) => cli.Act(parsed, cancellation, async (mediator, _) =>
        {
            var tokens = await mediator.Send(new ListTokens(), cancellation);
            var terminal = new Terminal(parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error);
            if (tokens.Count == 0) terminal.Line("No token yet. \"copilot serve\" makes one at its first start.");
            else terminal.Table(["name", "scope", "made (UTC)", "state"], tokens.Select(t => new[] { t.Name, t.Scope, $"{t.MadeAt:yyyy-MM-dd HH:mm}", t.RevokedAt is { } at ? $"revoked {at:yyyy-MM-dd HH:mm}" : "good" }));
            return ExitCode.Done;
        }));
        return command;
    }

    private static Command Revoke(CommandLine cli)
    {
        var name = Name();
        var command = new Command("revoke", "A token that opens nothing any more, from the next request on.") { name };
        command.SetAction((parsed, cancellation) => cli.Act(parsed, cancellation, async (mediator, _) =>
        {
            await mediator.Send(new RevokeToken(parsed.GetValue(name)!), cancellation);
            parsed.InvocationConfiguration.Output.WriteLine(PlainText.Clean($"revoked {parsed.GetValue(name)}"));
            return ExitCode.Done;
        }));
        return command;
    }
}
