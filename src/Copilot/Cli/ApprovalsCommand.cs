using System.CommandLine;
using System.Globalization;
using Copilot.Core.Approvals;
using Copilot.Core.Evidence;
using Copilot.UseCases;

namespace Copilot.Cli;

/// <summary><c>copilot approvals</c></summary>
internal static class ApprovalsCommand
{
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(5);

    public static Command Create(CommandLine cli) => new("approvals", "What is proposed and who must agree: the queue of people.")
    {
        Request(cli), List(cli), Show(cli), Diff(cli), Approve(cli), Reject(cli), Cancel(cli), Revoke(cli), BreakGlass(cli), Review(cli), Take(cli), Report(cli), Verify(cli), History(cli),
    };

    private static Argument<string> Id() => new("ID") { Description = "The request's id, its first or last characters, or: last" };

    private static Option<string?> Key() => new("--key") { HelpName = "FILE", Description = "Your key; the usual place is ~/.config/copilot/PERSON.key" };

    private static Option<string> Reason(bool required, string description) => new("--reason") { HelpName = "TEXT", Required = required, DefaultValueFactory = required ? null! : _ => "", Description = description };

    private static Option<string?> Seen() => new("--seen") { HelpName = "CODE", Description = "The code at the end of what \"approvals show\" printed: it says what you agree to" };

    private static Command Request(CommandLine cli)
    {
        var incident = new Argument<string>("INCIDENT") { Description = "The incident's id, its first or last characters, or: last" };
        var plan = new Option<int?>("--plan") { HelpName = "N", Description = "Which of several plans, from 1" };
        var command = new Command("request", "Ask for what an investigation proposes: policy decides, the world is looked at, people are asked.") { incident, plan };
        command.SetAction((parsed, cancellation) => cli.Act(parsed, cancellation, async (mediator, _) =>
        {
            var asked = await mediator.Send(new RequestApproval(parsed.GetValue(incident)!, parsed.GetValue(plan)), cancellation);
            return ApprovalView.Write(Of(parsed), asked);
        }));
        return command;
    }

    private static Command List(CommandLine cli)
    {
        var all = new Option<bool>("--all") { Description = "Also those that have ended" };
        var json = new Option<bool>("--json") { Description = "As JSON" };
        var command = new Command("list", "What waits for people, the newest first.") { all, json };
        command.SetAction((parsed, cancellation) => cli.Act(parsed, cancellation, async (mediator, _) =>
        {
            var queue = await mediator.Send(new ListApprovals(!parsed.GetValue(all)), cancellation);
            if (parsed.GetValue(json)) Of(parsed).Raw(ReadableJson.Write(ApprovalView.Json(queue.Requests)));
            else ApprovalView.Write(Of(parsed), queue, parsed.GetValue(all));
            return ExitCode.Done;
        }));
        return command;
    }

    private static Command Show(CommandLine cli)
    {
        var (id, json) = (Id(), new Option<bool>("--json") { Description = "As JSON" });
        var command = new Command("show", "One request: exactly what is agreed to, and how it stands.") { id, json };
        command.SetAction((parsed, cancellation) => cli.Act(parsed, cancellation, async (mediator, _) =>
        {
            var shown = await mediator.Send(new ShowApproval(parsed.GetValue(id)!), cancellation);
            if (parsed.GetValue(json)) Of(parsed).Raw(ReadableJson.Write(ApprovalJson.ToJson(shown.Request)));
            else ApprovalView.Write(Of(parsed), shown.Request, shown.Missing);
            return ExitCode.Done;
        }));
        return command;
    }

