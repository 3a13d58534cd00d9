using System.CommandLine;
using Copilot.Core.Summaries;
using Copilot.UseCases;

namespace Copilot.Cli;

/// <summary><c>copilot change-request</c></summary>
internal static class ChangeRequestCommand
{
    public static Command Create(CommandLine cli)
    {
        var incident = new IncidentArguments();
        var command = incident.Verb("change-request", "A draft change request for each step that is proposed, in Markdown; or why there is none.");
        command.SetAction((parsed, cancellation) => cli.Act(parsed, cancellation, (mediator, _) =>
            incident.Run(mediator, parsed, source => new DraftChangeRequests(source), (terminal, drafts) => terminal.Raw(ChangeRequestMarkdown.Write(drafts)), SummaryJson.Write, cancellation)));
        return command;
    }
}
