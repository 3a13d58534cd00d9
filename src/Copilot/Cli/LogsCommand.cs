using System.CommandLine;
using System.Globalization;
using Copilot.Core.Summaries;
using Copilot.UseCases;

namespace Copilot.Cli;

/// <summary><c>copilot logs</c></summary>
internal static class LogsCommand
{
    public static Command Create(CommandLine cli)
    {
        var incident = new IncidentArguments();
        var service = new Option<string?>("--service") { HelpName = "NAME", Description = "Only this service, with everything that it logs" };
        var command = incident.Verb("logs", "What the services log, by template: what is new, what stopped, what comes more often. Problems first.", service);
        command.SetAction((parsed, cancellation) => cli.Act(parsed, cancellation, (mediator, _) => incident.Run(
            mediator, parsed, source => new SummarizeLogs(source, parsed.GetValue(service)), (terminal, logs) => Show(terminal.Page(), logs), SummaryJson.Write, cancellation)));
        return command;
    }

    private static void Show(Page page, LogSummary logs)
    {
        page.Title(logs.Incident, logs.Status, logs.Summary);
        page.Head(logs switch
        {
            { Recorded: false } => "No logs were recorded: that a service says nothing proves nothing",
            { Split: { } split } => $"Lines before -> after {split:yyyy-MM-dd HH:mm:ss} UTC, when it got worse ({Minutes(logs.MinutesBefore)} and {Minutes(logs.MinutesAfter)} with logs)",
            _ => "Lines in all; there is no time before and after to compare",
        });
        foreach (var service in logs.Services)
        {
            page.Head($"{service.Service}  {Count(logs, service.Before, service.After)}");
            foreach (var line in service.Templates) Show(page, logs, line);
            if (service.LeftOut > 0) page.Line($"and {service.LeftOut} more template{(service.LeftOut == 1 ? "" : "s")}: --service {service.Service}", style: "dim");
        }
        if (logs.AsBefore.Count > 0) page.Head($"{(logs.Split is null ? "No problems in what they log" : "Log as before, without problems")}: {string.Join(", ", logs.AsBefore)}");
        if (logs.ProblemsAsBefore.Count > 0) page.Head($"Problems as often as before: {string.Join(", ", logs.ProblemsAsBefore)}");
        page.LeftOut(logs.LeftOut);
        page.Gaps(logs.MissingEvidence, logs.RemovedStatements);
    }

    private static void Show(Page page, LogSummary logs, LoggedTemplate line)
    {
        var word = line.Change switch { "unknown" => "", "same" => "as before", _ => line.Change };
        page.Line($"{word,-9} {(line.Problem ? "problem" : ""),-7} {Count(logs, line.Before, line.After),-14} {line.Example.Says}", line.Example.Address, (line.Problem, line.Change) switch { (true, "new" or "more") => "red", (true, _) or (_, "new" or "stopped") => "yellow", _ => "" });
    }

    private static string Count(LogSummary logs, long before, long after) => logs.Split is null ? $"{before} line{(before == 1 ? "" : "s")}" : $"{before} -> {after}";

    private static string Minutes(double minutes) => string.Create(CultureInfo.InvariantCulture, $"{minutes:0.#} min");
}
