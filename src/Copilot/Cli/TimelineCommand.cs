using System.CommandLine;
using Copilot.Core.Summaries;
using Copilot.UseCases;

namespace Copilot.Cli;

/// <summary><c>copilot timeline</c></summary>
internal static class TimelineCommand
{
    private const int Longest = 170;

    public static Command Create(CommandLine cli)
    {
        var incident = new IncidentArguments();
        var from = new Option<string?>("--from") { HelpName = "TIME", Description = "From when on, such as 09:30 or 2026-11-27T09:30:00Z, UTC (default: half an hour before it got worse)" };
        var to = new Option<string?>("--to") { HelpName = "TIME", Description = "Until when (default: half an hour after it got worse)" };
        var ns = new Option<string?>("--namespace", "-n") { HelpName = "NAME", Description = "Only what is about objects of this namespace" };
        var all = new Option<bool>("--all") { Description = "Everything in that time, not only what matters most" };
        var command = incident.Verb("timeline", "What happened, over all sources: changes, events, alerts, restarts, new log lines, when it got worse.", from, to, ns, all);
        command.SetAction((parsed, cancellation) => cli.Act(parsed, cancellation, (mediator, _) => incident.Run(
            mediator, parsed, source => new TellTimeline(source, parsed.GetValue(from), parsed.GetValue(to), parsed.GetValue(ns), parsed.GetValue(all)), (terminal, t) => Show(terminal.Page(), t), SummaryJson.Write, cancellation)));
        return command;
    }

    private static void Show(Page page, IncidentTimeline t)
    {
        page.Title(t.Incident, t.Status, t.Summary);
        page.Head(t is { From: { } from, To: { } to } ? $"Timeline (UTC), {from:yyyy-MM-dd HH:mm:ss} to {to:HH:mm:ss}" : "Timeline");
        if (t.Moments.Count == 0) page.Line("Nothing is recorded for this time.");
        var day = t.From?.UtcDateTime.Date;
        foreach (var moment in t.Moments)
        {
            if (moment.At.UtcDateTime.Date != day) page.Line($"{moment.At:yyyy-MM-dd}", style: "dim");
            day = moment.At.UtcDateTime.Date;
            var often = SummaryWords.Often(moment);
            page.Line($"{moment.At:HH:mm:ss}  {moment.Kind,-8} {SummaryWords.Cut(moment.Says, Longest)}{(often.Length > 0 ? $" ({often})" : "")}", moment.Evidence?.Address, moment.Kind switch { "onset" => "bold red", "symptom" => "red", "change" or "chaos" or "flag" => "yellow", _ => "" });
        }
        page.LeftOut(t.LeftOut);
        page.Gaps(t.MissingEvidence, t.RemovedStatements);
    }
}
