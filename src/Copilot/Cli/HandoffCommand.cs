using System.CommandLine;
using Copilot.Core.Summaries;
using Copilot.UseCases;

namespace Copilot.Cli;

/// <summary><c>copilot handoff</c></summary>
internal static class HandoffCommand
{
    public static Command Create(CommandLine cli)
    {
        var incident = new IncidentArguments();
        var command = incident.Verb("handoff", "What the next shift or a ticket needs, in Markdown: impact, cause, what was ruled out, what is open.");
        command.SetAction((parsed, cancellation) => cli.Act(parsed, cancellation, (mediator, _) =>
            incident.Run(mediator, parsed, source => new WriteHandoff(source), (terminal, handoff) => terminal.Raw(HandoffMarkdown.Write(handoff)), SummaryJson.Write, cancellation)));
        return command;
    }
}
