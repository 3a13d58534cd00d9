using System.CommandLine;
using Copilot.Core.Evidence;
using Copilot.UseCases;
using MediatR;

namespace Copilot.Cli;

/// <summary><c>copilot demo</c>: the whole way once, on a simulated incident, in a data folder of its own.</summary>
internal static class DemoCommand
{
    private const string Below = "demo";
    private const string Reading = "tool.";
    private const int MostReceipts = 1000;

    public static Command Create(CommandLine cli)
    {
        var seed = new Option<long>("--seed") { HelpName = "N", DefaultValueFactory = _ => 7, Description = "Which simulated application" };
        var command = new Command("demo", "Show the whole way once: a simulated incident, its diagnosis, what is proposed, what policy says, who agrees to it and runs it, and the receipts.") { seed };
        command.SetAction((parsed, cancellation) => cli.Act(parsed, cancellation, (mediator, _) =>
            Run(cli, parsed, mediator, parsed.GetValue(seed), new Terminal(parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error), cancellation), Below));
        return command;
    }

    private static async Task<int> Run(CommandLine cli, ParseResult parsed, IMediator mediator, long seed, Terminal terminal, CancellationToken cancellation)
    {
        terminal.Heading("1  An incident", "simulated: a small shop on Kubernetes with its alerts, events, object history, logs, traces and metrics of the last half hour; no key, no network");
        var snapshot = await mediator.Send(new WriteDemo(seed), cancellation);
        terminal.Line($"  {PlainText.Clean(snapshot)}");

        terminal.Heading("2  What happened", "from the evidence alone; every line names its record, and what was not read with a receipt is not said");
        InvestigationOutcome? outcome = null;
        await mediator.Send(new InvestigateSnapshots([snapshot], IncidentScope.Unknown, o => outcome = o, Progress: null), cancellation);
        if (outcome is not { Diagnosis: { } diagnosis, IncidentId: { } incident }) throw new BadInputException(outcome?.Refused ?? "The demo could not be investigated.");
        terminal.Conclusion(diagnosis, outcome.Took);

        terminal.Heading("3  What could be done, and who must say yes", "the step comes from a runbook, the decision from policies/default.yaml; the copilot carries nothing out");
        terminal.Proposals(diagnosis);

        terminal.Heading("4  Who agrees to it, and who runs it", "played by three people with keys of their own, on a stand-in of the cluster that the copilot may only read");
        var agreed = await mediator.Send(new RehearseApproval(incident, snapshot, scene => ApprovalView.Write(terminal, scene)), cancellation);

        terminal.Heading("5  The same, carried out by an executor", "a process of its own with rights of its own, which the copilot does not have; once the step helps, once it makes things worse");
        var carriedOut = await cli.Rehearse(parsed, Below, incident, snapshot, scene => ApprovalView.Write(terminal, scene), cancellation);

        terminal.Heading("6  The record", "each reading, claim, plan, decision and vote left a receipt before it counted");
        var receipts = await mediator.Send(new ListReceipts(incident, Type: null, Last: MostReceipts), cancellation);
        var readings = receipts.Where(r => r.Type.StartsWith(Reading, StringComparison.Ordinal)).ToList();
        terminal.Line($"  {readings.Count} receipts of what was read and tried; and, in order:");
        terminal.Table(["receipt", "type", "about", "leaf"], receipts.Except(readings).Select(r => new[] { r.Seq.ToString(), r.Type, r.About, r.Leaf[..16] + "…" }));
        var verified = await mediator.Send(new VerifyReceipts(Bundle: null, KeyFile: null, Expected: null), cancellation);
        foreach (var line in verified.Lines) terminal.Line($"  {line}");

        terminal.Heading("7  Try next", "");
        var folder = PlainText.Clean(Path.GetFullPath(Path.Combine(snapshot, "..", "..")));
        terminal.Line($"""
              copilot incidents show last --data {folder}
              copilot approvals list --all --data {folder} && copilot approvals history last --data {folder}
              copilot incidents feedback last right --data {folder}
              copilot snapshot show {PlainText.Clean(snapshot)} {(diagnosis.ContributingFactors is [{ Evidence: [var cited, ..] }, ..] ? PlainText.Clean(cited.Address) : "FILE#N")} --data {folder}
              copilot runbooks show {(diagnosis.ProposedActions is [var action, ..] ? action.Runbook : "unknown")}
              copilot receipts export --out receipts.zip --data {folder} && copilot receipts verify receipts.zip
              copilot investigate YOUR-SNAPSHOT
            """);
        return verified.Failed == 0 && agreed && carriedOut ? ExitCode.Done : ExitCode.Failed;
    }
}