    private static Command Diff(CommandLine cli)
    {
        var id = Id();
        var command = new Command("diff", "What has changed in the world since it was asked.") { id };
        command.SetAction((parsed, cancellation) => cli.Act(parsed, cancellation, async (mediator, _) =>
        {
            var compared = await mediator.Send(new CompareApproval(parsed.GetValue(id)!), cancellation);
            var terminal = Of(parsed);
            foreach (var line in compared.Approved) terminal.Line($"  was  {PlainText.Clean(line)}");
            switch (compared.Now)
            {
                case WorldCheck.Same:
                    terminal.Line("The world is as it was.");
                    return ExitCode.Done;
                case WorldCheck.Differs differs:
                    foreach (var difference in differs.Differences) terminal.Line($"  now  {PlainText.Clean(difference)}");
                    return ExitCode.Failed;
                default:
                    terminal.Line(PlainText.Clean($"The world could not be looked at: {((WorldCheck.NotSeen)compared.Now).Why}"));
                    return ExitCode.Inconclusive;
            }
        }));
        return command;
    }

    private static Command Approve(CommandLine cli)
    {
        var (id, seen, reason, key) = (Id(), Seen(), Reason(false, "Why"), Key());
        var command = new Command("approve", "Agree to exactly what \"approvals show\" printed.") { id, seen, reason, key };
        command.SetAction((parsed, cancellation) => cli.Act(parsed, cancellation, async (mediator, _) =>
        {
            if (parsed.GetValue(seen) is not { } code) throw new BadInputException($"Say what you have seen: \"copilot approvals show {PlainText.Clean(parsed.GetValue(id)!)}\" ends with the code for --seen.");
            return Told(parsed, await mediator.Send(new VoteOnApproval(parsed.GetValue(id)!, true, parsed.GetValue(reason)!, code, new Identification.AtKeyboard(parsed.GetValue(key))), cancellation));
        }));
        return command;
    }

    private static Command Reject(CommandLine cli)
    {
        var (id, reason, key) = (Id(), Reason(true, "Why"), Key());
        var command = new Command("reject", "Refuse it. One refusal ends it.") { id, reason, key };
        command.SetAction((parsed, cancellation) => cli.Act(parsed, cancellation, async (mediator, _) =>
            Told(parsed, await mediator.Send(new VoteOnApproval(parsed.GetValue(id)!, false, parsed.GetValue(reason)!, null, new Identification.AtKeyboard(parsed.GetValue(key))), cancellation))));
        return command;
    }

    private static Command Cancel(CommandLine cli)
    {
        var (id, reason, key) = (Id(), Reason(false, "Why"), Key());
        var command = new Command("cancel", "Take back what you asked for.") { id, reason, key };
        command.SetAction((parsed, cancellation) => cli.Act(parsed, cancellation, async (mediator, _) =>
            Told(parsed, await mediator.Send(new CancelApproval(parsed.GetValue(id)!, parsed.GetValue(reason)!, new Identification.AtKeyboard(parsed.GetValue(key))), cancellation))));
        return command;
    }

    private static Command Revoke(CommandLine cli)
    {
        var (id, reason, key) = (Id(), Reason(true, "Why"), Key());
        var command = new Command("revoke", "Take your own approval back. What was ready because of it no longer is.") { id, reason, key };
        command.SetAction((parsed, cancellation) => cli.Act(parsed, cancellation, async (mediator, _) =>
            Told(parsed, await mediator.Send(new RevokeApproval(parsed.GetValue(id)!, parsed.GetValue(reason)!, new Identification.AtKeyboard(parsed.GetValue(key))), cancellation))));
        return command;
    }

    private static Command BreakGlass(CommandLine cli)
    {
        var (id, seen, reason, key) = (Id(), Seen(), Reason(true, "Why nobody could be waited for; it is judged afterwards"), Key());
        var command = new Command("break-glass", "Go past the people who would have to agree: signed, for the gravest incidents, for 15 minutes at most, and reviewed by somebody else.") { id, seen, reason, key };
        command.SetAction((parsed, cancellation) => cli.Act(parsed, cancellation, async (mediator, _) =>
            Told(parsed, await mediator.Send(new BreakGlass(parsed.GetValue(id)!, parsed.GetValue(reason)!, parsed.GetValue(seen), new Identification.AtKeyboard(parsed.GetValue(key))), cancellation))));
        return command;
    }

