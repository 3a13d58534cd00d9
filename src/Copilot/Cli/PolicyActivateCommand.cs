using System.CommandLine;
using Copilot.Core.Evidence;
using Copilot.UseCases;

namespace Copilot.Cli;

/// <summary><c>copilot policy activate | active | show</c></summary>
internal static class PolicyActivateCommand
{
    public static IEnumerable<Command> Create(CommandLine cli) => [Activate(cli), Active(cli), Show(cli)];

    private static Command Activate(CommandLine cli)
    {
        var policy = new Argument<string>("FILE_OR_DIGEST") { Description = "A policy, or the digest of a version that was in force before: \"policy active\" lists them" };
        var reason = new Option<string>("--reason") { HelpName = "TEXT", Required = true, Description = "Why; whoever has to agree reads it" };
        var command = new Command("activate", "Ask people whether another policy is to decide from now on. Nothing changes before they agree and somebody takes it over.") { policy, reason };
        command.SetAction((parsed, cancellation) => cli.Act(parsed, cancellation, async (mediator, _) =>
        {
            var asked = await mediator.Send(new ActivatePolicy(parsed.GetValue(policy)!, parsed.GetValue(reason)!), cancellation);
            return ApprovalView.Write(Of(parsed), asked);
        }));
        return command;
    }

    private static Command Active(CommandLine cli)
    {
        var command = new Command("active", "Show which policy decides, since when and by whom, and which ones did before.");
        command.SetAction((parsed, cancellation) => cli.Act(parsed, cancellation, async (mediator, _) =>
        {
            var active = await mediator.Send(new ShowActivePolicy(), cancellation);
            var terminal = Of(parsed);
            foreach (var line in Lines(active)) terminal.Line(PlainText.Clean(line));
            if (active.Before.Count > 0)
                terminal.Table(["before", "version", "since (UTC)", "by", "request", "digest"], active.Before.Select(b => new[] { b.Name, $"{b.Version}", $"{b.At:yyyy-MM-dd HH:mm:ss}", b.By, b.Request, b.Digest }));
            return ExitCode.Done;
        }));
        return command;
    }

    private static Command Show(CommandLine cli)
    {
        var digest = new Argument<string?>("DIGEST") { Arity = ArgumentArity.ZeroOrOne, Description = "A version that is kept, or the beginning of its digest (default: the policy that decides)" };
        var command = new Command("show", "Print the text of a policy that decides or did, or that people are asked about.") { digest };
        command.SetAction((parsed, cancellation) => cli.Act(parsed, cancellation, async (mediator, _) =>
        {
            Of(parsed).Raw(await mediator.Send(new ShowPolicyText(parsed.GetValue(digest)), cancellation));
            return ExitCode.Done;
        }));
        return command;
    }

    private static IEnumerable<string> Lines(ActivePolicy active)
    {
        if (active.InForce is not { Document: var policy } inForce)
        {
            var file = active.OfSettings!;
            yield return $"{file.Name} version {file.Version}, {file.Digest}";
            yield return $"decides because {(active.IsNamed ? $"the settings name {file.File}" : "the settings name none and it is the shipped one")}: whoever can write {(active.IsNamed ? "that file" : active.File)} changes what is decided.";
            yield return $"To have people agree to it first:  copilot policy activate {active.File} --reason TEXT";
            yield break;
        }
        yield return $"{policy.Name} version {policy.Version}, {policy.Digest}";
        yield return $"decides since {inForce.At:yyyy-MM-dd HH:mm:ss} UTC, put in force by {inForce.By} with request {inForce.Request}";
        if (active.Fault is { } fault) yield return $"The file of the settings cannot be used, and decides nothing: {fault}";
        else if (active.OfSettings is { } settings && settings.Digest != policy.Digest)
            yield return $"{settings.File} of the settings is another one ({settings.Name} version {settings.Version}, {settings.Digest[..19]}) and decides nothing. To ask for it:  copilot policy activate {active.File} --reason TEXT";
    }

    private static Terminal Of(ParseResult parsed) => new(parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error);
}