    private static Command Review(CommandLine cli)
    {
        var (id, reason, key) = (Id(), Reason(true, "Why"), Key());
        var verdict = new Argument<string>("VERDICT") { Description = "justified or not-justified" };
        verdict.AcceptOnlyFromAmong("justified", "not-justified");
        var command = new Command("review", "Judge a broken glass.") { id, verdict, reason, key };
        command.SetAction((parsed, cancellation) => cli.Act(parsed, cancellation, async (mediator, _) =>
            Told(parsed, await mediator.Send(new ReviewBrokenGlass(parsed.GetValue(id)!, parsed.GetValue(verdict) == "justified", parsed.GetValue(reason)!, new Identification.AtKeyboard(parsed.GetValue(key))), cancellation))));
        return command;
    }

    private static Command Take(CommandLine cli)
    {
        var (id, key) = (Id(), Key());
        var back = new Option<bool>("--back") { Description = "The way back, when the step did not help" };
        var command = new Command("take", "Take over what was approved: the world is looked at once more, and the command to run by hand is shown. A policy decides from that moment on.") { id, back, key };
        command.SetAction((parsed, cancellation) => cli.Act(parsed, cancellation, async (mediator, _) =>
            Told(parsed, await mediator.Send(new TakeApproval(parsed.GetValue(id)!, parsed.GetValue(back), new Identification.AtKeyboard(parsed.GetValue(key))), cancellation))));
        return command;
    }

    private static Command Report(CommandLine cli)
    {
        var (id, key) = (Id(), Key());
        var outcome = new Argument<string>("OUTCOME") { Description = "done or not-done: whether you ran it; then worked or failed: whether it helped, as far as the copilot cannot see" };
        outcome.AcceptOnlyFromAmong("done", "not-done", "worked", "failed");
        var words = new Option<string>("--note") { HelpName = "TEXT", DefaultValueFactory = _ => "", Description = "Anything else" };
        var command = new Command("report", "Say how what you took over went.") { id, outcome, words, key };
        command.SetAction((parsed, cancellation) => cli.Act(parsed, cancellation, async (mediator, _) =>
            Told(parsed, await mediator.Send(new ReportApproval(parsed.GetValue(id)!, $"report-{parsed.GetValue(outcome)}", parsed.GetValue(words)!, new Identification.AtKeyboard(parsed.GetValue(key))), cancellation))));
        return command;
    }

    private static Command Verify(CommandLine cli)
    {
        var id = Id();
        var wait = new Option<bool>("--wait") { Description = "Look again and again until it is known" };
        var command = new Command("verify", "Look at what came of a step.") { id, wait };
        command.SetAction((parsed, cancellation) => cli.Act(parsed, cancellation, async (mediator, _) =>
        {
            while (true)
            {
                var result = await mediator.Send(new VerifyApproval(parsed.GetValue(id)!), cancellation);
                var request = (result as ApprovalResult.Moved)?.Request ?? (result as ApprovalResult.Same)?.Request;
                if (!parsed.GetValue(wait) || request is not { State: ApprovalState.Verifying or ApprovalState.RollingBack }) return Told(parsed, result);
                if (result is ApprovalResult.Moved) Of(parsed).Note(string.Create(CultureInfo.InvariantCulture, $"{request.LatestAt:HH:mm:ss} {PlainText.Clean(request.Because)}"));
                await Task.Delay(BetweenLooks, cancellation);
            }
        }));
        return command;
    }

    private static Command History(CommandLine cli)
    {
        var id = Id();
        var command = new Command("history", "Everything that happened to a request, from its receipts.") { id };
        command.SetAction((parsed, cancellation) => cli.Act(parsed, cancellation, async (mediator, _) =>
        {
            foreach (var line in await mediator.Send(new TellApproval(parsed.GetValue(id)!), cancellation)) Of(parsed).Line(PlainText.Clean($"{line.Seq,6}  {line.At:yyyy-MM-dd HH:mm:ss}  {line.Who}: {line.Says}"));
            return ExitCode.Done;
        }));
        return command;
    }

    private static int Told(ParseResult parsed, ApprovalResult result) => ApprovalView.Write(Of(parsed), result);

    private static Terminal Of(ParseResult parsed) => new(parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error);
}
